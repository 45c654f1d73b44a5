"""Conditions on the whole deal: route, parties, end use, origin of the goods, content.

{all: [...]}  {any: [...]}  {not: {...}}
{goods: controlled}  {goods: [3C001, 3C002]}      the good fits an entry (of those codes)
{destination: [US]}  {exporter: china}  {exporter: abroad}
{military: true}     end use or end user is military         {end_use: wmd}
{party: control}     a party of the deal is on that list     {party: military_user}
{chinese_origin: true}  {chinese_content_at_least: "0.1"}  {chinese_technology: true}
{transfer: true}     technology handed over, not goods moved
{item: ccl}          the item's class: ccl, ear99, "reason:NS"
{place_named: [crimea]}  the destination is named by one of the words
{export_from: [US]}  the goods leave from there
{owned_by_listed: "50"}  the consignee or end user is owned by listed parties to that share, per cent
{owned_by_blocked: "50"}  the same by parties whose property is blocked (SDN)
{concern: military_intelligence}  an end use named in so many words
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from knowledge.conditions.quantities import Bound
from knowledge.logic import Truth, all_of, any_of, negate
from knowledge.model import Good, ListedParty, Missing, Status, Step, Transaction
from knowledge.timeline import standing


@dataclass(frozen=True)
class Deal:
    """What a deal condition looks at: the transaction, one good of it, and the entries it fits on the day.

    `entries` maps the control codes that stand on the day to whether the good fits them; those it does not fit are left out.
    """

    transaction: Transaction
    good: Good
    entries: dict[str, Truth]
    home: str
    on: date
    classes: frozenset[str] | None = frozenset()  # of the item: ccl, ear99, reason:NS; None: not classified


@dataclass(frozen=True)
class DealResult:
    """The truth, the trace and the facts that would settle it."""

    truth: Truth
    step: Step
    missing: tuple[Missing, ...] = ()


class DealCondition:
    """A node of a deal condition."""

    def test(self, deal: Deal) -> DealResult:
        """Try the condition on a deal."""
        raise NotImplementedError


@dataclass(frozen=True)
class AllDeal(DealCondition):
    """Every part holds."""

    parts: tuple[DealCondition, ...]

    def test(self, deal: Deal) -> DealResult:
        return _combine("all", [p.test(deal) for p in self.parts], all_of)


@dataclass(frozen=True)
class AnyDeal(DealCondition):
    """One part at least holds."""

    parts: tuple[DealCondition, ...]

    def test(self, deal: Deal) -> DealResult:
        return _combine("any", [p.test(deal) for p in self.parts], any_of)


@dataclass(frozen=True)
class NotDeal(DealCondition):
    """The part does not hold."""

    part: DealCondition

    def test(self, deal: Deal) -> DealResult:
        inner = self.part.test(deal)
        truth = negate(inner.truth)
        return DealResult(truth, Step("not", truth, "", (inner.step,)), inner.missing)


def _combine(label: str, results: list[DealResult], rule: object) -> DealResult:
    truth = (all_of if rule is all_of else any_of)(r.truth for r in results)
    missing = (
        () if truth is not None else tuple(dict.fromkeys(m for r in results if r.truth is None for m in r.missing))
    )
    return DealResult(truth, Step(label, truth, "", tuple(r.step for r in results)), missing)


def _leaf(label: str, truth: Truth, fact: str, why: str = "") -> DealResult:
    return DealResult(truth, Step(label, truth, why), (Missing(fact),) if truth is None else ())


@dataclass(frozen=True)
class GoodsFit(DealCondition):
    """The good fits an entry of the regime; `codes` empty: any entry."""

    codes: tuple[str, ...] = ()

    def test(self, deal: Deal) -> DealResult:
        tried = [
            truth
            for code, truth in deal.entries.items()
            if not self.codes or any(code == c or code.startswith(c + ".") for c in self.codes)
        ]
        label = "goods on the list" + (f" ({', '.join(self.codes)})" if self.codes else "")
        return _leaf(label, any_of(tried), "goods")


@dataclass(frozen=True)
class DestinationIn(DealCondition):
    """The goods end up in one of the countries: by their destination or by the country of a party named."""

    countries: frozenset[str]

    def test(self, deal: Deal) -> DealResult:
        place = deal.transaction.destination
        label = "destination or end user in: " + ", ".join(sorted(self.countries))
        users = [m.party.country in self.countries for m in deal.transaction.parties if m.score >= EXACT]
        there: Truth = None if place is None else place.country in self.countries
        return _leaf(label, any_of([there, *users]), "destination")


@dataclass(frozen=True)
class ExporterIn(DealCondition):
    """The goods leave China (`china`) or another place (`abroad`)."""

    side: str

    def test(self, deal: Deal) -> DealResult:
        place = deal.transaction.origin
        leaves_china = None if place is None else place.country == "CN"
        return _leaf(f"exporter: {self.side}", leaves_china if self.side == "china" else negate(leaves_china), "origin")


@dataclass(frozen=True)
class Military(DealCondition):
    """The end user or the end use is military."""

    def test(self, deal: Deal) -> DealResult:
        t = deal.transaction
        user = any_of(
            _party_truth(m.score) for m in t.parties if m.party.list == "military_user" or _is_forces(m.party)
        )
        use: Truth = {"military": True, "wmd": True, "civil": False}.get(t.end_use or "")
        truth = any_of([use, user]) if use is not None or user else None
        return _leaf("military end user or end use", truth, "end_user", t.end_use_text)


EXACT = 100.0
"""The score of a party match that is the listed name itself."""


def _is_forces(party: ListedParty) -> bool:
    return party.list == "armed_forces"


def _party_truth(score: float) -> Truth:
    # A close spelling is a candidate that a person must look at, not a hit.
    return True if score >= EXACT else None


@dataclass(frozen=True)
class EndUse(DealCondition):
    """The stated end use is of the class (`wmd`, `military`, `civil`)."""

    use: str

    def test(self, deal: Deal) -> DealResult:
        stated = deal.transaction.end_use
        return _leaf(f"end use: {self.use}", None if stated is None else stated == self.use, "end_use")


@dataclass(frozen=True)
class PartyOn(DealCondition):
    """A party of the deal stands on the list on the day. A close match leaves it open."""

    list: str
    instrument: str | None = None

    def test(self, deal: Deal) -> DealResult:
        t = deal.transaction
        truths: list[Truth] = []
        for match in t.parties:
            if match.party.list != self.list or (self.instrument and match.party.instrument != self.instrument):
                continue
            measure = standing(match.party.timeline, deal.on)
            if measure is None or measure.status in (Status.SUSPENDED, Status.REPEALED, Status.NOT_YET_EFFECTIVE):
                truths.append(False)
            elif measure.status is Status.SUSPENSION_LAPSED:
                truths.append(None)
            else:
                truths.append(True if match.counts else _party_truth(match.score))
        return _leaf(f"party on the {self.list} list", any_of(truths), f"party:{self.list}")


@dataclass(frozen=True)
class ChineseOrigin(DealCondition):
    """The goods come from China, whoever holds them now."""

    def test(self, deal: Deal) -> DealResult:
        t = deal.transaction
        from_china = True if t.origin is not None and t.origin.country == "CN" else t.chinese_origin
        return _leaf("goods of Chinese origin", from_china, "chinese_origin")


@dataclass(frozen=True)
class ChineseContent(DealCondition):
    """Chinese controlled rare earths make up the value share or more; per cent."""

    bound: Bound

    def test(self, deal: Deal) -> DealResult:
        t = deal.transaction
        stated = t.chinese_content
        truth = self.bound.holds(stated) if stated is not None else (False if t.chinese_origin is False else None)
        return _leaf(f"Chinese rare-earth value share {self.bound}", truth, "chinese_content")


@dataclass(frozen=True)
class ChineseTechnology(DealCondition):
    """The goods were made with Chinese rare-earth technology."""

    def test(self, deal: Deal) -> DealResult:
        return _leaf(
            "made with Chinese rare-earth technology", deal.transaction.chinese_technology, "chinese_technology"
        )


@dataclass(frozen=True)
class IsTransfer(DealCondition):
    """Technology is handed over (by mail, in words, by a person), not goods moved."""

    def test(self, deal: Deal) -> DealResult:
        return _leaf("transfer of technology", deal.transaction.transfer, "transfer")


@dataclass(frozen=True)
class ItemClass(DealCondition):
    """The item's class under a list of another sort than entries with conditions (the Commerce Control List)."""

    name: str

    def test(self, deal: Deal) -> DealResult:
        truth = None if deal.classes is None else self.name in deal.classes
        return _leaf(f"item: {self.name}", truth, "eccn")


