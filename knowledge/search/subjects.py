"""The subject index: everyday phrases and questions, in Chinese and English, by which people ask for a provision of an act
that we know.

Law is worded for lawyers and in one language; the index is what a book's last pages are for. It only finds: what is
quoted is always the provision. After a change `train_likeness.py` makes the bundled vectors again.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from knowledge.errors import NavicertError
from knowledge.search.digests import InMemory
from knowledge.search.find import Searcher
from knowledge.search.model import IndexPassage
from knowledge.store.lexical import entry, fields

FOLDER = "subjects"
ASKED = "asked"
"""The folder in it whose lines hold whole questions, each found by itself."""
BAR = " | "
"""Between the questions of one cell."""
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
    """What is indexed: an id, the words, the line they are of and the number of their language in LANGUAGES.

    A provision may have several lines of questions; each of its questions has a number of its own.
    """
    places: Counter[str] = Counter()
    for line in lines():
        for n, language in enumerate(LANGUAGES):
            yield line.name(language), line.phrases[n], line, n
    for line in questions():
        for n, language in enumerate(LANGUAGES):
            for question in line.phrases[n].split(BAR):
                places[line.name(language)] += 1
                yield f"{line.name(language)}\t{places[line.name(language)]}", question.strip(), line, n


def subjects() -> Searcher:
    """A searcher by words over all of it in both languages, each provision found by its likest phrase or question."""
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
    return Searcher(InMemory(fields(tuple(made))))
