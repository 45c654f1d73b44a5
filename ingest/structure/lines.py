"""A document as lines: one paragraph, heading or row each, so that every grammar reads the same thing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ingest.document import Block, BlockKind
from knowledge.lexis.sentences import passages

_LONGEST = 8_000
"""Characters of a line: longer is a text whose line ends were lost, and is cut at the ends of its sentences, since nobody
could cite it whole and no pattern of a grammar should run over megabytes."""
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
            for part in _parts(text, block.kind is BlockKind.TABLE_ROW):
                yield Line(part, block.kind, block.level, block.page, block.attributes, first)
                first = False


def _parts(text: str, row: bool) -> list[str]:
    """A line as it is, or one too long in pieces at the ends of its sentences; nothing for an empty one."""
    if row or len(text) <= _LONGEST:
        return [text] if text else []
    east = CJK.search(text[:_LONGEST]) is not None
    return [
        part for start, end in passages(text, "zh" if east else "en", _LONGEST) if (part := text[start:end].strip())
    ]


def unfinished(text: str) -> bool:
    """Whether a line breaks off in the middle of a sentence, so that the next line goes on with it."""
    return bool(text) and not text.rstrip(" \"'”’)）").endswith(_ENDS)


def glue(before: str, after: str) -> str:
    """What stands between two halves of a broken line: nothing between Chinese characters, else a blank."""
    return "" if before and after and CJK.match(before[-1]) and CJK.match(after[0]) else " "
