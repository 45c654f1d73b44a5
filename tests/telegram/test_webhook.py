"""The bot called by a webhook over real HTTP, with a Bot API written by others."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from tests.telegram.faultserver import FaultServer
from tests.telegram.running import NOW, Running, services
from tests.telegram.telemelya_server import Telemelya, telemelya

SECRET = "s" * 32
"""What `Running` tells the bot."""
LONG = 20.0
QUESTION = "N52 magnets to Vietnam"


class Hooked:
    """A person in a private chat with the bot; what comes back is collected in the order in which it was sent."""

    def __init__(self, mock: Telemelya, bot: Running, url: str) -> None:
        self.mock, self.bot, self.url, self.chat = mock, bot, url, mock.chat()
        self.client = mock.client()
        own = bot.services.people
        bot.services.database.commit([own.put(self.chat, NOW, role="exporter", name="Anna", invited_by=1)])

    def say(self, text: str) -> None:
        """Write to the bot."""
        time.sleep(0.003)  # its updates are numbered by the millisecond
        send = self.client.send_command if text.startswith("/") else self.client.send_message
        send(self.chat, text)

    def press(self, message: dict[str, Any], label: str) -> None:
        """Press a button."""
        time.sleep(0.003)
        rows = message["reply_markup"]["inline_keyboard"]
        data = [b["callback_data"] for row in rows for b in row if b["text"] == label]
        assert data, rows
        self.client.send_callback_query(self.chat, data[0], message["message_id"])

    def hears(self, words: str) -> dict[str, Any]:
        """The first message with these words, once it is there."""
        end = time.monotonic() + LONG
        while time.monotonic() < end:
            if found := [m for m in self.said() if words in m["text"]]:
                return found[0]
            time.sleep(0.05)
        raise AssertionError(f"{words!r} was not said; there is {[m['text'][:90] for m in self.said()]}")

    def said(self) -> list[dict[str, Any]]:
        """Every message of the bot."""
        return [r for r in self.client.get_responses() if r.get("method") == "sendMessage"]


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Telemelya, Running, str]]:
    """The server, the real bot that listens for it, and the address that the server calls."""
    with telemelya() as mock:
        server = SimpleNamespace(
            world=SimpleNamespace(token=mock.token), base_url=f"{mock.url}/bot", base_file_url=f"{mock.url}/file/bot"
        )
        port = _free_port()
        folder = tmp_path_factory.mktemp("bot")
        with Running(cast(FaultServer, server), services(Path(folder)), open_to_all=False, webhook=port) as bot:
            own = f"http://127.0.0.1:{port}/{mock.token.split(':')[0]}"
            _until(lambda: _refuses(own))
            # The server sends no secret, so it is told an address on the way that adds it.
            url = mock.relay(own, SECRET)
            assert httpx.post(f"{mock.url}/bot{mock.token}/setWebhook", json={"url": url}).json()["ok"]
            yield mock, bot, url


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _refuses(url: str) -> bool:
    """Does it listen yet? A call without the secret is refused."""
    try:
        return httpx.post(url, json={"update_id": 1}).status_code == 403
    except httpx.TransportError:
        return False


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


@pytest.fixture
def anna(hooked: tuple[Telemelya, Running, str]) -> Iterator[Hooked]:
    """Somebody who has joined and not yet agreed to recording."""
    made = Hooked(*hooked)
    with made.client:
        yield made


def test_from_the_start_to_a_follow_up(anna: Hooked) -> None:
    anna.say("/start")
    anna.hears("Navicert: does this shipment need an export licence?")
    anna.say(QUESTION)
    _until(lambda: len([m for m in anna.said() if "Do you agree?" in m["text"]]) == 2)
    anna.press(anna.hears("Do you agree?"), "I agree")
    open_ = anna.hears("More facts needed")
    anna.press(open_, "Contains dysprosium")
    anna.hears("1C905.a.4, NdFeB")
    anna.say("and to Japan?")
    anna.hears("China → Japan")
    anna.press(anna.hears("China → Japan"), "Route")
    anna.hears("To: Japan")
    time.sleep(0.5)
    verdicts = [m["text"] for m in anna.said() if "→" in m["text"]]
    assert len(verdicts) == 3, verdicts  # each once
    assert anna.bot.services.post.outstanding() == 0
    assert anna.bot.services.post.waiting() == 0
    assert set(anna.mock.relayed) == {200}


def test_an_update_that_the_webhook_brings_twice_is_answered_once(anna: Hooked) -> None:
    own = anna.bot.services.people
    anna.bot.services.database.commit([own.put(anna.chat, NOW, consented_at=NOW)])
    person = {"id": anna.chat, "is_bot": False, "first_name": "Anna"}
    message = {"message_id": 77, "date": 1, "chat": {"id": anna.chat, "type": "private"}, "from": person}
    update = {"update_id": 99_000_001, "message": {**message, "text": QUESTION}}
    anna.say("/whoami")  # so that the server knows whose session the chat is
    anna.hears("exporter")
    for _ in range(3):
        assert httpx.post(anna.url, json=update).status_code == 200
    anna.hears("More facts needed")
    time.sleep(0.5)
    assert len([m for m in anna.said() if "More facts needed" in m["text"]]) == 1
