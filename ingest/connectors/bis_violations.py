"""BIS's index of export violations: a table of cases, each with its charging letter or order as PDF.

Known of the page (a crawler's settings of 2026): one table with the columns Case ID (a link), Case Name and Order Date
(month/day/year). The columns are found by their headings, so others may come.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from ingest.connectors.base import Element, Item, SourceError, bad_spec, iso_date, known, read_html
from ingest.fetch import Fetched, Fetcher

OFFICIAL = "https://www.bis.gov/enforcement/export-violations"
LEAST, MOST = 200, 5000  # rows; the number of parties was between 1,200 and 2,200 in 2026


@dataclass(frozen=True)
class Case:
    """A row of the index. `date` is ISO; `links` are the documents, absolute."""

    number: str
    party: str
    date: str
    links: tuple[str, ...]


@dataclass(frozen=True)
class BisViolations:
    """`bis-violations:` every case, or `bis-violations:2025` those ordered in a year."""

    address: str = OFFICIAL
    least: int = LEAST
    most: int = MOST

    def items(self, spec: str, fetcher: Fetcher) -> Iterator[Item]:
        """One item a document of a case, in the order of the index."""
        if spec and not re.fullmatch(r"\d{4}", spec):
            raise bad_spec("bis-violations", spec, "bis-violations: or bis-violations:2025")
        seen: set[str] = set()
        for case in self.cases(fetcher.get(self.address)):
            for link in case.links:
                if case.date.startswith(spec) and link not in seen:
                    seen.add(link)
                    yield _item(case, link, fetcher)

    def cases(self, got: Fetched) -> tuple[Case, ...]:
        """The rows of the index. Raises SourceError where the table is not there or its length is not believable."""
        tables = [(table, _columns(table)) for table in read_html(got).iter("table")]
        found = [(table, columns) for table, columns in tables if {"number", "party", "date"} <= columns.keys()]
        if len(found) != 1:
            cause = f"{len(found)} tables with case, name and date came where one is expected"
            raise SourceError(got.final_url, cause)
        table, columns = found[0]
        rows = [_case(row, columns, got.final_url) for row in table.iter("tr")]
        cases = tuple(case for case in rows if case)
        if not self.least <= len(cases) <= self.most:
            cause = f"{len(cases)} cases came where between {self.least} and {self.most} are expected"
            raise SourceError(got.final_url, cause)
        return cases


_HEADINGS = (
    ("number", re.compile(r"case\s*(?:id|no|number|#)", re.IGNORECASE)),
    ("date", re.compile(r"date", re.IGNORECASE)),
    ("party", re.compile(r"name|part(?:y|ies)|respondent", re.IGNORECASE)),
)


def _words(cell: Element) -> str:
    return " ".join("".join(cell.itertext()).split())


def _columns(table: Element) -> dict[str, int]:
    """Which column holds what, by the first row that has headings."""
    for row in table.iter("tr"):
        cells = [_words(cell) for cell in row if cell.tag in ("th", "td")]
        columns: dict[str, int] = {}
        for at, cell in enumerate(cells):
            name = next((name for name, pattern in _HEADINGS if pattern.search(cell) and len(cell) < 40), "")
            if name and name not in columns:
                columns[name] = at
        return columns
    return {}


def _case(row: Element, columns: dict[str, int], place: str) -> Case | None:
    cells = [cell for cell in row if cell.tag == "td"]
    if len(cells) <= max(columns.values()):
        return None
    said = {name: _words(cells[at]) for name, at in columns.items()}
    links = tuple(
        dict.fromkeys(urljoin(place, a.get("href").strip()) for cell in cells for a in cell.iter("a") if a.get("href"))
    )
    web = tuple(link for link in links if urlsplit(link).scheme in ("http", "https"))
    date = iso_date(said["date"])
    return Case(said["number"], said["party"], date, web) if said["party"] and date and web else None


def _item(case: Case, link: str, fetcher: Fetcher) -> Item:
    name = PurePosixPath(unquote(urlsplit(link).path)).name or f"{case.number or 'case'}.pdf"
    metadata = known(
        source="bis-violations",
        regime="US",
        kind="enforcement_notice",
        language="en",
        issuers="Bureau of Industry and Security",
        number=case.number,
        title=case.party,
        party=case.party,
        announced=case.date,
        instrument=f"US-BIS-{case.number}" if re.fullmatch(r"[\w-]+", case.number) else "",
    )
    return Item(f"bis-violations:{link}", link, name, partial(fetcher.get, link), metadata)
