"""Anything without a legal structure of its own: headings and paragraphs, so that every document can be cited."""

import re
from collections.abc import Sequence

from ingest.structure.lines import Line
from ingest.structure.outline import Outline, table_row
from ingest.structure.tree import Node

_SLUG = re.compile(r"[^a-z0-9]+")
_SHORT = 60


def slug(text: str, limit: int = _SHORT) -> str:
    """ASCII letters and digits of `text` joined by hyphens, at most `limit` characters; "" where there are none."""
    return _SLUG.sub("-", text.lower()).strip("-")[:limit].strip("-")


def outline(source: Sequence[Line], title: str, kind: str = "paragraph") -> Outline:
    """Headings as groups (`sec-1/sec-2`), paragraphs below them as provisions of `kind` (`p-1`), rows under their table."""
    out = Outline()
    tables = rows = 0
    for i, line in enumerate(source):
        if i == 0 and line.text == title and len(source) > 1 and not line.row:
            continue
        if line.row:
            rows += 1
            if rows == 1:
                tables += 1
                out.open(80, Node(f"table-{line.attributes.get('table') or tables}", "", "table_row", group=True))
            table = out.at(80)
            if table is not None:
                table.child(table_row(line, rows, solo=True))
            continue
        rows = 0
        out.close(80)
        if line.heading:
            if not out.roots and line.text == title:
                continue
            depth = max(1, line.level)
            out.open(depth, Node("", line.text, "section", line.text, group=True, page=line.page))
            continue
        out.open(90, Node("", "", kind, solo=True, page=line.page)).add(line.text, page=line.page)
    _number(out.roots)
    return out


def _number(nodes: Sequence[Node]) -> None:
    sections = paragraphs = 0
    for node in nodes:
        if node.segment:
            continue
        if node.group:
            sections += 1
            node.segment = f"sec-{sections}"
            _number(node.children)
        else:
            paragraphs += 1
            node.segment, node.label = f"p-{paragraphs}", ""
