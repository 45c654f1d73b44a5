"""What changed between the two states that one question was answered on, as far as the answers lean on it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass

from knowledge.compare import Differs, unlike
from knowledge.model import Answer, Measure
from knowledge.rulebook import RuleBook
from knowledge.store.library import Version

_RULES = ("entries", "restrictions", "neighbours", "signs", "topics", "coverage", "parties")
_TIMELINE = "timeline"


@dataclass(frozen=True)
class Cause:
    """One thing that is otherwise in the later state. `kind`: entry, restriction, neighbour, sign, topic, coverage, party,
    instrument, provision, file, rules (as a whole), list, text or day; `name` says which, `field` what of it. Empty `before`: it was added;
    empty `after`: it was removed."""

    kind: str
    name: str
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Touched:
    """What two answers and their differences lean on: instruments, provisions, and names of rules, entries and parties."""

    instruments: frozenset[str]
    provisions: frozenset[tuple[str, str]]
    names: frozenset[str]
    lists: bool  # lists of parties, whatever they are called


def touched(before: Answer, after: Answer, found: Sequence[Differs]) -> Touched:
    """What the two answers lean on."""
    references = {(r.instrument, r.provision) for d in found for r in d.causes}
    names: set[str] = set()
    for answer in (before, after):
        for determination in answer.determinations:
            names |= {*determination.entries, *(f.rule for f in determination.findings)}
            for finding in determination.findings:
                references.add((finding.reference.instrument, finding.reference.provision))
        references |= {(c.instrument, c.provision) for c in answer.citations}
        deal = answer.transaction
        names |= {m.party.id for m in (*deal.parties, *deal.possible_parties)}
        names |= {f.id for f in answer.red_flags}
        names |= {c.code for g in deal.goods for c in g.candidates} | {c for g in deal.goods for c in g.codes}
    lists = any(d.what == "deal" for d in found)
    return Touched(frozenset(i for i, _ in references), frozenset(references), frozenset(names), lists)


def of_rules(old: RuleBook, new: RuleBook) -> tuple[Cause, ...]:
    """Everything in the rules that is otherwise: each rule, party, instrument and provision by its fields."""
    found: list[Cause] = []
    for group in _RULES:
        kind = group.removesuffix("s").replace("entrie", "entry").replace("partie", "party")
        name = "code" if group == "entries" else "id"
        was, now = ({getattr(r, name): r for r in getattr(book, group)} for book in (old, new))
        found += _differing(kind, was, now, without=frozenset())
    found += _differing("instrument", old.instruments, new.instruments, without=frozenset(("provisions",)))
    texts = ({f"{i} {p}": v for (i, p), v in book.provisions.items()} for book in (old, new))
    found += _differing("provision", *texts, without=frozenset(("sha256",)))
    return tuple(found)


def of_files(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> tuple[Cause, ...]:
    """The rule files that differ and that hold no instrument or parties: names, kinds, facts, compiled tables."""
    found = []
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name) and not {"instruments", "parties"} & set(name.split("/")):
            sizes = (f"{len(files[name])} bytes" if name in files else "" for files in (old, new))
            found.append(Cause("file", name, "", *sizes))
    return tuple(found)


def of_texts(old: Iterable[Version], new: Iterable[Version]) -> tuple[Cause, ...]:
    """The instruments of which another text answers."""
    was, now = ({(v.instrument, v.language): v for v in side} for side in (old, new))
    found = []
    for key in dict.fromkeys((*was, *now)):
        one, other = was.get(key), now.get(key)
        if (one and one.id) != (other and other.id):
            kind = (was | now)[key].kind
            found.append(Cause("text", f"{key[0]} ({key[1]})", kind, _version(one), _version(other)))
    return tuple(found)


def bearing(causes: Sequence[Cause], on: Touched) -> tuple[Cause, ...]:
    """Those of the causes that the answers lean on; all of them where none does by its name."""
    chosen = tuple(c for c in causes if _bears(c, on))
    return chosen or tuple(causes)


def _bears(cause: Cause, on: Touched) -> bool:
    if cause.kind == "provision":
        instrument, _, place = cause.name.partition(" ")
        return (instrument, place) in on.provisions
    if cause.kind == "instrument":
        return cause.name in on.instruments
    if cause.kind == "text":
        return cause.name.partition(" (")[0] in on.instruments or (on.lists and cause.field == "list")
    return cause.name in on.names or cause.kind == "rules"


def _differing(
    kind: str, old: Mapping[str, object], new: Mapping[str, object], *, without: frozenset[str]
) -> list[Cause]:
    found = []
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name), new.get(name)
        if was is None or now is None:
            found.append(Cause(kind, name, "", _said(was) if was else "", _said(now) if now else ""))
            continue
        for part in fields(was):  # type: ignore[arg-type]
            one, other = getattr(was, part.name), getattr(now, part.name)
            if part.name not in without and one != other:
                found.append(Cause(kind, name, part.name, *_both(part.name, one, other)))
    return found


def _both(field: str, one: object, other: object) -> tuple[str, str]:
    if field == _TIMELINE and isinstance(one, tuple) and isinstance(other, tuple):
        return _timeline(one), _timeline(other)
    return unlike(_plain(one), _plain(other))


def _plain(value: object) -> str:
    """A rule's value to be read: a condition by its name and what it holds."""
    if is_dataclass(value) and not isinstance(value, type):
        held = [_plain(v) for f in fields(value) if (v := getattr(value, f.name)) not in (None, "", ())]
        return f"{type(value).__name__}({' '.join(held)})"
    if isinstance(value, tuple | list | set | frozenset):
        return ", ".join(sorted(map(_plain, value)) if isinstance(value, set | frozenset) else map(_plain, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{k}: {_plain(v)}" for k, v in value.items())
    return str(value)


def _timeline(measures: Sequence[Measure]) -> str:
    unsure = {True: ", unconfirmed", False: ""}
    return "; ".join(
        f"{m.start} {m.status} ({m.reference.instrument} {m.reference.provision}{unsure[m.confidence == 'unconfirmed']})"
        for m in measures
    )


def _said(rule: object) -> str:
    timeline = getattr(rule, _TIMELINE, ())
    return _timeline(timeline) or "there"


def _version(one: Version | None) -> str:
    if one is None:
        return ""
    dated = f" of {one.version_date or one.effective}" if one.version_date or one.effective else ""
    return f"version {one.id}{dated}, brought in {one.ingested_at:%Y-%m-%d}, live from generation {one.generation}"
