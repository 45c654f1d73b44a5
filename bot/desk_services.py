"""What the staff's commands work with: the rule book with the compiled list that answers, the desk, the lists of parties.

Part of the composition root: the isolated reader meets the desk here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.citing import Citations, Official
from knowledge.errors import BadInput
from knowledge.model import Citation, Lang, Reference
from knowledge.rulebook import RuleBook
from knowledge.settings import Settings

if TYPE_CHECKING:
    from knowledge.classify.desk import Desk
    from knowledge.classify.model import Candidate, Classification
    from knowledge.screening.service import Screening
    from knowledge.store.compiled import CompiledLists
    from knowledge.store.database import Database
    from knowledge.store.decisions import Decision, Decisions, Lists
    from knowledge.store.parties import Live

CCL, ANNEX, ANNEX_DIGEST = "US-EAR-774-S1", "EU-2021-821", "annex-I"
LARGEST = 100 * 1024**2
"""Bytes of a file that is read; the isolated reader's own limit."""
KEPT = 20_000
"""Characters of a description that are stored and printed: several pages."""
PLACES = 1
"""Paragraphs of a candidate that are cited besides the entry."""


@dataclass(frozen=True)
class Desks:
    """The services of one process, each made at its first use. Nothing here reads a clock."""

    settings: Settings
    opened: "Database | None" = None

    @cached_property
    def database(self) -> "Database":
        """The database that was given, else that of the data folder, made where there is none."""
        if self.opened is not None:
            return self.opened
        from knowledge.store.database import open_database

        return open_database(self.settings.home, self.settings.database)

    @cached_property
    def compiled(self) -> "CompiledLists | None":
        """The compiled lists; None where nothing was ever ingested, which opens no database."""
        if not self.settings.holds_documents:
            return None
        from knowledge.store.compiled import CompiledLists

        return CompiledLists(self.database)

    @cached_property
    def book(self) -> RuleBook:
        """The rule book with the list compiled from the live text, where there is one. Raises StoreError, BadRule."""
        from knowledge.rulebook import load
        from knowledge.rulebook.load import RULES

        cache = self.settings.home / "cache"
        live = self.compiled.live() if self.compiled is not None else None
        return replace(load(RULES, cache), compiled=live, cache=cache)

    @cached_property
    def official(self) -> Official | None:
        """The ingested texts; None where there are none."""
        from bot.library_services import official

        found: Official | None = official(self.settings)
        return found

    @cached_property
    def desk(self) -> "Desk":
        """The classification desk over the list that answers."""
        from knowledge.classify.desk import load
        from knowledge.reading.read import reader

        cache = self.settings.home / "cache"
        return load(self.book.compiled, reader(self.book, cache), cache)

    @cached_property
    def screening(self) -> "Screening":
        """Every list of parties that is searched, of the US the newest one that was ingested."""
        from knowledge.store.parties import LibraryScreening

        return LibraryScreening(self.book, self.settings.home / "cache", self._live_parties)

    def _live_parties(self) -> "Live":
        """The ingested list of parties; nothing where nothing was ever ingested, which opens no database."""
        from knowledge.store.parties import Live, live_parties

        if not self.settings.holds_documents:
            return Live()
        from knowledge.store.blobs import Blobs
        from knowledge.store.library import Library

        home = self.settings.home
        return live_parties(Library(self.database), Blobs(home / "blobs"), home / "cache")

    @cached_property
    def lists(self) -> "Lists":
        """The lists that decisions are held against."""
        from knowledge.store.decisions import Lists

        return Lists(self.book)

    @cached_property
    def decisions(self) -> "Decisions":
        """The decisions in the database."""
        from knowledge.store.decisions import Decisions

        return Decisions(self.database)

    def classify(self, text: str, limit: int) -> "Classification":
        """The candidates for a description."""
        from knowledge.classify.classify import classify

        return classify(text, self.desk, limit=limit)

    def propose(self, text: str, found: "Classification", at: datetime, asked_by: str = "") -> int:
        """Keep a proposal with its scores and the lists it was made against; returns its number. Of a long text the
        first KEPT characters are kept."""
        from knowledge.store.decisions import UNLISTED

        rows: list[dict[str, Any]] = [
            {"regime": c.regime, "code": c.code, "rank": c.rank, "score": round(c.score, 4)} for c in found.candidates
        ]
        rows.append({"regime": "US", "code": UNLISTED, "score": round(found.not_listed.probability, 4)})
        return self.decisions.propose(text[:KEPT], found.language, rows, self.lists, at, asked_by)

    def refreshed(self, at: datetime) -> "tuple[Decision, ...]":
        """Reopen decisions that the lists have put in doubt since they were last looked at; returns those."""
        return self.decisions.reopen_changed(self.lists, at)

    def citations(self, candidate: "Candidate", lang: Lang, on: date) -> tuple[Citation, ...]:
        """The passages behind a candidate: the entry and its best paragraph in the official text where that is ingested,
        else the entry's digest. An entry of Annex I, which is not bundled, is cited by what the rules say of the Annex."""
        book = self.book
        if self.official is not None:
            self.official.refresh()
        if candidate.regime == "EU":
            held = self._annex(candidate, lang, on)
            return held or self._cited([Reference(ANNEX, ANNEX_DIGEST)], lang, on)
        if candidate.regime == "CN":
            entry = book.by_code.get(candidate.code)
            return self._cited([entry.reference] if entry is not None else [], lang, on)
        places = [Reference(CCL, f"{candidate.code}.{item.path}") for item in candidate.items[:PLACES]]
        found = self._cited([Reference(CCL, candidate.code), *places], lang, on)
        return (*found[:1], *(c for c in found[1:] if not c.digest))

    def _annex(self, candidate: "Candidate", lang: Lang, on: date) -> tuple[Citation, ...]:
        """The entry in the official text of the Annex, where that is ingested."""
        digest = self.book.find(Reference(ANNEX, ANNEX_DIGEST))
        if self.official is None or digest is None:
            return ()
        held = self.official.passage(Reference(ANNEX, candidate.code), digest.text, on)
        if held is None:
            return ()
        (basis,) = self._cited([Reference(ANNEX, ANNEX_DIGEST)], lang, on)
        return (
            replace(
                basis, provision=candidate.code, url=held.url or basis.url, quote=held.text[held.start : held.end],
                sha256=held.sha256, start=held.start, end=held.end, digest=False, page=held.page, label=held.label,
                language=held.language,
            ),
        )  # fmt: skip

    def _cited(self, references: list[Reference], lang: Lang, on: date) -> tuple[Citation, ...]:
        marks = Citations(self.book, lang, on, self.official)
        for reference in references:
            if reference.instrument in self.book.instruments and self.book.find(reference) is not None:
                marks.cite(reference)
        return marks.all()

    def unlisted(self, lang: Lang, on: date) -> tuple[Citation, ...]:
        """The passage behind EAR99."""
        return self._cited([Reference(CCL, "EAR99")], lang, on)


def file_text(path: Path, read: Callable[[bytes, str, str | None], Any] | None = None) -> str:
    """The text of a specification, read in an isolated process as an ingest reads it. Raises BadInput where it cannot be."""
    from ingest.reasons import Quarantined
    from ingest.worker import read_isolated

    try:
        if not path.is_file():
            raise BadInput(f"--file: {path} is no file. Name a PDF, DOCX, HTML or text file.")
        if path.stat().st_size > LARGEST:
            raise BadInput(
                f"--file: {path} is larger than {LARGEST // 1024**2} MiB. Give the pages that describe the product."
            )
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"--file: cannot read {path}: {error.strerror}.") from None
    except ValueError:
        raise BadInput("--file: that is no name of a file.") from None
    try:
        text: str = (read or read_isolated)(data, path.name, None).text
    except Quarantined as reason:
        raise BadInput(f"--file: {path} cannot be read ({reason.reason.value}): {reason.detail}") from None
    return text
