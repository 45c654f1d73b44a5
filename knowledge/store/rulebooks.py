"""Rule books that answers were given under, kept whole: one file for each, named by the hash that the answers name."""

import io
import lzma
import re
import tarfile
from pathlib import Path

from knowledge.errors import StateGone, StoreError
from knowledge.rulefiles import facts, tree
from knowledge.store.blobs import write_whole

_HASH = re.compile(r"[0-9a-f]{64}")
FOLDER = "rulebooks"
"""Below the data folder; a backup carries it."""


class RuleBooks:
    """Archives of rule files in one data folder. A file is there whole or not at all, and what is read back is checked
    against its name."""

    def __init__(self, home: Path) -> None:
        self.folder = home / FOLDER

    def has(self, digest: str) -> bool:
        """Is that rule book kept?"""
        return self._path(digest).exists()

    def keep(self, root: Path, digest: str) -> None:
        """Keep the rule files below `root`, half a second at the first time, nothing after it.

        Raises StoreError where they are not those of `digest` (an upgrade under a running process), or the disk is full.
        """
        if self.has(digest):
            return
        files = tree(root) | facts(root)
        if rules_hash(files) != digest:
            raise StoreError(f"the rules in {root} are no longer those that answer. Restart Navicert.")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._path(digest), _packed(files))
        except OSError as error:
            raise StoreError(
                f"cannot keep the rule book in {self.folder}: {error.strerror}. Free some space."
            ) from None

    def files(self, digest: str) -> dict[str, bytes]:
        """The rule files by their path. Raises StateGone where they are not kept, or not what was kept."""
        path = self._path(digest)
        try:
            found = _unpacked(path.read_bytes())
        except FileNotFoundError:
            raise StateGone(
                f"the rule book {digest[:12]} is not kept in {self.folder}. Restore it from a backup."
            ) from None
        except (OSError, lzma.LZMAError, tarfile.TarError, EOFError) as error:
            raise StateGone(f"{path} cannot be read ({error}). Restore it from a backup.") from None
        if rules_hash(found) != digest:
            raise StateGone(f"{path} is not the rule book it is named after. Restore it from a backup.")
        return found

    def unpack(self, digest: str, target: Path) -> None:
        """Write the rule files below `target`. Raises StateGone."""
        for name, data in self.files(digest).items():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def _path(self, digest: str) -> Path:
        if not _HASH.fullmatch(digest):
            raise StateGone(f"{digest[:80]!r} names no rule book.")
        return self.folder / f"{digest}.tar.xz"


def rules_hash(files: dict[str, bytes]) -> str:
    """The hash of a rule book, as the loader computes it."""
    from knowledge.rulebook.load import hash_of

    return hash_of(files)


def _packed(files: dict[str, bytes]) -> bytes:
    """The same bytes for the same files, whenever they are packed."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in files.items():
            about = tarfile.TarInfo(name)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
    return lzma.compress(raw.getvalue(), preset=1)


def _unpacked(packed: bytes) -> dict[str, bytes]:
    """Names that lead out of a folder are refused."""
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(packed))) as archive:
        for member in archive:
            parts = Path(member.name).parts
            data = archive.extractfile(member) if member.isreg() else None
            if data is None or ".." in parts or Path(member.name).is_absolute():
                raise tarfile.TarError(f"{member.name!r} is no rule file")
            found[member.name] = data.read()
    return found
