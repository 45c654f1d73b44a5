"""The Commerce Country Chart, the Country Groups and the licence exceptions, from the bundled facts; and the bundled list.

Facts of 15 CFR part 738 supplement No. 1, part 740 supplement No. 1 and part 740, by ISO 3166-1 alpha-2 codes.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from knowledge.controllists.codec import loads
from knowledge.controllists.model import ControlList

COMPILED = Path(__file__).resolve().parent.parent / "rules" / "us" / "compiled"


@dataclass(frozen=True)
class Footnote:
    """A footnote of the chart: the rows that carry it, the sections it sends to, and what it is about in our words.

    `requires` are entries for which a licence is required at those rows whatever the marks say, `column` the column that
    counts as marked for them (empty: a requirement of its own); `excepted` are taken out of them; for those in
    `conditional` it holds for part of the entry only.
    """

    number: int
    countries: frozenset[str]
    sections: tuple[str, ...] = ()
    about: str = ""
    note: str = ""
    requires: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()
    column: str = ""


@dataclass(frozen=True)
class CountryChart:
    """The grid, its embargoed rows, and the places governed by another's row.

    `marks` are the marked columns by country. `embargoed` are rows without marks that send the reader elsewhere, with
    the sections they name: the lack of a mark there permits nothing, so they answer as if every column were marked.
    `governed` maps a place without a row of its own, or whose row refers to another, to the country whose row counts
    (Hong Kong to China, Liechtenstein to Switzerland).
    """

    issued: str
    all_columns: tuple[str, ...]
    marks: Mapping[str, frozenset[str]]
    embargoed: Mapping[str, tuple[str, ...]]
    governed: Mapping[str, str]
    footnotes: tuple[Footnote, ...] = ()
    all_destinations: tuple[str, ...] = ()
    source: str = ""

    def row(self, iso2: str) -> str | None:
        """The country whose row counts for a place; None where the chart has none (the United States, a territory that
        no provision assigns): not known, which is not "no licence required"."""
        iso2 = self.governed.get(iso2, iso2)
        return iso2 if iso2 in self.marks or iso2 in self.embargoed else None

    def columns(self, iso2: str) -> frozenset[str] | None:
        """The marked columns ("NS 1") of a place; all of them where it is embargoed; None where no row counts."""
        row = self.row(iso2)
        if row is None:
            return None
        return frozenset(self.all_columns) if row in self.embargoed else self.marks[row]

    def marked(self, column: str, iso2: str) -> bool | None:
        """Whether there is a mark; true throughout an embargoed row; None where no row counts for the place.

        Raises KeyError for a column that the chart does not have.
        """
        if column not in self.all_columns:
            raise KeyError(column)
        columns = self.columns(iso2)
        return None if columns is None else column in columns

    def notes(self, iso2: str) -> tuple[Footnote, ...]:
        """The footnotes at the row that counts for a place, those of its own row included."""
        rows = {iso2, self.row(iso2)}
        return tuple(note for note in self.footnotes if rows & note.countries)


@dataclass(frozen=True)
class CountryGroups:
    """Country Groups A:1 to E:2. Hong Kong belongs to none of its own: as in the chart, China's groups are its.

    Macau is not in D:5; where the text says "Macau or a destination in D:5" a requirement names it beside the group.
    """

    issued: str
    groups: Mapping[str, frozenset[str]]
    labels: Mapping[str, str]
    governed: Mapping[str, str]
    source: str = ""

    def members(self, group: str) -> frozenset[str]:
        """The members of a group; of all its parts for a bare letter ("D": D:1 to D:5). Raises KeyError for no such group."""
        if group in self.groups:
            return self._with_governed(self.groups[group])
        parts = [members for name, members in self.groups.items() if name.startswith(f"{group}:")]
        if not parts:
            raise KeyError(group)
        return self._with_governed(frozenset[str]().union(*parts))

    def of(self, iso2: str) -> frozenset[str]:
        """The groups a country is in; empty for one that no group names."""
        return self._by_country.get(self.governed.get(iso2, iso2), frozenset())

    def _with_governed(self, members: frozenset[str]) -> frozenset[str]:
        return members | {place for place, row in self.governed.items() if row in members}

    @cached_property
    def _by_country(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for group, members in self.groups.items():
            for country in members:
                found.setdefault(country, set()).add(group)
        return {country: frozenset(groups) for country, groups in found.items()}


def chart_from(data: Mapping[str, Any]) -> CountryChart:
    """A chart from the bundled form (`ingest.controllists.country_chart` writes it)."""
    columns = tuple(data["columns"])
    return CountryChart(
        issued=data["issued"],
        all_columns=columns,
        marks={country: _marked(line, columns) for country, line in data["marks"].items()},
        embargoed={country: tuple(sections) for country, sections in data["embargoed"].items()},
        governed=dict(data["governed"]),
        footnotes=tuple(_footnote(int(number), note) for number, note in data["footnotes"].items()),
        all_destinations=tuple(data["all_destinations"]["entries"]),
        source=data["source"],
    )


def groups_from(data: Mapping[str, Any]) -> CountryGroups:
    """Country Groups from the bundled form."""
    return CountryGroups(
        issued=data["issued"],
        groups={name: frozenset(members.split()) for name, members in data["groups"].items()},
        labels=dict(data["labels"]),
        governed=dict(data["governed"]),
        source=data["source"],
    )


def _marked(line: str, columns: Sequence[str]) -> frozenset[str]:
    """ "XX.X" over the columns in order."""
    return frozenset(column for column, mark in zip(columns, line, strict=True) if mark == "X")


def _footnote(number: int, data: Mapping[str, Any]) -> Footnote:
    def several(key: str) -> tuple[str, ...]:
        return tuple(_strings(data.get(key, ())))

    return Footnote(
        number,
        frozenset(data["countries"].split()),
        several("sections"),
        data.get("about", ""),
        data.get("note", ""),
        several("requires"),
        several("excepted"),
        several("conditional"),
        data.get("column", ""),
    )


def _strings(values: Iterable[object]) -> Iterable[str]:
    return (str(value) for value in values)


def _read(name: str) -> Any:
    return json.loads((COMPILED / name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def load_chart() -> CountryChart:
    """The bundled Country Chart."""
    return chart_from(_read("country_chart.json"))


@lru_cache(maxsize=1)
def load_groups() -> CountryGroups:
    """The bundled Country Groups."""
    return groups_from(_read("country_groups.json"))


@lru_cache(maxsize=1)
def load_exceptions() -> Mapping[str, Mapping[str, Any]]:
    """Licence exceptions by symbol: `section` ("740.3"), `title`, `list_based` (named in entries), `entries` that grant it."""
    return dict(_read("exceptions.json")["exceptions"])


@lru_cache(maxsize=1)
def load_ccl() -> ControlList:
    """The bundled Commerce Control List, without the official sentences."""
    return loads((COMPILED / "ccl.json").read_text(encoding="utf-8"))
