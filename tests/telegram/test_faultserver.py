"""The server of the tests is itself held to what Telegram does, with a plain client and with the bot's own library."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from aiohttp import web
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity, Update
from telegram import error as errors
from telegram.ext import Application, CallbackQueryHandler, ContextTypes, MessageHandler, filters
from telegram.request import HTTPXRequest

from tests.telegram.faultserver import (
    AGAIN,
    SHUFFLED,
    TWICE,
    Fault,
    Faults,
    FaultServer,
    failed,
    flood,
    garbled,
    hang,
    reset,
    slow,
)
from tests.telegram.serverless import AnyApplication, AnyBuilder, Serverless
from tests.telegram.telemelya_server import Telemelya, telemelya
from tests.telegram.world import FIRST_UPDATE, Actor, Json, World, units

ANNA = 1001


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest.fixture
def anna(server: FaultServer) -> Actor:
    """A person who has written to the bot before."""
    actor = server.world.user(ANNA, "Anna")
    actor.say("/start")
    server.world.pending.clear()
    return actor


def call(server: FaultServer, method: str, patience: float = 5.0, **params: Any) -> Json:
    """One call with a plain client."""
    reply: Json = post(server, method, patience, **params).json()
    return reply


def post(server: FaultServer, method: str, patience: float = 5.0, **params: Any) -> httpx.Response:
    """The whole reply to a call; `patience` is the client's in seconds."""
    with httpx.Client(verify=False, timeout=patience) as client:  # reading the certificates costs 30 ms a client
        return client.post(f"{server.base_url}{server.world.token}/{method}", json=params)


def send(server: FaultServer, text: str = "hello", **more: Any) -> Json:
    return call(server, "sendMessage", chat_id=ANNA, text=text, **more)


def keyboard(*data: str) -> Json:
    return {"inline_keyboard": [[{"text": f"B{i}", "callback_data": d}] for i, d in enumerate(data)]}


# people, chats, numbers


def test_messages_are_numbered_as_telegram_does() -> None:
    world = World()
    anna, bo = world.user(1, "Anna"), world.user(2, "Bo")
    group, wide = world.group("G", anna, bo), world.group("W", anna, bo, supergroup=True)
    assert [anna.say("a"), bo.say("b"), anna.say("c", group)] == [1, 2, 3]
    assert [anna.say("d", wide), bo.say("e", wide)] == [1, 2]
    assert bo.say("f") == 4
    assert [u["update_id"] for u in world.pending] == list(range(FIRST_UPDATE, FIRST_UPDATE + 6))
    assert group > -1_000_000_000 > wide


