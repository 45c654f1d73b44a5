"""One ingest, start to finish: fetch, read, structure, stage, index, make live, report.

A document becomes visible in one transaction, after its passages are in the index. A kill at any point leaves the old
version answering; the same ingest run again goes on where it stopped, since what is live already is unchanged.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.connectors.base import Item
from ingest.document import Document
from ingest.fetch import Fetched
from ingest.flagging import flagged
from ingest.reasons import Quarantined, Reason
from knowledge.errors import NavicertError
from knowledge.store.blobs import Blobs
from knowledge.store.database import Database
from knowledge.store.flags import Flag, Flags
from knowledge.store.ledger import Ledger
from knowledge.store.library import Library
from knowledge.store.passages import by_meaning, passages_of
from knowledge.store.records import InstrumentRecord
from knowledge.store.staging import Arrival, Change, Staged, discard, publish, stage

if TYPE_CHECKING:
    from knowledge.search.model import IndexPassage
    from knowledge.store.index import Index  # loads numpy, which an unchanged document does not need

FLUSH = 600
"""Passages that are indexed together: enough to keep every core busy, few enough that progress is seen."""

SHRUNK = 0.5
"""A text with fewer than this share of the live one's provisions, from another address, is held back: more likely a
summary or a page about the act than the act."""


@dataclass(frozen=True)
class Outcome:
    """What became of one document: ingested, unchanged, quarantined, failed (not fetched) or cancelled.

    `flags` are places in it that speak to the machine, for an admin to look at; they change nothing else.
    """

    name: str
    state: str
    changes: tuple[Change, ...] = ()
    reason: str = ""
    detail: str = ""
    warnings: tuple[str, ...] = ()
    passages: int = 0
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True)
class Progress:
    """Where an ingest stands. `found` is how many documents are known so far; `embedded` of `to_embed` passages."""

    done: int
    found: int
    name: str
    step: str
    embedded: int = 0
    to_embed: int = 0


@dataclass(frozen=True)
class Report:
    """The end of an ingest. `generation` is what answers now."""

    outcomes: tuple[Outcome, ...]
    generation: int
    cancelled: bool = False


def _nothing(_point: str) -> None: ...


@dataclass(frozen=True)
class Tools:
    """Everything an ingest works with, handed in by the composition root.

    `read` reads bytes in an isolated worker, `structure` finds the provisions, `expected` gives the least and most
    provisions of a known instrument. `at` is told each point at which a kill would be interesting; tests kill there.
    """

    database: Database
    blobs: Blobs
    index: Callable[[], "Index"]
    now: Callable[[], datetime]
    read: Callable[[bytes, str, str | None], Document]
    structure: Callable[[Document, Mapping[str, str]], Sequence[InstrumentRecord]]
    expected: Callable[[str], tuple[int, int] | None] = lambda _instrument: None
    reader: str = "1"
    tell: Callable[[Progress], None] = lambda _progress: None
    cancelled: Callable[[], bool] = lambda: False
    at: Callable[[str], None] = _nothing
    job: int | None = None
    force: bool = False
    ledger: Ledger = field(init=False)
    library: Library = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ledger", Ledger(self.database))
        object.__setattr__(self, "library", Library(self.database))


FAILPOINTS = (
    "fetched",
    "kept",
    "read",
    "staged",
    "indexing",
    "indexed",
    "published",
    "set_aside",
    "cleaned",
)
"""Every point that `Tools.at` is told of, in the order of a document's way."""


def run(tools: Tools, items: Iterable[Item], source: str) -> Report:
    """Bring these documents in. Never raises for one document's sake: its outcome says what happened.

    Raises StoreError where the disk or the database fails; what is live stays live.
    """
    waiting: list[tuple[int, Staged, int]] = []
    outcomes: list[Outcome] = []
    seen = tools.ledger.seen()
    known = list(_counted(items))
    stopped = False
    for n, item in enumerate(known):
        if tools.cancelled():
            stopped = True
            break
        tools.tell(Progress(n, len(known), item.name, "reading"))
        outcome, staged, fresh = _bring_in(tools, item, source, seen)
        outcomes.append(outcome)
        if staged is not None:
            waiting.append((len(outcomes) - 1, staged, fresh))
        if sum(count for _, _, count in waiting) >= FLUSH:
            stopped = not _flush(tools, waiting, outcomes, Progress(n + 1, len(known), item.name, "indexing"))
            if stopped:
                break
    if waiting and not stopped:
        stopped = not _flush(tools, waiting, outcomes, Progress(len(known), len(known), "", "indexing"))
    for place, staged, _ in waiting:  # left only where cancelled
        discard(tools.database, staged)
        outcomes[place] = replace(outcomes[place], state="cancelled", changes=(), passages=0)
    if any(o.state == "ingested" for o in outcomes):
        _clean(tools, outcomes)
    return Report(tuple(outcomes), tools.library.generation(), stopped)


def _counted(items: Iterable[Item]) -> Iterator[Item]:
    """The items, one a key: a notice found under two addresses is one document."""
    keys: set[str] = set()
    for item in items:
        if item.key not in keys:
            keys.add(item.key)
            yield item


