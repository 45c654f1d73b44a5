"""Whatever the way to Telegram does, every question is answered once."""

from pathlib import Path

import pytest

from tests.telegram import faultserver as fs
from tests.telegram.faultserver import Fault, FaultServer
from tests.telegram.running import Running, agreed, running, services
from tests.telegram.world import Shown

COUNTRIES = {
    "Germany": "Stuttgart", "Vietnam": "Hanoi", "Japan": "Osaka", "France": "Lyon", "Brazil": "Sao Paulo",
    "India": "Mumbai", "Poland": "Warsaw", "Mexico": "Monterrey",
}  # fmt: skip
LONG = 20.0


def question(country: str) -> str:
    """A question whose answer names the country."""
    return f"5 kg dysprosium oxide from Shanghai to {COUNTRIES[country]}"


def answers(server: FaultServer, chat: int, country: str) -> list[Shown]:
    """The messages in the chat that answer the question about the country."""
    return [m for m in server.world.messages(chat, bot_only=True) if f"→ {country}" in m.text]


def asked_and_answered(server: FaultServer, person: int, countries: list[str]) -> None:
    """Ask about each country; each is answered once, and nothing is left of what was said in between."""
    actor = server.world.user(person, f"P{person}")
    for country in countries:
        actor.say(question(country))
    for country in countries:
        actor.wait_for(lambda m, c=country: f"→ {c}" in m.text, LONG)  # type: ignore[misc]
    server.settle(0.5, LONG)
    for country in countries:
        assert len(answers(server, person, country)) == 1, [m.text[:80] for m in server.world.messages(person)]


ONCE = {
    "too many requests": fs.flood(1),
    "server error": fs.failed(500),
    "bad gateway": fs.failed(502),
    "bad gateway after the work": fs.failed(502, performed=True),
    "reset": fs.reset(),
    "reset after the work": fs.reset(performed=True),
    "time-out": fs.hang(4.5),
    "time-out after the work": fs.hang(4.5, performed=True),
    "answer cut off": fs.garbled(),
    "slow": fs.slow(0.6),
}


@pytest.mark.parametrize("fault", ONCE.values(), ids=ONCE.keys())
def test_a_failing_send_loses_and_doubles_nothing(tmp_path: Path, fault: Fault) -> None:
    with running(tmp_path) as (server, bot):
        agreed(bot.services, 11)
        server.faults.next("sendMessage", fault)
        asked_and_answered(server, 11, ["Germany", "Vietnam"])
        assert server.faults.left == 0
        assert not [m for m in server.world.messages(11, bot_only=True) if "interrupted" in m.text]


def test_failures_one_after_the_other(tmp_path: Path) -> None:
    with running(tmp_path) as (server, bot):
        agreed(bot.services, 12)
        for fault in (fs.reset(performed=True), fs.failed(500), fs.hang(4.5, performed=True), fs.flood(1)):
            server.faults.next("sendMessage", fault)
        asked_and_answered(server, 12, ["Germany", "Japan", "India"])


@pytest.mark.parametrize(
    "seed", [7, 21, pytest.param(33, marks=pytest.mark.slow), pytest.param(40, marks=pytest.mark.slow)]
)
def test_many_faults_by_chance(tmp_path: Path, seed: int) -> None:
    with running(tmp_path) as (server, bot):
        people = list(range(100, 106))
        agreed(bot.services, *people)
        mixed = [
            fs.flood(1),
            fs.failed(500),
            fs.failed(502, True),
            fs.reset(),
            fs.reset(True),
            fs.garbled(),
            fs.slow(0.2),
        ]
        server.faults.random(0.25, mixed, seed=seed, pattern="send*")
        server.faults.random(0.15, mixed, seed=seed + 1, pattern="edit*")
        actors = [server.world.user(p, f"P{p}") for p in people]
        wanted = ["Germany", "Vietnam", "Japan", "Brazil"]
        for country in wanted:
            for actor in actors:
                actor.say(question(country))
        for actor in actors:
            for country in wanted:
                actor.wait_for(lambda m, c=country: f"→ {c}" in m.text, 60)  # type: ignore[misc]
        server.faults.clear()
        server.settle(1.0, LONG)
        for actor in actors:
            for country in wanted:
                assert len(answers(server, actor.id, country)) == 1
        assert bot.services.post.outstanding() == 0


