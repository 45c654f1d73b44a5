"""What a classification says: ranked candidate entries, the chance that none applies, and what to ask next."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """A numeric condition of the list against the description."""

    MEETS = "meets"
    MISSES = "misses"
    OPEN = "open"  # the description does not say, or says a range that straddles the limit


@dataclass(frozen=True)
class Parameter:
    """A numeric condition of a candidate: what is measured (the list's words, or the dimension), what the list wants as
    it is written there (`comparator` one of >= > <= < =), and what the description gives; None where it gives nothing."""

    quantity: str
    comparator: str
    wanted: str
    given: str | None
    verdict: Verdict
    path: str = ""


@dataclass(frozen=True)
class MatchedItem:
    """A paragraph of the entry that fits best: its path without a leading dot ("a.5.a.3") and its locator."""

    path: str
    locator: str


@dataclass(frozen=True)
class Correspondence:
    """The entry of another regime that covers the same goods. `confirmed` False: same number, text not compared."""

    regime: str
    code: str
    confirmed: bool
    note: str = ""


@dataclass(frozen=True)
class Candidate:
    """An entry that may cover the product. `score` is the chance (0-1) as far as words and numbers tell; of CN and EU
    entries it says how well they fit, and does not add up with the others. `because` are the words that led there."""

    regime: str
    code: str
    rank: int
    score: float
    title: dict[str, str]
    items: tuple[MatchedItem, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    because: tuple[str, ...] = ()
    correspondences: tuple[Correspondence, ...] = ()
    confirmed: bool = True


@dataclass(frozen=True)
class NotListed:
    """The chance that no entry of the US list names the product (EAR99), and why. Never a clearance: end use, end user
    and destination are asked for unlisted goods too. `reasons` are keys with their detail: ("ordinary_goods", "office chair")."""

    probability: float
    reasons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Understood:
    """What was read: terms of the trade found, quantities as written, product groups and purposes spoken of."""

    terms: tuple[str, ...]
    quantities: tuple[str, ...]
    groups: tuple[str, ...]
    purposes: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """A fact that would decide between the candidates: `quantity` measured against `wanted`, for the entry `code`."""

    code: str
    path: str
    quantity: str
    wanted: str
    weight: float


@dataclass(frozen=True)
class Classification:
    """Candidates of every regime: US first, by rank, then CN and EU. `truncated`: the text was longer than is read."""

    candidates: tuple[Candidate, ...]
    not_listed: NotListed
    read: Understood
    language: str
    truncated: bool
    missing: tuple[Question, ...] = ()

    def of(self, regime: str) -> tuple[Candidate, ...]:
        """The candidates of one regime, best first."""
        return tuple(c for c in self.candidates if c.regime == regime)

    @property
    def outcomes(self) -> tuple[tuple[str, float], ...]:
        """US codes and EAR99 in one order with their chances: what a person would read down."""
        rows = [*((c.code, c.score) for c in self.of("US")), ("EAR99", self.not_listed.probability)]
        return tuple(sorted(rows, key=lambda r: -r[1]))
