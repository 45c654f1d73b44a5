"""What search is given and what it gives back. Plain data."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.lexis.terms import Terms

SHORT = 150  # characters


@dataclass(frozen=True)
class IndexPassage:
    """A piece of a provision that is indexed by itself; a long provision has several.

    `id` is a hash of the content: the same words in the same place have the same id. `provision` is the stored
    provision's id. `title` names the instrument. `heading` is the path of headings above, outermost first, with the
    provision's own label ("第十二条", "§ 740.2") last. `language` is a BCP 47 code. `locator` is the provision's place
    in the instrument (`art-12/par-2`) and `parent` the locator of the provision around it, or "". `position` counts
    the instrument's passages in reading order: neighbours in the text have neighbouring positions.
    """

    id: str
    provision: str
    text: str
    heading: tuple[str, ...]
    title: str
    language: str
    instrument: str
    locator: str
    position: int
    parent: str = ""

    @property
    def embedded(self) -> str:
        """The text that is embedded: with the act's title, and, where the text is short, the headings above it.

        A short paragraph means little by itself; in front of a long one, headings shared by a whole chapter make its
        paragraphs alike (measured on ObliQA: R@10 of the vectors alone falls from .74 to .70).
        """
        above = (self.title, *(self.heading if len(self.text) < SHORT else ()))
        return "".join(part + _stop(part) for part in above if part) + self.text


def _stop(heading: str) -> str:
    return ". " if heading[-1].isascii() else " "


@dataclass(frozen=True)
class Why:
    """What a passage was found by: the question's words in its text or headings, the codes and numbers that both name,
    and the closeness of meaning (None where no model is used, or where it is not near).

    `coverage` is the share of the question's rare words that its text holds, `heading_coverage` that its headings hold
    (0 to 1); `above` is how far its closeness lies above the mean of the passages searched, in units of
    `features.SPREAD` standard deviations (0 where no model is used).
    """

    words: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    heading: tuple[str, ...] = ()
    dense: float | None = None
    coverage: float = 0.0
    heading_coverage: float = 0.0
    above: float = 0.0


@dataclass(frozen=True)
class Hit:
    """A provision that was found, by its best passage. `score` orders the hits of one question and means nothing else."""

    provision: str
    passage: str
    score: float
    why: Why


@dataclass(frozen=True)
class Filters:
    """Limits on where to search: instruments by id, languages by BCP 47 code. None is no limit."""

    instruments: frozenset[str] | None = None
    languages: frozenset[str] | None = None


@dataclass(frozen=True)
class Question:
    """A question as search reads it. `language` is zh, ja, ko or en (all others); `weights` is one factor a word of
    `terms`; `vector` is the model's and `tuned` the adapter's, both None where no model is used."""

    text: str
    language: str
    terms: Terms
    weights: npt.NDArray[np.float32]
    literals: tuple[str, ...]
    vector: npt.NDArray[np.float32] | None
    tuned: npt.NDArray[np.float32] | None