DELIVERIES = {"twice": fs.TWICE, "again after it was confirmed": fs.AGAIN, "shuffled": fs.SHUFFLED}


@pytest.mark.parametrize("fault", DELIVERIES.values(), ids=DELIVERIES.keys())
def test_an_update_that_comes_twice_or_out_of_order_is_handled_once(tmp_path: Path, fault: Fault) -> None:
    with running(tmp_path) as (server, bot):
        agreed(bot.services, 13)
        server.faults.next("getUpdates", fault, 4)
        asked_and_answered(server, 13, ["Germany", "Poland", "Mexico"])


@pytest.mark.parametrize("fault", [fs.reset(), fs.failed(502), fs.garbled(), fs.hang(1.0)], ids=lambda f: f.kind)
def test_polling_goes_on_after_faults(tmp_path: Path, fault: Fault) -> None:
    with running(tmp_path) as (server, bot):
        agreed(bot.services, 14)
        server.faults.next("getUpdates", fault, 2)
        asked_and_answered(server, 14, ["France"])


def test_a_restart_finishes_what_was_promised(tmp_path: Path) -> None:
    """The bot goes away while Telegram refuses everything; the next one answers, once."""
    with FaultServer() as server:
        actor = server.world.user(15, "P15")
        own = services(tmp_path)
        agreed(own, 15)
        server.faults.random(1.0, [fs.failed(502)], pattern="sendMessage")
        with Running(server, own):
            actor.say(question("Germany"))
            assert server.world.wait_until(lambda: bool(server.calls_of("sendMessage")), LONG)
        assert not answers(server, 15, "Germany")
        server.faults.clear()
        with Running(server, services(tmp_path)):
            actor.wait_for(lambda m: "→ Germany" in m.text, LONG)
            server.settle(0.5)
        assert len(answers(server, 15, "Germany")) == 1


def test_an_answer_that_arrived_before_the_end_is_not_sent_again(tmp_path: Path) -> None:
    """The message went out, and the process ended before it heard so."""
    with FaultServer() as server:
        actor = server.world.user(16, "P16")
        own = services(tmp_path)
        agreed(own, 16)
        server.faults.next("sendMessage", fs.hang(8, performed=True))
        with Running(server, own):
            actor.say(question("Germany"))
            actor.wait_for(lambda m: "→ Germany" in m.text, LONG)
        with Running(server, services(tmp_path)) as again:
            assert server.world.wait_until(lambda: bool(server.calls_of("deleteMessage")), LONG)
            server.settle(0.5)
            assert again.services.post.outstanding() == 0
        assert len(answers(server, 16, "Germany")) == 1
        assert not [m for m in server.world.messages(16, bot_only=True) if "interrupted" in m.text]


def test_somebody_who_blocked_the_bot_holds_up_nobody(tmp_path: Path) -> None:
    with running(tmp_path) as (server, bot):
        agreed(bot.services, 17, 18)
        gone = server.world.user(17, "P17")
        gone.say(question("Germany"))
        gone.wait_for(lambda m: "→ Germany" in m.text, LONG)
        with server.world.changed:
            server.world.chats[17].blocked = True
        bot.services.database.commit(
            [bot.services.post.put(17, {"text": "late", "entities": [], "lang": "en"}, bot.services.now())]
        )
        asked_and_answered(server, 18, ["Japan"])


def test_a_group_that_became_another_chat_gets_its_answer(tmp_path: Path) -> None:
    with running(tmp_path) as (server, bot):
        agreed(bot.services, 19)
        actor = server.world.user(19, "P19")
        group = server.world.group("Trade", actor)
        server.world.add_bot(group, actor)
        server.faults.next("sendMessage", fs.failed(502))
        actor.say(f"@{server.world.bot['username']} {question('Germany')}", chat=group)
        assert server.world.wait_until(lambda: bool(server.calls_of("sendMessage")), LONG)
        moved = server.world.migrate(group)
        server.world.wait_for(moved, lambda m: "→ Germany" in m.text, LONG)
