"""The token, the webhook's secret and what people write stand nowhere that they need not, and the webhook is for Telegram."""

import http.client
import io
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from bot import health, logs
from bot.locales import say
from bot.metrics import metrics
from bot.serve import _well
from knowledge.settings import Address
from knowledge.store.cases import Cases
from knowledge.store.database import Write
from knowledge.store.people import People
from knowledge.store.post import Post
from tests.telegram import faultserver as fs
from tests.telegram.faultserver import FaultServer
from tests.telegram.running import NOW, Running, services
from tests.telegram.test_security import LONG, Stage, waited
from tests.telegram.world import World

HALF = "AAcanary" + "Q7x_z-" * 4 + "end"
"""What follows the number in the token here."""
SECRET = "s" * 32
"""The webhook's secret, as `Running` sets it."""


@contextmanager
def logged(level: str, *secrets: str) -> Iterator[io.StringIO]:
    """All that is logged meanwhile."""
    stream = io.StringIO()
    undo = logs.setup(level, secrets, stream)
    try:
        yield stream
    finally:
        undo()


def telegram() -> FaultServer:
    """A server whose bot has a token that looks like one."""
    world = World()
    world.token = f"{world.bot['id']}000000:{HALF}"
    return FaultServer(world)


def files_of(folder: Path) -> bytes:
    """Every byte of the database, what is not checkpointed too."""
    return b"".join(p.read_bytes() for p in folder.iterdir() if p.is_file())


def talked(stage: Stage, word: str) -> None:
    """All kinds of messages, each with the word in it."""
    admin, actor = stage.person("admin", f"Ada {word}"), stage.agreed(f"Ada {word}")
    with stage.world.changed:
        actor.user["username"] = word
    group = stage.world.group(word, actor)
    actor.say(f"5 kg dysprosium oxide from Shanghai to Stuttgart, buyer {word} GmbH")
    card = actor.wait_for(lambda m: "→ Germany" in m.text, LONG)
    actor.press(card, "✗ Wrong")
    stage.settled()
    actor.say(f"because {word}")
    stage.settled()
    actor.send_file(f"{word}.txt", f"pump {word}".encode(), f"{word} to Hanoi")
    actor.send_file(f"{word}.bin", b"\x00\x01" + word.encode())
    actor.inline(word)
    actor.forge_press(f"{word}:0", card.id)
    for command in ("start", "asof", "lang", "ingest", f"x{word}"):
        actor.say(f"/{command} {word}")
    actor.say(f"@{stage.world.bot['username']} {word} to Hanoi", chat=group)
    admin.say(f"/ingest http://127.0.0.1/{word}")
    admin.say(f"/screen {word} Trading")
    stage.settled()


@pytest.mark.parametrize(
    "known", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["known to the log", "by its looks"]
)
def test_the_token_is_nowhere(tmp_path: Path, capfd: pytest.CaptureFixture[str], known: bool) -> None:
    """Not in the log, whatever goes wrong, not in a message, not in the database, not on the health pages."""
    with telegram() as server, logged("DEBUG", *([server.world.token] if known else [])) as log:
        with Running(server, services(tmp_path), open_to_all=False) as bot:
            assert waited(lambda: bool(bot.services.people.invitations()))
            stage = Stage(server, bot)
            for fault in (fs.reset(), fs.failed(500), fs.failed(502, True), fs.garbled(), fs.flood(1), fs.hang(1.2)):
                server.faults.next("sendMessage", fault)
            for pattern in (
                "getUpdates",
                "getFile",
                "file",
                "sendChatAction",
                "answerCallbackQuery",
                "answerInlineQuery",
            ):
                server.faults.next(pattern, fs.reset())
                server.faults.next(pattern, fs.failed(500))
            talked(stage, "plain")
            asker = stage.agreed()
            asker.say(f"is {server.world.bot['id']} your number?")
            stage.settled()
            with health.serve(Address("127.0.0.1", 0), metrics(), lambda: _well(bot.chat)) as pages:
                for path in ("health", "metrics", "", "../"):
                    request = f"http://{pages.address}/{path}"
                    try:
                        body = urllib.request.urlopen(request, timeout=5).read()
                    except urllib.error.HTTPError as error:
                        body = error.read()
                    assert HALF.encode() not in body
            said = json.dumps([m.raw for chat in server.world.chats for m in server.world.messages(chat)])
            stored = files_of(tmp_path)
            trail = repr(stage.services.people.trail(1000))
            server.faults.clear()
            server.faults.next("sendMessage", fs.failed(401))
            server.faults.next("getUpdates", fs.failed(401))
            asker.say("/help")
            assert waited(lambda: server.faults.left == 0 and not stage.services.post.outstanding())
            time.sleep(0.2)
        out = "".join(capfd.readouterr())
    written = log.getvalue()
    assert "delivery failed" in written
    assert "asking Telegram failed" in written
    for place, held in {"log": written, "terminal": out, "messages": said, "trail": trail}.items():
        assert HALF not in held, place
        assert HALF[:20] not in held, place
    assert HALF.encode() not in stored
    assert SECRET.encode() not in stored


def test_a_withdrawn_token_ends_the_bot(tmp_path: Path) -> None:
    """The operator is told, rather than left with a bot that hears nothing."""
    with telegram() as server, Running(server, services(tmp_path)) as bot:
        assert waited(lambda: bool(server.calls_of("getUpdates")))
        server.faults.next("getUpdates", fs.failed(401))
        server.world.user(5).say("hello")
        assert waited(bot.ending.event.is_set, 3)
        assert "token" in str(bot.ending.error)


