"""Learns the weights from labelled descriptions: `python -m knowledge.classify.train FILE.tsv ...`.

A file has the columns id, description, eccn, alternatives, split, kind; rows of the split "dev" only are used. The
chances are checked by cross-validation: words of a description never help to rank that description.
"""

import argparse
import csv
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledge.classify.desk import Desk, load
from knowledge.classify.index import Floats
from knowledge.classify.source import UNLISTED
from knowledge.classify.text import normal
from knowledge.classify.weights import FILE
from knowledge.lexis.learn import softmax
from knowledge.lexis.terms import number

FOLDS = 5
PULL = 3e-3
EPOCHS = 180
MADE_UP, MADE_UP_WEIGHT = 700, 0.3
ALTERNATIVE = 0.25
COMMON = 0.08
"""A word of more than this share of the codes' descriptions is how one describes, not what."""


@dataclass(frozen=True)
class Row:
    """A labelled description."""

    id: str
    text: str
    expected: str
    accepted: frozenset[str]
    split: str
    kind: str


def rows(path: Path) -> list[Row]:
    """The labelled descriptions of a file."""
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        for r in csv.DictReader((x for x in file if not x.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE):
            others = r.get("alternatives") or r.get("acceptable") or ""
            accepted = {a.strip()[:5] for a in others.replace(";", ",").replace("|", ",").split(",") if a.strip()}
            expected = r["eccn"].strip()[:5]
            found.append(
                Row(
                    r["id"], r["description"], expected, frozenset(accepted | {expected}), r["split"], r.get("kind", "")
                )
            )
    return found


def vocabulary(desk: Desk, some: Sequence[Row]) -> dict[str, list[int]]:
    """Numbers of the words of the descriptions by expected code, less the common ones."""
    by_code: dict[str, list[int]] = {}
    for row in some:
        words = desk.glossary.words(normal(row.text)[0])
        by_code.setdefault(row.expected, []).extend(number(w) for w in dict.fromkeys((*words.stems, *words.han)))
    spread = Counter(t for terms in by_code.values() for t in set(terms))
    limit = max(3, COMMON * len(by_code))
    return {code: [t for t in terms if spread[t] <= limit] for code, terms in by_code.items()}


def matrices(desk: Desk, some: Sequence[Row]) -> list[Floats]:
    """The features of each description."""
    return [desk.look(row.text).scored.rows for row in some]


HELD_OUT = 0.3
"""The share of the trade names that are taken away from the index to stand as descriptions."""


def synthetic(desk: Desk, per_entry: int, seed: int = 5) -> tuple[Desk, list[Row]]:
    """A desk without some of its names, and these as descriptions, some with words of a paragraph or numbers beside them."""
    rng = np.random.default_rng(seed)
    entries, some = [], []
    for e in desk.entries:
        n = len(e.called.names)
        out = set(np.flatnonzero(rng.random(n) < HELD_OUT).tolist()) if n > 3 else set()
        keep = [i for i in range(n) if i not in out]
        entries.append(
            replace(
                e,
                called=replace(
                    e.called, names=tuple(e.called.names[i] for i in keep), terms=tuple(e.called.terms[i] for i in keep)
                ),
            )
        )
        chosen = rng.permutation(sorted(out))[: per_entry * (20 if e.code == UNLISTED else 1)]
        for i in chosen:
            some.append(Row(f"{e.code}-{i}", e.called.names[int(i)], e.code, frozenset({e.code}), "dev", "name"))
    return replace(desk, entries=tuple(entries)), some


def target(desk: Desk, row: Row) -> Floats:
    """What the chances should be."""
    place = desk.ranker.index.place
    out = np.zeros(desk.ranker.ordinary + 1, np.float32)
    for code in row.accepted:
        if code in place:
            out[place[code]] = ALTERNATIVE if code != row.expected else 1.0
    total = float(out.sum())
    return out / np.float32(total) if total else out


def fit(features: Sequence[Floats], targets: Sequence[Floats], pull: float = PULL, epochs: int = EPOCHS) -> Floats:
    """One weight a feature, by Adam on the logarithmic loss with a pull to zero."""
    known = [i for i, t in enumerate(targets) if t.sum() > 0]
    x, y = np.stack([features[i] for i in known]), np.stack([targets[i] for i in known])
    spread = np.maximum(x.reshape(-1, x.shape[2]).std(axis=0), 0.02)
    x = x / spread
    heavy = y.sum(axis=1, keepdims=True)
    w = np.zeros(x.shape[2], np.float32)
    mean, square = np.zeros_like(w), np.zeros_like(w)
    for step in range(1, epochs + 1):
        z = x @ w
        z = np.exp(z - z.max(axis=1, keepdims=True))
        miss = z / z.sum(axis=1, keepdims=True) * heavy - y
        gradient = np.tensordot(miss, x, axes=([0, 1], [0, 1])) / len(known) + pull * w
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        rate = 0.05 if step < epochs * 0.6 else 0.01
        w -= (rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)).astype(np.float32)
    out: Floats = (w / spread).astype(np.float32)
    return out


