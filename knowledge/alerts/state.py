"""What the answers of a day rest on, in little: one part for each rule, entry and party, and digests of the tables.

Two states are compared to see what changed; the older one need not be at hand as rules any more. The law's own texts are
no part of it: they are quoted, they decide nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from knowledge.alerts import names, needs
from knowledge.alerts.canonical import digest
from knowledge.alerts.needs import Need, key
from knowledge.model import Confidence, ListedParty, Measure
from knowledge.regimes.eu.facts import facts
from knowledge.rulebook.book import ControlEntry, Restriction, RuleBook
from knowledge.rulebook.load import RULES
from knowledge.screening.lists import Parties

_ENGINE = ("alerts", "conditions", "regimes", "controllists", "determine.py", "timeline.py", "logic.py", "model.py", "taxonomy.py")  # fmt: skip
"""The sources that determine; whatever changes in them, every answer may."""
_TABLES = {
    "us": ("us/compiled", "us/eccn", "us/sections.yaml"),
    "eu": ("eu/compiled", "eu/facts.yaml", "us/compiled/ccl.json"),
}
"""Files of facts besides the rules, by the regime whose answers they bear on."""


@dataclass(frozen=True)
class Turn:
    """A status that begins on a day, and the provision that says so."""

    day: date
    status: str
    instrument: str
    provision: str
    unconfirmed: bool


@dataclass(frozen=True)
class Part:
    """One rule, entry or party. `effect` changes with what it decides, `words` with what is said of it; `need` is what a
    deal must have about it (`knowledge.alerts.needs`), `subjects` what a person may watch of it, such as element:Dy."""

    id: str
    regime: str
    instrument: str
    effect: str
    words: str
    need: Need
    turns: tuple[Turn, ...] = ()
    subjects: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """Everything on a day. `wide`: digests whose change touches all answers of a regime, or all there are. `listed`:
    parties of the screening lists by id, each with its list and a digest, and under "" what they were read from; `entries`:
    of the Commerce Control List, each with a digest; `texts`: the generation of the library."""

    day: date
    parts: Mapping[str, Part]
    wide: Mapping[str, str]
    entries: Mapping[str, str] = field(default_factory=dict)
    listed: Mapping[str, str] = field(default_factory=dict)
    texts: str = "0"


def of_book(book: RuleBook, on: date, home: str) -> State:
    """The state of a rule book on a day; `home` is the country that deals without an origin leave from."""
    parts = [*map(_entry, book.entries), *map(_rule, book.restrictions), *map(_party, book.parties), _union()]
    wide = {
        "home": home,
        "engine": engine(),
        "taxonomy": digest((book.taxonomy.kinds, book.taxonomy.forms, book.taxonomy.groups)),
        "us": _files(_TABLES["us"]),
        "eu": _files(_TABLES["eu"]),
    }
    listed = book.compiled
    entries = {e.code: digest(e) for e in listed.entries} if listed is not None else {}
    return State(on, {p.id: p for p in parts}, wide, entries)


def of_list(parties: Parties) -> dict[str, str]:
    """The parties of the screening lists, without those of the rule book: id, as a deal has it, to list and digest."""
    foreign = (p for p in parties if not p.list.startswith("CN-"))
    return {listed_id(p.id): f"{p.list}|{digest((p.name, p.aliases, p.kind, p.countries, p.since))}" for p in foreign}


def listed_id(party: str) -> str:
    """The id of a screened party as a deal has it (`knowledge.parties.listed`)."""
    return party if party.startswith(("US-", "EU-")) else f"US-{party}"


def need_of_names(spelled: tuple[str, ...]) -> Need:
    """Questions in which a party of those names could stand."""
    return key(*names.of_party(spelled))


# ---------------------------------------------------------------- parts


def _entry(entry: ControlEntry) -> Part:
    subjects = [f"code:{c}" for c in _above(entry.code)]
    subjects += [f"element:{e}" for e in sorted(entry.elements)] + [f"kind:{k}" for k in sorted(entry.kinds)]
    decides = (entry.goods, entry.hs_reference, entry.hs_exact, entry.timeline, entry.outcome)
    return Part(
        f"entry:{entry.code}", entry.regime, entry.instrument, digest(decides),
        digest((entry.description, entry.note, entry.confidence)), needs.entry(entry), _turns(entry.timeline),
        (*subjects, *_acts(entry.instrument, entry.timeline)),
    )  # fmt: skip


def of_rule_places(rule: Restriction) -> frozenset[str]:
    """The countries that a rule names as destinations."""
    named = _named(needs.of_deal(rule.when, rule.regime))
    return frozenset(n.partition(":")[2] for n in named if n.startswith("dest:")) - {"?"}


def _rule(rule: Restriction) -> Part:
    lists = [n for n in _named(needs.of_deal(rule.when, rule.regime)) if n.startswith("list:")]
    subjects = [f"code:{rule.id}", *(f"dest:{p}" for p in sorted(of_rule_places(rule))), *lists]
    return Part(
        f"rule:{rule.id}", rule.regime, rule.reference.instrument,
        digest((rule.when, rule.outcome, rule.timeline, rule.decides)), digest((rule.summary, rule.confidence)),
        needs.rule(rule), _turns(rule.timeline), (*subjects, *_acts(rule.reference.instrument, rule.timeline)),
    )  # fmt: skip


def _party(party: ListedParty) -> Part:
    spelled = tuple(dict.fromkeys((*party.name.values(), *party.aliases)))
    return Part(
        f"party:{party.id}", "CN", party.instrument,
        digest((party.name, party.aliases, party.country, party.list, party.timeline)), digest(party.confidence),
        key(f"party:{party.id}"), _turns(party.timeline),
        (f"list:{party.list}", *_acts(party.instrument, party.timeline)), spelled,
    )  # fmt: skip


def _union() -> Part:
    """The Union's dates, which stand in its table of facts and not in rules."""
    known = facts()
    days = {known.applies_from, known.annex_replaced, known.clause_from, *known.bans_from.values()}
    turns = tuple(Turn(d, "in_force", "EU-2021-821", "effect", True) for d in sorted(days))
    return Part(
        "table:eu", "EU", "EU-2021-821", digest(known), "", key("regime:EU"), turns, ("instrument:EU-2021-821",)
    )


