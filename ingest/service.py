"""Jobs to work: what the owner of a data folder does with its queue. The composition root hands everything in."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from ingest.connectors.base import Item
from ingest.document import Document
from ingest.fetch import Fetched
from ingest.job import Outcome, Progress, Report, Tools, reader_version, run
from knowledge.errors import BadInput, IndexDamaged, NavicertError
from knowledge.store.compiled import Compile, CompiledLists, CompiledState
from knowledge.store.jobs import Job
from knowledge.store.ledger import SetAside
from knowledge.store.records import InstrumentRecord
from knowledge.store.staging import heal
from knowledge.store.store import Store

if TYPE_CHECKING:
    from knowledge.rulebook import RuleBook
    from knowledge.store.index import Index

SHOWN = 400
"""Characters of a changed provision that a report keeps; the texts themselves are in the versions."""
NOTED = 0.5
"""Seconds between two notes of where a job stands, and between two looks whether it is to be cancelled."""
LISTED = 500
"""Differences of one instrument that a report lists; it always counts them all."""
FLAGGED = 50
"""Suspicious places of one document that a report lists; it counts them all, and `navicert suspicious` lists them."""
SOME = 20
"""Codes of a kind that a note on a compiled list names."""


class Reach(Protocol):
    """What brings the documents of a source."""

    def canonical(self, spec: str) -> str:
        """The normal form of a source as a person wrote it. Raises BadInput."""
        ...

    def items(self, spec: str) -> Iterator[Item]:
        """Its documents, lazily."""
        ...


@dataclass(frozen=True)
class Means:
    """How documents are reached, read and understood, and what the time is.

    `compilers` are the control lists that are compiled once their text is live, `compiler` names the code that does it.
    `book` is the rule book, for decisions to be held against.
    """

    connectors: Reach
    read: Callable[[bytes, str, str | None], Document]
    structure: Callable[[Document, Mapping[str, str]], tuple[InstrumentRecord, ...]]
    expected: Callable[[str], tuple[int, int] | None]
    now: Callable[[], datetime]
    at: Callable[[str], None] = lambda _point: None
    compilers: Mapping[str, Compile] = field(default_factory=dict)
    compiler: Callable[[], str] = lambda: ""
    book: "Callable[[], RuleBook] | None" = None


Told = Callable[[Progress], None]


def work(store: Store, means: Means, told: Told, cancelled: Callable[[], bool], until: int | None = None) -> None:
    """Do every queued job, oldest first; with `until`, stop after that one. The caller owns the data folder.

    What a killed process left is put right first: half-staged texts go, its job is queued again, a control list that is
    live and not compiled is compiled.
    """
    heal(store.database)
    store.jobs.recover(means.now())
    left = settle(store, means)
    # A stop is for the job in hand: the ones behind it were accepted and stay queued.
    while not cancelled() and (job := store.jobs.claim("", means.now())) is not None:
        _one(store, means, job, told, cancelled, left)
        left = Settled()
        if job.id == until:
            return


def _one(
    store: Store, means: Means, job: Job, told: Told, cancelled: Callable[[], bool], left: "Settled"
) -> None:  # fmt: skip
    asked = False
    last: datetime | None = None

    def tell(progress: Progress) -> None:
        nonlocal asked, last
        told(progress)
        moment = means.now()
        if last is None or (moment - last).total_seconds() >= NOTED:
            asked = store.jobs.tell(job.id, _shown(progress)) or asked
            last = moment

    def stop() -> bool:
        return asked or cancelled()

    try:
        with _opened(store) as index:
            report = _perform(store, means, job, index, tell, stop)
    except NavicertError as error:
        store.jobs.finish(job.id, "failed", {"error": str(error)}, means.now())
        return
    settled = left.then(settle(store, means, again=job.kind == "reindex"))
    said = {**as_dict(_noted(report, settled)), **settled.as_dict()}
    store.jobs.finish(job.id, "cancelled" if report.cancelled else "done", said, means.now())


@dataclass(frozen=True)
class Settled:
    """What followed from the live texts: lists compiled now, numbers of decisions reopened; `error` where that failed."""

    compiled: tuple[CompiledState, ...] = ()
    reopened: tuple[int, ...] = ()
    error: str = ""

    def then(self, later: "Settled") -> "Settled":
        """This and what was done after it, as one; the later result for a list."""
        again = {c.version for c in later.compiled}
        kept = tuple(c for c in self.compiled if c.version not in again)
        return Settled((*kept, *later.compiled), (*self.reopened, *later.reopened), later.error or self.error)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON; empty where nothing was to be done."""
        lists = [
            {**asdict(c), "made_at": c.made_at.isoformat(), "reviewed_at": str(c.reviewed_at or "")}
            for c in self.compiled
        ]
        found = {"compiled": lists, "reopened": list(self.reopened), "compile_error": self.error}
        return {key: value for key, value in found.items() if value}


