"""Numbered citations: each a stored passage by hash and offsets, so that anyone can check the quote."""

from datetime import date

from knowledge.model import Citation, Confidence, Lang, Reference
from knowledge.rulebook.book import RuleBook
from knowledge.timeline import standing, until


class Citations:
    """Collects passages in the order they are cited; the same passage keeps its number."""

    def __init__(self, book: RuleBook, lang: Lang, on: date) -> None:
        self._book, self._lang, self._on = book, lang, on
        self._numbers: dict[Reference, int] = {}

    def cite(self, reference: Reference) -> int:
        """The number of the passage, from 1."""
        return self._numbers.setdefault(reference, len(self._numbers) + 1)

    def text(self, reference: Reference) -> str:
        """The passage in the answer's language, without its full stop."""
        return self._book.provision(reference).text[self._lang].rstrip(" .。")

    def all(self) -> tuple[Citation, ...]:
        """Every citation made so far, by number."""
        return tuple(self._citation(n, reference) for reference, n in self._numbers.items())

    def _citation(self, n: int, reference: Reference) -> Citation:
        instrument = self._book.instruments[reference.instrument]
        provision = self._book.provision(reference)
        quote = provision.text[self._lang]
        entry = self._book.by_code.get(reference.provision)
        timeline = entry.timeline if entry is not None else instrument.timeline
        measure = standing(timeline, self._on) or timeline[0]
        unsure = Confidence.UNCONFIRMED in (provision.confidence, instrument.confidence)
        return Citation(
            n=n,
            instrument=reference.instrument,
            provision=reference.provision,
            title=f"{instrument.number[self._lang]}: {instrument.title[self._lang]}",
            url=instrument.url,
            quote=quote,
            sha256=provision.sha256[self._lang],
            start=0,
            end=len(quote),
            effective_from=measure.start,
            effective_to=until(timeline, measure),
            confidence=Confidence.UNCONFIRMED if unsure else Confidence.CONFIRMED,
            digest=provision.digest,
        )
