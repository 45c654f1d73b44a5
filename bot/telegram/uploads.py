"""Files that an admin sent, kept in the data folder until the job that reads them is over."""

import hashlib
import re
import shutil
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from knowledge.errors import Busy, StoreError
from knowledge.store.blobs import write_whole

MOST = 20 * 1024 * 1024
"""Bytes of a file that Telegram lets a bot download."""
LONGEST = 150
"""Bytes of a kept file's name; file systems take 255."""
FALLBACK = "document"

_NOT_IN_NAMES = re.compile(r'[<>:"|?*`~]')


def safe_name(name: str) -> str:
    """A file's name from what its sender calls it: no folders, no marks that cannot be seen, its ending kept."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
    plain = _NOT_IN_NAMES.sub("_", re.sub(r"\s+", " ", seen)).strip()
    stem, dot, ending = plain.rpartition(".")
    if not dot or not ending.isalnum() or len(ending) > 8:
        stem, ending = plain, ""
    ending = f".{ending}" if ending else ""
    room = LONGEST - len(ending.encode())
    short = stem.encode()[:room].decode("utf-8", "ignore").strip(" .")
    return f"{short or FALLBACK}{ending}"


@contextmanager
def guarded(home: Path) -> Iterator[Path]:
    """The folder of uploads while nobody else, in this process or another, keeps or clears there: a file is never cleared
    between being kept and its job being queued. Raises Busy, StoreError."""
    folder = home / "uploads"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=30):
            yield folder
    except Timeout:
        raise Busy("another upload is being kept just now. Send the file again in a minute.") from None
    except OSError as error:
        raise StoreError(f"the upload cannot be kept: {error.strerror}. Free some space in the data folder.") from None


def keep(folder: Path, name: str, data: bytes) -> Path:
    """Keep a file's bytes under their SHA-256 and its safe name; only inside `guarded`. Returns its absolute path."""
    own = folder / hashlib.sha256(data).hexdigest()
    own.mkdir(mode=0o700, exist_ok=True)
    path = own / safe_name(name)
    write_whole(path, data)
    return path.absolute()


def spec_of(path: Path) -> str:
    """The source that names a kept file in a job."""
    return f"file:{path.as_posix()}"


def clear(folder: Path, used: Collection[str]) -> int:
    """Remove every upload that no spec in `used` names; only inside `guarded`. Returns how many folders went."""
    gone = 0
    for own in folder.iterdir():
        if own.is_dir() and not any(spec_of(path.absolute()) in used for path in own.iterdir()):
            shutil.rmtree(own, ignore_errors=True)
            gone += 1
    return gone


def any_kept(home: Path) -> bool:
    """Is there anything to clear? Cheap."""
    folder = home / "uploads"
    return folder.is_dir() and any(path.is_dir() for path in folder.iterdir())
