"""What differs between two answers to one question, and which provisions made the difference. Pure.

An answer is a function of its question, its day, the rule book and the library; compared are two values of it. The
states themselves (`rulebook`, `generation`) are no difference, nor is what case an answer belongs to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.model import Answer, Citation, Determination, Finding, Licence, Missing, Reference

OUTCOMES = frozenset(("verdict", "outcome", "status", "entries", "licence", "missing"))
"""Differences that change what somebody has to do."""


@dataclass(frozen=True)
class Differs:
    """One thing that is otherwise. `what`: verdict, outcome, status, entries, licence, missing, instruments, reasons,
    behaviour, intent, deal, red_flags, citation, quote or text; `regime` is empty for the answer as a whole. `before` and
    `after` are as short as they can be and empty where there was nothing. `causes`: the provisions of rules and measures
    that stand on one side only, as far as the findings tell."""

    what: str
    regime: str
    before: str
    after: str
    causes: tuple[Reference, ...] = ()


def compare(before: Answer, after: Answer) -> tuple[Differs, ...]:
    """Everything that differs, outcomes first; empty where the two answers say the same in the same words."""
    causes = _all_causes(before.determinations, after.determinations)
    found = [
        *_one("verdict", "", str(before.verdict), str(after.verdict), causes),
        *compare_determined(before.determinations, after.determinations),
        *_one("behaviour", "", str(before.behaviour), str(after.behaviour)),
        *_one("intent", "", before.intent, after.intent),
        *_one("missing", "", _facts(before.missing), _facts(after.missing), causes),
        *_flags(before, after),
        *_deal(before, after),
        *_citations(before.citations, after.citations),
    ]
    if _said(before) != _said(after):
        found.append(Differs("text", "", *unlike(before.text, after.text)))
    return tuple(found)


def compare_determined(before: Sequence[Determination], after: Sequence[Determination]) -> tuple[Differs, ...]:
    """What differs between the determinations of one deal, by regime; no text is needed. A regime that has no say on one
    side has the outcome ''."""
    old, new = {d.regime: d for d in before}, {d.regime: d for d in after}
    found: list[Differs] = []
    for regime in dict.fromkeys((*old, *new)):
        was, now = old.get(regime), new.get(regime)
        if was != now:
            found += _regime(regime, was, now)
    return tuple(found)


def flips(found: Sequence[Differs]) -> bool:
    """Does some outcome change: verdict, outcome, status, entries, licence or a fact asked for? Wording alone does not."""
    return any(d.what in OUTCOMES for d in found)


def causes_of(was: Determination | None, now: Determination | None) -> tuple[Reference, ...]:
    """The provisions behind what one determination found and the other did not, or found otherwise: the rule's own and
    that of the measure that stands on the day, each once, those of the newer side first.

    Where findings that decide the graver of the two outcomes are among them, those alone: what else was looked at then
    follows from them.
    """
    old, new = _findings(was), _findings(now)
    changed = [key for key in dict.fromkeys((*new, *old)) if old.get(key) != new.get(key)]
    gravest = max(d.outcome.gravity for d in (was, now) if d is not None) if was or now else 0
    found: list[tuple[bool, Reference]] = []
    for one, side, other in ((now, new, old), (was, old, new)):
        for key in changed:
            if one is not None and (finding := side.get(key)) is not None:
                decides = finding.truth is not False and finding.outcome is one.outcome
                heavy = decides and one.outcome.gravity == gravest
                found += [(heavy, r) for r in _references(finding, other.get(key))]
    chosen = [r for heavy, r in found if heavy] or [r for _, r in found]
    if not chosen:  # the same findings under another licence
        chosen = [r for d in (now, was) if d is not None and d.licence is not None for r in d.licence.provisions]
    return tuple(dict.fromkeys(chosen)) if was != now else ()


# ---------------------------------------------------------------- one regime


def _regime(regime: str, was: Determination | None, now: Determination | None) -> list[Differs]:
    causes = causes_of(was, now)
    found = [
        *_one("outcome", regime, str(was.outcome) if was else "", str(now.outcome) if now else "", causes),
        *_one("status", regime, str(was.status) if was else "", str(now.status) if now else "", causes),
        *_one("entries", regime, _listed(was.entries if was else ()), _listed(now.entries if now else ()), causes),
        *_one("licence", regime, _licence(was), _licence(now), causes),
        *_one("missing", regime, _facts(was.missing if was else ()), _facts(now.missing if now else ()), causes),
        *_one(
            "instruments", regime, _listed(was.instruments if was else ()), _listed(now.instruments if now else ()), causes
        ),
    ]  # fmt: skip
    if not found:  # the same outcome on other grounds: a rule considered, a measure's date, a step
        found = [Differs("reasons", regime, *_grounds(was, now), causes)]
    return found


def _grounds(was: Determination | None, now: Determination | None) -> tuple[str, str]:
    """The rules found otherwise, each with what it found; empty where only steps or remarks differ."""
    old, new = _findings(was), _findings(now)
    keys = sorted((k for k in {*old, *new} if old.get(k) != new.get(k)), key=str)
    return _listed(_finding(old[k]) for k in keys if k in old), _listed(_finding(new[k]) for k in keys if k in new)


def _finding(found: Finding) -> str:
    since = f" since {found.measure.start.isoformat()}" if found.measure else ""
    truth = {True: "applies", False: "does not apply", None: "open"}[found.truth]
    return f"{found.rule} {truth}{f' ({found.status}{since})' if found.status else ''}"


def _findings(one: Determination | None) -> dict[tuple[str, int | None, int], Finding]:
    """By rule and good; a rule found twice for one good is counted."""
    found: dict[tuple[str, int | None, int], Finding] = {}
    for finding in one.findings if one is not None else ():
        n = 0
        while (finding.rule, finding.good, n) in found:
            n += 1
        found[finding.rule, finding.good, n] = finding
    return found


def _references(finding: Finding, other: Finding | None) -> list[Reference]:
    """Where only the measure changed, it is the cause and not the rule that it is a measure of."""
    measure = [finding.measure.reference] if finding.measure is not None else []
    if other is not None and finding.measure != other.measure and measure:
        return measure
    return [finding.reference, *measure]


def _all_causes(before: Sequence[Determination], after: Sequence[Determination]) -> tuple[Reference, ...]:
    old, new = {d.regime: d for d in before}, {d.regime: d for d in after}
    both = (r for regime in dict.fromkeys((*old, *new)) for r in causes_of(old.get(regime), new.get(regime)))
    return tuple(dict.fromkeys(both))


def _licence(one: Determination | None) -> str:
    licence: Licence | None = one.licence if one is not None else None
    if licence is None:
        return ""
    under = _listed(f"{r.instrument} {r.provision}" for r in licence.provisions)
    return f"{licence.kind}, {licence.authority}{f' ({under})' if under else ''}"


# ---------------------------------------------------------------- the answer as a whole


def _flags(before: Answer, after: Answer) -> list[Differs]:
    old, new = {f.id: f for f in before.red_flags}, {f.id: f for f in after.red_flags}
    if old == new:
        return []
    causes = tuple(dict.fromkeys(f.reference for f in (*new.values(), *old.values()) if old.get(f.id) != new.get(f.id)))
    return [Differs("red_flags", "", _listed(old), _listed(new), causes)]


def _deal(before: Answer, after: Answer) -> list[Differs]:
    """The deal as it was understood: another party found on a list, another code proposed."""
    if before.transaction == after.transaction:
        return []
    names = list(before.transaction.__dataclass_fields__)
    changed = [n for n in names if getattr(before.transaction, n) != getattr(after.transaction, n)]
    old, new = (_listed(f"{n}={_short(getattr(a.transaction, n))}" for n in changed) for a in (before, after))
    return [Differs("deal", "", old, new, _listings(before, after))]


def _listings(before: Answer, after: Answer) -> tuple[Reference, ...]:
    """The acts that list the parties found on one side only."""
    old, new = ({m.party.id: m.party for m in a.transaction.parties} for a in (before, after))
    differing = [p for i, p in (*new.items(), *old.items()) if old.get(i) != new.get(i)]
    return tuple(dict.fromkeys(m.reference for p in differing for m in p.timeline))


def _short(value: object) -> str:
    if isinstance(value, tuple):
        return "/".join(_short(v) for v in value) or "-"
    party = getattr(value, "party", None)
    named = getattr(party, "id", None) or getattr(value, "name", None)
    return str(named) if named is not None else ("-" if value is None or value == "" else str(value))


def _citations(before: Sequence[Citation], after: Sequence[Citation]) -> list[Differs]:
    """`citation`: another passage is cited; `quote`: the same one, in other words or as another version has it."""
    old, new = _cited(before), _cited(after)
    found: list[Differs] = []
    for place in dict.fromkeys((*old, *new)):
        was, now = old.get(place), new.get(place)
        name = f"{place[0]} {place[1]}"
        cause = (Reference(place[0], place[1]),)
        if was is None or now is None:
            found.append(Differs("citation", "", name if was else "", name if now else "", cause))
        elif _quoted(was) != _quoted(now):
            words = unlike(was[0].quote, now[0].quote) if was[0].quote != now[0].quote else _sources(was, now)
            found.append(Differs("quote", "", f"{name}: {words[0]}", f"{name}: {words[1]}", cause))
    return found


def _cited(citations: Sequence[Citation]) -> dict[tuple[str, str], list[Citation]]:
    found: dict[tuple[str, str], list[Citation]] = {}
    for citation in citations:
        found.setdefault((citation.instrument, citation.provision), []).append(citation)
    return found


def _quoted(citations: Sequence[Citation]) -> list[tuple[object, ...]]:
    """All of the citations but their numbers, which follow from what else is cited."""
    return [tuple(v for k, v in vars(c).items() if k != "n") for c in citations]


def _sources(was: Sequence[Citation], now: Sequence[Citation]) -> tuple[str, str]:
    """Which text is quoted, where the words are the same."""
    one, other = (
        _listed(f"{'our summary' if c.digest else 'official text'} {c.sha256[:12]}, page {c.page}, {c.standing or '-'},"
                f" {c.effective_from} to {c.effective_to}, {c.confidence}" for c in side)
        for side in (was, now)
    )  # fmt: skip
    return one, other


def _said(answer: Answer) -> tuple[object, ...]:
    """All that is worded or counted in an answer and is not compared by itself."""
    order = tuple((c.instrument, c.provision, c.n) for c in answer.citations)
    return (
        answer.lang, answer.on, answer.text, answer.sections, answer.questions, answer.missing, answer.checks,
        answer.wording, order,
    )  # fmt: skip


# ---------------------------------------------------------------- pieces


def _one(what: str, regime: str, before: str, after: str, causes: tuple[Reference, ...] = ()) -> list[Differs]:
    return [Differs(what, regime, before, after, causes)] if before != after else []


def _facts(missing: Sequence[Missing]) -> str:
    """The facts asked for because they decide, in a steady order: how they are asked is wording."""
    return _listed(sorted({m.fact for m in missing if m.decides}))


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


AROUND = 30
"""Characters shown before the first that differs."""
SHOWN = 120
"""Characters shown of a long text."""


def unlike(before: str, after: str) -> tuple[str, str]:
    """The stretch of two texts from a little before the first character that differs."""
    same = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = max(0, same - AROUND)
    old, new = (_cut(text, start) for text in (before, after))
    return old, new


def _cut(text: str, start: int) -> str:
    shown = text[start : start + SHOWN].replace("\n", " ")
    return f"{'…' if start else ''}{shown}{'…' if start + SHOWN < len(text) else ''}"
