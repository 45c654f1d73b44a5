"""The Consolidated Screening List of the US Departments of Commerce, State and the Treasury: the daily bulk file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingest.connectors.base import Item, SourceError, bad_spec, known, read_json
from ingest.fetch import Fetched, Fetcher

OFFICIAL = "https://data.trade.gov/downloadable_consolidated_screening_list/v1/consolidated.json"
LEAST, MOST = 20_000, 60_000  # 25,921 entries on 2026-07-31


@dataclass(frozen=True)
class Listed:
    """A party on one of the lists, as the list words it. `countries` are the ISO 3166-1 codes of its addresses."""

    name: str
    list_name: str
    aliases: tuple[str, ...]
    countries: tuple[str, ...]
    number: str
    kind: str
    programmes: tuple[str, ...]
    licence_requirement: str
    licence_policy: str
    federal_register_notice: str
    since: str
    url: str


@dataclass(frozen=True)
class ScreeningList:
    """`csl:` the whole list, one document. `least` and `most` entries are expected in it."""

    address: str = OFFICIAL
    least: int = LEAST
    most: int = MOST

    def items(self, spec: str, fetcher: Fetcher) -> Iterator[Item]:
        """The one document; fetching it checks that it is whole."""
        if spec:
            raise bad_spec("csl", spec, "csl: with nothing after it")

        def get() -> Fetched:
            got = fetcher.get(self.address, headers={"Accept": "application/json"})
            self.parties(got)
            return got

        metadata = known(source="csl", regime="US", kind="list", language="en", instrument="US-CSL")
        metadata |= {"title": "Consolidated Screening List"}
        yield Item("csl:", "https://www.trade.gov/consolidated-screening-list", "consolidated.json", get, metadata)

    def parties(self, got: Fetched) -> tuple[Listed, ...]:
        """Every entry. Raises SourceError where the shape or the count is not what the list has."""
        answer = read_json(got)
        rows = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise SourceError(got.final_url, "the file has no list of results")
        if not self.least <= len(rows) <= self.most:
            cause = f"{len(rows)} entries came where between {self.least} and {self.most} are expected"
            raise SourceError(got.final_url, cause, "fetch it again; if the list did change so much, change the bounds")
        found = tuple(_listed(row) for row in rows if isinstance(row, dict))
        nameless = sum(1 for party in found if not party.name or not party.list_name) + len(rows) - len(found)
        if nameless:
            raise SourceError(got.final_url, f"{nameless} entries have no name or no list")
        return found


def _listed(row: Mapping[str, Any]) -> Listed:
    addresses = [a for a in row.get("addresses") or () if isinstance(a, dict)]
    countries = dict.fromkeys(str(a.get("country") or "").strip().upper() for a in addresses)
    return Listed(
        name=_text(row.get("name")),
        list_name=_text(row.get("source")),
        aliases=_texts(row.get("alt_names")),
        countries=tuple(country for country in countries if country),
        number=_text(row.get("entity_number") or row.get("id")),
        kind=_text(row.get("type")),
        programmes=_texts(row.get("programs")),
        licence_requirement=_text(row.get("license_requirement")),
        licence_policy=_text(row.get("license_policy")),
        federal_register_notice=_text(row.get("federal_register_notice")),
        since=_text(row.get("start_date")),
        url=_text(row.get("source_list_url")),
    )


def _text(value: object) -> str:
    return " ".join(str(value).split()) if value is not None else ""


def _texts(value: object) -> tuple[str, ...]:
    rows = value if isinstance(value, list) else [value] if value else []
    return tuple(text for text in map(_text, rows) if text)
