"""The Commerce Control List: each ECCN an entry, its sections, table rows, the tree of items .a.1.i and the notes to them.

Layout as 15 CFR part 774, supplement No. 1 has it: categories and product groups as headings, a line that begins with the
ECCN and its heading, then License Requirements, List Based License Exceptions, Special Conditions for STA and List of
Items Controlled; items carry their whole path ("a.1.b.").
"""

import re
from collections.abc import Iterable, Sequence

from ingest.document import BlockKind
from ingest.structure.lines import Line
from ingest.structure.outline import Outline, table_row
from ingest.structure.plain import slug
from ingest.structure.tree import Node

_ENTRY = re.compile(r"^(\d[A-E]\d{3})(?![\d.])(?:\s*[-—–.:]\s*|\s+)(?=[“\"‘'(\[A-Z])")
_BARE_ENTRY = re.compile(r"^(\d[A-E]\d{3})$")
_SECTION = re.compile(
    r"^(License Requirements?|List[- ]Based License Exceptions|Special Conditions for STA|List of Items Controlled|Reporting Requirements)\b",
    re.IGNORECASE,
)
_PROSE = re.compile(r"^(?:Notes?|Table|for|of|in|apply|applies|to|are|is)\b|[.;:]$", re.IGNORECASE)
_FIELD = re.compile(
    r"^(Reason for Control|Related Controls|Related Definitions|Items|LVS|GBS|CIV|TSR|APP|STA|IEC|NAC/ACA)\s*:"
)
_ITEM = re.compile(r"^\.?([a-z]{1,2}(?:\.(?:\d{1,3}|[a-z]{1,4})){0,10})(?:\s*\.(?=\s|$|\[|[“\"‘A-Z])|\s+(?=[“\"[A-Z]))")
_RANGE = re.compile(
    r"^\.?([a-z]{1,2}(?:\.(?:\d{1,3}|[a-z]{1,4})){0,10})\.?\s+(?:through|to|and|-|–)\s+\.?([a-z]{1,2}(?:\.(?:\d{1,3}|[a-z]{1,4}))*)\.?\s"
)
_NOTE = re.compile(
    r"^(?:((?:Technical\s+|License Requirements?\s+|Control\s+Policy\s+|Nota\s+)?(?:Notes?|N\.?\s?B\.?))\b(?:[^.:]|\.(?=\w)){0,80}[:.]|N\.?\s?B\.?)",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"\b(\d[A-E]\d{3})((?:\.[a-z0-9]{1,4})*)\b")
_CATEGORY_NAME = re.compile(r"Category\s+(\d)\b", re.IGNORECASE)
_PRODUCT_GROUP = re.compile(r"([A-E])\.\s*[“\"A-Z]")
_ANNEXED = re.compile(r"(?:Annex|Supplement|Appendix|Part\s+\d)\b", re.IGNORECASE)
_PART_NAME = re.compile(r"Part\s+\d\b", re.IGNORECASE)
_SUBGROUP_NAME = re.compile(r"[IVX]{1,4}\.\s")
_OVER_ENTRIES = re.compile(
    rf"{_PRODUCT_GROUP.pattern}|{_SUBGROUP_NAME.pattern}|(?i:{_ANNEXED.pattern})"
)  # headings that close an entry
_ITEMS = re.compile(r"^Items:\s*")
_ABOUT_OPENING = re.compile(r"\s*(?:For (?:the )?purposes of |This note to )?(?:ECCN )?(?=\d[A-E]\d{3})", re.IGNORECASE)
_NUMBERED = re.compile(r"^(\d{1,3})\.\s")
_LOOSE_DEPTH = 90
_CATEGORY, _PART, _GROUP, _SUBGROUP, _ENTRY_DEPTH, _SECTION_DEPTH = 1, 2, 3, 4, 10, 12
_ITEM_DEPTH, _NOTE_DEPTH, _TABLE_DEPTH = 20, 50, 60
_ENOUGH = 3


def is_control_list(source: Sequence[Line]) -> bool:
    """Whether a document lists control entries: several lines begin with an ECCN and list sections follow."""
    entries = sum(1 for line in source if not line.row and _ENTRY.match(line.text))
    sections = sum(1 for line in source if not line.row and _SECTION.match(line.text))
    return entries >= _ENOUGH and sections >= _ENOUGH


def outline(source: Sequence[Line], title: str) -> Outline:
    """The tree of a control list."""
    reader = _Reader(title)
    for i, line in enumerate(source):
        if _ENTRY.match(line.text) or _BARE_ENTRY.match(line.text):
            reader.printed, reader.announced = _letters(
                source[j] for j in range(i + 1, len(source))
            )  # no copy: it stops soon
        reader.line(line)
        reader.last = line.text
    return reader.out


