"""Numbered citations: each a stored passage by hash and offsets, so that anyone can check the quote."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from knowledge.model import Citation, Confidence, Lang, Reference, Text
from knowledge.rulebook.book import RuleBook
from knowledge.timeline import standing, until


@dataclass(frozen=True)
class OfficialPassage:
    """What the publisher wrote at the place of a reference: `text[start:end]` is the part that the rule leans on."""

    text: str
    sha256: str
    start: int
    end: int
    label: str
    locator: str
    language: str
    page: int | None
    url: str


class Official(Protocol):
    """Where official texts are kept, if any have been ingested."""

    def refresh(self) -> None:
        """Answer from the newest state of the library from here on."""
        ...

    @property
    def generation(self) -> str:
        """The state of the library that answers now."""
        ...

    def passage(self, reference: Reference, digest: Text, on: date) -> OfficialPassage | None:
        """The official passage, None where it is not held or did not stand on that day."""
        ...


Found = tuple[str, str, int, int]
"""What tells one found quote from another: instrument, hash of the passage, offsets."""


class Citations:
    """Collects passages in the order they are cited; the same passage keeps its number.

    A passage is quoted from the official text where `official` holds it, else from the rule book's digest.
    """

    def __init__(self, book: RuleBook, lang: Lang, on: date, official: Official | None = None) -> None:
        self._book, self._lang, self._on, self._official = book, lang, on, official
        self._made: dict[Reference | Found, Citation | None] = {}

    def cite(self, reference: Reference) -> int:
        """The number of the passage, from 1."""
        return self._number(reference, None)

    def add(self, found: Citation) -> int:
        """The number of a quote that a search found; `found.n` is not used."""
        return self._number((found.instrument, found.sha256, found.start, found.end), found)

    def _number(self, key: "Reference | Found", citation: Citation | None) -> int:
        self._made.setdefault(key, citation)
        return list(self._made).index(key) + 1

    def text(self, reference: Reference) -> str:
        """The passage in the answer's language, without its full stop."""
        return self._book.provision(reference).text[self._lang].rstrip(" .。")

    def all(self) -> tuple[Citation, ...]:
        """Every citation made so far, by number."""
        made: list[Citation] = []
        for n, (key, found) in enumerate(self._made.items(), 1):
            if isinstance(key, Reference):
                made.append(self._citation(n, key))
            elif found is not None:
                made.append(replace(found, n=n))
        return tuple(made)

    def _citation(self, n: int, reference: Reference) -> Citation:
        instrument = self._book.instruments[reference.instrument]
        provision = self._book.provision(reference)
        held = self._official.passage(reference, provision.text, self._on) if self._official else None
        entry = self._book.by_code.get(reference.provision)
        timeline = entry.timeline if entry is not None else instrument.timeline
        measure = standing(timeline, self._on) or timeline[0]
        unsure = Confidence.UNCONFIRMED in (provision.confidence, instrument.confidence)
        digest = provision.text[self._lang]
        citation = Citation(
            n=n,
            instrument=reference.instrument,
            provision=reference.provision,
            title=f"{instrument.number[self._lang]}: {instrument.title[self._lang]}",
            url=instrument.url,
            quote=digest,
            sha256=provision.sha256[self._lang],
            start=0,
            end=len(digest),
            effective_from=measure.start,
            effective_to=until(timeline, measure),
            confidence=Confidence.UNCONFIRMED if unsure else Confidence.CONFIRMED,
            digest=provision.digest,
            language=self._lang,
        )
        if held is None:
            return citation
        return replace(
            citation,
            url=held.url or instrument.url,
            quote=held.text[held.start : held.end],
            sha256=held.sha256,
            start=held.start,
            end=held.end,
            digest=False,
            page=held.page,
            label=held.label,
            language=held.language,
        )
