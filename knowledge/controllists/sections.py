"""Sections of the EAR that licence-requirement rows point to, as far as they name destinations: `rules/us/sections.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from knowledge.model import Confidence
from knowledge.rulefiles import parse

_FILE = Path(__file__).resolve().parent.parent / "rules" / "us" / "sections.yaml"


@dataclass(frozen=True)
class SectionRule:
    """What a section that a row points to says of destinations: the countries it reaches, or all but some."""

    countries: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    everywhere: bool = False
    unsettled: bool = False  # on the books and not enforced
    surely: frozenset[str] = frozenset()  # Country Groups for which an unsettled requirement stands all the same
    confirmed: bool = True


Sections = Mapping[str, SectionRule]


@lru_cache(maxsize=1)
def load_sections() -> Sections:
    """The bundled sections by number ("746.1(b)")."""
    return {
        str(row["section"]): SectionRule(
            frozenset(row.get("countries", ())),
            frozenset(row.get("without", ())),
            "without" in row or row.get("everywhere") == "true",
            row.get("unsettled") == "true",
            frozenset(row.get("surely", ())),
            row.get("confidence", "confirmed") == Confidence.CONFIRMED,
        )
        for row in parse(_FILE.read_bytes(), "us/sections.yaml")
    }
