"""The numbered lists of an act of the Union, and the lists inside notes: a note's list ends where the outer one goes on.

Annexes print "b. systems having:", then "Note: systems include: a. ... b. ...", then "1. ..." of the outer b., with nothing
but the sequence of the marks to tell which list a line is of.
"""

import re
from dataclasses import dataclass

from ingest.structure import european_forms as forms
from ingest.structure.ladder import DEEPEST, Rung, place, readings

_HIGHEST_START = 40  # a list that opens with a greater number is no list


@dataclass(frozen=True)
class Mark:
    """A mark at the head of a line as it was read: `inner` "3a", `name` of its segment, its depth, whether inside a note."""

    inner: str
    name: str
    kind: str
    depth: int
    noted: bool


class Numbering:
    """The open list, and while a note is open the list that the note interrupts."""

    def __init__(self) -> None:
        self.stack: list[Rung] = []
        self.outer: list[Rung] | None = None

    def reset(self) -> None:
        """No list is open: a new article, entry or heading begins."""
        self.stack, self.outer = [], None

    def note(self) -> None:
        """A note begins; it may have a list of its own."""
        self.outer = self.stack if self.outer is None else self.outer
        self.stack = []

    def leave(self) -> None:
        """The note is over; the list it interrupted is the open one again."""
        self.stack, self.outer = (self.stack if self.outer is None else self.outer), None

    def take(self, text: str, last: str, body: bool) -> Mark | None:
        """Reads the mark at the head of a line and moves the list on, or None where the line is no point of a list.

        `last` is the line before, `body` whether the line stands in an article.
        """
        found = forms.MARK.match(text)
        if found is None:
            return None
        inner = next(g for g in found.groups() if g)
        form, dash, suffix = ")" if found[1] or found[3] else ".", bool(found[5]), re.match(r"(\d+)[a-z]+$", inner)
        marks = () if dash else readings(suffix[1] if suffix else inner, form)
        here = _placed(marks, self.stack, dash, bool(suffix))
        if self.outer is not None:
            there = _placed(marks, self.outer, dash, bool(suffix))
            if _fit(there, self.outer, last) > _fit(here, self.stack, last) - (last.endswith(".") and bool(self.stack)):
                here = there
                self.leave()
        if here is None or here[0] > DEEPEST:
            return None
        depth, rung = here
        if not self.stack and rung.ordinal > _HIGHEST_START and "digit" in rung.style:
            return None
        del self.stack[depth:]
        self.stack.append(rung)
        paragraph = form == "." and rung.style == "digit."
        name = "dash" if dash else "par" if paragraph and body else "point"
        shown = str(rung.ordinal) if dash else inner
        return Mark(shown, name, "paragraph" if paragraph else "item", depth, self.outer is not None)


def _placed(marks: tuple[Rung, ...], stack: list[Rung], dash: bool, suffixed: bool) -> tuple[int, Rung] | None:
    if dash:
        depth = next((d for d, rung in enumerate(stack) if rung.style == "dash"), len(stack))
        return depth, Rung("dash", stack[depth].ordinal + 1 if depth < len(stack) else 1)
    same = [(d, m) for m in marks for d, rung in enumerate(stack) if suffixed and rung == m]
    return max(same, key=lambda s: s[0]) if same else place(marks, stack, ())


def _fit(placed: tuple[int, Rung] | None, stack: list[Rung], last: str) -> int:
    """How well a mark goes on with a list: 3 the next number or a first one after a colon, 2 a first one below, 1 anything."""
    if placed is None:
        return 0
    depth, rung = placed
    if depth < len(stack) and rung.ordinal == stack[depth].ordinal + 1:
        return 3
    if depth == len(stack) and rung.ordinal == 1:
        return 3 if last.endswith((":", "Note", "Notes")) else 2 if stack else 1
    return 1
