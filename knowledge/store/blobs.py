"""The originals, byte for byte, under the hash of their bytes."""

import hashlib
import os
import tempfile
from pathlib import Path

from knowledge.errors import StoreError


class Blobs:
    """A folder of files named by SHA-256. A file is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Keep the bytes; returns their SHA-256. Raises StoreError where the disk will not take them."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        if path.exists() and path.stat().st_size == len(data):
            return sha256
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
        except OSError as error:
            raise StoreError(f"cannot keep the original in {path.parent}: {error.strerror}. Free some space.") from None
        return sha256

    def has(self, sha256: str) -> bool:
        """Is there a file of that name? Whether it is still what it was, `get` tells."""
        return self._path(sha256).exists()

    def get(self, sha256: str) -> bytes | None:
        """The bytes, or None where they are gone or no longer what they were."""
        try:
            data = self._path(sha256).read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == sha256 else None

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, also after a power cut."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".aside-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