def _bring_in(
    tools: Tools, item: Item, source: str, seen: Mapping[str, tuple[str, str]]
) -> tuple[Outcome, Staged | None, int]:
    """One document up to staged: its outcome, what was staged where something was, and how many passages are new."""
    try:
        got = item.get()
    except NavicertError as error:
        return Outcome(item.name, "failed", detail=str(error)), None, 0
    tools.at("fetched")
    data = got.body
    sha256 = hashlib.sha256(data).hexdigest()
    was_sha256, was_reader = seen.get(item.key, ("", ""))
    if was_sha256 == sha256 and was_reader in (tools.reader, *_said_more(tools.reader, was_reader)) and not tools.force:
        return Outcome(item.name, "unchanged"), None, 0
    tools.blobs.put(data)
    tools.at("kept")
    hints = {**item.metadata, "url": item.url, "name": item.name, "key": item.key}
    try:
        document, records = _understood(tools, got, item.name, hints)
        _held_back(tools, records, item)
    except Quarantined as reason:
        tools.ledger.set_aside(
            sha256, item.name, source, item.url, reason.reason.value, reason.detail, hints, tools.now()
        )
        tools.at("set_aside")
        return Outcome(item.name, "quarantined", reason=reason.reason.value, detail=reason.detail), None, 0
    tools.at("read")
    arrival = Arrival(
        sha256=sha256, name=item.name, source=source, url=item.url, media_type=document.media_type, size=len(data),
        title=document.title, language=document.language, pages=document.pages, warnings=document.warnings,
        fetched_at=tools.now(), key=item.key, reader=tools.reader,
        etag=got.etag or None, last_modified=got.last_modified or None,
    )  # fmt: skip
    staged = stage(tools.database, arrival, records)
    flags = flagged(document, item.name, records)
    Flags(tools.database).keep(sha256, flags, tools.now(), tools.job)
    tools.at("staged")
    fresh = sum(c.provisions for c in staged.changes if c.version is not None and c.outcome != "held")
    state = "ingested" if staged.versions or staged.closing else "unchanged"
    return Outcome(item.name, state, staged.changes, warnings=document.warnings, flags=flags), staged, fresh


def _said_more(reader: str, was: str) -> tuple[str, ...]:
    """The former reader, where it was this one with an admin's words beside the file: they go on counting."""
    return (was,) if "+" not in reader and was.startswith(f"{reader}+") else ()


def _understood(
    tools: Tools, got: Fetched, name: str, hints: Mapping[str, str]
) -> tuple[Document, Sequence[InstrumentRecord]]:
    document = tools.read(got.body, name, got.content_type or None)
    records = tools.structure(document, hints)
    if not any(record.provisions for record in records):
        raise Quarantined(
            Reason.TOO_FEW, "No passage could be made of it. If it is a law, send it as its publisher gives it."
        )
    for record in records:
        bounds = tools.expected(record.id)
        if bounds is None:
            continue
        least, most = bounds
        count = len(record.provisions)
        told = f"{record.id} has {count} provisions where between {least} and {most} are expected"
        if count < least:
            raise Quarantined(
                Reason.TOO_FEW, f"{told}. Is the file whole? Accept it with --force where the law has changed."
            )
        if count > most:
            raise Quarantined(Reason.TOO_MANY, f"{told}. Accept it with --force where the law has grown.")
    return document, records


def _held_back(tools: Tools, records: Sequence[InstrumentRecord], item: Item) -> None:
    """Raises Quarantined for a text that would put a much longer one out of force and comes from elsewhere."""
    if tools.force:
        return
    for record in records:
        for live in tools.library.versions(record.id):
            if live.language != record.language or live.key == item.key:
                continue
            if len(record.provisions) < SHRUNK * live.provision_count:
                raise Quarantined(
                    Reason.TOO_FEW,
                    f"It reads as {record.id} with {len(record.provisions)} provisions, but the live text from "
                    f"{live.url or live.key} has {live.provision_count}. If it is the new text, ingest it with --force.",
                )


def _flush(tools: Tools, waiting: list[tuple[int, Staged, int]], outcomes: list[Outcome], progress: Progress) -> bool:
    """Index what waits and make it live, document by document; False where cancelled while embedding."""
    index = tools.index()
    fresh: dict[int, list[IndexPassage]] = {}
    plain: set[str] = set()
    for place, staged, _ in waiting:
        fresh[place] = []
        for change in staged.changes:
            if change.version is None or change.outcome == "held":
                continue
            own = [p for p in passages_of(tools.database, change.version) if not index.has(p.id)]
            fresh[place] += own
            if not by_meaning(change.kind, change.provisions):
                plain |= {p.id for p in own}
    every = {p.id: p for passages in fresh.values() for p in passages}
    tools.at("indexing")

    def told(done: int, total: int) -> None:
        tools.tell(replace(progress, embedded=done, to_embed=total))

    if not index.add(tuple(every.values()), told, tools.cancelled, without_vector=frozenset(plain)):
        return False
    tools.at("indexed")
    while waiting:
        place, staged, _ = waiting[0]
        publish(tools.database, staged, tools.now(), tools.job)
        tools.ledger.resolve(staged.arrival.sha256)
        waiting.pop(0)
        outcomes[place] = replace(outcomes[place], passages=len(fresh[place]))
        tools.at("published")
    return True


def _clean(tools: Tools, outcomes: Sequence[Outcome]) -> None:
    """Take the passages of closed versions out of the index; until then the live gate hides them."""
    index = tools.index()
    for change in (c for o in outcomes if o.state == "ingested" for c in o.changes):
        if change.version is not None and change.outcome == "changed":
            wanted = {p.id for p in passages_of(tools.database, change.version)}
            index.keep_only(change.instrument, change.language, wanted)
    index.sweep(tools.library.live().provisions)
    tools.at("cleaned")


@lru_cache(maxsize=1)
def reader_version() -> str:
    """Names the code that reads and structures: when it changes, an unchanged file is read again."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    files = [*folder.glob("*.py"), *(folder / "readers").rglob("*.py"), *(folder / "structure").rglob("*.py")]
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
