"""What the library's commands share: the store of these settings, the job queue, a console.

Part of the composition root: ingest meets the store here.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from bot.clock import now
from knowledge.errors import Busy, NavicertError
from knowledge.settings import Settings, settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
POLL = 0.5  # seconds between two looks at a job that another process runs


def official(own: Settings) -> Any:
    """The ingested texts for answers to quote; None where nothing was ever ingested, which loads no database."""
    if not own.holds_documents:
        return None
    from knowledge.store.database import open_database
    from knowledge.store.library import Library
    from knowledge.store.official import OfficialTexts

    return OfficialTexts(Library(open_database(own.home, own.database)))


@contextmanager
def store_of_settings() -> Iterator[Any]:
    from knowledge.store.store import open_store

    with open_store(settings()) as store:
        yield store


def console(*, stderr: bool = False) -> Any:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else 120, soft_wrap=False)


def means() -> Any:
    from ingest.wiring import means as wired

    return wired(settings(), now)


def run_job(store: Any, how: Any, job: int, wait: bool) -> Any:
    """Do the job here, or watch another process do it; returns it as it ended, or as it stands with --no-wait."""
    from bot.progress import bars, watched
    from ingest.service import work

    told = False
    while (found := store.jobs.get(job)).state in ("queued", "running"):
        try:
            with store.owned(f"navicert job {job}"), bars(console(stderr=True)) as (tell, stopped):
                work(store, how, tell, stopped, until=job)
                if stopped() and store.jobs.get(job).state == "queued":  # stopped at a job before it: it keeps its turn
                    print(f"Job {job} stays queued; the next ingest runs it.", file=sys.stderr)
                    return store.jobs.get(job)
        except Busy as busy:
            if not told:
                print(f"Job {job} is queued: {busy}", file=sys.stderr)
                told = True
            if not wait:
                return found
            watched(found, sys.stderr)
            time.sleep(POLL)
    return found


def finish(job: Any, as_json: bool) -> None:
    from bot import library_pages

    if as_json:
        print(json.dumps({"job": job.id, "state": job.state, **job.report}, ensure_ascii=False, indent=1))
    else:
        console().print(library_pages.report(job))
    if job.state == "failed":
        raise NavicertError(f"job {job.id} failed: {job.report.get('error', 'no reason was kept')}")
    if job.state == "cancelled":
        raise typer.Exit(130)
    lost = [d for d in job.report.get("documents", ()) if d["state"] in ("failed", "quarantined")]
    if lost:
        raise typer.Exit(1)
