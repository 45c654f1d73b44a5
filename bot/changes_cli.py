"""The change desk on the command line: what ingests changed, word by word, and what staff decide of it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.clock import day, now, today
from bot.library_services import Json, console, store_of_settings
from knowledge.errors import BadInput
from knowledge.settings import settings

changes = typer.Typer(help="What ingests changed in the law's texts, and what staff decided of it.")

Number = Annotated[int, typer.Argument(help="The number that `changes list` shows.")]
By = Annotated[str, typer.Option("--by", help="Who decides.")]
Note = Annotated[str, typer.Option("--note", help="Why, for whoever asks a year later.")]
STATES = ("new", "reviewed", "actioned")


def register(app: typer.Typer) -> None:
    """Add the commands to the `navicert` command."""
    app.add_typer(changes, name="changes")


@changes.callback(invoke_without_command=True)
def _changes(context: typer.Context, as_json: Json = False) -> None:
    if context.invoked_subcommand is None:
        changes_list("", as_json)


@changes.command("list")
def changes_list(
    state: Annotated[str, typer.Option(help="Only new, reviewed or actioned ones.")] = "", as_json: Json = False
) -> None:
    """Every change, newest first, with where it stands."""
    _listed(None, state, as_json)


@changes.command("since")
def changes_since(
    date: Annotated[str, typer.Argument(help="The first day that counts (YYYY-MM-DD).")],
    state: Annotated[str, typer.Option(help="Only new, reviewed or actioned ones.")] = "",
    as_json: Json = False,
) -> None:
    """The changes that ingests brought since a day."""
    try:
        first = datetime.combine(day(date), time()).astimezone()
    except (BadInput, ValueError, OverflowError):  # the first day of all has none before it in other zones
        raise BadInput(f"{date!r} is no date. Write it as YYYY-MM-DD, such as 2026-11-21.") from None
    _listed(first, state, as_json)


def _listed(since: datetime | None, state: str, as_json: bool) -> None:
    from knowledge.store.changes import Changes

    if state not in ("", *STATES):
        raise BadInput(f"--state: {state!r} is none. Write {', '.join(STATES)}.")
    with store_of_settings() as store:
        rows = Changes(store.database).desk(since, state)
    if as_json:
        print(json.dumps([_json(row) for row in rows], ensure_ascii=False, indent=1))
        return
    from bot.telegram import change_pages as pages

    for row in rows:
        console().print(_shown(pages.entry(row, "en")), "")
    print(f"{len(rows)} changes" if rows else "No text of the law has changed.")


@changes.command("show")
def changes_show(
    number: Number,
    html: Annotated[Path | None, typer.Option("--html", help="Write the whole page to this file instead.")] = None,
    language: Annotated[str, typer.Option("--lang", help="en or zh.")] = "en",
    as_json: Json = False,
) -> None:
    """One change: each provision with its removed and added words marked, and what leans on it."""
    from bot import change_html
    from bot.change_flips import may_flip
    from bot.change_view import view
    from knowledge.rulebook import load
    from knowledge.store.changes import Changes

    if language not in ("en", "zh"):
        raise BadInput(f"--lang: {language!r} is not spoken here. Write en or zh.")
    with store_of_settings() as store:
        row = Changes(store.database).get(number)
        if row is None:
            raise BadInput(f"There is no change {number}. `navicert changes list` shows them.")
        book = load()
        found = view(store.database, book, row, may_flip(store.database, book, settings().home_country, today()))
    if as_json:
        print(json.dumps(_whole(found), ensure_ascii=False, indent=1))
    elif html is not None:
        try:
            html.write_text(change_html.page(found, language), encoding="utf-8")
        except OSError as error:
            raise BadInput(
                f"--html: cannot write {html}: {error.strerror}. Name a file in a folder you may write."
            ) from None
        print(f"written to {html}")
    else:
        from bot.telegram import change_pages as pages

        start: int | None = 0
        while start is not None:
            text, start = pages.review(found, start, language)
            console().print(_shown(text), "")


@changes.command("decide")
def changes_decide(
    number: Number,
    by: By,
    relevant: Annotated[bool, typer.Option("--relevant/--not-relevant", help="Does it matter to what we answer?")],
    note: Note = "",
) -> None:
    """Note that somebody looked at a change, and whether it is relevant."""
    from knowledge.store.changes import Changes, Decider

    with store_of_settings() as store:
        store.database.commit((Changes(store.database).decide(number, relevant, note, Decider(by, now())),))
    print(f"change {number}: reviewed, {'relevant' if relevant else 'not relevant'}")


@changes.command("action")
def changes_action(number: Number, by: By, note: Note = "") -> None:
    """Note that what follows from a relevant change has been done."""
    from knowledge.store.changes import Changes, Decider

    with store_of_settings() as store:
        store.database.commit((Changes(store.database).action(number, note, Decider(by, now())),))
    print(f"change {number}: actioned")


@changes.command("reopen")
def changes_reopen(number: Number, by: By, note: Note = "") -> None:
    """Take a decision back; the history keeps both."""
    from knowledge.store.changes import Changes, Decider

    with store_of_settings() as store:
        store.database.commit((Changes(store.database).reopen(number, note, Decider(by, now())),))
    print(f"change {number}: waits again")


@changes.command("stale")
def changes_stale(as_json: Json = False) -> None:
    """The watched sources that nobody has brought in for longer than their own interval."""
    from knowledge.store.told import stale

    with store_of_settings() as store:
        rows = stale(store.ledger.sources(), now())
    if as_json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1, default=str))
        return
    from bot.telegram import change_pages as pages

    if rows:
        console().print(_shown(pages.stale(rows, "en")))
    else:
        print("No source has gone stale.")


# ---------------------------------------------------------------- pieces


def _shown(rich: Any) -> Any:
    """A page of the chat on a terminal. Added words stand in {+ +} and removed ones in [- -], so that a copy keeps them apart."""
    from rich.text import Text

    from bot.library_pages import visible

    styles = {"bold": "bold", "italic": "italic", "underline": "green", "strikethrough": "red"}
    marks = {"underline": ("{+", "+}"), "strikethrough": ("[-", "-]")}
    cuts = sorted({0, len(rich.text), *(n for s in rich.spans for n in (s.start, s.end))})
    out = Text()
    for start, end in pairwise(cuts):
        over = [s for s in rich.spans if s.start <= start and end <= s.end]
        before = "".join(marks[s.kind][0] for s in over if s.kind in marks and s.start == start)
        after = "".join(marks[s.kind][1] for s in over if s.kind in marks and s.end == end)
        style = " ".join(styles[s.kind] for s in over if s.kind in styles)
        out.append(visible(f"{before}{rich.text[start:end]}{after}".replace("\u200c", "")), style=style)
    return out


def _json(row: Any) -> dict[str, Any]:
    said = {**asdict(row), "state": row.state, "relevant": row.relevant}
    said["opened_at"], said["effective"] = (
        row.opened_at.isoformat(),
        row.effective.isoformat() if row.effective else None,
    )
    said["history"] = [{**asdict(step), "at": step.at.isoformat()} for step in row.history]
    return said


def _whole(found: Any) -> dict[str, Any]:
    def place(n: int) -> dict[str, Any]:
        held = found.place(n)
        words: Sequence[Any] = held.pieces
        about = held.difference
        return {"kind": about.kind, "locator": about.locator, "label": about.label, "was": about.was,
                "words": [[piece.kind, piece.text] for piece in words]}  # fmt: skip

    return {
        **_json(found.review),
        "leaning": asdict(found.leaning),
        "answers": {**asdict(found.leaners), "flips": list(found.flips or ())},
        "under_it": [_json(part) for part in found.parts],
        "provisions": [place(n) for n in range(len(found.differences))],
    }
