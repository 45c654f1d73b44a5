"""The last check before an answer leaves: every quote stands where it is said to stand, every mark has its citation."""

import hashlib
import re
from collections.abc import Sequence
from datetime import date

from knowledge.citing import Official
from knowledge.model import Citation, Lang, Reference
from knowledge.rulebook.book import RuleBook

_MARK = re.compile(r"\[(\d+)\]")


class Unverified(AssertionError):
    """An answer that would quote wrongly: a defect of Navicert, never of the user's input."""


def verify(
    text: str, citations: Sequence[Citation], book: RuleBook, lang: Lang, official: Official | None, on: date
) -> None:
    """Raises Unverified where a quote differs from the stored passage, or a mark and the citations do not agree."""
    numbers = {c.n for c in citations}
    used = {int(m) for m in _MARK.findall(text)}
    if used - numbers:
        raise Unverified(f"marks without a citation: {sorted(used - numbers)}")
    if numbers - used:
        raise Unverified(f"citations that no sentence leans on: {sorted(numbers - used)}")
    for citation in citations:
        provision = book.find(Reference(citation.instrument, citation.provision))
        if provision is None:
            raise Unverified(f"[{citation.n}] cites {citation.instrument} {citation.provision}, which is not stored")
        if citation.digest:
            stored = provision.text[lang]
        else:
            reference = Reference(citation.instrument, citation.provision)
            held = official.passage(reference, provision.text, on) if official else None
            stored = held.text if held else ""
        if stored[citation.start : citation.end] != citation.quote:
            raise Unverified(f"[{citation.n}] does not quote {citation.instrument} {citation.provision}")
        if hashlib.sha256(stored.encode()).hexdigest() != citation.sha256:
            raise Unverified(f"[{citation.n}] has the hash of another text")
