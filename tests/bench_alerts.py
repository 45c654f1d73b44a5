"""`make bench-alerts`: how long it takes to determine kept answers again, and how few a change makes it look at.

Deals are read from questions of the sentence cases and sent to many destinations, so that no two are the same.
"""

import argparse
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import insert

from bot.alert_runner import Looked, Runner
from bot.desk_services import Desks
from knowledge.alerts.state import State
from knowledge.answer import Advisor
from knowledge.determine import determine
from knowledge.model import Answer, Place
from knowledge.settings import Settings
from knowledge.store.alerts import Alerts
from knowledge.store.chat_schema import cases, questions
from knowledge.store.database import Database, open_database
from tests.telegram.running import warm
from tests.test_rules_tested import rows

ASKED = date(2026, 9, 15)
COUNTRIES = (
    "DE FR IT NL JP KR VN IN US GB CA AU BR MX TR AE SA RU BY IR KP CN HK TW SG MY TH ID PH PL CZ SE FI ES".split()
)
READ = 400
"""Questions that are read; the deals are made of them."""


def answers(advisor: Advisor, count: int) -> Iterator[Answer]:
    """So many answers to different deals."""
    dice = random.Random(5)
    asked = [advisor.ask(row["question"], ASKED) for row in dice.sample(list(rows()), READ)]
    asked = [a for a in asked if a.intent == "licence" and a.behaviour in ("answer", "ask") and a.determinations]
    for n in range(count):
        base = asked[n % len(asked)]
        deal = base.transaction
        if n >= len(asked):
            place = dice.choice(COUNTRIES)
            some = tuple(replace(g, name=f"{g.name} {n}") for g in deal.goods)
            deal = replace(deal, destination=Place(place, place), goods=some, when=None)
        found = determine(deal, advisor.book, ASKED, home="CN")
        yield replace(base, transaction=deal, determinations=found.determinations, verdict=found.verdict, on=ASKED)


def kept(database: Database, advisor: Advisor, count: int) -> None:
    """The answers as if a thousand people had asked them."""
    from pydantic import TypeAdapter

    adapter, at = TypeAdapter(Answer), datetime(2026, 9, 15, 12, tzinfo=UTC)
    with database.write() as connection:
        for n, answer in enumerate(answers(advisor, count), 1):
            person = 1000 + n % 1000
            about = {"chat": person, "person": person}
            connection.execute(insert(cases).values(id=n, **about, title="", opened_at=at, changed_at=at))
            connection.execute(
                insert(questions).values(
                    id=n, case=n, **about, event=n, text=answer.question, language=answer.lang, on=answer.on,
                    behaviour=str(answer.behaviour), verdict=str(answer.verdict), rulebook=answer.rulebook, generation="0",
                    answer=adapter.dump_json(answer).decode(), asked_at=at, mark="", reason="", undone=0,
                )
            )  # fmt: skip


def timed(what: str, work: Callable[[], Looked | None]) -> float:
    """Do it, and print a line."""
    began, used = time.perf_counter(), _used()
    found = work()
    seconds, cpu = time.perf_counter() - began, _used() - used
    more = f", {found.touched} touched, {found.determined} determined, {found.flipped} flipped" if found else ""
    print(f"{what:<58} {seconds:8.2f} s {cpu:8.2f} cpu-s{more}", flush=True)
    return seconds


def _used() -> float:
    """Seconds of processor that this process and those that it has ended took."""
    own, ended = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


def altered(alerts: Alerts, database: Database, change: Callable[[State], State]) -> None:
    """The state of before, otherwise than it was: what the next look finds changed."""
    state = alerts.state()
    assert state is not None
    database.commit([alerts.settle(change(state))])


def other_part(state: State, id_: str) -> State:
    """One rule decided otherwise before."""
    return replace(state, parts={**state.parts, id_: replace(state.parts[id_], effect="before")})


def main() -> None:
    """Keep the answers, then look at them after one change after another."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=10_000)
    options.add_argument("--processes", type=int, default=2)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        own = Settings(warm(Path(folder) / "home"), "CN", None, "none")
        database = open_database(own.home)
        desks = Desks(own, database)
        advisor = Advisor(own, desks.book, None, lambda: desks.screening)
        print(
            f"{given.count} answers, {given.processes} processes, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
        )
        timed("answers made and kept", lambda: kept(database, advisor, given.count))
        first = Runner(own, database, lambda: advisor, given.processes)
        noon = datetime(2026, 9, 15, 12, tzinfo=UTC)
        timed("first look: every answer taken in and determined", lambda: first.look(noon, ASKED))
        alerts = first.alerts

        def look(day: date = ASKED) -> Looked:
            return Runner(own, database, lambda: advisor, given.processes).look(noon, day)

        timed("nothing changed, a new process", look)
        changes: list[tuple[str, Callable[[State], State]]] = [
            ("every answer determined again (another engine)", lambda s: replace(s, wide={**s.wide, "engine": "before"})),
            ("one entry (1C905.b)", lambda s: other_part(s, "entry:1C905.b")),
            ("one entry (3C003.c, a bound of purity)", lambda s: other_part(s, "entry:3C003.c")),
            ("one party of the rule book", lambda s: other_part(s, next(i for i in s.parts if i.startswith("party:")))),
            ("one rule on deals (CN-2026-1)", lambda s: other_part(s, next(i for i in s.parts if "CN-2026-1" in i))),
            ("100 parties of the screening lists new", lambda s: replace(s, listed={"": "before", **dict(list(s.listed.items())[101:])})),
        ]  # fmt: skip
        for what, change in changes:
            altered(alerts, database, change)
            timed(what, look)
        timed("the day that suspensions lapse (2026-11-11)", lambda: look(date(2026, 11, 11)))
        kinds = [a.kind for a in alerts.waiting()]
        print(json.dumps({kind: kinds.count(kind) for kind in sorted(set(kinds))}))
        database.close()


if __name__ == "__main__":
    main()
