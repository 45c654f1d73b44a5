"""Is the index what it should be? Asked in a child process first, for some damage ends the process that reads it.

`python -m knowledge.store.soundness FOLDER MODEL DIMENSION` prints the manifest of an index folder, or one line why it cannot.
"""

import json
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from knowledge.errors import IndexDamaged, NavicertError
from knowledge.search.model import IndexPassage
from knowledge.store.embed import EmbeddingCache
from knowledge.store.index import WORDS_ONLY, Index, Indexes, Manifest, expected, written_files
from knowledge.store.library import Library

PROBE_SECONDS = 300
CANARIES = 24
"""Stored passages that must find themselves."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: where, what, and whether `navicert doctor` mends it by itself."""

    place: str
    what: str
    mended_by: str = "rebuild"


def open_sound(indexes: Indexes) -> Index:
    """The current index, open, once it is what its owner last stamped. Raises IndexDamaged otherwise.

    Usually a hash of the vector files and a look at the rows. Where a killed process left it unstamped, a child process
    reads everything first, and what it holds is compared with the database.
    """
    stamped = indexes.manifest()
    try:
        if what := _unsafe(indexes, stamped):
            raise IndexDamaged(what)
        index = indexes.open()
        if stamped is None or _contents(index.manifest()) != _contents(stamped):
            index.close()
            if findings := compare(indexes):
                raise IndexDamaged(findings[0].what)
            index = indexes.open()
    except IndexDamaged as error:
        place = indexes.folder / indexes.current()
        raise IndexDamaged(f"{place}: {error}. No document is lost: `navicert doctor` builds it again.") from None
    return index


def damage(indexes: Indexes) -> str:
    """What is wrong with the current index, in words; empty where it is sound."""
    try:
        open_sound(indexes).close()
    except IndexDamaged as error:
        return str(error)
    return ""


def _contents(manifest: Manifest) -> tuple[str, str]:
    return manifest.lexical, manifest.dense


def _unsafe(indexes: Indexes, stamped: Manifest | None) -> str:
    """What forbids opening the files in this process; empty where nothing does."""
    folder = indexes.folder / indexes.current()
    if not folder.exists():
        return "its files are gone" if stamped is not None and stamped.passages else ""
    if stamped is not None and stamped.model != indexes.model:
        return f"it was made with {stamped.model}, and {indexes.model} is set"
    if _broken_sqlite(folder):
        return "one of its SQLite files is damaged"
    if stamped is not None and not indexes.being_written():
        return "" if written_files(folder) == stamped.files else "its vector files are not as they were written"
    found = probe(folder, indexes.model, indexes.dimension)
    return found if isinstance(found, str) else ""


def probe(folder: Path, model: str, dimension: int) -> Manifest | str:
    """The manifest as a child process reads it, or what went wrong there; a crash of the child is an answer too."""
    command = [sys.executable, "-m", "knowledge.store.soundness", str(folder), model, str(dimension)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)  # noqa: S603 - our own module
    except subprocess.TimeoutExpired:
        return f"reading it takes more than {PROBE_SECONDS} seconds"
    if run.returncode < 0:
        return f"reading it ends the process (signal {-run.returncode})"
    try:
        said = json.loads(run.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        return f"reading it fails: {(run.stderr.strip().splitlines() or ['no message'])[-1][:200]}"
    return str(said["damage"]) if "damage" in said else Manifest(**said)


def compare(indexes: Indexes) -> list[Finding]:
    """The index against the database, passage by passage: missing ones, wrong rows, wrong vectors.

    Passages that are in the index and no longer live do no harm and are not findings.
    """
    place = f"index {indexes.current()}"
    wanted, plain = expected(indexes.database, Library(indexes.database).live())
    try:
        index = indexes.open()
    except NavicertError as error:
        return [Finding(place, str(error))]
    try:
        return _compare(index, wanted, plain, place)
    except Exception as error:  # the libraries raise what they like over a damaged file
        return [Finding(place, f"it cannot be read: {type(error).__name__}: {error}")]
    finally:
        index.close()


def _compare(index: Index, wanted: dict[str, IndexPassage], plain: frozenset[str], place: str) -> list[Finding]:
    findings = []
    if missing := wanted.keys() - index.lexical.ids():
        findings.append(Finding(place, f"{len(missing)} live passages are not in the index of words"))
    elif wrong := index.lexical.differing(wanted.values()):
        findings.append(Finding(place, f"{len(wrong)} passages are not as they were put into the index of words"))
    if index.dense is None:
        return findings
    meant = wanted.keys() - plain
    stored = index.dense.get(sorted(meant))
    if lost := meant - stored.keys():
        findings.append(Finding(place, f"{len(lost)} live passages have no vector"))
    hashes = {i: EmbeddingCache.hash(wanted[i].embedded) for i in stored}
    cached = index.cached(list(hashes.values()))
    bent = [i for i, h in hashes.items() if h in cached and float(stored[i] @ cached[h]) < _NEARLY]
    if bent:
        findings.append(Finding(place, f"{len(bent)} vectors are not the ones that were stored"))
    return findings


_NEARLY = 0.999
"""Cosine of a vector with itself after a round trip in single precision, with room to spare."""


def canaries(index: Index, wanted: dict[str, IndexPassage], plain: frozenset[str], seed: int) -> list[Finding]:
    """A stored passage, asked for in its own words or by its own vector, must be found."""
    chosen = random.Random(seed).sample(sorted(wanted), min(CANARIES, len(wanted)))  # noqa: S311 - a sample, no secret
    findings = []
    for identity in chosen:
        words = [i for i, _ in index.lexical.search(wanted[identity].text[:400], 20)]
        if wanted[identity].text.strip() and words and identity not in words and not _twin(wanted, identity, words):
            findings.append(Finding("canary", f"{identity} is not found by its own words"))
        if index.dense is None or identity in plain:
            continue
        own = index.dense.get([identity]).get(identity)
        if own is None or not any(i == identity or score > _NEARLY for i, score in index.dense.search(own, 5)):
            findings.append(Finding("canary", f"{identity} is not found by its own vector"))
    return findings


def _twin(wanted: dict[str, IndexPassage], identity: str, found: list[str]) -> bool:
    """Many rows of a list read alike: another one with the same words is as good."""
    return any(i in wanted and wanted[i].text == wanted[identity].text for i in found)


def _broken_sqlite(folder: Path) -> bool:
    for path in (folder / "lexical" / "passages.sqlite3", folder / "dense" / "chroma.sqlite3"):
        if not path.exists():
            return path.parent.exists()
        try:
            with closing(sqlite3.connect(path)) as connection:
                if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                    return True
        except sqlite3.DatabaseError:
            return True
    return False


@dataclass
class _Shape:
    """Says what vectors to expect; the child embeds nothing."""

    model: str
    dimension: int


def main(folder: Path, model: str, dimension: int) -> None:
    """The child's work."""
    shape = None if model == WORDS_ONLY else _Shape(model, dimension)
    try:
        index = Index(folder, shape, None)
        said = asdict(index.manifest())
        index.close()
    except Exception as error:  # whatever it is, the parent wants it as a line
        said = {"damage": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
