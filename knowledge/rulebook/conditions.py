"""Condition mappings of the rule files -> condition trees."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from knowledge.conditions import deal, goods
from knowledge.conditions.quantities import Bound
from knowledge.elements import SYMBOLS
from knowledge.taxonomy import Taxonomy

_COMPARISONS = ("at_least", "over", "at_most", "under")


class ConditionError(ValueError):
    """The mapping is no condition; the message says why and what to write."""


def goods_condition(raw: Any, taxonomy: Taxonomy) -> goods.Condition:
    """A goods condition. Raises ConditionError for an unknown key, kind or form."""
    key, value = _single(raw)
    if key in ("all", "any"):
        parts = tuple(goods_condition(part, taxonomy) for part in _list(key, value))
        return goods.All(parts) if key == "all" else goods.Any(parts)
    if key == "not":
        return goods.Not(goods_condition(value, taxonomy))
    if key in ("kind", "part"):
        _known(key, value, taxonomy.kinds)
        return goods.IsKind(value) if key == "kind" else goods.HasPart(value)
    if key == "form":
        _known(key, value, taxonomy.forms)
        return goods.HasForm(value)
    if key == "contains":
        return goods.Contains(_symbol(value))
    if key == "alloy":
        return goods.IsAlloy(tuple(frozenset(_symbol(e) for e in s) for s in _list(key, value)))
    if key == "property":
        return goods.Property(value, _bound(raw, raw.get("unit", "")))
    if key == "share":
        return goods.Share(_symbol(value), _bound(raw, "percent"))
    if key == "encloses":
        edges = tuple(_decimal(v) for v in _list(key, value))
        if len(edges) != 3:
            raise ConditionError("encloses needs three edges in millimetres")
        return goods.Encloses((edges[0], edges[1], edges[2]))
    raise ConditionError(f"unknown goods condition {key!r}")


def deal_condition(raw: Any) -> deal.DealCondition:
    """A deal condition. Raises ConditionError for an unknown key."""
    key, value = _single(raw)
    if key in ("all", "any"):
        parts = tuple(deal_condition(part) for part in _list(key, value))
        return deal.AllDeal(parts) if key == "all" else deal.AnyDeal(parts)
    if key == "not":
        return deal.NotDeal(deal_condition(value))
    makers: dict[str, Callable[[Any], deal.DealCondition]] = {
        "goods": lambda v: deal.GoodsFit(() if v == "controlled" else tuple(_list(key, v))),
        "destination": lambda v: deal.DestinationIn(frozenset(_list(key, v))),
        "exporter": deal.ExporterIn,
        "military": lambda _: deal.Military(),
        "end_use": deal.EndUse,
        "party": deal.PartyOn,
        "chinese_origin": lambda _: deal.ChineseOrigin(),
        "chinese_content_at_least": lambda v: deal.ChineseContent(Bound("at_least", _decimal(v), "percent")),
        "chinese_technology": lambda _: deal.ChineseTechnology(),
        "transfer": lambda _: deal.IsTransfer(),
        "item": deal.ItemClass,
        "place_named": lambda v: deal.PlaceNamed(frozenset(_list(key, v))),
        "export_from": lambda v: deal.ExportFrom(frozenset(_list(key, v))),
        "owned_by_listed": lambda v: deal.OwnedByListed(_decimal(v)),
        "owned_by_blocked": lambda v: deal.OwnedByListed(_decimal(v), "SDN"),
        "concern": deal.Concern,
    }
    if key not in makers:
        raise ConditionError(f"unknown deal condition {key!r}; known: {', '.join(sorted(makers))}, all, any, not")
    return makers[key](value)


def _single(raw: Any) -> tuple[str, Any]:
    if not isinstance(raw, dict) or not raw:
        raise ConditionError("a condition is a mapping such as {contains: Dy}")
    names = [k for k in raw if k not in (*_COMPARISONS, "unit")]
    if len(names) != 1 or (len(raw) > 1 and names[0] not in ("property", "share")):
        raise ConditionError(f"one condition a mapping, not {', '.join(raw)}")
    return names[0], raw[names[0]]


def _list(key: str, value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ConditionError(f"{key} needs a list that is not empty")
    return value


def _known(key: str, value: Any, known: Mapping[str, Any]) -> None:
    if value not in known:
        raise ConditionError(f"{key} {value!r} is not in lexicon/kinds.yaml")


def _symbol(value: Any) -> str:
    if value not in SYMBOLS:
        raise ConditionError(f"{value!r} is no chemical symbol")
    return str(value)


def _bound(raw: Mapping[str, Any], unit: str) -> Bound:
    for comparison in _COMPARISONS:
        if comparison in raw:
            if not unit:
                raise ConditionError("a property needs its unit")
            return Bound(comparison, _decimal(raw[comparison]), unit)  # type: ignore[arg-type]
    raise ConditionError(f"a bound is needed: one of {', '.join(_COMPARISONS)}")


def _decimal(value: Any) -> Decimal:
    try:
        return Decimal(value)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise ConditionError(f"{value!r} is no number") from error
