"""The Commerce Control List (15 CFR part 774, supplement No. 1), as the grammar cut it, compiled into structured facts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.controllists.catalogue import Catalogue
from ingest.controllists.exceptions import exceptions
from ingest.controllists.items import items
from ingest.controllists.lines import (
    CONTROLS,
    DEFINITIONS,
    HEAD,
    REPORTING,
    REQUIREMENTS,
    STA,
    EntryText,
    Line,
    entries,
)
from ingest.controllists.notes import exempted, itar_beside, notes, refers_to
from ingest.controllists.rows import reasons, rows
from knowledge.controllists.model import CompiledEntry, ControlList, Item
from knowledge.store.records import ProvisionRecord

_HEAD_OF_SECTION = re.compile(
    r"^(?:License Requirements?|(?:List[- ]Based )?License Exceptions[^:]{0,90}|Special Conditions for S[^:]{0,40}"
    r"|(?:Special\s+)?Reporting(?: Requirements)?:?|List of Items Controlled|Items:)$",
    re.IGNORECASE,
)
_FIELD = re.compile(r"^(?:Related Controls?|Related Definitions?|STA|Reporting Requirements|Special Reporting)\s*:?\s*")
_NOTE = re.compile(r"^(?:License (?:Requirements?|Exceptions)\s+)?Notes?\b|^N\.B|^Technical Notes?\b", re.IGNORECASE)
_SENT_TO = re.compile(
    r"§\s*(7[34]\d\.\d+(?:\([A-Za-z0-9]+\))*)[^.]{0,20}(?:of the EAR)?\s+for additional license requirements"
)
_RESERVED = re.compile(
    r"^\W*\[?\s*Reserved\s*\]?|^\W*No (?:items|software|commodities|technology) (?:is |are )?currently", re.I
)
_EMPTY = re.compile(
    r"\bNo (?:items|software|commodities|technology) (?:is |are )?currently\b|\bcurrently are (?:in|controlled)\b", re.I
)
_ITAR = re.compile(r"subject to the ITAR|22 CFR part", re.IGNORECASE)
_NRC = re.compile(r"Nuclear Regulatory Commission|10 CFR part 110", re.IGNORECASE)
SOURCE = "US-EAR-774-S1"


def compile_list(provisions: Sequence[ProvisionRecord], version: str, source: str = SOURCE) -> ControlList:
    """Provisions of the list (`ingest.structure`) as entries with rows, exceptions and item trees.

    `version` is the date or the hash of the version they come from. Nothing is guessed: a row or an exception that is
    not understood is there with `read` False, and in `issues` as (locator, why, text); a row that names what the list
    does not print is read and stands in `issues` too. Pure; provisions that are no control entry are passed over.
    """
    texts = entries(provisions)
    trees = {text.code: items(text) for text in texts}
    catalogue = Catalogue(
        {text.code: text.heading for text in texts},
        {code: {item.path: item.text for item in tree} for code, tree in trees.items()},
    )
    compiled = tuple(_entry(text, trees[text.code], catalogue) for text in texts)
    return ControlList(source, version, compiled, _issues(compiled))


def _entry(text: EntryText, tree: tuple[Item, ...], catalogue: Catalogue) -> CompiledEntry:
    found = tuple(rows(text, catalogue))
    sent = [
        s for part in (HEAD, REQUIREMENTS, REPORTING) for line in text.of(part) for s in _SENT_TO.findall(line.text)
    ]
    head = " ".join(line.text for line in (*text.of(HEAD), *text.of(REQUIREMENTS)))
    empty = _RESERVED.match(text.heading) or (not found and _EMPTY.search(head))
    return CompiledEntry(
        code=text.code,
        heading=text.heading,
        reasons=reasons(text),
        rows=found,
        exceptions=tuple(exceptions(text, catalogue)),
        items=tree,
        related_controls=_said(text.of(CONTROLS)),
        definitions=_said(text.of(DEFINITIONS)),
        sta=_said(text.of(STA)),
        reporting=_said(text.of(REPORTING)),
        notes=notes(text),
        sections=tuple(dict.fromkeys(sent)),
        locator=text.locator,
        reserved=bool(empty),
        jurisdiction="" if found or empty else _jurisdiction(text, f"{text.heading} {head}"),
        refers_to=() if found else refers_to(text, catalogue),
        exempted=exempted(text, catalogue),
    )


def _jurisdiction(entry: EntryText, text: str) -> str:
    return "ITAR" if _ITAR.search(text) or itar_beside(entry) else "NRC" if _NRC.search(text) else ""


def _said(lines: Sequence[Line]) -> str:
    """The lines of a section as one text, without its title and field names; "N/A" is nothing."""
    said = [_FIELD.sub("", line.text, count=1) for line in lines if not _HEAD_OF_SECTION.match(line.text)]
    text = "\n".join(part for part in said if part and not _NOTE.match(part)).strip()
    return "" if text.rstrip(".") in ("N/A", "None") else text


def _issues(compiled: Sequence[CompiledEntry]) -> tuple[tuple[str, str, str], ...]:
    found: list[tuple[str, str, str]] = []
    for entry in compiled:
        found += [(r.locator, r.why, f"{r.control}; {r.where}") for r in entry.rows if r.why]
        found += [(e.locator, e.why, f"{e.symbol}: {e.terms}") for e in entry.exceptions if e.why]
    return tuple(dict.fromkeys(found))


def summary(compiled: ControlList) -> Mapping[str, int]:
    """Counts: entries (with those reserved), rows and exceptions with those not read, items, rows under a condition."""
    all_rows = [row for entry in compiled.entries for row in entry.rows]
    granted = [e for entry in compiled.entries for e in entry.exceptions]
    return {
        "entries": len(compiled.entries),
        "reserved": sum(entry.reserved for entry in compiled.entries),
        "rows": len(all_rows),
        "rows_unread": sum(not row.read for row in all_rows),
        "rows_conditional": sum(row.scope.conditional for row in all_rows),
        "exceptions": len(granted),
        "exceptions_unread": sum(not e.read for e in granted),
        "items": sum(len(entry.items) for entry in compiled.entries),
    }


def without_wording(compiled: ControlList) -> ControlList:
    """The same facts without a sentence of the source: what is shipped with the program (`bundled`)."""
    bare = []
    for entry in compiled.entries:
        bare.append(
            replace(
                entry,
                heading="",
                rows=tuple(replace(r, control="", where="", scope=replace(r.scope, qualifier="")) for r in entry.rows),
                exceptions=tuple(replace(e, terms="", scope=replace(e.scope, qualifier="")) for e in entry.exceptions),
                items=tuple(replace(item, text="") for item in entry.items),
                related_controls="",
                definitions="",
                sta="",
                reporting="",
                notes=(),
            )
        )
    return replace(compiled, entries=tuple(bare), issues=tuple((a, b, "") for a, b, _ in compiled.issues), bundled=True)


__all__ = ["SOURCE", "compile_list", "summary", "without_wording"]
