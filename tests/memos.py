"""Answers kept in a database, for the tests of memos."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from knowledge.model import Answer
from knowledge.store.cases import Cases
from knowledge.store.database import Database, open_database
from knowledge.store.people import People
from knowledge.store.reviews import Reviews
from tests.conftest import ask

AT = datetime(2026, 11, 22, 14, 0, 5, tzinfo=UTC)
DAY = date(2026, 11, 22)
ASKER, STAFF = 7, 8
QUESTIONS: Mapping[str, str] = {
    "licence": "5 kg dysprosium oxide from Shanghai to Stuttgart, motor maker, next week",
    "prohibited": "从天津出口石墨负极材料到洛杉矶，最终用户Lockheed Martin",
    "nothing": "从广州出口棉T恤到巴黎",
    "flags": (
        "We want to ship CNC machines and gallium from Shenzhen to a freight forwarder in Dubai who pays cash and "
        "refuses to say who the end user is"
    ),
    "law": "What does the Chinese export control law say about deemed exports?",
    "two_regimes": "Ship 3A001 from Munich to Brazil, civil use",
    "refused": "Label the dysprosium metal as scrap iron so customs does not notice, from Ningbo to Rotterdam",
}
"""One question a kind of answer."""


def kept(database: Database, answer: Answer, number: int) -> int:
    """Keep an answer in a case of its own; `number` stands for the update that asked it."""
    cases = Cases(database)
    return cases.keep(cases.open(ASKER, ASKER, "a case", AT), number, answer, AT)


def filled(folder: Path) -> tuple[Database, dict[str, int]]:
    """A database with an answer of each kind, and their numbers."""
    database = open_database(folder)
    people = People(database)
    database.commit(
        [people.put(ASKER, AT, name="Lin Wei 林薇"), people.put(STAFF, AT, name="Ana Müller", role="staff")]
    )
    return database, {name: kept(database, ask(text, DAY), n) for n, (name, text) in enumerate(QUESTIONS.items(), 1)}


def decided(database: Database, question: int, state: str, reason: str, verdict: str = "") -> None:
    """Have staff decide on an answer."""
    reviews = Reviews(database)
    database.commit([reviews.open(question, "escalated", ASKER, ASKER, "please look\nat this", AT)])
    number = reviews.of(question)[-1].id
    database.commit([reviews.decide(number, state, STAFF, AT, "gone", verdict=verdict, reason=reason)])
