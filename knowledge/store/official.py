"""The official words behind a rule's reference, where the document has been ingested."""

import re
from datetime import date
from functools import lru_cache

from knowledge.citing import OfficialPassage
from knowledge.model import Reference, Text
from knowledge.store.library import Library, StoredProvision
from knowledge.store.records import Part

WHOLE = 160
"""A provision up to this many characters is quoted whole; of a longer one the paragraph that the rule leans on."""

_ARTICLE = re.compile(r"\d{1,4}(?:-\d{1,2})?$")
_CODE = re.compile(r"\d[A-E]\d{3}")
_SECTION = re.compile(r"(\d{3}\.\d{1,2})((?:\(\w+\))*)$")
_ROW = re.compile(r"/row-\d+$")


class OfficialTexts:
    """Looks references up in the library; remembers what it found. Whoever answers calls `refresh` first, so that one
    answer leans on one generation and asks for it once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._generation = -1
        self._name = "0"
        self._found = lru_cache(maxsize=4096)(self._look_up)

    @property
    def generation(self) -> str:
        """The generation of the library that answers."""
        if self._generation < 0:
            self.refresh()
        return self._name

    def passage(self, reference: Reference, digest: Text, on: date) -> OfficialPassage | None:
        """The official passage for a reference, or None where it is not held or did not stand on that day."""
        if self._generation < 0:
            self.refresh()
        held = self._found(reference)
        if held is None:
            return None
        stored, part = held
        since = stored.version.version_date or stored.version.effective
        if since is not None and since > on:
            return None
        start, end = _leaned_on(stored.text, digest.get(stored.version.language) or digest["en"])
        if part is not None:
            start, end = part.start, part.end
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

    def refresh(self) -> None:
        """Answer from the newest generation from here on; one small query."""
        generation = self._library.generation()
        if generation != self._generation:
            self._found.cache_clear()
            self._name = self._library.live().name
            self._generation = generation

    def _look_up(self, reference: Reference) -> tuple[StoredProvision, Part | None] | None:
        for locator in locators(reference.provision):
            for length in range(locator.count("/") + 1, 0, -1):
                whole = "/".join(locator.split("/")[:length])
                found = self._library.find(reference.instrument, whole)
                if found is None:
                    continue
                part = next((p for p in found.parts if p.locator == locator), None)
                if part is not None or whole == locator or not _ROW.search(locator):
                    return found, part
        return None


def locators(provision: str) -> tuple[str, ...]:
    """Where a provision of the rule book stands in an ingested text: an article or section by its number, an entry by its
    code and paragraph (`3A001.b.2`), a row of an entry's table by its place (`2B350/license-requirements/table-1/row-1`)."""
    if _ARTICLE.match(provision):
        return (f"art-{provision}", f"item-{provision}")
    if section := _SECTION.match(provision):
        return ("/".join((f"sec-{section[1]}", *re.findall(r"\((\w+)\)", section[2]))),)
    if _ROW.search(provision):
        return (f"entry-{provision}",)
    if _CODE.match(provision):
        code, *rest = provision.split(".")
        dotted = [f"entry-{'.'.join((code, *rest[:n]))}" for n in range(len(rest), 0, -1)]
        return (*dotted, "/".join((f"entry-{code}", *rest)))
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
