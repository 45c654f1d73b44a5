"""Damage to the index files: each is noticed, none ends the process, and the doctor builds the index again."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from knowledge.errors import IndexDamaged
from knowledge.store.blobs import Blobs
from knowledge.store.database import Database, open_database
from knowledge.store.doctor import examine, repair
from knowledge.store.finder import Finder
from knowledge.store.index import Indexes
from knowledge.store.library import Library
from knowledge.store.records import InstrumentRecord, ProvisionRecord
from knowledge.store.soundness import damage, open_sound
from knowledge.store.staging import publish, stage
from tests.test_store import NOW, arrival

WORDS = (
    "salt sand silt clay iron zinc lead tin gold mercury licence permit export import border port ship buyer".split()
)


class Model:
    """A model for tests: a vector by the letters of the text, the same every time."""

    model = "test/letters"
    dimension = 32

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self.query(text) for text in texts])

    def query(self, text: str) -> np.ndarray:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        vector = np.random.default_rng(seed).normal(size=self.dimension)
        return (vector / np.linalg.norm(vector)).astype(np.float32)

    def embed_many(
        self,
        texts: Sequence[str],
        workers: int | None = None,
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> np.ndarray:
        return self.passages(texts)


class Folder:
    """A data folder with 1,200 indexed provisions, enough for chromadb to write its vector files."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.database: Database = open_database(home)
        self.indexes = Indexes(home, self.database, Model())
        self.blobs = Blobs(home / "blobs")

    def fill(self) -> None:
        rng = np.random.default_rng(0)
        made = tuple(
            ProvisionRecord(f"art-{n}", f"Article {n}", "article", f"{n} {' '.join(rng.choice(WORDS, 8))}")
            for n in range(1200)
        )
        sha256 = self.blobs.put(b"law")
        record = InstrumentRecord("XX-LAW", "XX", "A law", "1", "law", "en", made)
        came = arrival()
        staged = stage(self.database, type(came)(**{**came.__dict__, "sha256": sha256}), [record])
        publish(self.database, staged, NOW)
        index = self.indexes.rebuild()
        assert index is not None
        index.close()

    def finds(self) -> list[str]:
        index = open_sound(self.indexes)
        try:
            return [f.provision.locator for f in Finder(Library(self.database), index).find("7 licence", 3)]
        finally:
            index.close()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound data folder, copied by each test."""
    home = tmp_path_factory.mktemp("sound")
    folder = Folder(home)
    folder.fill()
    folder.database.close()
    return home


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Iterator[Folder]:
    import shutil

    shutil.copytree(sound, tmp_path / "home")
    made = Folder(tmp_path / "home")
    yield made
    made.database.close()


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 2, min(len(data), len(data) // 2 + 64)):
        data[at] ^= 0xFF
    path.write_bytes(bytes(data))


def _one_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) * 2 // 3] ^= 0x01
    path.write_bytes(bytes(data))


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _gone(path: Path) -> None:
    path.unlink()


def _noise(path: Path) -> None:
    path.write_bytes(np.random.default_rng(1).bytes(path.stat().st_size))


def _forget(path: Path) -> None:
    """Not damage that SQLite sees: rows that are no longer there."""
    with closing(sqlite3.connect(path)) as db, db:
        table = "passage" if path.name == "passages.sqlite3" else "embeddings"
        key = "id" if table == "passage" else "embedding_id"
        db.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} ORDER BY {key} LIMIT 40)")


VECTORS = ("data_level0.bin", "header.bin", "length.bin", "link_lists.bin", "index_metadata.pickle")
HURTS: dict[str, Callable[[Path], None]] = {
    "flipped": _flip, "half": _half, "zeros": _zeros, "empty": _empty, "gone": _gone, "noise": _noise, "bit": _one_bit,
}  # fmt: skip
CASES = (
    [(name, hurt) for name in VECTORS for hurt in ("flipped", "half", "zeros", "gone")]
    + [(name, hurt) for name in ("passages.sqlite3", "chroma.sqlite3") for hurt in ("half", "zeros", "empty", "gone", "noise")]
    + [("data_level0.bin", "bit")]
)  # fmt: skip


def _file(folder: Folder, name: str) -> Path:
    return next((folder.home / "index").rglob(name))


def test_a_sound_index_is_sound(folder: Folder) -> None:
    assert damage(folder.indexes) == ""
    assert len(folder.finds()) == 3
    assert examine(folder.database, folder.indexes, folder.blobs).findings == ()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "hurt"), CASES)
def test_damage_is_noticed_and_mended(name: str, hurt: str, folder: Folder) -> None:
    before = folder.finds()
    path = _file(folder, name)
    if path.stat().st_size == 0 and hurt in ("half", "zeros", "empty", "flipped"):
        pytest.skip(f"{name} is empty in so small an index")
    HURTS[hurt](path)
    with pytest.raises(IndexDamaged, match="navicert doctor"):
        folder.finds()
    found = examine(folder.database, folder.indexes, folder.blobs)
    assert found.findings
    repair(folder.database, folder.indexes, found.findings)
    assert examine(folder.database, folder.indexes, folder.blobs).findings == ()
    assert folder.finds() == before


@pytest.mark.parametrize("name", ["passages.sqlite3", "chroma.sqlite3"])
def test_rows_that_vanish_are_noticed(name: str, folder: Folder) -> None:
    _forget(_file(folder, name))
    assert damage(folder.indexes)
    repair(folder.database, folder.indexes, examine(folder.database, folder.indexes, folder.blobs).findings)
    assert damage(folder.indexes) == ""


def test_an_index_of_another_version_is_built_again(folder: Folder) -> None:
    with closing(sqlite3.connect(_file(folder, "passages.sqlite3"))) as db, db:
        db.execute("UPDATE meta SET value = '0' WHERE key = 'format'")
    with pytest.raises(IndexDamaged, match="format 0"):
        open_sound(folder.indexes)
    repair(folder.database, folder.indexes, examine(folder.database, folder.indexes, folder.blobs).findings)
    assert damage(folder.indexes) == ""


def test_a_changed_provision_is_noticed_and_not_mended_by_guessing(folder: Folder) -> None:
    with folder.database.write() as connection:
        connection.exec_driver_sql("UPDATE provisions SET text = 'Everything is free.' WHERE locator = 'art-7'")
    (finding,) = examine(folder.database, folder.indexes, folder.blobs).findings
    assert (finding.place, finding.mended_by) == ("XX-LAW art-7", "backup")


def test_a_lost_original_is_noticed(folder: Folder) -> None:
    next(p for p in (folder.home / "blobs").rglob("*") if p.is_file()).unlink()
    (finding,) = examine(folder.database, folder.indexes, folder.blobs).findings
    assert finding.mended_by == "ingest"


def test_vectors_of_another_model_are_refused(folder: Folder) -> None:
    class Other(Model):
        model = "test/other"

    other = Indexes(folder.home, folder.database, Other())
    assert "test/other is set" in damage(other)
    index = other.rebuild()
    assert index is not None
    index.close()
    assert damage(other) == ""


def test_a_backup_brings_everything_back(folder: Folder, tmp_path: Path) -> None:
    from knowledge.store.backup import backup, restore

    before = folder.finds()
    made = backup(folder.home, folder.database, tmp_path / "copy.tar")
    assert made.generation == 1
    restore(tmp_path / "new", None, tmp_path / "copy.tar")
    again = Folder(tmp_path / "new")
    index = again.indexes.rebuild()
    assert index is not None
    index.close()
    assert again.finds() == before
    assert examine(again.database, again.indexes, again.blobs).findings == ()
    again.database.close()


def test_a_backup_that_was_changed_is_refused(folder: Folder, tmp_path: Path) -> None:
    from knowledge.errors import BadInput, StoreError
    from knowledge.store.backup import backup, restore

    backup(folder.home, folder.database, tmp_path / "copy.tar")
    with pytest.raises(StoreError, match="holds documents"):
        restore(folder.home, None, tmp_path / "copy.tar")
    data = bytearray((tmp_path / "copy.tar").read_bytes())
    at = data.find(b"gold")
    data[at : at + 4] = b"dust"
    (tmp_path / "bent.tar").write_bytes(bytes(data))
    with pytest.raises(BadInput, match="no whole backup"):
        restore(tmp_path / "new", None, tmp_path / "bent.tar")
    with pytest.raises(BadInput, match="there already"):
        backup(folder.home, folder.database, tmp_path / "copy.tar")
