"""What a search for the law's own words is given and gives back. Plain data and one protocol."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from knowledge.model import Confidence, Instrument, Lang

Standing = Literal["in_force", "not_yet_effective", "suspended", "repealed", "undated"]


@dataclass(frozen=True)
class Act:
    """The instrument that a passage stands in.

    `kind` is law, regulation, announcement, list, enforcement_notice, guidance or news; `language` that of the text;
    `standing` where it stands on the day asked about; `repealed_by` names the act that ended it. `digest`: Navicert's own
    summary, where the official text is not held.
    """

    id: str
    title: str
    kind: str
    regime: str
    language: str
    url: str = ""
    effective: date | None = None
    until: date | None = None
    standing: Standing = "undated"
    repealed_by: str = ""
    digest: bool = False


@dataclass(frozen=True)
class Passage:
    """A passage that may answer, as stored.

    `provision` is its place as citations name it ("34", "764.3", or a locator of the library); `stored` its id in the
    library, "" for a digest. `likelihood` is the estimated chance, 0 to 1, that it answers the question. `asked` weighs
    the question's terms (numbers of `knowledge.lexis.terms`) in the passage's own language.
    """

    act: Act
    provision: str
    label: str
    text: str
    sha256: str
    heading: tuple[str, ...] = ()
    page: int | None = None
    stored: str = ""
    confidence: Confidence = Confidence.CONFIRMED
    likelihood: float = 0.0
    asked: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Searched:
    """Passages, likeliest first, and the titles of every instrument that was searched for them."""

    passages: tuple[Passage, ...] = ()
    titles: tuple[str, ...] = ()
    documents: int = 0  # ingested texts among them
    likelihood: float = 0.0  # the estimated chance that any of what was found answers
    answers: bool = False  # that chance is high enough to give it as an answer


def called(act: Instrument, lang: Lang) -> str:
    """Number and title of an act of the rule book; the longer where it holds the other."""
    number, title = act.number[lang], act.title[lang]
    if number in title or title in number:
        return max(number, title, key=len)
    return f"{number}: {title}"


@dataclass(frozen=True)
class Nearness:
    """How near a message comes to questions that some provision is known to answer, as cosines of meaning: the nearest
    provision's, its lead over the next, and the mean of the nearest five."""

    closeness: float
    lead: float
    mean: float


class Texts(Protocol):
    """Where the law's own words are searched."""

    def nearness(self, question: str) -> Nearness | None:
        """To the questions of the subject index; None where no model of meaning is used."""
        ...

    def find(
        self, question: str, on: date, intent: str, k: int = 8, *, countries: frozenset[str] = frozenset()
    ) -> Searched:
        """The likeliest passages for a question about the law as it stands on a day.

        `intent` is a value of `knowledge.reading.intent.Intent`; `countries` are those that the question names.
        """
        ...
