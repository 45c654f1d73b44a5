"""Determinations -> the sections of an answer, each sentence from the message catalogue, each claim with its mark."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge import naming
from knowledge.citing import Citations
from knowledge.conditions.deal import EXACT
from knowledge.determine import Determined
from knowledge.model import (
    Confidence,
    Determination,
    Finding,
    Good,
    Lang,
    Measure,
    Missing,
    Outcome,
    RedFlag,
    Reference,
    Remark,
    Section,
    Status,
    Text,
    Transaction,
)
from knowledge.reading.text import LIMIT
from knowledge.rulebook.book import RuleBook
from knowledge.timeline import standing, until
from knowledge.wording import say

LAW, DECREE = "CN-ECL-2020", "CN-DUR-792"
_MANY = 6
_SEARCHED = 3


@dataclass(frozen=True)
class Draft:
    """What composing needs at every step."""

    book: RuleBook
    lang: Lang
    deal: Transaction
    on: date
    marks: Citations

    def say(self, key: str, **fields: object) -> str:
        """A sentence of the catalogue in the answer's language."""
        return say(self.lang, key, **fields)

    def cite(self, instrument: str, provision: str) -> int:
        """The number of a passage."""
        return self.marks.cite(Reference(instrument, provision))

    def good(self, index: int | None) -> str:
        """The name of one of the goods."""
        goods = self.deal.goods
        return naming.good(self.book, self.lang, goods[index] if index is not None and index < len(goods) else Good(""))


def verdict_line(draft: Draft, key: str) -> Section:
    """The verdict and the route on top."""
    deal = draft.deal
    transit = ""
    if deal.transit:
        names = ", ".join(naming.country(draft.lang, p.country) for p in deal.transit)
        transit = draft.say("line.route_transit", places=names)
    route = draft.say(
        "line.route",
        origin=naming.country(draft.lang, deal.origin.country) if deal.origin else "?",
        destination=naming.country(draft.lang, deal.destination.country)
        if deal.destination
        else draft.say("line.unknown_place"),
        transit=transit,
        on=draft.on,
    )
    return Section("verdict", (draft.say(key), route))


def why(draft: Draft, determined: Determined) -> Section:
    """The entries that apply or may apply, their standing, and what was considered."""
    lines: list[str] = []
    for determination in determined.determinations:
        if len(determined.determinations) > 1:
            regime = draft.say(f"regime.{determination.regime}")
            lines.append(draft.say("line.regime", regime=regime, verdict=draft.say(f"verdict.{determination.outcome}")))
        lines += _notes(draft, determination)
        lines += _entries(draft, determination)
        lines += remarks(draft, determination, "why")
    if not determined.determinations:
        lines.append(draft.say("line.foreign_only", regimes=_regimes(draft)))
    if determined.changes_on:
        lines.append(draft.say("line.changes_on", day=determined.changes_on))
    if draft.deal.origin_assumed and draft.deal.origin:
        lines.append(draft.say("line.origin_assumed", country=naming.country(draft.lang, draft.deal.origin.country)))
    return Section("why", tuple(dict.fromkeys(lines)))


def remarks(draft: Draft, determination: Determination, section: str) -> list[str]:
    """The sentences that the regime itself wants said in a section, in its order."""
    return [_remark(draft, r) for r in determination.remarks if r.section == section]


def _remark(draft: Draft, remark: Remark) -> str:
    numbers = "".join(f"[{draft.marks.cite(r)}]" for r in remark.references)
    marks = f" {numbers}" if numbers and draft.lang == "en" else numbers
    said = draft.say(remark.key, marks=marks, **{k: _value(draft, v) for k, v in remark.values.items()})
    return said.replace("  ", " ").replace(" .", ".")


def _value(draft: Draft, value: str | Text) -> str:
    if not isinstance(value, str):
        return value.get(draft.lang) or value["en"]
    prefix, _, code = value.partition(":")
    return naming.country(draft.lang, code) if prefix == "country" and code else value


