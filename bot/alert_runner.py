"""Looks whether what the kept answers rest on has changed, and determines again those that it can touch. Part of the
composition root. Nothing is sent here: what is found waits in the database until the bot tells it.
"""

import logging
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

from knowledge.alerts import flips, names
from knowledge.alerts.canonical import digest
from knowledge.alerts.changes import Change, Touch, changes, coming, listed, named, touch
from knowledge.alerts.rerun import Coming, Question, again, question, reread, subject
from knowledge.alerts.state import State, listed_id, of_book, of_list
from knowledge.errors import Busy
from knowledge.rulebook import RuleBook
from knowledge.settings import Settings
from knowledge.store.alert_rows import Due, Found, New, News, answer, recorded, written
from knowledge.store.alerts import Alerts
from knowledge.store.database import Database
from knowledge.store.owner import only
from knowledge.store.subscriptions import Subscriptions

if TYPE_CHECKING:
    from knowledge.answer import Advisor

LOG = logging.getLogger("navicert.alerts")
BATCH = 100
"""Answers whose new outcomes are kept together: what a kill costs at most."""
MANY = 600
"""Answers from which on processes of their own determine them."""
PROCESSES = 2
MOST_PARTIES = 2000
"""Changed parties of a list beyond which every answer's parties are looked for again, rather than by their names."""


@dataclass(frozen=True)
class Law:
    """What an answer is determined with. `coming` gives the days ahead on which what bears on such keys changes."""

    book: RuleBook
    home: str
    day: date
    coming: Coming = field(repr=False)


@dataclass(frozen=True)
class Looked:
    """What one look came to. `run` is None where nothing had changed."""

    run: int | None = None
    touched: int = 0
    determined: int = 0
    flipped: int = 0
    warned: int = 0


def law(book: RuleBook, home: str, day: date) -> Law:
    """The law of a day."""
    return Law(book, home, day, coming(of_book(book, day, home)))


def found(own: Law, due: Due) -> Found:
    """One answer determined again."""
    new = again(due.asked, own.book, own.day, own.home, own.coming)
    flip = flips.flip(due.asked.told, new.determinations, due.told_on, own.day)
    ahead, before, last = [], new.determinations, own.day
    for turn, then in new.ahead:
        if (other := flips.flip(before, then, last, turn)) is not None:
            ahead.append((turn, flips.dumped(other)))
        before, last = then, turn
    return Found(
        due.id, subject(new.deal), written(new.deal), recorded(new.determinations), new.keys, tuple(ahead),
        flips.dumped(flip) if flip is not None else None,
    )  # fmt: skip


def tried(own: Law, due: Due) -> Found | None:
    """The same; None where it cannot be done. It stays due: one answer that fails must not keep all others from it."""
    try:
        return found(own, due)
    except Exception:
        LOG.exception("a kept answer could not be determined again", extra={"question": due.id})
        return None


