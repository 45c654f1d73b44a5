"""What flipped between two determinations of one deal, since when, and under which provision."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from knowledge.alerts.rerun import verdict
from knowledge.compare import OUTCOMES, Differs, compare_determined
from knowledge.model import Confidence, Determination, Finding, Reference


@dataclass(frozen=True)
class Ground:
    """A provision behind a flip. `status` and `since` are those of the measure that brought it about, where one did."""

    instrument: str
    provision: str
    rule: str = ""
    status: str = ""
    since: str = ""
    unconfirmed: bool = False


@dataclass(frozen=True)
class Side:
    """One regime before and after; an outcome of "" is that of a regime that had no say."""

    regime: str
    before: str
    after: str
    status_before: str = ""
    status_after: str = ""
    what: tuple[str, ...] = ()  # of knowledge.compare.OUTCOMES
    gone: tuple[str, ...] = ()  # entries that no longer apply
    come: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flip:
    """What flipped: the verdicts, the regimes that differ, since when, and why. `by` is day (a status began) or state (the
    rules or the lists changed)."""

    before: str
    after: str
    since: str
    by: str
    sides: tuple[Side, ...]
    grounds: tuple[Ground, ...]


MOST = 4
"""Provisions that are named."""


def flip(before: Sequence[Determination], after: Sequence[Determination], last: date, on: date) -> Flip | None:
    """What flipped, None where nothing did. `last` is the day as of which `before` held, `on` that of `after`."""
    found = [d for d in compare_determined(before, after) if d.what in OUTCOMES]
    if not found:
        return None
    old, new = {d.regime: d for d in before}, {d.regime: d for d in after}
    regimes = dict.fromkeys(d.regime for d in found)
    sides = tuple(_side(r, [d for d in found if d.regime == r], old.get(r), new.get(r)) for r in regimes)
    named = dict.fromkeys(g for r in regimes for g in _grounds(r, found, old.get(r), new.get(r)))
    grounds = tuple(sorted(named, key=lambda g: not g.status))[:MOST]
    began = [g.since for g in grounds if g.since and last.isoformat() < g.since <= on.isoformat()]
    since, by = (max(began), "day") if began else (on.isoformat(), "state")
    return Flip(str(verdict(before)), str(verdict(after)), since, by, sides, grounds)


def _side(regime: str, found: list[Differs], was: Determination | None, now: Determination | None) -> Side:
    entries = [set(d.entries) if d is not None else set() for d in (was, now)]
    return Side(
        regime, str(was.outcome) if was else "", str(now.outcome) if now else "",
        str(was.status) if was else "", str(now.status) if now else "", tuple(d.what for d in found),
        tuple(sorted(entries[0] - entries[1])), tuple(sorted(entries[1] - entries[0])),
    )  # fmt: skip


def _grounds(regime: str, found: list[Differs], was: Determination | None, now: Determination | None) -> list[Ground]:
    """The measures and rules that differ, the gravest first; else what the comparison names."""
    old = {_name(f): f for f in (was.findings if was else ())}
    new = {_name(f): f for f in (now.findings if now else ())}
    grounds: list[Ground] = []
    differing = [f for n, f in new.items() if old.get(n) != f] + [f for n, f in old.items() if n not in new]
    for one in sorted(differing, key=lambda f: (-f.outcome.gravity, f.truth is None)):
        before = old.get(_name(one))
        if one.measure is not None and (before is None or before.measure != one.measure):
            unsure = Confidence.UNCONFIRMED in (one.measure.confidence, one.confidence)
            where, start = one.measure.reference, one.measure.start.isoformat()
            grounds.append(Ground(where.instrument, where.provision, "", str(one.measure.status), start, unsure))
        else:
            grounds.append(_plain(one.reference, one))
    if any(g.status for g in grounds):
        grounds = [g for g in grounds if g.status]  # a status that began explains what follows from it
    if not grounds:
        named = dict.fromkeys(r for d in found if d.regime == regime for r in d.causes)
        grounds = [_plain(r, None) for r in named]
    return list(dict.fromkeys(grounds))


def _plain(where: Reference, one: Finding | None) -> Ground:
    unsure = one is not None and one.confidence is Confidence.UNCONFIRMED
    return Ground(where.instrument, where.provision, one.rule if one else "", unconfirmed=unsure)


def _name(finding: Finding) -> tuple[str, int | None]:
    return finding.rule, finding.good


def dumped(found: Flip) -> dict[str, Any]:
    """The flip as plain JSON."""
    return asdict(found)


def loaded(raw: dict[str, Any]) -> Flip:
    """The flip as it was dumped."""
    sides = tuple(
        Side(**{**s, "what": tuple(s["what"]), "gone": tuple(s["gone"]), "come": tuple(s["come"])})
        for s in raw["sides"]
    )
    return Flip(**{**raw, "sides": sides, "grounds": tuple(Ground(**g) for g in raw["grounds"])})
