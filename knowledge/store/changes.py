"""The change desk's records: what each ingest changed, one review an instrument, and what staff decided of it.

A review is opened in the transaction that makes its generation live, so that neither is ever there without the other. Its
rows and its steps are added and never changed; what stands in the two texts is read from the versions, which are kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, text

from knowledge.errors import BadInput
from knowledge.store.audit import RowOf, entry
from knowledge.store.change_schema import change_reviews, change_steps
from knowledge.store.database import Database, Write
from knowledge.store.diff import Difference, difference
from knowledge.store.library import records_of
from knowledge.store.people import aware

NOTE = 2000
"""Characters of a note."""
STATES = ("new", "reviewed", "actioned")
HEADINGS = ("first", "several")
"""Reviews of many instruments: a library's first ingest, and new instruments beyond SINGLE of a later one."""


@dataclass(frozen=True)
class Step:
    """One entry of a review's history. `relevant` is None where nothing was said of it; `by` is empty for the machine."""

    state: str
    relevant: bool | None
    by: str
    note: str
    at: datetime


@dataclass(frozen=True)
class ChangeReview:
    """What one generation changed of one instrument in one language.

    `outcome`: new, changed, withdrawn (its document no longer gives it), repealed or suspended (a new act, `by`, says so, of
    `effective` on); `first` and `several` are headings over `parts` new instruments. `version` and `former` are the texts
    after and before. `counts` of provisions: added, changed, removed, moved; empty where only title, dates or relations
    changed. `history` is oldest first; that of a part is its heading's until it has one.
    """

    id: int
    generation: int
    job: int | None
    instrument: str
    language: str
    title: str
    outcome: str
    version: int | None
    former: int | None
    by: str
    effective: date | None
    counts: Mapping[str, int]
    part_of: int | None
    parts: int
    opened_at: datetime
    history: tuple[Step, ...]

    @property
    def state(self) -> str:
        """new, reviewed or actioned."""
        return self.history[-1].state if self.history else "new"

    @property
    def relevant(self) -> bool | None:
        """What staff said last; None where they did not, or after it was reopened."""
        return self.history[-1].relevant if self.history else None


@dataclass(frozen=True)
class Decider:
    """Who decides and when. `seen` is how long the history was when they looked, `gone` what they are told where that is no
    longer so or cannot be decided so, in their language."""

    by: str
    at: datetime
    seen: int | None = None
    gone: str = ""


