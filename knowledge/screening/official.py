"""Rows of the official Consolidated Screening List as parties, and its sentences as closed codes."""

import csv
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.screening.lists import Kind, Parties, ScreenedParty, given, meanings

_KINDS: Mapping[str, Kind] = {
    "entity": "entity", "individual": "person", "vessel": "vessel", "aircraft": "aircraft", "": "unknown"
}  # fmt: skip
_CODE = re.compile(r"\(([A-Z-]{2,6})(?: List)?\)")


def from_csl(rows: Iterable[Mapping[str, Any]]) -> Parties:
    """Rows of the official consolidated list (field names of its JSON; CSV columns have the same names, several values
    joined by "; "). Raises KeyError where a row has no `name`."""
    return given(_of_csl(number, row) for number, row in enumerate(rows, 1))


def _of_csl(number: int, row: Mapping[str, Any]) -> ScreenedParty:
    source = str(row.get("source") or "")
    code = list_code(source)
    addresses = row.get("addresses") or ()
    countries, texts = _addresses(addresses)
    meaning = meanings().get(code)
    return ScreenedParty(
        f"{code}.{row.get('entity_number') or row.get('id') or number}", str(row["name"]).strip(),
        _texts(row.get("alt_names")), kind_of(str(row.get("type") or "")), code, countries, texts,
        _day(row.get("start_date")), code, code, meaning.citation if meaning else "",
        str(row.get("federal_register_notice") or ""), requirement_code(str(row.get("license_requirement") or "")),
        policy_code(str(row.get("license_policy") or "")), _texts(row.get("programs")),
        str(row.get("source_list_url") or ""),
    )  # fmt: skip


def _addresses(value: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if isinstance(value, str):
        texts = tuple(t.strip() for t in value.split(";") if t.strip())
        countries = [t.rsplit(",", 1)[-1].strip().upper() for t in texts]
        return tuple(dict.fromkeys(c for c in countries if len(c) == 2)), texts
    rows = [a for a in value if isinstance(a, Mapping)]
    countries = [str(a.get("country") or "").strip().upper() for a in rows]
    fields = ("address", "city", "state", "postal_code", "country")
    texts = tuple(", ".join(str(a[f]).strip() for f in fields if a.get(f)) for a in rows)
    return tuple(dict.fromkeys(c for c in countries if c)), texts


def _texts(value: Any) -> tuple[str, ...]:
    rows = value.split(";") if isinstance(value, str) else value or ()
    return tuple(dict.fromkeys(t for t in (" ".join(str(row).split()) for row in rows) if t))


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def list_code(source: str) -> str:
    """The code in a list's full name: "Entity List (EL) - Bureau..." -> "EL"; the name itself where there is none."""
    found = _CODE.search(source)
    return {"NS-MBS": "MBS"}.get(found.group(1), found.group(1)) if found else source


def kind_of(text: str) -> Kind:
    """The list's word for what sort of party it is; an unknown word is `unknown`."""
    return _KINDS.get(text.strip().lower(), "unknown")


_SECTION = re.compile(r"7\d\d\.\d+(?:\([a-z]+\)(?:\(\d+\))?)*")


def requirement_code(text: str) -> str:
    """A licence requirement as a closed code: its scope, then the EAR sections it names. "" where there is none.

    Scope: all_items_ear, supp2_744, ccl_items or other; `+part` where the text limits or excepts something.
    """
    low = " ".join(text.lower().split())
    if not low:
        return ""
    scope = (
        "all_items_ear" if "all items subject to the ear" in low
        else "supp2_744" if re.search(r"supplement no\. ?2 to part 744", low)
        else "ccl_items" if "ccl" in low or "commerce control list" in low
        else "other"
    )  # fmt: skip
    part = re.search(r"except|exclud|other than|when used|case-by-case|apart from|with the exception", low)
    sections = dict.fromkeys(_SECTION.findall(low.replace(" ", "")))
    return " ".join([scope + ("+part" if part else ""), *sections])


def policy_code(text: str) -> str:
    """A licence policy as a closed code: the policies it names in a fixed order, or see_rule. "" where there is none."""
    low = " ".join(text.lower().split())
    if not low:
        return ""
    found = [
        code
        for code, pattern in (
            ("presumption_of_denial", r"presumption (?:of|for) denial"),
            ("policy_of_denial", r"policy of denial"),
            ("presumption_of_approval", r"presumption of approval"),
            ("case_by_case", r"case[- ]by[- ]?\s?case"),
        )
        if re.search(pattern, low)
    ]
    return "+".join(found) or "see_rule"


def read_csv(path: Path) -> Parties:
    """The official CSV of the consolidated list."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return from_csl(csv.DictReader(file))
