"""The rows of an entry's licence-requirement table, tried at a destination."""

from dataclasses import dataclass, replace

from knowledge.controllists.chart import CountryChart, CountryGroups
from knowledge.controllists.model import Asks, CompiledEntry, ControlList, Requirement, Row, Scope
from knowledge.controllists.sections import Sections
from knowledge.logic import Truth, all_of, any_of
from knowledge.model import Missing, Step, Transaction
from knowledge.regimes.us.item import Item
from knowledge.regimes.us.scope import bites, covers, exempts, unsettled


@dataclass(frozen=True)
class RowResult:
    """One row at one destination: whether it covers the item, whether it bites there, and both together."""

    row: Row
    covered: Truth
    there: Truth
    needed: Truth
    unsettled: bool = False  # the text asks everywhere and is not enforced
    exempt: Truth = False  # the row says that no licence is required, for any reason


@dataclass(frozen=True)
class Tables:
    """What rows are read with."""

    ccl: ControlList
    chart: CountryChart
    groups: CountryGroups
    sections: Sections


def try_rows(item: Item, country: str | None, deal: Transaction, tables: Tables) -> tuple[RowResult, ...]:
    """Every row of the item's entry; `country` None: destination not known."""
    if item.entry is None:
        return ()
    said = circumstances(deal)
    reasons = {s[:5]: _reasons(e) for s in item.subjects if (e := tables.ccl.by_code.get(s[:5])) is not None}
    results = []
    for row in item.entry.rows:
        covered = covers(row.scope, item, said, reasons) if row.read else None
        there: Truth = None
        if country is not None:
            there = bites(row.requirement, country, tables.chart, tables.groups, tables.sections)
        exempt = all_of([covered, country is not None and exempts(row.requirement, country, tables.groups)])
        needed = all_of([covered, there])
        results.append(RowResult(row, covered, there, needed, unsettled(row, tables.sections), exempt))
    return (*results, *_footnotes(item, country, tables.chart))


def _footnotes(item: Item, country: str | None, chart: CountryChart) -> list[RowResult]:
    """Footnotes of the Country Chart that ask for a licence for named entries whatever the marks say."""
    found = []
    for note in chart.notes(country) if country is not None and item.entry is not None else ():
        named = _named(note.requires, item.full)
        if named is False or _named(note.excepted, item.full) is True:
            continue
        covered = None if _named(note.conditional, item.full) is True else named
        requirement = Requirement(Asks.DESTINATIONS, column=note.column, countries=tuple(sorted(note.countries)))
        row = Row(f"footnote {note.number}", Scope(whole=True), requirement, "", "", f"entry-{item.code}")
        found.append(RowResult(row, covered, True, covered))
    return found


def _named(codes: tuple[str, ...], code: str) -> Truth:
    if any(code == c or code.startswith(c + ".") for c in codes):
        return True
    return None if any(c.startswith(code + ".") for c in codes) else False


_MOST = 400
"""Paragraphs or served entries that are tried one by one; no entry has as many."""


def licence_needed(
    item: Item, results: tuple[RowResult, ...], country: str | None, deal: Transaction, tables: Tables
) -> Truth:
    """Whether some row asks for a licence. Where the paragraph (or the entry that technology serves) is not known and
    would decide, every one that there is is tried: what holds for all of them holds."""
    certain = _needed(results) if item.entry is not None else False
    if certain is not None or country is None or not results:
        return certain
    tried = {_each(n, country, deal, tables) for n in narrower(item, tables.ccl)[:_MOST]}
    return tried.pop() if len(tried) == 1 else None


def _each(item: Item, country: str, deal: Transaction, tables: Tables) -> Truth:
    """One of the paragraphs or served entries. A row names every served entry, so where its own paragraph is open, a
    licence is needed if every row that may be its row bites at the destination."""
    results = try_rows(item, country, deal, tables)
    certain = _needed(results)
    rows = [r for r in results if r.covered is None and r.row.reason != "AT"]
    if certain is None and item.subjects and rows and all(r.there is True for r in rows):
        return True
    return certain


