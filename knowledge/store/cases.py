"""Cases of the chat and every answer as it was given. A case is its questions in their order; the last that was not taken
back says where it stands."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, insert, select, update

from knowledge.basis import Basis
from knowledge.model import Answer
from knowledge.store import forgetting
from knowledge.store.audit import Person, RowOf, entry
from knowledge.store.chat_schema import cases, questions, sittings
from knowledge.store.database import Database, Write
from knowledge.store.people import aware

if TYPE_CHECKING:
    from pydantic import TypeAdapter

TITLE = 60
"""Characters of a case's name."""


@dataclass(frozen=True)
class Asked:
    """One question with the answer that was given. `mark` is right, wrong or nothing, `reason` what was said of it."""

    id: int
    case: int
    chat: int
    person: int
    text: str
    language: str
    on: date
    behaviour: str
    verdict: str
    rulebook: str
    generation: str
    asked_at: datetime
    mark: str
    reason: str
    undone: bool
    raw: str = field(repr=False)

    @property
    def answer(self) -> Answer:
        """The answer, whole, as it was."""
        return _adapter().validate_json(self.raw)

    @property
    def basis(self) -> Basis | None:
        """How the answer came about; None where that was not kept with it."""
        kept = json.loads(self.raw).get("basis")
        return _bases().validate_python(kept, strict=False) if kept is not None else None


@dataclass(frozen=True)
class Case:
    """A conversation about one deal."""

    id: int
    chat: int
    person: int
    title: str
    opened_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Sitting:
    """Where a person stands in a chat: the open case, the day the law is read on (None: today), and what the next
    message answers (`awaiting`: empty, or a `what` with its values)."""

    chat: int
    person: int
    case: int | None = None
    as_of: date | None = None
    awaiting: Mapping[str, Any] = field(default_factory=dict)


