"""What came in and what is to go out: kept before anything is acknowledged or promised, so that a kill loses nothing.

An update is kept once, whatever Telegram repeats. A message that was promised stays `due` until Telegram has numbered it;
where the connection or the process ended in between it is `unsure`, and the sender has to find out before sending again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from knowledge.errors import BadInput
from knowledge.store.chat_schema import keyboards, outbox, updates
from knowledge.store.database import Database, Write
from knowledge.store.people import aware

MAX_ATTEMPTS = 5
"""An update that took the process down this often is given up, or it would do so for ever."""


@dataclass(frozen=True)
class Parcel:
    """One message to go out. `payload` is what to send, as plain JSON; `target` the message to edit, None for a new one;
    `after` the message that prompted it. `state` is due, unsure, sent or failed."""

    id: int
    chat: int
    after: int | None
    target: int | None
    about: str
    payload: Mapping[str, Any]
    state: str
    message: int | None
    attempts: int
    created_at: datetime


@dataclass(frozen=True)
class Keyboard:
    """What the buttons under a message do: `buttons` in their order, each with action, arguments and once."""

    id: str
    chat: int
    person: int
    buttons: tuple[Mapping[str, Any], ...]
    used: tuple[int, ...]
    expires_at: datetime


class Post:
    """The mail of one bot. Methods that return a Write change nothing until it is committed."""

    def __init__(self, database: Database, bot: int) -> None:
        self._database, self.bot = database, bot

    # ------------------------------------------------------------ in

    def accept(self, number: int, chat: int, payload: str, at: datetime) -> bool:
        """Keep an update; False where it is known already."""
        row = {"bot": self.bot, "id": number, "chat": chat, "payload": payload, "state": "waiting", "attempts": 0}
        with self._database.write() as connection:
            if connection.execute(select(updates.c.id).where(*self._one(number))).first() is not None:
                return False
            connection.execute(insert(updates).values(**row, received_at=at))
            return True

    def state(self, number: int) -> str | None:
        """`waiting`, `done`, or None for an update never seen."""
        with self._database.read() as connection:
            return connection.execute(select(updates.c.state).where(*self._one(number))).scalar()

    def resume(self) -> tuple[tuple[int, int, str, int], ...]:
        """At the start: updates that were accepted and not handled, oldest first, each (number, chat, payload, attempts)."""
        waiting = (updates.c.bot == self.bot) & (updates.c.state == "waiting")
        with self._database.read() as connection:
            rows = connection.execute(select(updates).where(waiting).order_by(updates.c.id)).all()
        return tuple((r.id, r.chat, r.payload, r.attempts) for r in rows)

    def attempt(self, number: int) -> Write:
        """One that an earlier process left is begun again: should it end this process too, that is counted."""
        return lambda connection: connection.execute(
            update(updates).where(*self._one(number)).values(attempts=updates.c.attempts + 1)
        )

    def done(self, number: int) -> Write:
        """The update is handled; what it said is no longer kept here."""
        return lambda connection: connection.execute(
            update(updates).where(*self._one(number)).values(state="done", payload="")
        )

    def waiting(self) -> int:
        """Updates that are not handled yet."""
        return self._count(updates, "waiting")

    def prune(self, before: datetime) -> Write:
        """Drop what is over since before that moment: Telegram repeats nothing older than a day."""

        def write(connection: Connection) -> None:
            connection.execute(delete(updates).where(updates.c.state == "done", updates.c.received_at < before))
            connection.execute(delete(keyboards).where(keyboards.c.expires_at < before))

        return write

    def _one(self, number: int) -> tuple[Any, ...]:
        return (updates.c.bot == self.bot, updates.c.id == number)

    # ------------------------------------------------------------ out

    def put(
        self, chat: int, payload: Mapping[str, Any], at: datetime, *, about: str = "", after: int | None = None, target: int | None = None
    ) -> Write:  # fmt: skip
        """Promise a message. An edit takes the place of edits of the same message that have not gone out yet."""
        row = {
            "bot": self.bot, "chat": chat, "after": after, "target": target, "about": about, "state": "due",
            "payload": json.dumps(payload, ensure_ascii=False), "attempts": 0, "detail": "", "created_at": at,
        }  # fmt: skip

        def write(connection: Connection) -> None:
            if target is not None:
                older = (outbox.c.bot == self.bot) & (outbox.c.chat == chat) & (outbox.c.target == target)
                stale = update(outbox).where(older & outbox.c.state.in_(("due", "unsure")))
                connection.execute(stale.values(state="failed", detail="overtaken by a later edit", payload=""))
            connection.execute(insert(outbox).values(**row))

        return write

    def due(self, chat: int) -> tuple[Parcel, ...]:
        """What is to go to a chat, in the order it was promised."""
        with self._database.read() as connection:
            mine = (outbox.c.bot == self.bot) & (outbox.c.chat == chat) & outbox.c.state.in_(("due", "unsure"))
            return tuple(_parcel(r) for r in connection.execute(select(outbox).where(mine).order_by(outbox.c.id)))

    def chats_due(self) -> tuple[int, ...]:
        """The chats that something is to go to."""
        with self._database.read() as connection:
            mine = (outbox.c.bot == self.bot) & outbox.c.state.in_(("due", "unsure"))
            return tuple(connection.execute(select(outbox.c.chat).where(mine).distinct()).scalars())

    def doubt(self, parcel: int | None = None, floor: int = 0) -> Write:
        """A message may have arrived although nobody said so; None, at the start: any of those that were due. `floor` is the
        number of a message that was there before it went out: it bears a higher one."""
        mine = (outbox.c.bot == self.bot) & (outbox.c.state == "due")
        where = mine if parcel is None else mine & (outbox.c.id == parcel)
        values: dict[str, Any] = {"state": "unsure", "attempts": outbox.c.attempts + 1}
        if floor:
            values["after"] = floor
        return lambda connection: connection.execute(update(outbox).where(where).values(**values))

    def sent(self, parcel: int, message: int | None, at: datetime) -> Write:
        """It is there, under this number; its words are no longer kept here."""
        values = {"state": "sent", "message": message, "sent_at": at, "payload": "", "detail": ""}
        return lambda connection: connection.execute(update(outbox).where(outbox.c.id == parcel).values(**values))

    def failed(self, parcel: int, detail: str) -> Write:
        """It can never arrive (the person blocked the bot, say)."""
        values = {"state": "failed", "detail": detail[:400], "payload": ""}
        return lambda connection: connection.execute(update(outbox).where(outbox.c.id == parcel).values(**values))

    def moved(self, chat: int, to: int) -> Write:
        """A group became another chat: what is due goes there."""
        mine = (outbox.c.bot == self.bot) & (outbox.c.chat == chat) & outbox.c.state.in_(("due", "unsure"))
        return lambda connection: connection.execute(update(outbox).where(mine).values(chat=to))

    def redirect(self, parcel: int, target: int | None) -> Write:
        """It is to take the place of a message that is there, however often that is tried; None: it is a new one after all."""
        return lambda connection: connection.execute(
            update(outbox).where(outbox.c.id == parcel).values(state="due", target=target)
        )

    def last_message(self, chat: int) -> int:
        """The newest message of ours in a chat, 0 where there is none."""
        with self._database.read() as connection:
            mine = (outbox.c.bot == self.bot) & (outbox.c.chat == chat)
            return int(connection.execute(select(func.max(outbox.c.message)).where(mine)).scalar() or 0)

    def outstanding(self) -> int:
        """Messages promised and not there yet."""
        return self._count(outbox, "due") + self._count(outbox, "unsure")

    def about(self, chat: int, message: int) -> str:
        """What a message shows ("question:12"); nothing where it is not one of ours."""
        with self._database.read() as connection:
            mine = (outbox.c.bot == self.bot) & (outbox.c.chat == chat) & (outbox.c.message == message)
            return connection.execute(select(outbox.c.about).where(mine).order_by(outbox.c.id.desc())).scalar() or ""

    def message_of(self, chat: int, about: str) -> int | None:
        """The message in that chat that last showed it, None before Telegram has numbered it."""
        with self._database.read() as connection:
            mine = (outbox.c.bot == self.bot) & (outbox.c.chat == chat) & (outbox.c.about == about)
            wanted = select(outbox.c.message).where(mine & outbox.c.message.is_not(None))
            return connection.execute(wanted.order_by(outbox.c.id.desc()).limit(1)).scalar()

    def numbered(self, low: int, high: int) -> frozenset[int]:
        """The numbers from `low` to `high` that are known to be other messages, in any chat: ours, and those answered."""
        with self._database.read() as connection:
            found: set[int] = set()
            for column in (outbox.c.message, outbox.c.after):
                wanted = select(column).where(outbox.c.bot == self.bot, column.between(low, high))
                found |= set(connection.execute(wanted).scalars())
        return frozenset(found)

    def _count(self, table: Any, state: str) -> int:
        with self._database.read() as connection:
            mine = (table.c.bot == self.bot) & (table.c.state == state)
            return int(connection.execute(select(func.count()).select_from(table).where(mine)).scalar() or 0)

    # ------------------------------------------------------------ buttons

    def lay(
        self, id_: str, chat: int, person: int | None, buttons: Sequence[Mapping[str, Any]], at: datetime, expires_at: datetime
    ) -> Write:  # fmt: skip
        """Keep what the buttons of a message do; `person` None: whoever may press them. The same id is kept once."""
        row = {"id": id_, "chat": chat, "person": person or 0, "buttons": [dict(b) for b in buttons], "used": []}

        def write(connection: Connection) -> None:
            if not connection.execute(
                update(keyboards).where(keyboards.c.id == id_).values(expires_at=expires_at)
            ).rowcount:
                connection.execute(insert(keyboards).values(**row, created_at=at, expires_at=expires_at))

        return write

    def keyboard(self, id_: str) -> Keyboard | None:
        """The buttons of that id."""
        with self._database.read() as connection:
            row = connection.execute(select(keyboards).where(keyboards.c.id == id_)).first()
        if row is None:
            return None
        return Keyboard(row.id, row.chat, row.person, tuple(row.buttons), tuple(row.used), aware(row.expires_at))

    def use(self, id_: str, index: int, told: str) -> Write:
        """Take the one press of a button that can be pressed once. Raises BadInput with `told`, when written, where it is
        taken: everything else of that press is then undone too."""

        def write(connection: Connection) -> None:
            row = connection.execute(select(keyboards.c.used).where(keyboards.c.id == id_)).first()
            if row is None or index in row.used:
                raise BadInput(told)
            connection.execute(update(keyboards).where(keyboards.c.id == id_).values(used=[*row.used, index]))

        return write


def _parcel(row: Row[Any]) -> Parcel:
    payload = json.loads(row.payload) if row.payload else {}
    return Parcel(
        row.id, row.chat, row.after, row.target, row.about, payload, row.state, row.message, row.attempts,
        aware(row.created_at),
    )  # fmt: skip
