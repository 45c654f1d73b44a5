"""Alerts and the calendar on the command line: what flips, when, and what is still to be told."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.clock import day, now, today
from bot.library_services import Json
from knowledge.errors import BadInput, Busy
from knowledge.settings import settings

alerts = typer.Typer(help="Answers that a change of law flips, and who is told.", no_args_is_help=True)
FARTHEST = 3660
"""Days that the calendar looks ahead at most."""


def register(app: typer.Typer) -> None:
    """Add the commands to the `navicert` command."""
    app.add_typer(alerts, name="alerts")
    app.command("calendar")(calendar)


@contextmanager
def _services() -> Iterator[Any]:
    from bot.services import Services
    from knowledge.store.database import open_database

    own = settings()
    database = open_database(own.home, own.database)
    try:
        yield Services(own, database, now)
    finally:
        database.close()


@alerts.command("run")
def run(
    on: Annotated[str | None, typer.Option("--on", help="With --dry-run: as of this day (YYYY-MM-DD).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would flip; keep and tell nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Look whether kept answers have flipped. What is found waits until the bot tells it."""
    if on is not None and not dry_run:
        raise BadInput("--on needs --dry-run: what is kept is held against today. Add --dry-run, or leave --on away.")
    with _services() as services:
        if dry_run:
            _rehearsed(services, day(on), as_json)
            return
        try:
            looked = services.alerts.look(now(), today())
        except Busy as other:
            raise Busy(f"{other} Wait for it to end.") from None
        waiting = len(services.alerts.alerts.waiting())
    if as_json:
        print(json.dumps({**vars(looked), "waiting": waiting}))
        return
    began = f"run {looked.run}: " if looked.run is not None else "nothing changed: "
    print(f"{began}{looked.determined} answers determined again, {looked.flipped} flipped, {looked.warned} warnings")
    print(f"{waiting} alerts wait for the bot to tell them")


def _rehearsed(services: Any, on: date, as_json: bool) -> None:
    count = 0
    for due, flip in services.alerts.rehearse(now(), on):
        count += 1
        if as_json:
            print(json.dumps({"question": due.id, "person": due.person, **flip}, ensure_ascii=False))
            continue
        why = ", ".join(f"{g['instrument']} {g['rule'] or g['provision']}" for g in flip["grounds"])
        print(f"#{due.id}: {flip['before']} -> {flip['after']} since {flip['since']} ({why})")
    if not as_json:
        print(f"{count} answers would flip on {on}")


@alerts.command("list")
def listed(as_json: Json = False) -> None:
    """The newest looks that found a change."""
    with _services() as services:
        runs = services.alerts.alerts.runs(20)
        found = {r.id: services.alerts.alerts.of_run(r.id) for r in runs}
    for r in runs:
        counts = {kind: sum(a.kind == kind for a in found[r.id]) for kind in ("flip", "ahead", "news")}
        if as_json:
            row = {"run": r.id, "day": r.day.isoformat(), "stored": r.stored, "touched": r.touched, **counts}
            print(json.dumps({**row, "changes": r.changes, "ended": r.ended_at is not None}, ensure_ascii=False))
            continue
        print(
            f"{r.id}  {r.day}  {r.stored} answers, {r.touched} could be touched, {counts['flip']} flipped, "
            f"{counts['ahead']} warned, {counts['news']} followers told{'' if r.ended_at else ' (not ended)'}"
        )
    if not runs and not as_json:
        print("Nothing has changed since answers are looked after.")


def calendar(
    first: Annotated[str | None, typer.Option("--from", help="The first day (YYYY-MM-DD); default today.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=FARTHEST, help="How many days to look ahead.")] = 400,
    ics_file: Annotated[Path | None, typer.Option("--ics", help="Write a calendar file (RFC 5545).")] = None,
    lang: Annotated[str, typer.Option("--lang", help="`en` or `zh`.")] = "en",
    as_json: Json = False,
) -> None:
    """Days to come on which the law changes its status."""
    from knowledge.alerts.state import of_book
    from knowledge.calendar import coming, ics, summary, uid
    from knowledge.rulebook import load

    if lang not in ("en", "zh"):
        raise BadInput(f"--lang: {lang!r} is not spoken here. Write en or zh.")
    own: Any = lang
    start, book = day(first), load()
    last = start + timedelta(days=min(days, (date.max - start).days))
    events = coming(of_book(book, start, settings().home_country), book, start, last)
    for event in events:
        if as_json:
            told = {**vars(event), "day": event.day.isoformat(), "uid": uid(event)}
            print(json.dumps(told, ensure_ascii=False))
        else:
            print(f"{event.day}  {summary(event, book, own)}")
    if not events and not as_json:
        print(f"No date is known from {start} to {last}.")
    if ics_file is not None:
        try:
            ics_file.write_bytes(ics(events, book, own, now(), {}))
        except OSError as error:
            raise BadInput(f"--ics: cannot write {ics_file}: {error.strerror}.") from None
