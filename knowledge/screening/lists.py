"""Where screened parties come from: the rule book's lists, the bundled table of the US lists, or typed rows."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from knowledge.model import ListedParty, Text
from knowledge.rulebook import RuleBook
from knowledge.rulefiles import parse

Kind = Literal["entity", "person", "vessel", "aircraft", "unknown"]
RULES = Path(__file__).resolve().parent.parent / "rules"
COMPILED = RULES / "us" / "compiled" / "parties.tsv"
MEANINGS = (RULES / "us" / "lists.yaml", RULES / "eu" / "lists.yaml")
ANNEX_IV = RULES / "eu" / "compiled" / "annex_iv_parties.json"
EU_LIST = "EU-833-IV"
KIND_LETTERS: Mapping[Kind, str] = {"entity": "e", "person": "p", "vessel": "v", "aircraft": "a", "unknown": "u"}
_LETTER_KINDS: Mapping[str, Kind] = {letter: kind for kind, letter in KIND_LETTERS.items()}


@dataclass(frozen=True)
class ScreenedParty:
    """A party on one list, as the list gives it. `countries`: ISO 3166-1 alpha-2 of its addresses; `effect`: the key of
    `Meaning`; `licence_requirement` and `licence_policy`: closed codes, for the Entity and Military End-User Lists."""

    id: str
    name: str
    aliases: tuple[str, ...]
    kind: Kind
    list: str
    countries: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    since: date | None = None
    effect: str = ""
    instrument: str = ""
    citation: str = ""
    federal_register: str = ""
    licence_requirement: str = ""
    licence_policy: str = ""
    programmes: tuple[str, ...] = ()
    source_url: str = ""


@dataclass(frozen=True)
class Meaning:
    """What being on a list does to a deal. `effect`: licence_required, prohibited, check or not_export."""

    code: str
    name: Text
    agency: str
    citation: str
    effect: str
    does: Text
    does_not: Text
    unconfirmed: bool


@dataclass(frozen=True)
class ListState:
    """A list that was searched: how many of its parties, and as of which day ("" where the source gives none)."""

    code: str
    count: int
    as_of: str


@dataclass(frozen=True)
class Parties:
    """Parties of one or more lists. `key` changes with their content; `at(i)` gives one of `size`, parsed when asked."""

    key: str
    size: int
    at: Callable[[int], ScreenedParty]
    states: tuple[ListState, ...]

    def __iter__(self) -> Iterator[ScreenedParty]:
        return map(self.at, range(self.size))


@cache
def meanings(paths: tuple[Path, ...] = MEANINGS) -> Mapping[str, Meaning]:
    """What each list of the US and the EU means, by its code. Raises BadRule where a file is not as described in it."""
    rows = {code: row for path in paths for code, row in parse(path.read_bytes(), path.name)["lists"].items()}
    return {
        code: Meaning(
            code, row["name"], row["agency"], row["citation"], row["effect"], row["does"], row["does_not"],
            row.get("unconfirmed") == "true",
        )
        for code, row in rows.items()
    }  # fmt: skip


def given(parties: Iterable[ScreenedParty], as_of: str = "") -> Parties:
    """Parties held in memory as a source."""
    held = tuple(parties)
    counts: dict[str, int] = {}
    digest = blake2b(digest_size=16)
    for party in held:
        counts[party.list] = counts.get(party.list, 0) + 1
        digest.update("\x1f".join((party.id, party.name, *party.aliases, party.kind, *party.countries)).encode())
    return Parties(
        digest.hexdigest(), len(held), held.__getitem__, tuple(ListState(c, n, as_of) for c, n in counts.items())
    )


def from_rulebook(book: RuleBook) -> Parties:
    """China's lists, and the armed forces and military users that the rule book knows."""
    return given(map(_of_rulebook, book.parties))


