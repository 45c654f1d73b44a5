"""Acts in English with no format of their own: PART over ARTICLE 1 or Section 2., (1) (a) (i), SCHEDULE; and official
translations of announcements, numbered I., (I), 1. with control codes 1C902.a.1.

An article's number must follow the one before, so that "Section 12. applies" in a sentence opens nothing.
"""

import re
from collections.abc import Sequence

from ingest.structure.ladder import DEEPEST, Rung, place, readings
from ingest.structure.lines import Line
from ingest.structure.outline import Outline, table_row
from ingest.structure.plain import slug
from ingest.structure.tree import Node

_GROUP = re.compile(
    r"^(PART|CHAPTER|TITLE|DIVISION|BOOK)\s+([IVXLC]{1,6}|\d{1,3}|[A-Z])(?:\s*[-–—:.]+\s*|\s+|$)(.{0,120})$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"^(ARTICLE|SECTION|SEC\.|RULE)\s*(\d{1,4})([A-Z]{0,2})(?:(?P<stop>\s*[-–—:.]+)\s*|\s+|$)(?P<rest>.*)$",
    re.IGNORECASE,
)
_ANNEX = re.compile(
    r"^(SCHEDULE|ANNEX|APPENDIX|ATTACHMENT)(?:\s+([IVXLC]{1,6}|\d{1,3}|[A-Z]))?(?:\s*[-–—:.]+\s*|\s+|$)(.{0,120})$",
    re.IGNORECASE,
)
_MARK = re.compile(r"^\(([0-9]{1,3}[a-z]?|[a-zA-Z]{1,5})\)\s*|^(\d{1,3}|[IVXLC]{1,6}|[a-z])\.\s+")
_CODE = re.compile(
    r"^(?:\([0-9a-zA-Z]{1,5}\)\s*|\d{1,3}\.\s+)?(\d[A-E]\d{3})((?:\.[a-z0-9]{1,3}){0,8})(?:[.:]?\s|[.:]?$)"
)
_TOP = re.compile(r"^(?:[IVX]{1,5}|\d{1,2})\.\s+\S")
_CLOSING = re.compile(
    r"^(?:This (?:announcement|notice|order|decision) (?:shall|will|takes|is|comes|enters)\b|It is hereby announced)",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"\b(?:announcement|notice|public notice)\b.{0,40}\bNo\b|\bNo\.?\s*\d+\b.{0,40}\bannouncement\b", re.IGNORECASE
)
_SEGMENT = {"article": "art", "section": "sec", "sec.": "sec", "rule": "rule"}
_LONGEST_TITLE = 110
_FAR = 60  # numbers an article may be ahead of the last: repealed ones are left out
_ANNEX_DEPTH, _GROUP_DEPTH, _ARTICLE_DEPTH, _MARK_DEPTH, _CODE_DEPTH, _TABLE_DEPTH, _LOOSE = 1, 5, 10, 20, 40, 60, 90


def is_statute(source: Sequence[Line], title: str) -> bool:
    """Whether two lines open articles or sections in order, or an announcement's title stands over numbered points."""
    reader = _Reader(title)
    articles = sum(1 for line in source if not line.row and reader.opens(line))
    return articles > 1 or (
        bool(_ANNOUNCES.search(title))
        and sum(1 for line in source if _TOP.match(line.text) or _CODE.match(line.text)) > 1
    )


def outline(source: Sequence[Line], title: str) -> Outline:
    """The tree of an act. The title line itself is left to the record."""
    reader = _Reader(title)
    reader.articled = any(_Reader(title).opens(line) for line in source if not line.row)
    for i, line in enumerate(source):
        reader.line(line, source[i + 1] if i + 1 < len(source) else None)
    return reader.out


