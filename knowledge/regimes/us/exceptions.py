"""List-based licence exceptions of an entry (LVS, GBS, TSR ...): available or not, and why."""

from dataclasses import dataclass
from decimal import Decimal

from knowledge.controllists.model import ListException
from knowledge.logic import Truth
from knowledge.model import Transaction
from knowledge.regimes.us.item import Item
from knowledge.regimes.us.rows import RowResult, Tables, circumstances
from knowledge.regimes.us.scope import covers

TO_GROUP_B = frozenset({"LVS", "GBS", "TSR"})
"""Exceptions that reach Country Group B only (740.3, 740.4, 740.6)."""
_ORDER = ("may_apply", "own_terms", "value_open", "paragraph_open")
"""Of several records of one exception the most open one speaks: they are for different items or destinations."""


@dataclass(frozen=True)
class ExceptionResult:
    """Whether an exception may replace the licence. `why` is a key of the message catalogue below us.exception."""

    symbol: str
    available: Truth
    why: str
    limit: int | None = None


def try_exceptions(
    item: Item, rows: tuple[RowResult, ...], country: str, deal: Transaction, tables: Tables
) -> tuple[ExceptionResult, ...]:
    """Every list-based exception that the entry names, tried for the item and the destination; one result a symbol."""
    if item.entry is None:
        return ()
    reasons = {r.row.reason for r in rows if r.needed is not False}
    found: dict[str, ExceptionResult] = {}
    for exception in item.entry.exceptions:
        result = _try(exception, item, reasons, country, deal, tables)
        held = found.get(result.symbol)
        if held is None or _openness(result) > _openness(held):
            found[result.symbol] = result
    return tuple(found.values())


def _openness(result: ExceptionResult) -> int:
    return len(_ORDER) - _ORDER.index(result.why) if result.why in _ORDER else 0


def _try(
    exception: ListException, item: Item, reasons: set[str], country: str, deal: Transaction, tables: Tables
) -> ExceptionResult:
    symbol = exception.symbol
    if not exception.available:
        return ExceptionResult(symbol, False, "not_for_entry")
    covered = covers(exception.scope, item, circumstances(deal), {})
    if covered is False:
        return ExceptionResult(symbol, False, "not_for_item")
    if reasons & set(exception.without_reasons):
        return ExceptionResult(symbol, False, "not_for_reason")
    row = "CN" if country == "HK" else country
    if symbol in TO_GROUP_B and row not in tables.groups.members("B"):
        return ExceptionResult(symbol, False, "not_group_b")
    if not _reaches(exception, row, tables):
        return ExceptionResult(symbol, False, "not_there")
    limit = _limit(exception, item)
    if limit is not None and deal.value is not None and deal.value.magnitude > Decimal(limit):
        return ExceptionResult(symbol, False, "over_value", limit)
    if covered is None:
        return ExceptionResult(symbol, None, "paragraph_open", limit)
    if symbol == "LVS" and (limit is None or deal.value is None):
        return ExceptionResult(symbol, None, "value_open", limit)
    if symbol in TO_GROUP_B:
        return ExceptionResult(symbol, True, "may_apply", limit)
    return ExceptionResult(symbol, None, "own_terms", limit)


def _reaches(exception: ListException, country: str, tables: Tables) -> bool:
    """Does the entry's own wording let the exception go there ("Country Group B, except D:3")?"""
    groups = tables.groups
    out = country in exception.without_countries or any(country in groups.members(g) for g in exception.without_groups)
    stated = exception.countries or exception.groups
    inside = country in exception.countries or any(country in groups.members(g) for g in exception.groups)
    return not out and (inside or not stated)


def _limit(exception: ListException, item: Item) -> int | None:
    """The value limit for the item's paragraph, in US dollars: of the longest path that it lies under."""
    fits = [p for p in exception.values if not p or item.path == p or item.path.startswith(p + ".")]
    if fits:
        return exception.values[max(fits, key=len)]
    return min(exception.values.values()) if exception.values and not item.path else None
