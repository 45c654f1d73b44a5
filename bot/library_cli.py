"""The commands that bring law in and look it up: ingest, search, sources, quarantine, status, doctor, backup.

Part of the composition root: ingest meets the store here.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.clock import day, now
from knowledge.errors import BadInput, Busy, NavicertError
from knowledge.settings import Settings, settings

sources = typer.Typer(help="The sources that are watched.", no_args_is_help=True)
quarantine = typer.Typer(help="Documents that were set aside, and why.", no_args_is_help=True)
jobs = typer.Typer(help="Work in the queue.", no_args_is_help=True)
bench = typer.Typer(help="Measurements.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
KINDS = ("law", "regulation", "announcement", "list", "enforcement_notice", "guidance", "news")
POLL = 0.5  # seconds between two looks at a job that another process runs


def register(app: typer.Typer) -> None:
    """Add the commands to the `navicert` command."""
    for command in (ingest, search, documents, read, status, reindex, doctor, backup, restore):
        app.command()(command)
    app.add_typer(sources, name="sources")
    app.add_typer(quarantine, name="quarantine")
    app.add_typer(jobs, name="jobs")
    app.add_typer(bench, name="bench")


def official(own: Settings) -> Any:
    """The ingested texts for answers to quote; None where nothing was ever ingested, which loads no database."""
    if not own.holds_documents:
        return None
    from knowledge.store.database import open_database
    from knowledge.store.library import Library
    from knowledge.store.official import OfficialTexts

    return OfficialTexts(Library(open_database(own.home, own.database)))


@contextmanager
def _store() -> Iterator[Any]:
    from knowledge.store.store import open_store

    with open_store(settings()) as store:
        yield store


def _console(*, stderr: bool = False) -> Any:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else 120, soft_wrap=False)


def _means() -> Any:
    from ingest.wiring import means

    return means(settings(), now)


# ---------------------------------------------------------------- ingest


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
    means = _means()
    with _store() as store:
        wanted = list(specs or [])
        if every:
            wanted += [s.spec for s in _watched(store) if s.spec not in wanted]
        if not wanted:
            raise BadInput("Nothing to ingest. Name a file, a folder, a URL or a source, or write --all.")
        wanted = [means.connectors.canonical(spec) for spec in wanted]
        hints = {k: v for k, v in said.items() if v}
        job = store.jobs.submit("ingest", {"specs": wanted, "force": force, "hints": hints}, now())
        _finish(_run(store, means, job, wait), as_json)


def _run(store: Any, means: Any, job: int, wait: bool) -> Any:
    """Do the job here, or watch another process do it; returns it as it ended, or as it stands with --no-wait."""
    from bot.progress import bars, watched
    from ingest.service import work

    told = False
    while (found := store.jobs.get(job)).state in ("queued", "running"):
        try:
            with store.owned(f"navicert job {job}"), bars(_console(stderr=True)) as (tell, stopped):
                work(store, means, tell, stopped, until=job)
        except Busy as busy:
            if not told:
                print(f"Job {job} is queued: {busy}", file=sys.stderr)
                told = True
            if not wait:
                return found
            watched(found, sys.stderr)
            time.sleep(POLL)
    return found


def _finish(job: Any, as_json: bool) -> None:
    from bot import library_pages

    if as_json:
        print(json.dumps({"job": job.id, "state": job.state, **job.report}, ensure_ascii=False, indent=1))
    else:
        _console().print(library_pages.report(job))
    if job.state == "failed":
        raise NavicertError(f"job {job.id} failed: {job.report.get('error', 'no reason was kept')}")
    if job.state == "cancelled":
        raise typer.Exit(130)
    lost = [d for d in job.report.get("documents", ()) if d["state"] in ("failed", "quarantined")]
    if lost:
        raise typer.Exit(1)


def reindex(as_json: Json = False) -> None:
    """Build the search index anew beside the old one and swap; also after a change of model."""
    with _store() as store:
        job = store.jobs.submit("reindex", {}, now())
        _finish(_run(store, _means(), job, True), as_json)


# ---------------------------------------------------------------- looking things up


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
    with _store() as store:
        if not store.library.generation():
            raise BadInput("Nothing has been ingested yet. Bring documents in: navicert ingest FILE_OR_URL.")
        with store.finder() as finder:
            found = finder.find(text, count, filters)
            if as_json:
                print(
                    json.dumps(library_pages.found_json(text, finder.live().name, found), ensure_ascii=False, indent=1)
                )
            else:
                _console().print(library_pages.found(text, found))


def documents(
    past: Annotated[bool, typer.Option("--past", help="Former versions too.")] = False, as_json: Json = False
) -> None:
    """List what has been ingested: each document with its instrument and provisions."""
    from bot import library_pages

    with _store() as store:
        rows = [row for row in store.library.counts() if past or row["state"] == "live"]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1, default=str))
    else:
        _console().print(library_pages.documents(rows))


def read(
    instrument: Annotated[str, typer.Argument(help="An instrument, such as CN-ECL-2020.")],
    locator: Annotated[str | None, typer.Argument(help="A place in it, such as art-12.")] = None,
    on: Annotated[str | None, typer.Option("--on", help="The text as it stood on this day (YYYY-MM-DD).")] = None,
    language: Annotated[str | None, typer.Option(help="The language, where there are several.")] = None,
) -> None:
    """Read an ingested text, whole or one provision, as it stands or as it stood on a day."""
    from bot import library_pages

    with _store() as store:
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
    _console().print(library_pages.text(version, provisions))


# ---------------------------------------------------------------- keeping it in order


def status(as_json: Json = False) -> None:
    """How the library stands: documents, provisions, generation, sources that went stale, quarantine, work in hand."""
    from bot import library_pages
    from knowledge.store.owner import holder

    with _store() as store:
        live = store.library.live()
        manifest = store.indexes.manifest()
        said = {
            "home": str(store.home),
            "database": store.database.engine.dialect.name,
            "generation": live.name,
            "instruments": len(live.versions),
            "documents": len({v.document for v in live.versions.values()}),
            "provisions": len(live.provisions),
            "passages": manifest.passages if manifest else 0,
            "vectors": manifest.vectors if manifest else 0,
            "model": store.indexes.model,
            "quarantine": len(store.ledger.quarantined()),
            "sources": len(store.ledger.sources()),
            "stale": [s.id for s in store.ledger.sources() if s.stale(now())],
            "queued": sum(j.state == "queued" for j in store.jobs.recent(100)),
            "owner": _holder(holder(store.home)),
        }
    if as_json:
        print(json.dumps(said, ensure_ascii=False, indent=1))
    else:
        _console().print(library_pages.status(said))


def _holder(found: Any) -> str | None:
    return f"process {found.pid} ({found.doing})" if found else None


def doctor(
    repair: Annotated[bool, typer.Option("--repair/--look", help="Mend what can be mended, or only look.")] = True,
    as_json: Json = False,
) -> None:
    """Look at everything that is kept, and build again what is derived and wrong."""
    from bot import library_pages
    from bot.progress import bars
    from ingest.job import Progress
    from knowledge.store.doctor import examine
    from knowledge.store.doctor import repair as mend

    with _store() as store:
        found = examine(store.database, store.indexes, store.blobs)
        after = None
        if repair:
            with store.owned("navicert doctor"), bars(_console(stderr=True)) as (tell, stopped):
                told: Callable[[int, int], None] = lambda n, of: tell(Progress(0, 0, "", "rebuilding", n, of))  # noqa: E731
                mend(store.database, store.indexes, found.findings, told, stopped)
            if found.findings:
                after = examine(store.database, store.indexes, store.blobs)
    left = (after or found).findings if repair else found.findings
    if as_json:
        print(json.dumps(library_pages.examination_json(found, after), ensure_ascii=False, indent=1))
    else:
        _console().print(library_pages.examination(found, after))
    if left:
        raise typer.Exit(1)


def backup(target: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write everything that cannot be made again into one file; questions go on being answered."""
    from knowledge.store.backup import backup as write

    with _store() as store:
        made = write(store.home, store.database, target)
    print(f"{made.file}: {made.files} files, generation {made.generation}, {made.size / 1e6:.1f} MB")