def _of_rulebook(party: ListedParty) -> ScreenedParty:
    name = party.name.get("en") or next(iter(party.name.values()))
    others = (*(v for v in party.name.values() if v != name), *party.aliases)
    start = min((m.start for m in party.timeline if m.start), default=None)
    return ScreenedParty(
        party.id, name, tuple(dict.fromkeys(others)), "entity", f"CN-{party.list}", (party.country,) if party.country else (),
        since=start, effect=f"CN-{party.list}", instrument=party.instrument, citation=party.instrument,
    )  # fmt: skip


def of_the_union(path: Path = ANNEX_IV) -> Parties:
    """Annex IV to Regulation 833/2014 as bundled. Raises OSError where the table is missing, ValueError where it is none."""
    data = json.loads(path.read_bytes())
    citation = meanings()[EU_LIST].citation
    return given(
        (
            ScreenedParty(
                f"{EU_LIST}.{number}", row["name"], _parts(row["name"]), "entity", EU_LIST, since=date.fromisoformat(row["published"]), effect=EU_LIST,
                instrument=data["source"], citation=f"{citation} (as by {row['act']})",
            )
            for number, row in enumerate(data["parties"], 1)
        ),
        data["version"],
    )  # fmt: skip


def _parts(name: str) -> tuple[str, ...]:
    """Names inside a name of the annex: "Tactical Missile Company, PJSC ANPP Temp Avia", a plant in quotation marks."""
    inside = [*re.split(r",\s|\s–\s", name), *re.findall(r"[‘“«]([^’”»]{6,})[’”»]", name)]
    return tuple(p for p in dict.fromkeys(inside) if p != name and len(p.split()) > 1 and p.upper() != p)


def bundled(path: Path = COMPILED) -> Parties:
    """The US lists as bundled. Raises OSError where the table is missing, ValueError where it is not one."""
    return _table(path, path.stat().st_mtime_ns)


@cache
def _table(path: Path, _changed: int) -> Parties:
    data = path.read_bytes()
    lines = data.decode("utf-8").split("\n")
    head = next((n for n, line in enumerate(lines) if not line.startswith("#")), 0)
    if not lines[head].startswith("name\t"):
        raise ValueError(f"{path.name}: line {head + 1} is no heading of columns; generate the table again")
    facts = [line[2:].split("\t") for line in lines[:head]]
    looked_up = {(f[0], f[1]): f[2] for f in facts if len(f) == 3}
    as_of = next((f[1] for f in facts if f[0] == "as of"), "")
    states = tuple(ListState(f[1], int(f[2]), as_of) for f in facts if f[0] == "list")
    rows = [line for line in lines[head + 1 :] if line]
    return Parties(blake2b(data, digest_size=16).hexdigest(), len(rows), lambda i: _row(rows[i], looked_up), states)


def _row(line: str, looked_up: Mapping[tuple[str, str], str]) -> ScreenedParty:
    name, aliases, code, kind, countries, entry, notice, requirement, policy, programme, url = line.split("\t")
    meaning = meanings().get(code)
    own = entry or blake2b(line.encode(), digest_size=5).hexdigest()  # the Commerce and State lists number nobody
    return ScreenedParty(
        f"US-{code}.{own}", name, tuple(aliases.split(" | ")) if aliases else (),
        _LETTER_KINDS[kind], code, tuple(countries.split()), (), None, code, f"US-{code}",
        meaning.citation if meaning else "", notice, looked_up.get(("requirement", requirement), ""),
        looked_up.get(("policy", policy), ""),
        tuple(p for p in [looked_up.get(("programme", programme), "")] if p), looked_up.get(("url", url), ""),
    )  # fmt: skip


def joined(sources: Sequence[Parties]) -> Parties:
    """Several sources as one."""
    ends: list[int] = []
    for source in sources:
        ends.append((ends[-1] if ends else 0) + source.size)

    def at(i: int) -> ScreenedParty:
        n = next(n for n, end in enumerate(ends) if i < end)
        return sources[n].at(i - (ends[n - 1] if n else 0))

    key = blake2b("|".join(s.key for s in sources).encode(), digest_size=16).hexdigest()
    return Parties(key, ends[-1] if ends else 0, at, tuple(state for s in sources for state in s.states))
