"""Whose recorded answers a change of law touches: those that cite an instrument of it or hold a control code of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, or_, select

from knowledge.errors import BadInput
from knowledge.store.chat_schema import questions, trail
from knowledge.store.database import Database, Write

SENT = "broadcast.kept"
"""The trail's name of the line that keeps a message from going out twice."""


class Affected:
    """Recorded answers by what they lean on. Answers that were taken back do not count."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def people(self, subjects: Sequence[str]) -> Mapping[int, str]:
        """The people with an answer that cites one of the instruments or holds one of the codes: id -> language of the
        newest such answer.

        A code takes those below it along: 1C905 finds who holds 1C905.b. Letters count alike in both cases. Costs a look
        at the text of every answer, and reads whole only those that may be meant.
        """
        wanted = {s.casefold() for s in subjects if s}
        if not wanted:
            return {}
        likely = or_(*(questions.c.answer.icontains(f'"{s}', autoescape=True) for s in sorted(wanted)))
        query = select(questions.c.person, questions.c.language, questions.c.answer).where(
            questions.c.undone == 0, likely
        )
        found: dict[int, str] = {}
        with self._database.read() as connection:
            for row in connection.execute(query.order_by(questions.c.person, questions.c.id.desc())):
                if row.person not in found and touches(row.answer, wanted):
                    found[row.person] = row.language
        return found

    def once(self, key: str, line: Write) -> Write:
        """Write the line of the trail whose action is SENT and whose target is `key`, unless it is there already.

        Raises BadInput, when written, where it is: the message went out before, and the transaction does nothing.
        """

        def write(connection: Connection) -> None:
            same = select(trail.c.id).where(trail.c.action == SENT, trail.c.target == key)
            if connection.execute(same).first() is not None:
                raise BadInput("This message was sent already. Write a new one with /broadcast.")
            line(connection)

        return write


def touches(raw: str, wanted: set[str]) -> bool:
    """Does the answer, in JSON, cite one of the instruments or hold one of the codes (all in small letters)?"""
    try:
        answer = json.loads(raw)
    except ValueError:
        return False
    return isinstance(answer, dict) and any(_meant(said.casefold(), wanted) for said in _leans_on(answer))


def _meant(said: str, wanted: set[str]) -> bool:
    return said in wanted or any(said.startswith(f"{code}.") for code in wanted)


def _leans_on(answer: dict[str, Any]) -> Iterator[str]:
    """The instruments cited and the control codes held."""
    for citation in answer.get("citations", ()):
        yield str(citation.get("instrument", ""))
    for determination in answer.get("determinations", ()):
        yield from map(str, (*determination.get("instruments", ()), *determination.get("entries", ())))
    for good in (answer.get("transaction") or {}).get("goods", ()):
        yield from map(str, good.get("codes", ()))
