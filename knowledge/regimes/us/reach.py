"""Is the deal subject to the EAR: export from the United States, transit, United States origin, content, technology."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from knowledge.conditions.quantities import Bound
from knowledge.controllists.chart import CountryGroups
from knowledge.logic import Truth
from knowledge.model import Missing, Quantity, Reference, Remark, Transaction

REGIME = "US"
_SCOPE = Reference("US-EAR-734", "734.3")
_DE_MINIMIS = Reference("US-EAR-734", "734.4")
_DIRECT_PRODUCT = Reference("US-EAR-734", "734.9")


class Way(StrEnum):
    """Why the EAR reach the deal."""

    EXPORT = "export"
    TRANSIT = "transit"
    REEXPORT = "reexport"
    CONTENT = "content"
    TECHNOLOGY = "technology"


@dataclass(frozen=True)
class Reach:
    """Whether the goods are subject to the EAR, by which way, in which words, and what would settle it."""

    subject: Truth
    way: Way | None
    remarks: tuple[Remark, ...] = ()
    missing: tuple[Missing, ...] = ()


def has_say(deal: Transaction) -> bool:
    """Does anything in the question point to United States law?"""
    places = (deal.origin, *deal.transit)
    told = deal.us_origin is not None or deal.us_content is not None or deal.us_technology is True
    return any(p is not None and p.country == REGIME for p in places) or told or deal.us_terms


def reach(deal: Transaction, groups: CountryGroups) -> Reach:
    """How the EAR reach the deal, as far as the question tells."""
    if deal.origin is not None and deal.origin.country == REGIME:
        key = "us.reach_assumed" if deal.origin_assumed else "us.reach_export"
        return Reach(True, Way.EXPORT, (Remark("why", key, {}, (_SCOPE,)),))
    if any(p.country == REGIME for p in deal.transit):
        return Reach(True, Way.TRANSIT, (Remark("why", "us.reach_transit", {}, (_SCOPE,)),))
    if deal.us_origin is True:
        return Reach(True, Way.REEXPORT, (Remark("why", "us.reach_reexport", {}, (_SCOPE,)),))
    if deal.us_content is not None:
        return _content(deal, deal.us_content, groups)
    if deal.us_technology is True:
        remark = Remark("why", "us.direct_product", {}, (_DIRECT_PRODUCT,))
        return Reach(None, Way.TECHNOLOGY, (remark,), (Missing("us_direct_product"),))
    if deal.us_origin is False:
        return Reach(False, None, (Remark("why", "us.reach_none", {}, (_SCOPE,)),))
    if deal.us_terms and any(g.codes for g in deal.goods):
        # An ECCN or EAR99 is a class of goods subject to the EAR: who states one states that.
        return Reach(True, Way.REEXPORT, (Remark("why", "us.reach_stated", {}, (_SCOPE,)),))
    return Reach(None, None, (Remark("why", "us.reach_unknown", {}, (_SCOPE,)),), (Missing("us_origin"),))


def _content(deal: Transaction, share: Quantity, groups: CountryGroups) -> Reach:
    """De minimis, 15 CFR 734.4: 25 per cent, 10 for destinations in E:1 and E:2."""
    if deal.destination is None:
        return Reach(None, Way.CONTENT, (), (Missing("destination"),))
    strict = deal.destination.country in groups.members("E:1") | groups.members("E:2")
    limit = Decimal(10 if strict else 25)
    over = Bound("over", limit, "percent").holds(share)
    values = {"share": f"{share.magnitude.normalize():f}", "limit": str(limit)}
    if over is None:
        return Reach(
            None, Way.CONTENT, (Remark("why", "us.deminimis_open", values, (_DE_MINIMIS,)),), (Missing("us_content"),)
        )
    if over:
        return Reach(True, Way.CONTENT, (Remark("why", "us.deminimis_over", values, (_DE_MINIMIS,)),))
    remarks = (
        Remark("why", "us.deminimis_under", values, (_DE_MINIMIS,)),
        Remark("not_checked", "us.direct_product", {}, (_DIRECT_PRODUCT,)),
    )
    return Reach(False, Way.CONTENT, remarks)
