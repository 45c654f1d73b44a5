"""Kept answers by what they hang on: who can be touched by a change is told from keys, without looking at the answers.

An answer's new outcome, the mark taken off and the alert are one transaction.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, func, insert, select, update

from knowledge.alerts.changes import Touch
from knowledge.alerts.needs import Need
from knowledge.alerts.needs import select as meeting
from knowledge.alerts.rerun import Question
from knowledge.store.alert_rows import (
    DONE,
    DUE,
    LIVE,
    NEVER,
    READ,
    REREAD,
    SHIPS,
    Due,
    Found,
    New,
    due_of,
    recorded,
    written,
)
from knowledge.store.chat_schema import questions
from knowledge.store.database import Database, Write
from knowledge.store.people import aware
from knowledge.store.watch_schema import alert_ahead, alert_keys, alert_questions, alerts

T = TypeVar("T")
NAMES = ("p:", "s:", "z:", "h:", "w:")
"""How the keys begin that come from the words of a question and not from its deal."""
KEY = 80
"""Characters of a key that are kept: somebody may write words without end, and those that begin alike are told apart no more."""
_SOME = 400


class Dependencies:
    """The index of kept answers. Methods that return a Write change nothing by themselves."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def touched(self, touch: Touch) -> frozenset[int]:
        """Whom a change would touch, without marking anybody."""
        with self._database.read() as connection:
            everyone, fluid = self.watched(connection)

            def holding(keys: tuple[str, ...]) -> frozenset[int]:
                return holding_any(connection, keys)

            plain = those_meeting(touch.need, holding, everyone) | those_meeting(touch.reread, holding, everyone)
            return plain | those_meeting(touch.turned, holding, fluid)

    def watched(self, connection: Connection) -> tuple[frozenset[int], frozenset[int]]:
        columns = (alert_questions.c.question, alert_questions.c.dated)
        rows = connection.execute(select(*columns).where(alert_questions.c.due != NEVER)).all()
        return frozenset(r.question for r in rows), frozenset(r.question for r in rows if not r.dated)

    # ------------------------------------------------------------ answers that are looked after

    def unknown(self, since: datetime, count: int) -> tuple[New, ...]:
        """Kept answers since that moment that are not looked after yet, oldest first."""
        held = select(alert_questions.c.question)
        wanted = select(questions).where(questions.c.asked_at >= since, questions.c.id.not_in(held))
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(questions.c.id).limit(count)).all()
            said = _texts(connection, {r.case for r in rows})
        return tuple(
            New(
                r.id, r.person, r.language, aware(r.asked_at), r.generation, r.answer,
                tuple(t for n, t in said[r.case] if n <= r.id),
            )
            for r in rows
        )  # fmt: skip

    def texts(self, numbers: Collection[int]) -> Mapping[int, tuple[str, ...]]:
        """Everything that was asked in the cases of those answers, up to each of them."""
        found: dict[int, tuple[str, ...]] = {}
        with self._database.read() as connection:
            for some in chunks(sorted(numbers)):
                rows = connection.execute(
                    select(questions.c.id, questions.c.case).where(questions.c.id.in_(some))
                ).all()
                said = _texts(connection, {r.case for r in rows})
                found |= {r.id: tuple(t for n, t in said[r.case] if n <= r.id) for r in rows}
        return found

    def look_after(self, new: Sequence[tuple[New, Question | None, str, frozenset[str]]], generation: str) -> Write:
        """Look after answers from now on, each with its question (None: nothing to determine), subject and keys of its words.
        They are due at once: what they rest on may have changed since they were given."""

        def write(connection: Connection) -> None:
            held: set[tuple[str, int]] = set()
            here = _held(connection, [one.id for one, *_ in new])
            for one, asked, subject, words in new:
                if one.id not in here:
                    continue
                row: dict[str, Any] = {"question": one.id, "person": one.person, "language": one.language, "flips": 0}
                if asked is None:
                    blank = {"subject": "", "deal": "", "told": "", "dated": 1, "domestic": 0, "due": NEVER}
                    day = {"told_on": one.asked_at.date(), "day": one.asked_at.date()}
                    connection.execute(insert(alert_questions).values(**row, **blank, **day))
                    continue
                due = DUE if one.generation == generation else REREAD
                connection.execute(
                    insert(alert_questions).values(
                        **row, subject=subject, deal=written(asked.deal), told=recorded(asked.told), told_on=asked.day,
                        dated=_dated(asked), day=asked.day, domestic=int(asked.domestic), due=due,
                    )
                )  # fmt: skip
                held |= {(word[:KEY], one.id) for word in words}
            _insert_keys(connection, held)

        return write

    def due(self, count: int, after: int = 0) -> tuple[Due, ...]:
        """Answers that are to be determined again, by number from `after` on."""
        wanted = select(alert_questions).where(alert_questions.c.due > DONE, alert_questions.c.question > after)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(alert_questions.c.question).limit(count)).all()
        return tuple(map(due_of, rows))

    def of(self, numbers: Iterable[int]) -> tuple[Due, ...]:
        """Those answers, whether due or not."""
        found: list[Due] = []
        with self._database.read() as connection:
            for some in chunks(sorted(numbers)):
                wanted = select(alert_questions).where(
                    alert_questions.c.question.in_(some), alert_questions.c.due != NEVER
                )
                found += map(due_of, connection.execute(wanted.order_by(alert_questions.c.question)))
        return tuple(found)

    def left(self) -> int:
        """How many are due."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.count()).where(alert_questions.c.due > DONE)).scalar_one())

    def done(self, run: int, found: Sequence[tuple[Due, Found]], day: date, at: datetime) -> Write:
        """Put down what came of some: their outcome as of `day`, what lies ahead, and an alert where one flipped."""

        def write(connection: Connection) -> None:
            here = _held(connection, [one.id for _, one in found])
            still = [(due, one) for due, one in found if one.id in here]
            numbers = [one.id for _, one in still]
            _renew_keys(connection, {one.id: frozenset(k[:KEY] for k in one.keys) for _, one in still})
            for some in chunks(numbers):
                connection.execute(delete(alert_ahead).where(alert_ahead.c.question.in_(some)))
            rows = [{"question": o.id, "turn": t, "flip": dict(f)} for _, o in still for t, f in o.ahead]
            if rows:
                connection.execute(insert(alert_ahead), rows)
            for due, one in still:
                mine = (alert_questions.c.question == due.id, alert_questions.c.flips == due.flips)
                values = {"deal": one.deal, "subject": one.subject, "due": DONE, "told": one.told, "told_on": day}
                flips = due.flips + int(one.flip is not None)
                kept = connection.execute(update(alert_questions).where(*mine).values(**values, flips=flips)).rowcount
                if kept and one.flip is not None and stands(connection, due.id):
                    row = {
                        "run": run,
                        "kind": "flip",
                        "person": due.person,
                        "language": due.language,
                        "question": due.id,
                    }
                    keep(connection, f"flip:{due.id}:{flips}", {**row, "body": dict(one.flip)}, at)

        return write


def keep(connection: Connection, key: str, row: Mapping[str, Any], at: datetime, state: str = "waiting") -> None:
    if not known(connection, key):
        connection.execute(insert(alerts).values(key=key, **row, found_at=at, state=state))


def known(connection: Connection, key: str) -> bool:
    return connection.execute(select(alerts.c.id).where(alerts.c.key == key)).first() is not None


def stands(connection: Connection, number: int) -> bool:
    """Is it what its case says on these goods and this destination: not taken back, and nothing later in its place?

    A later look at the law of another day takes no answer's place: the deal goes on under the law as it comes.
    """
    own = select(alert_questions.c.subject, alert_questions.c.dated).where(alert_questions.c.question == number)
    kept = connection.execute(own).first()
    if kept is None:
        return False
    mine = select(questions.c.case).where(questions.c.id == number, questions.c.undone == 0)
    case = connection.execute(mine).scalar()
    if case is None:
        return False
    later = (
        select(questions.c.id)
        .join(alert_questions, alert_questions.c.question == questions.c.id)
        .where(questions.c.case == case, questions.c.id > number, questions.c.undone == 0)
        .where(alert_questions.c.subject == kept.subject, alert_questions.c.due != NEVER)
    )
    if kept.dated != READ:
        later = later.where(alert_questions.c.dated != READ)
    return connection.execute(later.limit(1)).first() is None


def _held(connection: Connection, numbers: Sequence[int]) -> frozenset[int]:
    """Those of the questions that are there, and stay until this transaction is over: whoever forgets one meanwhile waits,
    and locks what hangs on it after the question too."""
    found: set[int] = set()
    for some in chunks(sorted(numbers)):
        wanted = select(questions.c.id).where(questions.c.id.in_(some)).order_by(questions.c.id)
        found |= set(connection.execute(wanted.with_for_update(read=True, key_share=True)).scalars())
    return frozenset(found)


def _dated(asked: Question) -> int:
    return (SHIPS if asked.deal.when is not None else READ) if asked.dated else LIVE


def _texts(connection: Connection, cases: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    said: dict[int, list[tuple[int, str]]] = {case: [] for case in cases}
    for some in chunks(sorted(cases)):
        wanted = select(questions.c.case, questions.c.id, questions.c.text).where(questions.c.case.in_(some))
        for row in connection.execute(wanted.where(questions.c.undone == 0).order_by(questions.c.id)):
            said[row.case].append((row.id, row.text))
    return said


# ---------------------------------------------------------------- keys


def those_meeting(
    need: Need | None, holding: Callable[[tuple[str, ...]], frozenset[int]], everyone: frozenset[int]
) -> frozenset[int]:
    return meeting(need, holding, everyone) if need is not None else frozenset()


def holding_any(connection: Connection, keys: tuple[str, ...]) -> frozenset[int]:
    found: set[int] = set()
    for some in chunks([k[:KEY] for k in keys]):
        found |= set(connection.execute(select(alert_keys.c.question).where(alert_keys.c.key.in_(some))).scalars())
    return frozenset(found)


def mark(connection: Connection, numbers: Iterable[int], due: int) -> None:
    for some in chunks(sorted(numbers)):
        mine = (alert_questions.c.question.in_(some), alert_questions.c.due.between(DONE, due))
        connection.execute(update(alert_questions).where(*mine).values(due=due))


def _renew_keys(connection: Connection, keys: Mapping[int, frozenset[str]]) -> None:
    """The keys of the deals as they are now; those of the words stay."""
    held: dict[int, set[str]] = {number: set() for number in keys}
    for some in chunks(sorted(keys)):
        for row in connection.execute(select(alert_keys).where(alert_keys.c.question.in_(some))):
            if not row.key.startswith(NAMES):
                held[row.question].add(row.key)
    gone = [(n, k) for n, own in held.items() for k in own - keys[n]]
    for number, key in gone:
        connection.execute(delete(alert_keys).where(alert_keys.c.question == number, alert_keys.c.key == key))
    _insert_keys(connection, {(k, n) for n, own in keys.items() for k in own - held[n]})


def _insert_keys(connection: Connection, pairs: Collection[tuple[str, int]]) -> None:
    if pairs:
        connection.execute(insert(alert_keys), [{"key": k, "question": n} for k, n in sorted(pairs)])


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[i : i + _SOME] for i in range(0, len(items), _SOME))
