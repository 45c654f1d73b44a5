"""Writes the bundled facts: `python -m ingest.controllists.bundle XML DERIVED_JSON_DIR [OUT]`.

XML is 15 CFR part 774 supplement No. 1 of the eCFR; the directory holds country-chart.json, country-groups.json and
license-exception-catalog.json, derived from the eCFR of the same day. The same input gives the same files.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.controllists.ccl import compile_list, without_wording
from ingest.controllists.country_chart import chart_facts, chart_of_json, groups_facts
from ingest.readers import read
from ingest.structure import structure
from knowledge.classify import facts
from knowledge.controllists.chart import COMPILED
from knowledge.controllists.codec import dumps
from knowledge.controllists.model import ControlList
from knowledge.rulebook import load

_CHART, _GROUPS, _CATALOGUE = "country-chart.json", "country-groups.json", "license-exception-catalog.json"


def compile_file(path: Path, version: str) -> ControlList:
    """The list in an eCFR file, with its wording."""
    document = read(path.read_bytes(), path.name)
    (record,) = structure(document, {"name": path.name}, load().instruments)
    return compile_list(record.provisions, version)


def bundled(xml: Path, derived: Path) -> dict[str, str]:
    """The files by name, as text."""
    chart, groups, catalogue = (_json(derived / name) for name in (_CHART, _GROUPS, _CATALOGUE))
    compiled = compile_file(xml, chart["ecfrIssueDate"])
    return {
        "ccl.json": dumps(without_wording(compiled)),
        "country_chart.json": _laid_out(
            chart_facts(chart_of_json(chart), chart["source"]["url"], chart["ecfrIssueDate"], chart)
        ),
        "country_groups.json": _laid_out(
            groups_facts(groups["groups"], groups["source"]["url"], groups["ecfrIssueDate"])
        ),
        "exceptions.json": _laid_out(_exceptions(catalogue, compiled)),
        "../../classify/facts.json": _facts(compiled),
    }


def write(xml: Path, derived: Path, out: Path = COMPILED) -> None:
    """Writes the files into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    for name, text in bundled(xml, derived).items():
        (out / name).write_text(text, encoding="utf-8")


def _exceptions(catalogue: Mapping[str, Any], compiled: ControlList) -> dict[str, Any]:
    """The licence exceptions of part 740 by symbol; `entries` says how many entries grant a list-based one."""
    granted: dict[str, set[str]] = {}
    for entry in compiled.entries:
        for exception in entry.exceptions:
            for symbol in exception.symbol.split("/"):
                held = granted.setdefault(symbol, set())
                if exception.available:
                    held.add(entry.code)
    found: dict[str, Any] = {}
    for row in catalogue["exceptions"]:
        for symbol in row["symbols"]:
            title = row["title"].removeprefix("License Exception ").rsplit("(", 1)[0].strip()
            found[symbol] = {"section": row["sectionNumber"], "title": title, "list_based": symbol in granted}
            if symbol in granted:
                found[symbol]["entries"] = len(granted[symbol])
    return {
        "source": catalogue["source"]["url"],
        "issued": catalogue["ecfrIssueDate"],
        "unknown": sorted(granted.keys() - found.keys()),
        "exceptions": found,
    }


def _facts(compiled: ControlList) -> str:
    """What the classification desk knows of the list: stems and conditions by paragraph, without its sentences."""
    return json.dumps(facts.compiled(compiled), ensure_ascii=False, separators=(",", ":")) + "\n"


def _laid_out(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def main(arguments: list[str]) -> int:
    """0 where the files were written, 2 for wrong arguments."""
    if len(arguments) not in (2, 3):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    write(Path(arguments[0]), Path(arguments[1]), Path(arguments[2]) if len(arguments) == 3 else COMPILED)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
