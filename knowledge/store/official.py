"""The official words behind a rule's reference, where the document has been ingested."""

import re
from datetime import date
from functools import lru_cache

from knowledge.citing import OfficialPassage
from knowledge.model import Reference, Text
from knowledge.store.library import Library, StoredProvision

WHOLE = 160
"""A provision up to this many characters is quoted whole; of a longer one the paragraph that the rule leans on."""

_ARTICLE = re.compile(r"\d{1,4}(?:-\d{1,2})?$")
_CODE = re.compile(r"\d[A-E]\d{3}")


class OfficialTexts:
    """Looks references up in the library; remembers what it found until the library changes."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._generation = -1
        self._name = "0"
        self._found = lru_cache(maxsize=4096)(self._look_up)

    @property
    def generation(self) -> str:
        """The generation of the library that answers now."""
        self._refresh()
        return self._name

    def passage(self, reference: Reference, digest: Text, on: date) -> OfficialPassage | None:
        """The official passage for a reference, or None where it is not held or did not stand on that day."""
        self._refresh()
        stored = self._found(reference)
        if stored is None:
            return None
        since = stored.version.version_date or stored.version.effective
        if since is not None and since > on:
            return None
        start, end = _leaned_on(stored.text, digest.get(stored.version.language) or digest["en"])
        return OfficialPassage(
            text=stored.text,
            sha256=stored.sha256,
            start=start,
            end=end,
            label=stored.label,
            locator=stored.locator,
            language=stored.version.language,
            page=stored.page,
            url=stored.version.url,
        )

    def _refresh(self) -> None:
        generation = self._library.generation()
        if generation != self._generation:
            self._found.cache_clear()
            self._name = self._library.live().name
            self._generation = generation

    def _look_up(self, reference: Reference) -> StoredProvision | None:
        for locator in _locators(reference.provision):
            if (found := self._library.find(reference.instrument, locator)) is not None:
                return found
        return None


def _locators(provision: str) -> tuple[str, ...]:
    """Where a provision of the rule book stands in an ingested text: an article by its number, an entry by its code."""
    if _ARTICLE.match(provision):
        return (f"art-{provision}", f"item-{provision}")
    if _CODE.match(provision):
        code, *rest = provision.split(".")
        return tuple(f"entry-{'.'.join((code, *rest[:n]))}" for n in range(len(rest), -1, -1))
    return ()


def _leaned_on(text: str, digest: str) -> tuple[int, int]:
    """Offsets of the whole text where it is short, else of the paragraph that shares most with the digest."""
    if len(text) <= WHOLE:
        return 0, len(text)
    wanted = _pairs(digest)
    best, where = -1.0, (0, min(len(text), WHOLE))
    for found in re.finditer(r"[^\n]+", text):
        has = _pairs(found[0])
        score = len(wanted & has) / (len(has) + 20) ** 0.5
        if score > best:
            best, where = score, found.span()
    return where


def _pairs(text: str) -> set[str]:
    plain = re.sub(r"\W+", "", text.lower())
    return {plain[i : i + 2] for i in range(len(plain) - 1)}
