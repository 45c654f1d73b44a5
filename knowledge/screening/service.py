"""Screening a name against every list: the hits with what they mean, and what was searched."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.cache import kept
from knowledge.rulebook import RuleBook
from knowledge.screening.build import VERSION, index_of, names_of
from knowledge.screening.hashes import sighted
from knowledge.screening.index import Index
from knowledge.screening.lists import (
    ANNEX_IV,
    COMPILED,
    ListState,
    Meaning,
    Parties,
    ScreenedParty,
    bundled,
    from_rulebook,
    joined,
    meanings,
    of_the_union,
)
from knowledge.screening.mentions import Mention, mentions
from knowledge.screening.normal import Name, normal, plain
from knowledge.screening.score import Comparison, Explanation, Grade, compare, weak

if TYPE_CHECKING:
    from knowledge.screening.spotted import Found

_SOURCES = (COMPILED, ANNEX_IV)
POSSIBLE = 0.25
"""Probability from which a name is shown; chosen on one half of the measured set, see tests/bench_screening.py."""
STRONG = 0.8
_OWNERS = 40
"""Parties of one name that are shown; the lists have a dozen at most."""
_COUNTRY = 0.7
"""What an agreeing country adds to the log-odds, and a differing one takes: it supports, it never clears."""


@dataclass(frozen=True)
class Hit:
    """A listed party that the name may be. `exact`: the listed name itself but for company forms and order; a common or
    short name is graded `possible` all the same. `also`: the same name on other lists or entries."""

    party: ScreenedParty
    score: float
    probability: float
    grade: Grade
    exact: bool
    matched_name: str
    explanation: Explanation
    effect: str
    country: bool | None
    also: tuple[ScreenedParty, ...] = ()

    @property
    def meaning(self) -> Meaning | None:
        """What the list does to a deal; None for lists that the rule book itself explains."""
        return meanings().get(self.party.list)


@dataclass(frozen=True)
class ScreenResult:
    """`hits`: best first; `lists`: what was searched; `not_searched`: what was not, and why. No hit never clears."""

    name: str
    hits: tuple[Hit, ...]
    lists: tuple[ListState, ...]
    not_searched: tuple[str, ...]


class Screening:
    """The lists of the rule book, the bundled US lists and Annex IV of the EU; nothing is read before the first name."""

    def __init__(self, book: RuleBook, cache_folder: Path | None = None, parties_source: Parties | None = None) -> None:
        """`parties_source` stands in for the bundled US lists; `cache_folder` None: the index is made in every process."""
        self._book, self._folder, self._given = book, cache_folder, parties_source
        self._missing: tuple[str, ...] = ()

    @cached_property
    def parties(self) -> Parties:
        """Every party that is searched."""
        sources = [from_rulebook(self._book)]
        readers: tuple[tuple[str, Callable[[], Parties]], ...] = (
            ("US lists", lambda: self._given or bundled()),
            ("EU list", of_the_union),
        )
        for title, read in readers:
            try:
                sources.append(read())
            except (OSError, ValueError, KeyError) as error:
                self._missing += (f"{title}: {error}",)
        return joined(sources)

    @cached_property
    def index(self) -> Index:
        """The index over their names, read from the cache folder or made."""
        return index_of(self.parties, self._folder)

    def screen(
        self, name: str, country: str | None = None, on: date | None = None, limit: int = 10, least: float = POSSIBLE
    ) -> ScreenResult:
        """Parties that `name` may be. `country`: ISO 3166-1 alpha-2 of the party's address; `on`: entries known to have
        begun later are left out; `least`: the probability from which a hit is shown. Never raises for a name."""
        asked = normal(name)
        hits = self._hits(asked, country.upper() if country else None, on, least) if _letters(asked) else []
        return ScreenResult(plain(name), tuple(hits[:limit]), self.parties.states, self._missing)

    def in_text(self, text: str) -> tuple[Mention, ...]:
        """Names in a question that should be screened, with their spans in `text`. The lists are not read for this."""
        return mentions(text)

    def listed_in(
        self, text: str, taken: Sequence[tuple[int, int]] = (), country: str | None = None, on: date | None = None
    ) -> tuple["Found", ...]:
        """Listed parties that the text names though no word marks them, in order, none overlapping another or a `taken`
        span. `country` and `on` as in `screen`. The lists are read only where the text has a key of a listed name."""
        from knowledge.screening.spotted import spotted

        return spotted(self, text, taken, country.upper() if country else None, on)

    @cached_property
    def sight(self) -> frozenset[int]:
        """Hashes of the keys of all listed names: enough to tell that a text has none, without the lists."""
        if self._folder is None:
            return sighted(self.index.sight)
        files = [p.stat() for p in _SOURCES if p.exists()]
        marks = [self._given.key if self._given else "", *(f"{f.st_mtime_ns}.{f.st_size}" for f in files)]
        key = blake2b("|".join((VERSION, self._book.hash, *marks)).encode(), digest_size=12).hexdigest()
        return sighted(str(kept(self._folder, "sight", key, lambda: self.index.sight)))

    def hit(self, owner: int, found: Comparison, position: int, country: str | None) -> Hit:
        """The party at `owner` whose listed name at `position` was compared."""
        return self._hit(owner, found, position, country)

    def _hits(self, asked: Name, country: str | None, on: date | None, least: float) -> list[Hit]:
        best: dict[int, tuple[Comparison, int]] = {}
        typed, asked = asked, self.index.mended(asked)
        for position in self.index.candidates(asked):
            listed = self.index.name(position)
            made: dict[bool, Comparison] = {}
            for owner in self.index.owners(position)[:_OWNERS]:
                person = self.index.kinds[owner] == "p"
                if person not in made:
                    made[person] = compare(asked, listed, self.index, person)
                found = made[person]
                if asked is not typed and found.score > 99:
                    found = replace(found, score=99.0)  # a slip was put right first: close, not the name itself
                if found.probability < least / 2 and found.score < 100:
                    continue
                if owner not in best or _rank(best[owner][0]) < _rank(found):
                    best[owner] = (found, position)
        groups: dict[str, list[Hit]] = {}
        for owner, (found, position) in best.items():
            hit = self._hit(owner, found, position, country)
            begun = on is None or hit.party.since is None or hit.party.since <= on
            if begun and (hit.probability >= least or hit.exact):
                groups.setdefault(self.index.name(position).key, []).append(hit)
        hits = [together(group) for group in groups.values()]
        return sorted(hits, key=lambda h: (-h.score * h.probability, h.party.id))

    def _hit(self, owner: int, found: Comparison, position: int, country: str | None) -> Hit:
        party = self.parties.at(owner)
        listed = self.index.name(position)
        exact = found.score >= 100
        probability = found.probability
        agrees = country in party.countries if country and party.countries else None
        if agrees is not None and not exact:
            odds = math.log(probability / (1 - probability)) + (_COUNTRY if agrees else -_COUNTRY)
            shown = probability >= POSSIBLE
            probability = 1 / (1 + math.exp(-odds))
            probability = max(probability, POSSIBLE) if shown else probability
        common = weak(listed, found.said, self.index.kinds[owner], found.explanation.pairs)
        grade: Grade = "possible" if common or not (exact or probability >= STRONG) else "exact" if exact else "strong"
        matched = _matched(party, listed)
        return Hit(
            party, found.score, round(probability, 3), grade, exact, matched, found.explanation, _effect(party), agrees
        )


def _letters(name: Name) -> bool:
    return any(len(w) > 1 for w in name.words) or bool(name.han)


def _rank(found: Comparison) -> tuple[bool, float, float]:
    return (found.score >= 100, found.probability, found.score)


def together(group: list[Hit]) -> Hit:
    """Entries that bear the same name, the likeliest in front."""
    group.sort(key=lambda h: (-h.probability, h.matched_name != h.party.name, _GRAVITY.get(h.effect, 9), h.party.id))
    return replace(group[0], also=tuple(h.party for h in group[1:]))


def _matched(party: ScreenedParty, listed: Name) -> str:
    """The name as the list spells it that was made comparable to `listed`."""
    for text in names_of(party):
        name = normal(text)
        if (name.words, name.han) == (listed.words, listed.han):
            return text
    return party.name


_CN_EFFECTS: Mapping[str, str] = {"CN-control": "prohibited", "CN-watch": "check", "CN-unreliable": "check"}
"""In short; the rule book has the measures with their dates."""
_GRAVITY = {"prohibited": 0, "licence_required": 1, "check": 2, "not_export": 3}


def _effect(party: ScreenedParty) -> str:
    meaning = meanings().get(party.list)
    return meaning.effect if meaning else _CN_EFFECTS.get(party.list, "check")
