"""List-based licence exceptions of an entry (LVS, GBS, TSR ...): available or not, and why."""

from dataclasses import dataclass
from decimal import Decimal

from knowledge.controllists.model import ListException
from knowledge.logic import Truth
from knowledge.model import Transaction
from knowledge.regimes.us.item import Item
from knowledge.regimes.us.rows import Tables, circumstances
from knowledge.regimes.us.scope import covers

TO_GROUP_B = frozenset({"LVS", "GBS", "TSR"})
"""Exceptions that reach Country Group B only (740.3, 740.4, 740.6)."""


@dataclass(frozen=True)
class ExceptionResult:
    """Whether an exception may replace the licence. `why` is a key of the message catalogue below us.exception."""

    exception: ListException
    available: Truth
    why: str
    limit: int | None = None


def try_exceptions(item: Item, country: str, deal: Transaction, tables: Tables) -> tuple[ExceptionResult, ...]:
    """Every list-based exception that the entry names, tried for the item and the destination."""
    if item.entry is None:
        return ()
    return tuple(_try(e, item, country, deal, tables) for e in item.entry.exceptions)


def _try(exception: ListException, item: Item, country: str, deal: Transaction, tables: Tables) -> ExceptionResult:
    if not exception.available:
        return ExceptionResult(exception, False, "not_for_entry")
    covered = covers(exception.scope, item, circumstances(deal), {})
    if covered is False:
        return ExceptionResult(exception, False, "not_for_item")
    row = "CN" if country == "HK" else country
    if exception.symbol in TO_GROUP_B and row not in tables.groups.members("B"):
        return ExceptionResult(exception, False, "not_group_b")
    limit = _limit(exception, item)
    if limit is not None and deal.value is not None and deal.value.magnitude > Decimal(limit):
        return ExceptionResult(exception, False, "over_value", limit)
    if covered is None:
        return ExceptionResult(exception, None, "paragraph_open", limit)
    if exception.symbol == "LVS" and (limit is None or deal.value is None):
        return ExceptionResult(exception, None, "value_open", limit)
    if exception.symbol in TO_GROUP_B:
        return ExceptionResult(exception, True, "may_apply", limit)
    return ExceptionResult(exception, None, "own_terms", limit)


def _limit(exception: ListException, item: Item) -> int | None:
    """The value limit for the item's paragraph, in US dollars: of the longest path that it lies under."""
    fits = [p for p in exception.values if not p or item.path == p or item.path.startswith(p + ".")]
    if fits:
        return exception.values[max(fits, key=len)]
    return min(exception.values.values()) if exception.values and not item.path else None
