"""Chinese acts: 编 章 节 over 条, 款 counted by paragraph, 项 （一）, 目 1.; announcements by 一、（一）1.; control codes; 附件.

Laws number articles 第十二条 and put those added later after it as 第十二条之一 (art-12-1). An article of one paragraph has
no 款: its items are art-4/item-1, as such articles are cited. 《立法法》第六十五条 lays the levels down.
"""

import re
from collections.abc import Sequence

from ingest.structure import numerals
from ingest.structure.lines import Line, glue, unfinished
from ingest.structure.numerals import CHINESE
from ingest.structure.outline import Outline, table_row
from ingest.structure.tree import Node

_N = rf"(?:{CHINESE}|[\d０-９]+)"
_GROUP = re.compile(rf"^第({_N})(分编|编|部分|章|节)(?=[\s　]|$|[一-龥])[\s　]*(.{{0,60}})$")
_ARTICLE = re.compile(rf"^第({_N})条(?:之({_N}))?(?P<after>[\s　]*)(?P<rest>.*)$", re.DOTALL)
_ANNEX = re.compile(rf"^附\s*(件|表|录|錄|則表)\s*({_N})?\s*(?:[:：]\s*|[\s　]+|$)(.{{0,60}})$")
_CODE = re.compile(
    r"^(?:(?:\d+[.．、]|[（(](?:\d+|[一二三四五六七八九十]+)[）)])\s*)?(\d[A-E]\d{3})((?:\.[a-z0-9]{1,3}){0,8})[.。、:：\s]*"
)
_CONTENTS = re.compile(r"^目\s*[录次錄]$")
_DATE_LINE = re.compile(rf"^(?:\d{{4}}|[二〇零○一九]{{4}})年(?:{_N})月(?:{_N})日$")
_SUPPLEMENTARY = re.compile(r"^(附\s*则|附\s*則|总\s*则|分\s*则)$")
_NUMBERS: tuple[tuple[re.Pattern[str], str, int], ...] = (
    (re.compile(rf"^({CHINESE})、"), "par", 21),
    (re.compile(rf"^[（(]({CHINESE})[）)]"), "item", 22),
    (re.compile(r"^(\d{1,3}|[０-９]{1,3})(?:[．、]|\.(?!\d))"), "sub", 23),
    (re.compile(r"^[（(](\d{1,3}|[０-９]{1,3})[）)]"), "point", 24),
    (re.compile(r"^([①-⑳])"), "point", 25),
)
_DEPTH = {"编": 1, "分编": 2, "部分": 2, "章": 3, "节": 4}
_GROUP_SEGMENT = {"编": "book", "分编": "subbook", "部分": "portion", "章": "chap", "节": "div"}
_ANNEX_DEPTH, _ARTICLE_DEPTH, _PAR_DEPTH, _CODE_DEPTH, _LOOSE_DEPTH = 5, 10, 20, 30, 90
_NOT_AFTER = "的、和至及或与所规第款项，。；）》"
_SENTENCE = re.compile(r"[。；，]")
_SIGNATURE = 8  # lines within which an announcement's date follows the list of what is attached
_FILE = re.compile(r"\.(?:docx?|xlsx?|pdf|wps|et|ofd|zip|rar)$", re.IGNORECASE)
_FOOTER = re.compile(r"版权所有|网站标识码|ICP备|公网安备|主办单位|技术支持")
_OWN_LINE = re.compile(r"^[^，。]{0,40}公告\s*[（(]?\d{4}\s*年第?\s*\d+\s*号[）)]?$")


def outline(source: Sequence[Line], title: str) -> Outline:
    """The tree of an act in Chinese. The title line itself is left to the record."""
    return _Reader(source, title).run()


