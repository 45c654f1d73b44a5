"""The Union's facts that no control list holds: who is a member, where EU001 reaches, dates. `rules/eu/facts.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from knowledge.rulebook.load import RULES
from knowledge.rulefiles import parse

FILE = RULES / "eu" / "facts.yaml"


@dataclass(frozen=True)
class Facts:
    """Countries are ISO 3166-1 alpha-2. `parts_outside` maps a member to names of its places outside the customs territory."""

    applies_from: date
    annex_replaced: date
    members: frozenset[str]
    inside: frozenset[str]
    parts_outside: Mapping[str, tuple[str, ...]]
    eu001: frozenset[str]
    partners: frozenset[str]
    partners_reported: frozenset[str]
    us_only: frozenset[str]
    clause_from: date
    tables_version: date
    bans_from: Mapping[str, date]  # by annex, as far as known: the first day of a ban on exports to Russia
    sanctioned_neighbours: frozenset[str]
    sanctioned_places: tuple[str, ...]


@lru_cache(maxsize=1)
def facts() -> Facts:
    """The bundled facts. Raises BadRule where the file is no YAML, KeyError or ValueError where a fact is missing."""
    raw: dict[str, Any] = parse(FILE.read_bytes(), "eu/facts.yaml")
    parts = raw["member_parts_outside"]
    return Facts(
        applies_from=date.fromisoformat(raw["regulation"]["applies_from"]),
        annex_replaced=date.fromisoformat(raw["regulation"]["annex_replaced"]),
        members=frozenset(raw["members"]["codes"]),
        inside=frozenset(raw["inside"]["codes"]),
        parts_outside={k: tuple(v) for k, v in parts.items() if k not in ("evidence", "confidence")},
        eu001=frozenset(raw["eu001"]["codes"]),
        partners=frozenset(raw["partners"]["codes"]),
        partners_reported=frozenset(raw["partners_reported"]["codes"]),
        us_only=frozenset(raw["us_only"]["codes"]),
        clause_from=date.fromisoformat(raw["no_russia_clause"]["applies_from"]),
        tables_version=date.fromisoformat(raw["tables_833"]["version"]),
        bans_from={k: date.fromisoformat(v) for k, v in raw["russia_bans_from"].items() if k != "evidence"},
        sanctioned_neighbours=frozenset(raw["not_modelled"]["countries"]),
        sanctioned_places=tuple(raw["not_modelled"]["places"]),
    )
