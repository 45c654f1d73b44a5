"""Answers kept on disk, so that an unchanged document is not sent again (ETag, Last-Modified).

One file an answer: a line of JSON (what was answered, and the sha256 of the body), then the body. Written beside and
renamed over, so a crash leaves the old file or the new one; a file that does not add up is as good as none.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VERSION = 1


@dataclass(frozen=True)
class Kept:
    """A kept answer. `fetched_at` is an ISO 8601 time with zone."""

    url: str
    final_url: str
    content_type: str
    etag: str
    last_modified: str
    fetched_at: str
    body: bytes


class Cache:
    """Answers under `folder`, found by what was asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> Kept | None:
        """The kept answer, or None where there is none or it is damaged."""
        path = self._path(key)
        try:
            head, _, body = path.read_bytes().partition(b"\n")
            fields = json.loads(head)
            if fields.pop("version") != VERSION or fields.pop("key") != key:
                return None
            if fields.pop("sha256") != hashlib.sha256(body).hexdigest():
                return None
            if not all(isinstance(value, str) for value in fields.values()):
                return None
            return Kept(**fields, body=body)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def put(self, key: str, kept: Kept) -> None:
        """Keep an answer. A full disk or a read-only folder is no reason to fail: the answer is simply not kept."""
        fields: Mapping[str, object] = {
            "version": VERSION,
            "key": key,
            "sha256": hashlib.sha256(kept.body).hexdigest(),
            "url": kept.url,
            "final_url": kept.final_url,
            "content_type": kept.content_type,
            "etag": kept.etag,
            "last_modified": kept.last_modified,
            "fetched_at": kept.fetched_at,
        }
        path = self._path(key)
        temporary = ""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
            with os.fdopen(handle, "wb") as file:
                file.write(json.dumps(fields).encode() + b"\n" + kept.body)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except OSError:
            if temporary:
                Path(temporary).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        digest = hashlib.sha256(key.encode()).hexdigest()
        return self._folder / digest[:2] / digest
