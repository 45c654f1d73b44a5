"""Warning signs in a question, each with the notice it comes from. A sign raises a question; it never decides."""

from collections.abc import Mapping, Sequence
from typing import Any

from knowledge.model import Outcome, RedFlag, Reference, Transaction
from knowledge.reading.lexicon import Hit
from knowledge.rulebook.book import RuleBook


def signs(deal: Transaction, hits: Sequence[Hit], verdict: Outcome, book: RuleBook) -> tuple[RedFlag, ...]:
    """The warning signs of the deal, in the rule file's order."""
    controlled = verdict.gravity >= Outcome.NEEDS_MORE_INFO.gravity
    said = {h.value for h in hits if h.section == "sign"}
    found = []
    for row in book.signs:
        if row.get("goods") == "controlled" and not controlled:
            continue
        if row["id"] in said or _computed(row, deal):
            reference = Reference(row["reference"]["instrument"], row["reference"]["provision"])
            found.append(RedFlag(row["id"], row["why"], reference))
    return tuple(found)


def _computed(row: Mapping[str, Any], deal: Transaction) -> bool:
    if row.get("transit") == "any" and deal.transit:
        return True
    if "destinations" in row:
        route = {p.country for p in deal.transit} | ({deal.destination.country} if deal.destination else set())
        holds = {e for g in deal.goods for e, there in g.elements.items() if there}
        return bool(route & set(row["destinations"]) and holds & set(row["elements"]))
    return False
