"""The bundled table of the US lists, made from their derived JSON: names and list facts, no sentence of the lists."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from knowledge.screening.lists import KIND_LETTERS
from knowledge.screening.official import kind_of, list_code, policy_code, requirement_code

_COLUMNS = "name aliases list kind countries number notice requirement policy programme url".split()


def write_parties(json_path: Path, out_path: Path) -> int:
    """Writes the table and gives the number of parties. The same input gives the same bytes.

    The input is the compact JSON of the Consolidated Screening List (`entries` with `tables` to look up in). Raises
    ValueError where the number of entries is not the one the file states.
    """
    data = json.loads(json_path.read_bytes())
    entries = data["entries"]
    if len(entries) != data["entryCount"]:
        raise ValueError(f"{json_path.name}: {len(entries)} entries where it states {data['entryCount']}")
    tables = data["tables"]
    requirements = _Lookup([requirement_code(t) for t in tables["licenceRequirements"]])
    policies = _Lookup([policy_code(t) for t in tables["licencePolicies"]])
    rows = sorted("\t".join(_row(e, tables, requirements, policies)) for e in entries)
    counts = Counter(list_code(tables["sources"][e["s"]]) for e in entries)
    head = [
        ("source", data["citation"]),
        ("address", data["source"]["url"]),
        ("as of", data["sourceGeneratedAt"][:10]),
        ("parties", str(len(rows))),
        *(("list", code, str(n)) for code, n in sorted(counts.items())),
        *(("requirement", str(i), text) for i, text in enumerate(requirements.values)),
        *(("policy", str(i), text) for i, text in enumerate(policies.values)),
        *(("programme", str(i), _cell(text)) for i, text in enumerate(tables["programmes"])),
        *(("url", str(i), text) for i, text in enumerate(tables["urls"])),
    ]
    lines = ["# " + "\t".join(fact) for fact in head] + ["\t".join(_COLUMNS)] + rows
    out_path.parent.mkdir(parents=True, exist_ok=True)
    out_path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(rows)


class _Lookup:
    """Positions in a table of the source -> positions among the distinct codes made of it."""

    def __init__(self, codes: list[str]) -> None:
        self.values = sorted(set(codes))
        self._at = [str(self.values.index(code)) for code in codes]

    def of(self, index: int | None) -> str:
        return "" if index is None else self._at[index]


def _row(entry: Mapping[str, Any], tables: Mapping[str, Any], requirements: _Lookup, policies: _Lookup) -> list[str]:
    programme = entry.get("pg")
    return [
        _cell(entry["n"]),
        " | ".join(dict.fromkeys(_cell(a).replace(" | ", " ") for a in entry.get("a", ()) if a.strip())),
        list_code(tables["sources"][entry["s"]]),
        KIND_LETTERS[kind_of(entry.get("t") or "")],
        " ".join(entry.get("c", ())),
        _cell(entry.get("e") or ""),
        _cell(entry.get("fr") or ""),
        requirements.of(entry.get("lr")),
        policies.of(entry.get("lp")),
        "" if programme is None else str(programme),
        str(entry["u"]),
    ]


def _cell(text: str) -> str:
    return " ".join(str(text).split())
