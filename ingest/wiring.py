"""The ingest of this process: real connectors, isolated readers, the rule book's instruments, the official bounds."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.connectors import resolve
from ingest.connectors.base import Item
from ingest.document import Document
from ingest.fetch import Fetcher
from ingest.service import Means
from knowledge.settings import Settings
from knowledge.store.compiled import CCL
from knowledge.store.records import InstrumentRecord, ProvisionRecord

if TYPE_CHECKING:
    from knowledge.controllists.model import ControlList
    from knowledge.rulebook import RuleBook


@dataclass(frozen=True)
class Connectors:
    """Every source that a person may name, reached through one polite fetcher."""

    fetcher: Fetcher
    korea_key: str = ""

    def canonical(self, spec: str) -> str:
        """The normal form of a source, the same from any folder. Raises BadInput for what names none."""
        found = resolve(spec, law_go_kr_account=self.korea_key)
        if found.scheme == "file":
            next(found.items(self.fetcher), None)  # a path that is not there is better known before the job is queued
            return f"file:{Path(found.spec).expanduser().absolute().as_posix()}"
        return found.text

    def items(self, spec: str) -> Iterator[Item]:
        """The documents of a source, lazily. Raises BadInput, FetchError or SourceError."""
        return resolve(spec, law_go_kr_account=self.korea_key).items(self.fetcher)


def means(settings: Settings, now: Callable[[], datetime], fetcher: Fetcher | None = None) -> Means:
    """How this process reaches, reads and understands documents. What reads is loaded when there is something to read."""

    @cache
    def book() -> "RuleBook":
        from knowledge.rulebook import load
        from knowledge.rulebook.load import RULES

        return load(RULES, settings.home / "cache")

    def understood(document: Document, hints: Mapping[str, str]) -> tuple[InstrumentRecord, ...]:
        from ingest.structure.assemble import structure

        return structure(document, hints, book().instruments)

    def read(data: bytes, name: str, declared: str | None) -> Document:
        from ingest.worker import read_isolated

        return read_isolated(data, name, declared)

    def expected(instrument: str) -> tuple[int, int] | None:
        from ingest.sources import sources

        return sources().expected(instrument)

    reach = Connectors(fetcher or Fetcher(settings.home / "cache" / "http"), settings.korea_key)
    compilers = {CCL: compile_ccl}
    return Means(reach, read, understood, expected, now, compilers=compilers, compiler=compiler_version, book=book)


def compile_ccl(provisions: Sequence[ProvisionRecord], version: str) -> "ControlList":
    """The Commerce Control List of these provisions."""
    from ingest.controllists import compile_list

    return compile_list(provisions, version)


@lru_cache(maxsize=1)
def compiler_version() -> str:
    """Names the code that compiles control lists: when it changes, a live list is compiled again."""
    digest = hashlib.sha256()
    model = Path(__file__).parent.parent / "knowledge" / "controllists"
    folder = Path(__file__).parent / "controllists"
    for path in (*sorted(folder.glob("*.py")), model / "model.py", model / "codec.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