class Changes:
    """The reviews in the database. Methods that return a Write change nothing until it is committed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ looked at

    def desk(self, since: datetime | None = None, state: str = "") -> tuple[ChangeReview, ...]:
        """The desk, newest first: reviews opened since then, in that state; of headings, not what stands under them."""
        which: ColumnElement[bool] = change_reviews.c.part_of.is_(None)
        if since is not None:
            which &= change_reviews.c.opened_at >= since
        return tuple(r for r in self._some(which) if state in ("", r.state))

    def get(self, number: int) -> ChangeReview | None:
        """That review, None where there is none."""
        found = self._some(change_reviews.c.id == number) if 0 < number < 2**31 else ()
        return found[0] if found else None

    def parts(self, number: int) -> tuple[ChangeReview, ...]:
        """The reviews under a heading, in the order they came."""
        return self._some(change_reviews.c.part_of == number)[::-1]

    def of_job(self, job: int) -> tuple[ChangeReview, ...]:
        """What one ingest changed, newest first, without what stands under a heading."""
        return self._some((change_reviews.c.job == job) & change_reviews.c.part_of.is_(None))

    def differences(self, review: ChangeReview) -> tuple[Difference, ...]:
        """Every provision that is not as it was, from the two texts as they are kept."""
        with self._database.read() as connection:
            return text_differences(connection, review.former, review.version)

    def _some(self, which: ColumnElement[bool]) -> tuple[ChangeReview, ...]:
        query = select(change_reviews).where(which).order_by(change_reviews.c.id.desc())
        wanted = select(change_reviews.c.id).where(which)
        above = select(change_reviews.c.part_of).where(which, change_reviews.c.part_of.is_not(None))
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            under = (
                select(change_reviews.c.part_of, func.count().label("parts"))
                .where(change_reviews.c.part_of.in_(wanted))
                .group_by(change_reviews.c.part_of)
            )
            parts = {row.part_of: int(row.parts) for row in connection.execute(under)}
            steps: dict[int, list[Step]] = {}
            own = change_steps.c.change.in_(wanted) | change_steps.c.change.in_(above)
            ordered = select(change_steps).where(own).order_by(change_steps.c.change, change_steps.c.step)
            for row in connection.execute(ordered):
                steps.setdefault(row.change, []).append(_step(row))
        return tuple(
            _review(row, steps.get(row.id) or steps.get(row.part_of) or [], parts.get(row.id, 0)) for row in rows
        )

    # ------------------------------------------------------------ decided

    def decide(self, number: int, relevant: bool, note: str, who: Decider) -> Write:
        """Note that a person looked at it and whether it matters. Again after that too: a later word stands beside it.

        Raises BadInput for a decision without a name, and when written: for an unknown number, or where a colleague was
        faster.
        """
        return self._add(number, "reviewed", relevant, note, who)

    def action(self, number: int, note: str, who: Decider) -> Write:
        """Note that what follows from a relevant change has been done. Raises BadInput as `decide`, and where it is not
        reviewed as relevant."""
        return self._add(number, "actioned", True, note, who)

    def reopen(self, number: int, note: str, who: Decider) -> Write:
        """Take a decision back: it waits again, and its history says so. Raises BadInput as `decide`, and where it waits."""
        return self._add(number, "new", None, note, who)

    def _add(self, number: int, state: str, relevant: bool | None, note: str, who: Decider) -> Write:
        if not who.by.strip():
            raise BadInput("A decision needs the name of who decides.")

        def write(connection: Connection) -> None:
            _take_turn(connection)
            wanted = select(change_reviews).where(change_reviews.c.id == number)
            row = connection.execute(wanted).first() if 0 < number < 2**31 else None
            if row is None:
                raise BadInput(who.gone or f"There is no change {number}. `navicert changes list` shows them.")
            own = change_steps.c.change.in_([n for n in (row.id, row.part_of) if n is not None])
            found = connection.execute(select(change_steps).where(own).order_by(change_steps.c.step)).all()
            history = [s for s in found if s.change == row.id] or list(found)
            hindered = _hindered(number, state, history, who.seen)
            if hindered:
                raise BadInput(who.gone or hindered)
            values = {"state": state, "relevant": None if relevant is None else int(relevant), "at": who.at}
            said = {"by": _storable(who.by, 200), "note": _storable(note, NOTE)}
            step = sum(s.change == row.id for s in history)
            connection.execute(insert(change_steps).values(change=number, step=step, **values, **said))
            body = {"state": state, "relevant": relevant, "step": step}
            rows = (RowOf("change_steps", (number, step)),)
            entry("change", "desk", f"change:{number}", body, at=who.at, private=said, rows=rows)(connection)

        return write


def _hindered(number: int, wanted: str, history: Sequence[Row[Any]], seen: int | None) -> str:
    """Why that step cannot follow on this history; empty where it can."""
    last = history[-1]
    if seen is not None and seen != len(history):
        return f"Change {number} was decided meanwhile. Look at it again."
    if wanted == "actioned" and not (last.state == "reviewed" and last.relevant):
        return f"Change {number} is not decided to be relevant. Decide that first."
    if wanted == "new" and last.state == "new":
        return f"Change {number} waits already."
    return ""


def text_differences(connection: Connection, former: int | None, version: int | None) -> tuple[Difference, ...]:
    """What one version changed of another; all of it where there is only one, nothing where both are the same."""
    if former is not None and former == version:
        return ()
    before = records_of(connection, former) if former is not None else ()
    after = records_of(connection, version) if version is not None else ()
    return difference(before, after)


def _take_turn(connection: Connection) -> None:
    """Steps are numbered one after the other. SQLite's write transaction is a turn by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE change_steps IN SHARE ROW EXCLUSIVE MODE"))


def _review(row: Row[Any], steps: Iterable[Step], parts: int) -> ChangeReview:
    return ChangeReview(
        row.id, row.generation, row.job, row.instrument, row.language, row.title, row.outcome, row.version, row.former,
        row.by, row.effective, row.counts, row.part_of, parts, aware(row.opened_at), tuple(steps),
    )  # fmt: skip


def _step(row: Row[Any]) -> Step:
    return Step(row.state, None if row.relevant is None else bool(row.relevant), row.by, row.note, aware(row.at))


def _storable(said: str, most: int) -> str:
    """Text that every database takes: no NUL, no lone surrogate."""
    return said.strip()[:most].replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
