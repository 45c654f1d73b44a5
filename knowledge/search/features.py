"""A question and a table to features: a few numbers for each candidate, scaled within the question so that they carry
over from one collection to another."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.lexis.postings import Postings, Scores
from knowledge.lexis.terms import Numbers, numbers
from knowledge.search.model import Question
from knowledge.search.table import NONE, Index, Table

Mask = npt.NDArray[np.bool_]
CANDIDATES = 120  # held 97 of 100 answers of the first development set, 87 of the second
PAIRS = 0.4  # weight of pairs of words beside words, before anything is learned
SPREAD = 5.0  # standard deviations that count as 1: the best of 15,000 passages lie 4 to 6 above the mean
NAMES = (
    *("words", "pairs", "heading", "literals", "own", "coverage", "dense", "tuned", "top_lexical", "top_tuned"),
    *("rank_lexical", "rank_tuned", "lexical_beside", "tuned_beside", "lexical_above", "tuned_above"),
    *("lexical_act", "tuned_act", "length", "tiny", "both", "best_rank", "no_word", "heading_coverage"),
)


@dataclass(frozen=True)
class Signals:
    """Raw scores of every passage: BM25 by field; share of the question's rare words held; numbers; closeness of
    meaning as the model has it (`dense`) and as the adapter turns it (`tuned`)."""

    words: Scores
    pairs: Scores
    heading: Scores
    literals: Scores
    own: Scores
    coverage: Scores
    heading_coverage: Scores
    dense: Scores
    tuned: Scores


def signals(asked: Question, table: Table) -> Signals:
    """Raw scores of every passage of the table."""
    f = table.fields
    named = numbers(asked.literals)
    words, coverage = _weighed(f.words, asked.terms.words, asked.weights)
    heading, heading_coverage = _weighed(f.heading, asked.terms.words, np.ones(len(asked.terms.words), np.float32))
    dense = tuned = np.zeros(table.size, np.float32)
    if table.vectors is not None and asked.vector is not None and asked.tuned is not None:
        # Row by row: a matrix product wakes the threads of BLAS, whose waiting costs five times the arithmetic and
        # slows the embedding of the next question (112 cpu-ms a question instead of 61 on a busy machine).
        dense, tuned = (np.vecdot(table.vectors, v.astype(np.float32)) for v in (asked.vector, asked.tuned))
    pairs = f.pairs.scores(asked.terms.pairs)
    return Signals(
        words, pairs, heading, f.literals.scores(named), f.own.scores(named), coverage, heading_coverage, dense, tuned
    )


def _weighed(field: Postings, terms: Numbers, weights: Scores) -> tuple[Scores, Scores]:
    """BM25 with a weight for each term, and the share of the terms' rarity that each passage holds."""
    scores, held = np.zeros(field.size, np.float32), np.zeros(field.size, np.float32)
    unique, at, times = np.unique(terms, return_index=True, return_counts=True)
    total = 1e-6
    for term, i, n in zip(unique, at, times, strict=True):
        passages, impact, rarity = field.find(int(term))
        scores[passages] += impact * (weights[i] * np.float32(n))
        held[passages] += rarity * weights[i]
        total += rarity * float(weights[i])
    return scores, held / np.float32(total)


def candidates(found: Signals, shown: Mask) -> Index:
    """The passages worth a closer look, in index order; `shown` says which may be."""
    first = of_best(found.words + PAIRS * found.pairs) + standing(found.tuned, shown) + found.own + found.literals
    first = np.where(shown, first, -np.inf)
    count = min(CANDIDATES, int(shown.sum()))
    if count == len(first):
        return np.arange(count, dtype=np.int32)
    return np.sort(np.argpartition(-first, count)[:count]).astype(np.int32)


def features(found: Signals, table: Table, some: Index, shown: Mask) -> Scores:
    """One row a candidate, one column a name of NAMES."""
    lexical = of_best(found.words + PAIRS * found.pairs)
    tuned = standing(found.tuned, shown)
    by_lexical = _reciprocal(lexical[some])
    by_tuned = _reciprocal(tuned[some]) if found.tuned.any() else by_lexical
    act = table.act
    best_lexical = np.zeros(table.acts, np.float32)
    np.maximum.at(best_lexical, act[some], lexical[some])
    best_tuned = np.full(table.acts, tuned[some].min(initial=0), np.float32)
    np.maximum.at(best_tuned, act[some], tuned[some])
    length = table.lengths[some]
    columns = (
        *(of_best(s)[some] for s in (found.words, found.pairs, found.heading, found.literals, found.own)),
        found.coverage[some],
        standing(found.dense, shown)[some],
        tuned[some],
        lexical[some] ** 2,
        np.exp(3 * (tuned[some] - tuned[some].max(initial=0))),
        by_lexical,
        by_tuned,
        *(np.maximum(_of(s, table.before[some]), _of(s, table.after[some])) for s in (lexical, tuned)),
        *(_of(s, table.parent[some]) for s in (lexical, tuned)),
        best_lexical[act[some]],
        best_tuned[act[some]],
        np.log1p(length) / 5,
        length < 10,
        lexical[some] * tuned[some],
        np.maximum(by_lexical, by_tuned),
        found.words[some] == 0,
        found.heading_coverage[some],
    )
    return np.stack([np.asarray(c, np.float32) for c in columns], axis=1)


def of_best(values: Scores) -> Scores:
    """Each value as a share of the highest."""
    highest = float(values.max(initial=0))
    return values / highest if highest > 0 else np.zeros_like(values)


def standing(values: Scores, shown: Mask) -> Scores:
    """How far each value lies above the mean of those shown, in units of SPREAD standard deviations."""
    if not shown.any():
        return np.zeros_like(values)
    some = values[shown]
    scale = SPREAD * max(float(some.std()), 1e-6)
    return (values - float(some.mean())) / np.float32(scale)


def _reciprocal(values: Scores) -> Scores:
    """1 for the first, 1/2 for the second, ..."""
    out = np.empty(len(values), np.float32)
    out[np.argsort(-values, kind="stable")] = 1 / np.arange(1, len(values) + 1)
    return out


def _of(values: Scores, neighbour: Index) -> Scores:
    """Each neighbour's value, 0 where there is none."""
    return np.where(neighbour == NONE, np.float32(0), values[neighbour])