def _turns(timeline: tuple[Measure, ...]) -> tuple[Turn, ...]:
    return tuple(
        Turn(m.start, str(m.status), m.reference.instrument, m.reference.provision, m.confidence is Confidence.UNCONFIRMED)
        for m in timeline
    )  # fmt: skip


def _acts(instrument: str, timeline: tuple[Measure, ...]) -> list[str]:
    return [f"instrument:{i}" for i in dict.fromkeys((instrument, *(m.reference.instrument for m in timeline))) if i]


def _above(code: str) -> Iterator[str]:
    parts = code.split(".")
    return (".".join(parts[: i + 1]) for i in range(len(parts)))


def _named(need: Need) -> frozenset[str]:
    if need[0] == "key":
        return frozenset(need[1])
    return frozenset[str]().union(*map(_named, need[1])) if need[0] in ("all", "any") else frozenset()


# ---------------------------------------------------------------- digests of files


@lru_cache(maxsize=1)
def engine() -> str:
    """The version of Navicert with the digest of the sources that determine."""
    root, told = Path(__file__).resolve().parent.parent, blake2b(digest_size=8)
    for name in _ENGINE:
        place = root / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            told.update(path.read_bytes())
    try:
        number = version("navicert")
    except PackageNotFoundError:
        number = "0"
    return f"{number}+{told.hexdigest()}"


@lru_cache(maxsize=8)
def _files(places: tuple[str, ...]) -> str:
    told = blake2b(digest_size=8)
    for name in places:
        place = RULES / name
        for path in sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]:
            told.update(path.name.encode() + path.read_bytes())
    return told.hexdigest()


# ---------------------------------------------------------------- kept between runs


def dumped(state: State) -> dict[str, Any]:
    """The state as plain JSON."""
    return {
        "day": state.day.isoformat(), "wide": dict(state.wide), "entries": dict(state.entries), "listed": dict(state.listed),
        "texts": state.texts,
        "parts": [{**asdict(p), "turns": [{**asdict(t), "day": t.day.isoformat()} for t in p.turns]} for p in state.parts.values()],
    }  # fmt: skip


def loaded(raw: Mapping[str, Any]) -> State:
    """The state as it was dumped."""
    parts = [_part(p) for p in raw["parts"]]
    day = date.fromisoformat(raw["day"])
    return State(day, {p.id: p for p in parts}, raw["wide"], raw["entries"], raw["listed"], raw["texts"])


def _part(raw: Mapping[str, Any]) -> Part:
    turns = tuple(Turn(**{**t, "day": date.fromisoformat(t["day"])}) for t in raw["turns"])
    return Part(**{**raw, "turns": turns, "subjects": tuple(raw["subjects"]), "names": tuple(raw["names"])})
