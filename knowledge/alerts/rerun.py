"""A kept deal determined once more: on another day, under other rules, with the lists of parties as they stand now."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from knowledge.alerts.keys import keys
from knowledge.determine import determine
from knowledge.model import Answer, Behaviour, Determination, ListedParty, Outcome, PartyMatch, Transaction
from knowledge.rulebook.book import RuleBook

if TYPE_CHECKING:
    from knowledge.reading.read import Reader
    from knowledge.screening.service import Screening

_ABROAD = ("US-", "EU-")
"""How the ids of parties begin that screening finds; the others are the rule book's."""
_STATED = ".stated"
"""How the id of a party ends that the question itself calls listed."""
LIVE = timedelta(days=1)
"""An answer is of the day it was asked on where the two are no further apart: the clock of the day and the asker's differ."""


@dataclass(frozen=True)
class Question:
    """A kept answer as far as it can be determined again. `dated`: the law was read on a day that stays (the shipment's, or
    one that was set), `day` that day; `domestic`: it was understood to stay inside the country."""

    deal: Transaction
    told: tuple[Determination, ...]
    dated: bool
    day: date
    domestic: bool


@dataclass(frozen=True)
class Again:
    """What came out: the determinations of `day`, cut to what decides, the keys of the deal, and the days ahead on which
    they will be otherwise, each with what they are then."""

    deal: Transaction
    determinations: tuple[Determination, ...]
    keys: frozenset[str]
    ahead: tuple[tuple[date, tuple[Determination, ...]], ...] = ()


def question(answer: Answer, asked_on: date) -> Question | None:
    """The question of a kept answer; None for one that no determination stands under (refused, declined, of the law)."""
    if answer.intent != "licence" or answer.behaviour not in (Behaviour.ANSWER, Behaviour.ASK):
        return None
    deal = answer.transaction
    # The asker's own day is the shipment's where it is stated; a day set with /asof is far from the day of asking.
    dated = deal.when is not None or abs(answer.on - asked_on) > LIVE
    inside = any(d.regime == "CN" and "domestic" in d.notes for d in answer.determinations)
    return Question(deal, cut(answer.determinations), dated, answer.on, deal.destination is None and inside)


Coming = Callable[[Iterable[str], frozenset[str] | None], frozenset[date]]
"""The days ahead on which parts of the state (`entry:1C905.b`) change their status; with keys, those too on which anything of
Chinese law does that bears on a deal with them."""


def again(asked: Question, book: RuleBook, on: date, home: str, coming: Coming) -> Again:
    """The question on the day `on`, or on its own where it is dated."""
    deal = refreshed(asked.deal, book)
    day = asked.day if asked.dated else on
    whole = _determined(deal, book, day, home, asked.domestic)
    own = keys(deal, whole, book, home)
    ahead = () if asked.dated else tuple(_ahead(asked, deal, whole, book, home, own, coming))
    return Again(deal, cut(whole), own, ahead)


def _ahead(
    asked: Question, deal: Transaction, now: tuple[Determination, ...], book: RuleBook, home: str, own: frozenset[str],
    coming: Coming,
) -> Iterator[tuple[date, tuple[Determination, ...]]]:  # fmt: skip
    """The days on which the outcome will be otherwise. A rule that bears on the deal only once another has begun is seen on
    the day that the other begins."""
    last, seen, days = cut(now), date.min, _days(deal, now, book, own, coming)
    while turn := min((d for d in days if d > seen), default=None):
        whole = _determined(deal, book, turn, home, asked.domestic)
        then = cut(whole)
        if signs(then) != signs(last):
            yield turn, then
        last, seen = then, turn
        days |= _days(deal, whole, book, own, coming)


def _days(
    deal: Transaction, found: Sequence[Determination], book: RuleBook, own: frozenset[str], coming: Coming
) -> frozenset[date]:
    """The days on which anything turns that was not ruled out for the deal."""
    labels = {s.label for d in found for s in d.trace if s.truth is not False}
    ids = [f"entry:{n}" if n in book.by_code else f"rule:{n}" for n in labels]
    ids += [f"party:{m.party.id}" for m in (*deal.parties, *deal.possible_parties)]
    if any(d.regime == "EU" for d in found):
        ids.append("table:eu")
    chinese = any(d.regime == "CN" for d in found)  # without it there is no trace of what Chinese law tried
    return coming(ids, None if chinese else own)


