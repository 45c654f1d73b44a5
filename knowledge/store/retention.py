"""How long what was asked and done is kept, by kind of record, and the end of it: keys destroyed, stored questions deleted.

The chain itself is never shortened. A question goes as a whole, with its reviews, once the last of its records is over its
period; a question that somebody acted upon has the longer period.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, not_, select

from knowledge.errors import BadInput
from knowledge.store.audit import SYSTEM, entry, stamp
from knowledge.store.audit_held import covered, held_people, still
from knowledge.store.audit_schema import audit, audit_record_keys
from knowledge.store.chat_schema import questions
from knowledge.store.database import Database, put_value
from knowledge.store.forgetting import destroy, ranges, remove_questions
from knowledge.store.schema import meta

YEARS_5 = 5 * 365 + 2
"""Days: five years hold one or two leap days."""
PERIODS: Mapping[str, int | None] = {
    "answer": 2 * 365 + 1,
    "acted": YEARS_5,  # an answer that was reviewed, marked right, or made a memo of
    "mark": 2 * 365 + 1,
    "review": YEARS_5,
    "override": YEARS_5,
    "memo": YEARS_5,
    "watch": 2 * 365 + 1,
    "alert": 2 * 365 + 1,
    "role": YEARS_5,
    "hold": None,
    "decision": None,  # the desk's decisions are read as precedents, and held against each new list
    "change": None,
    "ingest": None,
    "other": YEARS_5,
}
"""Days that what is sealed in a record is kept, by kind; None for ever."""
ACTED = ("review", "override", "memo")
_KEY = "retention."
_AT_ONCE = 500


@dataclass(frozen=True)
class Ended:
    """What a run ended: records whose key was destroyed, questions deleted, and questions that a hold kept."""

    records: int
    questions: int
    held: int


@dataclass(frozen=True)
class _Line:
    seq: int
    at: str
    kind: str
    person: int
    mark: str  # the body of one of that kind


def periods(database: Database) -> dict[str, int | None]:
    """The days of every kind as they are set now."""
    with database.read() as connection:
        return _periods(connection)


def set_period(database: Database, kind: str, days: int | None, by: str, at: datetime) -> None:
    """Set the period of a kind, None for ever; recorded. Raises BadInput for a kind that has none or no days."""
    if kind not in PERIODS:
        raise BadInput(f"{kind!r} has no period. Write one of {', '.join(PERIODS)}.")
    if days is not None and not 1 <= days <= 36_525:
        raise BadInput("Write a period as 1 to 36525 days, or `never`.")
    if not by.strip():
        raise BadInput("A change of a period needs the name of who makes it. Write --by NAME.")
    with database.write() as connection:
        put_value(connection, _KEY + kind, "never" if days is None else str(days))
        body = {"did": "set", "of": kind, "days": days}
        entry("retention", "staff", "retention", body, at=at, private={"by": by.strip()})(connection)


def run(database: Database, at: datetime) -> Ended:
    """End what is over its period at that moment. Some hundreds of questions a transaction, so that answers go on."""
    with database.read() as connection:
        over = _over(connection, at)
    records = removed = kept = 0
    while over:
        some, over = over[:_AT_ONCE], over[_AT_ONCE:]
        with database.write() as connection:
            still(connection)
            ended = _end(connection, some, at)
        records, removed, kept = records + ended.records, removed + ended.questions, kept + ended.held
    return Ended(records, removed, kept)


def _periods(connection: Connection) -> dict[str, int | None]:
    said = dict(PERIODS)
    for row in connection.execute(select(meta).where(meta.c.key.startswith(_KEY))):
        if row.key.removeprefix(_KEY) in said:
            said[row.key.removeprefix(_KEY)] = None if row.value == "never" else int(row.value)
    return said


@dataclass(frozen=True)
class _Group:
    """What ends together: a question (None: no question) with the records about it."""

    question: int | None
    records: tuple[int, ...]
    person: int


def _over(connection: Connection, at: datetime) -> list[_Group]:
    days = _periods(connection)
    marks = case((audit.c.kind == "mark", audit.c.body), else_="")
    rows_stay = audit.c.body.like('%"rows":%')  # a key ends only with the rows that its record stands for
    joined = select(
        audit.c.seq,
        audit.c.at,
        audit.c.kind,
        audit.c.subject,
        marks.label("mark"),
        rows_stay.label("rows_stay"),
        audit_record_keys.c.person,
    )
    rows = connection.execution_options(yield_per=1000).execute(
        joined.join(audit_record_keys, audit_record_keys.c.seq == audit.c.seq).order_by(audit.c.seq)
    )
    about: dict[int, list[_Line]] = defaultdict(list)
    over: list[_Group] = []
    for row in rows:
        line = _Line(row.seq, row.at, row.kind, row.person, row.mark)
        if row.subject.startswith("question:"):
            about[int(row.subject.removeprefix("question:"))].append(line)
        elif not row.rows_stay and _past(line, days.get(row.kind, days["other"]), at):
            over.append(_Group(None, (row.seq,), row.person))
    for number, lines in about.items():
        acted = any(line.kind in ACTED or '"mark":"right"' in line.mark for line in lines)
        if all(_past(line, _days(line, days, acted=acted), at) for line in lines):
            over.append(_Group(number, tuple(line.seq for line in lines), lines[0].person))
    # Questions from before there was a trail have no record, and end too.
    if (old := days["acted"]) is not None:
        before = select(questions.c.id, questions.c.person).where(questions.c.asked_at < at - timedelta(days=old))
        over += [_Group(row.id, (), row.person) for row in connection.execute(before) if row.id not in about]
    return over


def _days(line: _Line, days: Mapping[str, int | None], *, acted: bool) -> int | None:
    return days["acted"] if acted and line.kind == "answer" else days.get(line.kind, days["other"])


def _past(line: _Line, days: int | None, at: datetime) -> bool:
    return days is not None and line.at < stamp(at - timedelta(days=days))


def _end(connection: Connection, groups: Sequence[_Group], at: datetime) -> Ended:
    wanted = [g.question for g in groups if g.question is not None]
    held = set(connection.execute(select(questions.c.id).where(questions.c.id.in_(wanted) & covered())).scalars())
    people = held_people(connection)
    now = _records_now(connection, wanted)
    free = [g for g in groups if g.question not in held and g.person not in people]
    going = [g for g in free if g.question is None or now[g.question] == set(g.records)]
    records = [seq for g in going for seq in g.records]
    which = questions.c.id.in_([g.question for g in going if g.question is not None])
    removed = remove_questions(connection, which & not_(covered()))
    destroy(connection, records)
    if records or removed:
        body = {"did": "ended", "erased": ranges(records), "questions": removed}
        entry("retention", SYSTEM, "retention", body, at=at)(connection)
    return Ended(len(records), removed, len(groups) - len(free))


def _records_now(connection: Connection, wanted: Sequence[int]) -> Mapping[int, set[int]]:
    """The sealed records of questions at this moment: one that gained a record since it was looked at has to wait."""
    joined = select(audit.c.seq, audit.c.subject).join(audit_record_keys, audit_record_keys.c.seq == audit.c.seq)
    found: dict[int, set[int]] = {number: set() for number in wanted}
    for row in connection.execute(joined.where(audit.c.subject.in_([f"question:{n}" for n in wanted]))):
        found[int(row.subject.removeprefix("question:"))].add(row.seq)
    return found
