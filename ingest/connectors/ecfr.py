"""The eCFR's versioner service: parts, sections, appendices and supplements of the Code of Federal Regulations, by date.

Known of the service (captures of 2026-08 and 2026-10): filters are bare (`?part=774`), an appendix is asked for by its
full label, a single appendix has DIV9 for its root, and dates come from titles.json, where a reserved title has none.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from ingest.connectors.base import Item, SourceError, bad_spec, known, read_json
from ingest.fetch import BadStatus, Fetched, Fetcher

OFFICIAL = "https://www.ecfr.gov"
ACCEPTED = (
    "ecfr:15/part-744, ecfr:15/744.11 (a section), ecfr:15/774/supp-1 (a supplement), ecfr:40/261/app-I (an appendix), "
    "ecfr:15/parts-730-774 (every part), each with @2026-07-23 for a date"
)
_SPEC = re.compile(
    r"(?:title-)?(?P<title>\d{1,2})/(?:parts-(?P<first>\d{1,4})-(?P<last>\d{1,4})"
    r"|(?:part-)?(?P<part>\d{1,4})(?:/(?:section-)?(?P<within>\d{1,4}\.\d+[a-z\d-]*)|/(?P<kind>supp|app)(?:endix|lement)?-(?P<number>[\w-]+)"
    r"|/appendix-(?P<label>[^@]+))?"
    r"|(?:section-)?(?P<section>\d{1,4}\.\d+[a-z\d-]*))(?:@(?P<on>\d{4}-\d{2}-\d{2}))?/?\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Unit:
    """A piece of a title that is asked for: `appendix` is the full label ("Supplement No. 1 to Part 774")."""

    title: int
    part: str
    section: str = ""
    appendix: str = ""

    @property
    def path(self) -> str:
        """Its place in the service's own addresses and in keys."""
        tail = f"/section-{self.section}" if self.section else f"/appendix-{self.appendix}" if self.appendix else ""
        return f"title-{self.title}/part-{self.part}{tail}"

    @property
    def query(self) -> dict[str, str]:
        """The bare filters of the full-text endpoint."""
        return known(part=self.part, section=self.section, appendix=self.appendix)

    @property
    def instrument(self) -> str:
        """The rule book's id: US-EAR-744, US-EAR-738-S1 for the EAR, else US-40CFR-261."""
        ear = self.title == 15 and 730 <= int(self.part) <= 774
        supplement = re.match(r"Supplement No\. (\w+) to", self.appendix)
        tail = f"-S{supplement[1]}" if supplement else f"-{self.appendix.split()[1]}" if self.appendix else ""
        return f"US-EAR-{self.part}{tail}" if ear else f"US-{self.title}CFR-{self.part}{tail}"


