"""The staff's commands: classify, decisions, lists, screen."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from bot.clock import day, now
from bot.library_services import Json, console
from knowledge.errors import BadInput
from knowledge.model import Lang
from knowledge.settings import settings

decisions = typer.Typer(help="Proposed classifications, and what staff decided on them.")
lists = typer.Typer(help="Control lists compiled from ingested texts: counts, what was not understood, reviews.")

Language = Annotated[str | None, typer.Option("--lang", help="Write in `en` or `zh`.")]
On = Annotated[str | None, typer.Option("--on", help="As of this day (YYYY-MM-DD); default today.")]
Number = Annotated[int, typer.Argument(help="The number in `decisions list`.")]
By = Annotated[str, typer.Option("--by", help="Who decides.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the `navicert` command."""
    for command in (classify, screen):
        app.command()(command)
    app.add_typer(decisions, name="decisions")
    app.add_typer(lists, name="lists")


def _spoken(lang: str | None, otherwise: str = "en") -> Lang:
    if lang not in (None, "en", "zh"):
        raise BadInput(f"--lang: {lang!r} is not spoken here. Write en or zh.")
    return cast(Lang, lang or ("zh" if otherwise == "zh" else "en"))


def _desks() -> Any:
    from bot.desk_services import Desks

    return Desks(settings())


def _print(data: Any) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=1))


def _text(words: list[str] | None, file: Path | None) -> str:
    if file is not None and words:
        raise BadInput("Give the description or --file, not both.")
    if file is not None:
        from bot.desk_services import file_text

        return file_text(file)
    text = " ".join(words or [])
    if not text.strip():
        raise BadInput(
            'Nothing to classify. Write the description after the command: navicert classify "12-bit A/D converter, 4 GSPS".'
        )
    return text


