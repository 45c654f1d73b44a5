"""What changed from one state to another, and who can be touched by it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from knowledge.alerts.needs import OPEN, Need, key, met, one
from knowledge.alerts.rerun import Coming
from knowledge.alerts.state import Part, State, Turn, need_of_names

WIDE = {"us": ("regime:US",), "eu": ("regime:EU",)}
"""Tables that bear on the answers of one regime; what else is wide bears on all."""


@dataclass(frozen=True)
class Change:
    """One change. `what`: added, removed, changed, worded (what is said of it, not what it decides), turned (a day came on
    which its status changes), table. `turn` is the day's status. `need`: whom it can touch, None where nobody is;
    `reread`: parties have to be looked for in the question again."""

    what: str
    id: str
    need: Need | None
    part: Part | None = None
    turn: Turn | None = None
    reread: bool = False

    def concerns(self, subject: str) -> bool:
        """Is it about what somebody watches, such as element:Dy?"""
        return self.part is not None and subject in self.part.subjects

    def told(self) -> dict[str, Any]:
        """What the follower of a subject is told of it, as plain JSON."""
        turn, part = self.turn, self.part
        where = (turn.instrument, turn.provision) if turn else (part.instrument if part else "", "")
        return {
            "what": self.what, "id": self.id, "instrument": where[0], "provision": where[1],
            "status": turn.status if turn else "", "since": turn.day.isoformat() if turn else "",
            "unconfirmed": bool(turn and turn.unconfirmed),
        }  # fmt: skip


def changes(before: State, after: State) -> tuple[Change, ...]:
    """Everything that changed, the days that came in between included."""
    return (*_tables(before, after), *_parts(before, after), *_entries(before, after), *_turned(before, after))


def turning(state: State, first: date, last: date) -> Iterator[tuple[Part, Turn]]:
    """The statuses that begin after `first`, up to `last`."""
    for part in state.parts.values():
        for turn in part.turns:
            if first < turn.day <= last:
                yield part, turn


def _tables(before: State, after: State) -> Iterator[Change]:
    for name in sorted({*before.wide, *after.wide}):
        if before.wide.get(name) != after.wide.get(name):
            yield Change("table", f"table:{name}", key(*WIDE[name]) if name in WIDE else OPEN)


def _parts(before: State, after: State) -> Iterator[Change]:
    moved: set[date] = set()
    for id_ in sorted({*before.parts, *after.parts}):
        old, new = before.parts.get(id_), after.parts.get(id_)
        if old is not None and new is not None and old.effect == new.effect:
            if old.words != new.words:
                yield Change("worded", id_, None, new)
            continue
        moved |= _days(old) ^ _days(new)
        sides = [p for p in (old, new) if p is not None]
        names = tuple(n for p in sides for n in p.names)
        need = one([*(p.need for p in sides), *([need_of_names(names)] if new is not None and names else [])])
        what = "added" if old is None else "removed" if new is None else "changed"
        part = replace(sides[-1], subjects=tuple(dict.fromkeys(s for p in sides for s in p.subjects)))
        yield Change(what, id_, need, part, reread=bool(names))
    if moved:
        # A stretch of days is tried on each day on which any rule turns: another such day is another trial.
        yield Change("table", "table:days", key("stretch"))


def _days(part: Part | None) -> set[date]:
    return {t.day for t in part.turns} if part is not None else set()


def _entries(before: State, after: State) -> Iterator[Change]:
    """The Commerce Control List as compiled; one that begins or ceases to answer touches whatever US law has a say in."""
    if bool(before.entries) != bool(after.entries):
        yield Change("table", "table:us", key("regime:US"))
        return
    for code in sorted({*before.entries, *after.entries}):
        if before.entries.get(code) != after.entries.get(code):
            what = "added" if code not in before.entries else "removed" if code not in after.entries else "changed"
            part = Part(f"us:{code}", "US", "US-EAR-774-S1", "", "", key(f"us:{code}"),
                        subjects=(f"code:{code}", "instrument:US-EAR-774-S1"))  # fmt: skip
            yield Change(what, f"us:{code}", part.need, part)


def _turned(before: State, after: State) -> Iterator[Change]:
    first, last = sorted((before.day, after.day))
    for part, turn in turning(after, first, last):
        yield Change("turned", part.id, part.need, part, turn)


def listed(
    before: Mapping[str, str], after: Mapping[str, str], spelled: Callable[[frozenset[str]], tuple[str, ...] | None]
) -> Iterator[Change]:
    """What became of the screening lists (`State.listed`): of each list one change. `spelled` gives the names of parties,
    None where they are too many to tell anything apart."""
    if not before or before.get("") == after.get(""):
        return
    new = frozenset(i for i, d in after.items() if i and before.get(i) != d)
    gone = frozenset(i for i in before if i) - frozenset(after)
    lists = {after.get(i, before.get(i, "")).partition("|")[0] for i in new | gone}
    for list_ in sorted(lists):
        mine, left = ({i for i in ids if (after.get(i) or before[i]).startswith(f"{list_}|")} for ids in (new, gone))
        subjects = (f"list:{list_}",)
        part = Part(f"list:{list_}", "", "", "", "", OPEN, subjects=subjects)
        names = spelled(frozenset(mine)) if mine else ()
        ids = [f"party:{i}" for i in mine | left]
        need = OPEN if names is None else one([key(*ids), need_of_names(names)])
        what = "added" if mine and not left else "removed" if left and not mine else "changed"
        yield Change(what, f"list:{list_}", need, part, reread=True)


# ---------------------------------------------------------------- put together


@dataclass(frozen=True)
class Touch:
    """Whom changes can touch: `need` of everybody's, `turned` of those whose day is today's, `reread` of those whose parties
    have to be looked for again; None: nobody."""

    need: Need | None = None
    turned: Need | None = None
    reread: Need | None = None


def touch(found: Sequence[Change]) -> Touch:
    """Whom the changes can touch, by what has to be done for them."""

    def of(which: Iterable[Change]) -> Need | None:
        needs = [c.need for c in which if c.need is not None]
        return one(needs) if needs else None

    plain = [c for c in found if c.what != "turned" and not c.reread]
    return Touch(of(plain), of(c for c in found if c.what == "turned"), of(c for c in found if c.reread))


def named(found: Sequence[Change], texts: Sequence[str]) -> dict[str, Any]:
    """The changes in little, as plain JSON: how many of which sort, and some by name."""
    counts = Counter(c.what for c in found)
    ids = list(dict.fromkeys(c.turn.instrument if c.turn is not None else c.id for c in found))
    return {"counts": {**counts, **({"text": len(texts)} if texts else {})}, "named": [*ids, *texts][:12]}


def coming(state: State) -> Coming:
    """Where `knowledge.alerts.rerun.again` looks up the days ahead; of the state's own day on."""
    by_part: dict[str, tuple[date, ...]] = {}
    by_need: list[tuple[Need, tuple[date, ...]]] = []
    for part in state.parts.values():
        if days := tuple(t.day for t in part.turns if t.day > state.day):
            by_part[part.id] = days
            if part.regime == "CN":
                by_need.append((part.need, days))

    def turns(ids: Iterable[str], keys: frozenset[str] | None) -> frozenset[date]:
        found = {d for i in ids for d in by_part.get(i, ())}
        if keys is not None:
            found |= {d for need, days in by_need if met(need, keys) for d in days}
        return frozenset(found)

    return turns
