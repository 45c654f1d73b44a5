"""The commands that bring law in and look it up: ingest, search, documents, read."""

import json
from typing import Annotated

import typer

from bot.clock import day, now
from bot.library_services import Json, console, finish, means, run_job, store_of_settings
from knowledge.errors import BadInput

KINDS = ("law", "regulation", "announcement", "list", "enforcement_notice", "guidance", "news")


def register(app: typer.Typer) -> None:
    """Add the commands to the `navicert` command."""
    for command in (ingest, search, documents, suspicious, read):
        app.command()(command)


def ingest(
    specs: Annotated[list[str] | None, typer.Argument(metavar="SOURCE...", help="Files, folders, URLs, ecfr:15/part-744, celex:32021R0821, ...")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every watched source.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Take a text in although it is much shorter or longer than expected.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait while another process owns the data folder.")] = True,
    title: Annotated[str, typer.Option(help="The act's title, where the file does not say it.")] = "",
    instrument: Annotated[str, typer.Option(help="The instrument it is a text of, such as CN-2025-18.")] = "",
    regime: Annotated[str, typer.Option(help="Its regime: CN, US, EU, ...")] = "",
    kind: Annotated[str, typer.Option(help="law, regulation, announcement, list, enforcement_notice, guidance or news.")] = "",
    as_json: Json = False,
) -> None:  # fmt: skip
    """Bring documents in: read, split into provisions, index, and make live; then say what changed."""
    said = {"title": title, "instrument": instrument, "regime": regime.upper(), "kind": kind}
    if kind and kind not in KINDS:
        raise BadInput(f"--kind: {kind!r} is none. Write one of {', '.join(KINDS)}.")
    how = means()
    with store_of_settings() as store:
        wanted = list(specs or [])
        if every:
            wanted += [s.spec for s in store.ledger.sources() if s.spec not in wanted]
        if not wanted:
            raise BadInput("Nothing to ingest. Name a file, a folder, a URL or a source, or write --all.")
        wanted = [how.connectors.canonical(spec) for spec in wanted]
        hints = {k: v for k, v in said.items() if v}
        job = store.jobs.submit("ingest", {"specs": wanted, "force": force, "hints": hints}, now())
        finish(run_job(store, how, job, wait), as_json)


def search(
    words: Annotated[list[str], typer.Argument(metavar="TEXT", help="A question, words, a code or a number.")],
    count: Annotated[int, typer.Option("--k", min=1, max=100, help="How many passages.")] = 5,
    regime: Annotated[str, typer.Option(help="Only of this regime: CN, US, EU, ...")] = "",
    kind: Annotated[str, typer.Option(help="Only law, regulation, announcement, list, enforcement_notice, ...")] = "",
    language: Annotated[str, typer.Option(help="Only texts in this language: zh, en, ...")] = "",
    instrument: Annotated[str, typer.Option(help="Only of this instrument, such as CN-ECL-2020.")] = "",
    on: Annotated[str | None, typer.Option(help="Only what stood on this day (YYYY-MM-DD).")] = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Find passages of the ingested law, in any language, with where they stand and why they matched."""
    from bot import library_pages
    from knowledge.store.finder import Filters

    text = " ".join(words)
    if not text.strip():
        raise BadInput('Nothing to search for. Write it after the command: navicert search "end user certificate".')
    filters = Filters(regime, kind, language, instrument, day(on) if on else None)
    with store_of_settings() as store:
        if not store.library.generation():
            raise BadInput("Nothing has been ingested yet. Bring documents in: navicert ingest FILE_OR_URL.")
        with store.finder() as finder:
            found = finder.find(text, count, filters)
            if as_json:
                print(
                    json.dumps(library_pages.found_json(text, finder.live().name, found), ensure_ascii=False, indent=1)
                )
            else:
                console().print(library_pages.found(text, found))


def documents(
    past: Annotated[bool, typer.Option("--past", help="Former versions too.")] = False, as_json: Json = False
) -> None:
    """List what has been ingested: each document with its instrument and provisions."""
    from bot import library_pages

    with store_of_settings() as store:
        rows = [row for row in store.library.counts() if past or row["state"] == "live"]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1, default=str))
    else:
        console().print(library_pages.documents(rows))


def suspicious(as_json: Json = False) -> None:
    """List passages, titles and file names that speak to the machine rather than state law. They change no answer."""
    from dataclasses import asdict

    from bot import library_pages
    from knowledge.store.flags import Flags

    with store_of_settings() as store:
        flags = Flags(store.database).live()
    if as_json:
        print(json.dumps([asdict(f) for f in flags], ensure_ascii=False, indent=1))
    else:
        console().print(library_pages.suspicious(flags))


def read(
    instrument: Annotated[str, typer.Argument(help="An instrument, such as CN-ECL-2020.")],
    locator: Annotated[str | None, typer.Argument(help="A place in it, such as art-12.")] = None,
    on: Annotated[str | None, typer.Option("--on", help="The text as it stood on this day (YYYY-MM-DD).")] = None,
    language: Annotated[str | None, typer.Option(help="The language, where there are several.")] = None,
) -> None:
    """Read an ingested text, whole or one provision, as it stands or as it stood on a day."""
    from bot import library_pages

    with store_of_settings() as store:
        if on is not None:
            version = store.library.as_of(instrument, day(on), language)
        else:
            held = [v for v in store.library.versions(instrument) if language in (None, v.language)]
            version = held[0] if held else None
        if version is None:
            raise BadInput(
                f"{instrument}: no text of it{f' for {on}' if on else ''} is held. See `navicert documents`."
            )
        provisions = store.library.text(version.id)
    if locator is not None:
        provisions = [p for p in provisions if p.locator == locator or p.locator.startswith(f"{locator}/")]
        if not provisions:
            raise BadInput(f"{instrument} has no {locator}. `navicert read {instrument}` shows its places.")
    console().print(library_pages.text(version, provisions))
