"""Lists published as tables: one provision a record, found by its code where the rows carry one."""

import re
from collections import Counter
from collections.abc import Sequence

from ingest.structure.lines import Line
from ingest.structure.outline import Outline
from ingest.structure.tree import Node

_KEY_COLUMNS = re.compile(
    r"^(?:cell:)?(?:.*\b)?(?:id|code|codes|no|number|ccats|eccn|hs ?code|control[ _]?code|hs10|symbol|section ?number|entity ?number|entry|e|编号|编码|代码|商品编号|海关商品编号|管制编码|序号)$",
    re.IGNORECASE,
)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-/ ]{0,40}")
_MOSTLY = 0.6


def is_list(source: Sequence[Line]) -> bool:
    """Whether most of a document's text stands in table rows."""
    rows = sum(len(line.text) for line in source if line.row)
    return rows > _MOSTLY * sum(len(line.text) for line in source)


def outline(source: Sequence[Line], title: str) -> Outline:
    """Every row a provision: `entry-<code>` where one column identifies the rows of its table, else `table-1/row-5`."""
    out = Outline()
    keys = _keys(source)
    loose = count = 0
    current = ""
    for line in source:
        if not line.row:
            if line.text == title:
                continue
            if line.heading:
                out.close(0)
                out.open(
                    1, Node(f"sec-{len(out.roots) + 1}", line.text, "section", line.text, group=True, prefix=False)
                )
                continue
            loose += 1
            out.open(90, Node(f"p-{loose}", "", "paragraph", page=line.page)).add(line.text, page=line.page)
            continue
        out.close(90)
        table = line.attributes.get("table", "1")
        count = count + 1 if table == current else 1
        current = table
        column = keys.get(table)
        code = line.attributes.get(column, "").strip() if column else ""
        if code:
            node = Node(f"entry-{_segment(code)}", code, "entry", solo=True, absolute=True, page=line.page)
        else:
            row = line.attributes.get("row") or str(count)
            node = Node(f"table-{table}/row-{row}", f"row {row}", "table_row", solo=True, absolute=True, page=line.page)
        node.add(line.text, page=line.page)
        out.leaf(node, 50)
    return out


def _segment(code: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", code).strip("-")


def _keys(source: Sequence[Line]) -> dict[str, str]:
    """For each table the column whose cells are short codes, all of them different, under a heading that says so."""
    tables: dict[str, list[Line]] = {}
    for line in source:
        if line.row:
            tables.setdefault(line.attributes.get("table", "1"), []).append(line)
    keys: dict[str, str] = {}
    for number, rows in tables.items():
        columns = [c for c in rows[0].attributes if c.startswith("cell:")]
        named = [c for c in columns if _KEY_COLUMNS.match(c.removeprefix("cell:").strip())]
        for column in [*named, *(c for c in columns[:1] if c == "cell:1")]:
            cells = [row.attributes.get(column, "").strip() for row in rows]
            unique = len(set(cells)) > 0.98 * len(cells)
            if unique and all(_CODE.fullmatch(cell) for cell in cells) and _codes(cells, column):
                keys[number] = column
                break
    return keys


def _codes(cells: Sequence[str], column: str) -> bool:
    """A column without a heading holds codes only where most cells have a digit; plain row numbers are not codes."""
    counting = sum(1 for i, cell in enumerate(cells, 1) if cell == str(i))
    if counting > len(cells) // 2:
        return False
    digits = Counter(any(c.isdigit() for c in cell) for cell in cells)
    return column != "cell:1" or digits[True] > _MOSTLY * len(cells)
