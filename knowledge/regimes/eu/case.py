"""What every rule of the Union looks at, and what each of them hands back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from knowledge import naming
from knowledge.conditions.deal import EXACT
from knowledge.logic import Truth
from knowledge.model import (
    Confidence,
    Finding,
    Good,
    Missing,
    Outcome,
    Reference,
    Remark,
    Status,
    Step,
    Text,
    Transaction,
)
from knowledge.regimes.eu.annex_one import Classified
from knowledge.regimes.eu.territory import Movement
from knowledge.rulebook.book import RuleBook

DUAL_USE, ANNEX_2025, RUSSIA_ACT = "EU-2021-821", "EU-2025-2003", "EU-833-2014"
Values = dict[str, str | Text]
_FORCES = ("military_user", "armed_forces")


@dataclass(frozen=True)
class Case:
    """One deal on one day, its goods classified."""

    deal: Transaction
    book: RuleBook
    on: date
    home: str
    movement: Movement
    goods: tuple[Classified, ...]

    @cached_property
    def use(self) -> str | None:
        """civil, military or wmd; a party known to serve armed forces makes an unstated or civil use military."""
        stated = self.deal.end_use
        forces = any(m.party.list in _FORCES and m.score >= EXACT for m in self.deal.parties)
        return "military" if forces and stated != "wmd" else stated

    @property
    def destination(self) -> str:
        """ISO code of the destination, "" where none is stated."""
        return self.deal.destination.country if self.deal.destination else ""

    def name(self, good: Good) -> Text:
        """The good's name in both languages."""
        return {"en": naming.good(self.book, "en", good), "zh": naming.good(self.book, "zh", good)}

    def country(self, code: str) -> Text:
        """The country's name in both languages; a question mark where there is none."""
        if not code:
            return {"en": "?", "zh": "？"}
        return {"en": naming.country("en", code), "zh": naming.country("zh", code)}

    def confidence(self, *references: Reference) -> Confidence:
        """The least confidence of the passages."""
        passages = (self.book.provisions[(r.instrument, r.provision)] for r in references)
        unsure = any(p.confidence is Confidence.UNCONFIRMED for p in passages)
        return Confidence.UNCONFIRMED if unsure else Confidence.CONFIRMED


@dataclass(frozen=True)
class Part:
    """What one rule contributes to the determination."""

    outcome: Outcome = Outcome.NO_LICENCE_FOUND
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    remarks: tuple[Remark, ...] = ()
    steps: tuple[Step, ...] = ()
    entries: tuple[str, ...] = ()


def joined(parts: Iterable[Part]) -> Part:
    """All parts as one: the gravest outcome, everything else in order, each thing once."""
    all_ = tuple(parts)

    def once(items: Iterable[object]) -> tuple[object, ...]:
        seen: list[object] = []
        for item in items:
            if item not in seen:
                seen.append(item)
        return tuple(seen)

    return Part(
        max((p.outcome for p in all_), key=lambda o: o.gravity, default=Outcome.NO_LICENCE_FOUND),
        once(f for p in all_ for f in p.findings),  # type: ignore[arg-type]
        once(m for p in all_ for m in p.missing),  # type: ignore[arg-type]
        once(r for p in all_ for r in p.remarks),  # type: ignore[arg-type]
        tuple(s for p in all_ for s in p.steps),
        once(e for p in all_ for e in p.entries),  # type: ignore[arg-type]
    )


def sentence(section: str, key: str, *references: Reference, **values: str | Text) -> Remark:
    """A sentence for a part of the answer."""
    return Remark(section, key, values, references)


def ref(instrument: str, provision: str) -> Reference:
    """A passage, in few letters."""
    return Reference(instrument, provision)


def finding(
    case: Case,
    reference: Reference,
    truth: Truth,
    outcome: Outcome,
    *,
    good: int | None = None,
    missing: tuple[Missing, ...] = (),
    leans_on: tuple[Reference, ...] = (),
) -> Finding:
    """A finding named after its article, "EU-2021-821.3"; unconfirmed where the article or what it leans on is."""
    return Finding(
        rule=f"{reference.instrument}.{reference.provision}",
        truth=truth,
        status=Status.IN_FORCE,
        outcome=outcome,
        reference=reference,
        good=good,
        missing=missing,
        confidence=case.confidence(reference, *leans_on),
    )
