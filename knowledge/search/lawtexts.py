"""Where the law's own words are searched: what was ingested, and the rule book's digests of what was not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from knowledge.lexis.terms import terms
from knowledge.model import Confidence, Instrument, Lang
from knowledge.openlaw.model import Act, Nearness, Passage, Searched, Standing, called
from knowledge.reading import codes
from knowledge.reading.facts import wanted_fact
from knowledge.regimes.eu.facts import facts
from knowledge.rulebook import RuleBook
from knowledge.search import digests as bundled
from knowledge.search.answering import ENOUGH, STANDS_OUT, WORDS, Clues, Run, answering, asked_fact
from knowledge.search.languages import language_group, language_of
from knowledge.search.likeness import NOT_ALIKE, Likeness, Ranked
from knowledge.search.model import Filters as IndexFilters
from knowledge.search.model import Why
from knowledge.search.named import Named, Names, names
from knowledge.search.subjects import LANGUAGES, lines, subjects
from knowledge.search.translate import expanded, known, translated
from knowledge.store.finder import Filters, Found, standing
from knowledge.store.library import Library, StoredProvision, Version
from knowledge.timeline import standing as standing_of

if TYPE_CHECKING:
    from knowledge.store.embed import Embedder
    from knowledge.store.finder import Finder

DEPTH = 20
"""Passages of one search that are looked at closely."""
CERTAIN = 0.95
"""Likelihood of the place that a question names in the act that it names: "article 19 of the Export Control Law"."""
SHORTEST = 12
"""Characters below which a passage says nothing by itself."""
WITHIN = 8
"""The same of a search within one act, or in one further language."""
NAMED = 3
"""Acts that are searched by themselves where a question names them."""
OTHER: Mapping[str, str] = {"en": "zh", "zh": "en"}


@dataclass(frozen=True)
class Asked:
    """A question with what is known of it before anything is searched."""

    text: str
    on: date
    intent: str
    countries: frozenset[str]
    language: str  # group: en, zh, ja, ko
    named: Named
    fact: str
    unknown: int
    unheld: bool
    words: int
    about: frozenset[str]  # the acts that it names, or else those known of the countries that it names
    alike: Ranked | None


@dataclass(frozen=True)
class Candidate:
    """A passage with its place in the library or the rule book and what speaks for it."""

    passage: Passage
    locator: str
    clues: Clues


class LawTexts:
    """Searches one open library, where there is one, and the digests of one rule book."""

    def __init__(
        self,
        book: RuleBook,
        library: Library | None = None,
        finder: "Finder | None" = None,
        embedder: "Embedder | None" = None,
    ) -> None:
        self._book, self._library, self._finder = book, library, finder
        self._digests = bundled.digests(book)
        self._subjects, self._likeness = subjects(), Likeness(embedder)
        self._names: tuple[int, Names] | None = None

    def nearness(self, question: str) -> Nearness | None:
        """See `knowledge.openlaw.model.Texts`."""
        return self._likeness.nearness(question)

    def find(
        self, question: str, on: date, intent: str, k: int = 8, *, countries: frozenset[str] = frozenset()
    ) -> Searched:
        """The likeliest passages that may answer; see `knowledge.openlaw.model.Texts`."""
        fact = wanted_fact(question)
        candidates = [c for c in self.candidates(question, on, intent, countries) if fact.held(c.passage.text)]
        which = ("held" if self._finder is not None else "digests") + ("" if self._likeness.usable else WORDS)
        chances = answering(which).likelihoods([c.clues for c in candidates])
        named = [c.clues.act > 0 and c.clues.place > 0 for c in candidates]
        found = [
            replace(c.passage, likelihood=max(p, CERTAIN) if asked_for else p)
            for c, p, asked_for in zip(candidates, chances, named, strict=True)
        ]
        found.sort(key=lambda p: -p.likelihood)
        chance = max(sum(chances), CERTAIN if any(named) else 0.0)
        held = self._held()
        titles = [v.title for v in held.values()]
        spoken = "zh" if language_of(question) == "zh" else "en"
        titles += [i.title[spoken] for n, i in self._book.instruments.items() if n not in held]
        answers = chance >= ENOUGH[which] and found[0].likelihood >= STANDS_OUT
        return Searched(tuple(found[:k]), tuple(dict.fromkeys(titles)), len(held), chance, answers)

    def candidates(self, question: str, on: date, intent: str, countries: frozenset[str]) -> list[Candidate]:
        """Every passage that some search brought up, with its clues; in no order."""
        asked = self._asked(question, on, intent, countries)
        other = OTHER.get(asked.language, "")
        words = translated(question, other) if other else ""
        runs: dict[str, dict[str, Run]] = {}
        stored: dict[str, StoredProvision] = {}
        for which, found in self._searches(asked, other, words):
            for place, hit in enumerate(found, 1):
                if len(hit.provision.text) < SHORTEST:
                    continue  # "[Reserved]", a bare heading
                stored[hit.provision.id] = hit.provision
                runs.setdefault(hit.provision.id, {}).setdefault(which, _run(place, hit.why))
        by_subject = self._by_subject(asked)
        for near in asked.alike.near() if asked.alike is not None else ():
            by_subject.setdefault(near, {})
        for (instrument, locator), brought in by_subject.items():
            provision = self._library.find(instrument, locator) if self._library is not None else None
            if provision is not None:
                stored[provision.id] = provision
                runs.setdefault(provision.id, {}).update(brought)
        for provision in self._by_name(asked.named):
            stored.setdefault(provision.id, provision)
            runs.setdefault(provision.id, {})
        weights = {asked.language: _weights(question)} | ({other: _weights(words)} if words else {})
        out = [self._stored(asked, stored[i], which, weights) for i, which in runs.items()]
        return out + self._from_digests(asked, weights, by_subject)

    def _asked(self, question: str, on: date, intent: str, countries: frozenset[str]) -> Asked:
        regimes = {v.regime for v in self._held().values()} | {i.regime for i in self._book.instruments.values()}
        said = terms(question, spelt=True).spelt
        named, language = self._named(question), language_of(question)
        about = named.acts or self._of_regimes(self._regimes(countries))
        return Asked(
            question, on, intent, countries, language, named,
            asked_fact(question), self._unknown(question), bool(countries) and not self._regimes(countries) & regimes,
            len(said), about, self._likeness.asked(question, language, about),
        )  # fmt: skip

    def _named(self, question: str) -> Named:
        """The acts and places that it names, by title or as announcements by their number."""
        found = self._names_now().find(question)
        said = codes.find(question, ()).announcements
        acts = {i for i in self._book.instruments for number, year in said if codes.numbered(i, number, year)}
        return replace(found, acts=found.acts | acts, unknown=found.unknown and not acts)

    def _unknown(self, question: str) -> int:
        """How many of its words stand in no passage, digest, line of the subject index or list of terms."""
        found = terms(question, spelt=True)
        searchers = [self._digests, self._subjects, *([self._finder.searcher] if self._finder is not None else [])]
        vocabularies = [s.table().fields.words for s in searchers]
        return sum(
            not any(len(v.find(int(n))[0]) for v in vocabularies) and not known(spelt)
            for n, spelt in zip(found.words.tolist(), found.spelt, strict=True)
            if len(spelt) > 1 and not spelt.isdecimal()
        )

    # ------------------------------------------------------------ what was ingested

    def _searches(self, asked: Asked, other: str, words: str) -> Iterator[tuple[str, Sequence[Found]]]:
        """The question in its own language, its translation in the other, both in the acts that it names, and by meaning
        alone in languages that no glossary reaches."""
        finder = self._finder
        if finder is None:
            return
        held = self._held()
        spoken = {v.instrument: v.language[:2] for v in held.values()}
        yield "own", finder.find(asked.text, DEPTH, Filters(language=asked.language))
        formal = expanded(asked.text, asked.language)
        if formal != asked.text:
            yield "formal", finder.find(formal, DEPTH, Filters(language=asked.language))
        if words:
            yield "other", finder.find(words, DEPTH, Filters(language=other))
        for act in sorted(asked.named.acts & spoken.keys())[:NAMED]:
            query = formal if spoken[act] == asked.language or not words else words
            yield "within", finder.find(query, WITHIN, Filters(instrument=act))
        for regime in sorted(self._regimes(asked.countries))[:NAMED]:
            for language in sorted({v.language for v in held.values() if v.regime == regime}):
                query = formal if language == asked.language or not words else words
                yield "regime", finder.find(query, WITHIN, Filters(regime=regime, language=language))

    def _regimes(self, countries: frozenset[str]) -> set[str]:
        return set(countries) | ({"EU"} if countries & facts().members else set())

    def _held(self) -> Mapping[str, Version]:
        if self._finder is None:
            return {}
        return {v.instrument: v for v in self._finder.live().versions.values()}

    def _names_now(self) -> Names:
        generation = self._finder.live().generation if self._finder is not None else 0
        if self._names is None or self._names[0] != generation:
            called = {n: [*i.title.values(), *i.number.values()] for n, i in self._book.instruments.items()}
            for v in self._held().values():
                called.setdefault(v.instrument, []).extend((v.title, v.number))
            self._names = (generation, names(called.items()))
        return self._names[1]

    def _by_subject(self, asked: Asked) -> dict[tuple[str, str], dict[str, Run]]:
        """The provisions whose everyday phrases, in the question's language, are like the question: of all, and of the acts
        or else the countries that it names."""
        language = asked.language if asked.language in LANGUAGES else "en"
        searches: dict[str, frozenset[str] | None] = {"subject": None} | ({"about": asked.about} if asked.about else {})
        found: dict[tuple[str, str], dict[str, Run]] = {}
        for which, acts in searches.items():
            limits = IndexFilters(instruments=acts, languages=frozenset((language,)))
            query = expanded(asked.text, asked.language)
            for place, hit in enumerate(self._subjects.find(query, 2 * DEPTH, filters=limits), 1):
                instrument, locator, _ = hit.provision.split("\t")
                found.setdefault((instrument, locator), {})[which] = _run(place, hit.why)
        return found

    def _of_regimes(self, regimes: set[str]) -> frozenset[str]:
        return frozenset(line.instrument for line in lines() if line.instrument.partition("-")[0] in regimes)

    def _by_name(self, named: Named) -> list[StoredProvision]:
        """The places that the question names, in the acts that it names."""
        if self._library is None:
            return []
        pairs = [(act, place) for act in sorted(named.acts) for place in named.places]
        return [found for act, place in pairs if (found := _at(self._library, act, place)) is not None]

    def _stored(
        self, asked: Asked, held: StoredProvision, runs: Mapping[str, Run], weights: Mapping[str, Mapping[int, float]]
    ) -> Candidate:
        version = held.version
        spoken = language_group(version.language)
        place = provision_name(held.locator)
        act = Act(
            version.instrument, self._title(version), version.kind, version.regime, version.language, version.url,
            version.effective, version.until, self._standing(version, asked.on), version.repealed_by or "",
        )  # fmt: skip
        passage = Passage(
            act, place, held.label, held.text, held.sha256, held.heading, held.page, held.id,
            asked=weights.get(spoken, {}),
        )  # fmt: skip
        clues = self._clues(asked, passage, held.locator, runs, crossing=spoken != asked.language)
        return Candidate(passage, held.locator, clues)

    def _title(self, version: Version) -> str:
        """The act's title as published, with its number where that says more."""
        if version.number and version.number not in version.title:
            return f"{version.title} ({version.number})"
        return version.title

    def _standing(self, version: Version, on: date) -> Standing:
        """The rule book's timeline decides where it knows the act: a text does not say that it has been suspended."""
        known = self._book.instruments.get(version.instrument)
        by_text: Standing = standing(version, on)
        if known is None or by_text == "repealed":
            return by_text
        return _by_timeline(known, on)

    # ------------------------------------------------------------ digests

    def _from_digests(
        self,
        asked: Asked,
        weights: Mapping[str, Mapping[int, float]],
        by_subject: Mapping[tuple[str, str], Mapping[str, Run]],
    ) -> list[Candidate]:
        language: Lang = "zh" if asked.language == "zh" else "en"
        held = self._held()
        free = frozenset(self._book.instruments) - held.keys()
        if not free:
            return []
        limits = IndexFilters(instruments=free, languages=frozenset((language,)))
        hits = self._digests.find(asked.text, DEPTH, filters=limits)
        runs = {hit.provision: {"digest": _run(place, hit.why)} for place, hit in enumerate(hits, 1)}
        for (act, locator), which in by_subject.items():
            if act in free and (act, provision_name(locator)) in self._book.provisions:
                runs.setdefault(bundled.name(act, provision_name(locator), language), {}).update(which)
        for act in asked.named.acts & free:
            for place in asked.named.places:
                number = place.removeprefix("art-")
                if (act, number) in self._book.provisions:
                    runs.setdefault(bundled.name(act, number, language), {})
        return [self._digest(asked, found, which, weights) for found, which in runs.items()]

    def _digest(
        self, asked: Asked, found: str, runs: Mapping[str, Run], weights: Mapping[str, Mapping[int, float]]
    ) -> Candidate:
        instrument, place, language = found.split("\t")
        known, digest = self._book.instruments[instrument], self._book.provisions[instrument, place]
        lang: Lang = "zh" if language == "zh" else "en"
        title = called(known, lang)
        unsure = Confidence.UNCONFIRMED in (digest.confidence, known.confidence)
        act = Act(
            instrument, title, known.kind, known.regime, language, known.url,
            known.effective, None, _by_timeline(known, asked.on), digest=True,
        )  # fmt: skip
        passage = Passage(
            act, place, "", digest.text[lang], digest.sha256[lang], asked=weights.get(language, {}),
            confidence=Confidence.UNCONFIRMED if unsure else Confidence.CONFIRMED,
        )  # fmt: skip
        locator = f"art-{place}" if place.isdecimal() else place
        return Candidate(passage, locator, self._clues(asked, passage, locator, runs, crossing=False))

    # ------------------------------------------------------------ clues

    def _clues(self, asked: Asked, passage: Passage, locator: str, runs: Mapping[str, Run], *, crossing: bool) -> Clues:
        named, act = asked.named, passage.act
        at = any(locator == p or locator.startswith(f"{p}/") for p in named.places)
        return Clues(
            own=runs.get("own", Run()),
            other=runs.get("other", Run()),
            digest=runs.get("digest", Run()),
            within=runs.get("within", Run()),
            formal=runs.get("formal", Run()),
            subject=runs.get("subject", Run()),
            about=runs.get("about", Run()),
            regime=runs.get("regime", Run()),
            core=act.id in self._book.instruments,
            crossing=crossing,
            act=0 if not named.acts else (1 if act.id in named.acts else -1),
            unknown_act=named.unknown,
            place=0 if not named.places else (1 if at else -1),
            country=self._country(asked.countries, act.regime),
            kind=act.kind,
            ended=act.standing in ("repealed", "not_yet_effective"),
            length=len(passage.text),
            text=passage.text,
            intent=asked.intent,
            asks=asked.fact,
            unknown=asked.unknown,
            unheld_country=asked.unheld,
            words=asked.words,
            alike=asked.alike.of(act.id, locator) if asked.alike is not None else NOT_ALIKE,
        )

    def _country(self, countries: frozenset[str], regime: str) -> int:
        if not countries or not regime:
            return 0
        return 1 if regime in self._regimes(countries) else -1