def test_what_people_write_is_not_in_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nor their names; not at INFO, whatever they send."""
    word = "kanarienvogel"
    with telegram() as server, logged("INFO", server.world.token) as log:
        with Running(server, services(tmp_path), open_to_all=False) as bot:
            assert waited(lambda: bool(bot.services.people.invitations()))
            talked(Stage(server, bot), word)
        out = "".join(capfd.readouterr())
    assert '"handled"' in log.getvalue()
    assert [line for line in (log.getvalue() + out).splitlines() if word in line] == []


def test_when_the_database_fails_people_are_told_no_more_than_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator reads the cause in the log, without the question; the person reads neither a path nor a statement."""

    def full(self: Cases, _case: object, _event: int, answer: object, *_rest: object) -> int:
        with self._database.write() as connection:
            connection.execute(sql("INSERT INTO nowhere VALUES (:said)"), {"said": answer.question})  # type: ignore[attr-defined]
        return 0

    with (
        telegram() as server,
        logged("INFO", server.world.token) as log,
        Running(server, services(tmp_path), open_to_all=False) as bot,
    ):
        assert waited(lambda: bool(bot.services.people.invitations()))
        stage = Stage(server, bot)
        actor = stage.agreed()
        monkeypatch.setattr(Cases, "keep", full)
        actor.say("5 kg dysprosium oxide from Shanghai to Stuttgart, buyer Kanarienvogel GmbH")
        stage.settled()
        said = [m.text for m in stage.said(actor.id)]
        monkeypatch.undo()
        actor.say("5 kg dysprosium oxide from Shanghai to Osaka")
        actor.wait_for(lambda m: "→ Japan" in m.text, LONG)
    assert len(said) == 1
    assert said[0].startswith(say("en", "door.failed", request=0)[:40])
    assert str(tmp_path) not in said[0]
    assert "nowhere" in log.getvalue()
    assert "Kanarienvogel" not in log.getvalue()


def test_when_not_even_a_refusal_can_be_kept_the_log_holds_no_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be written any more: the operator reads why, and the next start answers."""

    def full(_self: Post, _chat: int, payload: object, *_given: object, **_more: object) -> Write:
        return lambda connection: connection.execute(sql("INSERT INTO nowhere VALUES (:said)"), {"said": str(payload)})

    with telegram() as server, logged("INFO", server.world.token) as log:
        with Running(server, services(tmp_path), open_to_all=False) as bot:
            assert waited(lambda: bool(bot.services.people.invitations()))
            actor = Stage(server, bot).agreed()
            monkeypatch.setattr(Post, "put", full)
            actor.say("5 kg dysprosium oxide from Shanghai to Stuttgart, buyer Kanarienvogel GmbH")
            assert waited(lambda: "an update failed" in log.getvalue())
            monkeypatch.undo()
            assert bot.services.post.waiting() == 1
        with Running(server, services(tmp_path), open_to_all=False):
            actor.wait_for(lambda m: "→ Germany" in m.text, LONG)
    assert "nowhere" in log.getvalue()
    assert "Kanarienvogel" not in log.getvalue()


# ---------------------------------------------------------------- the webhook


def free() -> int:
    """A port that nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def posted(port: int, path: str, body: bytes, secret: str | None, method: str = "POST") -> int:
    """The status that a request of somebody else's gets."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": "application/json"}
    if secret is not None:
        headers["X-Telegram-Bot-Api-Secret-Token"] = secret
    try:
        connection.request(method, path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_webhook_is_for_telegram_alone(tmp_path: Path) -> None:
    port = free()
    with telegram() as server, logged("DEBUG", server.world.token, SECRET) as log:
        own = services(tmp_path)
        with Running(server, own, open_to_all=False, webhook=port) as bot:
            assert waited(lambda: bool(server.calls_of("setWebhook")[-1:]) and bool(server.methods.webhook))
            stage = Stage(server, bot)
            admin = stage.person("admin")
            code = own.people.invite("admin", 1, NOW, NOW.replace(year=2027))
            path = f"/{server.world.token.partition(':')[0]}"
            user = {"id": 31_337, "is_bot": False, "first_name": "Mallory"}
            chat = {"id": 31_337, "type": "private", "first_name": "Mallory"}
            message = {"message_id": 5, "from": user, "chat": chat, "date": 1, "text": f"/start {code}"}
            body = json.dumps({"update_id": 900_000_000, "message": message}).encode()
            before = stage.rows()
            for secret in (None, "", "x", SECRET[:-1], SECRET + "s", SECRET.upper(), HALF):
                assert posted(port, path, body, secret) == 403, secret
                assert posted(port, path, b"", secret) == 403
                assert posted(port, path, b"{" * 100_000, secret) == 403
            assert posted(port, "/", body, SECRET) == 404
            assert posted(port, f"/{server.world.token}", body, SECRET) == 404
            assert posted(port, path, body, SECRET, "GET") in (404, 405)
            assert posted(port, path, body, SECRET, "PUT") in (404, 405)
            time.sleep(0.3)
            assert stage.rows() == before
            assert People(own.database).get(31_337) is None
            for garbage in (
                b"",
                b"{",
                b"[]",
                b"null",
                b'"x"',
                b"{}",
                b'{"update_id": "x"}',
                b"\xff\xfe",
                b'{"update_id": 1, "message": 5}',
            ):
                assert posted(port, path, garbage, SECRET) in (200, 400, 403, 500), garbage
            assert People(own.database).get(31_337) is None
            admin.say("/users")  # by way of the webhook, as Telegram delivers it
            admin.wait_for(lambda m: "Mallory" in m.text, LONG)
            assert posted(port, path, body, SECRET) == 200
            assert waited(lambda: own.people.get(31_337) is not None)
    assert SECRET not in log.getvalue()
    assert HALF not in log.getvalue()
