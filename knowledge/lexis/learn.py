"""The arithmetic of learning a ranking: an adapter for vectors, weights for words, weights for features.

Each is a softmax over passages whose right answers are known, by Adam, with a pull towards changing nothing. Used by
`train_ranking` only.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
COMMON = 0.01  # share of the questions that hold a word before its weight is learned: how one asks, not what about
SHARP = 3.0  # BM25 points that make a passage e times likelier, in learning words


@dataclass
class Adam:
    """One parameter's running means; `step` gives what to subtract."""

    rate: float
    mean: Floats = field(default_factory=lambda: np.zeros(1, np.float32))
    square: Floats = field(default_factory=lambda: np.zeros(1, np.float32))
    steps: int = 0

    def step(self, gradient: Floats, share: float) -> Floats:
        """`share` scales the rate, to come to rest."""
        self.steps += 1
        self.mean = 0.9 * self.mean + 0.1 * gradient
        self.square = 0.999 * self.square + 0.001 * gradient**2
        size = np.sqrt(self.square / (1 - 0.999**self.steps)) + 1e-8
        out: Floats = (self.rate * share * (self.mean / (1 - 0.9**self.steps)) / size).astype(np.float32)
        return out


def softmax(z: Floats) -> Floats:
    """Along the last axis."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    out: Floats = e / e.sum(axis=-1, keepdims=True)
    return out


def adapter(
    questions: Floats, passages: Floats, answers: Sequence[Rows], pull: float, epochs: int, rank: int
) -> tuple[Floats, Floats]:
    """(down, up) so that v + (v @ down) @ up is nearer its answers than v, against all other passages."""
    rng = np.random.default_rng(0)
    ids = np.array([i for i, a in enumerate(answers) if len(a)])
    d = questions.shape[1]
    turn = np.zeros((d, d), np.float32)
    adam = Adam(1e-3)
    batches = -(-len(ids) // 64) * epochs
    for _ in range(epochs):
        rng.shuffle(ids)
        for start in range(0, len(ids), 64):
            batch = ids[start : start + 64]
            q = questions[batch]
            miss = softmax(((q + q @ turn) @ passages.T) / np.float32(0.01))
            for row, i in enumerate(batch):
                miss[row, answers[i]] -= 1 / len(answers[i])
            gradient = q.T @ (miss @ passages) / np.float32(0.01 * len(batch)) + 2 * pull * turn
            turn -= adam.step(gradient, min(1.0, 2 * (1 - adam.steps / batches) + 0.02))
    u, s, v = np.linalg.svd(turn)
    root = np.sqrt(s[:rank])
    return (u[:, :rank] * root).astype(np.float32), (root[:, None] * v[:rank]).astype(np.float32)


@dataclass(frozen=True)
class Case:
    """A question's candidates, for learning words: `parts[c, t]` is what term t gives candidate c, `rest[c]` what else
    it has, `right[c]` whether it answers."""

    terms: npt.NDArray[np.uint32]
    parts: Floats
    rest: Floats
    right: npt.NDArray[np.bool_]


def word_weights(cases: Sequence[Case], pull: float, epochs: int) -> dict[int, float]:
    """A factor for each term that is common in the questions, between 0.05 and 4.5."""
    counts = Counter(int(t) for case in cases for t in case.terms)
    places = {t: i for i, t in enumerate(t for t, n in counts.items() if n >= COMMON * len(cases))}
    log = np.zeros(len(places) + 1, np.float32)  # the last is for every other term and stays 0
    where = [np.array([places.get(int(t), len(places)) for t in case.terms], np.int64) for case in cases]
    order = np.array([i for i, case in enumerate(cases) if case.right.any()])
    rng, adam = np.random.default_rng(0), Adam(0.05)
    for epoch in range(epochs):
        rng.shuffle(order)
        for start in range(0, len(order), 32):
            batch = order[start : start + 32]
            gradient = 2 * pull * log / np.float32(len(order))
            for i in batch:
                case, at = cases[i], where[i]
                factor = np.exp(log[at])
                miss = softmax((case.parts @ factor + case.rest) / SHARP) - case.right / case.right.sum()
                np.add.at(gradient, at, (miss @ case.parts) * factor / np.float32(SHARP * len(batch)))
            log = np.clip(log - adam.step(gradient, 1 - epoch / epochs), -3, 1.5)
            log[-1] = 0
    return {t: float(np.exp(log[i])) for t, i in places.items()}


def feature_weights(rows: Sequence[Floats], right: Sequence[npt.NDArray[np.bool_]], epochs: int = 250) -> Floats:
    """One weight a feature, from questions of which an answer is among the candidates."""
    known = [i for i, r in enumerate(right) if r.any()]
    width = max(len(rows[i]) for i in known)
    x = np.zeros((len(known), width, rows[known[0]].shape[1]), np.float32)
    target = np.zeros((len(known), width), np.float32)
    absent = np.ones((len(known), width), bool)
    for n, i in enumerate(known):
        x[n, : len(rows[i])], target[n, : len(rows[i])] = rows[i], right[i] / right[i].sum()
        absent[n, : len(rows[i])] = False
    spread = x[~absent].std(axis=0)
    useful = spread > 1e-3  # a feature that is the same everywhere in this set has nothing to teach
    spread = np.where(useful, spread, 1).astype(np.float32)
    x *= useful / spread
    weights, adam = np.zeros(x.shape[2], np.float32), Adam(0.05)
    for epoch in range(epochs):
        guess = softmax(np.where(absent, np.float32(-1e9), x @ weights))
        gradient = np.einsum("qc,qcf->f", guess - target, x, optimize=True) / len(known) + 2e-3 * weights
        weights -= adam.step(gradient, 1.0 if epoch < epochs * 0.6 else 0.2)
    out: Floats = weights / spread
    return out
