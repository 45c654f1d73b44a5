"""`navicert memo`: the memo of an answer for the compliance file, and its verification."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from bot import library_services
from bot.clock import now
from knowledge.errors import BadInput
from knowledge.model import Answer, Lang
from knowledge.settings import Settings, settings

if TYPE_CHECKING:  # loaded where the command runs: every other command starts without them
    from bot.memo.issue import Verdict
    from knowledge.store.cases import Asked
    from knowledge.store.database import Database

What = Annotated[
    str,
    typer.Argument(metavar="N|verify|key", help="The number of an answer; or `verify`, or `key` for the public key."),
]
Target = Annotated[
    str | None, typer.Argument(metavar="[FILE|CODE]", help="After `verify`: a memo's file, or its code.")
]
Format = Annotated[str, typer.Option("--format", help="pdf, html, md or docx.")]
Language = Annotated[str | None, typer.Option("--lang", help="Write in `en` or `zh`; default the answer's language.")]
Out = Annotated[Path | None, typer.Option("--out", help="Where to write it; `-` is standard output.")]
Key = Annotated[
    str | None, typer.Option("--key", help="The issuer's public key, to verify a file without its database.")
]


def register(app: typer.Typer) -> None:
    """Add the command to the `navicert` command."""
    app.command()(memo)


def memo(
    what: What, target: Target = None, format_: Format = "pdf", lang: Language = None, out: Out = None, key: Key = None
) -> None:  # fmt: skip
    """Write the memo of an answer: question, facts, result, reasoning, sources, reviews, and the marks that prove it.

    `navicert memo verify FILE` finds any changed byte; `navicert memo verify CODE` tells which answer a printed memo is of
    and whether that still stands. Exit status 1 where it is not valid or stands no longer.
    """
    if what == "verify":
        _told(_verified(target, key))
    elif what == "key":
        print(_public_key())
    else:
        _write(_number(what), format_, _language(lang), out)


def _number(what: str) -> int:
    if not what.isascii() or not what.isdigit():
        raise BadInput(f"{what!r} is no number of an answer. Write navicert memo N, or navicert memo verify FILE.")
    return int(what)


def _language(lang: str | None) -> Lang | None:
    if lang not in (None, "en", "zh"):
        raise BadInput(f"--lang: {lang!r} is not spoken here. Write en or zh.")
    return cast("Lang | None", lang)


def _opened(own: Settings) -> "Database":
    from knowledge.store.database import open_database

    return open_database(own.home, own.database)


def _write(number: int, format_: str, lang: Lang | None, out: Path | None) -> None:
    from bot.memo.issue import Order, issue

    own = settings()
    database = _opened(own)
    made = issue(database, Order(number, format_, now(), lang), lambda asked, wanted: _again(own, asked, wanted))
    database.commit([made.keep])  # before the file is there: a memo that nobody knows of must not be about
    if out is not None and str(out) == "-":
        sys.stdout.buffer.write(made.data)
        return
    path = out or Path(made.name)
    try:
        path.write_bytes(made.data)
    except OSError as error:
        raise BadInput(
            f"--out: {path} cannot be written: {error.strerror}. Name a file in a folder you may write."
        ) from None
    print(f"{path}: memo of answer {number}, code {made.memo.code}")


def _again(own: Settings, asked: "Asked", lang: Lang) -> Answer | None:
    """The answer with its sentences in another language; None unless rules, library and everything decided are the same."""
    from bot.desk_services import Desks
    from bot.texts import HeldTexts
    from knowledge.answer import Advisor

    before, desks = asked.answer, Desks(own)
    texts = HeldTexts(own, desks.book)
    advisor = Advisor(own, desks.book, library_services.official(own), lambda: desks.screening, lambda: texts)
    if advisor.book.hash != before.rulebook:
        return None
    after = advisor.again(before, before.on, deal=before.transaction, lang=lang)
    same = _decided(after) == _decided(before)
    return replace(after, continues=before.continues, wording=before.wording) if same else None


def _decided(answer: Answer) -> tuple[Any, ...]:
    """All of an answer that is not words."""
    return (
        answer.behaviour, answer.verdict, answer.intent, answer.on, answer.determinations, answer.transaction,
        answer.red_flags, answer.missing, answer.rulebook, answer.generation,
        [(c.n, c.instrument, c.provision) for c in answer.citations], [s.key for s in answer.sections],
    )  # fmt: skip


def _verified(target: str | None, key: str | None) -> "Verdict":
    from bot.memo.issue import verify_code, verify_file

    if target is None:
        raise BadInput("Nothing to verify. Write navicert memo verify FILE, or the code of a printed memo.")
    if key is not None and (len(key) != 64 or set(key.lower()) - set("0123456789abcdef")):
        raise BadInput("--key: a public key is 64 digits and letters a to f, as `navicert memo key` prints it.")
    own, path = settings(), Path(target)
    database = _opened(own) if own.holds_documents else None
    if path.is_file():
        try:
            data = path.read_bytes()
        except OSError as error:
            raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
        return verify_file(database, data, key.lower() if key else None)
    return verify_code(database or _opened(own), target)


def _told(verdict: "Verdict") -> None:
    for line in verdict.said:
        print(line)
    if not verdict.good:
        raise typer.Exit(1)


def _public_key() -> str:
    from bot.memo import seal
    from knowledge.store.memos import Memos

    return seal.public_key(Memos(_opened(settings())).secret(seal.new_secret()))