@dataclass(frozen=True)
class PlaceNamed(DealCondition):
    """The destination is named by one of the words: a region with rules of its own."""

    words: frozenset[str]

    def test(self, deal: Deal) -> DealResult:
        place = deal.transaction.destination
        there = None if place is None else any(w in place.name.lower() for w in self.words)
        return _leaf("destination: " + ", ".join(sorted(self.words)), there, "destination")


@dataclass(frozen=True)
class ExportFrom(DealCondition):
    """The goods leave from one of the countries."""

    countries: frozenset[str]

    def test(self, deal: Deal) -> DealResult:
        place = deal.transaction.origin
        there = None if place is None else place.country in self.countries
        return _leaf("exported from: " + ", ".join(sorted(self.countries)), there, "origin")


@dataclass(frozen=True)
class OwnedByListed(DealCondition):
    """Listed parties own the share or more of the consignee or end user. Nothing said of ownership: not read as owned."""

    share: Decimal
    list: str = ""  # only owners on this list

    def test(self, deal: Deal) -> DealResult:
        owned = deal.transaction.ownership
        label = f"owned by {self.list or 'listed'} parties, {self.share} % or more"
        if owned is None or (self.list and self.list not in owned.lists):
            return _leaf(label, False, "ownership")
        enough = None if owned.share is None else Bound("at_least", self.share, "percent").holds(owned.share)
        return _leaf(label, all_of([enough, owned.listed_owner]), "ownership")


@dataclass(frozen=True)
class Concern(DealCondition):
    """An end use that the question names in so many words."""

    name: str

    def test(self, deal: Deal) -> DealResult:
        stated = self.name in deal.transaction.concerns
        return _leaf(f"end use: {self.name.replace('_', ' ')}", stated or None, "end_use")
