"""Where a numbered paragraph belongs: (i) may be the ninth letter or the first Roman number; the sequence decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.structure import numerals

DEEPEST = 10
"""Levels of a numbered list; what would go deeper is no law's numbering, and Python's stack has an end."""


_GAP, _LETTER_GAP = 100, 12  # how many numbers may be left out; (a) is not followed by (ii), the 35th letter


@dataclass(frozen=True)
class Rung:
    """One way to read a mark: how it is written (`style`) and which in order it is (`ordinal`, from 1)."""

    style: str
    ordinal: int


def readings(inner: str, form: str) -> tuple[Rung, ...]:
    """Every way to read what stands inside the brackets or before the stop; `form` tells "(1)" from "1."."""
    found: list[Rung] = []
    if inner.isascii() and inner.isdigit():
        found.append(Rung(f"digit{form}", int(inner)))
    elif inner.isascii() and inner.isalpha():
        case = "upper" if inner.isupper() else "lower"
        letter, number = numerals.letters(inner), numerals.roman(inner)
        if letter is not None:
            found.append(Rung(f"{case}{form}", letter))
        if number is not None:
            found.append(Rung(f"roman-{case}{form}", number))
    return tuple(found)


def place(marks: Sequence[Rung], stack: Sequence[Rung], upcoming: Sequence[Sequence[Rung]]) -> tuple[int, Rung] | None:
    """The depth at which a mark stands and how to read it, or None where it fits nowhere and is plain text.

    `stack` holds the open rungs, outermost first: depth d continues `stack[d]`, depth len(stack) opens a new list.
    `upcoming` are the readings of the marks that follow in the same section: they settle (h), (i) against (1), (i).
    """
    follows = [
        (d, m)
        for m in marks
        for d, open_ in enumerate(stack)
        if open_.style == m.style and m.ordinal == open_.ordinal + 1
    ]
    deep = len(stack) >= DEEPEST
    opens = [m for m in marks if not deep and m.ordinal == 1 and not any(open_ == m for open_ in stack[-1:])]
    follows.sort(key=lambda f: -f[0])
    if follows and opens and follows[0][1].style != opens[0].style:
        return (len(stack), opens[0]) if _opens_here(opens[0], follows[0][1], stack, upcoming) else follows[0]
    if follows:
        return follows[0]
    if opens and stack and stack[-1].style == opens[0].style:
        return len(stack) - 1, opens[
            0
        ]  # 1. right after 5. is a second list beside the first, not one inside its last point
    if opens:
        return len(stack), opens[0]
    gaps = [
        (d, m)
        for m in marks
        for d, open_ in enumerate(stack)
        if open_.style == m.style and 0 < m.ordinal - open_.ordinal <= (_GAP if "digit" in m.style else _LETTER_GAP)
    ]
    if gaps:  # numbers left out: repealed or reserved paragraphs
        return min(gaps, key=lambda g: (g[1].ordinal - stack[g[0]].ordinal, -g[0]))
    fresh = [m for m in marks if not deep and all(open_.style != m.style for open_ in stack)]
    return (len(stack), min(fresh, key=lambda m: m.ordinal)) if fresh else None


def _opens_here(new: Rung, old: Rung, stack: Sequence[Rung], upcoming: Sequence[Sequence[Rung]]) -> bool:
    """Whether (i) begins a Roman list rather than following (h): what comes first, (ii) or (j)?"""
    if upcoming and new.style.startswith("roman") and any(m == Rung(f"digit{new.style[-1]}", 1) for m in upcoming[0]):
        return False  # (i)(1): below a Roman number come capitals, below a letter figures (1 CFR 21.11)
    for marks in upcoming:
        if Rung(new.style, new.ordinal + 1) in marks:
            return True
        if Rung(old.style, old.ordinal + 1) in marks:
            return False
        if Rung(new.style, 1) in marks and new.style == old.style:
            return False
    return bool(stack) and stack[-1].style != old.style
