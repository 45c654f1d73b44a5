"""Goods against a regime's control list and deal rules: what every list regime has in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.conditions.deal import Deal
from knowledge.logic import Truth
from knowledge.model import (
    Confidence,
    Finding,
    Good,
    Measure,
    Missing,
    Outcome,
    Status,
    Step,
    Transaction,
)
from knowledge.regimes.dealrules import deal_rules, least_sure, outcome_of, why
from knowledge.rulebook.book import ControlEntry, Neighbour, Restriction, RuleBook
from knowledge.taxonomy import Taxonomy
from knowledge.timeline import standing

NEAR = 4
"""How many entries that do not apply are shown for a good, the nearest first."""


@dataclass(frozen=True)
class GoodResult:
    """What the list says of one good on a day."""

    good: Good
    outcome: Outcome
    matched: tuple[Finding, ...]  # entries and rules that apply
    possible: tuple[Finding, ...]  # entries and rules that an open fact decides
    near: tuple[Finding, ...]  # entries considered that do not apply
    neighbours: tuple[Neighbour, ...]
    missing: tuple[Missing, ...]
    trace: tuple[Step, ...]
    note: str = ""


def determine_good(
    index: int, good: Good, deal: Transaction, book: RuleBook, regime: str, home: str, on: date, *, listed: bool
) -> GoodResult:
    """One good against the entries (only where `listed`: the list governs this export) and the deal rules."""
    tax = book.taxonomy
    entries = [e for e in book.entries if e.regime == regime]
    tried = [(e, *_try(e, good, tax)) for e in entries]
    truths = _asserted(good, {e.code: truth for e, truth, _, _ in tried}, entries)
    steps: list[Step] = []
    matched: list[Finding] = []
    possible: list[Finding] = []
    for entry, _, step, missing in tried:
        truth = truths[entry.code]
        measure = standing(entry.timeline, on)
        reason = why(step) if truth == step.truth else "named by its code or customs number"
        steps.append(Step(entry.code, truth, reason, (step,) if truth is not False else ()))
        if truth is False:
            continue
        finding = _finding(entry, truth, measure, index, () if truth else missing, listed)
        (matched if truth else possible).append(finding)
    live = {
        e.code: truths[e.code]
        for e in entries
        if truths[e.code] is not False
        and (m := standing(e.timeline, on)) is not None
        and m.status in (Status.IN_FORCE, Status.SUSPENSION_LAPSED)
    }
    rules_true, rules_open, rule_steps = deal_rules(Deal(deal, good, live, home, on), index, book, regime)
    steps += rule_steps
    if any(f.outcome.gravity >= Outcome.NEEDS_MORE_INFO.gravity for f in matched) or not _decides(possible):
        possible = [f for f in possible if f.outcome.gravity > max((m.outcome.gravity for m in matched), default=0)]
    outcome = max(
        (f.outcome for f in [*matched, *possible, *rules_true]),
        key=lambda o: o.gravity,
        default=Outcome.NO_LICENCE_FOUND,
    )
    opened = [
        f for f in rules_open if f.truth is None and f.outcome.gravity > outcome.gravity and _rule(book, f.rule).decides
    ]
    if opened and outcome.gravity < Outcome.NEEDS_MORE_INFO.gravity:
        outcome = Outcome.NEEDS_MORE_INFO
    missing = tuple(dict.fromkeys(m for f in [*possible, *opened] for m in f.missing))
    near = _near(index, good, entries, truths, tax, on)
    neighbours = tuple(n for n in book.neighbours if n.goods.test(good, tax).truth is True)
    return GoodResult(
        good,
        outcome,
        (*matched, *rules_true),
        (*possible, *opened, *(f for f in rules_open if f not in opened)),
        near,
        neighbours,
        missing,
        tuple(steps),
    )


def _try(entry: ControlEntry, good: Good, tax: Taxonomy) -> tuple[Truth, Step, tuple[Missing, ...]]:
    result = entry.goods.test(good, tax)
    return result.truth, result.step, result.missing


def _asserted(good: Good, truths: dict[str, Truth], entries: Sequence[ControlEntry]) -> dict[str, Truth]:
    """A control code or an exact customs number that the question gives counts where its words do not settle it."""
    result = dict(truths)
    described = good.kind != "material" or any(good.elements.values())
    for code in good.codes:
        under = [e.code for e in entries if e.code == code or e.code.startswith(code + ".")]
        if any(result[c] for c in under):
            continue
        if not described or any(result[c] is None for c in under) or code in under:
            for c in under:
                if not described or result[c] is None or c == code:
                    result[c] = True
    for number in good.hs:
        lines = [e for e in entries if any(h.startswith(number) or number.startswith(h) for h in e.hs_reference)]
        for e in lines:
            if described:
                continue
            named = e.hs_exact or (
                len(lines) == 1 and len(number) == 10 and not number.endswith(("90", "9000", "9900"))
            )
            result[e.code] = True if (named and len(number) >= 8) or result[e.code] else None
        if not described and lines:
            for e in entries:
                if e not in lines and result[e.code] is None:
                    result[e.code] = False
    if good.codes and not described:
        known = {c for c, t in result.items() if t is True}
        for c, t in result.items():
            if t is None and known:
                result[c] = False
    return result


def _finding(
    entry: ControlEntry, truth: Truth, measure: Measure | None, index: int, missing: tuple[Missing, ...], listed: bool
) -> Finding:
    status = measure.status if measure else Status.NOT_YET_EFFECTIVE
    return Finding(
        rule=entry.code,
        truth=truth,
        status=status,
        outcome=outcome_of(truth, status, entry.outcome) if listed else Outcome.NO_LICENCE_FOUND,
        reference=entry.reference,
        measure=measure,
        good=index,
        missing=missing,
        confidence=least_sure(entry.confidence, measure.confidence if measure else Confidence.CONFIRMED),
    )


def _decides(findings: Sequence[Finding]) -> bool:
    return any(f.outcome is not Outcome.NO_LICENCE_FOUND for f in findings)


def _rule(book: RuleBook, id_: str) -> Restriction:
    return next(r for r in book.restrictions if r.id == id_)


def _near(
    index: int, good: Good, entries: Sequence[ControlEntry], truths: dict[str, Truth], tax: Taxonomy, on: date
) -> tuple[Finding, ...]:
    """The entries that come closest without applying: same element, same sort of goods."""
    present = {e for e, there in good.elements.items() if there and e != "O"} | set(tax.holds(good.kind))
    absent = {e for e, there in good.elements.items() if not there}
    scored = []
    for place, entry in enumerate(entries):
        if truths[entry.code] is not False:
            continue
        score = 2 * bool(entry.elements & present) + bool(entry.elements & absent)
        for kind in entry.kinds:
            if (
                kind in ("material", "metal", "oxide", "compound", "alloy", "target", "equipment", "technology")
                and not score
            ):
                continue
            if tax.is_a(good.kind, kind) or (tax.is_a(kind, good.kind) and good.kind != "material"):
                score += 2
                break
            if any(tax.is_a(p, kind) or tax.is_a(kind, p) for p in good.parts):
                score += 2
                break
        if score >= 2 and (entry.elements & (present | absent) or not entry.elements or score >= 3):
            scored.append((-score, place, entry))
    found = []
    nearest = min((s[0] for s in scored), default=0)
    scored = [s for s in scored if s[0] <= nearest + 1]
    for _, _, entry in sorted(scored, key=lambda s: (s[0], s[1]))[:NEAR]:
        measure = standing(entry.timeline, on)
        found.append(_finding(entry, False, measure, index, (), True))
    return tuple(found)
