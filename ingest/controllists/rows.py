"""Rows of the licence-requirement tables, also where the list prints them as paragraphs or says them in a note."""

import re
from collections.abc import Iterator
from dataclasses import replace

from ingest.controllists.catalogue import Catalogue
from ingest.controllists.lines import HEAD, REQUIREMENTS, EntryText, Line
from ingest.controllists.references import references
from ingest.controllists.scopes import scopes, unknown
from ingest.controllists.where import REASONS, requirement, sections_of
from knowledge.controllists.model import Asks, Requirement, Row, Scope
from knowledge.lexis.sentences import sentences

_REASON = rf"(?:{'|'.join(REASONS)})"
_CELLS = re.compile(
    r"^Control(?:\(s\)|s)?\s*:?\s*(?P<control>.*?)\s*;?\s*(?P<head>Country [Cc]hart\b(?:\s*\(?[Ss]ee\s[^:]{0,40}\))?\.?:)\s*(?P<where>.*)$",
    re.DOTALL,
)
_LABEL = re.compile(
    r"^(?:Control(?:\(s\)|s)?\s*:?\s*)?(?:Country Chart\b\.?:?\s*(?:\([^)]*\)\s*:?\s*)?)?", re.IGNORECASE
)
_APPLIES = re.compile(
    rf"(?P<reasons>\b{_REASON}(?:(?:,|,?\s+and)\s+{_REASON})*|\bRussian industry sector sanctions?)\s+(?:also\s+)?appl(?:y|ies)\b\s*(?:only\s+)?(?:to\b)?\s*:?\s*",
)
_EACH = re.compile(rf"\b{_REASON}\b")
_COLUMN_AT_END = re.compile(rf"\s*(?P<where>\b{_REASON}\s+Column\s+\d\.?)\s*$")
_STATED = re.compile(r"\.\s+(?=(?:A license is required|For licensing requirements|The Commerce Country Chart))")
_COLUMNS = re.compile(rf"\b{_REASON}\s+Column\s+\d\.?")
_NOTE = re.compile(r"^(?:License Requirements?\s+)?Notes?\b", re.IGNORECASE)
_IN_NOTE = re.compile(
    r"worldwide license requirement|\ba license is required for exports\b|\bno license is required \(NLR\)",
    re.IGNORECASE,
)
_LABEL_OF_NOTE = re.compile(r"^(?:License Requirements? )?Notes?[^:]{0,20}:\s*(?:\(?\d[.)]\s*)?", re.IGNORECASE)
_SPECIFIES = re.compile(r"^See § [\w.()]+,? which specifies that\s+")
_SERIES = re.compile(rf"\bsubject to (?P<reason>{_REASON})\s?(?P<number>\d) controls\b")
_AND_WHERE = re.compile(r"\s+and\s+(?=a license is required\b)")
_NOT_APPLICABLE = re.compile(r"\W*N/?A\W*")
_REASON_OF_SECTION = {"742.2": "CB", "742.3": "NP", "742.4": "NS", "742.5": "MT", "742.6": "RS", "742.7": "CC"}
_UNDER = re.compile(r"§\s*(742\.\d+)")


def reasons(entry: EntryText) -> tuple[str, ...]:
    """The reasons for control as the entry lists them, in that order."""
    for line in (*entry.of(HEAD), *entry.of(REQUIREMENTS)):
        head, colon, listed = line.text.partition(":")
        if colon and head.lower() in ("reason for control", "reasons for control"):
            found = re.findall(rf"\b({_REASON})\d?\b", re.sub(r"\b([A-Z]{2})(\d)\b", r"\1 \2", listed))
            return tuple(dict.fromkeys(found)) or (("FP",) if "foreign policy" in listed.lower() else ())
    return ()


def rows(entry: EntryText, catalogue: Catalogue) -> Iterator[Row]:
    """Every row of the entry, one for each scope a printed row has; rows not understood have `read` False."""
    lines = [line for line in (*entry.of(HEAD), *entry.of(REQUIREMENTS)) if line.text]
    noted = False
    for line in entry.of(HEAD):
        for said in _SERIES.finditer(line.text):
            column = Requirement(Asks.COLUMN, f"{said['reason']} {said['number']}")
            yield Row(said["reason"], Scope(whole=True), column, said[0], said[0], line.locator)
    for line in lines:
        noted = line.note or (noted and not _CELLS.match(line.text) and not _APPLIES.match(line.text))
        if noted or _NOTE.match(line.text):
            yield from _noted(line, entry.code, catalogue)
        else:
            for reason, control, where in _parted(line.text):
                yield from _row(entry.code, reason, control, where, line, catalogue)


