"""One review of the change desk with all that is needed to decide it: the difference word by word, and what leans on it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from knowledge.rulebook.book import RuleBook
from knowledge.store.changes import HEADINGS, ChangeReview, Changes
from knowledge.store.database import Database
from knowledge.store.diff import Difference
from knowledge.store.leaning import Leaners, Leaning, leaners, leaning
from knowledge.worddiff import Piece, pieces

Flips = Callable[[Leaning], Sequence[int]]
"""Numbers of the stored questions whose outcome may turn with what leans on the changed places (`bot.change_flips`)."""


@dataclass(frozen=True)
class Place:
    """One provision that is not as it was, as a difference of words. `pieces` of a moved one is its text, unchanged."""

    difference: Difference
    pieces: tuple[Piece, ...]

    @property
    def name(self) -> str:
        """What the text calls the place, else its locator."""
        return self.difference.label or self.difference.locator


@dataclass(frozen=True)
class View:
    """A review as staff look at it. `parts` are the reviews under a heading; `flips` is None where nothing tells."""

    review: ChangeReview
    differences: tuple[Difference, ...]
    leaning: Leaning
    leaners: Leaners
    parts: tuple[ChangeReview, ...] = ()
    flips: tuple[int, ...] | None = None

    def place(self, n: int) -> Place:
        """The n-th difference, word by word; computed when it is asked for."""
        return place(self.differences[n])


def view(database: Database, book: RuleBook, review: ChangeReview, flips: Flips | None = None) -> View:
    """Everything about a review. `flips` names the answers it may turn, where the caller has an index that knows."""
    changes = Changes(database)
    if review.outcome in HEADINGS:
        return View(review, (), Leaning(), Leaners(), changes.parts(review.id))
    found = changes.differences(review)
    touched = {at for d in found for at in (d.locator, d.was) if at}
    if review.former is None or not found:  # a new act, or one put out of force as a whole
        touched = set()
    leans = leaning(book, review.instrument, touched)
    hashes = {_sha256(d.before) for d in found if d.before and d.kind != "moved"}
    provisions = leans.provisions if touched or review.former is not None else ()
    return View(
        review, found, leans, leaners(database, review.instrument, set(provisions), hashes),
        flips=tuple(flips(leans)) if flips is not None else None,
    )  # fmt: skip


def place(difference: Difference) -> Place:
    """A difference as one of words."""
    if difference.kind == "moved":
        return Place(difference, (Piece("same", difference.after),))
    return Place(difference, pieces(difference.before, difference.after))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