def settle(store: Store, means: Means, *, again: bool = False) -> Settled:
    """Compile the control lists whose live text has none, and reopen decisions that they put in doubt. Idempotent; never
    raises for a list's sake: what went wrong is in the result, and the ingested text stays live."""
    from knowledge.store.decisions import Decisions, Lists

    lists = CompiledLists(store.database)
    compiled: tuple[CompiledState, ...] = ()
    try:
        if means.compilers:
            compiled = lists.complete(means.compilers, means.compiler(), means.now(), again=again, told=means.at)
        decisions = Decisions(store.database)
        reopened: tuple[int, ...] = ()
        if means.book is not None and decisions.any_decided():
            held = Lists(replace(means.book(), compiled=lists.live()))
            reopened = tuple(d.number for d in decisions.reopen_changed(held, means.now()))
        return Settled(compiled, reopened)
    except NavicertError as error:
        return Settled(compiled, error=str(error))


def _noted(report: Report, settled: Settled) -> Report:
    """The report with what the compiler made of a document among its notes."""
    notes = {c.instrument: _note(c) for c in settled.compiled}
    if not notes and not settled.error and not settled.reopened:
        return report
    general = [f"The compiled lists could not be brought up to date: {settled.error}"] if settled.error else []
    if settled.reopened:
        general.append(f"Classification decisions reopened: {', '.join(map(str, settled.reopened))}.")
    outcomes = []
    for outcome in report.outcomes:
        own = [notes.pop(c.instrument) for c in outcome.changes if c.instrument in notes]
        if outcome.state == "ingested":
            own += general
            general = []
        outcomes.append(replace(outcome, warnings=(*outcome.warnings, *own)))
    return replace(report, outcomes=tuple(outcomes))


def _note(made: CompiledState) -> str:
    """What became of a list, for the admin; a failure with its cause."""
    if made.error:
        held = "; its former result answers" if made.sha256 else "; the text itself is ingested and answers"
        return f"{made.instrument} could not be compiled: {made.error}{held}."
    said = f"{made.instrument} compiled, not reviewed: {made.entries} entries, {made.rows} rows, {made.rows_unread} rows unread, {made.issues} issues"
    changes = made.changes
    if not changes.against:
        return f"{said}."
    kinds = {
        "added": changes.added,
        "removed": changes.removed,
        "changed": changes.changed,
        "rows changed": changes.rows,
    }
    told = "; ".join(f"{kind} {len(c)}{_some(c)}" for kind, c in kinds.items())
    return f"{said}. Against {changes.against}: {told}."


def _some(codes: tuple[str, ...]) -> str:
    more = f", and {len(codes) - SOME} more" if len(codes) > SOME else ""
    return f" ({', '.join(codes[:SOME])}{more})" if codes else ""


@contextmanager
def _opened(store: Store) -> Iterator[Callable[[], "Index"]]:
    """The index, opened at its first use, built again where it is damaged, and stamped at the end."""
    with ExitStack() as stack:
        kept: list[Index] = []

        def index() -> "Index":
            if not kept:
                try:
                    kept.append(stack.enter_context(store.index()))
                except IndexDamaged:
                    rebuilt = store.indexes.rebuild()
                    if rebuilt is None:
                        raise
                    store.swap(rebuilt)
                    store.indexes.clear_old()
                    kept.append(stack.enter_context(store.index()))
                store.indexes.begin()
            return kept[0]

        try:
            yield index
        finally:
            for one in kept:
                store.indexes.stamp(one)


def _perform(
    store: Store, means: Means, job: Job, index: Callable[[], "Index"], tell: Told, stop: Callable[[], bool]
) -> Report:
    if job.kind == "reindex":
        return _reindex(store, tell, stop)
    tools = Tools(
        database=store.database, blobs=store.blobs, index=index, now=means.now, read=means.read,
        structure=means.structure, expected=(lambda _id: None) if job.arguments.get("force") else means.expected,
        reader=_reader(job.arguments.get("hints", {})), tell=tell, cancelled=stop, at=means.at, job=job.id,
        force=bool(job.arguments.get("force")),
    )  # fmt: skip
    if job.kind == "retry":
        wanted = set(job.arguments.get("ids", ()))
        held = [q for q in store.ledger.quarantined() if not wanted or q.id in wanted]
        return run(tools, [_again(store, q) for q in held], "quarantine")
    if job.kind != "ingest":
        raise BadInput(f"job {job.id} is of kind {job.kind!r}, which this Navicert does not know. Upgrade it.")
    return _ingest(store, means, tools, tuple(job.arguments["specs"]), job.arguments.get("hints", {}))


