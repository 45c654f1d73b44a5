"""A document as lines: one paragraph, heading or row each, so that every grammar reads the same thing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ingest.document import Block, BlockKind

_SPACE = re.compile(r"[ \t\u00a0\u3000]+")
_ENDS = tuple("。；！？：.;:!?…”’》）」』")
CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class Line:
    """One line of a document. `first` marks the first line of its block."""

    text: str
    kind: BlockKind
    level: int = 0
    page: int | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    first: bool = True

    @property
    def heading(self) -> bool:
        """Whether the format calls it a heading."""
        return self.kind is BlockKind.HEADING

    @property
    def row(self) -> bool:
        """Whether it is a row of a table."""
        return self.kind is BlockKind.TABLE_ROW


def lines(blocks: Sequence[Block]) -> Iterator[Line]:
    """Every line that holds text, runs of blanks made one. A table row stays one line."""
    for block in blocks:
        rows = [block.text.replace("\n", " ")] if block.kind is BlockKind.TABLE_ROW else block.text.split("\n")
        first = True
        for row in rows:
            text = _SPACE.sub(" ", row).strip()
            if text:
                yield Line(text, block.kind, block.level, block.page, block.attributes, first)
                first = False


def unfinished(text: str) -> bool:
    """Whether a line breaks off in the middle of a sentence, so that the next line goes on with it."""
    return bool(text) and not text.rstrip(" \"'”’)）").endswith(_ENDS)


def glue(before: str, after: str) -> str:
    """What stands between two halves of a broken line: nothing between Chinese characters, else a blank."""
    return "" if before and after and CJK.match(before[-1]) and CJK.match(after[0]) else " "
