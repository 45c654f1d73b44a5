"""Work that may hang, done in a thread that is left behind when its time is over."""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from knowledge.llm.seam import Deadline, ModelError

T = TypeVar("T")
MOST = 8
"""Threads at a time, the ones left behind included: a server that hangs must not eat the process."""
_HELD = 64
"""Pieces that a thread may be ahead of its reader."""


class Job(Generic[T]):
    """One piece of work and what it has given so far. The thread sees `stopped`, and `closers` are called to wake it."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.closers: list[Callable[[], None]] = []
        self._given: queue.Queue[tuple[bool, T | BaseException | None]] = queue.Queue(_HELD)

    def give(self, piece: T) -> None:
        """Hand a piece over; waits for a slow reader. Raises ModelError once nobody reads any more."""
        self._put((False, piece))

    def end(self, error: BaseException | None = None) -> None:
        """No more pieces come."""
        self._put((True, error))

    def _put(self, item: tuple[bool, T | BaseException | None]) -> None:
        while not self.stopped.is_set():
            try:
                self._given.put(item, timeout=0.1)
            except queue.Full:
                continue
            return
        raise ModelError("late")

    def pieces(self, deadline: Deadline) -> Iterator[T]:
        """What the thread gives, until it ends or the deadline is there. Raises its error, or ModelError("late")."""
        try:
            while True:
                try:
                    last, item = self._given.get(timeout=deadline.left)
                except queue.Empty:
                    raise ModelError("late") from None
                if last:
                    if item is not None:
                        raise item  # type: ignore[misc]  # an error, where it is the last
                    return
                yield item  # type: ignore[misc]
        finally:
            self.stop()

    def stop(self) -> None:
        """Nobody reads any more."""
        self.stopped.set()
        for close in self.closers:
            try:
                close()
            except Exception:  # noqa: S112 - it is given up anyway
                continue


class Crew:
    """Starts jobs in daemon threads, never more than `most` at a time."""

    def __init__(self, most: int = MOST) -> None:
        self._free = threading.BoundedSemaphore(most)

    def start(self, work: Callable[[Job[T]], None]) -> Job[T]:
        """Do `work` in a thread of its own. Raises ModelError("busy") where too many are at it."""
        if not self._free.acquire(blocking=False):
            raise ModelError("busy")
        job: Job[T] = Job()
        threading.Thread(target=self._run, args=(work, job), name="navicert-model", daemon=True).start()
        return job

    def _run(self, work: Callable[[Job[T]], None], job: Job[T]) -> None:
        error: BaseException | None = None
        try:
            work(job)
        except BaseException as raised:  # raised again where the job is read
            error = raised
        finally:
            self._free.release()
        try:
            job.end(error)
        except ModelError:
            return  # nobody waits for it
