"""The stored cases as consignments, for the sign of an order split up. What was taken back or forgotten is not there."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from knowledge.aggregation import Consignment, consignment
from knowledge.model import Answer, Behaviour
from knowledge.store.cases import Cases
from knowledge.store.chat_schema import questions
from knowledge.store.database import Database
from knowledge.store.people import aware

MOST = 2000
"""Cases that are looked at, the newest; more than one person has in a quarter."""
GOES_ON = (str(Behaviour.ANSWER), str(Behaviour.ASK))


@dataclass(frozen=True)
class Kept:
    """A case as a consignment, with whose it is."""

    person: int
    consignment: Consignment


def consignments(
    database: Database, since: datetime, meant: Callable[[frozenset[str]], bool], person: int | None = None
) -> tuple[Kept, ...]:  # fmt: skip
    """The cases asked about since then, each where it stands, newest first; of one `person`, or of everybody where it is
    None, which only staff may see. `meant` says of the names of a case's parties whether it is of interest, which spares
    reading the others whole."""
    # In private chats only, where a chat has its person's number: a case begun in a group goes on there as one of its own.
    own = questions.c.chat == questions.c.person
    last = select(func.max(questions.c.id)).where(questions.c.undone == 0, questions.c.asked_at >= since, own)
    if person is not None:
        last = last.where(questions.c.person == person)
    query = select(questions).where(questions.c.id.in_(last.group_by(questions.c.case))).order_by(questions.c.id.desc())
    cases = Cases(database)
    with database.read() as connection:
        rows = [row for row in connection.execute(query.limit(MOST)) if _worth(row, meant)]
    found = []
    for row in rows:
        asked = cases.asked(row.case)
        if asked and asked[-1].id == row.id:
            answer: Answer = asked[-1].answer
            day = aware(row.asked_at).date()
            found.append(Kept(row.person, consignment(row.case, day, answer, [a.text for a in asked])))
    return tuple(found)


def _worth(row: Row[Any], meant: Callable[[frozenset[str]], bool]) -> bool:
    """Was a deal determined, with a party that is meant?"""
    if row.behaviour not in GOES_ON:
        return False
    try:
        answer = json.loads(row.answer)
        deal = answer["transaction"]
        return answer.get("intent", "licence") == "licence" and meant(frozenset(_names(deal)))
    except (ValueError, KeyError, TypeError):
        return False


def _names(deal: dict[str, Any]) -> Iterable[str]:
    yield from map(str, deal.get("named_parties", ()))
    for match in (*deal.get("parties", ()), *deal.get("possible_parties", ())):
        yield str(match["name"])
