"""Warning signs in a question, each with the notice it comes from. A sign raises a question; it never decides."""

from collections.abc import Sequence

from knowledge.model import Outcome, RedFlag, Transaction
from knowledge.reading.lexicon import Hit
from knowledge.rulebook.book import RuleBook, Sign


def signs(deal: Transaction, hits: Sequence[Hit], verdict: Outcome, book: RuleBook) -> tuple[RedFlag, ...]:
    """The warning signs of the deal, in the rule file's order."""
    controlled = verdict.gravity >= Outcome.NEEDS_MORE_INFO.gravity
    said = {h.value for h in hits if h.section == "sign"}
    found = []
    for sign in book.signs:
        if sign.controlled_only and not controlled:
            continue
        if sign.id in said or _computed(sign, deal):
            found.append(RedFlag(sign.id, sign.why, sign.reference))
    return tuple(found)


def _computed(sign: Sign, deal: Transaction) -> bool:
    if sign.transit and deal.transit:
        return True
    route = {p.country for p in (*deal.transit, deal.destination) if p is not None}
    holds = {e for g in deal.goods for e, there in g.elements.items() if there}
    return bool(route & sign.destinations and holds & sign.elements)
