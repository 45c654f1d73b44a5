"""`navicert audit`: check the trail, show and export it, hold what must be kept, and end what is over its period."""

import json
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import replay_cli
from bot.clock import now
from bot.library_services import Json, console
from knowledge.errors import BadInput
from knowledge.settings import settings

audit = typer.Typer(
    help="The record of what was answered, decided and changed: a chain of hashes.", no_args_is_help=True
)
hold = typer.Typer(help="Legal holds: what they cover is neither forgotten nor deleted.", no_args_is_help=True)
retention = typer.Typer(help="How long what is sealed in the record is kept.")

Number = Annotated[int, typer.Argument(help="Its number.")]
By = Annotated[str, typer.Option("--by", help="Your name.")]
Why = Annotated[str, typer.Option("--why", help="The reason; the person concerned is told that of a hold.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the `navicert` command."""
    audit.add_typer(hold, name="hold")
    audit.add_typer(retention, name="retention")
    replay_cli.register(audit)
    app.add_typer(audit, name="audit")


@audit.command()
def verify(
    heads: Annotated[list[str] | None, typer.Option("--head", help="A head that you kept elsewhere, NUMBER:HASH; may be repeated.")] = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Check the whole trail, and what is stored against it. Ends with status 1 where anything is not as it was written."""
    from knowledge.store.audit_heads import given, remember
    from knowledge.store.audit_verify import verify as check

    own, database = settings(), _database()
    found = check(database, own.home, [given(said) for said in heads or ()])
    if found.sound:
        remember(own.home, found.head)
    if as_json:
        said = {
            "sound": found.sound, "records": found.records, "head": _head(found.head), "rows": found.rows,
            "erased": found.erased, "notes": list(found.notes),
            "findings": [{"where": f.where, "what": f.what} for f in found.findings],
        }  # fmt: skip
        print(json.dumps(said, ensure_ascii=False, indent=1))
    else:
        for finding in found.findings:
            print(f"{finding.where}: {finding.what}")
        for note in found.notes:
            print(f"note: {note}")
        what = "sound" if found.sound else f"NOT sound, {len(found.findings)} findings"
        erased = f", {found.erased} with their private part destroyed" if found.erased else ""
        print(f"{found.records} records{erased}, {found.rows} stored rows agree: {what}. Head {_head(found.head)}")
    if not found.sound:
        raise typer.Exit(1)


@audit.command()
def head(as_json: Json = False) -> None:
    """Print the newest record's number and hash, to keep where nobody who can change the database can change it."""
    from knowledge.store.audit import AuditLog
    from knowledge.store.audit_heads import remember

    newest = AuditLog(_database()).head()
    remember(settings().home, newest)
    print(json.dumps({"head": _head(newest), "at": newest.at}) if as_json else f"{_head(newest)} {newest.at}".strip())


@audit.command()
def show(number: Number) -> None:
    """One record as JSON, with what is sealed in it where its key was not destroyed."""
    from knowledge.store.audit import AuditLog

    log = AuditLog(_database())
    found = log.get(number)
    print(json.dumps(_as_dict(found, log, private=True), ensure_ascii=False, indent=1))


@audit.command()
def export(
    form: Annotated[str, typer.Option("--format", help="jsonl or csv.")] = "jsonl",
    since: Annotated[str | None, typer.Option(help="From this day (UTC), YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to and with this day (UTC).")] = None,
    kind: Annotated[str, typer.Option(help="Only records of this kind, such as answer or override.")] = "",
    private: Annotated[bool, typer.Option("--private", help="With what is sealed: questions, answers, names.")] = False,
    out: Annotated[Path | None, typer.Option(help="A new file; default standard output.")] = None,
) -> None:
    """Write the trail, oldest first: JSON lines, or a table for a spreadsheet."""
    from bot.audit_export import write_csv, write_jsonl
    from knowledge.store.audit import AuditLog

    if form not in ("jsonl", "csv"):
        raise BadInput(f"--format: {form!r} is none. Write jsonl or csv.")
    log = AuditLog(_database())
    last = _midnight(until, "--until")
    after = last + timedelta(days=1) if last is not None and last.date() < date.max else None
    chosen = log.records(since=_midnight(since, "--since"), until=after, kind=kind)
    rows = (_as_dict(found, log, private=private) for found in chosen)
    write = write_csv if form == "csv" else write_jsonl
    if out is None:
        write(rows, sys.stdout)
        return
    try:
        with out.open("x", encoding="utf-8-sig" if form == "csv" else "utf-8", newline="") as file:
            count = write(rows, file)
    except FileExistsError:
        raise BadInput(f"--out: {out} is there already. Name a new file.") from None
    except OSError as error:
        raise BadInput(f"--out: cannot write {out}: {error.strerror}. Name a file in a folder you may write.") from None
    print(f"{out}: {count} records", file=sys.stderr)


# ---------------------------------------------------------------- holds


@hold.command("add")
def hold_add(
    by: By, why: Why,
    question: Annotated[int | None, typer.Option(help="The number of a question.")] = None,
    case: Annotated[int | None, typer.Option(help="The number of a case.")] = None,
    person: Annotated[int | None, typer.Option(help="A person, by Telegram's number.")] = None,
) -> None:  # fmt: skip
    """Keep a question, a case or all of a person's until the hold is lifted."""
    from knowledge.store.audit_holds import Holds

    given = [(s, n) for s, n in (("question", question), ("case", case), ("person", person)) if n is not None]
    if len(given) != 1:
        raise BadInput("Write what to hold: one of --question, --case and --person, with its number.")
    made = Holds(_database()).add(*given[0], why, by, now())
    print(f"Hold {made.id}: {made.scope} {made.target} is kept until `navicert audit hold lift {made.id}`.")


@hold.command("list")
def hold_list(
    lifted: Annotated[bool, typer.Option("--all", help="Those that were lifted too.")] = False, as_json: Json = False
) -> None:
    """The holds that are set."""
    from knowledge.store.audit_holds import Holds

    found = Holds(_database()).all(lifted=lifted)
    rows = [
        {"number": h.id, "scope": h.scope, "target": h.target, "why": h.reason, "by": h.by, "at": h.at.isoformat(),
         "lifted_at": h.lifted_at.isoformat() if h.lifted_at else None, "lifted_by": h.lifted_by or None,
         "lifted_why": h.lifted_reason or None}
        for h in found
    ]  # fmt: skip
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        console().print(_table(rows) if rows else "No legal holds.")


@hold.command("lift")
def hold_lift(number: Number, by: By, why: Why) -> None:
    """End a hold; whoever asked meanwhile to be forgotten is forgotten now."""
    from knowledge.store.audit_holds import Holds

    ended = Holds(_database()).lift(number, why, by, now())
    print(f"Hold {ended.id} is lifted: {ended.scope} {ended.target}.")


# ---------------------------------------------------------------- retention


@retention.callback(invoke_without_command=True)
def _retention(context: typer.Context, as_json: Json = False) -> None:
    """How long what is sealed in the record is kept."""
    if context.invoked_subcommand is None:
        from knowledge.store.retention import periods

        said = periods(_database())
        if as_json:
            print(json.dumps(said, indent=1))
        else:
            console().print(_table([{"kind": k, "days": "for ever" if v is None else v} for k, v in said.items()]))


@retention.command("set")
def retention_set(
    kind: Annotated[str, typer.Argument(help="A kind that `navicert audit retention` lists.")],
    days: Annotated[str, typer.Argument(help="Days, or `never` to end.")],
    by: By,
) -> None:
    """Change a period; that is recorded too."""
    from knowledge.store.retention import set_period

    if days != "never" and not (days.isascii() and days.isdecimal() and len(days) < 7):
        raise BadInput(f"{days!r} is no period. Write a number of days, or never.")
    set_period(_database(), kind, None if days == "never" else int(days), by, now())
    print(f"{kind}: {'never ends' if days == 'never' else f'{int(days)} days'}")


@retention.command("run")
def retention_run() -> None:
    """End what is over its period now; `navicert serve` does so by itself every hour."""
    from knowledge.store.retention import run

    ended = run(_database(), now())
    held = f"; {ended.held} kept by legal holds" if ended.held else ""
    print(f"{ended.records} records sealed for ever, {ended.questions} questions deleted{held}")


# ---------------------------------------------------------------- helpers


def _database() -> Any:
    from knowledge.store.database import open_database

    own = settings()
    return open_database(own.home, own.database)


def _head(newest: Any) -> str:
    return f"{newest.seq}:{newest.hash}"


def _as_dict(found: Any, log: Any, *, private: bool) -> dict[str, Any]:
    said = {
        "seq": found.seq, "at": found.at, "kind": found.kind, "actor": found.actor, "subject": found.subject,
        "body": found.said, "sealed": found.sealed, "previous": found.previous, "hash": found.hash,
    }  # fmt: skip
    if private:
        inside = log.opened(found)
        if inside is not None and isinstance(inside.get("answer"), str):
            inside = {**inside, "answer": json.loads(inside["answer"])}
        said["private"] = inside
    return said


def _midnight(said: str | None, option: str) -> datetime | None:
    if said is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(said), time(), UTC)
    except ValueError:
        raise BadInput(f"{option}: {said!r} is no day. Write it like 2026-11-22.") from None


def _table(rows: list[dict[str, Any]]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in rows[0]:
        table.add_column(column)
    for row in rows:
        table.add_row(*(Text("" if v is None else str(v)) for v in row.values()))
    return table