def _determined(deal: Transaction, book: RuleBook, day: date, home: str, domestic: bool) -> tuple[Determination, ...]:
    return determine(deal, book, day, home=home, domestic=domestic).determinations


def cut(found: Iterable[Determination]) -> tuple[Determination, ...]:
    """The determinations without steps and sentences, and of the findings those that bear on the outcome. The order in which
    the rules stand is no difference."""
    return tuple(
        replace(
            d, trace=(), remarks=(), notes=(), entries=tuple(sorted(d.entries)),
            findings=tuple(
                f for f in d.findings
                if f.truth is not False and (f.measure is not None or f.outcome.gravity > Outcome.NO_LICENCE_FOUND.gravity)
            ),
        )
        for d in found
    )  # fmt: skip


def signs(found: Sequence[Determination]) -> tuple[object, ...]:
    """What would have to change for anything to have flipped; see `knowledge.compare.OUTCOMES`."""
    return tuple(
        (d.regime, d.outcome, d.status, d.entries, d.licence, tuple(sorted(m.fact for m in d.missing if m.decides)))
        for d in found
    )


def verdict(found: Sequence[Determination]) -> Outcome:
    """The gravest outcome."""
    return max((d.outcome for d in found), key=lambda o: o.gravity, default=Outcome.OUT_OF_SCOPE)


def subject(deal: Transaction) -> str:
    """What the deal is about: later answers on the same goods and destination stand in the place of earlier ones."""
    goods = "|".join(sorted(g.name.casefold() for g in deal.goods))
    return f"{deal.destination.country if deal.destination else '?'}:{goods}"[:200]


# ---------------------------------------------------------------- parties


def refreshed(deal: Transaction, book: RuleBook) -> Transaction:
    """The deal with the rule book's parties as the book has them now; one that it has no more is a name on no list."""
    if not deal.parties:
        return deal
    held = {p.id: p for p in book.parties}
    kept = tuple(replace(m, party=held.get(m.party.id, m.party)) for m in deal.parties if _stands(m.party, held))
    gone = [m.name for m in deal.parties if not _stands(m.party, held)]
    return replace(deal, parties=kept, named_parties=tuple(dict.fromkeys((*deal.named_parties, *gone))))


def _stands(party: ListedParty, held: Mapping[str, ListedParty]) -> bool:
    return party.id in held or party.id.startswith(_ABROAD)


def reread(
    deal: Transaction, texts: Sequence[str], on: date, home: str, reader: "Reader", screening: "Screening",
    listed: Collection[str],
) -> Transaction:  # fmt: skip
    """The deal with its parties looked for again in everything that was asked of it, oldest first.

    What was known of it otherwise (a language model may have read a name that the reader does not) stays while the
    party is on a list: `listed` has the ids of those that screening knows.
    """
    from knowledge.parties import with_parties

    found = replace(deal, parties=(), possible_parties=(), named_parties=())
    for text in texts:
        read = reader.read(text, on, home)
        spans = [
            (h.start, h.end) for h in read.hits if h.section in ("elements", "kinds", "forms", "formula", "groups")
        ]
        new = with_parties(read.transaction, read.text, screening, on, [*spans, *read.codes.spans])
        found = replace(
            found, parties=new.parties or found.parties, named_parties=new.named_parties or found.named_parties,
            possible_parties=new.possible_parties or found.possible_parties, ownership=new.ownership or found.ownership,
        )  # fmt: skip
    known = {m.party.id for m in (*found.parties, *found.possible_parties)}
    kept = tuple(m for m in deal.parties if m.party.id not in known and _still(m, listed))
    names = {m.name for m in (*found.parties, *kept)}
    unlisted = (*found.named_parties, *deal.named_parties, *(m.name for m in deal.parties))
    named = tuple(n for n in dict.fromkeys(unlisted) if n not in names)
    return replace(found, parties=(*found.parties, *kept), named_parties=named)


def _still(match: PartyMatch, listed: Collection[str]) -> bool:
    id_ = match.party.id
    return id_ in listed or id_.endswith(_STATED) or not id_.startswith(_ABROAD)
