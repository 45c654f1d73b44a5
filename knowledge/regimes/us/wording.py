"""The reasoning of an EAR determination as remarks: reach, classification, reasons by country, exceptions, rules, prohibitions."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from knowledge.controllists.digest import row_id
from knowledge.controllists.model import Asks
from knowledge.model import Confidence, Finding, Outcome, Reference, Remark, Status, Text, Transaction
from knowledge.regimes.us.exceptions import ExceptionResult
from knowledge.regimes.us.item import Item
from knowledge.regimes.us.reach import Reach, Way
from knowledge.regimes.us.rows import RowResult
from knowledge.regimes.us.scope import unconfirmed
from knowledge.rulebook.book import RuleBook
from knowledge.timeline import standing
from knowledge.wording import say

if TYPE_CHECKING:
    from knowledge.regimes.us.determine import GoodResult, ItemResult

CCL, CHART, GROUPS = "US-EAR-774-S1", "US-EAR-738-S1", Reference("US-EAR-740", "country-groups")
_LOGIC, _PROHIBITIONS = Reference("US-EAR-738", "738.4"), Reference("US-EAR-736", "736.2")
_OTHERS = ("STA", "TMP", "RPL", "GOV", "TSU", "APR", "ENC")
_CATALOGUE = Reference("US-EAR-740", "catalogue")
_READ_ON = date(2026, 7, 23)  # the eCFR issue that chart, groups and bundled list were read from
_SECTIONS = {"LVS": "740.3", "GBS": "740.4", "TSR": "740.6"}
_MANY = 8


def remarks(
    results: Sequence["GoodResult"], deal: Transaction, book: RuleBook, how: Reach, outcome: Outcome, on: date
) -> tuple[Remark, ...]:
    """The reasoning in the order an officer would write it."""
    found: list[Remark] = []
    if outcome is Outcome.LICENCE_REQUIRED:
        found += _licence([r for g in results for r in g.results if r.outcome is outcome])
    for good in results:
        if good.items.unknown_codes:
            found.append(_remark("why", "us.unknown_code", {"code": ", ".join(good.items.unknown_codes)}, _list()))
        for result in good.results[:_MANY]:
            found += _item(result, good, deal, book)
        if good.items.items and not good.items.settled:
            found.append(_remark("why", "us.one_of", {}))
        elif not good.items.items:
            found.append(_remark("why", "us.not_classified", {}, _list()))
    found += _rules([f for g in results for r in g.results for f in r.findings], book)
    found += _parties(deal, on)
    if any(r.item.entry is not None for g in results for r in g.results):
        found.append(_remark("not_checked", "us.compiled", {"version": book.us.ccl.version}, _list()))
    if on < _READ_ON:
        found.append(_remark("not_checked", "us.read_on", {"day": str(_READ_ON)}))
    return (*found, *always(results, how))


def always(results: Sequence["GoodResult"], how: Reach | None = None) -> tuple[Remark, ...]:
    """What no chart lifts, said every time; content thresholds and direct products where goods are foreign-made."""
    found = [_remark("not_checked", "us.prohibitions", {}, _PROHIBITIONS)]
    found.append(_remark("not_checked", "us.end_use", {}, Reference("US-EAR-744", "end-use")))
    if how is not None and how.way is Way.REEXPORT:
        found.append(_remark("not_checked", "us.reexport_note", {}, Reference("US-EAR-734", "734.3")))
    if any(r.item.entry is not None and r.item.entry.group in "DE" for g in results for r in g.results):
        found.append(_remark("not_checked", "us.deemed", {}, Reference("US-EAR-734", "734.13")))
    found.append(_remark("not_checked", "us.not_modelled", {}))
    return tuple(found)


def _item(result: "ItemResult", good: "GoodResult", deal: Transaction, book: RuleBook) -> list[Remark]:
    item = result.item
    if not item.code:
        return []
    found = [_classified(item, good.good.name, book)]
    country = deal.destination.country if deal.destination is not None else None
    if item.entry is None:
        return found
    if not item.entry.rows:
        elsewhere = ", ".join((*item.entry.refers_to, item.entry.jurisdiction)).strip(", ")
        found.append(
            _remark("why", "us.refers", {"code": item.full, "places": elsewhere or "?"}, Reference(CCL, item.code))
        )
        return found
    if item.entry.exempted:
        freed = dict.fromkeys(t for r in item.entry.exempted for t in r.scope.tags)
        goods: Text = {lang: _joined(lang, freed) for lang in ("en", "zh")}
        found.append(_remark("licence", "us.exempted", {"code": item.full, "goods": goods}, Reference(CCL, item.code)))
    if country is not None:
        found += _rows(item, result.rows, country, book)
        if result.needed is not False:
            found += _exceptions(result.exceptions, item)
    return found


def _classified(item: Item, name: str, book: RuleBook) -> Remark:
    values: dict[str, str | Text] = {"code": item.full, "good": " ".join(name.split())[:58]}
    if item.ear99:
        reference = Reference(CCL, "rare-earths" if item.source == "inferred" else "EAR99")
        key = f"us.ear99_{item.source}"
        return _remark("why", key, {**values, "share": _percent(item.probability)}, reference)
    values["title"] = book.us.title(item.code)
    values["share"] = _percent(item.probability)
    return _remark("why", f"us.item_{item.source}", values, Reference(CCL, item.code))


def _joined(lang: str, tags: Iterable[str]) -> str:
    return ("; " if lang == "en" else "；").join(say(lang, f"freed.{tag}") for tag in tags)


def _rows(item: Item, rows: Sequence[RowResult], country: str, book: RuleBook) -> list[Remark]:
    """One remark a reason that needs a licence or is open; the reasons that ask for nothing here in one line."""
    found: list[Remark] = []
    clear: list[str] = []
    beside: list[str] = []  # rows for other items of the entry: said only where no other row is left to speak of
    chart_row = book.us.chart.row(country)
    settled = any(r.needed is True for r in rows)
    for r in rows:
        named = f"{r.row.reason} ({r.row.requirement.column})" if r.row.requirement.column else r.row.reason
        values: dict[str, str | Text] = {"reason": named, "country": _country(country), "code": item.full}
        place = Reference(CHART, chart_row) if r.row.requirement.column and chart_row else GROUPS
        printed = Reference(CCL, row_id(r.row))
        references = (printed, place)
        if r.needed is False and r.row.requirement.asks is Asks.NONE and r.exempt is not None:
            continue
        if r.needed is False and r.row.requirement.asks is not Asks.NONE:
            (beside if r.covered is False else clear).append(named)
        elif r.needed is True:
            key = "us.row_needed" if r.row.requirement.column else "us.row_needed_stated"
            found.append(Remark("why", key, values, references))
        elif settled:
            continue  # another reason asks for a licence already
        elif r.exempt is None:
            found.append(Remark("why", "us.row_exempt", values, (printed,)))
        elif r.unsettled:
            text = Reference("US-AI-DIFFUSION", "text")
            found.append(Remark("why", "us.row_unsettled", values, (printed, text)))
        elif r.there is True:
            found.append(Remark("why", "us.row_scope_open", values, references))
        else:
            values["sections"] = ", ".join(r.row.requirement.sections) or "-"
            found.append(Remark("why", "us.row_open", values, (printed,)))
    clear = clear or ([] if found else beside)
    if clear:
        reference = Reference(CHART, chart_row) if chart_row else Reference(CHART, "embargoed")
        reasons = ", ".join(dict.fromkeys(clear))
        values = {"reasons": reasons, "country": _country(country), "code": item.full}
        found.append(Remark("why", "us.row_clear", values, (Reference(CCL, item.code), reference, _LOGIC)))
    for r in rows:
        if r.covered is not False and unconfirmed(r.row, book.us.sections):
            rule = f"{item.code}: {', '.join(r.row.requirement.sections)}"
            found.append(_remark("not_checked", "us.unconfirmed", {"rule": rule}))
    if country == "HK":
        found.append(_remark("why", "us.hong_kong", {}, Reference("US-EAR-738", "hong-kong")))
    return found


def _exceptions(results: Sequence[ExceptionResult], item: Item) -> list[Remark]:
    """One remark for all exceptions of which the same is to be said."""
    alike: dict[tuple[str, int | None], list[str]] = {}
    for r in results:
        alike.setdefault((r.why, r.limit), []).append(r.symbol)
    found = []
    for (why, limit), symbols in alike.items():
        sections = dict.fromkeys(_SECTIONS.get(s, "catalogue") for s in symbols)
        values = {"symbol": ", ".join(symbols), "code": item.full, "limit": f"{limit:,}" if limit is not None else "?"}
        references = (Reference(CCL, item.code), *(Reference("US-EAR-740", s) for s in sections))
        found.append(Remark("licence", f"us.exception.{why}", values, references))
    return found


def _licence(deciding: Sequence["ItemResult"]) -> list[Remark]:
    found = [_remark("licence", "us.apply", {}, _LOGIC)]
    if any(r.rows for r in deciding):
        references = tuple(
            Reference("US-EAR-740", s) for s in ("740.20", "740.9", "740.10", "740.11", "740.13", "740.16")
        )
        found.append(Remark("licence", "us.other_exceptions", {"symbols": ", ".join(_OTHERS)}, references))
    if any(r.item.entry is not None and "EI" in r.item.entry.reasons for r in deciding):
        found.append(_remark("licence", "us.encryption", {}, Reference("US-EAR-740", "740.17")))
    return found


def _rules(findings: Sequence[Finding], book: RuleBook) -> list[Remark]:
    """The rules of parts 744 and 746 and the dated acts: those that apply, might apply, or stand suspended."""
    rules = {r.id: r for r in book.restrictions if r.regime == "US"}
    found: list[Remark] = []
    for finding in findings:
        rule = rules.get(finding.rule)
        if rule is None or finding.truth is False or finding.measure is None:
            continue
        if finding.truth is None and (not rule.decides or {m.fact for m in finding.missing} <= {"destination"}):
            continue
        values: dict[str, str | Text] = {
            "summary": {k: v.rstrip(" .。") for k, v in rule.summary.items()},
            "start": str(finding.measure.start),
        }
        status = finding.measure.status
        key = {Status.SUSPENDED: "us.rule_suspended", Status.SUSPENSION_LAPSED: "us.rule_lapsed"}.get(
            status, "us.rule" if finding.truth else "us.rule_open"
        )
        references = (finding.reference, finding.measure.reference)
        found.append(Remark("deal", key, values, tuple(dict.fromkeys(references))))
        if rule.id == "US-AFFIL" and status is Status.SUSPENDED:
            found.append(_remark("deal", "us.red_flag_29", {}, Reference("US-AFFIL", "red-flag-29")))
        if rule.id == "US-AFFIL":
            found.append(_remark("deal", "us.ofac_fifty", {}, Reference("US-OFAC", "fifty-percent")))
        if finding.confidence is Confidence.UNCONFIRMED:
            found.append(_remark("not_checked", "us.unconfirmed", {"rule": finding.reference.provision}))
    return found


def _parties(deal: Transaction, on: date) -> list[Remark]:
    """Parties on United States lists: a certain hit, or a name that comes close."""
    found = []
    for match in (*deal.parties, *deal.possible_parties):
        party = match.party
        if not party.id.startswith("US-"):
            continue
        measure = standing(party.timeline, on)
        values: dict[str, str | Text] = {
            "name": match.name,
            "listed": party.name,
            "list": party.list,
            "score": f"{match.score:.0f}",
        }
        sure = match not in deal.possible_parties
        key = (
            "us.party"
            if sure and match.score >= 100
            else "us.party_strong"
            if sure and match.counts
            else "us.party_close"
        )
        if measure is not None or not party.timeline:
            found.append(Remark("deal", key, values, (_list_reference(party.list),)))
    return found


def _list_reference(code: str) -> Reference:
    known = {"EL": ("US-EAR-744", "744.16"), "UVL": ("US-EAR-744", "744.15"), "MEU": ("US-EAR-744", "744.21")}
    instrument, provision = known.get(code, ("US-EAR-744", "denied") if code == "DPL" else ("US-OFAC", "SDN"))
    return Reference(instrument, provision)


def _country(code: str) -> str:
    return f"country:{code}"  # named in the language of the answer when it is composed


def _percent(probability: float) -> str:
    return f"{round(100 * probability)}"


def _list() -> Reference:
    return Reference(CCL, "list")


def _remark(section: str, key: str, values: dict[str, str | Text], *references: Reference) -> Remark:
    return Remark(section, key, values, references)
