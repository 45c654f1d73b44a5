"""Answers from processes of their own: several questions at once on several processors, and one that takes for ever, or
takes its process down, holds up nobody else. Part of the composition root."""

import multiprocessing
import os
import threading
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from knowledge.errors import BadInput, NavicertError
from knowledge.model import Answer, Lang, Transaction
from knowledge.settings import Settings

if TYPE_CHECKING:
    from bot.services import Services

MOST = 2
"""Processes; each holds the rules in memory."""
PATIENCE = 30.0
"""Seconds after which an answer is given up."""
STARTING = 240.0
"""Seconds that a process may take for its first answer: on a new machine it prepares the names of places and parties."""


class Stopping(Exception):
    """The bot stops: the question is not answered now, and will be after the next start."""


class Answers(Protocol):
    """What answers questions; knowledge.answer.Advisor does, in the calling process."""

    def ask(self, question: str, on: date, *, lang: Lang | None = None, case: Transaction | None = None) -> Answer:
        """The answer to a question. Raises NavicertError."""
        ...

    def again(self, before: Answer, on: date, *, deal: Transaction | None = None, lang: Lang | None = None) -> Answer:
        """The same question once more. Raises NavicertError."""
        ...


class Pool:
    """Answers from up to MOST processes. Safe from any thread; waits there for the answer."""

    def __init__(self, settings: Settings, processes: int | None = None, patience: float = PATIENCE) -> None:
        self._settings, self._patience = settings, patience
        self._count = processes or max(1, min(MOST, os.cpu_count() or 1))
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self.prepared = threading.Event()  # until then nobody is asked: files that all of them need are being made
        self.prepared.set()
        self._closed = False
        self._answered = 0  # by this pool; from as many as there are processes on, none is new any more

    def ask(self, question: str, on: date, *, lang: Lang | None = None, case: Transaction | None = None) -> Answer:
        """The answer to a question, as the advisor gives it."""
        return self._done("ask", (question, on), {"lang": lang, "case": case})

    def again(self, before: Answer, on: date, *, deal: Transaction | None = None, lang: Lang | None = None) -> Answer:
        """The same question once more, as the advisor gives it."""
        return self._done("again", (before, on), {"deal": deal, "lang": lang})

    def warm(self) -> None:
        """Start every process and let it load what a first question would wait for."""
        pool = self._running()
        for loaded in [pool.submit(_warm) for _ in range(self._count)]:
            loaded.result()
            self._answered += 1

    def close(self) -> None:
        """End the processes; whoever waits for an answer hears Stopping."""
        with self._lock:
            pool, self._pool, self._closed = self._pool, None, True
        self.prepared.set()
        if pool is not None:
            _end(pool)

    def _running(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._closed:
                raise Stopping
            if self._pool is None:
                # Not forked: this process has threads, and their locks would stay as they are.
                how = multiprocessing.get_context("spawn")
                self._pool, self._answered = ProcessPoolExecutor(self._count, how, _start, (self._settings,)), 0
            return self._pool

    def _done(self, what: str, given: tuple[Any, ...], named: dict[str, Any]) -> Answer:
        self.prepared.wait(STARTING)
        for last in (False, True):
            pool = self._running()
            try:
                answer = self._waited(pool.submit(_perform, what, given, named))
            except (BrokenProcessPool, RuntimeError, CancelledError) as broken:
                self._drop(pool)
                if last:
                    raise NavicertError(
                        "the question could not be worked out: its process ended. Put it more shortly."
                    ) from broken
                continue
            except TimeoutError:
                self._drop(pool)
                raise NavicertError("the question took too long to work out. Put it more shortly, or in two.") from None
            if isinstance(answer, str):
                raise BadInput(answer)
            return answer
        raise AssertionError("not reached")

    def _waited(self, future: "Future[Answer | str]") -> Answer | str:
        answer = future.result(self._patience if self._answered >= self._count else STARTING)
        self._answered += 1
        return answer

    def _drop(self, pool: ProcessPoolExecutor) -> None:
        """Begin anew: a process that hangs cannot be asked to stop."""
        with self._lock:
            if self._pool is pool:
                self._pool = None
        _end(pool)


def _end(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):  # there is no public way to end one that hangs
        process.kill()
    pool.shutdown(wait=False, cancel_futures=True)


# ---------------------------------------------------------------- in the process

_own: "list[Services]" = []


def _start(settings: Settings) -> None:
    """Once in each process. Ctrl-C is the bot's own affair: it ends these processes when it is done with them."""
    import signal

    from bot.clock import now
    from bot.services import Services
    from knowledge.store.database import open_database

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _own.append(Services(settings, open_database(settings.home, settings.database), now))


def _perform(what: str, given: tuple[Any, ...], named: dict[str, Any]) -> Answer | str:
    """The answer, or the words of an error for the person: errors themselves do not all travel between processes."""
    try:
        found: Answer = getattr(_own[0].advisor, what)(*given, **named)
    except NavicertError as wrong:
        return str(wrong)
    return found


def _warm() -> None:
    services = _own[0]
    for question in (
        "5 kg dysprosium oxide from Shanghai to Stuttgart for Example GmbH",
        "oscilloscope from Boston to Shanghai",
    ):
        services.advisor.ask(question, services.today())