class Runner:
    """Looks when it is told to; one at a time in any number of processes (`navicert alerts run` beside the bot)."""

    def __init__(
        self, settings: Settings, database: Database, advisor: "Callable[[], Advisor]", processes: int = PROCESSES
    ) -> None:
        self._settings, self._database, self._advisor = settings, database, advisor
        self._processes = min(processes, os.cpu_count() or 1)
        self.alerts = Alerts(database)
        self._seen: tuple[object, ...] = ()
        self._stopped = threading.Event()

    @property
    def period(self) -> timedelta:
        """How long somebody hears of an answer after it was given, unless they watch it."""
        return timedelta(days=self._settings.watched_days)

    def stop(self) -> None:
        """Leave the rest to the next start; what was found is kept."""
        self._stopped.set()

    def needed(self) -> bool:
        """Is there anything to look after?"""
        return self.alerts.needed()

    def look(self, now: datetime, today: date) -> Looked:
        """Whatever has changed since the last look is found and kept. Raises Busy where another process is at it."""
        with only(self._settings.home, self._database, "alerts", "looking for answers that flip"):
            self._take_in(now)
            run, touched = self._begin(now, today)
            determined, flipped = self._work(run, now, today)
            warned = self.alerts.warn(self._number(run), today, self._settings.warned_days, now)
            if not self._stopped.is_set():
                self._database.commit([self.alerts.end(now)])
        return Looked(run, touched, determined, flipped, warned)

    def rehearse(self, now: datetime, day: date) -> Iterator[tuple[Due, Mapping[str, Any]]]:
        """What would flip on that day as things stand, without keeping anything: each answer with its flip."""
        own = law(self._advisor().book, self._settings.home_country, day)
        before, state = self.alerts.state(), self._state(day)
        touching = self._touch(before, state)[1]
        numbers = self.alerts.touched(touching)
        again_ = self.alerts.touched(replace(touching, need=None, turned=None))
        dues = [
            *(replace(d, reread=d.reread or d.id in again_) for d in self.alerts.of(numbers)),
            *(d for d in self.alerts.due(10**6) if d.id not in numbers),
        ]
        for new in self.alerts.unknown(now - self.period, 10**6):
            if (asked := _readable(new)) is not None:
                dues.append(Due(new.id, new.person, new.language, asked, asked.day, False, 0))
        for due in self._with_parties(dues, day):
            if (flip := found(own, due).flip) is not None:
                yield due, flip

    # ------------------------------------------------------------ steps

    def _take_in(self, now: datetime) -> None:
        """Answers kept since the last look are looked after from now on."""
        generation = self._generation()
        while not self._stopped.is_set() and (new := self.alerts.unknown(now - self.period, BATCH)):
            rows = []
            for one in new:
                asked = _readable(one)
                words = frozenset[str]().union(*map(names.of_text, one.texts)) if asked else frozenset[str]()
                rows.append((one, asked, subject(asked.deal) if asked else "", words))
            self._database.commit([self.alerts.look_after(rows, generation)])

    def _begin(self, now: datetime, today: date) -> tuple[int | None, int]:
        """Where something has changed, a run begins."""
        book = self._advisor().book
        seen = (book.hash, id(book), self._lists(), self._generation(), today)
        if seen == self._seen:
            return None, 0
        before, state = self.alerts.state(), self._state(today)
        if before is None or before.day > today:
            self._database.commit([self.alerts.settle(state)])
            self._seen = seen
            return None, 0
        changed, touched = self._touch(before, state)
        texts = self._texts_since(before, state)
        if not changed and not texts:
            self._database.commit([self.alerts.settle(state)])
            self._seen = seen
            return None, 0
        news = _news(Subscriptions(self._database), changed, texts)
        run, count = self.alerts.begin(state, touched, named(changed, texts), news, now)
        self._seen = seen
        return run, count

    def _work(self, run: int | None, now: datetime, today: date) -> tuple[int, int]:
        """Determine what is due, a batch a transaction; the next is worked on while one is kept."""
        left = self.alerts.left()
        if not left:
            return 0, 0
        number, after, kept = self._number(run), 0, [0, 0]
        with self._determining(today, left) as determine:
            pending: list[tuple[Sequence[Due], Iterable[Found | None]]] = []

            def keep() -> None:
                some, results = pending.pop(0)
                pairs = [(d, f) for d, f in zip(some, results, strict=True) if f is not None]
                for i in range(0, len(pairs), BATCH):
                    self._database.commit([self.alerts.done(number, pairs[i : i + BATCH], today, now)])
                kept[0] += len(pairs)
                kept[1] += sum(f.flip is not None for _, f in pairs)

            size = BATCH * (2 * self._processes if left > MANY else 1)
            while not self._stopped.is_set() and (some := self.alerts.due(size, after)):
                after = some[-1].id
                pending.append((some, determine(self._with_parties(some, today))))
                if len(pending) > 1:
                    keep()
            while pending:
                keep()
        return kept[0], kept[1]

    def _number(self, run: int | None) -> int:
        """The run that what is found belongs to: the one that began, else the last there was."""
        if run is not None:
            return run
        newest = self.alerts.runs(1)
        return newest[0].id if newest else 0

    @contextmanager
    def _determining(self, today: date, left: int) -> Iterator[Callable[[Sequence[Due]], Iterable[Found | None]]]:
        own, home = self._advisor().book, self._settings.home_country
        if left <= MANY or self._processes < 2:
            held = law(own, home, today)
            yield lambda dues: (tried(held, d) for d in dues)
            return
        how = multiprocessing.get_context("spawn")  # not forked: the bot has threads
        with ProcessPoolExecutor(self._processes, how, _start, (self._settings, own.hash, home, today)) as pool:
            yield lambda dues: chain.from_iterable(pool.map(_perform, _parts(dues)))

    def _with_parties(self, dues: Sequence[Due], day: date) -> list[Due]:
        """Those whose parties may be on a list now, or on none any more, with their parties looked for again."""
        again_ = [d for d in dues if d.reread]
        if not again_:
            return list(dues)
        advisor, home = self._advisor(), self._settings.home_country
        texts, ids = self.alerts.texts([d.id for d in again_]), self._ids()
        made: dict[int, Due] = {}
        for due in again_:
            on = due.asked.day if due.asked.dated else day
            deal = reread(due.asked.deal, texts.get(due.id, ()), on, home, advisor.reader, advisor.screening, ids)
            made[due.id] = replace(due, asked=replace(due.asked, deal=deal))
        return [made.get(d.id, d) for d in dues]

    # ------------------------------------------------------------ what the answers rest on

    def _generation(self) -> str:
        official = self._advisor().official
        if official is not None:
            official.refresh()
        return official.generation if official is not None else "0"

    def _lists(self) -> str:
        """What the lists of parties are read from, in little: cheap to ask for."""
        from knowledge.screening.lists import ANNEX_IV, COMPILED
        from knowledge.store.library import Library
        from knowledge.store.parties import ingested

        files = [f"{p.stat().st_mtime_ns}.{p.stat().st_size}" for p in (COMPILED, ANNEX_IV) if p.exists()]
        return digest([*(d.sha256 for d in ingested(Library(self._database))), *files])

    def _state(self, day: date) -> State:
        state = of_book(self._advisor().book, day, self._settings.home_country)
        before, lists = self.alerts.state(), self._lists()
        if before is not None and before.listed.get("") == lists:
            parties = before.listed
        else:
            parties = {"": lists, **of_list(self._advisor().screening.parties)}
        return replace(state, listed=parties, texts=self._generation())

    def _ids(self) -> frozenset[str]:
        state = self.alerts.state()
        return frozenset(state.listed) if state is not None else frozenset()

    def _touch(self, before: State | None, state: State) -> tuple[tuple[Change, ...], Touch]:
        if before is None:
            return (), Touch()
        found = (*changes(before, state), *listed(before.listed, state.listed, self._spelled))
        return found, touch(found)

    def _spelled(self, ids: frozenset[str]) -> tuple[str, ...] | None:
        """All names of those parties; None where they are so many that names tell nothing apart."""
        if len(ids) > MOST_PARTIES:
            return None
        parties = self._advisor().screening.parties
        return tuple(n for p in parties if listed_id(p.id) in ids for n in (p.name, *p.aliases))

    def _texts_since(self, before: State, state: State) -> tuple[str, ...]:
        """The instruments of which a text went live since."""
        if before.texts == state.texts or not before.texts.isdecimal():
            return ()
        return self.alerts.texts_since(int(before.texts))


