"""The `navicert` command and the composition root: settings, clock and services meet here."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from bot import (
    audit_cli,
    changes_cli,
    desk_cli,
    eval_cli,
    library_cli,
    library_services,
    memo_cli,
    review_cli,
    upkeep_cli,
    watch_cli,
)
from bot.clock import day, today
from knowledge.errors import BadInput, Busy, NavicertError, StoreError
from knowledge.settings import settings

app = typer.Typer(
    help="Does this good, on this route, for this user, on this date, need an export licence?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
rules = typer.Typer(help="The rule data: what it says, since when, and what it does not cover.", no_args_is_help=True)
app.add_typer(rules, name="rules")
library_cli.register(app)
upkeep_cli.register(app)
desk_cli.register(app)
review_cli.register(app)
memo_cli.register(app)
audit_cli.register(app)
changes_cli.register(app)
watch_cli.register(app)

On = Annotated[str | None, typer.Option("--on", help="Read the law as of this day (YYYY-MM-DD); default today.")]
Language = Annotated[str | None, typer.Option("--lang", help="Answer in `en` or `zh`; default the question's own.")]


def _language(text: str | None) -> Any:
    if text in (None, "en", "zh"):
        return text
    raise BadInput(f"--lang: {text!r} is not spoken here. Write en or zh.")


def _advisor() -> Any:
    from bot.desk_services import Desks
    from bot.texts import HeldTexts
    from knowledge.answer import Advisor  # here: `navicert --help` need not load the rules

    own = settings()
    desks = Desks(own)
    texts = HeldTexts(own, desks.book)
    advisor = Advisor(own, desks.book, library_services.official(own), lambda: desks.screening, lambda: texts)
    if own.llm is None:
        return advisor
    from knowledge.llm.assisted import assisted

    return assisted(advisor, own, lambda: advisor.reader, today)


eval_cli.register(app, _advisor)


@app.command()
def ask(
    question: Annotated[list[str] | None, typer.Argument(help="The question, in any usual language.")] = None,
    on: On = None,
    lang: Language = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Answer {id, question} lines from standard input.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show every rule tried, as a tree.")] = False,
    file: Annotated[Path | None, typer.Option("--file", help="Read the question from a file.")] = None,
) -> None:
    """Answer one question, or with --jsonl one a line."""
    when, spoken = day(on), _language(lang)
    if jsonl:
        _jsonl(sys.stdin, when, spoken)
        return
    text = _question(question, file)
    answer = _advisor().ask(text, when, lang=spoken)
    if as_json:
        from bot.contract import as_json as contract

        print(json.dumps(contract(answer), ensure_ascii=False, indent=1))
        return
    from bot import render

    console = _console()
    console.print(render.page(answer))
    if explain:
        console.print()
        console.print(render.trace(answer))


def _question(words: list[str] | None, file: Path | None) -> str:
    if file is not None:
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise BadInput(f"--file: cannot read {file}: {reason}. Give a readable text file in UTF-8.") from None
    text = " ".join(words or [])
    if not text.strip():
        raise BadInput('The question is empty. Write it after the command: navicert ask "5 kg Dy2O3 to Stuttgart".')
    return text


def _console() -> Any:
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else 100, soft_wrap=False)


def _jsonl(lines: TextIO, when: date, lang: Any) -> None:
    """One object a line in, one object a line out, in order, flushed; a line that cannot be read ends with status 2."""
    from bot.contract import as_json as contract

    advisor = _advisor()
    for number, identity, question in _parsed(lines):
        try:
            answer = replace(advisor.ask(question, when, lang=lang), id=identity)
        except BadInput as error:
            raise BadInput(f"standard input, line {number}: {error}") from None
        sys.stdout.write(json.dumps(contract(answer), ensure_ascii=False) + "\n")
        sys.stdout.flush()


def _parsed(lines: TextIO) -> Iterator[tuple[int, Any, str]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            question = row["question"]
            if not isinstance(question, str):
                raise TypeError
        except (ValueError, KeyError, TypeError, RecursionError):
            raise BadInput(
                f'standard input, line {number}: not a question. Write {{"id": "...", "question": "..."}} on each line.'
            ) from None
        yield number, row.get("id"), question


@app.command()
def chat(on: On = None, lang: Language = None) -> None:
    """A conversation: follow-ups such as "and to Vietnam?" or "it's 99.9%" change the case."""
    from bot.console import converse

    converse(_advisor(), day(on), _language(lang), _console())


@app.command()
def serve() -> None:
    """Answer in Telegram until stopped (Ctrl-C). The settings come from the environment; .env.example explains them."""
    from knowledge.settings import bot_settings

    bot = bot_settings()
    from bot.serve import serve as answer  # here: the framework is loaded once the settings hold

    try:
        answer(settings(), bot)
    except Busy:
        raise  # another one answers: to start again would change nothing
    except StoreError as error:
        print(f"navicert: {error}", file=sys.stderr)
        raise typer.Exit(1) from None  # the database is away: whoever keeps the program running tries again


@rules.command("show")
def rules_show(
    code: Annotated[str, typer.Argument(help="A control code (1C905) or an instrument (CN-2025-18).")],
    lang: Language = None,
) -> None:
    """What the rules say under a control code or in an instrument."""
    from bot import rulepages

    _console().print(rulepages.show(_book(), code, _language(lang) or "en"))


@rules.command("timeline")
def rules_timeline(
    instrument: Annotated[str, typer.Argument(help="An instrument, such as CN-2025-57.")], lang: Language = None
) -> None:
    """The dated statuses of an instrument and of its entries and rules."""
    from bot import rulepages

    _console().print(rulepages.timeline(_book(), instrument, _language(lang) or "en"))


@rules.command("coverage")
def rules_coverage(lang: Language = None) -> None:
    """What is modelled and what is not."""
    from bot import rulepages

    _console().print(rulepages.coverage(_book(), _language(lang) or "en"))


@rules.command("check")
def rules_check(folder: Annotated[Path | None, typer.Option("--rules", help="Another rules folder.")] = None) -> None:
    """Load every rule file and report the first thing that is wrong."""
    from knowledge.rulebook import load

    book = load(folder.resolve()) if folder else load()
    print(
        f"{len(book.instruments)} instruments, {len(book.entries)} entries, {len(book.restrictions)} deal rules, "
        f"{len(book.parties)} parties: all hold together ({book.hash[:12]})"
    )


def _book() -> Any:
    from knowledge.rulebook import load

    return load()


def main() -> None:
    """Entry point of the `navicert` script: a NavicertError becomes one clear line and exit status 2."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # Lone surrogates and odd locales must not end a run: what cannot be shown is escaped.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app()
    except NavicertError as error:
        print(f"navicert: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.stdout = None  # the reader has gone; nothing is left to flush
        sys.exit(0)
