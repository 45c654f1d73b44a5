"""The Country Chart and the Country Groups: read from the tables of the eCFR or from JSON derived from it, keyed by ISO codes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.controllists.footnotes import footnote
from ingest.controllists.places import iso
from ingest.document import BlockKind, Document

_COLUMN = re.compile(r"\b([A-Z]{2})\s*(\d)$")
_GROUP = re.compile(r"\[?\b([A-E]):\s*(\d)\b\]?")
_LETTER = re.compile(r"Country Group ([A-E])\b")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_RAISED = re.compile(r"[\s,]*((?:[⁰¹²³⁴⁵⁶⁷⁸⁹]+[\s,]*)+)$")
_SECTIONS = re.compile(r"\b7\d\d\.\d+(?:\([a-z0-9]+\))*|\bpart\s+(7\d\d)\b")
_MARKS = frozenset({"X", "x"})
HONG_KONG = {"HK": "CN"}  # 85 FR 83788: governed by the entry for China


class BadTable(ValueError):
    """A table that is not what it was taken for, or names a country nobody knows."""


@dataclass
class ChartTable:
    """The chart by printed names: columns in order, marked columns, footnote numbers, pointers of embargoed rows."""

    columns: list[str] = field(default_factory=list)
    marks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    footnotes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    embargoed: dict[str, str] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)


def chart_of_document(document: Document) -> ChartTable:
    """The Country Chart in an eCFR document of 15 CFR part 738 supplement No. 1. Raises BadTable where there is none."""
    found = ChartTable()
    for block in document.blocks:
        if block.kind is not BlockKind.TABLE_ROW:
            _footnote_text(block.text, found)
            continue
        cells = {k.removeprefix("cell:"): v for k, v in block.attributes.items() if k.startswith("cell:")}
        columns = {head: f"{hit[1]} {hit[2]}" for head in cells if (hit := _COLUMN.search(head))}
        if not columns:
            continue
        found.columns = found.columns or list(columns.values())
        name, numbers = _named(next(iter(cells.values())))
        if not name:
            continue
        values = {columns[head]: cells[head].strip() for head in columns}
        if pointer := next((v for v in values.values() if len(v) > 3), ""):
            found.embargoed[name] = pointer
        else:
            found.marks[name] = tuple(c for c, v in values.items() if v in _MARKS)
        found.footnotes[name] = numbers
    if not found.marks:
        raise BadTable("no Country Chart: no table with columns such as NS 1")
    return found


def chart_of_json(data: Mapping[str, Any]) -> ChartTable:
    """The same from JSON derived from the eCFR (`columns`, `countries`, `embargoed`, `footnotes`)."""
    rows, closed = data["countries"], data["embargoed"]
    return ChartTable(
        columns=list(data["columns"]),
        marks={name: tuple(row["marks"]) for name, row in rows.items()},
        footnotes={name: tuple(row["footnotes"]) for name, row in (*rows.items(), *closed.items())},
        embargoed={name: row["pointer"] for name, row in closed.items()},
        texts={int(number): text for number, text in data["footnotes"].items()},
    )


def groups_of_document(document: Document) -> dict[str, tuple[str, ...]]:
    """Country Groups by printed names, from an eCFR document of 15 CFR part 740 supplement No. 1.

    A group with parts is a table with a mark a column ("[D:1]"); Group B is a plain list of names. Raises BadTable where
    there is none.
    """
    found: dict[str, list[str]] = {}
    letter = ""
    for block in document.blocks:
        if block.kind is not BlockKind.TABLE_ROW:
            if hit := _LETTER.search(block.text):
                letter = hit[1]
            continue
        cells = {k.removeprefix("cell:"): v.strip() for k, v in block.attributes.items() if k.startswith("cell:")}
        parts = {head: f"{hit[1]}:{hit[2]}" for head in cells if (hit := _GROUP.search(head))}
        if parts:
            name, _ = _named(next(iter(cells.values())))
            for head, group in parts.items():
                found.setdefault(group, [])
                if cells[head][:1] in _MARKS and name:
                    found[group].append(name)
        elif letter == "B":
            names = [_named(value)[0] for value in cells.values() if value]
            found.setdefault("B", []).extend(name for name in names if iso(name))
    if not found:
        raise BadTable("no Country Groups: no table with columns such as [D:1]")
    return {group: tuple(names) for group, names in found.items()}


def chart_facts(table: ChartTable, source: str, issued: str, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The bundled form: marks as a line of X and dots a country, footnotes as facts in our own words.

    `extra` is the derived JSON, for the places without a row and the entries the chart does not govern.
    """
    extra = extra or {}
    codes = _codes((*table.marks, *table.embargoed))
    notes: dict[str, Any] = {}
    for number, text in sorted(table.texts.items()):
        rows = sorted(codes[name] for name, numbers in table.footnotes.items() if number in numbers)
        notes[str(number)] = {"countries": " ".join(rows), **footnote(text, rows)}
    governed = dict(HONG_KONG)
    for place, row in extra.get("territoryInheritance", {}).items():
        governed[_code(place)] = _code(row["row"])
    referred = [
        name for name, numbers in table.footnotes.items() if any(_refers(table.texts.get(n, "")) for n in numbers)
    ]
    for name in referred:
        text = next(t for n in table.footnotes[name] if _refers(t := table.texts.get(n, "")))
        governed[codes[name]] = _code(_refers(text))
    marked = {
        codes[name]: "".join("X" if column in marks else "." for column in table.columns)
        for name, marks in table.marks.items()
    }
    return {
        "source": source,
        "issued": issued,
        "columns": table.columns,
        "marks": dict(sorted(marked.items())),
        "embargoed": dict(sorted((codes[n], _sections(text)) for n, text in table.embargoed.items())),
        "governed": dict(sorted(governed.items())),
        "footnotes": notes,
        "all_destinations": _everywhere(extra.get("allDestinationsEntries", {})),
    }