class _Reader:
    def __init__(self, source: Sequence[Line], title: str) -> None:
        self.source, self.title = source, re.sub(r"\s", "", title)
        self.out = Outline()
        self.article = self.added = self.pars = 0
        self.articled = any(_ARTICLE.match(line.text) and _is_article(line.text, 0, 0) for line in source)
        self.last, self.rows, self.tables, self.titled = "", 0, 0, False
        self.signed = False

    def run(self) -> Outline:
        skip_until = self.contents()
        for i, line in enumerate(self.source):
            if i in skip_until:
                self.out.omit(line.text)
                continue
            self.line(i, line)
            self.last = "" if line.heading or line.row else line.text
        _hoist(self.out.roots)
        return self.out

    def contents(self) -> set[int]:
        """The lines of a table of contents: from 目录 to the line before its first heading comes again."""
        for i, line in enumerate(self.source[:-2]):
            if _CONTENTS.match(line.text):
                first = re.sub(r"\s", "", self.source[i + 1].text)
                again = (
                    j
                    for j in range(i + 2, len(self.source))
                    if re.sub(r"\s", "", self.source[j].text).startswith(first)
                )
                end = next(again, None)
                if end and not any(_SENTENCE.search(self.source[j].text) for j in range(i + 1, end)):
                    return set(range(i, end))
        return set()

    def line(self, i: int, line: Line) -> None:
        if line.row:
            return self.row(line)
        self.rows = 0
        text = line.text
        if not self.titled and re.sub(r"[\s　#]", "", text) == self.title:
            self.titled = True
            return None
        broken = unfinished(self.last) and not line.heading and _ARTICLE_DEPTH <= self.out.depth() < _LOOSE_DEPTH
        if self.signed and _FOOTER.search(text):
            return self.out.omit(text)  # the page's own foot, below the act's date
        self.signed = self.signed or bool(self.out.roots and _DATE_LINE.match(text))
        if self.attached(i, line):
            return self.closing(line)
        if self.group(line) or self.annex(line) or self.take_article(line, broken):
            return None
        if self.code(line) or self.number(line):
            return None
        return self.plain(line, broken)

    def row(self, line: Line) -> None:
        if not self.rows:
            self.tables += 1
            self.out.open(40, Node(f"table-{line.attributes.get('table') or self.tables}", "", "table_row"))
        self.rows += 1
        table = self.out.at(40)
        if table is not None:
            table.child(table_row(line, self.rows))

    def group(self, line: Line) -> bool:
        found = _GROUP.match(line.text)
        if found and (line.heading or not _SENTENCE.search(line.text)) and not unfinished_reference(line.text):
            number, unit, title = numerals.chinese(found[1]) or 0, found[2], found[3].strip()
            label = f"第{found[1]}{unit}"
            annexed = self.out.at(_ANNEX_DEPTH) is not None
            depth = _DEPTH[unit] + (_ANNEX_DEPTH if annexed else 0)
            name = f"{_GROUP_SEGMENT[unit]}-{number}"
            self.out.open(depth, Node(name, label, "section", title, group=True, prefix=annexed, page=line.page))
            return True
        if _SUPPLEMENTARY.match(line.text) and line.heading:
            self.out.open(1, Node("final", line.text, "section", group=True, prefix=False, page=line.page))
            return True
        return False

    def attached(self, i: int, line: Line) -> bool:
        """Whether a line names what is attached to an announcement ("附件：清单.docx") rather than beginning the annex itself.

        The signature and the date still follow it, or it is a file's name.
        """
        found = _ANNEX.match(line.text)
        if not found or line.heading or not found[3] or self.articled:
            return False
        below = self.source[i + 1 : i + 1 + _SIGNATURE]
        return bool(_FILE.search(line.text)) or any(_DATE_LINE.match(one.text) for one in below)

    def closing(self, line: Line) -> None:
        """The end of an announcement: when it applies, what is attached, who signed it and when."""
        here = self.out.at(_LOOSE_DEPTH)
        if here is None or here.segment != "closing":
            self.out.close(0)
            here = self.out.open(_LOOSE_DEPTH, Node("closing", "", "notice", page=line.page))
        here.add(line.text, page=line.page)

    def annex(self, line: Line) -> bool:
        found = _ANNEX.match(line.text)
        if not found or (_SENTENCE.search(found[3]) and not line.heading):
            return False
        if self.articled and not self.article:
            return False
        number = numerals.chinese(found[2]) if found[2] else None
        kind = {"表": "table-annex"}.get(found[1], "annex")
        label = (
            line.text[: found.start(3)].strip().rstrip(":：").strip() if found[3] else line.text.rstrip(":：").strip()
        )
        node = Node(
            f"{kind}-{number}" if number else kind, label, "annex", found[3].strip(), group=True, page=line.page
        )
        self.out.close(0)
        self.out.open(_ANNEX_DEPTH, node)
        return True

    def take_article(self, line: Line, broken: bool) -> bool:
        found = _ARTICLE.match(line.text)
        if not found or not _is_article(line.text, self.article, self.added):
            return False
        number, added = numerals.chinese(found[1]) or 0, numerals.chinese(found[2]) if found[2] else 0
        expected = number == self.article + 1 or (number == self.article and (added or 0) == self.added + 1)
        if broken and not expected:
            return False
        in_annex = self.out.at(_ANNEX_DEPTH)
        if not expected and number < self.article and in_annex is None:
            return False
        self.article, self.added, self.pars = number, added or 0, 1
        label = line.text[: found.end("after") - len(found["after"])].strip()
        segment = f"art-{number}-{added}" if added else f"art-{number}"
        node = self.out.open(_ARTICLE_DEPTH, Node(segment, label, "article", page=line.page))
        par = Node("par-1", "", "paragraph", page=line.page)
        node.child(par)
        self.out._open.append((_PAR_DEPTH, par))
        par.add(line.text, page=line.page)
        return True

    def code(self, line: Line) -> bool:
        """A control code at the head of a line: 1C905.a.4 is entry-1C905/a/4, each level below the one before."""
        found = _CODE.match(line.text)
        if not found:
            return False
        steps = [s for s in found[2].split(".") if s]
        entry = self.out.at(_CODE_DEPTH)
        if entry is None or entry.segment != f"entry-{found[1]}":
            entry = self.out.open(_CODE_DEPTH, Node(f"entry-{found[1]}", found[1], "entry", page=line.page))
        for i, step in enumerate(steps, 1):
            here = self.out.at(_CODE_DEPTH + i)
            if here is None or here.segment != step:
                label = ".".join([found[1], *steps[:i]])
                self.out.open(_CODE_DEPTH + i, Node(step, label, "entry", page=line.page))
        self.out.close(_CODE_DEPTH + len(steps) + 1)
        self.out.add(line)
        return True

    def number(self, line: Line) -> bool:
        for pattern, kind, depth in _NUMBERS:
            found = pattern.match(line.text)
            if found is None:
                continue
            number = numerals.circled(found[1]) or numerals.chinese(found[1])
            if number is None or (kind == "par" and self.out.at(_ARTICLE_DEPTH) and self.out.at(_PAR_DEPTH) is None):
                return False
            if self.out.at(_CODE_DEPTH) is not None and depth > 22:
                depth += _CODE_DEPTH
            node = Node(f"{kind}-{number}", found[0].strip(), "item" if kind != "par" else "paragraph", page=line.page)
            self.out.open(depth, node)
            node.add(line.text, page=line.page)
            return True
        return False

    def plain(self, line: Line, broken: bool) -> None:
        out, text = self.out, line.text
        if broken and out.current is not None and out.current.pieces:
            return out.add(line, glue(self.last, text))
        article = out.at(_ARTICLE_DEPTH)
        if article is not None and out.at(_CODE_DEPTH) is None:
            self.pars += 1
            out.open(_PAR_DEPTH, Node(f"par-{self.pars}", "", "paragraph", page=line.page)).add(text, page=line.page)
            return None
        closing = not self.articled and (
            text.startswith(("本公告自", "本通知自", "特此公告")) or _DATE_LINE.match(text)
        )
        here = out.current
        if closing and out.depth() >= _PAR_DEPTH and not (here is not None and here.segment == "closing"):
            return self.closing(line)
        if out.current is None:
            kind = "preamble" if self.articled or self.numbered() else "notice"
            out.open(_LOOSE_DEPTH, Node("preamble" if kind == "preamble" else "p-1", "", kind, page=line.page))
        elif out.depth() == _LOOSE_DEPTH and out.current.segment.startswith("p-"):
            out.open(_LOOSE_DEPTH, Node(f"p-{len(out.roots) + 1}", "", "notice", page=line.page))
        elif line.heading:
            out.open(20, Node(f"sec-{1 + len(self.siblings())}", text, "section", text, group=True, page=line.page))
            return None
        return out.add(line)

    def siblings(self) -> list[Node]:
        self.out.close(20)
        return self.out.current.children if self.out.current else self.out.roots

    def numbered(self) -> bool:
        return any(_NUMBERS[0][0].match(line.text) for line in self.source)