class Cases:
    """Cases, questions and sittings in the database. Methods that return a Write change nothing until it is committed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ where a person stands

    def sitting(self, chat: int, person: int) -> Sitting:
        """Where the person stands in the chat."""
        with self._database.read() as connection:
            row = connection.execute(select(sittings).where(*_of(chat, person))).first()
        return Sitting(chat, person, row.case, row.as_of, row.awaiting) if row is not None else Sitting(chat, person)

    def sit(self, sitting: Sitting, at: datetime) -> Write:
        """Keep where the person stands."""
        values = {
            "case": sitting.case,
            "as_of": sitting.as_of,
            "awaiting": dict(sitting.awaiting),
            "changed_at": at,
        }

        def write(connection: Connection) -> None:
            where = _of(sitting.chat, sitting.person)
            if not connection.execute(update(sittings).where(*where).values(**values)).rowcount:
                connection.execute(insert(sittings).values(chat=sitting.chat, person=sitting.person, **values))

        return write

    # ------------------------------------------------------------ cases

    def open(self, chat: int, person: int, title: str, at: datetime) -> Case:
        """A new case."""
        row = {"chat": chat, "person": person, "title": title[:TITLE], "opened_at": at, "changed_at": at}
        with self._database.write() as connection:
            number = int(connection.execute(insert(cases).values(**row).returning(cases.c.id)).scalar_one())
        return Case(number, chat, person, title[:TITLE], at, at)

    def case(self, number: int) -> Case | None:
        """That case."""
        with self._database.read() as connection:
            row = connection.execute(select(cases).where(cases.c.id == number)).first()
        return _case(row) if row is not None else None

    def of_person(self, person: int, chat: int, count: int = 20) -> tuple[Case, ...]:
        """The newest cases of a person in a chat, those with an answer in them."""
        asked = select(questions.c.case).where(questions.c.person == person)
        with self._database.read() as connection:
            rows = connection.execute(
                select(cases)
                .where(cases.c.person == person, cases.c.chat == chat, cases.c.id.in_(asked))
                .order_by(cases.c.changed_at.desc(), cases.c.id.desc())
                .limit(count)
            ).all()
        return tuple(_case(row) for row in rows)

    def asked(self, case: int, *, undone: bool = False) -> tuple[Asked, ...]:
        """The questions of a case, oldest first; with `undone` those taken back too."""
        wanted = select(questions).where(questions.c.case == case).order_by(questions.c.id)
        if not undone:
            wanted = wanted.where(questions.c.undone == 0)
        with self._database.read() as connection:
            return tuple(_asked(row) for row in connection.execute(wanted))

    def last(self, case: int) -> Asked | None:
        """The question where the case stands."""
        wanted = select(questions).where(questions.c.case == case, questions.c.undone == 0)
        with self._database.read() as connection:
            row = connection.execute(wanted.order_by(questions.c.id.desc()).limit(1)).first()
        return _asked(row) if row is not None else None

    def question(self, number: int) -> Asked | None:
        """That question."""
        wanted = select(questions).where(questions.c.id == number)
        with self._database.read() as connection:
            row = connection.execute(wanted).first() if 0 < number < 2**31 else None
        return _asked(row) if row is not None else None

    def numbers(self) -> tuple[int, ...]:
        """The numbers of all questions that are kept."""
        with self._database.read() as connection:
            return tuple(connection.execute(select(questions.c.id).order_by(questions.c.id)).scalars())

    # ------------------------------------------------------------ answers

    def keep(self, case: Case, event: int, answer: Answer, at: datetime, basis: Basis | None = None) -> int:
        """Keep an answer with its question, that of the update `event`, once; returns its number. The case is called as
        `case` says from now on: its goods and destination may have changed. `basis`: how it came about, to replay it."""
        row = {
            "case": case.id, "chat": case.chat, "person": case.person, "event": event, "text": answer.question, "language": answer.lang,
            "on": answer.on, "behaviour": str(answer.behaviour), "verdict": str(answer.verdict),
            "rulebook": answer.rulebook, "generation": answer.generation, "asked_at": at, "mark": "", "reason": "",
            "undone": 0, "answer": _written(answer, basis),
        }  # fmt: skip
        told = {
            "case": case.id, "on": answer.on, "language": answer.lang, "intent": answer.intent,
            "behaviour": answer.behaviour, "verdict": answer.verdict, "rulebook": answer.rulebook,
            "generation": answer.generation, "model": answer.wording.model if answer.wording else None,
            "regimes": [[d.regime, d.outcome] for d in answer.determinations],
            "citations": [[c.instrument, c.provision, c.sha256] for c in answer.citations],
        }  # fmt: skip
        with self._database.write() as connection:
            again = select(questions.c.id).where(questions.c.chat == case.chat, questions.c.event == event)
            if (kept := connection.execute(again).scalar()) is not None:
                return int(kept)
            row |= forgetting.fresh_number(connection)
            number = int(connection.execute(insert(questions).values(**row).returning(questions.c.id)).scalar_one())
            connection.execute(
                update(cases).where(cases.c.id == case.id).values(changed_at=at, title=case.title[:TITLE])
            )
            entry(
                "answer", Person(case.person), f"question:{number}", told, at=at, private={"answer": row["answer"]},
                person=case.person, rows=(RowOf("questions", (number,)),),
            )(connection)  # fmt: skip
            return number

    def kept(self, chat: int, event: int) -> tuple[int, int] | None:
        """The question and the case that the update `event` made in a chat, where its answer is kept already."""
        wanted = select(questions.c.id, questions.c.case).where(questions.c.chat == chat, questions.c.event == event)
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
        return (row.id, row.case) if row is not None else None

    def mark(self, question: int, mark: str, reason: str = "", *, by: int, at: datetime) -> Write:
        """Note that the asker finds an answer right or wrong."""
        values = {"mark": mark, "reason": reason}
        return self._changed(question, values, by, at, {"mark": mark})

    def take_back(self, question: int, *, by: int, at: datetime) -> Write:
        """Take a question back: the case stands where it stood before."""
        return self._changed(question, {"undone": 1}, by, at, {"undone": True})

    def _changed(
        self, question: int, values: Mapping[str, Any], by: int, at: datetime, body: Mapping[str, Any]
    ) -> Write:  # fmt: skip
        def write(connection: Connection) -> None:
            changed = update(questions).where(questions.c.id == question).values(**values)
            owner = connection.execute(changed.returning(questions.c.person)).scalar()
            if owner is not None:
                entry(
                    "mark", Person(by), f"question:{question}", body, at=at, private={"by": by, **values}, person=owner,
                    rows=(RowOf("questions", (question,)),),
                )(connection)  # fmt: skip

        return write

    def recent(self, since: datetime) -> tuple[Asked, ...]:
        """All questions asked since, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(questions).where(questions.c.asked_at >= since).order_by(questions.c.id))
            return tuple(_asked(row) for row in rows)

    def forget(self, person: int, at: datetime) -> Write:
        """Remove all that a person wrote and was answered, with what a review by staff holds; a legal hold delays that."""
        return forgetting.forget(person, at)


@lru_cache(maxsize=1)
def _adapter() -> "TypeAdapter[Answer]":
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)


def dumped(answer: Answer) -> Any:
    """An answer as plain data, as JSON keeps it."""
    return _adapter().dump_python(answer, mode="json")


def loaded(data: Any) -> Answer:
    """The answer that was dumped."""
    return _adapter().validate_python(data, strict=False)


@lru_cache(maxsize=1)
def _bases() -> "TypeAdapter[Basis]":
    from pydantic import TypeAdapter

    return TypeAdapter(Basis)


def _written(answer: Answer, basis: Basis | None) -> str:
    """The answer as JSON, with its basis as one more key."""
    said = _adapter().dump_json(answer).decode()
    return said if basis is None else f'{said[:-1]},"basis":{_bases().dump_json(basis).decode()}}}'


def _of(chat: int, person: int) -> tuple[Any, ...]:
    return (sittings.c.chat == chat, sittings.c.person == person)


def _case(row: Row[Any]) -> Case:
    return Case(row.id, row.chat, row.person, row.title, aware(row.opened_at), aware(row.changed_at))


def _asked(row: Row[Any]) -> Asked:
    return Asked(
        row.id, row.case, row.chat, row.person, row.text, row.language, row.on, row.behaviour, row.verdict,
        row.rulebook, row.generation, aware(row.asked_at), row.mark, row.reason, bool(row.undone), row.answer,
    )  # fmt: skip