def _at(library: Library, act: str, place: str) -> StoredProvision | None:
    """The passage at that place, or around it."""
    while place:
        if (found := library.find(act, place)) is not None:
            return found
        place = place.rpartition("/")[0]
    return None


def provision_name(locator: str) -> str:
    """A locator as citations name it: `art-34` is 34, `sec-764.3/a/1` is 764.3(a)(1), any other is itself."""
    first, *rest = locator.split("/")
    if first.startswith("art-") and not rest:
        return first.removeprefix("art-")
    if first.startswith("sec-"):
        return first.removeprefix("sec-") + "".join(f"({part})" for part in rest)
    return locator


def _by_timeline(known: Instrument, on: date) -> Standing:
    measure = standing_of(known.timeline, on)
    if measure is None:
        return "not_yet_effective"
    said = str(measure.status)
    if said in ("in_force", "not_yet_effective", "suspended", "repealed"):
        return said  # type: ignore[return-value]
    return "in_force"


def _run(place: int, why: Why) -> Run:
    return Run(place, why.coverage, why.heading_coverage, why.dense or 0.0, why.above, len(why.literals))


def _weights(text: str) -> dict[int, float]:
    """How much each of a question's words counts in choosing sentences: longer ones say more; numbers say much."""
    found = terms(text, spelt=True)
    return {
        int(n): 2.0 if spelt.isdecimal() else min(3.0, 0.4 + len(spelt) / (2 if spelt.isascii() is False else 6))
        for n, spelt in zip(found.words.tolist(), found.spelt, strict=True)
    }
