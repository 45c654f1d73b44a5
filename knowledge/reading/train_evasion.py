"""Learns the weights of `evasion.py` from the labelled corpus and questions about the law: `python -m knowledge.reading.train_evasion`.

Logistic regression with L2, by plain gradient steps in numpy; the same corpus gives the same weights.
Needs numpy, which only the developer's environment has.
"""

import base64
import hashlib
import json
import sys
import zlib
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from knowledge.reading.evasion import BITS, MODEL, features
from knowledge.reading.read import reader
from knowledge.rulebook import load
from knowledge.settings import settings

CORPUS = MODEL.parent / "corpus"
ASKED = MODEL.parents[1] / "subjects" / "asked"
OF_LAW = 800
"""Questions about the law that are learned as lawful beside the corpus: they speak of fines and smugglers by nature."""
THRESHOLD = 0.52


def examples(folder: Path) -> list[tuple[int, str, str]]:
    """(1 for evasion else 0, language, text) of every line of the corpus."""
    rows = []
    for path in sorted(folder.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            parts = line.split("\t")
            if len(parts) == 3 and parts[0] in ("evasion", "lawful"):
                rows.append((int(parts[0] == "evasion"), parts[1], parts[2]))
    return rows


def questions(folder: Path, count: int) -> list[str]:
    """That many of the questions in the cells of the folder's files, chosen by hash."""
    found: set[str] = set()
    for path in sorted(folder.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                found.update(q.strip() for cell in line.split("\t")[2:4] for q in cell.split(" | "))
    return sorted(found, key=lambda q: hashlib.sha256(q.encode()).digest())[:count]


def fit(
    rows: Sequence[tuple[int, str, Collection[str]]], *, l2: float = 0.05, steps: int = 300, rate: float = 4.0
) -> tuple[np.ndarray, float]:
    """Weights (2**BITS float64) and bias."""
    weighed = [features(text, cues) for _, text, cues in rows]
    index = np.concatenate([np.fromiter(f.keys(), dtype=np.int64) for f in weighed])
    value = np.concatenate([np.fromiter(f.values(), dtype=float) for f in weighed])
    owner = np.repeat(np.arange(len(weighed)), [len(f) for f in weighed])
    label = np.array([r[0] for r in rows], dtype=float)
    balance = np.where(label == 1, len(rows) / (2 * label.sum()), len(rows) / (2 * (1 - label).sum()))
    weights, bias = np.zeros(1 << BITS), 0.0
    velocity = np.zeros_like(weights)
    for _ in range(steps):
        margin = np.bincount(owner, weights[index] * value, minlength=len(rows)) + bias
        error = balance * (1 / (1 + np.exp(-margin)) - label)
        gradient = np.bincount(index, error[owner] * value, minlength=1 << BITS) / len(rows) * 40 + l2 * weights / 40
        velocity = 0.9 * velocity - rate * 0.1 * gradient
        weights += velocity
        bias -= 0.5 * float(error.mean())
    return weights, bias


def save(weights: np.ndarray, bias: float, path: Path = MODEL, threshold: float = THRESHOLD) -> None:
    """One byte a weight, compressed: about 60 kB."""
    scale = float(np.abs(weights).max()) / 127
    packed = np.round(weights / scale).astype(np.int8).tobytes()
    data = {
        "bias": round(bias, 4),
        "scale": scale,
        "threshold": threshold,
        "weights": base64.b64encode(zlib.compress(packed, 9)).decode(),
    }
    path.write_text(json.dumps(data) + "\n", encoding="utf-8")


def main() -> int:
    """Trains on the whole corpus and some questions about the law, and writes the model."""
    read = reader(load(), settings().home / "cache").read
    texts = [(label, text) for label, _, text in examples(CORPUS)]
    texts += [(0, text) for text in questions(ASKED, OF_LAW)]
    readings = [(label, read(text, date(2026, 11, 21), "CN")) for label, text in texts]
    rows = [(label, r.masked, r.cues) for label, r in readings]
    weights, bias = fit(rows)
    save(weights, bias)
    print(f"{len(rows)} examples, {MODEL.stat().st_size // 1024} kB", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