def _notes(draft: Draft, determination: Determination) -> list[str]:
    lines = []
    for finding in determination.findings:
        if finding.because in ("domestic", "bonded", "transit"):
            n = draft.marks.cite(finding.reference)
            lines.append(draft.say(f"line.{finding.because}", n=n))
    if "goods_unknown" in determination.notes:
        lines.append(draft.say("line.goods_unknown"))
    if "not_modelled" in determination.notes:
        tax = draft.book.taxonomy
        for i, good in enumerate(draft.deal.goods):
            if tax.flagged(good.kind, "not_modelled") or good.codes:
                lines.append(draft.say("line.not_modelled", good=draft.good(i)))
    for i, good in enumerate(draft.deal.goods):
        if "metal" in good.assumed:
            lines.append(draft.say("line.assumed_metal", good=draft.good(i)))
    return lines


def _entries(draft: Draft, determination: Determination) -> list[str]:
    lines: list[str] = []
    listed = [f for f in determination.findings if f.rule in draft.book.by_code]
    applies = [f for f in listed if f.truth]
    possible = [f for f in listed if f.truth is None]
    near = [f for f in listed if f.truth is False]
    for finding in applies:
        lines += _entry(draft, finding, "line.entry_applies")
    for finding in possible[:_MANY]:
        lines += _entry(draft, finding, "line.entry_possible")
    if determination.regime != "CN":
        return lines  # other regimes word their own reasoning
    if determination.outcome is Outcome.NO_LICENCE_FOUND and not applies and "domestic" not in determination.notes:
        lines.append(draft.say("line.found_nothing"))
    if not applies:
        for finding in near[:_MANY]:
            lines += _entry(draft, finding, "line.entry_near")
    searched = [f for f in determination.findings if f.because == "searched"]
    for finding in searched[:_SEARCHED]:
        n = draft.marks.cite(finding.reference)
        lines.append(draft.say("line.searched", text=draft.marks.text(finding.reference), n=n))
    return lines


def _entry(draft: Draft, finding: Finding, key: str) -> list[str]:
    entry = draft.book.by_code[finding.rule]
    n = draft.marks.cite(finding.reference)
    description = entry.description[draft.lang].rstrip(" .。")
    line = draft.say(key, good=draft.good(finding.good), code=entry.code, description=description, n=n)
    if finding.truth is False:
        return [line]  # where it stands matters only for goods that it may cover
    lines = [f"{line} {_standing(draft, finding)}" if draft.lang == "en" else line + _standing(draft, finding)]
    if finding.truth:
        if entry.note:
            lines.append(draft.say("line.note", note=entry.note[draft.lang]))
        if entry.hs_reference:
            lines.append(draft.say("line.hs", numbers=", ".join(entry.hs_reference)))
    return lines


def _standing(draft: Draft, finding: Finding) -> str:
    measure = finding.measure
    entry = draft.book.by_code[finding.rule]
    if measure is None:
        first = entry.timeline[0]
        start = next((m.start for m in entry.timeline if m.status is Status.IN_FORCE), first.start)
        return draft.say("line.not_yet_begun", on=draft.on, start=start, n=draft.marks.cite(first.reference))
    n = draft.marks.cite(measure.reference)
    end = until(entry.timeline, measure)
    if measure.status is Status.SUSPENDED and end:
        return draft.say("line.suspended_until", start=measure.start, end=end, on=draft.on, n=n)
    return draft.say(f"line.{measure.status}", start=measure.start, on=draft.on, n=n)


