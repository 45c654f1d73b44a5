"""Learn how likely a passage answers a question: `python -m knowledge.search.train_answering FILE... --home DIR [--write]`.

FILE is an open set (tests/open/README.md); only its questions marked `split: dev` are learned from. The library in DIR must
hold the texts that they are about.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from knowledge.reading.intent import intent
from knowledge.reading.read import Reader, reader
from knowledge.rulebook import load
from knowledge.search.answering import ENOUGH, NAMES, WORDS, Answering, likelihoods
from knowledge.search.find import Searcher
from knowledge.search.lawtexts import Candidate, LawTexts
from knowledge.settings import Settings
from knowledge.store.embed import embedder
from knowledge.store.finder import Finder
from knowledge.store.index import Index
from knowledge.store.store import open_store

ON = date(2026, 11, 21)
PULL = 0.001  # towards weights of nothing
STEPS, RATE = 1500, 0.05
FRESH = "fresh"
OWN = Path(__file__).with_name("answering.json")


@dataclass(frozen=True)
class Example:
    """A question's candidates as features, and which of them answer."""

    id: str
    split: str
    answerable: bool
    crossing: str
    digest: bool  # only a digest answers
    features: np.ndarray[Any, np.dtype[np.float64]]
    right: np.ndarray[Any, np.dtype[np.bool_]]


def main() -> None:
    """Learn, print what comes of it, and write the weights where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    rows = [row for file in given.files for row in yaml.safe_load(file.read_text(encoding="utf-8"))]
    written = {}
    for of, examples in _examples(rows, given.home).items():
        learned = learn([e for e in examples if e.split in ("train", "dev")])
        for split in ("dev", "held"):
            print(of, split, told([e for e in examples if e.split == split], learned))
        written[of] = dict(zip(NAMES, (round(w, 4) for w in learned.weights), strict=True))
    if given.write:
        OWN.write_text(json.dumps(written, indent=1) + "\n")


def _examples(rows: Sequence[Mapping[str, Any]], home: Path) -> dict[str, list[Example]]:
    """The questions put to the library and to a fresh install, where the digests alone can answer; each with the model of
    meaning and without. Two processes, some six minutes."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        asked = {of: pool.submit(_asked, rows, home, of) for of in ENOUGH}
        return {of: found.result() for of, found in asked.items()}


def _asked(rows: Sequence[Mapping[str, Any]], home: Path, of: str) -> list[Example]:
    """The questions put to one of the kinds of library that there are weights for."""
    model = "none" if of.endswith(WORDS) else None
    own, book = Settings(home, "CN"), load()
    read = reader(book, home / "cache")
    if of.startswith("digests"):
        texts = LawTexts(book, embedder=embedder(model))
        return [_example(row, texts, read, fresh=True) for row in rows]
    with open_store(own) as store, store.index() as index:
        finder = Finder(store.library, index if model is None else _ByWords(index))
        texts = LawTexts(book, store.library, finder, embedder(model))
        return [_example(row, texts, read, fresh=False) for row in rows]


@dataclass(frozen=True)
class _ByWords:
    """An index with its vectors left aside."""

    index: Index

    def searcher(self) -> Searcher:
        return Searcher(self.index.lexical)


def _example(row: Mapping[str, Any], texts: LawTexts, read: Reader, *, fresh: bool) -> Example:
    reading = read.read(str(row["question"]), ON, "CN")
    found = texts.candidates(reading.text, ON, str(intent(reading)), read.countries(reading.text))
    answers = [bool(row["answerable"]) and answers_it(row, c) for c in found]
    matrix = np.array([c.clues.features() for c in found], np.float64).reshape(len(found), len(NAMES))
    tongues = FRESH if fresh else f"{row['lang']}-{'zh' if 'CN-' in str(row['instrument']) else 'en'}"
    answerable = any(answers) if fresh else bool(row["answerable"])
    digest = not fresh and answerable and all(c.passage.act.digest for c, a in zip(found, answers, strict=True) if a)
    return Example(str(row["id"]), row["split"], answerable, tongues, digest, matrix, np.array(answers, bool))


def answers_it(row: Mapping[str, Any], candidate: Candidate) -> bool:
    """Is it one of the passages that the set names? A passage around or inside one of them counts."""
    act, wanted = candidate.passage.act, row["instrument"]
    named = [wanted] if isinstance(wanted, str) else wanted
    if not any(n == act.id or n in act.title for n in named):
        return False
    places = [str(p) for p in row["provision"]]
    return any(_same(candidate.locator, p) or p == candidate.passage.label for p in places)


def _same(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def learn(examples: Sequence[Example]) -> Answering:
    """Choose among the candidates or none of them (score 0): a softmax whose right choices are known, by Adam."""
    rows = [(e.features, e.right, _weight(e)) for e in examples if len(e.right) and (e.right.any() or not e.answerable)]
    total = sum(weight for *_, weight in rows)
    w = np.zeros(len(NAMES))
    mean, square = np.zeros_like(w), np.zeros_like(w)
    for step in range(1, STEPS + 1):
        gradient = PULL * w
        for x, right, weight in rows:
            z = np.concatenate(([0.0], x @ w))
            p = np.exp(z - z.max())
            p /= p.sum()
            wanted = np.concatenate(([float(not right.any())], right.astype(float)))
            target = wanted * p
            target /= max(float(target.sum()), 1e-12)
            gradient += x.T @ (p - target)[1:] * (weight / total)
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        size = np.sqrt(square / (1 - 0.999**step)) + 1e-8
        w -= RATE * (1 - step / STEPS) * (mean / (1 - 0.9**step)) / size
    return Answering(tuple(float(v) for v in w))


def _weight(example: Example) -> float:
    """Questions that only a digest answers are few beside those that a text does, and silences beside answers; in a fresh
    install it is the other way round."""
    if example.crossing == FRESH:
        return 6.0 if example.answerable else 1.0
    return 2.5 if example.digest else (1.0 if example.answerable else 1.5)


def told(examples: Sequence[Example], learned: Answering) -> dict[str, Any]:
    """Found among the candidates, right among the first three, and silence where nothing answers, at the best threshold."""
    w = np.array(learned.weights)
    first3, found, scores = 0, 0, []
    answerable = [e for e in examples if e.answerable]
    missed = []
    for e in examples:
        p = likelihoods(e.features @ w)
        order = np.argsort(-p)
        best = float(p.sum())
        scores.append((best, e.answerable))
        if e.answerable:
            found += bool(e.right.any())
            hit = bool(e.right[order[:3]].any())
            first3 += hit
            if not hit:
                missed.append(e.id)
    table: dict[Any, str] = {}
    for t in (0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9):
        silent = sum(b < t for b, a in scores if not a)
        table[t] = f"{silent}/{sum(not a for _, a in scores)} silent, {sum(b < t for b, a in scores if a)} wrongly"
    for kind in ("zh-zh", "zh-en", "en-en", "en-zh", FRESH):
        some = [e for e in answerable if e.crossing == kind]
        told = sum(e.id not in missed for e in some)
        table[kind] = f"{told}/{len(some)}, {sum(bool(e.right.any()) for e in some)} found"
    return {"answerable": len(answerable), "found": found, "first3": first3, "thresholds": table, "missed": missed}


if __name__ == "__main__":
    main()
