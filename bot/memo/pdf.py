"""A memo as PDF: tagged (PDF/UA-1), its fonts in it, the same bytes from the same memo."""

import json
import subprocess
import sys
import threading
from dataclasses import fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.memo import fonts, qr
from bot.memo.model import Facts, Memo
from knowledge.errors import NavicertError

SECONDS = 60
"""After so long the pages are given up."""
_ONE_AT_A_TIME = threading.Lock()
"""Setting pages takes some 130 MB for a second; many memos at once wait for each other instead."""


@lru_cache(maxsize=1)
def _template() -> str:
    return (Path(__file__).parent / "memo.typ").read_text(encoding="utf-8")


def pdf(memo: Memo) -> bytes:
    """The file. Raises NavicertError where a font is missing or the pages cannot be made."""
    job = {
        "template": _template(),
        "inputs": {"memo": json.dumps(_plain(memo), ensure_ascii=False), "qr": qr.svg(memo.check)},
        "fonts": list(dict.fromkeys(str(path.parent) for path in fonts.files())),
        "timestamp": int(memo.issued_at.timestamp()),
    }
    with _ONE_AT_A_TIME:
        return _set(json.dumps(job).encode())


def _set(job: bytes) -> bytes:
    # By its path and with -P: neither the folder where we were started nor this one may lend it modules.
    command = [sys.executable, "-P", str(Path(__file__).with_name("typeset.py"))]
    try:
        done = subprocess.run(command, input=job, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise NavicertError(f"the PDF was not ready after {SECONDS} s. Take the memo with --format html.") from None
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"exit status {done.returncode}"]
        raise NavicertError(f"the PDF could not be made: {lines[-1]}. Take the memo with --format html.")
    return done.stdout


def _plain(value: Any) -> Any:
    """The memo as JSON data, each block with its type, every text drawable."""
    if isinstance(value, str):
        return fonts.shown(value)
    if isinstance(value, Facts):
        rows = [{"name": fonts.shown(name), "values": _plain(values)} for name, values in value.rows]
        return {"type": "Facts", "rows": rows}
    if is_dataclass(value) and not isinstance(value, type):
        found = {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name != "issued_at"}
        if isinstance(value, Memo):
            found["summary"] = found["summary"]["rows"]
        return {"type": type(value).__name__, **found}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
