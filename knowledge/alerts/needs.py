"""What a deal must have about it for a rule to bear on it, told from the rule's own condition.

A need is met by every deal on which the condition is not plainly false, and by more besides: what cannot be told from a
key counts as met. Needs are plain JSON, so that those of a rule that is gone are still at hand.

    ["open"]              met by every deal
    ["key", [...]]        met where the deal has one of the keys (`knowledge.alerts.keys`)
    ["all", [...]]        met where each part is
    ["any", [...]]        met where a part is
"""

from collections.abc import Callable, Iterable
from typing import Any

from knowledge.conditions import deal, goods
from knowledge.rulebook.book import ControlEntry, Restriction

Need = list[Any]
OPEN: Need = ["open"]
_FORCES = ("list:military_user", "list:armed_forces")


def key(*names: str) -> Need:
    """Met by a deal that has one of the keys."""
    return ["key", sorted(set(names))]


def every(parts: Iterable[Need]) -> Need:
    """Met where every part is; parts that are always met are left out."""
    kept = [p for p in parts if p != OPEN]
    return OPEN if not kept else kept[0] if len(kept) == 1 else ["all", kept]


def one(parts: Iterable[Need]) -> Need:
    """Met where a part is; keys are put together."""
    found = list(parts)
    if OPEN in found:
        return OPEN
    names = [n for p in found if p[0] == "key" for n in p[1]]
    rest = [p for p in found if p[0] != "key"]
    kept = ([key(*names)] if names or not rest else []) + rest
    return kept[0] if len(kept) == 1 else ["any", kept]


def met(need: Need, keys: frozenset[str]) -> bool:
    """Is the need met by a deal with these keys?"""
    if need[0] == "key":
        return not keys.isdisjoint(need[1])
    if need[0] == "open":
        return True
    return (all if need[0] == "all" else any)(met(part, keys) for part in need[1])


def select(
    need: Need, holding: Callable[[tuple[str, ...]], frozenset[int]], everyone: frozenset[int]
) -> frozenset[int]:
    """Those of `everyone` who meet the need; `holding` gives who has one of some keys."""
    if need[0] == "open":
        return everyone
    if need[0] == "key":
        return holding(tuple(need[1])) & everyone
    if need[0] == "any":
        return frozenset[int]().union(*(select(part, holding, everyone) for part in need[1]))
    for part in need[1]:
        everyone = select(part, holding, everyone)
    return everyone


# ---------------------------------------------------------------- goods


def entry(found: ControlEntry) -> Need:
    """Deals that an entry can bear on: by what it says of goods, by its code or customs number being named, and by the
    elements that it makes a matter of concern in everyday goods."""
    numbers = [f"hs:{n[:i]}" for n in found.hs_reference for i in range(1, len(n) + 1)]
    numbers += [f"hs-of:{n}" for n in found.hs_reference]
    mixed = [f"mixed:{e}" for e in found.elements] if found.kinds & {"metal", "oxide"} else []
    by_name = [f"code:{c}" for c in _above(found.code)]
    return every([key(f"regime:{found.regime}"), one([of_goods(found.goods), key(*numbers, *mixed, *by_name)])])


def of_goods(condition: goods.Condition) -> Need:
    """The need of a condition on goods."""
    if isinstance(condition, goods.All):
        return every(of_goods(p) for p in condition.parts)
    if isinstance(condition, goods.Any):
        return one(of_goods(p) for p in condition.parts)
    if isinstance(condition, goods.IsKind):
        return key(f"kind:{condition.kind}", "kind:*")
    if isinstance(condition, goods.HasPart):
        return key(f"part:{condition.kind}")
    if isinstance(condition, goods.Contains):
        return key(f"element:{condition.element}", "element:*")
    return OPEN  # forms, measured properties, shares, sizes, alloys, and what is denied


def _above(code: str) -> list[str]:
    """The code and those it stands under: 1C905.b gives 1C905 too."""
    parts = code.split(".")
    return [".".join(parts[: i + 1]) for i in range(len(parts))]


# ---------------------------------------------------------------- deals


def rule(found: Restriction) -> Need:
    """Deals that a rule on deals can bear on."""
    return every([key(f"regime:{found.regime}"), of_deal(found.when, found.regime)])


def of_deal(condition: deal.DealCondition, regime: str) -> Need:
    """The need of a condition on a deal, in a rule of that regime."""
    if isinstance(condition, deal.AllDeal):
        return every(of_deal(p, regime) for p in condition.parts)
    if isinstance(condition, deal.AnyDeal):
        return one(of_deal(p, regime) for p in condition.parts)
    return _leaf(condition, regime)


def _leaf(condition: deal.DealCondition, regime: str) -> Need:
    match condition:
        case deal.GoodsFit(codes) if regime == "CN":
            named = [f"fits:{c}" for c in codes] or ["fits:CN"]
            return key(*named, "fits:*")
        case deal.DestinationIn(countries):
            return key("dest:?", *(f"dest:{c}" for c in countries), *(f"party-in:{c}" for c in countries))
        case deal.ExporterIn(side):
            return key("from:?", "from:CN") if side == "china" else key("from:?", "from:abroad")
        case deal.ExportFrom(countries):
            return key("from:?", *(f"from:{c}" for c in countries))
        case deal.Military():
            return key("use:?", "use:military", "use:wmd", *_FORCES)
        case deal.EndUse(use):
            return key("use:?", f"use:{use}")
        case deal.PartyOn(listed, _):
            return key(f"list:{listed}")
        case deal.ChineseOrigin():
            return key("chinese:maybe")
        case deal.ChineseContent():
            return key("content:maybe")
        case deal.ChineseTechnology():
            return key("technology:maybe")
        case deal.IsTransfer():
            return key("transfer")
        case deal.OwnedByListed():
            return key("owned")
    return OPEN  # places in words, classes of items, concerns, and what is denied