def temper(features: Sequence[Floats], targets: Sequence[Floats], weights: Sequence[Floats]) -> float:
    """The divisor of the sums at which held-out chances lose least."""

    def loss(t: float) -> float:
        total = 0.0
        for x, y, w in zip(features, targets, weights, strict=True):
            z = x @ w / t
            z = z - z.max() - np.log(np.exp(z - z.max()).sum())
            total -= float((y * z).sum())
        return total

    return float(min(np.arange(0.6, 2.6, 0.05), key=loss))


@dataclass(frozen=True)
class Held:
    """Cross-validated chances of each description, and the divisor that makes them come true."""

    chances: list[npt.NDArray[np.float32]]
    temper: float
    weights: Floats


def made_up(desk: Desk, learned: dict[str, list[int]]) -> tuple[list[Floats], list[Floats]]:
    """Features and targets of names held out of the index: they teach what dev descriptions are too few for."""
    thinned, some = synthetic(desk.relearned(learned), 2)
    chosen = [some[int(i)] for i in np.random.default_rng(1).permutation(len(some))[:MADE_UP]]
    return matrices(thinned, chosen), [target(desk, r) * np.float32(MADE_UP_WEIGHT) for r in chosen]


def cross_validate(desk: Desk, some: Sequence[Row]) -> Held:
    """Chances of every description from weights and words of the other folds, and the weights from all of them."""
    order = np.random.default_rng(7).permutation(len(some))
    fold = np.empty(len(some), np.int64)
    fold[order] = np.arange(len(some)) % FOLDS
    features: list[Floats] = [np.zeros((0, 0), np.float32)] * len(some)
    weights: list[Floats] = [np.zeros(0, np.float32)] * len(some)
    targets = [target(desk, r) for r in some]
    for f in range(FOLDS):
        inside = [r for i, r in enumerate(some) if fold[i] != f]
        outside = [int(i) for i in np.flatnonzero(fold == f)]
        found = matrices(desk.relearned(vocabulary(desk, inside)), [some[i] for i in outside])
        for i, x in zip(outside, found, strict=True):
            features[i] = x
    extra, aims = made_up(desk, vocabulary(desk, some))
    for f in range(FOLDS):
        within = [int(i) for i in np.flatnonzero(fold != f)]
        w = fit([*(features[i] for i in within), *extra], [*(targets[i] for i in within), *aims])
        for k in np.flatnonzero(fold == f).tolist():
            weights[k] = w
    t = temper(features, targets, weights)
    chances = [softmax((x @ w / np.float32(t)).astype(np.float32)) for x, w in zip(features, weights, strict=True)]
    return Held(chances, t, fit([*features, *extra], [*targets, *aims]))


def top(desk: Desk, chances: Sequence[Floats], some: Sequence[Row], k: int) -> float:
    """The share of descriptions with an accepted entry among the first k."""
    codes = [e.code for e in desk.ranker.index.entries]
    right = [any(codes[i] in row.accepted for i in np.argsort(-c)[:k]) for c, row in zip(chances, some, strict=True)]
    return float(np.mean(right))


def main() -> None:
    """Train and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    some = [r for path in options.files for r in rows(path) if r.split == "dev"]
    desk = load()
    held = cross_validate(desk, some)
    print(
        f"{len(some)} descriptions, cross-validated: first {top(desk, held.chances, some, 1):.3f}, among five {top(desk, held.chances, some, 5):.3f}, temper {held.temper:.2f}"
    )
    if options.write:
        raw = {
            "values": [round(float(v), 4) for v in held.weights],
            "temper": held.temper,
            "learned": vocabulary(desk, some),
        }
        FILE.write_text(json.dumps(raw, separators=(",", ":")), "utf-8")


if __name__ == "__main__":
    main()
