"""What a sentence may lean on: the cited passages with what is known of them, the question, and what the engine found."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from knowledge import naming
from knowledge.model import Citation, Determination, Good, Lang, Outcome, Place, Quantity, Transaction
from knowledge.rulebook.book import RuleBook

_LANGS: tuple[Lang, ...] = ("en", "zh")


@dataclass(frozen=True)
class Source:
    """A cited passage. `texts` are its words in every language held; `facts` say which act and place it is and since when."""

    n: int
    texts: tuple[str, ...]
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """Everything a sentence may lean on. `verdict` is the engine's; None where the answer decides nothing.

    `facts` are what the engine knows of the deal, in words. `composed` are lines of the engine that a model's line may
    lean on like a passage, where it carries the same marks.
    """

    sources: Mapping[int, Source] = field(default_factory=dict)
    question: str = ""
    verdict: Outcome | None = None
    facts: tuple[str, ...] = ()
    composed: tuple[str, ...] = ()


def source(citation: Citation, texts: Iterable[str]) -> Source:
    """The source of a citation. Its place is written out in both languages, so that "Article 12" finds provision 12."""
    place = citation.provision
    named = [citation.title, citation.instrument, _act(citation.instrument), place, citation.label]
    if place[:1].isdigit() and place.replace("-", "").isdigit():
        named += [f"Article {place}", f"第{place}条"]
    elif place[:3].isdigit() and "." in place:
        named.append(f"section {place}, part {place[:3]}")
    days = [d for d in (citation.effective_from, citation.effective_to) if d is not None]
    if citation.effective_to is not None:
        days.append(citation.effective_to + timedelta(days=1))
    held = tuple(dict.fromkeys(t for t in (*texts, citation.quote) if t))
    return Source(citation.n, held, tuple(n for n in (*named, *(d.isoformat() for d in days)) if n))


def _act(instrument: str) -> str:
    """CN-2025-18 -> "No. 18 of 2025"; EU-2021-821 -> "2021/821"; "" where the id holds no number and year."""
    parts = instrument.split("-")
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        return f"{parts[1]}/{parts[2]}" if len(parts[1]) == 4 else f"{parts[1]}/{parts[2]}, {parts[2]}/{parts[1]}"
    return ""


def engine_facts(
    deal: Transaction, determinations: Sequence[Determination], on: date, book: RuleBook | None = None
) -> tuple[str, ...]:
    """What the engine knows, in words of both languages: days, places, codes, goods with their numbers, parties; with the
    `book`, what its entries and restrictions say besides their passages: notes and tariff lines."""
    facts: list[str] = [on.isoformat()]
    rules = {f.rule for d in determinations for f in d.findings}
    if book is not None:
        facts += [fact for rule in sorted(rules) for fact in _rule(book, rule)]
        facts += [naming.kind(book, lang, good.kind) for good in deal.goods for lang in _LANGS]
    if deal.when is not None:
        facts += [deal.when.first.isoformat(), deal.when.last.isoformat()]
    for place in (deal.origin, deal.destination, *deal.transit, deal.broker_in, deal.release_to):
        facts += _place(place)
    for good in deal.goods:
        facts += _good(good)
    for match in (*deal.parties, *deal.possible_parties):
        facts += [match.name, *match.party.name.values(), *match.party.aliases, match.party.list, match.party.country]
        facts += [m.start.isoformat() for m in match.party.timeline]
    facts += deal.named_parties
    for quantity in (deal.chinese_content, deal.us_content, deal.value):
        facts += _quantity(quantity)
    for determination in determinations:
        facts += [*determination.entries, *determination.instruments, *map(_act, determination.instruments)]
        for finding in determination.findings:
            facts.append(finding.rule)
            facts += [_act(finding.reference.instrument), finding.reference.provision]
            if finding.measure is not None:
                facts += [finding.measure.start.isoformat(), _act(finding.measure.reference.instrument)]
        for remark in determination.remarks:
            for value in remark.values.values():
                facts += [value] if isinstance(value, str) else list(value.values())
    return tuple(dict.fromkeys(f for f in facts if f))


def _rule(book: RuleBook, rule: str) -> Iterator[str]:
    entry = book.by_code.get(rule)
    if entry is not None:
        yield from (*entry.description.values(), *entry.note.values(), *(f"HS {h}" for h in entry.hs_reference))
    for restriction in book.restrictions:
        if restriction.id == rule:
            yield from restriction.summary.values()


@lru_cache(maxsize=512)
def _names_of(code: str) -> tuple[str, str]:
    return naming.country("en", code), naming.country("zh", code)


def _place(place: Place | None) -> Iterator[str]:
    if place is not None:
        yield from (place.name, *_names_of(place.country))


def _good(good: Good) -> Iterator[str]:
    yield from (good.name, *good.codes, *(f"HS {h}" for h in good.hs))
    for quantity in (*good.shares.values(), *good.properties.values(), *good.dimensions):
        yield from _quantity(quantity)
    for candidate in good.candidates:
        yield candidate.code


def _quantity(quantity: Quantity | None) -> Iterator[str]:
    if quantity is not None:
        unit = quantity.unit.replace("percent", "%")
        yield f"{quantity.magnitude} {unit}"
        if quantity.upper is not None:
            yield f"{quantity.upper} {unit}"
