"""An article page of a Chinese ministry: title, date of publication, the lines of its body, its attachments.

Known of the pages: ArticleTitle and PubDate in meta elements, or JavaScript variables on exportcontrol.mofcom.gov.cn; the
body is an element of one of the classes in _BODIES. Where none is there, the element with most paragraph text is taken.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from ingest.connectors.base import Element, SourceError, iso_date, page_text, read_html
from ingest.fetch import Fetched

_BODIES = (
    *("art-con", "artCon", "art_con", "article-con", "TRS_Editor", "trs_editor_view", "artContent", "zoom", "cont"),
    *("content", "article", "pages_content"),
)
_BLOCKS = frozenset(
    {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "table", "section", "article", "td", "ul", "ol", "title"}
)
_NOT_TEXT = frozenset({"script", "style", "noscript", "template", "iframe", "nav", "header", "footer"})
_ATTACHED = re.compile(r"\.(?:pdf|docx?|xlsx?|wps|et|zip|rar)\Z", re.IGNORECASE)
_LEAST_TEXT = 60  # characters; a page with less is a frame without its article


@dataclass(frozen=True)
class Page:
    """An article page as read. `lines` are its body's lines; `attached` the files it links to, absolute."""

    title: str
    published: str
    lines: tuple[str, ...]
    attached: tuple[str, ...]

    @property
    def head(self) -> str:
        """What decides which announcement it is: the title, then the body."""
        return "\n".join((self.title, *self.lines))


def page(got: Fetched) -> Page:
    """Title, date and body of an article page. Raises SourceError where it has no article."""
    root = read_html(got)
    script = _script(page_text(got))
    meta: Mapping[str, str] = {
        (element.get("name") or element.get("property") or "").lower(): element.get("content") or ""
        for element in root.iter("meta")
    }
    body = _body(root)
    lines = _lines(body)
    if sum(map(len, lines)) < _LEAST_TEXT:
        fix = "open it in a browser and ingest the saved page, or take another of its addresses"
        raise SourceError(got.final_url, "the page has no article in it", fix)
    headings = [one_line("".join(h.itertext())) for h in root.iter("h1", "h2", "h3")]
    titles = [
        meta.get("articletitle", ""),
        script.get("title", ""),
        meta.get("og:title", ""),
        *headings,
        *_lines_of(root, "title"),
    ]
    title = next((one_line(text) for text in titles if one_line(text) and not re.search(r"\?{3}|\ufffd", text)), "")
    dates = [meta.get("pubdate", ""), script.get("publishTime", ""), meta.get("publishdate", "")]
    published = next((day for day in map(iso_date, dates) if day), "")
    files = [urljoin(got.final_url, a.get("href").strip()) for a in body.iter("a") if a.get("href")]
    attached = [link for link in files if _ATTACHED.search(urlsplit(link).path)]
    return Page(title, published, tuple(lines), tuple(dict.fromkeys(attached)))


def _body(root: Element) -> Element:
    """The element with the article: the first known class or id with text, else the element with most paragraph text."""
    for name in _BODIES:
        found = [
            element
            for element in root.iter("div", "td", "article", "section")
            if name in (element.get("class") or "").split() or element.get("id") == name
        ]
        best = max(found, key=_amount, default=None)
        if best is not None and _amount(best) >= _LEAST_TEXT:
            return best
    holders: dict[Element, int] = {}
    for paragraph in root.iter("p"):
        parent = paragraph.getparent()
        holders[parent] = holders.get(parent, 0) + _amount(paragraph)
    best = max(holders, key=lambda holder: holders[holder], default=None)
    if best is not None and holders[best] >= _LEAST_TEXT:
        return best
    whole = root.find("body")
    return root if whole is None else whole


def _amount(element: Element) -> int:
    return sum(map(len, _lines(element)))


def _lines(element: Element) -> list[str]:
    """The text of an element, a line a block; script and furniture left out."""
    pieces: list[str] = []
    waiting: list[tuple[Element, bool]] = [(element, False)]
    while waiting:  # no recursion: pages nest deeper than Python's stack
        node, leaving = waiting.pop()
        skipped = not isinstance(node.tag, str) or node.tag in _NOT_TEXT
        if leaving or skipped:
            pieces.append("\n" if node.tag in _BLOCKS else "")
            pieces.append((node.tail or "") if node is not element else "")
            continue
        pieces.append("\n" if node.tag in _BLOCKS else "")
        pieces.append(node.text or "")
        waiting.append((node, True))
        waiting += [(child, False) for child in reversed(node)]
    return [line for line in map(one_line, "".join(pieces).split("\n")) if line]


def _lines_of(root: Element, tag: str) -> list[str]:
    return [line for element in root.iter(tag) for line in _lines(element)]


def one_line(text: str) -> str:
    return re.sub(r"[\s\u3000\xa0]+", " ", text).strip()


def _script(text: str) -> dict[str, str]:
    """Variables such as `var title = "…";` of exportcontrol.mofcom.gov.cn."""
    return dict(re.findall(r"""var\s+(title|publishTime|source)\s*=\s*["']([^"'\n]{0,300})["']""", text))
