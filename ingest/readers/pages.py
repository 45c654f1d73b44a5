"""Pages of lines, as a PDF gives them, made into blocks: running heads dropped, footnotes told apart, paragraphs rejoined."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.document import Block, BlockKind
from ingest.readers.lines import continues, joined, opens, vocabulary, width

_EDGE = 3  # lines at the top and bottom of a page that may be running heads
_KEPT = re.compile(r"^[\W\d]*$|^(?:article|artikel|section|chapter|annex|part|title|第)\W*#", re.I)
_PAGE_NUMBER = re.compile(
    r"^(?:page|p\.|seite|第)?\W*(\d{1,4}|[ivxlc]{1,7})\W*(?:(?:of|/|von|sur|共)\W*\d{1,4}\W*)?(?:页|頁|page)?\W*$", re.I
)
_FOOTNOTE = re.compile(r"^(?:\(\s?\d{1,3}\s?\)|\d{1,3}\s|\*{1,4}\s?|\(\*{1,4}\)|[†‡])")
_LEVELS = (
    (
        1,
        re.compile(
            r"^(?:ANNEX|Annex|APPENDIX|TITLE|PART|SUPPLEMENT)\b[\s.:]*(?:[IVXLC]+|\d+|[A-Z])?(?:\s?[—–-].*)?$|^附[件录表]|^第.{1,5}编"
        ),
    ),
    (2, re.compile(r"^(?:CHAPTER|Chapter|KAPITEL)\b|^第.{1,6}章|^제\s?\d+\s?장")),
    (3, re.compile(r"^(?:SECTION|Section)\s+\d+[A-Z]?$|^第.{1,6}节")),
    (4, re.compile(r"^(?:Article|ARTICLE|Artikel)\s+\d+[a-z]{0,3}$")),
)


@dataclass(frozen=True)
class Line:
    """One line of text; `size` is the type's size in points (0 unknown); `apart`: more space above it than between lines."""

    text: str
    size: float = 0.0
    bold: bool = False
    apart: bool = False


def set_apart(lines: Sequence[Line], heights: Sequence[float]) -> list[Line]:
    """The lines with `apart` set from where they stand: `heights` are baselines in points, growing or falling down the page.

    The commonest step from line to line is the page's leading; a third more than that sets a line apart.
    """
    steps = [abs(one - other) for one, other in pairwise(heights)]
    usual = Counter(round(step * 2) / 2 for step in steps if 4 < step < 40).most_common(1)
    if not usual or usual[0][1] < 3:
        return list(lines)
    leading = usual[0][0]
    return [
        replace(line, apart=index > 0 and 1.33 * leading < steps[index - 1] < 150) for index, line in enumerate(lines)
    ]


@dataclass(frozen=True)
class Page:
    """What a page holds in reading order: lines, and blocks (rows of tables) already made."""

    number: int
    items: tuple[Line | Block, ...] = ()
    picture: bool = False

    @property
    def lines(self) -> list[Line]:
        """The lines alone."""
        return [item for item in self.items if isinstance(item, Line)]


def blocks_of(pages: Sequence[Page]) -> list[Block]:
    """Every block of the document, numbered by page; a paragraph has the page it starts on."""
    running, depth = _running(pages), _depth(pages)
    body = _body_size(pages)
    texts = [line.text for page in pages for line in page.lines]
    full, words = width(texts), vocabulary(texts)
    out: list[Block] = []
    open_lines: list[str] = []
    start = 0

    def close() -> None:
        if open_lines:
            out.append(_block(joined(open_lines, words), start))
            open_lines.clear()

    for page in pages:
        main, notes = _footnotes(_without(page, running, depth), body)
        crossing = True
        for item in main:
            if isinstance(item, Block):
                close()
                out.append(item)
            elif open_lines and not item.apart and continues(open_lines[-1], item.text, full, over_page=crossing):
                open_lines.append(item.text)
            else:
                close()
                open_lines.append(item.text)
                start = page.number
            crossing = False
        out += _notes(notes, page.number, words)
    close()
    return _ordered(out)


