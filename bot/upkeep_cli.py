"""The commands that keep the library in order: status, doctor, backup, sources, quarantine, jobs, bench."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.clock import now
from bot.library_services import Json, console, finish, means, run_job, store_of_settings
from knowledge.errors import BadInput, Busy, NavicertError
from knowledge.settings import settings

sources = typer.Typer(help="The sources that are watched.", no_args_is_help=True)
quarantine = typer.Typer(help="Documents that were set aside, and why.", no_args_is_help=True)
jobs = typer.Typer(help="Work in the queue.", no_args_is_help=True)
bench = typer.Typer(help="Measurements.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the `navicert` command."""
    for command in (status, reindex, doctor, backup, restore):
        app.command()(command)
    app.add_typer(sources, name="sources")
    app.add_typer(quarantine, name="quarantine")
    app.add_typer(jobs, name="jobs")
    app.add_typer(bench, name="bench")


def reindex(as_json: Json = False) -> None:
    """Build the search index anew beside the old one and swap; also after a change of model."""
    with store_of_settings() as store:
        job = store.jobs.submit("reindex", {}, now())
        finish(run_job(store, means(), job, True), as_json)


def status(as_json: Json = False) -> None:
    """How the library stands: documents, provisions, generation, sources that went stale, quarantine, work in hand."""
    from bot import library_pages
    from knowledge.store.owner import holder

    with store_of_settings() as store:
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
        console().print(library_pages.status(said))


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
    from ingest.service import settle
    from knowledge.store.doctor import examine
    from knowledge.store.doctor import repair as mend

    with store_of_settings() as store:
        found = examine(store.database, store.indexes, store.blobs)
        after = None
        if repair:
            with store.owned("navicert doctor"), bars(console(stderr=True)) as (tell, stopped):
                told: Callable[[int, int], None] = lambda n, of: tell(Progress(0, 0, "", "rebuilding", n, of))  # noqa: E731
                mend(store.database, store.indexes, found.findings, told, stopped)
                settle(store, means())  # a compiled list that a kill left out
            if found.findings:
                after = examine(store.database, store.indexes, store.blobs)
    left = (after or found).findings if repair else found.findings
    if as_json:
        print(json.dumps(library_pages.examination_json(found, after), ensure_ascii=False, indent=1))
    else:
        console().print(library_pages.examination(found, after))
    if left:
        raise typer.Exit(1)