def classify(
    words: Annotated[list[str] | None, typer.Argument(metavar="TEXT", help="What it is, what it does, its measured values.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Read the description from a PDF, DOCX, HTML or text file.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=50, help="Candidates of a regime.")] = 5,
    record: Annotated[bool, typer.Option("--record", help="Keep it as a proposal for staff to confirm.")] = False,
    on: On = None,
    lang: Language = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Which control entries may a product fall under: an estimate with its grounds, for a person to confirm."""
    when = day(on)
    _spoken(lang)
    text = _text(words, file)
    from bot import desk_pages as pages

    desks = _desks()
    found = desks.classify(text, limit)
    spoken = _spoken(lang, found.language)
    number = desks.propose(text, found, now()) if record else None

    def cited(candidate: Any) -> Any:
        return desks.citations(candidate, spoken, when)

    ccl = desks.book.us.ccl
    label = pages.list_label(desks.book.hash, ccl, spoken)
    if as_json:
        from bot.desk_services import KEPT

        held = {"name": ccl.version, "bundled": ccl.bundled, "reviewed_by": ccl.reviewed_by or None}
        about = {"lists": {"US": held, "label": label}, "rulebook": desks.book.hash}
        generation = desks.official.generation if desks.official is not None else "0"
        unlisted = desks.unlisted(spoken, when)
        _print(pages.classification_json(text[:KEPT], found, spoken, when, about, cited, unlisted, generation, number))
    else:
        named = file.name if file is not None else ""
        console().print(pages.classification(found, spoken, label, cited, named, number))


# ---------------------------------------------------------------- decisions


@decisions.callback(invoke_without_command=True)
def _decisions(context: typer.Context, lang: Language = None, as_json: Json = False) -> None:
    if context.invoked_subcommand is None:
        decisions_list("", lang, as_json)


def _refreshed(desks: Any) -> None:
    """A new version of the rules reopens decisions too, and that is seen at the first look."""
    for found in desks.refreshed(now()):
        print(f"Decision {found.number} was reopened.", file=sys.stderr)


@decisions.command("list")
def decisions_list(
    state: Annotated[str, typer.Option(help="Only proposed, confirmed, corrected or reopened ones.")] = "",
    lang: Language = None,
    as_json: Json = False,
) -> None:
    """Every proposal and decision."""
    from bot import desk_pages as pages
    from knowledge.store.decisions import as_dict

    if state not in ("", "proposed", "confirmed", "corrected", "reopened"):
        raise BadInput(f"--state: {state!r} is none. Write proposed, confirmed, corrected or reopened.")
    spoken, desks = _spoken(lang), _desks()
    _refreshed(desks)
    rows = desks.decisions.all(state or None)
    if as_json:
        _print([as_dict(row) for row in rows])
    else:
        console().print(pages.decisions(rows, spoken))


@decisions.command("show")
def decisions_show(number: Number, lang: Language = None, as_json: Json = False) -> None:
    """One decision with its whole history."""
    desks = _desks()
    _refreshed(desks)
    _show(desks.decisions.get(number), _spoken(lang), as_json)


@decisions.command("confirm")
def decisions_confirm(
    number: Number,
    by: By,
    code: Annotated[
        str, typer.Option("--code", help="The candidate meant; default the likeliest of the US list.")
    ] = "",
    lang: Language = None,
    as_json: Json = False,
) -> None:
    """Confirm what was proposed: an entry, a paragraph of it, or EAR99."""
    spoken, desks = _spoken(lang), _desks()
    _refreshed(desks)
    _show(desks.decisions.confirm(number, by, now(), desks.lists, code), spoken, as_json)


@decisions.command("correct")
def decisions_correct(
    number: Number,
    code: Annotated[str, typer.Argument(help="The entry that it is: 3A001.b.2, CN:1C905.a.4, or EAR99.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for whoever looks at it later.")],
    by: By,
    lang: Language = None,
    as_json: Json = False,
) -> None:
    """Decide on another entry than was proposed or decided before."""
    spoken, desks = _spoken(lang), _desks()
    _refreshed(desks)
    _show(desks.decisions.correct(number, code, reason, by, now(), desks.lists), spoken, as_json)


@decisions.command("export")
def decisions_export() -> None:
    """Every decision with its history, one line of JSON each."""
    desks = _desks()
    _refreshed(desks)
    for line in desks.decisions.export():
        print(line)


def _show(found: Any, lang: Lang, as_json: bool) -> None:
    from bot import desk_pages as pages
    from knowledge.store.decisions import as_dict

    if as_json:
        _print(as_dict(found))
    else:
        console().print(pages.decision(found, lang))


# ---------------------------------------------------------------- compiled lists


@lists.callback(invoke_without_command=True)
def _lists(context: typer.Context, lang: Language = None, as_json: Json = False) -> None:
    if context.invoked_subcommand is None:
        lists_show(lang, as_json)


@lists.command("show")
def lists_show(lang: Language = None, as_json: Json = False) -> None:
    """The compiled lists: version, counts, changes against the one before, reviewed or not."""
    from bot import desk_pages as pages
    from bot.desk_services import CCL
    from knowledge.controllists.chart import load_ccl

    spoken, desks = _spoken(lang), _desks()
    held = desks.compiled
    states = held.states() if held is not None else ()
    waiting = {CCL: held.waiting(CCL) if held is not None else ""}
    bundled = load_ccl().version
    if as_json:
        _print(pages.compiled_json(states, waiting, bundled))
    else:
        console().print(pages.compiled(states, waiting, bundled, spoken))


@lists.command("issues")
def lists_issues(lang: Language = None, as_json: Json = False) -> None:
    """What the compiler did not understand in the list that answers, each with why."""
    from bot import desk_pages as pages

    spoken, desks = _spoken(lang), _desks()
    ccl = desks.book.us.ccl
    if as_json:
        _print([{"locator": where, "why": why, "text": said} for where, why, said in ccl.issues])
    else:
        console().print(pages.issues(ccl.source, ccl.issues, spoken))


@lists.command("approve")
def lists_approve(
    by: Annotated[str, typer.Option("--by", help="Who has reviewed it.")],
    note: Annotated[str, typer.Option("--note", help="What was looked at.")] = "",
    instrument: Annotated[str, typer.Option(help="The list.")] = "US-EAR-774-S1",
    lang: Language = None,
) -> None:
    """Note that a person has reviewed the compiled list of the version that is live now; a new version is unreviewed."""
    from knowledge.wording import say

    spoken, desks = _spoken(lang), _desks()
    if desks.compiled is None:
        raise BadInput(f"{instrument}: nothing has been ingested yet. Bring it in: navicert ingest ecfr:15/774/supp-1")
    state = desks.compiled.approve(instrument, by, note, now())
    said = say(spoken, "compiled.approved", instrument=instrument, version=state.name, by=state.reviewed_by)
    console().print(said, markup=False)


# ---------------------------------------------------------------- screening


def screen(
    words: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="The name of a firm, person, vessel or aircraft.")] = None,
    country: Annotated[str, typer.Option("--country", help="Its country (two letters): it supports a hit and never clears one.")] = "",
    on: On = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="Hits shown.")] = 10,
    lang: Language = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Is a party on a list? Hits with what they mean, and what was searched; no hit never clears."""
    name = " ".join(words or [])
    if not name.strip():
        raise BadInput('No name to screen. Write it after the command: navicert screen "Some Company Ltd".')
    code = country.strip().upper()
    if code and (len(code) != 2 or not code.isascii() or not code.isalpha()):
        raise BadInput(f"--country: {country!r} is no country code. Write two letters, such as CN or DE.")
    from bot import desk_pages as pages

    when, spoken, desks = day(on), _spoken(lang), _desks()
    found = desks.screening.screen(name, code or None, when, limit)
    status = _standings(desks.book, {h.party.id for h in found.hits}, when)
    if as_json:
        _print(pages.screened_json(found, spoken, when, code or None, status))
    else:
        console().print(pages.screened(found, spoken, limit, status))


def _standings(book: Any, wanted: set[str], when: date) -> dict[str, str]:
    """Where the measures against a party of the rule book stand on that day."""
    from knowledge.timeline import standing

    found = {p.id: standing(p.timeline, when) for p in book.parties if p.id in wanted}
    return {id_: str(measure.status) for id_, measure in found.items() if measure is not None}