def deal_rules(draft: Draft, determination: Determination) -> Section:
    """Country, user and route rules: those that apply, those to be ruled out, those suspended or about to change."""
    lines: list[str] = []
    if determination.regime != "CN":
        return Section("deal", tuple(dict.fromkeys(remarks(draft, determination, "deal"))))
    rules = {r.id: r for r in draft.book.restrictions}
    for finding in determination.findings:
        rule = rules.get(finding.rule)
        if rule is None or finding.measure is None:
            continue
        if finding.truth is None and (draft.deal.destination is None and _asks(finding, "destination")):
            continue
        if finding.truth is None and {m.fact for m in finding.missing} == {"end_use"}:
            continue  # the catch-all: said with what was not checked
        if finding.truth is not True and finding.measure.status in (Status.NOT_YET_EFFECTIVE, Status.REPEALED):
            continue
        summary, n = rule.summary[draft.lang].rstrip(" .。"), draft.marks.cite(finding.reference)
        start, status = finding.measure.start, finding.measure.status
        if status in (Status.SUSPENDED, Status.SUSPENSION_LAPSED):
            key = "line.rule_suspended" if status is Status.SUSPENDED else "line.rule_lapsed"
            m = draft.marks.cite(finding.measure.reference)
            lines.append(draft.say(key, summary=summary, on=draft.on, start=start, n=n, m=m))
        elif finding.because == "ruled_out":
            lines.append(draft.say("line.rule_out", summary=summary, n=n))
        elif status in (Status.NOT_YET_EFFECTIVE, Status.REPEALED):
            lines.append(draft.say(f"line.rule_{status}", summary=summary, on=draft.on, n=n))
        elif status is Status.IN_FORCE:
            lines.append(draft.say("line.rule" if finding.truth else "line.rule_open", summary=summary, n=n))
        if finding.truth:
            lines += _upcoming(draft, rule.timeline)
    lines += _reports(draft, determination)
    lines += party_lines(draft)
    if draft.deal.licence_held:
        lines.append(draft.say("line.held", n=draft.cite(DECREE, "18")))
        if (
            draft.deal.licence_held == "general"
            and determination.licence
            and determination.licence.kind == "individual_only"
        ):
            lines.append(draft.say("line.held_general_no", n=draft.cite(DECREE, "26")))
    destination = draft.deal.destination
    if destination and destination.country in ("HK", "MO") and determination.outcome is not Outcome.OUT_OF_SCOPE:
        n = draft.cite(DECREE, "hong-kong")
        lines.append(draft.say("line.rule", summary=draft.marks.text(Reference(DECREE, "hong-kong")), n=n))
    if draft.deal.transit and determination.outcome in (Outcome.LICENCE_REQUIRED, Outcome.PROHIBITED):
        n = draft.cite(LAW, "45")
        lines.append(draft.say("line.rule", summary=draft.marks.text(Reference(LAW, "45")), n=n))
    return Section("deal", tuple(dict.fromkeys(lines)))


def _reports(draft: Draft, determination: Determination) -> list[str]:
    """What was reported of a lapsed suspension without an act that we could read."""
    lines = []
    for finding in determination.findings:
        if finding.measure is None or finding.status is not Status.SUSPENSION_LAPSED or finding.truth is False:
            continue
        reference = Reference(finding.measure.reference.instrument, "reported-extension")
        if (reference.instrument, reference.provision) in draft.book.provisions:
            n = draft.marks.cite(reference)
            lines.append(draft.say("line.reported", text=draft.marks.text(reference), n=n))
    return lines


def _asks(finding: Finding, fact: str) -> bool:
    return any(m.fact == fact for m in finding.missing)


def _upcoming(draft: Draft, timeline: Sequence[Measure]) -> list[str]:
    """A change of status in the next thirty days: the shipping date decides, not the day of the question."""
    for measure in timeline:
        if draft.on < measure.start <= draft.on + timedelta(days=30):
            n = draft.marks.cite(measure.reference)
            summary = draft.marks.text(measure.reference)
            return [draft.say("line.rule_upcoming", start=measure.start, summary=summary, n=n)]
    return []


def party_lines(draft: Draft) -> list[str]:
    """What the lists say of each party named."""
    lines = []
    for match in draft.deal.parties:
        party = match.party
        if not party.id.startswith("CN-") and party.list not in ("military_user", "armed_forces"):
            continue  # said with the list's own regime
        if party.list in ("military_user", "armed_forces"):
            lines.append(draft.say("line.military_user", name=party.name[draft.lang]))
            continue
        measure = standing(party.timeline, draft.on)
        if measure is None:
            continue  # listed later than the day the law is read at
        instrument = draft.book.instruments[party.instrument]
        n = draft.cite(party.instrument, "list")
        fields = {"list": draft.say(f"list.{party.list}"), "instrument": instrument.number[draft.lang], "n": n}
        if match.score < EXACT:
            lines.append(draft.say("line.party_close", name=match.name, listed=party.name[draft.lang], **fields))
        elif measure.status is not Status.IN_FORCE:
            status = draft.say(f"status.{measure.status}")
            lines.append(
                draft.say("line.party_gone", name=party.name[draft.lang], status=status, start=measure.start, **fields)
            )
        else:
            lines.append(draft.say("line.party", name=party.name[draft.lang], **fields))
    return lines


