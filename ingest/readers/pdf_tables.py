"""Ruled tables of a PDF, by pdfplumber: rows with their headers, carried over pages; and the lines around the tables."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from statistics import median
from typing import Any

from ingest.document import Block
from ingest.readers.flow import superscript
from ingest.readers.lines import joined, vocabulary
from ingest.readers.pages import Line, set_apart
from ingest.readers.tables import Table, looks_like_header, row_blocks
from ingest.text import clean, squeeze

_NEAR = 3.0  # points within which two rulings are one
_SAME_PLACE = 8.0  # points within which a table on the next page stands under the one before
_HEAD, _FOOT = 0.105, 0.08  # of the page's height: where running heads and feet stand


@dataclass(frozen=True)
class _Place:
    """Where a grid stands: its columns and its left and right ends."""

    columns: int
    left: float
    right: float

    @classmethod
    def of(cls, table: Any, rows: Sequence[Sequence[str]]) -> "_Place":
        """The place of a grid as pdfplumber found it."""
        return cls(len(rows[0]), float(table.bbox[0]), float(table.bbox[2]))

    def same(self, other: "_Place") -> bool:
        """Whether two grids stand under one another."""
        ends = max(abs(self.left - other.left), abs(self.right - other.right))
        return self.columns == other.columns and ends < _SAME_PLACE


@dataclass(frozen=True)
class _Open:
    """The table last met, which the next grid may continue."""

    table: Table
    rows: int
    place: _Place
    page: int


class TableReader:
    """Reads the table pages of one PDF in order; keeps the table that the next page may continue."""

    def __init__(self, data: bytes) -> None:
        import pdfplumber

        self._pdf = pdfplumber.open(BytesIO(data), password="")
        self._count = 0
        self._open: _Open | None = None

    def close(self) -> None:
        """Frees the file."""
        self._pdf.close()

    def items(self, number: int) -> list[Line | Block]:
        """The page's lines and table rows in reading order; empty where it holds no table of two columns or more."""
        page = self._pdf.pages[number - 1]
        sides = _missing_sides(page.edges)
        upright = [side for side in sides if side["orientation"] == "v"]
        level = [side for side in sides if side["orientation"] == "h"]
        grids = page.find_tables({"explicit_vertical_lines": upright, "explicit_horizontal_lines": level})
        found = [(table, rows) for table in grids if (rows := _rows_of(table))]
        whole = [(table, rows) for table, rows in found if len(rows) > 1 or len(rows[0]) > 2]
        places = [_Place.of(table, rows) for table, rows in whole] + ([self._open.place] if self._open else [])
        tables = [one for one in found if one in whole or any(place.same(_Place.of(*one)) for place in places)]
        words = page.extract_words(use_text_flow=True, extra_attrs=["size", "fontname"]) if tables else []
        items = self._placed(number, tables, words, float(page.height)) if tables else []
        page.close()
        return items

    def _placed(
        self, number: int, tables: Sequence[tuple[Any, list[list[str]]]], words: Sequence[dict[str, Any]], height: float
    ) -> list[Line | Block]:
        """Rows put where the table's first word comes in the flow of the page's words."""
        items: list[Line | Block] = []
        heights: list[float] = []
        line: list[dict[str, Any]] = []
        done: set[int] = set()
        usual = median(word["size"] for word in words)

        def end_line() -> None:
            if line:
                items.append(said := _line(line))
                heights.append(line[0]["bottom"])
                if _is_text(line, said, usual, height):
                    self._open = None  # text between two grids: the second is a table of its own
            line.clear()

        for word in words:
            inside = next((index for index, (table, _) in enumerate(tables) if _within(word, table.bbox)), None)
            if inside is not None:
                end_line()
                if inside not in done:
                    done.add(inside)
                    items += self._rows(*tables[inside], number)
                continue
            if line and _raised(word, line[0]) and abs(word["bottom"] - line[0]["bottom"]) < line[0]["size"]:
                line.append(word)
                continue
            base = next((one for one in reversed(line) if not _raised(one, line[0])), None)
            if base is not None and abs(word["bottom"] - base["bottom"]) > 0.5 * max(word["size"], base["size"]):
                end_line()
            line.append(word)
        end_line()
        spaced = iter(set_apart([item for item in items if isinstance(item, Line)], heights))
        return [next(spaced) if isinstance(item, Line) else item for item in items]

    def _rows(self, table: Any, rows: list[list[str]], number: int) -> list[Block]:
        """A grid's rows as blocks: of the open table where it goes on, else of a new one."""
        place, before = _Place.of(table, rows), self._open
        header = tuple(rows[0]) if len(rows) > 1 and looks_like_header(rows[0], rows[1:]) else ()
        if before and number - before.page <= 1 and before.place.same(place) and header in {(), before.table.header}:
            rows = rows[1:] if header else rows
            known, first = before.table, before.rows + 1
        else:
            self._count += 1
            known, first = Table(self._count, header), 1
            rows = rows[1:] if header else rows
        self._open = _Open(known, first + len(rows) - 1, place, number)
        return row_blocks(known, rows, number, first)


