"""What staff decided on a proposed classification, as a history that only grows, and when it must be looked at again.

A decision is held against the lists it was made with. When a later version of the list says something else of the chosen
entry, or no longer has it, the decision is reopened; one for EAR99 also when the list has gained an entry or changed one
that had been proposed.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, text

from knowledge.controllists.codec import dumps
from knowledge.controllists.model import CompiledEntry, ControlList
from knowledge.errors import BadInput
from knowledge.model import Reference
from knowledge.rulebook import RuleBook
from knowledge.store.audit import RowOf, entry
from knowledge.store.compiled import unplaced
from knowledge.store.database import Database
from knowledge.store.schema import classification_decisions, decision_steps

UNLISTED = "EAR99"
DECIDED = ("confirmed", "corrected")
LONGEST = 40
"""Characters of a code."""


@dataclass(frozen=True)
class Choice:
    """An entry somebody decided on: a code of a regime's list with or without its paragraph, or EAR99."""

    regime: str
    code: str


@dataclass(frozen=True)
class Step:
    """One change: `state` proposed, confirmed, corrected or reopened. `changes` of a reopening: `entry`, `what` (changed,
    gone, added), `from` and `to` (names of the list's versions)."""

    state: str
    at: datetime
    choice: Choice | None = None
    by: str = ""
    reason: str = ""
    lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Decision:
    """A proposal and all that became of it. `candidates` are plain rows with `regime`, `code` and `score`; `lists` names
    what it was made against: `rules` and `US`, each with `name` and `sha256`."""

    number: int
    text: str
    language: str
    candidates: tuple[Mapping[str, Any], ...]
    lists: Mapping[str, Mapping[str, str]]
    asked_by: str
    history: tuple[Step, ...]

    @property
    def state(self) -> str:
        """proposed, confirmed, corrected or reopened."""
        return self.history[-1].state

    @property
    def choice(self) -> Choice | None:
        """What was last decided, also while it is reopened; None where nothing was."""
        return next((s.choice for s in reversed(self.history) if s.choice is not None), None)


