"""Titles and trade names of ECCNs in our own words: `rules/us/eccn/*.yaml`."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.cache import kept
from knowledge.model import Text
from knowledge.rulefiles import parse

_FOLDER = Path(__file__).resolve().parent.parent / "rules" / "us" / "eccn"


@dataclass(frozen=True)
class Name:
    """What one entry is called: a title and what the trade calls goods under it, by language."""

    title: Text
    names: Mapping[str, tuple[str, ...]]


def load_names(cache: Path | None = None) -> Mapping[str, Name]:
    """Every entry's names by code. `cache` is a folder in which the parsed files are kept for the next start."""
    files = {p.name: p.read_bytes() for p in sorted(_FOLDER.glob("*.yaml"))}
    digest = hashlib.sha256(b"\0".join(n.encode() + b"\0" + data for n, data in files.items())).hexdigest()

    def read() -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, data in files.items():
            found.update(parse(data, f"us/eccn/{name}"))
        return found

    rows: Mapping[str, Any] = kept(cache, "eccn", digest, read)
    return {
        code: Name(row["title"], {lang: tuple(names) for lang, names in row.get("names", {}).items()})
        for code, row in rows.items()
    }