class _Reader:
    def __init__(self, title: str) -> None:
        self.title, self.out = title, Outline()
        self.last: tuple[int, str] = (0, "")
        self.stack: list[Rung] = []
        self.articled, self.rows, self.tables, self.loose = False, 0, 0, 0

    def opens(self, line: Line) -> re.Match[str] | None:
        """The match where a line opens the next article or section; the number is then the last."""
        found = _ARTICLE.match(line.text)
        if not found:
            return None
        number = (int(found[2]), found[3].upper())
        sound = found["stop"] or not found["rest"] or line.heading or found[1].isupper()
        in_order = self.last < number and number[0] - self.last[0] < _FAR
        if not sound or not in_order:
            return None
        self.last = number
        return found

    def line(self, line: Line, following: Line | None) -> None:
        text, out = line.text, self.out
        if line.row:
            return self.row(line)
        self.rows = 0
        if not out.roots and text == self.title:
            return None
        article = self.opens(line)
        if article:
            return self.article(line, article, following)
        if self.group(line):
            return None
        inside = bool(self.stack) or out.current is not None or not self.articled
        if inside and (self.code(line) or self.mark(line)):
            return None
        if not self.articled and _CLOSING.match(text):
            out.close(0)
            out.open(_LOOSE, Node("closing", "", "notice", page=line.page)).add(text, page=line.page)
            return None
        if line.heading and not self.articled and out.roots:
            out.close(0)
            out.open(_GROUP_DEPTH, Node(slug(text, 40) or "heading", text, "section", text, group=True, prefix=False))
            return None
        return self.plain(line)

    def article(self, line: Line, found: re.Match[str], following: Line | None) -> None:
        rest = found["rest"].strip()
        name, number = found[1], found[2] + found[3]
        titled = bool(rest) and len(rest) < _LONGEST_TITLE and following is not None and not self.opening(following)
        title = line.text if titled and not re.search(r"[;,:]$|\bshall\b|\bmay\b", rest) else ""
        label = f"{name} {number}" if name[-1] != "." else f"{name}{number}"
        node = Node(f"{_SEGMENT[name.lower()]}-{number.lower()}", label, "article", title, page=line.page)
        node.kind = "article" if node.segment.startswith("art") else "section"
        self.stack = []
        self.out.open(_ARTICLE_DEPTH, node)
        if not title and rest:
            node.add(line.text, page=line.page)

    def opening(self, line: Line) -> bool:
        return bool(_ARTICLE.match(line.text) or _GROUP.match(line.text) or _ANNEX.match(line.text))

    def group(self, line: Line) -> bool:
        """PART II - PERMITS over articles; SCHEDULE behind them."""
        annex, group = _ANNEX.match(line.text), _GROUP.match(line.text)
        found = annex or group
        if found is None or line.text.endswith((".", ";", ",")) or not (line.heading or found[1].isupper()):
            return False
        self.stack = []
        title, name = (line.text if found[3].strip() else ""), slug(f"{found[1]} {found[2] or ''}")
        label = line.text[: found.start(3)].strip(" -–—:.") if title else line.text
        if annex:
            self.out.close(0)
            self.last, self.loose = (0, ""), 0
        depth = _ANNEX_DEPTH if annex else _GROUP_DEPTH
        kind = "annex" if annex else "section"
        self.out.open(depth, Node(name, label, kind, title, group=True, prefix=bool(annex), page=line.page))
        return True

    def code(self, line: Line) -> bool:
        found = _CODE.match(line.text)
        if not found or (self.articled and self.out.at(_ANNEX_DEPTH) is None):
            return False
        steps = [step for step in found[2].split(".") if step]
        here = self.out.at(_CODE_DEPTH)
        if here is None or here.label != found[1]:
            self.out.open(_CODE_DEPTH, Node(f"entry-{found[1]}", found[1], "entry", page=line.page))
        for i, step in enumerate(steps, 1):
            inner = self.out.at(_CODE_DEPTH + i)
            if inner is None or inner.segment != step or i == len(steps):
                label = ".".join([found[1], *steps[:i]])
                self.out.open(_CODE_DEPTH + i, Node(step, label, "entry", page=line.page))
        self.out.close(_CODE_DEPTH + len(steps) + 1)
        self.out.add(line)
        return True

    def mark(self, line: Line) -> bool:
        found = _MARK.match(line.text)
        if not found:
            return False
        inner, form = found[1] or found[2], ")" if found[1] else "."
        placed = place(readings(re.sub(r"(?<=\d)[a-z]$", "", inner), form), self.stack, ())
        if placed is None or placed[0] > DEEPEST:
            return False
        depth, rung = placed
        del self.stack[depth:]
        self.stack.append(rung)
        above = self.out.at(_MARK_DEPTH + depth - 1) if depth else self.out.at(_ARTICLE_DEPTH)
        label = f"{above.label}({inner})" if above and above.label else found[0].strip()
        name = "par" if depth == 0 else "point"
        number = str(rung.ordinal) if rung.style.startswith("roman-upper") else inner
        node = Node(f"{name}-{number}", label, "paragraph" if depth == 0 else "item", page=line.page)
        self.out.open(_MARK_DEPTH + depth, node).add(line.text, page=line.page)
        return True

    def row(self, line: Line) -> None:
        self.rows += 1
        table = self.out.at(_TABLE_DEPTH)
        if self.rows == 1 or table is None:
            self.tables += 1
            table = self.out.open(_TABLE_DEPTH, Node(f"table-{self.tables}", "", "table_row", page=line.page))
        table.child(table_row(line, self.rows))

    def plain(self, line: Line) -> None:
        out = self.out
        if _TABLE_DEPTH <= out.depth() < _LOOSE:
            out.close(_TABLE_DEPTH)
        if out.current is None or (out.current.group and not out.current.pieces):
            first = not out.roots
            self.loose += not first
            name, kind = ("preamble", "preamble") if first else (f"p-{self.loose}", "paragraph")
            out.open(_LOOSE, Node(name, "", kind, page=line.page))
        out.add(line)