def _ordered(blocks: list[Block]) -> list[Block]:
    """A page's notes go after the paragraph that was still open when they were met: it may run on over the page."""
    out: list[Block] = []
    for block in blocks:
        at = len(out)
        if block.kind is not BlockKind.NOTE:
            while at and out[at - 1].kind is BlockKind.NOTE and (out[at - 1].page or 0) >= (block.page or 0):
                at -= 1
        out.insert(at, block)
    return out


def _block(text: str, page: int) -> Block:
    for level, pattern in _LEVELS:
        if len(text) < 160 and pattern.match(text):
            return Block(BlockKind.HEADING, text, level=level, page=page)
    letters = sum(map(str.isalpha, text))
    if (
        letters > 6
        and len(text) < 160
        and text == text.upper()
        and text != text.lower()
        and letters > len(text) / 2
        and text[-1] not in ".;,"
        and not opens(text)
    ):
        return Block(BlockKind.HEADING, text, level=2, page=page)
    return Block(BlockKind.PARAGRAPH, text, page=page)


def _notes(lines: Sequence[Line], page: int, words: frozenset[str]) -> list[Block]:
    groups: list[list[str]] = []
    for line in lines:
        if groups and not _FOOTNOTE.match(line.text):
            groups[-1].append(line.text)
        else:
            groups.append([line.text])
    return [Block(BlockKind.NOTE, joined(group, words), page=page) for group in groups]


def _footnotes(items: Sequence[Line | Block], body: float) -> tuple[list[Line | Block], list[Line]]:
    """A page's items, and the lines of small type at its foot that open with a footnote's mark."""
    first = len(items)
    for index in range(len(items) - 1, -1, -1):
        item = items[index]
        if isinstance(item, Block) or not item.size or item.size > 0.93 * body:
            break
        if _FOOTNOTE.match(item.text):
            first = index
    notes = [item for item in items[first:] if isinstance(item, Line)]
    return list(items[:first]), notes


def _body_size(pages: Sequence[Page]) -> float:
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _running(pages: Sequence[Page]) -> frozenset[str]:
    """Keys of lines that stand at the top or bottom of many pages: at least two, and a fifth of all."""
    seen: Counter[str] = Counter()
    depth = _depth(pages)
    for page in pages:
        for key in {_key(line.text) for line in _edges(page, depth)}:
            seen[key] += 1
    enough = max(2, len(pages) if len(pages) < 4 else round(0.2 * len(pages)))
    found = frozenset(key for key, count in seen.items() if count >= enough and _droppable(key))
    filled = [page for page in pages if page.items]
    emptied = sum(1 for page in filled if not _without(page, found, depth))
    return found if emptied < 0.5 * len(filled) else frozenset()  # pages of one line each: that line is the text


def _droppable(key: str) -> bool:
    """Amendment marks, bullets and headings of the text repeat too and are no running heads."""
    return key == "#" or not (_KEPT.match(key) or opens(key.replace("#", "1")) or len(key) > 200)


def _depth(pages: Sequence[Page]) -> int:
    """How many lines at each end of a page may be running heads: few pages prove little."""
    return _EDGE if len(pages) >= 4 else 1


def _edges(page: Page, depth: int) -> list[Line]:
    lines = page.lines
    return lines if len(lines) <= 2 * depth else lines[:depth] + lines[-depth:]


def _key(text: str) -> str:
    """A line without numbers and space, so that page numbers, dates and the reader's spacing do not tell pages apart."""
    return "#" if _PAGE_NUMBER.match(text) else re.sub(r"\d+", "#", re.sub(r"\s+", "", text))


def _without(page: Page, running: frozenset[str], depth: int) -> list[Line | Block]:
    edges = {id(line) for line in _edges(page, depth)}
    return [
        item for item in page.items if not (isinstance(item, Line) and id(item) in edges and _key(item.text) in running)
    ]
