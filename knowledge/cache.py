"""Derived data kept between runs as JSON: parsing the rules takes a quarter of a second, reading them back a tenth of it.

A file is named after the hash of what it was made from, so a stale one is never read; any file may be deleted at any
time, and a folder that cannot be written costs speed only.
"""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

_KEPT = 4
"""Files of one kind that are kept; older ones are of former rules."""


def kept(folder: Path | None, kind: str, key: str, make: Callable[[], Any]) -> Any:
    """The JSON value of that kind and key, made and kept where it is not there yet. `folder` None: made each time."""
    if folder is None:
        return make()
    path = folder / f"{kind}-{key[:24]}.json"
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        pass  # not there yet, or cut off by a full disk: made again
    value = make()
    try:
        _write(path, value)
        _clear(folder, kind)
    except OSError:
        pass
    return value


def _write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".kept-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, separators=(",", ":"))
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def _clear(folder: Path, kind: str) -> None:
    files = sorted(folder.glob(f"{kind}-*.json"), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in files[_KEPT:]:
        old.unlink(missing_ok=True)
