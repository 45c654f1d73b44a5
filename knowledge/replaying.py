"""Replays on the rules of their time. Rules that are no longer installed are taken from their archive, and since code reads
some of them from its own package, they are laid under a copy of it that answers in a process of its own.

`python -m knowledge.replaying` is that process: a request on standard input, an answer a line on standard output.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from knowledge.answer import Advisor
from knowledge.causes import Cause, bearing, of_files, of_rules, of_texts, touched
from knowledge.compare import Differs, compare
from knowledge.controllists.model import ControlList
from knowledge.engine import PACKAGE, RULES, engine_files
from knowledge.errors import BadInput, NavicertError, StateGone
from knowledge.model import Answer
from knowledge.replay import Place, State, advisor_of, again, alike, anew, caveats, now_of, state_of
from knowledge.rulebook import load
from knowledge.rulefiles import facts, tree
from knowledge.settings import child_environment, settings
from knowledge.store.blobs import Blobs
from knowledge.store.cases import Asked, Cases, dumped, loaded
from knowledge.store.compiled import CompiledLists, difference
from knowledge.store.database import open_database
from knowledge.store.past import past_library
from knowledge.store.rulebooks import RuleBooks

AT_ONCE = 300
"""Answers held in memory together: each is some 30 kB."""
PATIENCE = 600.0
"""Seconds that the process of a former rule book may take, for all that it is asked."""


@dataclass(frozen=True)
class Replayed:
    """An answer on its own state. `differs` is empty where it is the same, to the letter. `gone`: why it could not be worked
    out; `caveats`: why it may differ although the state is the same."""

    asked: Asked
    state: State
    answer: Answer | None
    differs: tuple[Differs, ...] = ()
    gone: str = ""
    caveats: tuple[str, ...] = ()

    @property
    def identical(self) -> bool:
        """Is it what was answered?"""
        return self.answer is not None and not self.differs


@dataclass(frozen=True)
class Moved:
    """The same question on the state of now, against what was answered. `causes`: what changed between the two states, as far
    as the two answers lean on it."""

    state: State
    answer: Answer
    differs: tuple[Differs, ...]
    causes: tuple[Cause, ...]


def replay(numbers: Iterable[int], place: Place) -> Iterator[Replayed]:
    """Those questions' answers on their own states; of each few hundred, those of one state one after another. Raises
    BadInput for a number that is no question's."""
    every = tuple(numbers)
    for start in range(0, len(every), AT_ONCE):
        yield from _some(every[start : start + AT_ONCE], place)


def _some(numbers: Sequence[int], place: Place) -> Iterator[Replayed]:
    cases = Cases(place.database)
    wanted = [_question(number, cases) for number in numbers]
    states = {asked.id: state_of(asked, place) for asked in wanted}
    for rulebook, some in groupby(sorted(wanted, key=lambda a: _order(states[a.id], a)), lambda a: a.rulebook):
        group = list(some)
        found = _found(rulebook, group, place)
        for asked in group:
            yield _replayed(asked, states[asked.id], found[asked.id])


@dataclass(frozen=True)
class Present:
    """The state of now and an advisor of it, for several questions."""

    state: State
    advisor: Advisor


def present(place: Place) -> Present:
    """The state of now, opened."""
    now = now_of(place)
    return Present(now, advisor_of(now, place))


def moved(asked: Asked, place: Place, on: date | None = None, current: Present | None = None) -> Moved:
    """That question on the state of now, on the day that was asked for or on `on`."""
    current = current or present(place)
    now = current.state
    answer = anew(asked, current.advisor, Cases(place.database), on)
    said, found = alike(asked.answer, answer)
    differs = compare(said, found)
    causes = bearing(_changes(state_of(asked, place), now, place), touched(said, found, differs)) if differs else ()
    if asked.answer.on != answer.on:
        causes = (Cause("day", "", "", asked.answer.on.isoformat(), answer.on.isoformat()), *causes)
    return Moved(now, answer, differs, causes)


def _question(number: int, cases: Cases) -> Asked:
    asked = cases.question(number)
    if asked is None:
        raise BadInput(f"there is no question {number} in this database: it was never kept, or it was forgotten.")
    return asked


def _order(state: State, asked: Asked) -> tuple[str, ...]:
    return (*(str(v) for v in vars(state).values()), f"{asked.id:09d}")


def _replayed(asked: Asked, state: State, found: Answer | str) -> Replayed:
    if isinstance(found, str):
        return Replayed(asked, state, None, gone=found, caveats=caveats(asked))
    return Replayed(asked, state, found, compare(*alike(asked.answer, found)), caveats=caveats(asked))


def _found(rulebook: str, group: Sequence[Asked], place: Place) -> dict[int, Answer | str]:
    if load(place.rules, place.cache).hash == rulebook:
        return dict(_here(group, place))
    try:
        return _apart(rulebook, group, place)
    except StateGone as gone:
        return {asked.id: str(gone) for asked in group}