def groups_facts(groups: Mapping[str, Sequence[str]], source: str, issued: str) -> dict[str, Any]:
    """The bundled form of the Country Groups: codes in a line a group."""
    members = {name: " ".join(sorted({_code(n) for n in names})) for name, names in sorted(groups.items())}
    return {
        "source": source,
        "issued": issued,
        "labels": {name: label for name, label in _LABELS.items() if name in members},
        "groups": members,
        "governed": dict(HONG_KONG),
        "notes": {
            "macau": "Not a member of D:5; provisions that mean it name Macau beside the group.",
            "D:5": "Follows the arms embargoes of the State Department, whose list prevails (22 CFR 126.1).",
            "united_arab_emirates": "In A:5, but exception STA reaches approved entities only (740.2(a)(26)).",
        },
    }


_LABELS = {
    "A:1": "Wassenaar Arrangement",
    "A:2": "Missile Technology Control Regime",
    "A:3": "Australia Group",
    "A:4": "Nuclear Suppliers Group",
    "A:5": "exception STA, first list",
    "A:6": "exception STA, second list",
    "B": "less restricted destinations",
    "D:1": "national security concern",
    "D:2": "nuclear concern",
    "D:3": "chemical and biological concern",
    "D:4": "missile technology concern",
    "D:5": "arms embargo",
    "E:1": "terrorist-supporting countries",
    "E:2": "unilateral embargo",
}


def _everywhere(data: Mapping[str, Any]) -> dict[str, Any]:
    """Entries that need a licence to every destination, whatever the chart says (738.3(a)(1)), by whether GOV is left."""
    never, only = data.get("noLicenceExceptions", []), data.get("govOnly", {}).get("entries", [])
    first = [entry.split(" ")[0] for entry in (*never, *only)]
    return {
        "sections": ["738.3(a)(1)", "742.11", "742.13"],
        "entries": sorted(set(first)),
        "no_exception": sorted({entry.split(" ")[0] for entry in never}),
        "government_only": sorted({entry.split(" ")[0] for entry in only}),
        "in_part": sorted({entry.split(" ")[0] for entry in (*never, *only) if "(" in entry}),
    }


def _refers(text: str) -> str:
    """ "Refer to Switzerland for licensing requirements for ..." -> Switzerland."""
    hit = re.match(r"Refer to (?:the )?([A-Z][\w ]+?) for licensing requirements", text)
    return hit[1] if hit else ""


def _footnote_text(text: str, found: ChartTable) -> None:
    if hit := re.match(r"^([⁰¹²³⁴⁵⁶⁷⁸⁹]+)\s*(\S.*)$", text, re.DOTALL):
        found.texts[int(hit[1].translate(_SUPERSCRIPTS))] = hit[2].strip()


def _named(cell: str) -> tuple[str, tuple[int, ...]]:
    """ "Austria ³ ⁴" -> the name and its footnotes."""
    raised = _RAISED.search(cell)
    if not raised:
        return cell.strip(), ()
    return cell[: raised.start()].strip(), tuple(
        int(n) for n in raised[1].translate(_SUPERSCRIPTS).replace(",", " ").split()
    )


def _sections(text: str) -> list[str]:
    return list(dict.fromkeys(hit[1] or hit[0] for hit in _SECTIONS.finditer(text)))


def _code(name: str) -> str:
    code = iso(name)
    if code is None:
        raise BadTable(f"no country known by the name {name!r}")
    return code


def _codes(names: Sequence[str]) -> dict[str, str]:
    return {name: _code(name) for name in names}