class Lists:
    """The lists that a decision is held against: the rule book, and the Commerce Control List that answers in it."""

    def __init__(self, book: RuleBook) -> None:
        self._book = book

    @cached_property
    def _ccl(self) -> ControlList:
        return self._book.us.ccl

    @cached_property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """`rules` (the rule book) and `US` (the control list), each with `name` and `sha256`; a review changes neither."""
        said = self._ccl
        digest = hashlib.sha256(dumps(replace(said, reviewed_by="", version="", issues=())).encode()).hexdigest()
        rules = {"name": self._book.hash[:12], "sha256": self._book.hash}
        return {"rules": rules, "US": {"name": said.version, "sha256": digest}}

    def choice(self, code: str, proposed: Sequence[Mapping[str, Any]] = ()) -> Choice:
        """The entry that a person means by a code. Raises BadInput for one that no list here has.

        A bare code means the list it was proposed under, else the US list where that has it, else the Chinese rules;
        `CN:1C905` says which.
        """
        regime, _, bare = code.strip().rpartition(":")
        bare = bare.strip()
        if bare.upper() == UNLISTED:
            return Choice("US", UNLISTED)
        tried = [regime.strip().upper()] if regime else _regimes(bare, proposed)
        found = [Choice(r, c) for r in tried for c in _spellings(bare) if self.content(Choice(r, c)) is not None]
        if not found:
            raise BadInput(
                f"{code!r} is on no list here. Write a code such as 3A001.b.2, a code with its regime (CN:1C905.a.4), or EAR99."
            )
        return found[0]

    def content(self, choice: Choice) -> Mapping[str, str] | None:
        """Hashes of what the list says of the entry: `whole`, and `facts` without its wording; None where it has none."""
        if choice.regime == "US":
            entry = self._ccl.by_code.get(choice.code[:5])
            path = choice.code[6:]
            if entry is None or entry.reserved or (path and not any(item.path == path for item in entry.items)):
                return None
            facts, whole = _hashes(entry)
            return {"facts": facts} if self._ccl.bundled else {"facts": facts, "whole": whole}
        held = [e for e in self._book.under(choice.code) if e.regime == choice.regime]
        if not held:
            return None
        said = [
            [e.code, e.description, e.hs_reference, [str(m) for m in e.timeline], self._words(e.reference)]
            for e in held
        ]
        return {"facts": _hash(said)}

    def _words(self, reference: Reference) -> Mapping[str, str]:
        found = self._book.find(reference)
        return found.sha256 if found is not None else {}

    def codes(self) -> list[str]:
        """The codes of the US list that name goods."""
        return [e.code for e in self._ccl.entries if not e.reserved]

    def held(self, choice: Choice, candidates: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """What a decision for that choice leans on: entries with their hashes, and for EAR99 the codes of the list."""
        if choice.code != UNLISTED:
            return {"entries": {f"{choice.regime}:{choice.code}": self.content(choice)}}
        near = [Choice("US", str(c["code"])) for c in candidates if c["regime"] == "US" and c["code"] != UNLISTED]
        known = {f"US:{c.code}": said for c in near if (said := self.content(c)) is not None}
        return {"entries": known, "codes": self.codes()}


class Decisions:
    """The decisions in the database. Times are given by the caller; rows are added and never changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def propose(
        self, words: str, language: str, candidates: Sequence[Mapping[str, Any]], lists: Lists, at: datetime, asked_by: str = ""
    ) -> int:  # fmt: skip
        """Keep a proposal; returns its number, counted from 1."""
        names = {k: dict(v) for k, v in lists.names.items()}
        row = {"text": _storable(words), "language": language, "candidates": [dict(c) for c in candidates]}
        with self._database.write() as connection:
            _take_turn(connection)
            number = int(connection.execute(select(func.max(classification_decisions.c.number))).scalar() or 0) + 1
            values = {**row, "number": number, "lists": names, "asked_by": asked_by, "proposed_at": at}
            connection.execute(insert(classification_decisions).values(**values))
            _add(connection, number, Step("proposed", at, by=asked_by, lists=names))
        return number

    def confirm(self, number: int, by: str, at: datetime, lists: Lists, code: str = "") -> Decision:
        """Confirm what was proposed: its most likely US outcome, or the candidate `code`. Raises BadInput."""
        return self._decide(number, "confirmed", by, at, lists, code, "")

    def correct(self, number: int, code: str, reason: str, by: str, at: datetime, lists: Lists) -> Decision:
        """Decide on another entry, or on another than before; a reason is required. Raises BadInput."""
        if not reason.strip():
            raise BadInput("A correction needs its reason, for whoever looks at it later. Write --reason TEXT.")
        return self._decide(number, "corrected", by, at, lists, code, reason)

    def _decide(self, number: int, state: str, by: str, at: datetime, lists: Lists, code: str, reason: str) -> Decision:
        if not by.strip():
            raise BadInput("A decision needs the name of who makes it. Write --by NAME.")
        with self._database.write() as connection:
            _take_turn(connection)
            found = _one(connection, number)
            if state == "confirmed":
                choice = _confirmable(found, code, lists)
            else:
                choice = lists.choice(code, found.candidates)
            content = lists.held(choice, found.candidates)
            names = {k: dict(v) for k, v in lists.names.items()}
            step = Step(state, at, choice, _storable(by.strip()), _storable(reason.strip()), names, content)
            _add(connection, number, step)
            return _one(connection, number)

    def reopen_changed(self, lists: Lists, at: datetime) -> tuple[Decision, ...]:
        """Reopen decisions whose entry the lists now word otherwise or no longer have; returns those. Idempotent.

        Reads the lists only where there is something decided.
        """
        if not self.any_decided():
            return ()
        reopened = []
        with self._database.write() as connection:
            _take_turn(connection)
            for found in _all(connection):
                if found.state not in DECIDED:
                    continue
                if changes := _changes(found.history[-1], lists):
                    names = {k: dict(v) for k, v in lists.names.items()}
                    _add(connection, found.number, Step("reopened", at, lists=names, changes=changes))
                    reopened.append(_one(connection, found.number))
        return tuple(reopened)

    def any_decided(self) -> bool:
        """Has anything been decided that could be reopened? Cheap."""
        with self._database.read() as connection:
            query = select(func.count()).where(decision_steps.c.state.in_(DECIDED))
            return bool(connection.execute(query.select_from(decision_steps)).scalar())

    def get(self, number: int) -> Decision:
        """That decision. Raises BadInput where there is none."""
        with self._database.read() as connection:
            return _one(connection, number)

    def all(self, state: str | None = None) -> tuple[Decision, ...]:
        """Every decision, or those in a state, by number."""
        with self._database.read() as connection:
            return tuple(d for d in _all(connection) if state in (None, d.state))

    def export(self) -> Iterator[str]:
        """Every decision with its history as a line of JSON, by number; the same decisions give the same lines."""
        for found in self.all():
            yield json.dumps(as_dict(found), ensure_ascii=False, sort_keys=True)


def as_dict(found: Decision) -> dict[str, Any]:
    """A decision as plain JSON."""
    return {
        "number": found.number,
        "state": found.state,
        "text": found.text,
        "language": found.language,
        "candidates": [dict(c) for c in found.candidates],
        "lists": dict(found.lists),
        "asked_by": found.asked_by,
        "regime": found.choice.regime if found.choice else None,
        "code": found.choice.code if found.choice else None,
        "history": [
            {"state": s.state, "at": s.at.isoformat(), "by": s.by, "reason": s.reason, "lists": dict(s.lists),
             "regime": s.choice.regime if s.choice else None, "code": s.choice.code if s.choice else None,
             "changes": [dict(c) for c in s.changes]}
            for s in found.history
        ],
    }  # fmt: skip


# ---------------------------------------------------------------- choices and changes


def _regimes(code: str, proposed: Sequence[Mapping[str, Any]]) -> list[str]:
    """Regimes to try for a bare code: those it was proposed under, then the US list, then the Chinese rules."""
    said = [str(c["regime"]) for c in proposed if str(c["code"]).casefold() == code.casefold()]
    return list(dict.fromkeys((*said, "US", "CN")))


def _spellings(code: str) -> tuple[str, ...]:
    """As typed, and with the entry's letter large: `3a001.b.2` means 3A001.b.2."""
    return (code, code[:5].upper() + code[5:].lower()) if len(code) <= LONGEST else ()


def _confirmable(found: Decision, code: str, lists: Lists) -> Choice:
    if found.state in DECIDED:
        last = found.history[-1]
        raise BadInput(
            f"Decision {found.number} was {last.state} by {last.by} already. To change it: "
            f"navicert decisions correct {found.number} CODE --reason TEXT --by NAME."
        )
    rows = [c for c in found.candidates if c["regime"] == "US"]
    best = max(rows, key=lambda c: float(c["score"]), default=None)
    if not code and best is None:
        raise BadInput(
            f"Decision {found.number} has no US candidate to confirm. Name one of its candidates with --code."
        )
    choice = lists.choice(code, found.candidates) if code else lists.choice(f"US:{best['code']}") if best else None
    proposed = [Choice(str(c["regime"]), str(c["code"])) for c in found.candidates]
    if choice is None or not any(_covers(p, choice) for p in proposed):
        raise BadInput(
            f"{code} was not proposed in decision {found.number}. To decide on it: "
            f"navicert decisions correct {found.number} {code} --reason TEXT --by NAME."
        )
    return choice


def _covers(proposed: Choice, choice: Choice) -> bool:
    """Is the choice the proposed entry, or a paragraph of it?"""
    same = choice.code == proposed.code or choice.code.startswith(f"{proposed.code}.")
    return same and choice.regime == proposed.regime


def _changes(decided: Step, lists: Lists) -> tuple[Mapping[str, str], ...]:
    """What the lists now say otherwise than when it was decided; () where nothing that the decision leans on changed."""
    if decided.choice is None:
        return ()
    key = "US" if decided.choice.regime == "US" else "rules"
    was, now = decided.lists.get(key, {}), lists.names[key]
    if was.get("sha256") == now["sha256"]:
        return ()
    between = {"from": was.get("name", ""), "to": now["name"]}
    found: list[Mapping[str, str]] = []
    for place, held in decided.content.get("entries", {}).items():
        regime, _, code = place.partition(":")
        said = lists.content(Choice(regime, code))
        if said is None:
            found.append({"entry": code, "what": "gone", **between})
        elif _differ(held or {}, said):
            found.append({"entry": code, "what": "changed", **between})
    if codes := decided.content.get("codes"):
        found += [{"entry": c, "what": "added", **between} for c in lists.codes() if c not in set(codes)]
    return tuple(found)


def _differ(was: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """By the wording where both have it, else by the facts: the bundled list has no wording to compare."""
    kind = "whole" if "whole" in was and "whole" in now else "facts"
    return was.get(kind) != now.get(kind)


def _hashes(entry: CompiledEntry) -> tuple[str, str]:
    """Hashes of an entry without its wording and with it; where its rows stand is in neither."""
    placed = unplaced(entry)
    bare = replace(
        placed,
        rows=tuple(replace(r, control="", where="", scope=replace(r.scope, qualifier="")) for r in placed.rows),
        exceptions=tuple(replace(e, terms="", scope=replace(e.scope, qualifier="")) for e in placed.exceptions),
        items=tuple(replace(item, text="") for item in placed.items),
        heading="", related_controls="", definitions="", sta="", reporting="", notes=(),
    )  # fmt: skip
    return _hash(asdict(bare)), _hash(asdict(placed))


def _hash(said: Any) -> str:
    return hashlib.sha256(json.dumps(said, ensure_ascii=True, sort_keys=True, default=str).encode()).hexdigest()[:32]


# ---------------------------------------------------------------- rows


def _take_turn(connection: Connection) -> None:
    """Numbers are counted by whoever writes: one at a time. SQLite's write transaction is that already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE classification_decisions IN SHARE ROW EXCLUSIVE MODE"))


def _add(connection: Connection, number: int, step: Step) -> None:
    counted = select(func.count()).select_from(decision_steps).where(decision_steps.c.decision == number)
    place = int(connection.execute(counted).scalar_one())
    row = {
        "decision": number, "step": place, "state": step.state, "at": step.at,
        "regime": step.choice.regime if step.choice else "", "code": step.choice.code if step.choice else "",
        "by": step.by, "reason": step.reason, "lists": dict(step.lists), "content": dict(step.content),
        "changes": [dict(c) for c in step.changes],
    }  # fmt: skip
    connection.execute(insert(decision_steps).values(**row))
    body = {"state": step.state, "regime": row["regime"], "code": row["code"], "step": place}
    rows = [RowOf("decision_steps", (number, place))]
    rows += [RowOf("classification_decisions", (number,))] if step.state == "proposed" else []
    private = {"by": step.by, "reason": step.reason}
    entry("decision", "desk", f"decision:{number}", body, at=step.at, private=private, rows=rows)(connection)


def _one(connection: Connection, number: int) -> Decision:
    row = None
    if 0 < number < 2**31:
        query = select(classification_decisions).where(classification_decisions.c.number == number)
        row = connection.execute(query).first()
    if row is None:
        raise BadInput(f"There is no decision {number}. See `navicert decisions list`.")
    steps = select(decision_steps).where(decision_steps.c.decision == number).order_by(decision_steps.c.step)
    return _decision(row, [_step(s) for s in connection.execute(steps)])


def _all(connection: Connection) -> list[Decision]:
    history: dict[int, list[Step]] = {}
    for row in connection.execute(select(decision_steps).order_by(decision_steps.c.decision, decision_steps.c.step)):
        history.setdefault(row.decision, []).append(_step(row))
    rows = connection.execute(select(classification_decisions).order_by(classification_decisions.c.number))
    return [_decision(row, history[row.number]) for row in rows]


def _decision(row: Row[Any], history: Sequence[Step]) -> Decision:
    return Decision(row.number, row.text, row.language, tuple(row.candidates), row.lists, row.asked_by, tuple(history))


def _step(row: Row[Any]) -> Step:
    at = row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC)  # SQLite keeps no zone
    choice = Choice(row.regime, row.code) if row.code else None
    return Step(row.state, at, choice, row.by, row.reason, row.lists, row.content, tuple(row.changes))


def _storable(said: str) -> str:
    """Text that every database takes: no NUL, no lone surrogate."""
    return said.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
