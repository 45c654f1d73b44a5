"""Kept answers and alerts as plain data, and how they are written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from knowledge.alerts.rerun import Question
from knowledge.model import Answer, Determination, Transaction
from knowledge.store.people import aware

if TYPE_CHECKING:
    from pydantic import TypeAdapter

NEVER, DONE, DUE, REREAD = -1, 0, 1, 2
"""What is left to do for an answer: nothing ever (no determination stands under it), nothing now, determine it again, the
same with its parties looked for again."""
LIVE, SHIPS, READ = 0, 1, 2
"""On which day the law is read for an answer: on every day anew, on that of the shipment, on one that somebody only looked at."""


@dataclass(frozen=True)
class New:
    """A kept answer that is not looked after yet, with everything that was asked in its case up to it."""

    id: int
    person: int
    language: str
    asked_at: datetime
    generation: str
    raw: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Due:
    """An answer that is to be determined again. `told_on`: the day as of which the asker knows it."""

    id: int
    person: int
    language: str
    asked: Question
    told_on: date
    reread: bool
    flips: int


@dataclass(frozen=True)
class Found:
    """What came of one. `deal` and `told` as they are kept; `keys` without those of its words; `ahead`: days with flips to
    come; `flip`: what flipped, None where nothing did."""

    id: int
    subject: str
    deal: str
    told: str
    keys: frozenset[str]
    ahead: tuple[tuple[date, Mapping[str, Any]], ...]
    flip: Mapping[str, Any] | None


@dataclass(frozen=True)
class News:
    """What the follower of a subject is told."""

    watch: int
    person: int
    language: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """A run. `flipped` and `ahead` are counted from what is to be told."""

    id: int
    day: date
    began_at: datetime
    ended_at: datetime | None
    changes: Mapping[str, Any]
    stored: int
    touched: int


@dataclass(frozen=True)
class Alert:
    """What somebody is to be told; `body` depends on `kind`: flip, ahead or news."""

    id: int
    run: int
    kind: str
    person: int
    language: str
    question: int | None
    body: Mapping[str, Any]


class Told(Exception):
    """Another process has told it: this transaction does nothing."""


# ---------------------------------------------------------------- rows


def written(deal: Transaction) -> str:
    """The deal as it is kept."""
    return _deals().dump_json(deal).decode()


def answer(raw: str) -> Answer:
    """The answer that was kept."""
    return _answers().validate_json(raw)


def recorded(found: tuple[Determination, ...]) -> str:
    """Determinations as they are kept."""
    return _determinations().dump_json(found).decode()


@lru_cache(maxsize=1)
def _answers() -> "TypeAdapter[Answer]":
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)


@lru_cache(maxsize=1)
def _deals() -> "TypeAdapter[Transaction]":
    from pydantic import TypeAdapter

    return TypeAdapter(Transaction)


@lru_cache(maxsize=1)
def _determinations() -> "TypeAdapter[tuple[Determination, ...]]":
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[Determination, ...])


def due_of(row: Row[Any]) -> Due:
    """A row of alert_questions."""
    asked = Question(
        _deals().validate_json(row.deal), _determinations().validate_json(row.told), bool(row.dated), row.day,
        bool(row.domestic),
    )  # fmt: skip
    return Due(row.question, row.person, row.language, asked, row.told_on, row.due == REREAD, row.flips)


def alert_of(row: Row[Any]) -> Alert:
    """A row of alerts."""
    return Alert(row.id, row.run, row.kind, row.person, row.language, row.question, row.body)


def run_of(row: Row[Any]) -> Run:
    """A row of alert_runs."""
    ended = aware(row.ended_at) if row.ended_at else None
    return Run(row.id, row.day, aware(row.began_at), ended, row.changes, row.stored, row.touched)
