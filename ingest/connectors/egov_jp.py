"""Japan's statutes from the e-Gov law service, version 2, with version 1 behind it: the law as standard XML.

The XML is turned into plain text, a block a line and a blank line between, as the law is printed: the caption above its
article, then paragraphs and items with their numbers. Readings in small kana (Rt) are no part of the sentence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote, urlencode

from ingest.connectors.base import Element, Item, SourceError, bad_spec, known, read_xml
from ingest.fetch import BadStatus, Fetched, Fetcher

OFFICIAL = "https://laws.e-gov.go.jp"
ACCEPTED = "jp:324AC0000000228 (a law's id on laws.e-gov.go.jp), with @2026-04-01 for a date"
LAW_ID = re.compile(r"[0-9]{3}[A-Z0-9]{2}[0-9A-Z]{10}")
_TITLES = {f"{name}Title" for name in ("Part", "Chapter", "Section", "Subsection", "Division")}


@dataclass(frozen=True)
class EGovJp:
    """`jp:` see ACCEPTED."""

    base: str = OFFICIAL

    def items(self, spec: str, fetcher: Fetcher) -> Iterator[Item]:
        """The one law, as in force on the date or now."""
        law, _, on = spec.partition("@")
        try:
            date.fromisoformat(on or "2000-01-01")
        except ValueError:
            raise bad_spec("jp", spec, ACCEPTED) from None
        if not LAW_ID.fullmatch(law):
            raise bad_spec("jp", spec, ACCEPTED)
        metadata = known(
            source="egov_jp",
            regime="JP",
            kind="law" if law[3:5] == "AC" else "regulation",
            language="ja",
            revision=law,
            version_date=on,
        )

        def get() -> Fetched:
            got = self._law(law, on, fetcher)
            text = law_text(read_xml(got.body, got.final_url), got.final_url)
            return replace(got, body=text.encode(), content_type="text/plain; charset=utf-8")

        yield Item(f"jp:{law}", f"{OFFICIAL}/law/{law}", f"{law}.txt", get, metadata)

    def _law(self, law: str, on: str, fetcher: Fetcher) -> Fetched:
        query = known(response_format="xml", law_full_text_format="xml", asof=on)
        accept = {"Accept": "application/xml"}
        try:
            return fetcher.get(f"{self.base}/api/2/law_data/{quote(law)}?{urlencode(query)}", headers=accept)
        except BadStatus as error:
            if on or error.status not in (404, 406, 500, 501):  # version 1 knows no dates
                raise
        return fetcher.get(f"{self.base}/api/1/lawdata/{quote(law)}", headers=accept)


def law_text(root: Element, place: str) -> str:
    """The law as plain text, its title first. Raises SourceError where the answer holds no law."""
    law: Element = root if root.tag == "Law" else next(root.iter("Law"), None)
    body: Element = law.find("LawBody") if law is not None else None
    if law is None or body is None:
        raise SourceError(place, f"no law came ({_words(root)[:80]})", "check the law's id on laws.e-gov.go.jp")
    out = [_words(body.find("LawTitle"))]
    for element in (law.find("LawNum"), body.find("EnactStatement"), body.find("Preamble")):
        if element is not None:
            out.append(_words(element))
    for part in body:
        if part.tag == "MainProvision":
            out += _provisions(part)
        elif part.tag == "SupplProvision":
            label = _words(part.find("SupplProvisionLabel")).replace(" ", "")
            amending = part.get("AmendLawNum")
            out.append(f"{label or '附則'}{f'（{amending}）' if amending else ''}")
            out += _provisions(part)
        elif isinstance(part.tag, str) and part.tag.startswith("Appdx"):
            out += _appendix(part)
    return "\n\n".join(line for line in out if line.strip()) + "\n"


def _provisions(part: Element) -> list[str]:
    """Everything below a main or supplementary provision, in document order, without recursion."""
    out: list[str] = []
    waiting = list(reversed(part))
    while waiting:
        node = waiting.pop()
        if node.tag in _TITLES:
            out.append(_words(node))
        elif node.tag == "Article":
            out += _article(node)
        elif node.tag == "Paragraph":
            out += _paragraph(node, "")
        elif node.tag != "SupplProvisionLabel" and isinstance(node.tag, str):
            waiting += reversed(node)
    return out


def _article(article: Element) -> list[str]:
    title = _words(article.find("ArticleTitle"))
    out = [_words(article.find("ArticleCaption"))]
    paragraphs = article.findall("Paragraph")
    for at, paragraph in enumerate(paragraphs):
        out += _paragraph(paragraph, title if at == 0 else "")
    return out if paragraphs else [*out, title]


def _paragraph(paragraph: Element, label: str) -> list[str]:
    mark = label or _words(paragraph.find("ParagraphNum"))
    out = [f"{mark} {_words(paragraph.find('ParagraphSentence'))}".strip()]
    waiting = list(reversed(paragraph))
    while waiting:
        node = waiting.pop()
        name = node.tag if isinstance(node.tag, str) else ""
        if name == "Item" or re.fullmatch(r"Subitem\d+", name):
            title, sentence = _words(node.find(f"{name}Title")), _words(node.find(f"{name}Sentence"))
            out.append(f"{title} {sentence}".strip())
            waiting += reversed([child for child in node if child.tag not in (f"{name}Title", f"{name}Sentence")])
        elif name in ("TableStruct", "AmendProvision", "List", "FigStruct", "StyleStruct"):
            out += _rows(node)
    return out


def _appendix(part: Element) -> list[str]:
    title = next((_words(child) for child in part if str(child.tag).endswith("Title")), "")
    related = _words(part.find("RelatedArticleNum"))
    return [f"{title or '別表'}{related}", *_rows(part, skip=("RelatedArticleNum", f"{part.tag}Title"))]


def _rows(part: Element, skip: tuple[str, ...] = ()) -> list[str]:
    """A line a table row, its cells parted by " | "; without a table, all the text."""
    rows = [" | ".join(_words(cell) for cell in row) for row in part.iter("TableRow", "TableHeaderRow")]
    return rows or [text for child in part if child.tag not in skip and (text := _words(child))]


def _words(element: Element) -> str:
    """The text of an element without kana readings."""
    texts = element.xpath("descendant::text()[not(ancestor::Rt)]") if element is not None else ()
    return " ".join("".join(texts).split())