class _Reader:
    def __init__(self, title: str) -> None:
        self.title, self.out = title, Outline()
        self.items, self.rows, self.tables, self.loose = False, 0, 0, 0
        self.pending: Line | None = None
        self.category, self.last, self.listing = "", "", False
        self.seen: set[str] = set()
        self.noted = ""  # letter of the last point in a note to the open item
        self.printed: frozenset[str] = frozenset()  # letters of the items printed outside notes
        self.announced = False  # whether a line "Items:" opens the items of the entry

    def line(self, line: Line) -> None:
        text, out = line.text, self.out
        if line.row:
            return self.row(line)
        self.rows = 0
        if self.pending and not (self.items and _ITEM.match(text)):
            self.settle(item=False)
        if text == self.title:
            return None
        entry = _ENTRY.match(text) or _BARE_ENTRY.match(text)
        if entry and not text.endswith(("see", "see:")):
            return self.open_entry(entry[1], line)
        section = _SECTION.match(text)
        if section and out.at(_ENTRY_DEPTH) and len(text) < 140 and not _PROSE.search(text[len(section[0]) :].strip()):
            return self.open_section(line, section[1])
        if line.heading:
            return self.heading(line)
        if field := _FIELD.match(text):  # "Related Controls" may hold a lettered list of its own
            open_ = self.items or (field[1] == "Related Definitions" and not self.announced)
            self.items, self.seen = field[1] == "Items" or (open_ and field[1] != "Related Controls"), set()
        if _NOTE.match(text) and out.at(_ENTRY_DEPTH):
            return self.note(line)
        if text.startswith("a. ") and not (self.items or self.announced or self.last.endswith(":")):
            here = out.at(_SECTION_DEPTH)  # 5A001 has no line "Items:"
            self.items = here is not None and here.segment == "list-of-items-controlled"
        if self.items and not self.in_note(line) and self.item(line):
            return None
        return self.plain(line)

    def in_note(self, line: Line) -> bool:
        """Whether a lettered line goes on with the list in a note ("... any of the following:") rather than the items."""
        if self.out.depth() < _NOTE_DEPTH:
            self.listing = False
            return False
        if self.goes_on(line):
            return False
        self.noted = found[1] if (found := _ITEM.match(line.text)) else self.noted
        if line.kind is BlockKind.NOTE:
            return True
        self.listing = self.last.endswith(":") or (self.listing and not self.last.endswith("."))
        return self.listing

    def goes_on(self, line: Line) -> bool:
        """Whether a lettered line is the next item rather than a point of the note it was printed in.

        The item is printed nowhere else, the note's list does not reach its letter, and the last sentence is over
        (1C001.b in the eCFR).
        """
        found, here = _ITEM.match(line.text), self.out.at(_ITEM_DEPTH)
        if not found or here is None or len(found[1]) > 1 or not self.last.rstrip().endswith("."):
            return False
        following = len(here.segment) == 1 and ord(found[1]) == ord(here.segment) + 1
        listed = len(self.noted) == 1 and ord(found[1]) == ord(self.noted) + 1
        return following and not listed and found[1] not in self.printed

    def open_entry(self, code: str, line: Line) -> None:
        self.items, self.tables, self.seen = False, 0, set()
        node = Node(f"entry-{code}", code, "entry", page=line.page, absolute=True)
        self.out.open(_ENTRY_DEPTH, node).add(line.text, page=line.page)

    def open_section(self, line: Line, name: str) -> None:
        self.items = name.lower() == "list of items controlled" and not self.announced
        node = Node(slug(name), line.text, "section", page=line.page)
        self.out.open(_SECTION_DEPTH, node).add(line.text, page=line.page)

    def heading(self, line: Line) -> None:
        """Categories and product groups stand over entries; any other heading names the items or the list that follows."""
        text, category = line.text, _CATEGORY_NAME.match(line.text)
        if self.out.at(_ENTRY_DEPTH) and not category and not _OVER_ENTRIES.match(text):
            self.pending = line
            return
        self.items = False
        depth = _CATEGORY if category or _ANNEXED.match(text) else _GROUP
        depth = _PART if _PART_NAME.match(text) else _SUBGROUP if _SUBGROUP_NAME.match(text) else depth
        group = _PRODUCT_GROUP.match(text)
        name = (
            f"category-{category[1]}" if category else f"group-{self.category}{group[1]}" if group else slug(text, 40)
        )
        self.category = category[1] if category else self.category
        node = Node(name, text, "section", text, group=True, prefix=not (category or group), page=line.page)
        self.out.open(depth, node)

    def settle(self, item: bool) -> str:
        """The heading that waits for what comes next: an item's own title, else a list of its own."""
        line, self.pending = self.pending, None
        if line is None:
            return ""
        if not item:
            self.items = False
            self.out.open(
                _SUBGROUP + 1, Node(slug(line.text, 40), line.text, "section", line.text, group=True, page=line.page)
            )
        return line.text

    def item(self, line: Line) -> bool:
        text = line.text[found.end() :] if (found := _ITEMS.match(line.text)) else line.text  # "Items: a. Vessels"
        found = _RANGE.match(text) or _ITEM.match(text)
        entry = self.out.at(_ENTRY_DEPTH)
        if not found or entry is None:
            return False
        if found[1] in self.seen:
            return False  # a list inside an item or a table's notes uses the letters again
        steps = found[1].split(".")
        if len(steps[0]) == 2 and len(set(steps[0])) > 1:
            return False  # a word, not a letter: "by", "or"
        self.seen.add(found[1])
        self.noted = ""
        if self.out.at(_ITEM_DEPTH) is None:
            self.out.close(_SECTION_DEPTH)
        for i, step in enumerate(steps):
            here = self.out.at(_ITEM_DEPTH + i)
            if here is None or here.segment != step or i == len(steps) - 1:
                label = f"{entry.label}.{'.'.join(steps[: i + 1])}"
                title = self.settle(item=True) if i == len(steps) - 1 else ""
                self.out.open(_ITEM_DEPTH + i, Node(step, label, "item", title, page=line.page))
        self.out.add(line)
        return True

    def note(self, line: Line) -> None:
        found = _NOTE.match(line.text)
        label = found[0].rstrip(":. ") if found else "Note"
        entry = self.out.at(_ENTRY_DEPTH)
        said = label
        if found and not _ABOUT.search(label) and (opening := _ABOUT_OPENING.match(line.text, found.end())):
            said = line.text[opening.end() :].split(" ")[0].rstrip(",:;.")  # "Note: 1C001.b does not apply to ..."
        about = [hit[2].split(".")[1:] for hit in _ABOUT.finditer(said) if entry is not None and hit[1] == entry.label]
        if about:  # "Note 2 to 0A501.a" stands below .a, "Note 2 to 3A090.a and 3A090.b" below the entry
            common = _shared(*about)
            here = [node.segment for d in range(len(common)) if (node := self.out.at(_ITEM_DEPTH + d))]
            if shared := _shared(here, common):
                self.out.close(_ITEM_DEPTH + len(shared))
            elif here or said is label:
                self.out.close(_SECTION_DEPTH)
        name = slug(re.split(r"\s(?:to|for|on)\s", label)[0], 40) or "note"
        self.out.open(_NOTE_DEPTH, Node(name, label, "note", page=line.page)).add(line.text, page=line.page)

    def row(self, line: Line) -> None:
        self.rows += 1
        if self.rows == 1:
            self.tables += 1
            self.out.open(_TABLE_DEPTH, Node(f"table-{self.tables}", "", "table_row", page=line.page))
        table = self.out.at(_TABLE_DEPTH)
        if table is not None:
            number = Line(line.text, line.kind, page=line.page)
            table.child(table_row(number, self.rows))

    def plain(self, line: Line) -> None:
        out = self.out
        if out.depth() >= _TABLE_DEPTH or (out.depth() >= _NOTE_DEPTH and _FIELD.match(line.text)):
            out.close(_NOTE_DEPTH)
        listed = out.at(_ENTRY_DEPTH) is None and (out.depth() == _LOOSE_DEPTH or _NUMBERED.match(line.text))
        if listed:
            out.close(_ITEM_DEPTH)
        if out.current is None or out.current.group:
            numbered = _NUMBERED.match(line.text)
            note = _NOTE.match(line.text)
            self.loose += not numbered
            name, kind = (
                (f"item-{numbered[1]}", "item") if numbered else (f"p-{self.loose}", "note" if note else "paragraph")
            )
            label = numbered[0].strip() if numbered else note[0].rstrip(":. ") if note else ""
            out.open(_ITEM_DEPTH if numbered else _LOOSE_DEPTH, Node(name, label, kind, page=line.page))
        out.add(line)


def _letters(following: Iterable[Line]) -> tuple[frozenset[str], bool]:
    """The letters of one entry's items that are printed as plain paragraphs, and whether a line "Items:" announces them."""
    found: set[str] = set()
    announced = False
    for line in following:
        if _ENTRY.match(line.text) or _BARE_ENTRY.match(line.text):
            break
        mark = None if line.row or line.kind is BlockKind.NOTE else _ITEM.match(line.text)
        if mark and len(mark[1]) == 1:
            found.add(mark[1])
        announced = announced or bool(_ITEMS.match(line.text))
    return frozenset(found), announced


def _shared(*paths: Sequence[str]) -> list[str]:
    """The steps that all paths begin with."""
    same: list[str] = []
    for steps in zip(*paths, strict=False):
        if len(set(steps)) > 1:
            break
        same.append(steps[0])
    return same
