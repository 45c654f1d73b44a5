"""A trail with a record of every kind that the store writes, made as the program makes it."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from knowledge.model import Answer, Behaviour, Citation, Confidence, Determination, Good, Outcome, Status, Transaction
from knowledge.store.audit import AuditLog, Record
from knowledge.store.cases import Cases
from knowledge.store.database import Database
from knowledge.store.decisions import Decisions
from knowledge.store.people import People
from knowledge.store.reviews import Reviews
from tests.test_store import FIRST, article, ingest, law

START = datetime(2026, 9, 1, 8, tzinfo=UTC)
ANN, BOB, STAFF, ADMIN = 5_000_000_011, 12, 21, 31
DAY = timedelta(days=1)


def answer(question: str = "5 kg of dysprosium oxide", on: date = date(2026, 9, 1)) -> Answer:
    """A small answer with everything that the trail tells of one."""
    cited = Citation(1, "CN-2025-18", "1C905", "T", "", "q", "5" * 64, 0, 1, None, None, Confidence.CONFIRMED)
    found = Determination(
        "CN", Outcome.LICENCE_REQUIRED, Status.IN_FORCE, ("1C905",), ("CN-2025-18",), None, (), (), ()
    )
    return Answer(
        question, "en", on, Behaviour.ANSWER, Outcome.LICENCE_REQUIRED, (found,),
        Transaction((Good("magnet", codes=("2B999",)),)), (), (), (), (cited,), "Licence required [1].", (), "r" * 64, "g",
    )  # fmt: skip


class FewLists:
    """Stands for the lists that a proposal names."""

    names: Mapping[str, Mapping[str, str]] = {"rules": {"name": "r", "sha256": "0" * 64}}


@dataclass
class World:
    """One database and its clock."""

    database: Database
    at: datetime = START
    events: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def log(self) -> AuditLog:
        return AuditLog(self.database)

    def asks(self, person: int = ANN, question: str = "5 kg of dysprosium oxide", case: int | None = None) -> int:
        cases = Cases(self.database)
        held = cases.case(case) if case is not None else cases.open(person, person, "t", self.at)
        assert held is not None
        return cases.keep(held, next(self.events), answer(question), self.at)

    def review(self, question: int, person: int = ANN, note: str = "is that so?") -> int:
        reviews = Reviews(self.database)
        self.database.commit([reviews.open(question, "escalated", person, person, note, self.at)])
        found = reviews.of_question(question, "escalated")
        assert found is not None
        return found.id

    def override(self, review: int, reason: str = "The purity decides.") -> None:
        decide = Reviews(self.database).decide(review, "overridden", STAFF, self.at, "gone", "no_licence_found", reason)
        self.database.commit([decide])

    def records(self, kind: str = "") -> list[Record]:
        return list(self.log.records(kind=kind))


def lived(database: Database) -> World:
    """A world in which everything has happened that is recorded."""
    world = World(database)
    people, cases, reviews = People(database), Cases(database), Reviews(database)
    code = people.invite("staff", ADMIN, world.at, world.at + DAY)
    assert people.redeem(code, STAFF, "Li", "li", "zh", world.at) is not None
    database.commit([people.put(ANN, world.at, role="exporter", name="Ann", invited_by=ADMIN)])
    ingest(database, "a", FIRST)
    first, second, third = world.asks(), world.asks(BOB, "salt to Japan"), world.asks(ANN, "sand to Peru")
    database.commit([cases.mark(first, "right", by=ANN, at=world.at)])
    review = world.review(second, BOB)
    database.commit([reviews.reply(review, STAFF, world.at, "We look at it.", "gone")])
    world.override(review)
    database.commit([cases.take_back(third, by=ANN, at=world.at)])
    candidates = [{"regime": "US", "code": "3A001", "score": 0.61}]
    Decisions(database).propose("a converter", "en", candidates, FewLists(), world.at, "Eve")  # type: ignore[arg-type]
    ingest(database, "b", law(article(1, "Salt is free.")))
    database.commit([people.revoke(ANN, world.at, ADMIN)])
    return world
