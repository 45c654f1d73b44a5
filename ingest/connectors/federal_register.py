"""The Federal Register's service: single documents, and lists by agency and date."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from ingest.connectors.base import Item, SourceError, bad_spec, known, read_json
from ingest.fetch import BadStatus, Fetched, Fetcher

OFFICIAL = "https://www.federalregister.gov"
BIS = "industry-and-security-bureau"
ACCEPTED = "fr:2025-19001 (a document), fr:bis@2026-01-01 (all of BIS since a date), fr:agency/SLUG@2026-01-01"
_NUMBER = re.compile(r"(?:[A-Z]\d?-?)?\d{2,4}-\d{3,6}|[A-Z]\d-\d{3,6}")
_LIST = re.compile(r"(?:agency/(?P<slug>[a-z0-9-]+)|(?P<bis>bis))@(?P<since>\d{4}-\d{2}-\d{2})")
_FIELDS = (
    *("document_number", "title", "type", "action", "citation", "publication_date", "effective_on", "signing_date"),
    *("agencies", "docket_ids", "html_url", "body_html_url", "full_text_xml_url", "raw_text_url", "pdf_url"),
)
_PAGE_SIZE = 100
_MOST_PAGES = 20  # the service itself ends at 2000 results
_KINDS = {
    "Rule": "regulation",
    "Proposed Rule": "news",
    "Notice": "announcement",
    "Presidential Document": "announcement",
}


@dataclass(frozen=True)
class FederalRegister:
    """`fr:` see ACCEPTED."""

    base: str = OFFICIAL

    def items(self, spec: str, fetcher: Fetcher) -> Iterator[Item]:
        """The document, or the agency's documents, newest first."""
        listed = _LIST.fullmatch(spec)
        if listed:
            try:
                date.fromisoformat(listed["since"])
            except ValueError:
                raise bad_spec("fr", spec, ACCEPTED) from None
            for row in self._rows(listed["slug"] or BIS, listed["since"], fetcher):
                yield self._item(row, fetcher)
        elif _NUMBER.fullmatch(spec):
            yield self._item(self._one(spec, fetcher), fetcher)
        else:
            raise bad_spec("fr", spec, ACCEPTED)

    def _one(self, number: str, fetcher: Fetcher) -> Mapping[str, Any]:
        url = f"{self.base}/api/v1/documents/{number}.json"
        try:
            row = read_json(fetcher.get(url))
        except BadStatus as error:
            if error.status != 404:
                raise
            raise SourceError(
                url, f"there is no document {number}", "check the number on federalregister.gov"
            ) from None
        if not isinstance(row, dict) or row.get("document_number") != number:
            raise SourceError(url, f"the answer is not about document {number}")
        return row

    def _rows(self, slug: str, since: str, fetcher: Fetcher) -> Iterator[Mapping[str, Any]]:
        """Every row of a list, page by page; a document that moves to the next page while we read comes once."""
        seen: set[str] = set()
        count = 0
        for page in range(1, _MOST_PAGES + 1):
            query = [
                ("conditions[agencies][]", slug),
                ("conditions[publication_date][gte]", since),
                *(("fields[]", name) for name in _FIELDS),
                ("order", "newest"),
                ("per_page", str(_PAGE_SIZE)),
                ("page", str(page)),
            ]
            url = f"{self.base}/api/v1/documents.json?{urlencode(query)}"
            answer = read_json(fetcher.get(url))
            if not isinstance(answer, dict) or not isinstance(answer.get("count"), int):
                raise SourceError(url, "the answer has no count")
            count = answer["count"]
            for row in answer.get("results") or ():
                if row.get("document_number") not in seen:
                    seen.add(str(row.get("document_number")))
                    yield row
            if page >= int(answer.get("total_pages") or 0):
                break
        if len(seen) < count:
            place = f"fr:agency/{slug}@{since}"
            raise SourceError(place, f"{count} documents were announced and {len(seen)} came", "take a later date")

    def _item(self, row: Mapping[str, Any], fetcher: Fetcher) -> Item:
        number = str(row.get("document_number") or "")
        text = row.get("body_html_url") or row.get("full_text_xml_url") or row.get("raw_text_url") or row.get("pdf_url")
        if not number or not text:
            raise SourceError(str(row.get("html_url") or self.base), "a document without number or text")
        citation = str(row.get("citation") or "")
        volume = re.fullmatch(r"(\d+) FR (\d+)", citation)
        agencies = [agency.get("name") or agency.get("raw_name") or "" for agency in row.get("agencies") or ()]
        metadata = known(
            source="federal_register",
            regime="US",
            language="en",
            kind=_KINDS.get(str(row.get("type")), "announcement"),
            instrument=f"US-{volume[1]}FR{volume[2]}" if volume else f"US-FR-{number}",
            title=row.get("title"),
            number=number,
            citation=citation,
            type=row.get("type"),
            action=row.get("action"),
            issuers="; ".join(agencies),
            announced=row.get("publication_date"),
            effective=row.get("effective_on"),
            pdf_url=row.get("pdf_url"),
            xml_url=row.get("full_text_xml_url"),
        )
        ending = str(text).rpartition(".")[2]
        get = partial(_text, str(text), fetcher)
        return Item(f"fr:{number}", str(row.get("html_url") or text), f"{number}.{ending}", get, metadata)


def _text(url: str, fetcher: Fetcher) -> Fetched:
    return fetcher.get(url)


def from_url(path: str) -> str | None:
    """The spec of an address on www.federalregister.gov ("/documents/2025/09/30/2025-19001/…", "/d/2025-19001"), or None."""
    found = re.match(r"/(?:documents/\d{4}/\d{2}/\d{2}|d|documents/full_text/\w+/\d{4}/\d{2}/\d{2})/([\w-]+)", path)
    return found[1] if found and _NUMBER.fullmatch(found[1]) else None