def _here(group: Iterable[Asked], place: Place) -> Iterator[tuple[int, Answer | str]]:
    """In this process, whose rules they are; each state opened once."""
    for state, some in groupby(group, lambda asked: state_of(asked, place)):
        try:
            advisor = advisor_of(state, place)
        except NavicertError as gone:
            yield from ((asked.id, str(gone)) for asked in some)
            continue
        for asked in some:
            try:
                yield asked.id, again(asked, advisor)
            except NavicertError as wrong:
                yield asked.id, str(wrong)


# ---------------------------------------------------------------- rules that are no longer installed


def _apart(rulebook: str, group: Sequence[Asked], place: Place) -> dict[int, Answer | str]:
    """In a process whose package holds the rules of then. Raises StateGone."""
    with TemporaryDirectory(prefix="navicert-replay-") as aside:
        _lay(rulebook, place, Path(aside))
        asked = json.dumps({"numbers": [a.id for a in group], "least": place.least})
        command = [sys.executable, "-m", "knowledge.replaying"]
        surroundings = {**child_environment(place.settings), "PYTHONPATH": aside}
        try:
            run = subprocess.run(  # noqa: S603 - our own module
                command, input=asked, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=aside,
                encoding="utf-8", env=surroundings,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise StateGone(f"replaying takes more than {PATIENCE:.0f} seconds. Replay fewer at once.") from None
    if run.returncode:
        why = (run.stderr.strip().splitlines() or ["no message"])[-1][:300]
        raise StateGone(f"the rule book {rulebook[:12]} cannot be used by this version of Navicert: {why}")
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return {said["number"]: said["gone"] if "gone" in said else loaded(said["answer"]) for said in lines}


def _lay(rulebook: str, place: Place, folder: Path) -> None:
    """A copy of this package with the rules of then in the place of its own. Raises StateGone."""
    package = folder / PACKAGE.name
    RuleBooks(place.settings.home).unpack(rulebook, package / RULES.name)
    for path in engine_files():
        target = package / path.relative_to(PACKAGE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)


def main(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The process's work: an answer, or why there is none, for each number."""
    own = settings()
    place = Place(own, open_database(own.home, own.database), least=int(request["least"]))
    cases = Cases(place.database)
    for number, found in _here([_question(n, cases) for n in request["numbers"]], place):
        yield (
            {"number": number, "gone": found} if isinstance(found, str) else {"number": number, "answer": dumped(found)}
        )


# ---------------------------------------------------------------- what changed between two states


def _changes(then: State, now: State, place: Place) -> tuple[Cause, ...]:
    """Everything that is otherwise now. What of the former state is gone cannot be compared and is left out."""
    rules = _rule_changes(then.rulebook, now.rulebook, place)
    return (*rules, *_list_changes(then, now, place), *_text_changes(then, now, place))


@lru_cache(maxsize=4)
def _rule_changes(then: str, now: str, place: Place) -> tuple[Cause, ...]:
    if then == now:
        return ()
    books = RuleBooks(place.settings.home)
    try:
        old = books.files(then)
        with TemporaryDirectory(prefix="navicert-rules-") as aside:
            books.unpack(then, Path(aside))
            former = load(Path(aside), place.cache)
    except NavicertError as gone:
        return (Cause("rules", "", "", str(gone), now[:12]),)
    new = tree(place.rules) | facts(place.rules)
    return (*of_rules(former, load(place.rules, place.cache)), *of_files(old, new))


def _list_changes(then: State, now: State, place: Place) -> tuple[Cause, ...]:
    """Entries of the compiled list, and its review."""
    if then.compiled == now.compiled:
        same = then.reviewed_by == now.reviewed_by
        return () if same else (Cause("list", "review", "reviewed by", then.reviewed_by, now.reviewed_by),)
    old, new = (_list(state, place) for state in (then, now))
    if old is None or new is None:
        return (Cause("list", "compiled list", "version", old.version if old else "", new.version if new else ""),)
    found = difference(old, new)
    was, is_ = old.by_code, new.by_code
    return tuple(
        Cause("list", code, "entry", old.version if code in was else "", new.version if code in is_ else "")
        for code in (*found.added, *found.removed, *found.changed)
    )


def _list(state: State, place: Place) -> ControlList | None:
    blobs = Blobs(place.settings.home / "blobs")
    try:
        return CompiledLists(place.database).kept(state.compiled, "", blobs) if state.compiled else None
    except StateGone:
        return None


def _text_changes(then: State, now: State, place: Place) -> tuple[Cause, ...]:
    if then.generation == now.generation:
        return ()
    try:
        old, new = (past_library(place.database, s.generation).live().versions.values() for s in (then, now))
    except StateGone:
        return ()
    return of_texts(old, new)


if __name__ == "__main__":
    for line in main(json.loads(sys.stdin.read())):
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