def backup(target: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write everything that cannot be made again into one file; questions go on being answered."""
    from knowledge.store.backup import backup as write

    with store_of_settings() as store:
        made = write(store.home, store.database, target)
    print(f"{made.file}: {made.files} files, generation {made.generation}, {made.size / 1e6:.1f} MB")


def restore(source: Annotated[Path, typer.Argument(help="A file that `navicert backup` wrote.")]) -> None:
    """Bring a backup back into an empty data folder, and build the search index."""
    from bot.progress import bars
    from ingest.job import Progress
    from knowledge.store.backup import restore as bring_back

    own = settings()
    made = bring_back(own.home, own.database, source)
    with store_of_settings() as store, store.owned("navicert restore"), bars(console(stderr=True)) as (tell, stopped):
        index = store.indexes.rebuild(lambda n, of: tell(Progress(0, 0, "", "indexing", n, of)), stopped)
        if index is not None:
            index.close()
    print(f"restored {made.files} files, generation {made.generation}")


# ---------------------------------------------------------------- sources, quarantine, jobs


@sources.command("list")
def sources_list(as_json: Json = False) -> None:
    """The sources that are watched, and the official ones that Navicert knows."""
    from bot import library_pages
    from ingest.sources import sources as registry

    with store_of_settings() as store:
        watched = store.ledger.sources()
    rows = library_pages.source_rows(watched, tuple(registry().by_id.values()), now())
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        console().print(library_pages.sources(rows))


@sources.command("add")
def sources_add(
    spec: Annotated[str, typer.Argument(help="An id of `sources list`, a path, a URL, or a source such as ecfr:15/part-744.")],
    days: Annotated[int | None, typer.Option("--every", min=1, help="Days after which it counts as stale.")] = None,
) -> None:  # fmt: skip
    """Watch a source: `ingest --all` brings it in, `status` tells when nobody has looked for too long."""
    from ingest.sources import sources as registry

    known = registry().by_id.get(spec)
    wanted = means().connectors.canonical(known.spec if known else spec)
    interval = days or (known.check_days if known else 30)
    with store_of_settings() as store:
        added = store.ledger.add_source(known.id if known else wanted, wanted, interval, now())
    print(f"{wanted}: watched, every {interval} days" if added else f"{wanted}: watched already")


@sources.command("check")
def sources_check() -> None:
    """Ask every watched source whether it has changed, without bringing anything in."""
    how = means()
    with store_of_settings() as store:
        seen = store.ledger.seen()
        for source in store.ledger.sources():
            state, detail = _checked(how, source.spec, seen)
            store.ledger.note_source(source.id, state, detail, now(), ingested=False)
            print(f"{source.id}: {state}{f' ({detail})' if detail else ''}")


def _checked(how: Any, spec: str, seen: dict[str, tuple[str, str]]) -> tuple[str, str]:
    import hashlib

    try:
        changed = [
            item.name for item in how.connectors.items(spec)
            if seen.get(item.key, ("", ""))[0] != hashlib.sha256(item.fetch()).hexdigest()
        ]  # fmt: skip
    except NavicertError as error:
        return "failed", str(error)
    return ("changed", ", ".join(changed[:5])) if changed else ("current", "")


@quarantine.command("list")
def quarantine_list(as_json: Json = False) -> None:
    """Documents that were set aside, each with its reason."""
    from bot import library_pages

    with store_of_settings() as store:
        held = store.ledger.quarantined()
    if as_json:
        print(json.dumps([library_pages.set_aside_json(q) for q in held], ensure_ascii=False, indent=1))
    else:
        console().print(library_pages.quarantine(held))


@quarantine.command("show")
def quarantine_show(number: Annotated[int, typer.Argument(help="The number in `quarantine list`.")]) -> None:
    """Everything known of one document that was set aside."""
    from bot import library_pages

    with store_of_settings() as store:
        held = next((q for q in store.ledger.quarantined(None) if q.id == number), None)
        if held is None:
            raise BadInput(f"There is no document {number} in quarantine. See `navicert quarantine list`.")
        kept = store.blobs.get(held.sha256) is not None
    console().print(library_pages.set_aside(held, kept))


@quarantine.command("retry")
def quarantine_retry(
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers of `quarantine list`; none is all.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Take it in although it is shorter or longer than expected.")] = False,
) -> None:  # fmt: skip
    """Read documents again that were set aside, after an upgrade or with --force."""
    with store_of_settings() as store:
        known = {q.id for q in store.ledger.quarantined()}
        if unknown := sorted(set(numbers or ()) - known):
            raise BadInput(f"Not in quarantine: {unknown}. See `navicert quarantine list`.")
        job = store.jobs.submit("retry", {"ids": numbers or [], "force": force}, now())
        finish(run_job(store, means(), job, True), False)


@jobs.command("list")
def jobs_list() -> None:
    """The newest jobs, and how they ended."""
    from bot import library_pages

    with store_of_settings() as store:
        console().print(library_pages.jobs(store.jobs.recent()))


@jobs.command("cancel")
def jobs_cancel(number: Annotated[int, typer.Argument(help="The job's number.")]) -> None:
    """Cancel a job; a running one stops at the next document or batch, and nothing of it is half visible."""
    with store_of_settings() as store:
        if not store.jobs.cancel(number, now()):
            raise BadInput(f"Job {number} is over, or there is none. See `navicert jobs list`.")
    print(f"Job {number} is being cancelled.")


@jobs.command("run")
def jobs_run() -> None:
    """Do every queued job and end; `navicert serve` starts this beside itself. Stopped, it leaves the rest in the queue."""
    from bot.worker import do_queue

    with store_of_settings() as store:
        try:
            done = do_queue(store, means())
        except Busy as busy:  # whoever owns the folder does the queue
            print(f"Nothing to do here: {busy}", file=sys.stderr)
            return
    if not done:
        print("Stopped; what is left stays in the queue.", file=sys.stderr)
        raise typer.Exit(130)


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
        found = run(corpus, queries, out, k, home or Path(passing))
    print(
        f"{found.provisions} provisions, {found.passages} passages ({found.embedded} embedded now): indexed in "
        f"{found.index_seconds:.1f} s, loaded in {found.load_seconds:.1f} s; {found.queries} queries: "
        f"{found.query_ms_p50:.1f} cpu-ms median, {found.query_ms_p95:.1f} cpu-ms 95th percentile; "
        f"peak memory {found.peak_mb:.0f} MB"
    )
