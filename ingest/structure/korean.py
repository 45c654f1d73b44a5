"""Korean statutes: 제1장 over 제1조(목적), 항 ①, 호 1., 목 가.; branch articles 제19조의2 (art-19-2)."""

import re
from collections.abc import Sequence

from ingest.structure import dates, numerals
from ingest.structure.lines import Line
from ingest.structure.outline import Outline, table_row
from ingest.structure.tree import Node

_GROUP = re.compile(r"^제\s?(\d+)(편|장|절|관)(?:의(\d+))?\s*(.{0,80})$")
_ARTICLE = re.compile(r"^제\s?(\d{1,5})조(?:의\s?(\d{1,5}))?(?:\s*[(（]([^)）]{1,120})[)）])?(?=[\s①<\[]|$)")
_ADDENDA = re.compile(r"^부\s*칙(?:\s|<|$)")
_ANNEX = re.compile(r"^\[?별표\s*(\d+)?\]?\s*(.{0,80})$")
_NUMBERS: tuple[tuple[re.Pattern[str], str, int], ...] = (
    (re.compile(r"^([①-⑳㉑-㉟])\s*"), "par", 20),
    (re.compile(r"^(\d{1,3}(?:의\d{1,2})?)\.\s"), "item", 21),
    (re.compile(r"^([가-하])\.\s"), "sub", 22),
    (re.compile(r"^(\d{1,3})\)\s"), "point", 23),
)
_DEPTH = {"편": 1, "장": 2, "절": 3, "관": 4}
_SEGMENT = {"편": "book", "장": "chap", "절": "div", "관": "subdiv"}
_ARTICLE_DEPTH, _LOOSE = 10, 90


def is_korean_law(source: Sequence[Line]) -> bool:
    """Whether at least two lines open an article 제N조."""
    return sum(1 for line in source if _ARTICLE.match(line.text)) > 1


def outline(source: Sequence[Line], title: str) -> Outline:
    """The tree of a Korean act."""
    out, last, above = Outline(), (0, 0), ""
    tables = 0
    for line in source:
        text = line.text
        if line.row:
            tables += 1
            out.open(40, table_row(line, tables))
            continue
        if text == title and not out.roots:
            continue
        group, article = _GROUP.match(text), _ARTICLE.match(text)
        if group and not text.endswith("다."):
            node = Node(
                f"{_SEGMENT[group[2]]}-{group[1]}",
                f"제{group[1]}{group[2]}",
                "section",
                group[4].strip(),
                group=True,
                prefix=False,
            )
            out.open(_DEPTH[group[2]], node)
        elif _ADDENDA.match(text):
            above = f"{above}addenda"
            out.close(0)
            out.open(1, Node("addenda", text, "section", group=True, page=line.page))
            last = (0, 0)
        elif (annex := _ANNEX.match(text)) and (line.heading or text.startswith("[")):
            out.close(0)
            out.open(
                5,
                Node(
                    f"annex-{annex[1] or 1}",
                    text[: annex.start(2)].strip() or text,
                    "annex",
                    annex[2].strip(),
                    group=True,
                    page=line.page,
                ),
            )
        elif article and (int(article[1]), int(article[2] or 0)) > last:
            last = (int(article[1]), int(article[2] or 0))
            _article(out, line, article)
        else:
            _below(out, line)
    return out


def _article(out: Outline, line: Line, found: re.Match[str]) -> None:
    number = f"{found[1]}-{found[2]}" if found[2] else found[1]
    label = re.sub(r"\s", "", line.text[: found.start(3) - 1] if found[3] else found[0])
    node = out.open(_ARTICLE_DEPTH, Node(f"art-{number}", label, "article", found[3] or "", page=line.page))
    node.effective = dates.compact(line.attributes.get("effectiveDate", ""))
    rest = line.text[found.end() :].strip()
    paragraph = _NUMBERS[0][0].match(rest)
    if paragraph:
        node.add(line.text[: found.end()], page=line.page)
        _number(out, Line(rest, line.kind, page=line.page), " ")
    else:
        node.add(line.text, page=line.page)


def _number(out: Outline, line: Line, glue: str) -> bool:
    for pattern, kind, depth in _NUMBERS:
        found = pattern.match(line.text)
        if not found:
            continue
        inner = found[1]
        number = numerals.circled(inner) or numerals.hangul(inner) or inner.replace("의", "-")
        node = Node(f"{kind}-{number}", found[0].strip(), "paragraph" if kind == "par" else "item", page=line.page)
        out.open(depth, node).add(line.text, glue, line.page)
        return True
    return False


def _below(out: Outline, line: Line) -> None:
    if (out.at(_ARTICLE_DEPTH) is not None or out.at(5) is not None) and _number(out, line, "\n"):
        return
    if out.current is None or (out.current.group and not out.current.pieces):
        out.open(_LOOSE, Node("preamble" if not out.roots else f"p-{len(out.roots)}", "", "preamble", page=line.page))
    out.add(line)