def restore(source: Annotated[Path, typer.Argument(help="A file that `navicert backup` wrote.")]) -> None:
    """Bring a backup back into an empty data folder, and build the search index."""
    from bot.progress import bars
    from ingest.job import Progress
    from knowledge.store.backup import restore as bring_back

    own = settings()
    made = bring_back(own.home, own.database, source)
    with _store() as store, store.owned("navicert restore"), bars(_console(stderr=True)) as (tell, stopped):
        index = store.indexes.rebuild(lambda n, of: tell(Progress(0, 0, "", "indexing", n, of)), stopped)
        if index is not None:
            index.close()
    print(f"restored {made.files} files, generation {made.generation}")


# ---------------------------------------------------------------- sources, quarantine, jobs


def _watched(store: Any) -> list[Any]:
    return list(store.ledger.sources())


@sources.command("list")
def sources_list(as_json: Json = False) -> None:
    """The sources that are watched, and the official ones that Navicert knows."""
    from bot import library_pages
    from ingest.sources import sources as registry

    with _store() as store:
        watched = _watched(store)
    rows = library_pages.source_rows(watched, tuple(registry().by_id.values()), now())
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _console().print(library_pages.sources(rows))


@sources.command("add")
def sources_add(
    spec: Annotated[str, typer.Argument(help="An id of `sources list`, a path, a URL, or a source such as ecfr:15/part-744.")],
    days: Annotated[int | None, typer.Option("--every", min=1, help="Days after which it counts as stale.")] = None,
) -> None:  # fmt: skip
    """Watch a source: `ingest --all` brings it in, `status` tells when nobody has looked for too long."""
    from ingest.sources import sources as registry

    known = registry().by_id.get(spec)
    wanted = _means().connectors.canonical(known.spec if known else spec)
    interval = days or (known.check_days if known else 30)
    with _store() as store:
        added = store.ledger.add_source(known.id if known else wanted, wanted, interval, now())
    print(f"{wanted}: watched, every {interval} days" if added else f"{wanted}: watched already")


