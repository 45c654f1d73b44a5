"""Is a message that the rules took for a deal about the law after all? Nearness to known questions weighs with its shape.

Rules for the words of a question cannot list all the ways of asking what a law says; that some provision is known to answer
nearly the same question tells more. A logistic model whose weights are learned by `python -m knowledge.search.train_routing`.
"""

import json
import math
from functools import lru_cache
from pathlib import Path

from knowledge.openlaw.model import Nearness, Searched
from knowledge.reading.intent import concrete, cues, names_a_deal, toward
from knowledge.reading.read import Reading

WEIGHTS = Path(__file__).resolve().parent.parent / "rules" / "lexicon" / "routing.json"
RATHER, SURELY = 0.4, 0.6
"""Chance of a message that names a deal only in part, and likelihood of what was found for it, from which the law's own words
are the answer."""
PERHAPS, TELLING = 0.05, 0.5
"""Chance, and likelihood of a single passage, from which the passage is quoted beside what is determined."""
ASKS = 0.1
"""Chance from which a message that a passage answers is judged as a question about the law, not as a wish to get round it."""
SURE = 0.9
"""Chance from which it takes more than the words of a smuggler to refuse it: the law is full of them."""
CUES = (
    *("wants", "own", "may", "penalty", "law", "what_is", "how", "still", "measure", "named"),
    *("article", "define", "concept", "trade", "procedure", "case", "change", "text", "crime"),
)
NAMES = (
    *("bias", "closeness", "closeness_squared", "lead", "mean"),
    *("concrete", "goods", "destination", "route", "deal_named", "party", "origin"),
    *CUES,
)


def described(read: Reading) -> bool:
    """Are the goods named closely, and said to go somewhere, so that the deal is determined and no text takes its place?"""
    return concrete(read) and read.transaction.destination is not None and (toward(read) or "wants" in cues(read))


def features(read: Reading, near: Nearness) -> tuple[float, ...]:
    """One number a name of NAMES."""
    deal, said = read.transaction, cues(read)
    goods, sent = bool(deal.goods), deal.destination is not None
    return (
        *(1.0, near.closeness, near.closeness**2, near.lead, near.mean),
        *(float(concrete(read)), float(goods), float(sent), float(goods and sent), float(names_a_deal(read))),
        *(float(bool(deal.parties)), float(not deal.origin_assumed)),
        *(float(cue in said) for cue in CUES),
    )


def chance_of_law(read: Reading, near: Nearness) -> float:
    """That the message asks what the law says, 0 to 1."""
    total = sum(w * x for w, x in zip(_weights(), features(read, near), strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def is_the_answer(chance: float, found: Searched) -> bool:
    """Do the texts that were found take the place of a determination?"""
    return chance >= RATHER and found.likelihood >= SURELY


def stands_beside(chance: float, found: Searched) -> bool:
    """Does one of the passages tell enough by itself to be quoted beside a determination?"""
    return chance >= PERHAPS and bool(found.passages) and found.passages[0].likelihood >= TELLING


@lru_cache(maxsize=1)
def _weights() -> tuple[float, ...]:
    data = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return tuple(float(data[name]) for name in NAMES)
