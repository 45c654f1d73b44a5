"""What licence requirement notes take out of an entry, and where an entry without rows sends its reader."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.controllists.catalogue import Catalogue
from ingest.controllists.lines import CONTROLS, HEAD, REQUIREMENTS, EntryText, Line
from ingest.controllists.references import references, spelled, tidy
from ingest.controllists.where import CONVENTION, destinations, sections_of
from knowledge.controllists.model import Asks, Requirement, Row, Scope
from knowledge.lexis.sentences import sentences

_NOTE = re.compile(r"^(?:License (?:Requirements?|Exceptions)\s+)?Notes?\b|^N\.B|^Technical Notes?\b", re.IGNORECASE)
_FREES = re.compile(
    r"\blicense is not required\b|\bmay be shipped NLR\b|\bexcluded from the scope of this\b"
    r"|(?:^|:\s*)\d[A-E]\d{3}(?:\.[a-z0-9]+)* does not apply to\b",
    re.IGNORECASE,
)
_FOR_ONE_REASON = re.compile(r"\bnot required,? for [A-Z]{2} reasons\b")
_INELIGIBLE = re.compile(r"\bnot eligible\b|^\W*(?:[A-Za-z]\W+)?[^:]*?\bNo\b.{0,90}\bis eligible\b", re.IGNORECASE)
_NUMBERED = re.compile(r"^(?:License Requirements? Notes?:?\s*)?\d{1,2}\.\s+[A-Z]", re.IGNORECASE)
_CONVENTION = re.compile(r"States not Party to the CWC", re.IGNORECASE)
_KINDS = (
    ("sample_shipment", r"sample shipments?"),
    ("retail_packed", r"packaged for retail"),
    ("compound", r"\bcompounds created\b"),
    ("medical_or_test_kit", r"\bkits\b|vaccines?|medical products"),
    ("accompanied", r"accompanying its operator"),
)
_TAGS = tuple((tag, re.compile(pattern, re.IGNORECASE)) for tag, pattern in _KINDS)
EXEMPTED = (*(tag for tag, _ in _KINDS), "other")
"""The tags of `CompiledEntry.exempted`: what the goods or the shipment must be."""
_SENDS = re.compile(
    r"\b(?:(?:is|are|and)\s+controlled\s+(?:by|in|under)|see)\s+"
    r"(?P<where>.*?)(?=\b(?:for|if|that|related|formerly|(?:is|are)\s+controlled)\b|\.\s+(?=(?-i:[A-Z(]))|;|$)",
    re.IGNORECASE | re.DOTALL,
)
_SENT_ON = re.compile(r"\bSee Related Controls\b", re.IGNORECASE)
_ITAR = re.compile(r"\bITAR\b")
_LESS = re.compile(r"\b(?:with the exception of|except(?:ing)?|other than)\b([^;]*)", re.IGNORECASE)


def notes(entry: EntryText) -> tuple[str, ...]:
    """Notes line by line, those of the licence requirements with the lines that go on below their first."""
    beside = {id(line) for part in (HEAD, REQUIREMENTS) for line in entry.of(part) if line.note}
    return tuple(line.text for line in entry.all if id(line) in beside or _NOTE.match(line.text))


def exempted(entry: EntryText, catalogue: Catalogue) -> tuple[Row, ...]:
    """What notes beside the table free from the whole entry, each under a tag of `EXEMPTED`. Rows hold no wording.

    `requirement.without_groups` and `sections` are what the note's further points keep out: Country Groups, and where the
    States are listed outside which it does not hold. `scope.named` are the codes that take the goods in instead.
    """
    lines = [line for part in (HEAD, REQUIREMENTS) for line in entry.of(part) if line.note]
    found: dict[tuple[str, tuple[str, ...]], Row] = {}
    for i, line in enumerate(lines):
        for start, end in sentences(line.text, "en"):
            said = line.text[start:end].strip()
            if not _FREES.search(said) or _FOR_ONE_REASON.search(said):
                continue
            kinds = tuple(tag for tag, pattern in _TAGS if pattern.search(said)) or ("other",)
            out = _LESS.search(said)
            excluded = tuple(
                p for code, p in _named(out[1] if out else "", entry, catalogue) if code == entry.code and p
            )
            elsewhere = spelled(tuple(n for n in _named(said, entry, catalogue) if n[0] != entry.code))
            row = Row(
                "",
                Scope(whole=True, excluded=excluded, tags=kinds, named=elsewhere),
                _kept_out(said, _points(lines, i)),
                "",
                "",
                line.locator,
            )
            key = (line.locator, kinds)
            found[key] = _both(found[key], row) if key in found else row
    return tuple(found.values())


def _named(text: str, entry: EntryText, catalogue: Catalogue) -> list[tuple[str, str]]:
    return [item for r in references(tidy(text), entry.code, catalogue) for item in r.items]


def _both(first: Row, second: Row) -> Row:
    """What two sentences of a note say of the same goods."""
    a, b = first.scope, second.scope
    excluded, named = dict.fromkeys((*a.excluded, *b.excluded)), dict.fromkeys((*a.named, *b.named))
    return replace(first, scope=replace(a, excluded=tuple(excluded), named=tuple(named)))


def _points(lines: Sequence[Line], first: int) -> Iterator[str]:
    """The lines of a numbered note below its first that say what is not eligible."""
    for line in lines[first + 1 :]:
        if _NUMBERED.match(line.text):
            return
        if _INELIGIBLE.search(line.text):
            yield line.text


def _kept_out(said: str, points: Iterator[str]) -> Requirement:
    """Where a note's exemption does not hold."""
    groups, sections = list[str](), list(sections_of(said))
    for point in points:
        groups += destinations(point)[0]
        sections += sections_of(point)
        if _CONVENTION.search(point):
            sections.append(CONVENTION)
    return Requirement(Asks.NONE, without_groups=tuple(dict.fromkeys(groups)), sections=tuple(dict.fromkeys(sections)))


def refers_to(entry: EntryText, catalogue: Catalogue) -> tuple[str, ...]:
    """The codes under which an entry without rows says that its items are controlled ("... are controlled by ECCN 3A611")."""
    texts = [entry.heading, *(line.text for line in (*entry.of(HEAD), *entry.of(REQUIREMENTS)))]
    if _SENT_ON.search(entry.heading):
        texts += [line.text for line in entry.of(CONTROLS)]
    found: list[str] = []
    for text in texts:
        for hit in _SENDS.finditer(tidy(text)):
            found += spelled(tuple(_named(hit["where"], entry, catalogue)))
    return tuple(dict.fromkeys(code for code in found if code[:5] != entry.code and code[:5] in catalogue.headings))


def itar_beside(entry: EntryText) -> bool:
    """Whether the related controls, where the heading sends the reader there, name the ITAR."""
    return bool(_SENT_ON.search(entry.heading)) and any(_ITAR.search(line.text) for line in entry.of(CONTROLS))


__all__ = ["EXEMPTED", "exempted", "itar_beside", "notes", "refers_to"]
