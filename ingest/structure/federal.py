"""United States federal regulations: PART, Subpart, § 744.2, (a)(1)(i)(A); supplements and appendices; definitions.

Paragraph levels are those of 1 CFR 21.11: (a), (1), (i), (A), then italic (1), (i). A paragraph without a number joins the
one before it, except in a section of definitions, where it opens a new term.
"""

import re

from ingest.structure import federal_acts as forms
from ingest.structure.federal_acts import Act
from ingest.structure.ladder import Rung, place, readings
from ingest.structure.lines import Line
from ingest.structure.outline import Outline, table_row
from ingest.structure.plain import slug
from ingest.structure.tree import Node

_SUBPART_DEPTH, _SECTION_DEPTH, _TERM_DEPTH, _MARK_DEPTH, _NOTE_DEPTH, _TABLE_DEPTH = 2, 10, 15, 20, 40, 50


def outline(act: Act) -> Outline:
    """The tree of one part or supplement."""
    return _Reader(act).run()


class _Reader:
    def __init__(self, act: Act) -> None:
        self.act, self.out = act, Outline()
        self.section, self.defining = "", False
        self.stack: list[Rung] = []
        self.rows = self.tables = self.notes = self.loose = self.headings = 0
        self.upcoming = [_marks(line.text) if not line.heading and not line.row else [] for line in act.lines]

    def run(self) -> Outline:
        for i, line in enumerate(self.act.lines):
            self.line(i, line)
        return self.out

    def line(self, i: int, line: Line) -> None:
        text, out = line.text, self.out
        if line.row:
            return self.row(line)
        self.rows = 0
        section = forms.SECTION.match(text)
        if section and (
            line.heading
            or line.attributes.get("TYPE") == "SECTION"
            or section[2][:1].isupper()
            or section[2].startswith("[")
        ):
            return self.open_section(section[1], section[2].strip(), line)
        if line.heading and line.attributes.get("TYPE") == "SECTION" and (named := forms.BARE_SECTION.match(text)):
            return self.open_section(named[1], named[2].strip(), line)  # 48 CFR prints no section sign
        subpart = forms.SUBPART.match(text)
        if subpart and (line.heading or text.isupper()):
            letter, title = subpart[1] or subpart[3], (subpart[2] or "").strip()
            node = Node(
                f"subpart-{letter}", f"Subpart {letter}", "section", title, group=True, prefix=False, page=line.page
            )
            if not (title == "" and any(n.segment == node.segment for n in out.roots)):
                self.section = ""
                out.open(_SUBPART_DEPTH, node)
            return None
        if forms.PART_AGAIN.match(text) or (forms.ABOVE.match(text) and not self.section):
            return out.omit(text)
        if line.heading:
            return self.heading(line)
        if forms.FRONT.match(text) and not self.section:
            return self.loose_text(line, "preamble")
        if forms.CITATION.match(text):
            out.leaf(self.filled(Node("source", "", "note", page=line.page), line), _SECTION_DEPTH + 1)
            return None
        if forms.NOTE.match(text):
            return self.note(line)
        return self.paragraph(i, line)

    def filled(self, node: Node, line: Line) -> Node:
        node.add(line.text, page=line.page)
        return node

    def open_section(self, number: str, title: str, line: Line) -> None:
        here = self.out.at(_SECTION_DEPTH)
        if number == self.section and here is not None and not title:
            return self.out.omit(line.text)
        self.section, self.stack = number, []
        self.notes = self.tables = self.headings = 0
        self.defining = bool(re.search(r"\bdefinitions?\b", title, re.IGNORECASE))
        node = Node(f"sec-{number}", f"§ {number}", "section", f"§ {number} {title}".strip(), page=line.page)
        self.out.open(_SECTION_DEPTH, node)
        return None

    def heading(self, line: Line) -> None:
        depth = 3 if not self.section else _SECTION_DEPTH + 1
        self.headings += 1
        self.stack = []
        self.out.open(
            depth, Node(f"heading-{self.headings}", line.text, "section", line.text, group=True, page=line.page)
        )

    def loose_text(self, line: Line, kind: str) -> None:
        self.loose += 1
        name = (
            kind
            if kind == "preamble" and self.loose == 1
            else f"{kind}-{self.loose}"
            if kind == "preamble"
            else f"p-{self.loose}"
        )
        self.out.leaf(
            self.filled(
                Node(name, line.text.split(":")[0] if ":" in line.text[:20] else "", kind, page=line.page), line
            ),
            4,
        )

    def row(self, line: Line) -> None:
        self.rows += 1
        if self.rows == 1:
            self.tables += 1
            name = f"table-{line.attributes.get('table') or self.tables}"
            self.out.open(_TABLE_DEPTH, Node(name, line.attributes.get("caption", ""), "table_row", page=line.page))
        table = self.out.at(_TABLE_DEPTH)
        if table is not None:
            table.child(table_row(line, self.rows))

    def note(self, line: Line) -> None:
        self.notes += 1
        self.out.open(
            _NOTE_DEPTH, self.filled(Node(f"note-{self.notes}", _note_label(line.text), "note", page=line.page), line)
        )

    def paragraph(self, i: int, line: Line) -> None:
        rest, glue, opened = line.text, "\n", False
        while found := forms.MARK.match(rest):
            # a second mark on the line must open below the first: "(b) (1) You must ...", "(e) Samples. (1) A sample ..."
            placed = place(readings(found[1], ")"), self.stack, self.after(i, rest[found.end() :]))
            if placed is None or (opened and (placed[0] != len(self.stack) or placed[1].ordinal != 1)):
                break
            depth, rung = placed
            last = [r for r in readings(found[2] or "", ")") if r.style == rung.style and r.ordinal > rung.ordinal]
            if last:  # "(c)–(g) [Reserved]"
                rung = last[0]
            elif found[2]:  # "(4) —(i)" is two marks
                found = forms.ONE_MARK.match(rest) or found
            del self.stack[depth:]
            self.stack.append(rung)
            node = Node(found[1], self.label(found[1], depth), "paragraph", page=line.page)
            self.out.open(_MARK_DEPTH + depth, node)
            end = found.end()
            if caption := forms.CAPTION.match(rest[end:]):
                end += caption.end()
            further = forms.MARK.match(rest[end:])
            if not further:
                node.add(rest, glue, line.page)
                return
            node.add(rest[:end].rstrip(), glue, line.page)
            rest, glue, opened = rest[end:], " ", True
        if opened and self.out.current is not None:
            self.out.current.add(rest.strip(), " ", line.page)
            return
        self.unnumbered(line)

    def after(self, i: int, rest: str) -> list[list[Rung]]:
        """The marks to come: on the same line, then at the head of the lines below, up to the next section."""
        ahead = [same] if (same := _marks(rest)) else []
        for j in range(i + 1, min(i + 120, len(self.act.lines))):
            if self.act.lines[j].heading and forms.SECTION.match(self.act.lines[j].text):
                break
            if self.upcoming[j]:
                ahead.append(self.upcoming[j])
        return ahead

    def label(self, inner: str, depth: int) -> str:
        above = self.out.at(_MARK_DEPTH + depth - 1) if depth else self.out.at(_SECTION_DEPTH)
        return f"{above.label if above else ''}({inner})"

    def unnumbered(self, line: Line) -> None:
        out = self.out
        if self.defining and line.first:
            self.stack = []
            section = out.at(_SECTION_DEPTH)
            terms = [n for n in section.children if n.kind == "definition"] if section else []
            found = forms.TERM.match(line.text)
            name = slug(found[1]) if found else ""
            if section is not None and (terms or found or section.pieces):
                segment = f"def-{name}" if name else f"p-{len(section.children) + 1}"
                label = found[1] if found and name else f"§ {self.section}"
                out.open(_TERM_DEPTH, self.filled(Node(segment, label, "definition", page=line.page), line))
                return None
        if out.at(_SECTION_DEPTH) is None and out.depth() < _MARK_DEPTH:
            group = out.current
            if group is None or not group.group or group.segment.startswith("subpart"):
                return self.loose_text(line, "paragraph")
        if self.rows or out.depth() >= _NOTE_DEPTH:
            out.close(_NOTE_DEPTH)
        out.add(line)
        return None


def _note_label(text: str) -> str:
    found = forms.NOTE.match(text)
    return found[0].rstrip(":. ") if found else "Note"


def _marks(text: str) -> list[Rung]:
    found = forms.MARK.match(text)
    return list(readings(found[1], ")")) if found else []
