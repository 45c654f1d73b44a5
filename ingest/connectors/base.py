"""What every connector gives: items, each a document that can be fetched when it is wanted.

Keys of `Item.metadata`, each only where the source itself says so:
  title, number      as the source prints them          instrument   hint of the rule book's id (CN-2025-18, EU-2021-821)
  regime, kind       of knowledge.store.records         language     BCP 47
  issuers            joined by "; "                     announced, effective, version_date   ISO dates
  celex, citation, part, section, appendix, revision    the source's own identifiers
  source             which connector                    pdf_url, xml_url   the same document in other formats
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ingest.fetch import Fetched, Fetcher
from knowledge.errors import BadInput, NavicertError

Element = Any  # lxml has no types of its own
LARGEST_PAGE = 8 * 1024 * 1024  # bytes of a page that a connector reads itself; the reader has limits of its own


class SourceError(NavicertError):
    """A source answered with something that is not what it publishes. Says the cause, the place and the fix."""

    def __init__(self, place: str, cause: str, fix: str = "look at the page; its layout may have changed") -> None:
        self.place, self.cause, self.fix = place, cause, fix
        super().__init__(f"{place}: {cause}. Fix: {fix}.")


@dataclass(frozen=True)
class Item:
    """One document of a source.

    `key` is stable over time and tells the document from every other ("ecfr:title-15/part-744"); `url` is the official
    page to cite; `name` is a file name that hints at the type, never more. `get` brings the document with where it was
    found and when.
    """

    key: str
    url: str
    name: str
    get: Callable[[], Fetched]
    metadata: Mapping[str, str] = field(default_factory=dict)

    def fetch(self) -> bytes:
        """The bytes, checked and bounded. Raises FetchError or SourceError, both NavicertError."""
        return self.get().body


class Connector(Protocol):
    """A source of documents. `spec` is what comes after the scheme ("15/part-744" of "ecfr:15/part-744")."""

    def items(self, spec: str, fetcher: Fetcher) -> Iterator[Item]:
        """The documents, lazily. Raises BadInput for a spec it does not know, FetchError, SourceError."""
        ...


def known(**values: str | None) -> dict[str, str]:
    """Metadata with the empty values left out and white space squeezed."""
    squeezed = {key: re.sub(r"\s+", " ", value).strip() for key, value in values.items() if value}
    return {key: value for key, value in squeezed.items() if value}


def bad_spec(scheme: str, spec: str, accepted: str) -> BadInput:
    """The error for a spec that a connector does not know."""
    return BadInput(f"{scheme}:{spec} cannot be read. Write {accepted}.")


def read_json(got: Fetched) -> Any:
    """The body as JSON. Raises SourceError where it is none."""
    try:
        return json.loads(got.body)
    except (ValueError, RecursionError) as error:
        raise SourceError(got.final_url, f"no JSON came ({error})") from None


def read_xml(body: bytes, place: str) -> Element:
    """The root of an XML document, read without entities, network or huge trees. Raises SourceError."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(place, f"no XML came ({error})") from None
    if root is None:
        raise SourceError(place, "the XML is empty")
    return root


def read_html(got: Fetched) -> Element:
    """The root of a page, decoded as it declares itself. Raises SourceError where there is nothing to read."""
    from lxml import etree, html

    if len(got.body) > LARGEST_PAGE:
        raise SourceError(
            got.final_url, f"the page is larger than {LARGEST_PAGE} bytes", "ingest its address with url:"
        )
    text = page_text(got)
    try:
        root = html.document_fromstring(text)
    except (etree.ParserError, ValueError) as error:
        raise SourceError(got.final_url, f"no page came ({error})") from None
    return root


def page_text(got: Fetched) -> str:
    """A page's characters: by its HTTP header, else its meta element, else UTF-8, else GB 18030."""
    head = re.search(r"charset\s*=\s*[\"']?([\w-]+)", got.content_type)
    meta = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]+)", got.body[:4096], re.IGNORECASE)
    names = [head[1] if head else "", meta[1].decode() if meta else "", "utf-8-sig", "gb18030"]
    for name in names:
        try:
            text = got.body.decode("gb18030" if name.lower().startswith("gb") else name) if name else None
        except (LookupError, UnicodeDecodeError):
            continue
        if text is not None:
            # an encoding declared inside the text is now untrue, and lxml refuses it
            return re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\0", ""))
    return got.body.decode("utf-8", "replace").replace("\0", "")


def iso_date(text: str) -> str:
    """The first date in the text as YYYY-MM-DD: 2025-04-04, 2025.4.4, 20250404, 2025年4月4日, 4/25/2025 (US); else ""."""
    import unicodedata
    from datetime import date

    plain = unicodedata.normalize("NFKC", text)
    for pattern, order in _DATES:
        found = pattern.search(plain)
        if found:
            year, month, day = (int(found[name]) for name in order)
            try:
                return date(year, month, day).isoformat()
            except ValueError:
                continue
    return ""


_DATES = tuple(
    (re.compile(pattern), ("y", "m", "d"))
    for pattern in (
        r"(?<!\d)(?P<y>\d{4})\s*[-./年]\s*(?P<m>\d{1,2})\s*[-./月]\s*(?P<d>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?!\d)",
        r"(?<!\d)(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})(?!\d)",
    )
)