@dataclass(frozen=True)
class Ecfr:
    """`ecfr:` see ACCEPTED."""

    base: str = OFFICIAL

    def items(self, spec: str, fetcher: Fetcher) -> Iterator[Item]:
        """One item a unit. Without a date, the title's latest issue."""
        found = _SPEC.match(spec)
        if not found:
            raise bad_spec("ecfr", spec, ACCEPTED)
        title, on = int(found["title"]), found["on"] or ""
        try:
            date.fromisoformat(on or "2000-01-01")
        except ValueError:
            raise bad_spec("ecfr", spec, ACCEPTED) from None
        issue = on or self.latest(title, fetcher)
        if found["first"]:
            parts = self.parts(title, issue, int(found["first"]), int(found["last"]), fetcher)
            units = [Unit(title, part) for part in parts]
            if not units:
                raise SourceError(f"ecfr:{spec}", f"title {title} has no such part on {issue}", "check the numbers")
        else:
            units = [_unit(title, found)]
        for unit in units:
            yield self._item(unit, issue, fetcher)

    def latest(self, title: int, fetcher: Fetcher) -> str:
        """The date of the title's latest issue. Raises SourceError for a reserved or unknown title."""
        url = f"{self.base}/api/versioner/v1/titles.json"
        got = fetcher.get(url)
        rows = read_json(got).get("titles", [])
        row: Mapping[str, Any] = next((row for row in rows if row.get("number") == title), {})
        issue = row.get("latest_issue_date")
        if not issue:
            state = "is reserved" if row.get("reserved") else "does not exist"
            raise SourceError(url, f"title {title} {state}", "check the title's number")
        return str(issue)

    def parts(self, title: int, issue: str, first: int, last: int, fetcher: Fetcher) -> list[str]:
        """The numbers of the parts from `first` to `last` that are not reserved, in order."""
        structure = read_json(fetcher.get(f"{self.base}/api/versioner/v1/structure/{issue}/title-{title}.json"))
        found = []
        waiting = [structure]
        while waiting:
            node = waiting.pop()
            number = str(node.get("identifier") or "")
            if node.get("type") == "part":
                if number.isdigit() and first <= int(number) <= last and not node.get("reserved"):
                    found.append(number)
            else:
                waiting += node.get("children") or []
        return sorted(found, key=int)

    def changes(self, title: int, part: str, since: str, fetcher: Fetcher) -> list[Mapping[str, str]]:
        """What was amended in a part since a date: rows with identifier, name, type, amendment_date, removed."""
        query = urlencode({"part": part, "issue_date[gte]": since}, safe="[]")
        got = fetcher.get(f"{self.base}/api/versioner/v1/versions/title-{title}.json?{query}")
        rows = read_json(got).get("content_versions", [])
        wanted = ("identifier", "name", "type", "amendment_date", "issue_date", "removed", "substantive")
        return [{key: str(row.get(key, "")) for key in wanted} for row in rows]

    def _item(self, unit: Unit, issue: str, fetcher: Fetcher) -> Item:
        query = urlencode(unit.query, quote_via=quote)
        url = f"{self.base}/api/versioner/v1/full/{issue}/title-{unit.title}.xml?{query}"
        metadata = known(
            source="ecfr",
            regime="US",
            kind="regulation",
            language="en",
            instrument=unit.instrument,
            number=unit.appendix or f"{unit.title} CFR {unit.section or f'Part {unit.part}'}",
            part=unit.part,
            section=unit.section,
            appendix=unit.appendix,
            version_date=issue,
        )
        tail = (unit.section or unit.appendix or unit.part).replace(" ", "-").replace("/", "-")
        page = f"{OFFICIAL}/on/{issue}/{quote(unit.path)}"
        return Item(f"ecfr:{unit.path}", page, f"title-{unit.title}-{tail}.xml", partial(_full, url, fetcher), metadata)


def _full(url: str, fetcher: Fetcher) -> Fetched:
    try:
        got = fetcher.get(url, headers={"Accept": "application/xml"})
    except BadStatus as error:
        if error.status != 404:
            raise
        raise SourceError(
            error.place, "no such part, section or appendix on that date", "check number and date"
        ) from None
    if not re.match(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:\?xml|DIV|ECFR|!)", got.body):
        raise SourceError(got.final_url, "no XML came")
    return got


def _unit(title: int, found: re.Match[str]) -> Unit:
    section = found["section"] or found["within"] or ""
    part = found["part"] or section.split(".")[0]
    label = found["label"] or ""
    if found["kind"]:
        number = found["number"]
        if found["kind"].lower() == "supp":
            label = f"Supplement No. {number} to Part {part}"
        else:
            label = f"Appendix {number.upper() if number.isalpha() else number} to Part {part}"
    return Unit(title, part, section, label)


def from_url(path: str) -> str | None:
    """The spec of an address on www.ecfr.gov ("/on/2026-07-23/title-15/…/part-744", "/current/…"), or None."""
    on = re.match(r"/on/(\d{4}-\d{2}-\d{2})/", path)
    title = re.search(r"/title-(\d+)", path)
    section = re.search(r"/section-([\d.]+[a-z\d-]*)", path)
    appendix = re.search(r"/appendix-([^/]+)", path)
    part = re.search(r"/part-(\d+)", path)
    if not title or not (section or part):
        return None
    where = f"section-{section[1]}" if section else f"part-{part[1]}" if part else ""
    tail = f"/appendix-{appendix[1].replace('%20', ' ')}" if appendix and part and not section else ""
    return f"{title[1]}/{where}{tail}{f'@{on[1]}' if on else ''}"
