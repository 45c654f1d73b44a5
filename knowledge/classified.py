"""Goods that carry no control code get candidates from the classification desk, where United States or Union law asks for one."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from knowledge.model import CodeCandidate, Good, Transaction
from knowledge.regimes import eu, us
from knowledge.regimes.us.item import EAR99
from knowledge.taxonomy import Taxonomy

if TYPE_CHECKING:
    from knowledge.classify.desk import Desk

_TRIED = 8
_EVERYDAY = 0.95
"""How likely everyday goods (furniture, clothes, toys) are on no entry of the list."""


def with_candidates(
    deal: Transaction, described: str, desk: "Callable[[], Desk]", home: str, tax: Taxonomy
) -> Transaction:
    """The deal with candidates at every good that has no code; unchanged where no such law has a say.

    `desk` opens it: most questions need none. `described` is the question without places, dates and parties: it stands for the good where there is only one.
    """
    if not (us.has_say(deal) or eu.movement(deal, home) is not eu.Movement.NONE):
        return deal
    goods = deal.goods or ((Good(name=described[:80]),) if described else ())
    if all(g.codes or g.candidates for g in goods):
        return deal
    alone = len(goods) == 1
    return replace(deal, goods=tuple(_with(g, described if alone else g.name, desk, tax) for g in goods))


def _with(good: Good, text: str, desk: "Callable[[], Desk]", tax: Taxonomy) -> Good:
    if good.codes or good.candidates or not text.strip():
        return good
    if tax.flagged(good.kind, "common") and tax.is_a(good.kind, "finished_article") and not any(good.elements.values()):
        return replace(good, candidates=(CodeCandidate("US", EAR99, _EVERYDAY),))
    from knowledge.classify.classify import classify

    found = classify(text, desk(), limit=_TRIED)
    candidates = [CodeCandidate(c.regime, c.code, c.score) for c in found.candidates if c.regime != "CN"]
    candidates.append(CodeCandidate("US", EAR99, found.not_listed.probability))
    return replace(good, candidates=tuple(candidates))
