"""Japanese statutes: 第一章 over （見出し）第一条, 項 ２, 号 一, イ, （１）; branch articles 第二十五条の二 (art-25-2)."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.structure import numerals
from ingest.structure.lines import Line
from ingest.structure.numerals import CHINESE
from ingest.structure.outline import Outline, table_row
from ingest.structure.tree import Node

_N = rf"(?:{CHINESE}|[\d０-９]+)"
_GROUP = re.compile(rf"^第({_N})(編|章|節|款|目)(?:の({_N}))?[\s　]*(.{{0,60}})$")
_ARTICLE = re.compile(rf"^第({_N})条((?:の{_N})*)(?=[\s　（(]|$|、|及び|から)")
_CAPTION = re.compile(r"^[（(][^（）()]{1,60}[）)]$")
_SUPPLEMENTARY = re.compile(r"^附[\s　]*則")
_TABLE = re.compile(rf"^別表(?:第({_N}))?[\s　]*(.{{0,60}})$")
_PARAGRAPH = re.compile(r"^([０-９]{1,2}|[1-9]\d?)[\s　](?=\S)")
_NUMBERS: tuple[tuple[re.Pattern[str], str, int], ...] = (
    (re.compile(rf"^({CHINESE}(?:の{CHINESE})?)[\s　]"), "item", 21),
    (re.compile(r"^([イロハニホヘトチリヌルヲワカヨタレソツネナラム])[\s　、]"), "sub", 22),
    (re.compile(r"^[（(]([０-９\d]{1,2})[）)]"), "point", 23),
    (re.compile(r"^[（(]([ｉｖｘivx]{1,5})[）)]"), "point", 24),
)
_CONTENTS = re.compile(r"^目\s*次$")
_NUMBERING = re.compile(r"ArticleTitle|ParagraphNum|ItemTitle|Subitem\d*Title")
_DEPTH = {"編": 1, "章": 2, "節": 3, "款": 4, "目": 5}
_SEGMENT = {"編": "book", "章": "chap", "節": "div", "款": "subdiv", "目": "subsubdiv"}
_ARTICLE_DEPTH, _PAR_DEPTH, _LOOSE = 10, 20, 90


def is_japanese_law(source: Sequence[Line]) -> bool:
    """Whether a line opens an article 第N条 as Japanese acts do."""
    return any(_ARTICLE.match(line.text) for line in source)


def outline(source: Sequence[Line], title: str) -> Outline:
    """The tree of a Japanese act."""
    out = Outline()
    caption = ""
    last: tuple[int, ...] = (0,)
    rows = 0
    for line in _whole(source, out):
        text = line.text
        if line.row:
            rows += 1
            out.open(40, table_row(line, rows))
            continue
        if text == title and not out.roots:
            continue
        group, article = _GROUP.match(text), _ARTICLE.match(text)
        key = _key(article) if article else (0,)
        if _CAPTION.match(text):
            caption = text
        elif group and not text.endswith("。"):
            number = "-".join(str(numerals.chinese(g)) for g in (group[1], group[3]) if g)
            label = text[: group.start(4)].strip() if group[4] else text
            node = Node(f"{_SEGMENT[group[2]]}-{number}", label, "section", group[4].strip(), group=True, prefix=False)
            out.open(_DEPTH[group[2]], node)
        elif _SUPPLEMENTARY.match(text):
            out.close(0)
            out.open(1, Node("supplementary", text, "section", group=True, page=line.page))
            last = (0,)
        elif (table := _TABLE.match(text)) and "。" not in text:
            out.close(0)
            name = f"table-annex-{numerals.chinese(table[1]) if table[1] else 1}"
            out.open(6, Node(name, text, "annex", group=True, page=line.page))
        elif article and key > last:
            last = key
            node = Node("art-" + "-".join(map(str, key)), article[0], "article", caption, page=line.page)
            out.open(_ARTICLE_DEPTH, node).add(text, page=line.page)
            caption = ""
        else:
            _below(out, line)
    if caption:
        out.omit(caption)
    _first_paragraph(out.roots)
    return out


def _first_paragraph(nodes: Sequence[Node]) -> None:
    """The first 項 of an article bears no number where a second follows: what stands before that is paragraph 1."""
    for node in nodes:
        numbered = [i for i, child in enumerate(node.children) if child.segment.startswith("par-")]
        if node.kind == "article" and numbered and node.pieces:
            first = Node("par-1", "", "paragraph", page=node.page)
            first.pieces, first.children = node.pieces, node.children[: numbered[0]]
            node.pieces, node.children = [], [first, *node.children[numbered[0] :]]
        _first_paragraph(node.children)


def _whole(source: Sequence[Line], out: Outline) -> list[Line]:
    """Lines as a reader sees them: in e-Gov's XML numbers (ArticleTitle, ParagraphNum) and sentences are elements apart.

    The table of contents is left out.
    """
    contents = next((i for i, line in enumerate(source) if _CONTENTS.match(line.text)), None)
    skip: set[int] = set()
    if contents is not None and contents + 1 < len(source):
        first = source[contents + 1].text
        again = next((j for j in range(contents + 2, len(source)) if source[j].text == first), None)
        skip = set(range(contents, again)) if again else set()
    merged: list[Line] = []
    number = ""
    for i, line in enumerate(source):
        tag = line.attributes.get("tag", "")
        if i in skip or tag == "LawTitle":
            out.omit(line.text)
        elif _NUMBERING.fullmatch(tag):
            number = f"{number} {line.text}".strip()
        elif tag == "Sentence" and merged and not number and merged[-1].attributes.get("tag") == "Sentence":
            merged[-1] = replace(merged[-1], text=f"{merged[-1].text} {line.text}")
        else:
            merged.append(replace(line, text=f"{number} {line.text}".strip()))
            number = ""
    if number:
        merged.append(replace(source[-1], text=number))
    return merged


def _key(found: re.Match[str]) -> tuple[int, ...]:
    branches = [numerals.chinese(b) or 0 for b in found[2].split("の") if b]
    return (numerals.chinese(found[1]) or 0, *branches)


def _below(out: Outline, line: Line) -> None:
    if out.at(_ARTICLE_DEPTH) is not None or any(
        r.segment in {"supplementary"} or r.kind == "annex" for r in out.roots[-1:]
    ):
        paragraph = _PARAGRAPH.match(line.text)
        if paragraph:
            number = numerals.chinese(paragraph[1])
            node = Node(f"par-{number}", paragraph[1], "paragraph", page=line.page)
            out.open(_PAR_DEPTH, node).add(line.text, page=line.page)
            return
        for pattern, kind, depth in _NUMBERS:
            if found := pattern.match(line.text):
                parts = [numerals.kana(b) or numerals.chinese(b) or b for b in found[1].split("の")]
                node = Node(f"{kind}-" + "-".join(map(str, parts)), found[0].strip(), "item", page=line.page)
                out.open(depth, node).add(line.text, page=line.page)
                return
    if out.current is None or (out.current.group and not out.current.pieces):
        out.open(_LOOSE, Node("preamble" if not out.roots else f"p-{len(out.roots)}", "", "preamble", page=line.page))
    out.add(line)