def _reasons(entry: CompiledEntry) -> frozenset[str]:
    """The reasons for control printed in the heading or in the table: they do not always agree (3A232)."""
    return frozenset((*entry.reasons, *(r.reason for r in entry.rows)))


def narrower(item: Item, ccl: ControlList) -> list[Item]:
    """The item under each paragraph below its own that has none below it; software and technology for each entry that
    a row names."""
    entry = item.entry
    if entry is None or item.subjects:
        return []
    named = dict.fromkeys(code for r in entry.rows for code in r.scope.entries)
    # An entry without a reason for control (its items are under the ITAR) serves nothing here.
    served = [code for code in named if (e := ccl.by_code.get(code[:5])) is not None and _reasons(e)]
    if served:
        return [replace(item, subjects=(code,)) for code in served]
    below = [i.path for i in entry.items if not i.reserved and (not item.path or i.path.startswith(item.path + "."))]
    parents = {p.rpartition(".")[0] for p in below}
    # Rows tell paragraphs apart down to some depth: what lies deeper is all alike to them.
    told = [
        p
        for r in entry.rows
        for p in (*r.scope.items, *r.scope.excluded, *(n.partition(".")[2] for n in r.scope.named))
    ]
    depth = max((p.count(".") + 1 for p in told), default=1)
    leaves = dict.fromkeys(".".join(p.split(".")[:depth]) for p in below if p not in parents)
    return [replace(item, path=p) for p in leaves]


def _needed(results: tuple[RowResult, ...]) -> Truth:
    if not results:
        return None  # an entry that sends the reader elsewhere says nothing of destinations
    certain = any_of(r.needed for r in results)
    exempt = any_of(r.exempt for r in results)
    if certain is True and exempt is not False:
        return None if exempt is None else False  # a note lifts the requirement for items within its limits
    return certain


def circumstances(deal: Transaction) -> dict[str, Truth]:
    """What the question says of the circumstances that table rows name by tag."""
    use = deal.end_use
    said: dict[str, Truth] = {}
    if use is not None:
        said["military_use"] = use in ("military", "wmd")
        said["civil_use"] = use == "civil"
        said["usable_in_missiles"] = True if use == "wmd" else None
    for name in ("civil_telecom", "police_use"):
        if name in deal.concerns:
            said[name] = True
        elif f"not_{name}" in deal.concerns:
            said[name] = False
    return said


def missing_facts(item: Item, results: tuple[RowResult, ...]) -> tuple[Missing, ...]:
    """What would settle the rows that are open: the paragraph first, else the circumstances they name."""
    if item.entry is not None and not results:
        return (Missing("eccn"),)
    lifting = [r for r in results if r.exempt is None]
    open_rows = [*lifting, *(r for r in results if r.needed is None)]
    facts: list[Missing] = []
    if any(r.covered is None and _by_paragraph(r.row, item) for r in open_rows):
        facts.append(Missing(f"eccn_paragraph:{item.code}"))
    for r in open_rows:
        if r.covered is None and not facts:
            tags = [t.removeprefix("except:") for t in r.row.scope.tags] or ["other"]
            facts += [Missing(f"row_detail:{tag}") for tag in tags]
        if r.there is None and r.covered is not False and r.row.requirement.asks in (Asks.SECTION, Asks.UNREAD):
            sections = ",".join(r.row.requirement.sections) or item.code
            facts.append(Missing(f"ear_section:{sections}"))
    return tuple(dict.fromkeys(facts))


def _by_paragraph(row: Row, item: Item) -> bool:
    """Would the paragraph (or the entry that software or technology is for) settle whether the row covers the item?"""
    scope = row.scope
    narrower = (*scope.items, *scope.excluded)
    if scope.entries and not item.subjects:
        return True
    return any(p.startswith(item.path + ".") or not item.path for p in narrower) if narrower else False


def steps(item: Item, results: tuple[RowResult, ...]) -> tuple[Step, ...]:
    """The trace of the rows."""
    return tuple(
        Step(
            f"{item.full} {r.row.reason} {r.row.requirement.column or r.row.requirement.asks.value}",
            r.needed,
            "",
            (Step("covers the item", r.covered), Step("bites at the destination", r.there)),
        )
        for r in results
    )
