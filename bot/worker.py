"""The librarian: does the library's queued jobs beside the running bot, in a process of its own, so that an ingest neither
slows an answer nor takes the bot down with it. Part of the composition root."""

import asyncio
import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from knowledge.errors import NavicertError
from knowledge.store.database import Database
from knowledge.store.owner import unowned

if TYPE_CHECKING:
    from ingest.service import Means
    from knowledge.store.store import Store

LOOK = 1.0
"""Seconds between two looks at the queue."""
LONGEST = 300.0
"""Seconds at most between two tries after children that did not get the queue done."""
GRACE = 20.0
"""Seconds that a child gets to come to a safe point; killed after that, it loses nothing but time."""
NICE = 15
"""How far a child stands back behind the answers."""
KEPT = 4000
"""Bytes of what a child last said that are looked at when it ends."""

Pause = Callable[[asyncio.Event, float], Awaitable[None]]
_log = logging.getLogger("navicert.librarian")


# ---------------------------------------------------------------- in the child


class _Stop(BaseException):
    """Ends work at the next point where a kill would lose nothing; no handler of errors takes it for one."""


def do_queue(store: "Store", how: "Means") -> bool:
    """Own the data folder and do every queued job, oldest first; what a killed process left is put right first.

    False where a signal ended it: the job in hand is queued again. Raises Busy where another process owns the folder.
    """
    from ingest.service import work

    with store.owned("navicert jobs run"), _signals() as asked:

        def point(_told: object) -> None:
            if asked():
                raise _Stop

        def at(name: str) -> None:
            how.at(name)
            point(name)

        try:
            work(store, replace(how, at=at), point, lambda: False)
        except _Stop:
            store.jobs.put_back()
            return False
    return True


@contextmanager
def _signals() -> Iterator[Callable[[], bool]]:
    """Whether somebody asked to stop; the second time it ends at once."""
    asked = False

    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, was in before.items():
            signal.signal(number, was)


# ---------------------------------------------------------------- in the bot


def command() -> tuple[str, ...]:
    """What does the queue: this program in a process of its own, which stands back behind the answers."""
    start = (sys.executable, "-P", "-c", "from bot.cli import main; main()", "jobs", "run")
    nice = shutil.which("nice")
    return (nice, "-n", str(NICE), *start) if nice else start


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait that long, or until stopped."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


@dataclass
class Librarian:
    """Sees to it that queued jobs are done, one process at a time.

    `environment` is the child's, without the bot's secrets (knowledge.settings.child_environment). `child` is the running
    one's process id, None between jobs; `failures` counts the ones in a row that did not get the queue done.
    """

    home: Path
    database: Database
    environment: Mapping[str, str]
    command: Sequence[str] = ()
    pause: Pause = pause
    grace: float = GRACE
    child: int | None = None
    failures: int = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Look at the queue until stopped; a child that runs then is asked to come to a safe point, and killed after
        `grace` seconds. Its job stays in the queue. Raises nothing but what a caller's cancelling does."""
        while not stop.is_set():
            done = not await self._waiting() or (await self._child(stop) and not await self._waiting())
            self.failures = 0 if done else self.failures + 1
            await self.pause(stop, min(LOOK * 2 ** min(self.failures, 20), LONGEST))

    async def _waiting(self) -> int:
        try:
            return await asyncio.to_thread(unowned, self.home, self.database)
        except NavicertError as error:
            _log.warning("the queue cannot be looked at", extra={"error": str(error)})
            return 0

    async def _child(self, stop: asyncio.Event) -> bool:
        """Run one child to its end; whether it ended well."""
        began = time.monotonic()
        try:
            # A group of its own, to be ended with what it starts; not a session: Linux would then give it half of the machine,
            # however nice it is (sched_autogroup).
            process = await asyncio.create_subprocess_exec(
                *(self.command or command()), env=dict(self.environment), stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, process_group=0,
            )  # fmt: skip
        except OSError as error:
            _log.error("the queue's process cannot be started", extra={"error": error.strerror or str(error)})
            return False
        self.child = process.pid
        _log.info("the queue is being done", extra={"pid": process.pid})
        saying = asyncio.create_task(_last_words(process))
        try:
            await self._ended(process, stop)
        finally:
            _kill(process)  # nothing where it has ended
            self.child = None
            said = await _given(saying)
        about = {"pid": process.pid, "status": process.returncode, "seconds": round(time.monotonic() - began, 1)}
        if stop.is_set() or process.returncode == 0:
            _log.info("the queue's process ended", extra={**about, **({"said": said} if said else {})})
        else:
            _log.error("the queue's process ended badly", extra={**about, "said": said})
        return process.returncode == 0

    async def _ended(self, process: asyncio.subprocess.Process, stop: asyncio.Event) -> None:
        ended, stopped = asyncio.ensure_future(process.wait()), asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait((ended, stopped), return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                with suppress(ProcessLookupError):
                    process.send_signal(signal.SIGINT)
                await asyncio.wait((ended,), timeout=self.grace)
            if not ended.done():
                _log.warning("the queue's process is killed: it came to no safe point", extra={"pid": process.pid})
                _kill(process)
                await ended
        finally:
            for task in (ended, stopped):
                task.cancel()


async def _last_words(process: asyncio.subprocess.Process) -> str:
    """The end of what it writes on standard error, read to the end so that it never waits for a reader."""
    kept = b""
    while process.stderr is not None and (more := await process.stderr.read(65536)):
        kept = (kept + more)[-KEPT:]
    return kept.decode("utf-8", "replace").strip()


async def _given(saying: "asyncio.Task[str]") -> str:
    """What it said; not waited for where something that it started still holds the stream."""
    try:
        return await asyncio.wait_for(saying, LOOK)
    except TimeoutError:
        return ""
    finally:
        saying.cancel()


def _kill(process: asyncio.subprocess.Process) -> None:
    """End it and what it started, at once."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
