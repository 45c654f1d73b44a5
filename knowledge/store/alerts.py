"""Kept answers by what they hang on, and what is still to be told of a change. Times are given by the caller.

A run begins in one transaction: what the answers rest on is put down as it is now, and whoever the change can touch is
marked. From then on the marks alone say what is left to do, so that a killed run goes on where it was. An answer's new
outcome, the mark taken off and the alert are one transaction too; so are "told" and the message.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from knowledge.alerts.changes import Touch
from knowledge.alerts.state import State, dumped, loaded
from knowledge.store.alert_rows import DUE, REREAD, Alert, News, Run, Told, alert_of, run_of
from knowledge.store.audit import Person, entry
from knowledge.store.chat_schema import questions
from knowledge.store.database import Write
from knowledge.store.dependencies import Dependencies, chunks, holding_any, keep, mark, stands, those_meeting
from knowledge.store.people import aware
from knowledge.store.schema import versions
from knowledge.store.watch_schema import alert_ahead, alert_questions, alert_runs, alert_state, alerts, watches

_STATE = "now"


class Alerts(Dependencies):
    """The index of kept answers and the alerts in the database. Methods that return a Write change nothing by themselves."""

    # ------------------------------------------------------------ what the answers rest on

    def needed(self) -> bool:
        """Was anything ever asked, or is anything watched?"""
        with self._database.read() as connection:
            return any(connection.execute(select(t.c.id).limit(1)).first() is not None for t in (questions, watches))

    def state(self) -> State | None:
        """As it was when it was last looked at."""
        with self._database.read() as connection:
            raw = connection.execute(select(alert_state.c.value).where(alert_state.c.name == _STATE)).scalar()
        return loaded(json.loads(zlib.decompress(b64decode(raw)))) if raw else None

    def begin(
        self, state: State, touch: Touch, changes: Mapping[str, Any], news: Sequence[News], at: datetime
    ) -> tuple[int, int]:
        """Put the state down, mark whom the change touches, keep what followers are told; returns the run's number and how
        many were marked."""
        with self._database.write() as connection:
            everyone, fluid = self.watched(connection)

            def holding(keys: tuple[str, ...]) -> frozenset[int]:
                return holding_any(connection, keys)

            again = those_meeting(touch.reread, holding, everyone)
            marked = those_meeting(touch.need, holding, everyone) | those_meeting(touch.turned, holding, fluid) | again
            mark(connection, marked - again, DUE)
            mark(connection, again, REREAD)
            row = {"day": state.day, "began_at": at, "changes": dict(changes), "stored": len(everyone)}
            made = insert(alert_runs).values(**row, touched=len(marked)).returning(alert_runs.c.id)
            run = int(connection.execute(made).scalar_one())
            for one in news:
                values = {"run": run, "kind": "news", "person": one.person, "language": one.language, "question": None}
                keep(connection, f"news:{run}:{one.watch}", {**values, "body": dict(one.body)}, at)
            _put_state(connection, state)
        return run, len(marked)

    def settle(self, state: State) -> Write:
        """Put down what the answers rest on where nothing that matters has changed."""
        return lambda connection: _put_state(connection, state)

    def texts_since(self, generation: int) -> tuple[str, ...]:
        """The instruments of which a text went live after that generation of the library."""
        with self._database.read() as connection:
            wanted = select(versions.c.instrument).where(versions.c.generation > generation).distinct()
            return tuple(sorted(connection.execute(wanted).scalars()))

    # ------------------------------------------------------------ what lies ahead

    def ahead(
        self, first: date, last: date, person: int | None = None
    ) -> tuple[tuple[int, int, date, Mapping[str, Any]], ...]:
        """Answers that will be otherwise from a day on, that day after `first` and up to `last`: (number, person, day, flip)."""
        wanted = (
            select(alert_ahead, alert_questions.c.person)
            .join(alert_questions, alert_questions.c.question == alert_ahead.c.question)
            .join(questions, questions.c.id == alert_ahead.c.question)
            .where(alert_ahead.c.turn > first, alert_ahead.c.turn <= last, questions.c.undone == 0)
        )
        if person is not None:
            wanted = wanted.where(alert_questions.c.person == person)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(alert_ahead.c.turn, alert_ahead.c.question)).all()
            return tuple((r.question, r.person, r.turn, r.flip) for r in rows if stands(connection, r.question))

    def warn(self, run: int, today: date, days: Sequence[int], at: datetime) -> int:
        """Keep the warnings that are due: each answer is warned of a day once for each of `days` before it, of those that
        have come by together once, with the nearest; not of a day that was as near when it was asked."""
        # What is due is found by reading alone: this is asked every half minute, of every answer that a near day flips.
        due = self._unwarned(today, days)
        for some in chunks(due):
            with self._database.write() as connection:
                for row, new in some:
                    if not stands(connection, row.question):
                        continue
                    values = {"run": run, "kind": "ahead", "person": row.person, "language": row.language}
                    body = {"turn": row.turn.isoformat(), "days": (row.turn - today).days, "flip": row.flip}
                    for key, state in new.items():
                        keep(connection, key, {**values, "question": row.question, "body": body}, at, state)
        return sum("waiting" in new.values() for _, new in due)

    def _unwarned(self, today: date, days: Sequence[int]) -> list[tuple[Row[Any], Mapping[str, str]]]:
        """The coming flips that a warning is due of: each with the keys of those to keep and their state."""
        wanted = (
            select(alert_ahead, alert_questions.c.person, alert_questions.c.language, questions.c.asked_at)
            .join(alert_questions, alert_questions.c.question == alert_ahead.c.question)
            .join(questions, questions.c.id == alert_ahead.c.question)
            .where(alert_ahead.c.turn > today, questions.c.undone == 0)
        )
        found: list[tuple[Row[Any], Mapping[str, str]]] = []
        with self._database.read() as connection:
            given = set(connection.execute(select(alerts.c.key).where(alerts.c.kind == "ahead")).scalars())
            for row in connection.execute(wanted.order_by(alert_ahead.c.question)).all():
                left, at_first = (row.turn - today).days, (row.turn - aware(row.asked_at).date()).days
                near = [n for n in days if left <= n < at_first]
                keys = {f"ahead:{row.question}:{row.turn.isoformat()}:{n}": n for n in near}
                new = {k: "waiting" if n == min(near) else "dropped" for k, n in keys.items() if k not in given}
                if new and stands(connection, row.question):
                    found.append((row, new))
        return found

    # ------------------------------------------------------------ what is to be told

    def waiting(self) -> tuple[Alert, ...]:
        """Everything that is still to be told, by person."""
        wanted = select(alerts).where(alerts.c.state == "waiting").order_by(alerts.c.person, alerts.c.id)
        with self._database.read() as connection:
            return tuple(map(alert_of, connection.execute(wanted)))

    def of_run(self, run: int) -> tuple[Alert, ...]:
        """All that a run found, told or not."""
        with self._database.read() as connection:
            return tuple(
                map(alert_of, connection.execute(select(alerts).where(alerts.c.run == run).order_by(alerts.c.id)))
            )

    def tell(self, which: Iterable[int], at: datetime, state: str = "told") -> Write:
        """They are told, or dropped, in the transaction that promises the message. Raises Told, when written, where one of
        them is not waiting any more: somebody else has told it."""
        numbers = sorted(which)

        def write(connection: Connection) -> None:
            for some in chunks(numbers):
                mine = update(alerts).where(alerts.c.id.in_(some), alerts.c.state == "waiting")
                if connection.execute(mine.values(state=state, told_at=at)).rowcount != len(some):
                    raise Told
                if state == "told":
                    _recorded(connection, some, at)

        return write

    def runs(self, count: int = 20) -> tuple[Run, ...]:
        """The newest runs, newest first."""
        with self._database.read() as connection:
            return tuple(
                map(run_of, connection.execute(select(alert_runs).order_by(alert_runs.c.id.desc()).limit(count)))
            )

    def open_run(self) -> Run | None:
        """The newest run where it has not ended."""
        newest = self.runs(1)
        return newest[0] if newest and newest[0].ended_at is None else None

    def end(self, at: datetime) -> Write:
        """Nothing is due any more: all runs have ended."""
        still = update(alert_runs).where(alert_runs.c.ended_at.is_(None))
        return lambda connection: connection.execute(still.values(ended_at=at))

    def untold_runs(self) -> tuple[Run, ...]:
        """Runs that have ended and of which staff have had no digest, oldest first."""
        wanted = select(alert_runs).where(alert_runs.c.ended_at.is_not(None), alert_runs.c.told_at.is_(None))
        with self._database.read() as connection:
            return tuple(map(run_of, connection.execute(wanted.order_by(alert_runs.c.id))))

    def digest(self, run: int, at: datetime) -> Write:
        """Staff have their digest of the run. Raises Told, when written, where they had it before."""

        def write(connection: Connection) -> None:
            mine = update(alert_runs).where(alert_runs.c.id == run, alert_runs.c.told_at.is_(None))
            if not connection.execute(mine.values(told_at=at)).rowcount:
                raise Told

        return write


def _recorded(connection: Connection, numbers: Sequence[int], at: datetime) -> None:
    """Each alert that is told is a record of the audit trail: to whom, of which answer, and what it said."""
    for row in connection.execute(select(alerts).where(alerts.c.id.in_(numbers)).order_by(alerts.c.id)).all():
        body = {"kind": row.kind, "run": row.run, "question": row.question, "person": Person(row.person)}
        entry("alert", "navicert", f"alert:{row.id}", body, at=at, private=row.body, person=row.person)(connection)


def _put_state(connection: Connection, state: State) -> None:
    value = b64encode(zlib.compress(json.dumps(dumped(state), ensure_ascii=False).encode())).decode()
    mine = update(alert_state).where(alert_state.c.name == _STATE)
    if not connection.execute(mine.values(value=value)).rowcount:
        connection.execute(insert(alert_state).values(name=_STATE, value=value))
