"""Two texts word by word: what stayed, what was added, what was removed. English by words, Chinese as rjieba cuts it. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel

AROUND = 80
"""Characters kept on each side of a change; what lies farther off is left out."""
MOST = 400_000_000
"""Pairs of words that are compared, some 50 MB of memory. Of longer texts the sentences are, and the words of those that changed."""
CRUMB = 2
"""Unchanged characters between two changes from which on they are shown as unchanged: a lone "a" or 的 only tears it."""

_WORD = re.compile(r"[㐀-䶿一-鿿豈-﫿]+|[^\W㐀-䶿一-鿿豈-﫿]+(?:['’.,-][^\W㐀-䶿一-鿿豈-﫿]+)*|\s+|.", re.DOTALL)
_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿]")
_SENTENCE = re.compile(r".*?(?:[。！？；\n]+|[.;!?](?=\s)\s*|$)", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A stretch of text. `gap`: unchanged text was left out here, `text` is empty."""

    kind: Literal["same", "added", "removed", "gap"]
    text: str


def words(text: str) -> list[str]:
    """The words, signs and white space of a text; joined they are the text."""
    found: list[str] = []
    for match in _WORD.finditer(text):
        run = match.group()
        if len(run) > 1 and _HAN.match(run):
            import rjieba

            found += rjieba.cut(run)
        else:
            found.append(run)
    return found


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """The difference, removed words before those that stand in their place. Without the removed pieces it is `after`,
    without the added ones `before`."""
    return tuple(_joined(_compared(before, after)))


def shortened(found: Sequence[Piece], around: int = AROUND) -> tuple[Piece, ...]:
    """The same with long unchanged stretches cut down to what stands around the changes."""
    out: list[Piece] = []
    last = len(found) - 1
    for n, piece in enumerate(found):
        head, tail = around if n else 0, around if n < last else 0
        if piece.kind != "same" or len(piece.text) <= head + tail + around // 2 or not last:
            out.append(piece)
            continue
        start, end = _to_border(piece.text, head), len(piece.text) - _to_border(piece.text[::-1], tail)
        out += [Piece("same", piece.text[:start])] if start else []
        out.append(Piece("gap", ""))
        out += [Piece("same", piece.text[end:])] if end < len(piece.text) else []
    return tuple(out)


def _to_border(text: str, at: int) -> int:
    """Not in the middle of a Latin word: a little farther, to its end."""
    while 0 < at < len(text) and text[at - 1 : at + 1].isascii() and text[at - 1 : at + 1].isalnum():
        at += 1
    return at


def _compared(before: str, after: str) -> Iterator[Piece]:
    old, new = words(before), words(after)
    if len(old) * len(new) <= MOST:
        yield from _matched(old, new)
        return
    gone = ""
    for piece in _joined(_matched(_sentences(before), _sentences(after))):
        if piece.kind == "removed":
            gone = piece.text
            continue
        if piece.kind == "added" and gone and len(piece.text) * len(gone) <= MOST:
            yield from _matched(words(gone), words(piece.text))
        else:
            yield from (Piece("removed", gone), piece)
        gone = ""
    yield Piece("removed", gone)


def _matched(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    gone, come = "", ""
    for step in Indel.opcodes(old, new):
        kept = "".join(old[step.src_start : step.src_end])
        inside = (gone or come) and step.src_end < len(old) and step.dest_end < len(new)
        if step.tag == "equal" and not (inside and len(kept.strip()) < CRUMB):
            tail = _shared_space(gone, come)
            yield from (Piece("removed", gone[: len(gone) - tail]), Piece("added", come[: len(come) - tail]))
            yield from (Piece("same", gone[len(gone) - tail :]), Piece("same", kept))
            gone, come = "", ""
        else:
            gone, come = gone + kept, come + "".join(new[step.dest_start : step.dest_end])
    yield from (Piece("removed", gone), Piece("added", come))


def _shared_space(one: str, other: str) -> int:
    """How much white space both end with: it did not change."""
    n = 0
    while n < min(len(one), len(other)) and one[-1 - n] == other[-1 - n] and one[-1 - n].isspace():
        n += 1
    return n


def _sentences(text: str) -> list[str]:
    return [m.group() for m in _SENTENCE.finditer(text) if m.group()]


def _joined(found: Iterator[Piece]) -> Iterator[Piece]:
    """Without empty pieces, neighbours of one kind as one."""
    held: Piece | None = None
    for piece in found:
        if not piece.text:
            continue
        if held is not None and held.kind == piece.kind:
            held = Piece(held.kind, held.text + piece.text)
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held