def unfinished_reference(text: str) -> bool:
    """Whether a line that begins with 第三章 is a sentence about chapter three rather than its heading."""
    return bool(re.search(r"(规定|所称|执行|处罚|适用)", text)) and len(text) > 30


def _is_article(text: str, last: int, added: int) -> bool:
    found = _ARTICLE.match(text)
    if not found:
        return False
    number = numerals.chinese(found[1])
    rest = found["rest"]
    if number is None:
        return False
    if found["after"] or not rest or rest[0] in "（(【[":
        return True
    if rest[0] in _NOT_AFTER:
        return False
    return number == last + 1 or (number == last and (numerals.chinese(found[2] or "") or 0) == added + 1)


def _hoist(nodes: Sequence[Node]) -> None:
    """Articles of one paragraph have no 款: its text and items become the article's own."""
    for node in nodes:
        if node.kind == "article" and len(node.children) == 1 and node.children[0].segment == "par-1":
            only = node.children[0]
            node.pieces, node.children = only.pieces, only.children
        _hoist(node.children)


def is_structured(source: Sequence[Line]) -> bool:
    """Whether a Chinese text is divided as acts and announcements are: articles, 一、二、, or control codes."""
    articles = sum(1 for line in source if _is_article(line.text, 0, 0))
    numbered = sum(1 for line in source if _NUMBERS[0][0].match(line.text))
    codes = sum(1 for line in source if _CODE.match(line.text))
    return articles > 0 or numbered > 1 or codes > 1 or any(_OWN_LINE.search(line.text) for line in source[:6])
