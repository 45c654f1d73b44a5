"""The file beside the database that remembers where the trail ended: one line a look, "number hash moment". Whoever shortens or
rewrites the trail has to rewrite these lines too; a copy of one elsewhere cannot be rewritten at all.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from knowledge.errors import BadInput, StoreError
from knowledge.store.audit import GENESIS, AuditLog, Head
from knowledge.store.database import Database

FILE = "audit.heads"
_TORN = re.compile(r"[0-9]{0,10}( [0-9a-f]{0,64} ?)?")
_LINE = re.compile(r"([0-9]{1,10}) ([0-9a-f]{64}) (\S{1,40})")


@dataclass(frozen=True)
class Line:
    """A line of the file: its number from 1, and the head; None where it is none. `torn`: a power cut may have left it so."""

    number: int
    head: Head | None
    torn: bool = False


def remember(home: Path, head: Head) -> bool:
    """Add the head to the file, on the disk when this returns; False where the file ends with it already.

    Raises StoreError where it cannot be written.
    """
    if head.seq == 0:
        return False
    file = home / FILE
    try:
        with FileLock(file.with_suffix(".heads.lock"), timeout=10):
            return _add(file, head)
    except (OSError, Timeout) as error:
        reason = getattr(error, "strerror", None) or "another process holds it"
        raise StoreError(f"cannot write {file}: {reason}. The trail goes on; its heads are not remembered.") from None


def remember_now(home: Path, database: Database) -> bool:
    """Add the newest record to the file; as `remember`."""
    return remember(home, AuditLog(database).head())


def lines(home: Path) -> Iterator[Line]:
    """Every line of the file; none where there is no file. Raises StoreError where it cannot be read."""
    file = home / FILE
    try:
        with file.open("rb") as opened:
            for number, raw in enumerate(opened, 1):
                whole = raw.endswith(b"\n")
                said = raw.decode("ascii", "replace").rstrip("\n")
                head = parsed(said) if whole else None
                yield Line(number, head, torn=not whole or _TORN.fullmatch(said) is not None)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"cannot read {file}: {error.strerror}.") from None


def parsed(said: str) -> Head | None:
    """A line as it stands in the file; None where it is none."""
    match = _LINE.fullmatch(said)
    return Head(int(match[1]), match[2], match[3]) if match else None


def given(said: str) -> Head:
    """A head as somebody kept it: "NUMBER:HASH", or a line of the file or of `navicert audit head`. Raises BadInput."""
    parts = said.replace(":", " ", 1).split()
    found = parsed(f"{parts[0]} {parts[1].lower()} -") if len(parts) >= 2 else None
    if found is None or (found.seq == 0) != (found.hash == GENESIS):
        raise BadInput(
            f"{said[:100]!r} is no head of the trail. Write it as `navicert audit head` prints it, NUMBER:HASH."
        )
    return found


def _add(file: Path, head: Head) -> bool:
    made = not file.exists()
    opened = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.lseek(opened, 0, os.SEEK_END)
        tail = os.pread(opened, 200, max(0, size - 200)).decode("ascii", "replace")
        last = parsed(tail.rstrip("\n").rpartition("\n")[2]) if tail.endswith("\n") else None
        if last is not None and (last.seq, last.hash) == (head.seq, head.hash):
            return False
        # A line that a power cut left torn stays as it is and is told of; the next one stands by itself.
        start = "" if not tail or tail.endswith("\n") else "\n"
        os.write(opened, f"{start}{head.seq} {head.hash} {head.at}\n".encode())
        os.fsync(opened)
    finally:
        os.close(opened)
    if made:
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return True
