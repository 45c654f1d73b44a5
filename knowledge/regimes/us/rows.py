"""The rows of an entry's licence-requirement table, tried at a destination."""

from dataclasses import dataclass

from knowledge.controllists.chart import CountryChart, CountryGroups
from knowledge.controllists.model import Asks, ControlList, Requirement, Row, Scope
from knowledge.logic import Truth, all_of, any_of
from knowledge.model import Missing, Step, Transaction
from knowledge.regimes.us.item import Item
from knowledge.regimes.us.scope import Sections, bites, covers, unsettled


@dataclass(frozen=True)
class RowResult:
    """One row at one destination: whether it covers the item, whether it bites there, and both together."""

    row: Row
    covered: Truth
    there: Truth
    needed: Truth
    unsettled: bool = False  # the text asks everywhere and is not enforced


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
    reasons = {s[:5]: frozenset(e.reasons) for s in item.subjects if (e := tables.ccl.by_code.get(s[:5])) is not None}
    results = []
    for row in item.entry.rows:
        covered = covers(row.scope, item, said, reasons) if row.read else None
        there: Truth = None
        if country is not None:
            there = bites(row.requirement, country, tables.chart, tables.groups, tables.sections)
        results.append(RowResult(row, covered, there, all_of([covered, there]), unsettled(row, tables.sections)))
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


def licence_needed(results: tuple[RowResult, ...]) -> Truth:
    """Whether some row asks for a licence. True also where the item must fall under one of several rows that all do.

    Rows for anti-terrorism cover every item of an entry beside its other reasons, so they do not settle which row it is.
    """
    certain = any_of(r.needed for r in results)
    if certain is not None:
        return certain
    candidates = [r for r in results if r.row.reason != "AT" and r.covered is not False]
    sure = [r for r in candidates if r.covered is True]
    if not sure and len(candidates) > 1 and all(r.there is True for r in candidates):
        return True
    return None


def circumstances(deal: Transaction) -> dict[str, Truth]:
    """What the question says of the circumstances that table rows name by tag."""
    use = deal.end_use
    said: dict[str, Truth] = {}
    if use is not None:
        said["military_use"] = use in ("military", "wmd")
        said["civil_use"] = use == "civil"
        said["usable_in_missiles"] = True if use == "wmd" else None
    words = deal.end_use_text.lower()
    if "telecom" in words or "通信" in words:
        said["civil_telecom"] = use != "military"
    if any(w in words for w in ("police", "law enforcement", "警")):
        said["police_use"] = True
    return said


def missing_facts(item: Item, results: tuple[RowResult, ...]) -> tuple[Missing, ...]:
    """What would settle the rows that are open: the paragraph first, else the circumstances they name."""
    open_rows = [r for r in results if r.needed is None]
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
