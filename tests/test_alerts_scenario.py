"""From September to November 2026 over a Bot API: a list of parties grows, suspensions lapse while the bot is down, a bound of
purity changes with the rules; who is touched hears it once, in their language, and nobody else hears anything."""

import functools
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.desk_services import Desks
from bot.services import Services
from bot.telegram import alerts as room
from knowledge.answer import Advisor
from knowledge.conditions import goods
from knowledge.rulebook import RuleBook
from knowledge.settings import Settings
from knowledge.store import parties
from knowledge.store.blobs import Blobs
from knowledge.store.database import open_database
from knowledge.store.records import InstrumentRecord, ProvisionRecord
from knowledge.store.staging import publish, stage
from tests.conftest import the_advisor
from tests.telegram.faultserver import FaultServer
from tests.telegram.running import BOT, Running, warm
from tests.telegram.world import Actor, Shown
from tests.test_store import arrival

LONG = 60.0
BELL, SAND = "🔔", "⏳"


@dataclass
class Clock:
    """The time that everybody goes by."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def to(self, day: str) -> None:
        self.at = datetime.fromisoformat(f"{day}T12:00:00+00:00")


def list_of(names: list[str], day: str) -> bytes:
    """A screening list in the official form."""
    rows = [
        {
            "id": f"r{n}", "source": "Entity List (EL) - Bureau of Industry and Security", "entity_number": None, "type": None,
            "programs": [], "name": name, "alt_names": [], "addresses": [{"address": "1 Road", "city": "Penang", "state": None, "postal_code": None, "country": "MY"}],
            "start_date": "2026-09-01", "license_policy": "Presumption of denial",
            "license_requirement": "For all items subject to the EAR (See §744.11 of the EAR)",
            "federal_register_notice": "91 FR 1", "source_list_url": "https://list.test/el",
        }
        for n, name in enumerate(names)
    ]  # fmt: skip
    return json.dumps({"search_performed_at": f"{day}T05:00:00Z", "results": rows}).encode()


def brought_in(own: Services, data: bytes, at: datetime) -> None:
    """The list as an ingest makes it live."""
    sha256 = Blobs(own.settings.home / "blobs").put(data)
    assert sha256 == hashlib.sha256(data).hexdigest()
    record = InstrumentRecord("US-CSL", "US", "", "", "list", "en", (ProvisionRecord("p-1", "1", "paragraph", sha256),))
    came = replace(
        arrival(key="csl:"), sha256=sha256, name="consolidated.json", media_type="application/json", fetched_at=at
    )
    publish(own.database, stage(own.database, came, [record]), at)


def _wider(condition: goods.Condition) -> goods.Condition:
    if isinstance(condition, goods.All | goods.Any):
        return type(condition)(tuple(map(_wider, condition.parts)))
    if isinstance(condition, goods.Property) and condition.name == "purity":
        return replace(condition, bound=replace(condition.bound, limit=Decimal("99.8")))
    return condition


def rules_with_another_bound() -> RuleBook:
    """The rules with a lower purity at which antimony oxide is controlled."""
    book = the_advisor().book
    entries = tuple(replace(e, goods=_wider(e.goods)) if e.code == "3C003.c" else e for e in book.entries)
    return replace(book, entries=entries, hash="b" * 64)


def services(folder: Path, clock: Clock, book: RuleBook | None = None) -> Services:
    """A process's services, as a start makes them; `book`: the rules of another version."""
    own = Settings(warm(folder), "CN", None, "none")
    made = Services(own, open_database(own.home, own.database), clock)
    made.bot = BOT
    desks = Desks(own, made.database)
    desks.__dict__["book"] = book or the_advisor().book
    made._made = (made._stamp(), desks, Advisor(own, desks.book, None, lambda: desks.screening))
    return made


@contextmanager
def up(server: FaultServer, folder: Path, clock: Clock, book: RuleBook | None = None) -> Iterator[Services]:
    """The bot, until the block ends."""
    with Running(server, services(folder, clock, book), open_to_all=False) as bot:
        yield bot.services


