"""The reviews of the chat on the command line: list, export."""

import json
import sys
from typing import Annotated, Any

import typer

from bot.library_services import Json, console
from knowledge.errors import BadInput
from knowledge.settings import settings

reviews = typer.Typer(help="Answers that staff were asked to look at in the chat, and what they decided.")

State = Annotated[str, typer.Option(help="Only open, confirmed, overridden or dismissed ones.")]
STATES = ("open", "confirmed", "overridden", "dismissed")


def register(app: typer.Typer) -> None:
    """Add the commands to the `navicert` command."""
    app.add_typer(reviews, name="reviews")


@reviews.callback(invoke_without_command=True)
def _reviews(context: typer.Context, as_json: Json = False) -> None:
    if context.invoked_subcommand is None:
        reviews_list("", as_json)


@reviews.command("list")
def reviews_list(state: State = "", as_json: Json = False) -> None:
    """Every review with its question, the machine's verdict and the staff's."""
    if state not in ("", *STATES):
        raise BadInput(f"--state: {state!r} is none. Write {', '.join(STATES)}.")
    found, cases, _ = _opened()
    rows = []
    for review in found:
        asked = cases.question(review.question)
        if asked is not None and state in ("", review.state):
            rows.append({
                "number": review.id, "state": review.state, "kind": review.kind, "question": asked.text,
                "on": asked.on.isoformat(), "machine": asked.verdict, "staff": review.verdict or None,
                "note": review.note, "reason": review.reason, "opened_at": review.opened_at.isoformat(),
                "decided_at": review.decided_at.isoformat() if review.decided_at else None,
            })  # fmt: skip
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        console().print(_table(rows))


@reviews.command("export")
def reviews_export() -> None:
    """Confirmed and overridden reviews as sentence cases (YAML, as in tests/rules); what was left out is counted."""
    from bot.sentence_cases import of_reviews

    found, cases, names = _opened()
    made = of_reviews(found, cases.question, settings().home_country, names)
    print(made.text, end="")
    for why, count in made.left_out.items():
        print(f"left out: {count} ({why.replace('_', ' ')})", file=sys.stderr)


def _opened() -> tuple[list[Any], Any, list[str]]:
    """All reviews, the questions, and people's names; nothing where no data folder was ever made."""
    from knowledge.store.cases import Cases
    from knowledge.store.database import open_database
    from knowledge.store.people import People
    from knowledge.store.reviews import Reviews

    own = settings()
    database = open_database(own.home, own.database)
    held = Reviews(database)
    names = [part for known in People(database).all() for part in (known.name, known.username)]
    return sorted((*held.queue(), *held.decided()), key=lambda r: r.id), Cases(database), names


def _table(rows: list[dict[str, Any]]) -> Any:
    from rich.table import Table
    from rich.text import Text

    from bot.library_pages import visible

    if not rows:
        return Text("No answer has been put before staff.")
    table = Table(box=None, pad_edge=False, show_edge=False)
    for name in ("no.", "state", "kind", "opened", "machine", "staff", "question"):
        table.add_column(name, overflow="fold")
    for row in rows:
        text = " ".join(row["question"].split())
        cells = (str(row["number"]), row["state"], row["kind"], row["opened_at"][:10], row["machine"], row["staff"] or "",
                 text if len(text) <= 60 else f"{text[:60]} ...")  # fmt: skip
        table.add_row(*(Text(visible(cell)) for cell in cells))
    return table
