"""Footnotes of the Country Chart as facts: sections, entries they reach, and what they are about in our own words."""

import re
from collections.abc import Sequence
from typing import Any

_SECTION = re.compile(r"§\s*(7\d\d\.\d+(?:\([a-z0-9]+\))*)(?:\s+and\s+(\([a-z0-9]+\)(?:\([a-z0-9]+\))*))?")
_ENTRY = re.compile(r"\d[A-E]\d{3}(?:\.[a-z0-9]+)*")
_COLUMN = re.compile(r"\b([A-Z]{2}) column (\d)", re.IGNORECASE)
_ABOUT = (
    ("Liechtenstein", "another_row", "This row is read at Switzerland's."),
    ("Crimea", "occupied_regions", "Nearly everything needs a licence to Crimea and the so-called DNR and LNR."),
    ("Russian Industry", "russia_belarus", "Sanctions on Russia and Belarus reach every entry of the list and more."),
    ("Security Council", "un_sanctions", "United Nations sanctions and what follows from them for Iraq come on top."),
    (
        "military commodities",
        "military_commodities",
        "Foreign-made military goods of 0A919 have rules of their own here.",
    ),
    ("thermal imaging", "thermal_cameras", "Certain thermal cameras have rules of their own here."),
    ("still required", "licence_remains", "The named items keep their licence requirement here."),
    ("license is required", "licence_required", "The named items need a licence here, whatever the grid shows."),
)


def footnote(text: str, rows: Sequence[str]) -> dict[str, Any]:
    """What a footnote says as `sections`, `about`, our own `note`, and, where it requires a licence itself, `requires`."""
    about, note = next(((tag, said) for mark, tag, said in _ABOUT if mark in text), ("other", ""))
    found: dict[str, Any] = {"about": about, "note": note, "sections": _sections(text)}
    if about in ("licence_required", "licence_remains"):
        found |= _required(text)
    if about == "russia_belarus":
        found["entries"] = list(dict.fromkeys(_ENTRY.findall(text)))
    if about == "occupied_regions" and "UA" not in rows:
        found["note"] = "As printed at this row it speaks of regions of Ukraine; probably a slip of the table."
    return {key: value for key, value in found.items() if value}


def _required(text: str) -> dict[str, Any]:
    """Entries parted by commas; "(except for ...)" takes out, "for ..." behind one limits it to a part."""
    flat = re.sub(r"\([^()]*\)", lambda hit: "\x01" * len(hit[0]), text)
    requires, excepted, conditional = list[str](), list[str](), list[str]()
    cuts = [
        m.start()
        for m in re.finditer(
            r"(?:(?<=: )|(?<=, )|(?<=ECCNs )|(?<=for ))(?=\d[A-E]\d{3})|(?<=and )(?=\d[A-E]\d{3}(?:\.\S+ for |\.?$))",
            flat,
        )
    ]
    for start, stop in zip(cuts, [*cuts[1:], len(text)][: len(cuts)], strict=True):
        piece, bare = text[start:stop], flat[start:stop]
        entry = _ENTRY.match(piece)
        if entry is None:
            continue
        requires.append(entry[0])
        requires += [f"{entry[0][:5]}.{p}" for p in re.findall(r"\band \.([a-z])\b", bare.split(" for ")[0])]
        out = re.search(r"\(except for ([^)]*)\)", piece)
        if out and " in " not in out[1]:
            excepted += _ENTRY.findall(out[1])
        if (" for " in bare and "column" not in text.lower()) or (out and " in " in out[1]):
            conditional.append(entry[0])
    column = _COLUMN.search(text)
    return {
        "requires": list(dict.fromkeys(requires)),
        "excepted": excepted,
        "conditional": conditional,
        "column": f"{column[1].upper()} {column[2]}" if column else "",
    }


def _sections(text: str) -> list[str]:
    found = list[str]()
    for hit in _SECTION.finditer(text):
        found.append(hit[1])
        if hit[2]:
            keep = 1 if hit[2][1].isdigit() else 0  # "(a)(2) and (4)(ii)" stays below (a)
            found.append("(".join(hit[1].split("(")[: keep + 1]) + hit[2])
    return list(dict.fromkeys(found))