def _ingest(store: Store, means: Means, tools: Tools, specs: tuple[str, ...], hints: Mapping[str, str]) -> Report:
    outcomes: tuple[Outcome, ...] = ()
    stopped = False
    for spec in specs:
        if stopped:
            break
        try:
            report = run(tools, _hinted(means.connectors.items(spec), hints), spec)
        except NavicertError as error:  # one source that is away does not keep the others out
            outcomes += (Outcome(spec, "failed", detail=str(error)),)
            store.ledger.note_source(spec, "failed", str(error), means.now(), ingested=False)
            continue
        outcomes += report.outcomes
        stopped = report.cancelled
        failed = [o for o in report.outcomes if o.state == "failed"]
        state = "failed" if failed else "current"
        detail = failed[0].detail if failed else ""
        store.ledger.note_source(spec, state, detail, means.now(), ingested=not failed and not stopped)
    return Report(outcomes, store.library.generation(), stopped)


def _reader(hints: Mapping[str, str]) -> str:
    """What reads: the code's version and what the admin said, so that saying more of an unchanged file reads it again."""
    said = hashlib.sha256(repr(sorted(hints.items())).encode()).hexdigest()[:8]
    return f"{reader_version()}+{said}" if hints else reader_version()


def _hinted(items: Iterator[Item], hints: Mapping[str, str]) -> Iterator[Item]:
    """The items with what the admin says of them. Raises BadInput where one document's name is given to several."""
    for n, item in enumerate(items):
        if n and {"title", "instrument"} & hints.keys():
            raise BadInput("--title and --instrument name one document, and the source has several. Ingest it alone.")
        yield replace(item, metadata={**item.metadata, **hints}) if hints else item


def _reindex(store: Store, tell: Told, stop: Callable[[], bool]) -> Report:
    def told(done: int, total: int) -> None:
        tell(Progress(0, 0, "", "building the index anew", done, total))

    index = store.indexes.rebuild(told, stop)
    if index is not None:
        store.swap(index)
        with store.index():  # closed at the end where nobody else in this process searches
            store.indexes.clear_old()
    return Report((), store.library.generation(), index is None)


def _again(store: Store, held: SetAside) -> Item:
    def get() -> Fetched:
        data = store.blobs.get(held.sha256)
        if data is None:
            raise BadInput(f"{held.name}: its original is gone. Ingest it again from {held.source}.")
        return Fetched(held.url, held.url, 200, "", data)

    hints = {k: v for k, v in held.hints.items() if k not in ("url", "name", "key")}
    return Item(held.hints.get("key", f"quarantine:{held.sha256}"), held.url, held.name, get, hints)


def _shown(progress: Progress) -> dict[str, Any]:
    return {
        "done": progress.done,
        "found": progress.found,
        "name": progress.name,
        "step": progress.step,
        "embedded": progress.embedded,
        "to_embed": progress.to_embed,
    }


def as_dict(report: Report) -> dict[str, Any]:
    """A report as plain JSON, with the differences of each instrument counted whole and listed up to LISTED."""
    return {
        "generation": report.generation,
        "cancelled": report.cancelled,
        "documents": [_outcome(o) for o in report.outcomes],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    from knowledge.store.diff import tally

    return {
        "name": outcome.name,
        "state": outcome.state,
        "reason": outcome.reason,
        "detail": outcome.detail,
        "warnings": list(outcome.warnings),
        "passages": outcome.passages,
        "flagged": len(outcome.flags),
        "flags": [
            {"instrument": f.instrument, "locator": f.locator, "place": f.place, "sign": f.sign, "words": f.words}
            for f in outcome.flags[:FLAGGED]
        ],
        "instruments": [
            {
                "instrument": c.instrument,
                "language": c.language,
                "title": c.title,
                "outcome": c.outcome,
                "provisions": c.provisions,
                "counts": tally(c.differences),
                "differences": [
                    {"kind": d.kind, "locator": d.locator, "label": d.label, "was": d.was,
                     "before": d.before[:SHOWN], "after": d.after[:SHOWN]}
                    for d in c.differences[:LISTED]
                ],
            }
            for c in outcome.changes
        ],
    }  # fmt: skip


__all__ = ["Means", "as_dict", "settle", "work"]