def _parted(text: str) -> Iterator[tuple[str, str, str]]:
    """(reason, first cell, second cell) of a line; nothing where it is no row."""
    cells = _CELLS.match(text)
    control, where = (cells["control"], cells["where"]) if cells else ("", "")
    if not cells:
        body = text[found.end() :] if (found := _LABEL.match(text)) else text
        applies = _APPLIES.match(body)
        if not applies:
            return
        cut = _STATED.search(body) or _COLUMN_AT_END.search(body)
        control = body[: cut.start()] if cut else body
        where = (cut["where"] if "where" in cut.re.groupindex else body[cut.end() :]) if cut else ""
    elif stated := _STATED.search(control):
        control, where = control[: stated.start()], where or control[stated.end() :]
        where = where if len(where) > len(control) else text[text.find(control) + len(control) :].strip(" .")
    starts = [
        m
        for m in _APPLIES.finditer(control)
        if m.start() == 0 or control[m.start() - 2 : m.start()].strip(" .") not in ("", "d")
    ]
    starts = [m for i, m in enumerate(starts) if i == 0 or control[: m.start()].rstrip().endswith(("entry", "."))]
    columns = _COLUMNS.findall(where)
    if len(starts) == 2 and len(columns) == 2:  # two rows printed in one
        for i, start in enumerate(starts):
            end = starts[i + 1].start() if i + 1 < len(starts) else len(control)
            yield _reason(start["reasons"]), control[start.start() : end].strip(), columns[i]
        return
    first = _APPLIES.match(control)
    if first:
        for reason in _EACH.findall(first["reasons"]) or ["FP"]:
            yield reason, control, where
    elif control.strip():
        yield "", control, where


def _reason(text: str) -> str:
    found = _EACH.search(text)
    return found[0] if found else "FP"


def _row(code: str, reason: str, control: str, where: str, line: Line, catalogue: Catalogue) -> Iterator[Row]:
    if said := _AND_WHERE.search(control):  # 1C351: the first cell says where as well
        control, where = control[: said.start()], f"{control[said.end() :]}. {where}"
    applies = _APPLIES.match(control)
    asked = requirement(where, reason)
    if _NOT_APPLICABLE.fullmatch(where) and (elsewhere := requirement(control, reason)).asks is Asks.SECTION:
        asked = elsewhere
    if not applies or asked.asks is Asks.UNREAD:
        why = (
            "no reason for control named" if not applies else "says nothing of where" if not where else "where not read"
        )
        scope = scopes(control[applies.end() :], code, catalogue)[0] if applies else Scope(whole=True)
        yield Row(reason, scope, asked, control, where, line.locator, False, why)
        return
    for scope in scopes(control[applies.end() :], code, catalogue):
        missing = unknown(scope, code, catalogue)
        why = f"not in the list as printed: {', '.join(missing)}" if missing else ""
        yield Row(reason, scope, asked, control, where, line.locator, True, why)


def _noted(line: Line, code: str, catalogue: Catalogue) -> Iterator[Row]:
    """Requirements and exemptions that a licence requirement note states beside the table."""
    before = ""
    for start, end in sentences(line.text, "en"):
        said = _LABEL_OF_NOTE.sub("", line.text[start:end].strip())
        before, said_before = said, before
        if not _IN_NOTE.search(said):
            continue
        subject = f"{said_before} {said}" if "such" in said else said
        section = _UNDER.search(said)
        reason = _REASON_OF_SECTION.get(section[1], "") if section else ""
        asked = requirement(_SPECIFIES.sub("", said), reason)
        if asked.asks in (Asks.UNREAD, Asks.SECTION):
            continue
        items = tuple(
            dict.fromkeys(p for r in references(subject, code, catalogue) for c, p in r.items if c == code and p)
        )
        scope = Scope(whole=not items, items=items)
        asked = replace(asked, sections=sections_of(said))
        if asked.asks is Asks.NONE:
            scope = Scope(whole=True, qualifier=said, tags=("performance_limit",))
        yield Row(reason, scope, asked, said, said, line.locator)