def _readable(new: New) -> Question | None:
    """The question of a kept answer; None too where the answer is not as this version keeps them: one that cannot be looked
    after must not keep all others from it."""
    try:
        return question(answer(new.raw), new.asked_at.astimezone(UTC).date())
    except ValueError:
        LOG.warning("a kept answer cannot be read and is not looked after", extra={"question": new.id})
        return None


def _news(subscriptions: Subscriptions, changed: Sequence[Change], texts: Sequence[str]) -> list[News]:
    """What the followers of a subject are told: of each what changed, of its wording only where they asked for that."""
    made: list[News] = []
    for watch in subscriptions.of_subjects():
        mine = [c.told() for c in changed if c.concerns(watch.key) and (watch.wording or c.what != "worded")]
        worded = [t for t in texts if watch.wording and watch.key == f"instrument:{t}"]
        lines = [*mine, *({"what": "text", "id": t, "instrument": t} for t in worded)]
        if lines:
            body = {"subject": watch.key, "count": len(lines), "changes": lines[:10]}
            made.append(News(watch.id, watch.person, watch.language, body))
    return made


# ---------------------------------------------------------------- in a process

_own: list[Law] = []


def _start(settings: Settings, hash_: str, home: str, day: date) -> None:
    import signal

    from bot.desk_services import Desks

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    book = Desks(settings).book
    if book.hash != hash_:
        raise Busy("the rules changed while answers were determined again. The next look does the rest.")
    _own[:] = [law(book, home, day)]


def _perform(dues: Sequence[Due]) -> list[Found | None]:
    return [tried(_own[0], d) for d in dues]


def _parts(dues: Sequence[Due], size: int = 50) -> Iterator[Sequence[Due]]:
    return (dues[i : i + size] for i in range(0, len(dues), size))
