"""Candidates in order: the learned score within the question's language, then passages of other languages between."""

from collections.abc import Iterator

import numpy as np

from knowledge.lexis.postings import Postings, Scores
from knowledge.lexis.terms import numbers
from knowledge.search.features import Mask, Signals, candidates, features, standing
from knowledge.search.model import Question
from knowledge.search.ranking import Learned
from knowledge.search.table import Table

NEAR = 0.3  # standing from which a passage in another language is shown between
AS_NEAR = 0.4  # and it is at least so near as a share of the nearest in the question's own language
# Of each three places, how many may go to other languages, by how far their best stands above that of the question's
# own. Measured on our questions over Chinese statutes and US regulations: the best stood .06 higher where the answer
# was in the other language, and .13 to .17 lower where it was not.
PLACES = ((0.0, 2.0), (-0.15, 1.5), (-np.inf, 1.0))
FOREIGN = 30  # candidates in other languages
CERTAIN = ("code:", "hs:", "no:")  # literals that mean one thing wherever they stand
OWN, NAMED = 6.0, 4.0  # points for holding such a literal whole, as the passage's own number or in its text
PLAIN = 2  # words beside the numbers up to which a question is a look-up, and any literal is certain


def rank(asked: Question, found: Signals, table: Table, shown: Mask, learned: Learned) -> Iterator[tuple[int, float]]:
    """Passages, best first, with scores that fall; each passage once."""
    here = shown & table.spoken(asked.language) & (table.lengths > 0)
    ours = _ours(asked, found, table, here, learned)
    if asked.vector is None:
        yield from ours
        return
    nearest = float(found.dense[here].max(initial=0))
    there = shown & ~here & (table.lengths > 0)
    theirs = _theirs(found, table, there, found.dense >= AS_NEAR * nearest)
    if not ours or not theirs:
        yield from ours or theirs
        return
    lead = theirs[0][1] - float(standing(found.dense, here)[here].max())
    share = next(places for floor, places in PLACES if lead > floor) / 3
    due, score = 0.0, ours[0][1]
    for passage, own_score in ours:
        score = own_score
        yield passage, score
        due += share / (1 - share)
        while due >= 1 and theirs:
            due -= 1
            yield theirs.pop(0)[0], score
    yield from ((passage, score - 1 - n) for n, (passage, _) in enumerate(theirs))


def _ours(asked: Question, found: Signals, table: Table, here: Mask, learned: Learned) -> list[tuple[int, float]]:
    if not here.any():
        return []
    some = candidates(found, here)
    weights = learned.weights if asked.vector is not None else learned.weights_by_words
    scores = features(found, table, some, here) @ weights + _certainty(asked, table)[some]
    order = np.argsort(-scores, kind="stable")
    return [(int(some[i]), float(scores[i])) for i in order]


def _theirs(found: Signals, table: Table, there: Mask, close: Mask) -> list[tuple[int, float]]:
    """Passages in other languages by closeness alone, each language measured against itself."""
    near: Scores = np.full(table.size, -np.inf, np.float32)
    for one in np.unique(table.fields.language[there]):
        rows = there & (table.fields.language == one)
        near = np.where(rows & close, standing(found.dense, rows), near)
    order = np.argsort(-near, kind="stable")[:FOREIGN]
    return [(int(i), float(near[i])) for i in order if near[i] >= NEAR]


def _certainty(asked: Question, table: Table) -> Scores:
    """Points for the numbers that a question names: a passage that holds them is meant, whatever its words are like."""
    look_up = len(asked.terms.words) <= PLAIN + 3 * len(asked.literals)
    named = [name for name in asked.literals if look_up or name.startswith(CERTAIN)]
    out = np.zeros(table.size, np.float32)
    if named:
        f = table.fields
        out += OWN * _share(f.own, named) + NAMED * _share(f.literals, named)
    return out


def _share(field: Postings, named: list[str]) -> Scores:
    """How much of what is named, by rarity, each passage holds: 0 to 1."""
    held, total = np.zeros(field.size, np.float32), 1e-6
    for term in numbers(named):
        passages, _, rarity = field.find(int(term))
        held[passages] += rarity
        total += rarity
    return held / np.float32(total)