def test_entities_are_counted_in_utf16() -> None:
    world = World()
    world.user(1, "Anna").say("😀 /ask@navicert_bot 镝 @navicert_bot https://example.org/a/b")
    message = world.pending[0]["message"]
    coded = message["text"].encode("utf-16-le")
    found = {
        e["type"]: coded[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")
        for e in message["entities"]
    }
    assert found == {"bot_command": "/ask@navicert_bot", "mention": "@navicert_bot", "url": "https://example.org/a/b"}
    assert message["entities"][0]["offset"] == 3
    assert units("😀镝a") == 4


def test_each_action_of_a_person_makes_an_update_the_library_can_read(server: FaultServer, anna: Actor) -> None:
    world = server.world
    group = world.group("Team", anna, forum=True)
    first = anna.say("question")
    anna.say("and now?", reply_to=first)
    anna.say("in a topic", group, thread=7)
    anna.edit(first, "another question")
    anna.send_file("order.pdf", b"%PDF", "please read")
    anna.send_photo()
    anna.voice()
    anna.send({"sticker": {"file_id": "s", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}})  # fmt: skip
    anna.inline("dysprosium")
    anna.forge_press("x", 999)
    anna.join(group)
    anna.block()
    world.remove_bot(group, anna)
    read = [Update.de_json(update, None) for update in call(server, "getUpdates")["result"]]
    messages = [u.message for u in read if u.message]
    assert [u.edited_message.text for u in read if u.edited_message] == ["another question"]
    assert messages[1].reply_to_message is not None and messages[1].reply_to_message.message_id == first
    assert messages[2].message_thread_id == 7 and messages[2].chat.is_forum
    assert messages[3].document is not None and messages[3].document.file_name == "order.pdf"
    assert messages[3].caption == "please read"
    assert messages[4].photo and messages[5].voice and messages[6].sticker and messages[7].new_chat_members
    assert [u.inline_query.query for u in read if u.inline_query] == ["dysprosium"]
    assert [u.callback_query.data for u in read if u.callback_query] == ["x"]
    assert [u.my_chat_member.new_chat_member.status for u in read if u.my_chat_member] == ["kicked", "kicked"]


def test_with_privacy_only_what_concerns_the_bot_is_told(server: FaultServer, anna: Actor) -> None:
    world = server.world
    world.privacy = True
    group = world.group("Team", anna)
    own = call(server, "sendMessage", chat_id=group, text="hello")["result"]["message_id"]
    for text in ("chatter", "/help", "/help@other_bot", "@navicert_bot 5 kg Dy2O3"):
        anna.say(text, group)
    anna.say("and to Vietnam?", group, reply_to=own)
    told = [u["message"]["text"] for u in world.pending]
    assert told == ["/help", "@navicert_bot 5 kg Dy2O3", "and to Vietnam?"]


# updates


def test_updates_stay_until_they_are_confirmed(server: FaultServer, anna: Actor) -> None:
    for text in "abc":
        anna.say(text)
    first = call(server, "getUpdates", limit=2)["result"]
    assert [u["message"]["text"] for u in first] == ["a", "b"]
    assert call(server, "getUpdates", limit=2)["result"] == first
    rest = call(server, "getUpdates", offset=first[-1]["update_id"] + 1)["result"]
    assert [u["message"]["text"] for u in rest] == ["c"]
    anna.say("d")
    assert [u["message"]["text"] for u in call(server, "getUpdates", offset=-1)["result"]] == ["d"]
    assert len(server.world.pending) == 1
    assert call(server, "getUpdates", offset=rest[-1]["update_id"] + 2)["result"] == []


def test_a_long_poll_wakes_at_once(server: FaultServer, anna: Actor) -> None:
    threading.Timer(0.2, anna.say, ("now",)).start()
    began = time.monotonic()
    assert call(server, "getUpdates")["result"] == []
    reply = post(server, "getUpdates", 10, timeout=5).json()
    assert [u["message"]["text"] for u in reply["result"]] == ["now"]
    assert time.monotonic() - began < 3


def test_the_earlier_of_two_polls_is_told_of_the_conflict(server: FaultServer, anna: Actor) -> None:
    replies: list[Json] = []
    one = threading.Thread(target=lambda: replies.append(post(server, "getUpdates", 10, timeout=5).json()))
    one.start()
    assert server.world.wait_until(lambda: len(server.calls) == 1)
    assert call(server, "getUpdates")["result"] == []
    one.join(5)
    assert replies[0]["error_code"] == 409 and "terminated by other getUpdates" in replies[0]["description"]
    assert call(server, "setWebhook", url="https://example.org/hook")["ok"]
    assert call(server, "getUpdates")["error_code"] == 409
    assert call(server, "deleteWebhook")["ok"] and call(server, "getUpdates")["ok"]


def test_only_the_kinds_asked_for_are_told(server: FaultServer, anna: Actor) -> None:
    assert server.world.tell("message_reaction", {}) is None
    call(server, "getUpdates", allowed_updates=["message"])
    anna.inline("dy")
    anna.say("hello")
    assert [set(u) - {"update_id"} for u in server.world.pending] == [{"message"}]


@pytest.mark.parametrize("fault", [TWICE, AGAIN, SHUFFLED])
def test_updates_come_doubled_or_disordered_on_demand(server: FaultServer, anna: Actor, fault: Fault) -> None:
    server.faults.next("getUpdates", fault)
    for number in range(6):
        anna.say(str(number))
    first = [u["update_id"] for u in call(server, "getUpdates")["result"]]
    later = [u["update_id"] for u in call(server, "getUpdates", offset=max(first) + 1)["result"]]
    plain = sorted(set(first))
    assert len(plain) == 6
    if fault is TWICE:
        assert first == [number for number in plain for _ in range(2)]
    assert (len(first), len(later)) == {"twice": (12, 0), "again": (6, 6), "shuffled": (6, 0)}[fault.kind]
    assert (first != sorted(first)) == (fault is SHUFFLED)
    assert call(server, "getUpdates", offset=max(first) + 1)["result"] == []


# strictness

REFUSED: list[tuple[str, Json, str]] = [
    ("sendMessage", {"text": ""}, "text is empty"),
    ("sendMessage", {"text": " \n "}, "text is empty"),
    ("sendMessage", {"text": "x" * 4097}, "too long"),
    ("sendMessage", {"text": "😀" * 2049}, "too long"),
    ("sendMessage", {"text": "a", "chat_id": 77}, "chat not found"),
    ("sendMessage", {"text": "a", "parse_mode": "HTML"}, "entities"),
    ("sendMessage", {"text": "a", "entities": [{"type": "bold", "offset": 0, "length": 2}]}, "outside"),
    ("sendMessage", {"text": "a", "entities": [{"type": "loud", "offset": 0, "length": 1}]}, "unsupported"),
    ("sendMessage", {"text": "😀", "entities": [{"type": "bold", "offset": 1, "length": 1}]}, "middle"),
    ("sendMessage", {"text": "a", "entities": [{"type": "text_link", "offset": 0, "length": 1}]}, "address"),
    ("sendMessage", {"text": "a", "entities": "[{"}, "can't parse"),
    ("sendMessage", {"text": "a", "reply_markup": keyboard("x" * 65)}, "BUTTON_DATA_INVALID"),
    ("sendMessage", {"text": "a", "reply_markup": keyboard("镝" * 22)}, "BUTTON_DATA_INVALID"),
    ("sendMessage", {"text": "a", "reply_markup": keyboard("")}, "BUTTON_DATA_INVALID"),
    ("sendMessage", {"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}}, "text buttons"),
    ("sendMessage", {"text": "a", "reply_markup": keyboard(*"x" * 101)}, "REPLY_MARKUP_TOO_LONG"),
    ("sendMessage", {"text": "a", "reply_parameters": {"message_id": 99}}, "to be replied not found"),
    ("sendMessage", {"text": "a", "message_thread_id": 3}, "thread not found"),
    ("editMessageText", {"text": "a", "message_id": 99}, "message to edit not found"),
    ("editMessageText", {"text": "a", "message_id": 1}, "can't be edited"),
    ("deleteMessage", {"message_id": 99}, "message to delete not found"),
    ("answerCallbackQuery", {"callback_query_id": "1"}, "query is too old"),
    ("answerInlineQuery", {"inline_query_id": "1", "results": []}, "query is too old"),
    ("sendDocument", {"document": "nothing"}, "wrong remote file"),
    ("getFile", {"file_id": "nothing"}, "wrong file_id"),
    ("setMyCommands", {"commands": [{"command": "Ask", "description": "x"}]}, "BOT_COMMAND_INVALID"),
    ("setWebhook", {"url": "http://example.org/"}, "HTTPS"),
    ("setWebhook", {"url": "https://example.org/", "secret_token": "a b"}, "unallowed"),
    ("sendMessageDraft", {"text": "a", "draft_id": 0}, "number"),
    ("sendDance", {}, "Not Found"),
]


@pytest.mark.parametrize(("method", "params", "said"), REFUSED)
def test_what_telegram_refuses_is_refused(
    server: FaultServer, anna: Actor, method: str, params: Json, said: str
) -> None:
    reply = call(server, method, **{"chat_id": ANNA, **params})
    assert not reply["ok"] and said in reply["description"]
    assert not server.calls[-1].performed
    assert server.world.messages(ANNA, bot_only=True) == []


def test_the_longest_text_and_a_caption_at_the_limit_pass(server: FaultServer, anna: Actor) -> None:
    assert send(server, "😀" * 2048)["ok"]
    assert send(server, "  " + "x" * 4096 + "\n")["ok"]
    url = f"{server.base_url}{server.world.token}/sendDocument"
    for size, fine in ((1024, True), (1025, False)):
        form = {"chat_id": str(ANNA), "caption": "x" * size}
        reply = httpx.post(url, data=form, files={"document": ("a.md", b"data")}).json()
        assert reply["ok"] is fine
    assert anna.sees()[-1].file == ("a.md", b"data")


def test_an_edit_needs_a_change_and_takes_the_keyboard_away(server: FaultServer, anna: Actor) -> None:
    bold = [{"type": "bold", "offset": 0, "length": 5}]
    number = send(server, entities=bold, reply_markup=keyboard("a", "b"))["result"]["message_id"]
    same = {"chat_id": ANNA, "message_id": number, "text": "hello", "entities": bold, "reply_markup": keyboard("a", "b")}  # fmt: skip
    assert "message is not modified" in call(server, "editMessageText", **same)["description"]
    assert not anna.sees()[-1].edited and anna.sees()[-1].labels == ("B0", "B1")
    assert call(server, "editMessageText", **{**same, "entities": []})["ok"]
    del same["reply_markup"]
    assert call(server, "editMessageText", **same)["ok"]
    shown = anna.sees()[-1]
    assert shown.edited and shown.labels == () and shown.styled("bold") == ["hello"]
    gone = call(server, "editMessageReplyMarkup", chat_id=ANNA, message_id=number)
    assert "not modified" in gone["description"]
    assert call(server, "deleteMessage", chat_id=ANNA, message_id=number)["ok"]
    assert "not found" in call(server, "editMessageText", **same)["description"]


def test_buttons_come_back_and_are_answered_once(server: FaultServer, anna: Actor) -> None:
    number = send(server, reply_markup=keyboard("one", "two"))["result"]["message_id"]
    query = anna.press(number, "B1")
    with pytest.raises(AssertionError, match="no button"):
        anna.press(number, "B7")
    (update,) = call(server, "getUpdates")["result"]
    assert update["callback_query"]["data"] == "two"
    assert update["callback_query"]["message"]["reply_markup"] == keyboard("one", "two")
    assert call(server, "answerCallbackQuery", callback_query_id=query, text="Noted.", show_alert=True)["ok"]
    assert server.world.answer_to(query) == {"text": "Noted.", "alert": True, "url": ""}
    assert "too old" in call(server, "answerCallbackQuery", callback_query_id=query)["description"]


def test_the_bot_writes_only_to_who_lets_it(server: FaultServer, anna: Actor) -> None:
    world = server.world
    world.user(7, "Silent")
    assert "initiate" in call(server, "sendMessage", chat_id=7, text="a")["description"]
    anna.block()
    assert send(server)["description"] == "Forbidden: bot was blocked by the user"
    anna.unblock()
    assert send(server)["ok"]
    group = world.group("Team", anna)
    world.remove_bot(group, anna)
    assert call(server, "sendMessage", chat_id=group, text="a")["error_code"] == 403
    world.add_bot(group, anna)
    new = world.migrate(group)
    moved = call(server, "sendMessage", chat_id=group, text="a")
    assert moved["error_code"] == 400 and moved["parameters"] == {"migrate_to_chat_id": new}
    assert call(server, "sendMessage", chat_id=new, text="a")["result"]["message_id"] == 2


def test_a_wrong_token_is_refused_and_every_call_is_recorded(server: FaultServer, anna: Actor) -> None:
    began = time.monotonic()
    assert httpx.post(f"{server.base_url}1:x/getMe").status_code == 401
    send(server)
    assert [(c.method, c.status, c.performed) for c in server.calls] == [("getMe", 401, False), ("sendMessage", 200, True)]  # fmt: skip
    assert began <= server.calls[0].at <= server.calls[1].at <= time.monotonic()
    assert server.calls_of("send*")[0].params["text"] == "hello"


# faults


@pytest.mark.parametrize(
    ("fault", "status", "written"),
    [(flood(3), 429, 0), (failed(500), 500, 0), (failed(502), 502, 0), (failed(502, performed=True), 502, 1)],
)
def test_error_answers(server: FaultServer, anna: Actor, fault: Fault, status: int, written: int) -> None:
    server.faults.next("send*", fault)
    reply = post(server, "sendMessage", chat_id=ANNA, text="a")
    assert reply.status_code == status
    assert len(server.world.messages(ANNA, bot_only=True)) == written
    if status == 429:
        assert reply.json()["parameters"] == {"retry_after": 3}
    assert send(server)["ok"] and server.faults.left == 0


@pytest.mark.parametrize(
    ("fault", "trouble", "written"),
    [
        (reset(), httpx.TransportError, 0),
        (reset(performed=True), httpx.TransportError, 1),
        (hang(30), httpx.ReadTimeout, 0),
        (hang(30, performed=True), httpx.ReadTimeout, 1),
        (garbled(), ValueError, 1),
        (garbled(performed=False), ValueError, 0),
        (slow(0.2), None, 1),
    ],
)
def test_broken_connections(
    server: FaultServer, anna: Actor, fault: Fault, trouble: type[Exception] | None, written: int
) -> None:
    server.faults.next("sendMessage", fault)
    began = time.monotonic()
    if trouble is None:
        assert call(server, "sendMessage", chat_id=ANNA, text="a")["ok"]
        assert time.monotonic() - began >= 0.2
    else:
        with pytest.raises(trouble):
            call(server, "sendMessage", patience=0.3, chat_id=ANNA, text="a")
    assert len(server.world.messages(ANNA, bot_only=True)) == written
    assert send(server)["ok"]


def test_a_poll_that_is_reset_loses_nothing(server: FaultServer, anna: Actor) -> None:
    server.faults.next("getUpdates", reset(performed=True))
    anna.say("a")
    with pytest.raises(httpx.TransportError):
        call(server, "getUpdates")
    assert [u["message"]["text"] for u in call(server, "getUpdates")["result"]] == ["a"]


def test_chance_is_the_same_for_the_same_seed() -> None:
    def run(seed: int) -> list[str]:
        faults = Faults()
        faults.random(0.3, [failed(500), reset(), TWICE], seed, "send*")
        picked = [faults.pick("sendMessage") for _ in range(200)]
        assert faults.pick("getMe") is None
        return [p.kind if p else "" for p in picked]

    assert run(1) == run(1) != run(2)
    assert 35 <= sum(bool(kind) for kind in run(1)) <= 85
    assert "twice" not in run(1) and {"answer", "reset"} <= set(run(1))


def test_a_chat_can_be_limited(server: FaultServer, anna: Actor) -> None:
    server.faults.limit("private", 2, 60)
    assert [send(server)["ok"] for _ in range(3)] == [True, True, False]
    assert 58 <= send(server)["parameters"]["retry_after"] <= 60
    server.faults.clear()
    assert send(server)["ok"]


def test_waiting_tells_what_is_there_instead(server: FaultServer, anna: Actor) -> None:
    send(server, "something else", reply_markup=keyboard("a"))
    with pytest.raises(AssertionError, match=r"something else.*B0"):
        anna.wait_for(lambda m: "answer" in m.text, timeout=0.1)
    threading.Timer(0.1, send, (server, "the answer")).start()
    assert anna.wait_for(lambda m: "answer" in m.text).text == "the answer"
    heard: list[str] = []
    server.world.watchers.append(lambda what, message: heard.append(f"{what} {message['text']}"))
    send(server, "more")
    assert heard == ["sent more"] and server.settle(quiet=0.05, timeout=2)


# webhooks


def test_a_webhook_is_tried_until_it_takes_the_update(server: FaultServer, anna: Actor) -> None:
    got: list[tuple[str, str]] = []
    answers = [500, 503, 200, 200, 200]

    async def hook(request: web.Request) -> web.Response:
        body = await request.json()
        got.append((body["message"]["text"], request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")))
        return web.Response(status=answers.pop(0))

    async def main() -> None:
        app = web.Application()
        app.router.add_post("/hook", hook)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = "http://{}:{}/hook".format(*runner.addresses[0][:2])
        assert (await asyncio.to_thread(call, server, "setWebhook", url=url, secret_token="s3"))["ok"]
        server.faults.next("webhook", TWICE)
        anna.say("a")
        anna.say("b")
        assert await asyncio.to_thread(server.world.wait_until, lambda: not server.world.pending)
        await runner.cleanup()

    asyncio.run(main())
    # The first try comes twice, and as the second of the two fails, the update comes again.
    assert got == [("a", "s3")] * 3 + [("b", "s3")]
    told = call(server, "getWebhookInfo")["result"]
    assert told["pending_update_count"] == 0 and "503" in told["last_error_message"]


# the bot's own library


def library_bot(server: FaultServer, read_timeout: float = 5.0) -> Bot:
    request = HTTPXRequest(read_timeout=read_timeout)
    return Bot(server.world.token, server.base_url, server.base_file_url, request=request, get_updates_request=request)


def test_the_library_can_do_all_the_bot_does(server: FaultServer, anna: Actor) -> None:
    world = server.world
    sent_file = anna.send_file("order.txt", b"5 kg", "look")
    inline = anna.inline("dy")

    async def main() -> None:
        async with library_bot(server) as bot:
            assert bot.username == "navicert_bot"
            buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Why", callback_data="q1")]])
            bold = [MessageEntity("bold", 0, 2)]
            first = await bot.send_message(ANNA, "😀 Licence", entities=bold, reply_markup=buttons)
            assert (await bot.edit_message_text("镝 Licence", ANNA, first.message_id)).reply_markup is None  # type: ignore[union-attr]
            sent = await bot.send_document(ANNA, b"# Case", caption="The case", filename="case.md")
            assert sent.document is not None and sent.document.file_name == "case.md"
            document = world.chats[ANNA].messages[sent_file]["document"]["file_id"]
            assert bytes(await (await bot.get_file(document)).download_as_bytearray()) == b"5 kg"
            await bot.set_my_commands([BotCommand("ask", "Ask")], language_code="en")
            assert [c.command for c in await bot.get_my_commands(language_code="en")] == ["ask"]
            assert await bot.delete_my_commands(language_code="en") and not await bot.get_my_commands(
                language_code="en"
            )
            assert await bot.set_my_name("Navicert") and (await bot.get_my_name()).name == "Navicert"
            assert await bot.set_my_description("d") and await bot.set_my_short_description("s")
            assert await bot.set_chat_menu_button() and (await bot.get_webhook_info()).url == ""
            assert (await bot.get_chat(ANNA)).first_name == "Anna"
            assert await bot.send_message_draft(ANNA, 5, "Thinking") and await bot.send_chat_action(ANNA, "typing")
            assert await bot.answer_inline_query(inline, [])
            assert await bot.delete_message(ANNA, first.message_id)
            assert [u.message.document.file_name for u in await bot.get_updates() if u.message and u.message.document] == ["order.txt"]  # fmt: skip

    asyncio.run(main())
    assert anna.sees()[-1].text == "The case" and anna.sees()[-1].file == ("case.md", b"# Case")
    assert world.drafts[0]["text"] == "Thinking" and server.methods.actions == [(ANNA, "typing")]


def test_the_library_sees_each_trouble_as_its_own_error(server: FaultServer, anna: Actor) -> None:
    async def expect(bot: Bot, trouble: type[Exception], *faults: Fault) -> None:
        for fault in faults:
            server.faults.next("sendMessage", fault)
            with pytest.raises(trouble):
                await bot.send_message(ANNA, "a")

    async def main() -> None:
        async with library_bot(server, 0.4) as bot:
            await expect(bot, errors.RetryAfter, flood(1))
            await expect(bot, errors.NetworkError, failed(500), failed(502), reset(), reset(performed=True))
            await expect(bot, errors.TimedOut, hang(20), hang(20, performed=True))
            await expect(bot, errors.TelegramError, garbled())
            with pytest.raises(errors.BadRequest, match="too long"):
                await bot.send_message(ANNA, "x" * 5000)
            anna.block()
            with pytest.raises(errors.Forbidden):
                await bot.send_message(ANNA, "a")
            group = server.world.group("Team", anna)
            new = server.world.migrate(group)
            with pytest.raises(errors.ChatMigrated) as moved:
                await bot.send_message(group, "a")
            assert moved.value.new_chat_id == new

    asyncio.run(main())
    assert len(server.world.messages(ANNA, bot_only=True)) == 3


def test_a_whole_application_lives_through_faults(server: FaultServer, anna: Actor) -> None:
    heard: list[str] = []

    async def note(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        heard.append(update.message.text or "")

    async def main() -> None:
        application = Application.builder().token(server.world.token).base_url(server.base_url).build()
        application.add_handler(MessageHandler(filters.TEXT, note))
        async with application:
            await application.start()
            assert application.updater is not None
            server.faults.next("getUpdates", reset(performed=True))
            server.faults.next("getUpdates", TWICE)
            await application.updater.start_polling(poll_interval=0, timeout=5)
            for text in ("one", "two", "three"):
                anna.say(text)
            done = lambda: not server.world.pending and len(set(heard)) == 3  # noqa: E731
            assert await asyncio.to_thread(server.world.wait_until, done, 10)
            await application.updater.stop()
            await application.stop()

    asyncio.run(main())
    assert set(heard) == {"one", "two", "three"} and len(heard) > 3


# the servers that others wrote


def echo(builder: AnyBuilder) -> AnyApplication:
    """A bot that repeats what is said, and tells which button was pressed."""

    async def text(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Why", callback_data="why")]])
        await update.message.reply_text(f"you said {update.message.text}", reply_markup=buttons)

    async def press(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.callback_query is not None
        await update.callback_query.answer("noted")
        await update.callback_query.edit_message_text(f"you pressed {update.callback_query.data}")

    application: AnyApplication = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, text))
    application.add_handler(CallbackQueryHandler(press))
    return application


def test_serverless() -> None:
    async def main() -> None:
        async with Serverless(echo) as chat:
            await chat.say("镝")
            shown = await chat.wait_for(lambda m: m.text == "you said 镝")
            assert await chat.press(shown, "Why") == "noted"
            assert (await chat.wait_for()).text == "you pressed why"
            with pytest.raises(AssertionError, match="you pressed why"):
                await chat.wait_for(lambda m: m.text == "never", timeout=0.05)
            with pytest.raises(errors.NetworkError, match="Unexpected Telegram API method"):
                await chat.application.bot.send_message_draft(9001, 1, "a")
            assert [name for name, _ in chat.calls] == ["getMe", "sendMessage", "answerCallbackQuery", "editMessageText", "sendMessageDraft"]  # fmt: skip

    asyncio.run(main())


def test_telemelya_with_the_secret_added_on_the_way() -> None:
    with telemelya() as mock, free_port() as port:

        async def main() -> None:
            application = echo(Application.builder().token(mock.token).base_url(f"{mock.url}/bot"))
            own = f"http://127.0.0.1:{port}/hook"
            url = await asyncio.to_thread(mock.relay, own, "s3cret-s3cret-s3cret")
            async with application:
                await application.start()
                assert application.updater is not None
                await application.updater.start_webhook("127.0.0.1", port, "hook", webhook_url=url, secret_token="s3cret-s3cret-s3cret")  # fmt: skip
                async with httpx.AsyncClient() as stranger:
                    assert (await stranger.post(own, json={"update_id": 1})).status_code == 403
                await asyncio.to_thread(talk, mock)
                await application.updater.stop()
                await application.stop()

        asyncio.run(main())
        assert mock.relayed == [200, 200]


def talk(mock: Telemelya) -> None:
    with mock.client() as anna:
        chat = mock.chat()
        anna.send_message(chat, "hello")
        said = anna.wait_for_response()
        assert said["text"] == "you said hello"
        time.sleep(0.002)  # its updates are numbered by the millisecond
        anna.send_callback_query(chat, "why", said["message_id"])
        assert anna.wait_for_response()["text"] == "noted"
        assert anna.wait_for_response()["text"] == "you pressed why"


@contextmanager
def free_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    yield port
