"""The ingest job on documents made here: what becomes visible, what is set aside, and what a stop or a kill leaves."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.connectors.base import Item
from ingest.document import Block, BlockKind, Document
from ingest.fetch import Fetched
from ingest.job import FAILPOINTS, Outcome, Tools, run
from ingest.reasons import Quarantined, Reason
from knowledge.errors import BadInput
from knowledge.store.blobs import Blobs
from knowledge.store.database import open_database
from knowledge.store.finder import Filters, Finder
from knowledge.store.index import Index, Indexes
from knowledge.store.library import Library
from knowledge.store.records import InstrumentRecord, ProvisionRecord
from knowledge.store.staging import heal

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def paper(key: str, words: str, name: str = "law.txt", url: str = "") -> Item:
    """A document for tests: `NAME: paragraph | paragraph`; "away" cannot be fetched."""

    def get() -> Fetched:
        if words == "away":
            raise BadInput("law.test: the server does not answer. Try again later.")
        return Fetched(url, url, 200, "text/plain", words.encode())

    return Item(key, url, name, get)


def read(data: bytes, _name: str, _declared: str | None) -> Document:
    words = data.decode()
    if words == "scan":
        raise Quarantined(Reason.NO_TEXT, "Its pages are pictures. Send a file with text.")
    title, _, body = words.partition(": ")
    blocks = tuple(Block(BlockKind.PARAGRAPH, part) for part in body.split(" | ") if part)
    return Document("text/plain", title, "en", blocks)


def structure(document: Document, _hints: Mapping[str, str]) -> Sequence[InstrumentRecord]:
    made = tuple(
        ProvisionRecord(f"art-{n}", f"Article {n}", "article", block.text) for n, block in enumerate(document.blocks, 1)
    )
    return (InstrumentRecord(document.title, "XX", f"The {document.title}", document.title, "law", "en", made),)


class Killed(BaseException):
    """Stands for kill -9: nothing catches it on the way out."""


class Bench:
    """A data folder with everything an ingest needs, words only: embedding is tested elsewhere."""

    def __init__(self, home: Path) -> None:
        self.database = open_database(home)
        self.indexes = Indexes(home, self.database, None)
        self._index: Index | None = None
        self.tools = Tools(
            database=self.database, blobs=Blobs(home / "blobs"), index=self.index, now=lambda: NOW, read=read,
            structure=structure,
        )  # fmt: skip

    def index(self) -> Index:
        self._index = self._index or self.indexes.open()
        return self._index

    def ingest(self, *papers: Item, **changes: object) -> tuple[Outcome, ...]:
        return run(replace(self.tools, **changes), papers, "test").outcomes  # type: ignore[arg-type]

    def finds(self, words: str) -> list[str]:
        return [f.provision.text for f in Finder(Library(self.database), self.index()).find(words, 5)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.index().close()
    made.database.close()


WORDS = "SALT: Salt needs a licence. | Sand is free."
SALT = paper("a", WORDS)


def test_a_document_is_found_once_it_is_in(bench: Bench) -> None:
    (outcome,) = bench.ingest(SALT)
    assert (outcome.state, outcome.passages) == ("ingested", 2)
    assert bench.finds("does salt need a licence?")[0] == "Salt needs a licence."


def test_the_same_document_again_is_unchanged_and_opens_no_index(bench: Bench) -> None:
    bench.ingest(SALT)

    def none() -> Index:
        raise AssertionError("an unchanged document needs no index")

    assert [o.state for o in bench.ingest(SALT, index=none)] == ["unchanged"]


def test_a_changed_document_replaces_the_old_one_everywhere(bench: Bench) -> None:
    bench.ingest(SALT)
    (outcome,) = bench.ingest(paper("a", "SALT: Salt is free. | Sand is free."))
    assert [d.kind for d in outcome.changes[0].differences] == ["changed"]
    assert outcome.passages == 1
    assert bench.finds("salt licence") == ["Salt is free."] or "Salt needs a licence." not in bench.finds(
        "salt licence"
    )
    assert bench.index().lexical.count() == 2


def test_what_cannot_be_read_is_set_aside_with_its_reason_and_kept(bench: Bench) -> None:
    scan = paper("b", "scan", "scan.pdf")
    outcomes = bench.ingest(SALT, scan, paper("c", "away", "gone.html"))
    assert [(o.state, o.reason) for o in outcomes] == [
        ("ingested", ""),
        ("quarantined", "no_text_layer"),
        ("failed", ""),
    ]
    (held,) = bench.tools.ledger.quarantined()
    assert (held.name, held.reason, held.attempts) == ("scan.pdf", "no_text_layer", 1)
    assert bench.tools.blobs.get(held.sha256) == b"scan"
    bench.ingest(scan)
    assert bench.tools.ledger.quarantined()[0].attempts == 2


def test_too_few_provisions_are_held_back_and_force_lets_them_in(bench: Bench) -> None:
    expected: Callable[[str], tuple[int, int]] = lambda _id: (3, 9)  # noqa: E731
    (outcome,) = bench.ingest(SALT, expected=expected)
    assert (outcome.state, outcome.reason) == ("quarantined", "too_few_provisions")
    assert "between 3 and 9" in outcome.detail


def test_a_summary_from_elsewhere_does_not_put_the_law_out_of_force(bench: Bench) -> None:
    bench.ingest(paper("a", "SALT: one | two | three | four | five", url="https://gov.test/salt"))
    page = paper("b", "SALT: Salt, in short.", url="https://blog.test/salt")
    (outcome,) = bench.ingest(page)
    assert (outcome.state, outcome.reason) == ("quarantined", "too_few_provisions")
    assert len(Library(bench.database).live().provisions) == 5
    (outcome,) = bench.ingest(page, force=True)
    assert outcome.state == "ingested"
    assert bench.tools.ledger.quarantined() == ()


def test_cancelling_leaves_nothing_half_visible(bench: Bench) -> None:
    bench.ingest(SALT)
    asked = iter([False, True])
    new = [paper("a", "SALT: Salt is free."), paper("b", "SILT: Silt is free.")]
    outcomes = bench.ingest(*new, cancelled=lambda: next(asked, True))
    assert [o.state for o in outcomes] == ["cancelled"]
    assert set(bench.finds("salt sand silt")) == {"Salt needs a licence.", "Sand is free."}
    assert heal(bench.database) == 0


@pytest.mark.parametrize("point", FAILPOINTS)
def test_a_kill_at_any_point_loses_and_half_shows_nothing(tmp_path: Path, point: str) -> None:
    first = Bench(tmp_path)
    first.ingest(SALT)
    met: list[str] = []

    def kill(at: str) -> None:
        met.append(at)
        if at == point:
            raise Killed

    papers = [paper("s", "scan"), paper("a", "SALT: Salt is free."), paper("b", "SILT: Silt is free.")]
    with pytest.raises(Killed):
        first.ingest(*papers, at=kill)
    first.index().close()
    first.database.close()
    again = Bench(tmp_path)
    heal(again.database)
    visible = set(again.finds("salt sand silt"))
    old, new = {"Salt needs a licence.", "Sand is free."}, {"Salt is free."}
    assert visible in (old, new, new | {"Silt is free."})
    again.ingest(*papers)
    assert set(again.finds("salt sand silt")) == {"Salt is free.", "Silt is free."}
    assert [held.reason for held in again.tools.ledger.quarantined()] == ["no_text_layer"]
    assert again.index().lexical.count() == 2
    again.index().close()
    again.database.close()
    assert point in met


def test_the_hash_of_the_original_is_that_of_its_bytes(bench: Bench) -> None:
    bench.ingest(SALT)
    (version,) = Library(bench.database).versions()
    assert version.document == hashlib.sha256(WORDS.encode()).hexdigest()


def test_filters_leave_out_other_regimes_and_later_law(bench: Bench) -> None:
    bench.ingest(SALT)
    finder = Finder(Library(bench.database), bench.index())
    assert finder.find("salt", 5, Filters(regime="xx"))
    assert not finder.find("salt", 5, Filters(regime="US"))
