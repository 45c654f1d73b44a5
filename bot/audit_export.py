"""The audit trail as a file: JSON lines, or a table that no spreadsheet takes for formulas."""

import csv
import json
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from bot.telegram.audit import cell

COLUMNS = ("seq", "at", "kind", "actor", "subject", "body", "private", "previous", "hash")


def write_jsonl(rows: Iterable[Mapping[str, Any]], out: TextIO) -> int:
    """One record a line; returns how many."""
    count = 0
    for row in rows:
        count += 1
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return count


def write_csv(rows: Iterable[Mapping[str, Any]], out: TextIO) -> int:
    """One record a line below a line of names, what has parts as JSON; returns how many."""
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    count = 0
    for row in rows:
        count += 1
        writer.writerow(cell(_text(row.get(name))) for name in COLUMNS)
    return count


def _text(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)