@sources.command("check")
def sources_check() -> None:
    """Ask every watched source whether it has changed, without bringing anything in."""
    means = _means()
    with _store() as store:
        seen = store.ledger.seen()
        for source in _watched(store):
            state, detail = _checked(means, source.spec, seen)
            store.ledger.note_source(source.id, state, detail, now(), ingested=False)
            print(f"{source.id}: {state}{f' ({detail})' if detail else ''}")


def _checked(means: Any, spec: str, seen: dict[str, tuple[str, str]]) -> tuple[str, str]:
    import hashlib

    try:
        changed = [
            item.name for item in means.connectors.items(spec)
            if seen.get(item.key, ("", ""))[0] != hashlib.sha256(item.fetch()).hexdigest()
        ]  # fmt: skip
    except NavicertError as error:
        return "failed", str(error)
    return ("changed", ", ".join(changed[:5])) if changed else ("current", "")


@quarantine.command("list")
def quarantine_list(as_json: Json = False) -> None:
    """Documents that were set aside, each with its reason."""
    from bot import library_pages

    with _store() as store:
        held = store.ledger.quarantined()
    if as_json:
        print(json.dumps([library_pages.set_aside_json(q) for q in held], ensure_ascii=False, indent=1))
    else:
        _console().print(library_pages.quarantine(held))


@quarantine.command("show")
def quarantine_show(number: Annotated[int, typer.Argument(help="The number in `quarantine list`.")]) -> None:
    """Everything known of one document that was set aside."""
    from bot import library_pages

    with _store() as store:
        held = next((q for q in store.ledger.quarantined(None) if q.id == number), None)
        if held is None:
            raise BadInput(f"There is no document {number} in quarantine. See `navicert quarantine list`.")
        kept = store.blobs.get(held.sha256) is not None
    _console().print(library_pages.set_aside(held, kept))


@quarantine.command("retry")
def quarantine_retry(
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers of `quarantine list`; none is all.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Take it in although it is shorter or longer than expected.")] = False,
) -> None:  # fmt: skip
    """Read documents again that were set aside, after an upgrade or with --force."""
    with _store() as store:
        known = {q.id for q in store.ledger.quarantined()}
        if unknown := sorted(set(numbers or ()) - known):
            raise BadInput(f"Not in quarantine: {unknown}. See `navicert quarantine list`.")
        job = store.jobs.submit("retry", {"ids": numbers or [], "force": force}, now())
        _finish(_run(store, _means(), job, True), False)


@jobs.command("list")
def jobs_list() -> None:
    """The newest jobs, and how they ended."""
    from bot import library_pages

    with _store() as store:
        _console().print(library_pages.jobs(store.jobs.recent()))


@jobs.command("cancel")
def jobs_cancel(number: Annotated[int, typer.Argument(help="The job's number.")]) -> None:
    """Cancel a job; a running one stops at the next document or batch, and nothing of it is half visible."""
    with _store() as store:
        if not store.jobs.cancel(number, now()):
            raise BadInput(f"Job {number} is over, or there is none. See `navicert jobs list`.")
    print(f"Job {number} is being cancelled.")


@bench.command("retrieval")
def bench_retrieval(
    corpus: Annotated[Path, typer.Option(help='One provision a line: {"_id", "title", "text"}.')],
    queries: Annotated[Path, typer.Option(help='One question a line: {"_id", "text"}.')],
    out: Annotated[Path, typer.Option("--run", help="Where to write `qid docid rank score` lines.")],
    k: Annotated[int, typer.Option("--k", min=1, help="Passages a question.")] = 100,
    home: Annotated[Path | None, typer.Option("--home", help="A data folder for the index, kept; default: a temporary one.")] = None,
) -> None:  # fmt: skip
    """Index a corpus with the code that serves answers, put every question to it, and write a run file."""
    import tempfile

    from knowledge.search.bench import run

    with tempfile.TemporaryDirectory() as passing:
        print(run(corpus, queries, out, k, home or Path(passing)).line())
