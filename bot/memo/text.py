"""Words of people and documents, fit to stand in a memo: nothing in them acts, hides or gets lost without a trace. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.rich import Rich

MARK = re.compile(r"\[(\d+)\]")
_BREAKS = re.compile("\r\n?|[\u000b\u000c\u0085\u2028\u2029]")
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
_MARKS_ON_A_LETTER = 4  # Thai, Vietnamese and vocalised Arabic need up to three


@dataclass(frozen=True)
class Piece:
    """A stretch of a line. `mark` is the number of a source that it points to, 0 for none; `strong` stands out."""

    text: str
    mark: int = 0
    strong: bool = False


Line = tuple[Piece, ...]
"""One line of a memo: plain text and marks."""


def code_point(character: str) -> str:
    """What stands in the place of a character that cannot be shown: "[U+202E]"."""
    return f"[U+{ord(character):04X}]"


def visible(said: str) -> str:
    """The words with every control, format, private and unassigned character written as its code point; line breaks stay,
    tabs become spaces. Marks above a letter beyond what any language needs are written out too."""
    return "".join(_shown(_BREAKS.sub("\n", said)))


def _shown(said: str) -> Iterator[str]:
    marks = 0
    for c in said:
        category = unicodedata.category(c)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if c == "\n":
            yield c
        elif c == "\t":
            yield " "
        elif category in _UNSEEN or marks > _MARKS_ON_A_LETTER:
            yield code_point(c)
        else:
            yield c


def one_line(said: str) -> str:
    """The visible words on one line, none left out."""
    return " ".join(visible(said).split())


def plain(said: object) -> Line:
    """A line without marks, whatever looks like one in it."""
    text = one_line(str(said))
    return (Piece(text),) if text else ()


def strong(said: str) -> Line:
    """A line that stands out."""
    return tuple(Piece(p.text, strong=True) for p in plain(said))


def marked(said: str, known: Callable[[int], bool]) -> Line:
    """A line in which "[n]" is a mark where a source of that number is known."""
    pieces, at, text = [], 0, one_line(said)
    for match in MARK.finditer(text):
        number = int(match[1]) if len(match[1]) < 6 else 0
        if number and known(number):
            if match.start() > at:
                pieces.append(Piece(text[at : match.start()]))
            pieces.append(Piece(match[0], number))
            at = match.end()
    return tuple([*pieces, Piece(text[at:])] if text[at:] else pieces)


def of_rich(said: Rich) -> Line:
    """What the chat shows, without its formatting."""
    return plain(said.text)


def words(line: Line) -> str:
    """The line's text."""
    return "".join(piece.text for piece in line)