def parties_abroad(draft: Draft, regimes: Collection[str]) -> Section:
    """Parties on the list of a country whose law has no say here: a warning, as a tie to it may not have been told."""
    lines = []
    for match in draft.deal.parties:
        regime = match.party.id[:2]
        if regime in ("US", "EU") and regime not in regimes:
            n = draft.marks.cite(match.party.timeline[0].reference)
            fields = {"name": match.name, "listed": match.party.name[draft.lang], "list": match.party.list, "n": n}
            lines.append(draft.say("line.party_abroad", country=draft.say(f"regime.{regime}"), **fields))
    return Section("deal", tuple(dict.fromkeys(lines)))


def licence(draft: Draft, determination: Determination) -> Section:
    """What licence, from whom, with which papers, how long, what to write at customs."""
    given = determination.licence
    if determination.regime != "CN":
        return Section("licence", tuple(dict.fromkeys(remarks(draft, determination, "licence"))))
    if given is None:
        if determination.outcome is Outcome.NO_LICENCE_FOUND and any(
            not f.truth and f.rule in draft.book.by_code for f in determination.findings
        ):
            return Section("licence", (draft.say("licence.remark_not", n=draft.cite("CN-2025-18", "customs-wording")),))
        return Section("licence", ())
    if given.kind == "special_approval":
        return Section("licence", (draft.say("licence.special_approval", n=draft.cite(DECREE, "29")),))
    codes = ", ".join(c for c in determination.entries if not c.startswith("CN-")) or ", ".join(determination.entries)
    who = draft.say("licence.who", n=draft.cite(LAW, "12"))
    only = given.kind == "individual_only"
    kind = draft.say(f"licence.{given.kind}", n=draft.cite(DECREE, "26" if only else "15"))
    return Section(
        "licence",
        (
            who,
            kind,
            draft.say("licence.documents", n=draft.cite(DECREE, "16")),
            draft.say("licence.time", n=draft.cite(DECREE, "17")),
            draft.say("licence.customs", n=draft.cite(DECREE, "21")),
            draft.say("licence.remark", codes=codes, n=draft.cite("CN-2025-18", "customs-wording")),
            draft.say("licence.end_use", n=draft.cite(LAW, "16")),
        ),
    )


def passage(draft: Draft, reference: Reference) -> str:
    """A passage with the instrument it stands in: "MOFCOM and GACC Announcement No. 89 of 2025: ... [n]"."""
    source = draft.book.instruments[reference.instrument].number[draft.lang]
    return draft.say("line.passage", source=source, text=draft.marks.text(reference), n=draft.marks.cite(reference))


def papers(draft: Draft, determination: Determination) -> Section:
    """Other papers the goods may need although they are not dual-use."""
    lines = remarks(draft, determination, "papers")
    for finding in determination.findings:
        if finding.because == "paper":
            lines.append(passage(draft, finding.reference))
    return Section("papers", tuple(dict.fromkeys(lines)))


def flags(draft: Draft, found: tuple[RedFlag, ...]) -> Section:
    """Warning signs, each with the notice it comes from."""
    lines = []
    for flag in found:
        n = draft.marks.cite(flag.reference)
        lines.append(draft.say("line.rule", summary=flag.why[draft.lang].rstrip(" .。"), n=n))
    return Section("flags", tuple(lines))