def settled(own: Services) -> None:
    """Wait until what there is to find on this day has been found and told."""
    day = own.today()

    def done() -> bool:
        store = own.alerts.alerts
        state = store.state()
        if state is None or state.day != day or store.unknown(datetime(2026, 1, 1, tzinfo=UTC), 1) or store.left():
            return False
        seen = state.listed.get("") == own.alerts._lists() and not store.open_run() and not store.untold_runs()
        return seen and not store.waiting() and not own.post.outstanding()

    until = time.monotonic() + LONG
    while not done():
        assert time.monotonic() < until, (day, own.alerts.alerts.waiting(), own.post.outstanding())
        time.sleep(0.1)


def heard(actor: Actor, sign: str) -> list[Shown]:
    """What the person was told that begins so."""
    return [m for m in actor.sees() if m.from_bot and m.text.startswith(sign)]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot looks often, and takes a short list of parties for a whole one."""
    often = {name: (0.2, chore) for name, (_, chore) in room.ROOM.chores.items()}
    monkeypatch.setattr(room, "ROOM", replace(room.ROOM, chores=often))
    monkeypatch.setattr(parties, "live_parties", functools.partial(parties.live_parties, least=1))


def member(
    server: FaultServer, own: Services, number: int, name: str, role: str = "exporter", lang: str = "en"
) -> Actor:
    """Somebody who has joined and agreed."""
    actor = server.world.user(number, name, lang)
    about: dict[str, Any] = {"name": name, "consented_at": own.now(), "invited_by": 1}
    if role != "exporter":
        about["language"] = lang
    own.database.commit([own.people.put(number, own.now(), role=role, **about)])
    return actor


def asks(actor: Actor, text: str) -> None:
    number = actor.say(text)
    actor.world.wait_for(actor.id, lambda m: m.from_bot and len(m.text) > 60, LONG, number)


HOLMIUM = "5 kg holmium metal from Shanghai to Germany, civil use"


@pytest.mark.slow
def test_the_autumn_of_2026(tmp_path: Path) -> None:  # noqa: PLR0915 - one story, told in its order
    clock = Clock(datetime(2026, 9, 15, 12, tzinfo=UTC))
    with FaultServer() as server:
        with up(server, tmp_path, clock) as own:
            ada, lin = member(server, own, 301, "Ada"), member(server, own, 302, "Lin", lang="zh")
            bob, hal = member(server, own, 303, "Bob"), member(server, own, 304, "Hal")
            chen, eve = member(server, own, 305, "Chen", lang="zh"), member(server, own, 306, "Eve")
            rex, ola = member(server, own, 307, "Rex"), member(server, own, 308, "Ola")
            sam = member(server, own, 309, "Sam", "staff")
            sam.say("/whoami")  # who never wrote to a bot cannot be written to
            asks(ada, HOLMIUM)
            asks(lin, "从上海出口5公斤金属钬到德国，民用")
            asks(bob, "EAR99 steel brackets from Boston to Malaysia for Quorvex Maschinenbau Works Ltd, civil use")
            asks(
                hal,
                "EAR99 steel brackets from Boston to Malaysia, civil use, the buyer is 55 % owned by an Entity List company",
            )
            asks(chen, "从上海出口100公斤纯度99.9%的氧化锑到韩国，民用")
            asks(eve, "5 kg dysprosium oxide from Shanghai to Germany, civil use")
            asks(rex, HOLMIUM)
            asks(ola, HOLMIUM)
            ola.say("/watches off")
            ola.wait_for(lambda m: "nothing of your own answers" in m.text, LONG)
            settled(own)
            everyone = (ada, lin, bob, hal, chen, eve, rex, ola, sam)
            assert [len(heard(a, BELL)) for a in everyone] == [0] * 9

            clock.to("2026-10-05")
            settled(own)
            brought_in(own, list_of(["Quorvex Maschinenbau Works Ltd", "Other Trading Co"], "2026-10-05"), clock.at)
            settled(own)
            assert [len(heard(a, BELL)) for a in everyone] == [0, 0, 1, 0, 0, 0, 0, 0, 0]
            (told,) = heard(bob, BELL)
            assert "Quorvex" in told.text
            assert "→ Licence required" in told.text

            clock.to("2026-10-12")
            settled(own)
            warned = [len(heard(a, SAND)) for a in everyone]
            assert warned == [1, 1, 0, 1, 0, 0, 1, 0, 0]
            assert "2026-11-11" in heard(ada, SAND)[0].text
            assert "即将变化" in heard(lin, SAND)[0].text
            assert "2026-11-10" in heard(hal, SAND)[0].text
            clock.to("2026-11-01")
            own.database.commit([own.people.revoke(rex.id, clock.at)])

        clock.to("2026-11-12")  # nobody was there when the suspensions lapsed
        with up(server, tmp_path, clock) as own:
            settled(own)
            assert [len(heard(a, BELL)) for a in everyone] == [1, 1, 1, 1, 0, 0, 0, 0, 0]
            (told,) = heard(ada, BELL)
            assert "Since 2026-11-11." in told.text
            assert "No. 70 of 2025" in told.text
            assert "suspended → suspension lapsed" in told.text
            assert "unconfirmed" in told.text
            (told,) = heard(lin, BELL)
            assert "自2026-11-11起。" in told.text
            assert "暂停期届满" in told.text
            assert "Since" not in told.text
            (told,) = heard(hal, BELL)
            assert "Since 2026-11-10." in told.text
            digests = [m for m in sam.sees() if m.text.startswith("Answers held against")]
            assert sum("2026-11-12" in m.text for m in digests) == 1

        clock.to("2026-11-20")
        for _ in range(2):  # the second start is of the same rules
            with up(server, tmp_path, clock, rules_with_another_bound()) as own:
                settled(own)
                assert [len(heard(a, BELL)) for a in everyone] == [1, 1, 1, 1, 1, 0, 0, 0, 0]
        (told,) = heard(chen, BELL)
        assert "需要许可证" in told.text
        assert "3C003.c" in told.text
        assert date.fromisoformat("2026-11-20").isoformat() in told.text


def test_watching_in_two_languages(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 9, 15, 12, tzinfo=UTC))
    with FaultServer() as server, up(server, tmp_path, clock) as own:
        ada, lin = member(server, own, 401, "Ada"), member(server, own, 402, "Lin", lang="zh")

        def says(actor: Actor, text: str) -> Shown:
            number = actor.say(text)
            return actor.world.wait_for(actor.id, lambda m: m.from_bot, LONG, number)

        assert "holmium (Ho)" in says(ada, "/watch holmium").text
        assert "1C905" in says(ada, "/watch 1c905").text
        assert "Russia" in says(ada, "/watch Russia all").text
        assert "Entity List" in says(ada, "/watch entity list").text
        assert "which" not in says(ada, "/watch CN-2025-61").text.lower()
        assert "俄罗斯" in says(lin, "/watch 俄罗斯").text
        assert "CN-2025-61" in says(lin, "/watch 第61号公告").text
        unknown = says(ada, "/watch holmiumm-like stuff zzz")
        assert "holmium" in unknown.text or "nothing" in unknown.text
        listed = says(ada, "/watches")
        assert [f"{n}." in listed.text for n in range(1, 7)] == [True] * 5 + [False]
        ended = says(ada, "/unwatch 1c905")
        assert "1C905" in ended.text
        ada.press(ended, "Undo")
        ada.wait_for(lambda m: "Watched again" in m.text, LONG)
        settled(own)
        clock.to("2026-11-12")
        settled(own)
        (news,) = [m for m in ada.sees() if m.text.startswith("👁")]
        assert "holmium" in news.text
        assert "1C909" in news.text
        assert "CN-2025-61" in news.text
        (news,) = [m for m in lin.sees() if m.text.startswith("👁")]
        assert "暂停期届满" in news.text
        shown = says(ada, "/calendar 60")
        assert "2026-11-28" in shown.text
