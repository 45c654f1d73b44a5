"""Acts of the European Union: citations, recitals (1), Article 2a with its title, 1. (a) (i), annexes and their entries.

Consolidated texts mark their layers with ▼M7 and ►C2 ... ◄: the marks leave the text and are kept by article. An amending
act quotes articles and annexes of another act: only the next number in its own sequence opens an article of its own.
Drafting: Joint Practical Guide of the institutions (2015), points 7 to 16.
"""

import re
from collections.abc import Sequence

from ingest.document import BlockKind
from ingest.structure import european_forms as forms
from ingest.structure import numerals
from ingest.structure.european_lists import Numbering
from ingest.structure.ladder import DEEPEST, Rung
from ingest.structure.lines import Line, glue, unfinished
from ingest.structure.outline import Outline, table_row
from ingest.structure.plain import slug
from ingest.structure.tree import Node

_TOP, _ARTICLE_DEPTH, _ENTRY_DEPTH, _MARK_DEPTH, _NOTE_DEPTH, _NOTE_MARK_DEPTH = 0, 10, 15, 20, 40, 41
_TABLE_DEPTH, _LOOSE = 60, 90
_TITLE_LENGTH, _NAME_LENGTH = 200, 90
_CODE_COLUMN = re.compile(r"^cell:.*\b(?:CN|HS|TARIC|KN|NC)\b", re.IGNORECASE)
_CODE_CELL = re.compile(r"^(?:ex\s*)?(\d{4}(?:\s?\d{2}){0,3})$")


def outline(source: Sequence[Line]) -> tuple[Outline, dict[str, str]]:
    """The tree of an act, and the amendment mark (`M7`) that each article or annex stands under."""
    reader = _Reader(source)
    for i, line in enumerate(source):
        reader.line(i, line)
    return reader.out, reader.marks


