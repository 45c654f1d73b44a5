"""How long work shows itself: bars with rate and time left on a terminal, a line now and then elsewhere."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TextIO

from bot.library_pages import visible
from ingest.job import Progress
from knowledge.store.jobs import Job

QUIET = 5.0
"""Seconds between two lines where standard error is no terminal."""

Shown = tuple[Callable[[Progress], None], Callable[[], bool]]


@contextmanager
def bars(console: Any) -> Iterator[Shown]:
    """`tell` shows progress; `stopped` is true once Ctrl-C was pressed, so that work ends at a clean point.

    A second Ctrl-C ends the process at once, which loses nothing either.
    """
    pressed = False

    def press(_signal: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True
        console.print("Stopping at the next safe point; press again to stop at once.")

    before = signal.signal(signal.SIGINT, press)
    try:
        with _bars(console) if console.is_terminal else _lines(console) as tell:
            yield tell, lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _bars(console: Any) -> Iterator[Callable[[Progress], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}", markup=False),  # a file may be named "[/]"
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console, transient=True) as shown:
        files = shown.add_task("documents", total=None, rate="")
        texts = shown.add_task("passages", total=None, visible=False, rate="")
        rate = Rate()

        def tell(progress: Progress) -> None:
            name = f" {visible(progress.name)}"[:48]
            shown.update(
                files, completed=progress.done, total=progress.found or None, description=f"{progress.step}{name}"
            )
            if progress.to_embed:
                per_second = rate.of(progress.embedded, time.monotonic())
                told = f"{per_second:.0f}/s" if per_second else ""
                shown.update(texts, completed=progress.embedded, total=progress.to_embed, visible=True, rate=told)

        yield tell


@contextmanager
def _lines(console: Any) -> Iterator[Callable[[Progress], None]]:
    last = time.monotonic()
    rate = Rate()

    def tell(progress: Progress) -> None:
        nonlocal last
        moment = time.monotonic()
        per_second = rate.of(progress.embedded, moment)
        if moment - last < QUIET:
            return
        last = moment
        console.print(line(progress, per_second), markup=False)

    yield tell


def line(progress: Progress, per_second: float = 0.0) -> str:
    """Where work stands, in one line: documents, passages, rate and time left."""
    said = f"{progress.done} of {progress.found} documents" if progress.found else progress.step
    if progress.to_embed:
        said += f", passages {progress.embedded} of {progress.to_embed}"
        if per_second > 0:
            left = (progress.to_embed - progress.embedded) / per_second
            said += f", {per_second:.0f} a second, {left:.0f} s left"
    return said


class Rate:
    """How many a second, over the last while."""

    WINDOW = 30.0  # seconds looked back over

    def __init__(self) -> None:
        self._seen: list[tuple[float, int]] = []

    def of(self, count: int, moment: float) -> float:
        """The rate at `moment` (seconds on any clock), 0.0 while too early to say; a lower count begins anew."""
        if self._seen and count < self._seen[-1][1]:
            self._seen.clear()
        self._seen = [s for s in self._seen if moment - s[0] <= self.WINDOW] + [(moment, count)]
        first, before = self._seen[0]
        return (count - before) / (moment - first) if moment - first > 1 else 0.0


_told: dict[int, tuple[float, str]] = {}


def watched(job: Job, stream: TextIO) -> None:
    """Show a job that another process runs, a line every QUIET seconds."""
    at, _ = _told.get(job.id, (0.0, ""))
    p = job.progress
    if time.monotonic() - at < QUIET or job.state != "running" or "found" not in p:
        return
    said = line(Progress(p["done"], p["found"], p["name"], p["step"], p["embedded"], p["to_embed"]))
    _told[job.id] = (time.monotonic(), said)
    print(f"Job {job.id}: {said}", file=stream)