def questions(draft: Draft, missing: tuple[Missing, ...]) -> tuple[tuple[Missing, str], ...]:
    """Each missing fact with the question to put; elements and kinds are asked for together."""
    grouped: dict[str, list[str]] = {}
    first: dict[str, Missing] = {}
    for item in missing:
        fact, _, value = item.fact.partition(":")
        grouped.setdefault(fact, []).append(value)
        first.setdefault(fact, item)
    asked: list[tuple[Missing, str]] = []
    for fact, values in grouped.items():
        values = list(dict.fromkeys(v for v in values if v))
        if fact == "property":
            asked += [
                (Missing(f"property:{v}"), draft.say("ask.property", property=naming.quantity(draft.lang, v)))
                for v in values
            ]
        elif fact in ("contains", "share"):
            text = draft.say(f"ask.{fact}", elements=naming.elements(draft.book, draft.lang, values[:8]))
            asked.append((Missing(f"{fact}:{','.join(values)}"), text))
        elif fact in ("kind", "part", "form"):
            namer: Callable[..., str] = naming.form if fact == "form" else naming.kind
            names = (" / ").join(namer(draft.book, draft.lang, v) for v in values[:6])
            asked.append((Missing(f"{fact}:{','.join(values)}"), draft.say(f"ask.{fact}", kinds=names, forms=names)))
        elif fact == "row_detail":
            details = ("; " if draft.lang == "en" else "；").join(draft.say(f"detail.{v}") for v in values[:3])
            asked.append((Missing(f"{fact}:{','.join(values)}"), draft.say("ask.row_detail", details=details)))
        elif fact in ("eccn_paragraph", "ear_section"):
            asked.append(
                (Missing(f"{fact}:{','.join(values)}"), draft.say(f"ask.{fact}", places=", ".join(values[:4])))
            )
        else:
            asked.append((first[fact], draft.say(f"ask.{fact}")))
    return tuple(asked)


def not_checked(draft: Draft, determined: Determined) -> Section:
    """What the answer leaves out, said every time."""
    lines = [line for d in determined.determinations for line in remarks(draft, d, "not_checked")]
    chinese = any(d.regime == "CN" for d in determined.determinations) or not determined.determinations
    if chinese and determined.verdict in (Outcome.NO_LICENCE_FOUND, Outcome.NEEDS_MORE_INFO):
        lines.append(draft.say("not_checked.catch_all", n=draft.cite(LAW, "12")))
    unlisted = draft.deal.named_parties
    if unlisted:
        lines.append(draft.say("not_checked.screened", names=", ".join(unlisted[:6])))
    lines.append(draft.say("not_checked.parties" if draft.deal.parties or unlisted else "not_checked.no_party"))
    areas = [c.area[draft.lang] for c in draft.book.coverage if c.regime == "CN" and not c.modelled]
    if areas and chinese:
        lines.append(draft.say("not_checked.areas", areas=("; " if draft.lang == "en" else "；").join(areas)))
    lines.append(draft.say("not_checked.regimes", regimes=_regimes(draft)))
    lines.append(draft.say("not_checked.import"))
    lines.append(draft.say("not_checked.advice"))
    return Section("not_checked", tuple(dict.fromkeys(lines)))


def _regimes(draft: Draft) -> str:
    names = [c.area[draft.lang] for c in draft.book.coverage if c.regime != "CN" and not c.modelled]
    return ("; " if draft.lang == "en" else "；").join(names) or "-"


def unconfirmed(draft: Draft, determined: Determined) -> list[str]:
    """One sentence that names the sources of the verdict that nobody could confirm."""
    names: list[str] = []
    for determination in determined.determinations:
        if determination.regime != "CN":
            continue  # says it with its own remarks
        for finding in determination.findings:
            leans = finding.truth is not False and finding.outcome is determination.outcome
            provision = draft.book.find(finding.reference)
            unsure = finding.confidence is Confidence.UNCONFIRMED or (
                provision is not None and provision.confidence is Confidence.UNCONFIRMED
            )
            if leans and unsure:
                names.append(
                    f"{finding.reference.instrument} {finding.rule if finding.rule in draft.book.by_code else finding.reference.provision}"
                )
    names = list(dict.fromkeys(names))
    return [draft.say("line.unconfirmed", sources=", ".join(names[:4]))] if names else []


def truncated(draft: Draft) -> str:
    """The sentence for a question longer than is read."""
    return draft.say("line.truncated", limit=LIMIT)