def _rows_of(table: Any) -> list[list[str]]:
    """The cells' texts; empty for a box around text: a table has two columns with text in them."""
    rows = [[_cell(cell) for cell in row] for row in table.extract(x_tolerance=1.5)]
    used = sum(1 for column in zip(*rows, strict=False) if any(column))
    return rows if used >= 2 else []


def _is_text(words: Sequence[dict[str, Any]], line: Line, usual: float, height: float) -> bool:
    """Whether a line is the document's text: no running head or foot by its place, no amendment mark, no small footnote."""
    top, bottom = words[0]["top"], words[0]["bottom"]
    if bottom < _HEAD * height or top > (1 - _FOOT) * height or line.size < 0.93 * usual:
        return False
    return not re.fullmatch(r"[▼►]\s?[A-Z]\d{0,3}", line.text)


def _cell(cell: str | None) -> str:
    """A cell's text; its lines joined as a paragraph's are."""
    lines = [squeeze(line) for line in clean(cell or "").split("\n") if line.strip()]
    return joined(lines, vocabulary(lines)) if lines else ""


def _within(word: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    across, down = (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2
    return bool(box[0] <= across <= box[2] and box[1] <= down <= box[3])


def _raised(word: dict[str, Any], first: dict[str, Any]) -> bool:
    """A small figure beside larger type: an exponent or a footnote's mark."""
    return bool(word["size"] < 0.8 * first["size"] and word["text"].strip("()").isdigit())


def _line(words: Sequence[dict[str, Any]]) -> Line:
    said = ""
    end = 0.0
    for word in words:
        close = word["x0"] - end < 0.12 * word["size"]
        if said and _raised(word, words[0]) and said[-1].isalnum():
            said += superscript(word["text"])
        else:
            said += word["text"] if not said or close else f" {word['text']}"
        end = word["x1"]
    bold = all("bold" in str(word.get("fontname", "")).lower() for word in words)
    return Line(squeeze(said), round(float(words[0]["size"]), 1), bold)


def _missing_sides(edges: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The outer rules of tables drawn without them, as the Official Journal's are.

    Rules and column separators that touch form a group; it gets a side at each end, and a top and bottom where its
    separators reach past its rules, unless it has them.
    """
    rules = _joined_rules([edge for edge in edges if edge["orientation"] == "h"])
    posts = [edge for edge in edges if edge["orientation"] == "v" and edge["bottom"] - edge["top"] > 5]
    sides: list[dict[str, Any]] = []
    for across, down in _groups(rules, posts):
        if not across or not down:
            continue
        left, right = min(rule[0] for rule in across), max(rule[1] for rule in across)
        heights = [rule[2] for rule in across]
        top, bottom = min(post["top"] for post in down), max(post["bottom"] for post in down)
        for y in (top, bottom):
            if all(abs(y - height) > 5 for height in heights):
                sides.append(_rule(left, right, y, y))
                heights.append(y)
        if len(heights) < 2:
            continue
        for x in (left, right):
            if not any(abs(post["x0"] - x) < _NEAR for post in down):
                sides.append(_rule(x, x, min(heights), max(heights)))
    return sides


def _rule(left: float, right: float, top: float, bottom: float) -> dict[str, Any]:
    """A rule as pdfplumber writes its edges."""
    return {
        "object_type": "line",
        "orientation": "v" if left == right else "h",
        "x0": left,
        "x1": right,
        "top": top,
        "bottom": bottom,
        "doctop": top,
        "width": right - left,
        "height": bottom - top,
    }


def _joined_rules(edges: Sequence[dict[str, Any]]) -> list[tuple[float, float, float]]:
    """Horizontal edges as (x0, x1, y), pieces of one rule joined; short strokes (underlines) dropped."""
    rules: list[tuple[float, float, float]] = []
    for edge in sorted(edges, key=lambda one: (round(one["top"]), one["x0"])):
        if rules and abs(rules[-1][2] - edge["top"]) < _NEAR and edge["x0"] <= rules[-1][1] + _NEAR:
            rules[-1] = (min(rules[-1][0], edge["x0"]), max(rules[-1][1], edge["x1"]), rules[-1][2])
        else:
            rules.append((edge["x0"], edge["x1"], edge["top"]))
    return [rule for rule in rules if rule[1] - rule[0] > 30]


def _groups(
    rules: Sequence[tuple[float, float, float]], posts: Sequence[dict[str, Any]]
) -> list[tuple[list[tuple[float, float, float]], list[dict[str, Any]]]]:
    """Rules with the posts that end on them, joined through shared rules, from the top down."""
    groups: list[tuple[list[tuple[float, float, float]], list[dict[str, Any]]]] = []
    for post in sorted(posts, key=lambda one: one["top"]):
        touched = [
            rule
            for rule in rules
            if post["top"] - _NEAR <= rule[2] <= post["bottom"] + _NEAR
            and rule[0] - _NEAR <= post["x0"] <= rule[1] + _NEAR
        ]
        home = next((group for group in groups if any(rule in group[0] for rule in touched)), None)
        if home is None:
            groups.append((touched, [post]))
        else:
            home[0].extend(rule for rule in touched if rule not in home[0])
            home[1].append(post)
    return groups