class _Reader:
    def __init__(self, source: Sequence[Line]) -> None:
        self.source, self.out = source, Outline()
        self.state, self.mark, self.marks = "front", "", dict[str, str]()
        self.amends_others = bool(forms.AMENDING_TITLE.search(forms.title_of(source)))
        self.amending = any(forms.AMENDING.search(line.text) for line in source)
        self.article: tuple[int, str] = (0, "")
        self.recital = self.annexes = self.notes = self.tables = self.rows = self.loose = 0
        self.lists = Numbering()
        self.table = ""
        self.last, self.quoting = "", False
        self.untitled: Node | None = None

    def line(self, i: int, line: Line) -> None:
        layer = forms.MARKER_LINE.match(line.text)
        if layer or (self.state != "front" and forms.RUNNING.match(line.text)):
            self.mark = layer[1] if layer else self.mark
            return self.out.omit(line.text)
        # the front of a consolidated text lists what ►M1 stands for: there the marks are the text
        text = line.text if self.state == "front" else " ".join(forms.INLINE_MARK.sub(" ", line.text).split())
        if not text:
            return self.out.omit(line.text)
        line = Line(text, line.kind, line.level, line.page, line.attributes, line.first)
        if line.row:
            return self.row(line)
        self.rows = 0
        if line.kind is BlockKind.NOTE or self.is_footnote(text):
            return self.footnote(line)
        if not self.opened(i, line):
            self.body(i, line)
        if self.amending:
            self.quoting = (self.quoting or bool(forms.QUOTE_OPENS.match(text))) and not forms.QUOTE_ENDS.search(text)
        self.last = "" if line.heading else text
        return None

    def opened(self, i: int, line: Line) -> bool:
        """Whether the line opened an article, annex, group, recital or one of the formulas."""
        text = line.text
        if forms.RECITALS.match(text) and self.state == "front":
            self.state = "recitals"
            self.top("preamble-whereas", "preamble", line) if text.rstrip(" :").count(" ") > 8 else self.body(i, line)
            return True
        if forms.ENACTING.match(text) and self.state in {"front", "recitals"}:
            self.state = "body"
            self.top("enacting", "preamble", line)
            return True
        if self.title(i, line):
            return True
        if self.take_article(line) or self.take_annex(line) or self.group(line):
            return True
        if self.state == "recitals" and (found := forms.RECITAL.match(text)) and int(found[1]) > self.recital:
            self.recital = int(found[1])
            self.out.close(_TOP)
            self.top(f"recital-{found[1]}", "recital", line, f"({found[1]})")
            return True
        if forms.CLOSING.match(text) and self.state == "body":
            here = self.out.current
            if here is None or here.segment != "closing":
                self.out.close(_TOP)
                self.top("closing", "paragraph", line)
                return True
        return False

    def top(self, segment: str, kind: str, line: Line, label: str = "") -> None:
        self.out.close(_TOP)
        self.lists.reset()
        self.out.open(_LOOSE, Node(segment, label, kind, page=line.page)).add(line.text, page=line.page)

    def title(self, i: int, line: Line) -> bool:
        """The line after "Article 5", "CHAPTER II" or "ANNEX IV" that names it."""
        node, self.untitled = self.untitled, None
        if (
            node is None
            or forms.ARTICLE.match(line.text)
            or forms.GROUP.match(line.text)
            or forms.ANNEX.match(line.text)
        ):
            return False
        text = line.text
        following = self.source[i + 1] if i + 1 < len(self.source) else None
        after = following.text if following and not following.row else ""
        plain = (
            len(text) < _TITLE_LENGTH
            and not forms.MARK.match(text)
            and not text.endswith((".", ":", ";", ","))
            and text[:1].isupper()
        )
        more = node.kind == "annex" and line.heading and bool(node.title)
        if line.heading or (
            plain
            and not node.title
            and (
                not after
                or after[:1].isupper()
                or after[:1].isdigit()
                or forms.MARK.match(after)
                or after[:1] in "‘“▼►"
            )
        ):
            if forms.ENTRY.match(text) or (node.title and not more):
                return False
            node.title = f"{node.title} {text}".strip()
            self.untitled = node if node.kind == "annex" and line.heading else None
            return True
        return False

    def take_article(self, line: Line) -> bool:
        sole = forms.SOLE_ARTICLE.match(line.text)
        found = forms.ARTICLE.match(line.text)
        if not found and not sole:
            return self.amending and bool(forms.QUOTED_ARTICLE.match(line.text)) and self.quoted_article(line)
        number, suffix = (int(found[1]), found[2]) if found else (1, "")
        within = self.out.at(_TOP) is not None and self.annexes > 0
        following = (number, suffix) == (self.article[0] + 1, "")
        if self.amending and not within and not following and (self.quoting or self.amends_others or not line.heading):
            return self.quoted_article(line)
        if not within and (number, suffix) <= self.article:
            return False
        self.article = self.article if within else (number, suffix)
        self.lists.reset()
        self.state, self.notes, self.tables = "body", 0, 0
        label = line.text if not found or not found[3] else line.text[: found.start(3)].rstrip(" -–—.:")
        node = Node(f"art-{number}{suffix}", label, "article", found[3] or "" if found else "", page=line.page)
        self.out.open(_ARTICLE_DEPTH, node)
        self.note_mark(node)
        self.untitled = None if node.title else node
        return True

    def quoted_article(self, line: Line) -> bool:
        """An article of another act that this one inserts or replaces: it hangs below the point that says so."""
        found = forms.QUOTED_ARTICLE.match(line.text)
        stack = self.lists.stack
        if found is None or not stack or len(stack) > DEEPEST or self.state != "body":
            return False
        depth = next((d for d, rung in enumerate(stack) if rung.style == "quoted"), len(stack))
        del stack[depth:]
        stack.append(Rung("quoted", 1))
        node = Node(f"art-{found[2]}", found[1], "article", page=line.page)
        self.out.open(_MARK_DEPTH + depth, node).add(line.text, page=line.page)
        return True

    def take_annex(self, line: Line) -> bool:
        found = forms.ANNEX.match(line.text)
        if not found or (found[2].islower() and not line.heading):
            return False
        number = numerals.roman(found[3] or "") or numerals.chinese(found[3] or "") or 0
        quoted = bool(found[1])
        nested = self.annexes > 0 and (quoted or (self.amends_others and number not in {0, self.annexes + 1}))
        name = f"annex-{found[3]}{found[4] or ''}" if found[3] else "annex"
        node = Node(name, found[2], "annex", (found[5] or "").strip(), group=True, page=line.page)
        if not nested and quoted and self.state == "body" and self.annexes == 0 and self.amending:
            return False
        self.lists.reset()
        self.state, self.loose, self.tables = "annex", 0, 0
        if not nested:
            self.annexes = number or self.annexes + 1
            self.out.close(_TOP)
        self.out.open(1 if nested else _TOP, node)
        self.note_mark(node)
        self.untitled = node
        return True

    def note_mark(self, node: Node) -> None:
        if self.mark and self.mark != "B":
            self.marks[node.segment] = self.mark

    def group(self, line: Line) -> bool:
        found = forms.GROUP.match(line.text)
        if found is None or line.text.endswith((".", ";", ",")) or self.state == "recitals":
            return False
        alone = not found[3] and not unfinished(self.last) and self.state != "annex"  # old HTML: "Section 1" on a line
        if not line.heading and (self.state == "front" or not (found[1].isupper() or alone)):
            return False
        in_annex = self.out.at(_TOP) is not None
        depth = forms.GROUP_DEPTH.get(found[1][:2].lower(), 3) + in_annex
        name = f"{slug(found[1])}-{found[2]}"
        label = line.text[: found.start(3)].strip(" -–—:") if found[3] else line.text
        node = Node(name, label, "section", (found[3] or "").strip(), group=True, prefix=in_annex, page=line.page)
        self.out.open(depth, node)
        self.lists.reset()
        self.state = "annex" if in_annex else "body"
        self.untitled = None if node.title else node
        return True

    def is_footnote(self, text: str) -> bool:
        found = forms.RECITAL.match(text)
        expected = self.state == "recitals" and found is not None and int(found[1]) == self.recital + 1
        return bool(forms.FOOTNOTE.match(text)) and not (
            expected and not text.split(")", 1)[1].lstrip().startswith("OJ")
        )

    def footnote(self, line: Line) -> None:
        self.notes += 1
        label = line.text.split(")")[0].replace(" ", "") + ")" if line.text.startswith("(") else ""
        node = Node(f"note-{self.notes}", label, "note", page=line.page)
        node.add(line.text, page=line.page)
        self.out.leaf(node, _ENTRY_DEPTH if self.state in {"body", "annex"} else _TOP)

    def row(self, line: Line) -> None:
        self.rows += 1
        key, table = line.attributes.get("table", ""), self.out.at(_TABLE_DEPTH)
        if table is None or (self.rows == 1 and not (key and key == self.table)):  # a footnote may stand among the rows
            self.tables += 1
            caption = line.attributes.get("caption", "")
            table = self.out.open(_TABLE_DEPTH, Node(f"table-{self.tables}", caption, "table_row", page=line.page))
        self.table = key
        table.child(_coded_row(line, self.rows))
        self.last = ""

    def body(self, i: int, line: Line) -> None:
        out, text = self.out, line.text
        if self.state in {"front", "recitals"} and not (self.state == "recitals" and self.recital):
            if out.current is None or out.current.segment != "preamble":
                out.close(_TOP)
                out.open(_LOOSE, Node("preamble", "", "preamble", page=line.page))
            return out.add(line)
        if self.state == "annex" and self.annex_line(i, line):
            return None
        note = forms.NOTE.match(text)
        if note and self.state == "annex":
            self.lists.note()
            return out.open(_NOTE_DEPTH, Node(slug(note[1]), note[1], "note", page=line.page)).add(text, page=line.page)
        if self.state in {"body", "annex"} and out.depth() < _LOOSE and self.numbered(line):
            return None
        if out.depth() in {_TABLE_DEPTH, _TABLE_DEPTH + 1}:
            out.close(_TABLE_DEPTH)
        if out.current is None or (out.current.group and not out.current.pieces):
            self.loose += 1
            out.open(_LOOSE, Node(f"p-{self.loose}", "", "paragraph", page=line.page))
        joined = (
            unfinished(self.last) and out.current is not None and bool(out.current.pieces) and not text[:1].isupper()
        )
        return out.add(line, glue(self.last, text) if joined and not line.heading else "\n")

    def listed_name(self, i: int) -> bool:
        """Whether what looks like a heading on a page is one of the names in a list: "JAPAN", "OJSC TSRY".

        In an annex a name in capitals is followed by the next name or by nothing; a heading by a sentence, a number or a table.
        """
        line = self.source[i]
        if line.page is None or not line.text.isupper():
            return False  # formats with marked headings are believed
        after = next((one for one in self.source[i + 1 :] if not forms.MARKER_LINE.match(one.text)), None)
        if after is None or forms.ANNEX.match(after.text):
            return True
        short = len(after.text) < _NAME_LENGTH and not after.text.endswith((".", ":", ";"))
        return short and not after.row and not (forms.MARK.match(after.text) or forms.ENTRY.match(after.text))

    def annex_line(self, i: int, line: Line) -> bool:
        """Headings, control entries and customs codes of an annex."""
        entry, code = forms.ENTRY.match(line.text), forms.CN.match(line.text)
        if entry and forms.ABOUT_ENTRY.match(line.text[entry.end() :]):
            entry = None  # the text of a note: "X.C.IX.002 does not control ..."
        if (line.heading and not entry and not self.listed_name(i)) or forms.CATEGORY.match(line.text):
            self.lists.reset()
            node = Node(slug(line.text, 40) or "heading", line.text, "section", line.text, group=True, page=line.page)
            category = forms.CATEGORY.match(line.text)  # entries are cited by code alone, whatever their category
            node.prefix = not (category or forms.PRODUCT_GROUP.match(line.text))
            self.out.open(2 if category else 3, node)
            return True
        if not entry and not (code and not unfinished(self.last[-1:] if self.last.endswith(",") else "")):
            return False
        label = (entry or code)[1]  # type: ignore[index]
        segment = f"entry-{label}" if entry else f"cn-{re.sub(r'[^0-9]', '', label)}"
        self.lists.reset()
        self.out.open(_ENTRY_DEPTH, Node(segment, label, "entry", page=line.page)).add(line.text, page=line.page)
        return True

    def numbered(self, line: Line) -> bool:
        mark = self.lists.take(line.text, self.last, self.state == "body")
        if mark is None:
            return False
        base = _NOTE_MARK_DEPTH if mark.noted else _MARK_DEPTH
        above = self.out.at(base + mark.depth - 1) if mark.depth else self.out.at(_NOTE_DEPTH) if mark.noted else None
        above = above or self.out.at(_ENTRY_DEPTH) or self.out.at(_ARTICLE_DEPTH)
        own = f"indent {mark.inner}" if mark.name == "dash" else f"({mark.inner})"
        label = f"{above.label}{own}" if above and above.label else line.text.split(" ")[0]
        node = Node(f"{mark.name}-{mark.inner}", label, mark.kind, page=line.page)
        self.out.open(base + mark.depth, node).add(line.text, page=line.page)
        return True


def _coded_row(line: Line, number: int) -> Node:
    """A row of a table; by its customs code where it has a column of them, for that is how annexes are cited."""
    node = table_row(line, number)
    codes = [text for name, text in line.attributes.items() if _CODE_COLUMN.match(name)]
    found = _CODE_CELL.match(codes[0].strip()) if len(codes) == 1 else None
    if found:
        node.segment, node.label = f"cn-{re.sub(r'[^0-9]', '', found[1])}", f"CN {codes[0].strip()}"
    return node
