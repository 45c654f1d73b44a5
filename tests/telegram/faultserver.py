"""A local Bot API over real HTTP, as strict as Telegram, that fails on demand. Messages live in `tests.telegram.world`.

    with FaultServer() as server:
        bot = Bot(server.world.token, base_url=server.base_url, base_file_url=server.base_file_url)
        server.faults.next("sendMessage", failed(502, performed=True))

Not as Telegram: a webhook may be plain http, since it is on this machine; formatting comes as entities only.
"""

import asyncio
import json
import random
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import TracebackType
from typing import Any

import aiohttp
from aiohttp import web

from tests.telegram.world import Chat, Json, Refusal, World, units

TEXT_UNITS, CAPTION_UNITS, BUTTONS, DOWNLOAD_BYTES = 4096, 1024, 100, 20_000_000
ENTITIES = frozenset(
    "mention hashtag cashtag bot_command url email phone_number bold italic underline strikethrough spoiler blockquote "
    "expandable_blockquote code pre text_link text_mention custom_emoji".split()
)
MARKUP_KINDS = ("inline_keyboard", "keyboard", "remove_keyboard", "force_reply")
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


# faults


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with one call. `kind` is answer (an error of `status`), reset, hang, garbled, slow, or for
    updates twice, again, shuffled. `performed`: what was asked is done all the same. `seconds` to hang, to be slow, or to
    tell to wait."""

    kind: str
    performed: bool = False
    seconds: float = 0.0
    status: int = 502


def flood(seconds: int = 1) -> Fault:
    """429: too many requests, try again after so many seconds; not performed."""
    return Fault("answer", seconds=seconds, status=429)


def failed(status: int = 502, performed: bool = False) -> Fault:
    """A server's error page, before or after the work was done."""
    return Fault("answer", performed, status=status)


def reset(performed: bool = False) -> Fault:
    """The connection is reset before or after the work was done."""
    return Fault("reset", performed)


def hang(seconds: float, performed: bool = False) -> Fault:
    """No answer for so long (take longer than the client waits), then a reset."""
    return Fault("hang", performed, seconds)


def garbled(performed: bool = True) -> Fault:
    """An answer cut off in the middle."""
    return Fault("garbled", performed)


def slow(seconds: float) -> Fault:
    """Done, and answered rightly, late."""
    return Fault("slow", True, seconds)


TWICE = Fault("twice")
"""Each update of the batch comes twice."""
AGAIN = Fault("again")
"""The updates of the batch come once more after they were confirmed."""
SHUFFLED = Fault("shuffled")
"""The updates of the batch come in another order."""
DELIVERY = ("twice", "again", "shuffled")


class Faults:
    """What is to go wrong, by script and by chance. Patterns are a method's name with wildcards: "send*", "getUpdates",
    "file" for downloads, "webhook" for deliveries."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._script: list[tuple[str, Fault]] = []
        self._chance: list[tuple[str, float, Sequence[Fault]]] = []
        self._dice = random.Random(0)
        self.windows: dict[str, tuple[int, float]] = {}
        self._sent: dict[int, list[float]] = {}

    def next(self, pattern: str, fault: Fault, times: int = 1) -> None:
        """The next `times` calls that fit fail so."""
        with self._lock:
            self._script += [(pattern, fault)] * times

    def random(self, rate: float, choices: Sequence[Fault], seed: int = 0, pattern: str = "*") -> None:
        """Each call that fits fails with that probability in one of these ways, the same ones for the same seed."""
        with self._lock:
            self._dice = random.Random(seed)
            self._chance.append((pattern, rate, choices))

    def limit(self, kind: str, count: int, seconds: float) -> None:
        """Refuse with 429 more than `count` messages within `seconds` to one chat of this kind (private, group)."""
        self.windows[kind] = (count, seconds)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._script.clear()
            self._chance.clear()
            self.windows.clear()

    @property
    def left(self) -> int:
        """How many scripted faults have not happened yet."""
        return len(self._script)

    def pick(self, method: str, delivery: bool = False) -> Fault | None:
        """What goes wrong with this call, if anything; with `delivery` with a batch of updates."""
        with self._lock:
            for place, (pattern, fault) in enumerate(self._script):
                if fnmatchcase(method, pattern) and (fault.kind in DELIVERY) == delivery:
                    del self._script[place]
                    return fault
            for pattern, rate, choices in self._chance:
                fit = [c for c in choices if (c.kind in DELIVERY) == delivery]
                if fit and fnmatchcase(method, pattern) and self._dice.random() < rate:
                    return self._dice.choice(fit)
        return None

    def order(self, batch: list[Json], fault: Fault | None) -> list[Json]:
        """The batch as it is delivered."""
        if fault == TWICE:
            return [update for update in batch for _ in range(2)]
        return self._dice.sample(batch, len(batch)) if fault == SHUFFLED else batch

    def crowded(self, chat: Chat) -> Fault | None:
        """429 where the chat has had its share of messages, by `limit`."""
        window = self.windows.get("private" if chat.kind == "private" else "group")
        if window is None:
            return None
        now = time.monotonic()
        sent = [at for at in self._sent.get(chat.id, ()) if now - at < window[1]]
        self._sent[chat.id] = [*sent, now] if len(sent) < window[0] else sent
        return None if len(sent) < window[0] else flood(max(1, round(sent[0] + window[1] - now)))


# what Telegram checks


def decoded(params: Json, key: str, default: Any = None) -> Any:
    """A parameter that is an object or a list, from JSON or from a form."""
    value = params.get(key)
    if not isinstance(value, str):
        return default if value is None else value
    try:
        return json.loads(value)
    except ValueError:
        raise Refusal(400, f"Bad Request: can't parse {key.replace('_', ' ')} JSON object") from None


def whole(params: Json, key: str, default: int | None = None) -> int:
    """A parameter that is a whole number."""
    value = params.get(key, default)
    try:
        return int(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise Refusal(400, f"Bad Request: {key} is empty or not a number") from None


def true(params: Json, key: str) -> bool:
    """A parameter that is yes or no."""
    return str(params.get(key, "")).lower() in ("true", "1")


def checked_text(text: Any, entities: Any, limit: int = TEXT_UNITS, what: str = "message") -> tuple[str, list[Json]]:
    """The text and entities as Telegram would keep them: white space around the text goes. Raises Refusal."""
    if not isinstance(text, str) or not isinstance(entities, list):
        raise Refusal(400, f"Bad Request: can't parse {what} text")
    for entity in entities:
        _check_entity(entity, text)
    lead = units(text) - units(text.lstrip())
    kept = text.strip()
    if units(kept) > limit:
        raise Refusal(400, f"Bad Request: {'message is' if what == 'message' else f'message {what} is'} too long")
    moved = []
    for entity in sorted(entities, key=lambda e: (e["offset"], -e["length"], e["type"])):
        begin = max(0, entity["offset"] - lead)
        end = min(units(kept), entity["offset"] - lead + entity["length"])
        if begin < end:
            moved.append({**entity, "offset": begin, "length": end - begin})
    return kept, moved


def _check_entity(entity: Any, text: str) -> None:
    size = units(text)
    if not isinstance(entity, dict) or entity.get("type") not in ENTITIES:
        raise Refusal(400, "Bad Request: can't parse MessageEntity: unsupported type specified")
    offset, length = entity.get("offset"), entity.get("length")
    if (
        not isinstance(offset, int)
        or not isinstance(length, int)
        or offset < 0
        or length <= 0
        or offset + length > size
    ):
        raise Refusal(400, f"Bad Request: entity {entity} is outside of the text of {size} units")
    coded = text.encode("utf-16-le", "surrogatepass")
    for edge in (offset, offset + length):
        if edge < size and 0xDC <= coded[2 * edge + 1] <= 0xDF:
            raise Refusal(400, f"Bad Request: entity begins or ends in the middle of a UTF-16 symbol at offset {edge}")
    if entity["type"] == "text_link" and not re.match(r"(https?|tg)://\S+$", str(entity.get("url", ""))):
        raise Refusal(400, "Bad Request: can't parse MessageEntity: field url must be an address")


def checked_markup(params: Json) -> Json | None:
    """The inline keyboard, None for none. Raises Refusal."""
    markup = decoded(params, "reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict) or not any(kind in markup for kind in MARKUP_KINDS):
        raise Refusal(400, "Bad Request: object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refusal(400, "Bad Request: can't parse inline keyboard button")
    buttons = [button for row in rows for button in row]
    if len(buttons) > BUTTONS:
        raise Refusal(400, "Bad Request: REPLY_MARKUP_TOO_LONG")
    for button in buttons:
        _check_button(button)
    return {"inline_keyboard": [row for row in rows if row]} if buttons else None


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or not str(button.get("text", "")).strip():
        raise Refusal(400, "Bad Request: can't parse inline keyboard button: field text must be non-empty")
    if sum(kind in button for kind in ("callback_data", "url", "switch_inline_query_current_chat", "copy_text")) != 1:
        raise Refusal(400, "Bad Request: text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= 64:
        raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    if "url" in button and not re.match(r"(https?|tg)://\S+$", str(button["url"])):
        raise Refusal(400, f"Bad Request: inline keyboard button URL '{button['url']}' is invalid: wrong HTTP URL")


# methods


class Methods:
    """What each method does to the world: `do_send_message` is sendMessage. Called holding the world's lock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.webhook: Json = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.described: dict[tuple[str, str], str] = {}
        self.menu: dict[int | None, Json] = {}
        self.actions: list[tuple[int, str]] = []

    def named(self, method: str) -> Callable[[Json], Any] | None:
        """The method of that name, None for one there is not."""
        found = getattr(self, "do_" + re.sub(r"[A-Z]", lambda m: "_" + m[0].lower(), method), None)
        return found if callable(found) else None

    def do_get_me(self, params: Json) -> Json:
        """getMe."""
        may = {"can_join_groups": True, "can_read_all_group_messages": not self.world.privacy, "supports_inline_queries": True}  # fmt: skip
        return {**self.world.bot, **may}

    def do_log_out(self, params: Json) -> bool:
        """logOut."""
        return True

    do_close = do_log_out

    def do_set_webhook(self, params: Json) -> bool:
        """setWebhook."""
        url, secret = str(params.get("url", "")), str(params.get("secret_token", ""))
        if url and not re.match(r"https://|http://(127\.0\.0\.1|localhost)[:/]", url):
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise Refusal(400, "Bad Request: secret token contains unallowed characters")
        if "allowed_updates" in params:
            self.world.allowed = tuple(decoded(params, "allowed_updates"))
        self.webhook = {"url": url, "secret": secret} if url else {}
        if true(params, "drop_pending_updates"):
            self.world.pending.clear()
        return True

    def do_delete_webhook(self, params: Json) -> bool:
        """deleteWebhook."""
        return self.do_set_webhook({"drop_pending_updates": params.get("drop_pending_updates")})

    def do_get_webhook_info(self, params: Json) -> Json:
        """getWebhookInfo."""
        told = {k: v for k, v in self.webhook.items() if k.startswith("last_error")}
        base = {"url": self.webhook.get("url", ""), "has_custom_certificate": False}
        return {**base, "pending_update_count": len(self.world.pending), **told}

    def _place(self, params: Json) -> tuple[Chat, Json]:
        """Where a message goes, and what it answers."""
        chat = self.world.reachable(whole(params, "chat_id"))
        fields: Json = {}
        answered = decoded(params, "reply_parameters")
        if answered:
            held = chat.messages.get(int(answered["message_id"]))
            if held is None and not answered.get("allow_sending_without_reply"):
                raise Refusal(400, "Bad Request: message to be replied not found")
            if held is not None:
                fields["reply_to_message"] = {k: v for k, v in held.items() if k != "reply_to_message"}
        if params.get("message_thread_id"):
            if not chat.forum:
                raise Refusal(400, "Bad Request: message thread not found")
            fields.update(message_thread_id=whole(params, "message_thread_id"), is_topic_message=True)
        return chat, fields

    def _written(self, params: Json) -> Json:
        if params.get("parse_mode"):
            raise Refusal(400, "Bad Request: formatting comes as entities here, not by a parse mode")
        text, entities = checked_text(params.get("text", ""), decoded(params, "entities", []))
        if not text:
            raise Refusal(400, "Bad Request: message text is empty")
        return {"text": text, "entities": entities or None}

    def do_send_message(self, params: Json) -> Json:
        """sendMessage."""
        chat, fields = self._place(params)
        fields = {**fields, **self._written(params), "reply_markup": checked_markup(params)}
        return self.world.post(chat, fields, self.world.bot)

    def do_send_message_draft(self, params: Json) -> bool:
        """sendMessageDraft."""
        chat, _ = self._place(params)
        if chat.kind != "private" or not whole(params, "draft_id", 0):
            raise Refusal(400, "Bad Request: drafts have a number and go to private chats")
        self.world.drafts.append({"chat": chat.id, "draft": whole(params, "draft_id"), **self._written(params)})
        return True

    def do_send_document(self, params: Json) -> Json:
        """sendDocument."""
        chat, fields = self._place(params)
        caption, entities = checked_text(
            params.get("caption", ""), decoded(params, "caption_entities", []), CAPTION_UNITS, "caption"
        )
        sent = params.get("document")
        if isinstance(sent, str) and sent.startswith("attach://"):
            sent = params.get(sent.removeprefix("attach://"))
        if isinstance(sent, Upload):
            if not sent.data:
                raise Refusal(400, "Bad Request: file must be non-empty")
            kept = self.world.keep(sent.name, sent.data, sent.media_type)
        elif isinstance(sent, str) and sent in self.world.files:
            kept = self.world.files[sent]
        else:
            raise Refusal(400, "Bad Request: wrong remote file identifier specified")
        document = {
            "file_id": kept.id, "file_unique_id": f"u{kept.id}", "file_name": kept.name, "mime_type": kept.media_type,
            "file_size": kept.size,
        }  # fmt: skip
        fields.update(document=document, caption=caption or None, caption_entities=entities or None)
        return self.world.post(chat, {**fields, "reply_markup": checked_markup(params)}, self.world.bot)

    def _ours(self, params: Json, doing: str = "edit") -> Json:
        chat = self.world.reachable(whole(params, "chat_id"))
        held = chat.messages.get(whole(params, "message_id"))
        if held is None:
            raise Refusal(400, f"Bad Request: message to {doing} not found")
        if held["from"]["id"] != self.world.bot["id"] and (doing == "edit" or chat.kind != "private"):
            raise Refusal(400, f"Bad Request: message can't be {doing}ed".replace("eed", "ed"))
        return held

    def _changed(self, held: Json, fields: Json) -> Json:
        if all(held.get(key) == value for key, value in fields.items()):
            raise Refusal(400, NOT_MODIFIED)
        for key, value in fields.items():
            held.pop(key, None)
            if value is not None:
                held[key] = value
        held["edit_date"] = int(self.world.clock())
        self.world.told("edited", held)
        return held

    def do_edit_message_text(self, params: Json) -> Json:
        """editMessageText: without a keyboard in it, the message has none any more."""
        held = self._ours(params)
        if "text" not in held:
            raise Refusal(400, "Bad Request: there is no text in the message to edit")
        return self._changed(held, {**self._written(params), "reply_markup": checked_markup(params)})

    def do_edit_message_reply_markup(self, params: Json) -> Json:
        """editMessageReplyMarkup."""
        return self._changed(self._ours(params), {"reply_markup": checked_markup(params)})

    def do_delete_message(self, params: Json) -> bool:
        """deleteMessage."""
        held = self._ours(params, "delete")
        del self.world.chats[held["chat"]["id"]].messages[held["message_id"]]
        self.world.told("deleted", held)
        return True

    def do_send_chat_action(self, params: Json) -> bool:
        """sendChatAction."""
        self.actions.append((self.world.reachable(whole(params, "chat_id")).id, str(params.get("action"))))
        return True

    def do_answer_callback_query(self, params: Json) -> bool:
        """answerCallbackQuery: once."""
        query = str(params.get("callback_query_id"))
        if self.world.presses.get(query, ...) is not None:
            raise Refusal(400, TOO_OLD)
        if len(str(params.get("text", ""))) > 200:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        alert = true(params, "show_alert")
        self.world.presses[query] = {"text": params.get("text", ""), "alert": alert, "url": params.get("url", "")}
        return True

    def do_answer_inline_query(self, params: Json) -> bool:
        """answerInlineQuery: once, at most 50 results with numbers of their own."""
        query, results = str(params.get("inline_query_id")), decoded(params, "results", [])
        if self.world.inline_queries.get(query, ...) is not None:
            raise Refusal(400, TOO_OLD)
        if len(results) > 50:
            raise Refusal(400, "Bad Request: RESULTS_TOO_MUCH")
        ids = [str(result.get("id", "")) for result in results]
        if len(set(ids)) < len(ids):
            raise Refusal(400, "Bad Request: RESULT_ID_DUPLICATE")
        if not all(1 <= len(number.encode()) <= 64 for number in ids):
            raise Refusal(400, "Bad Request: RESULT_ID_INVALID")
        for result in results:
            content = result.get("input_message_content", {})
            if result.get("type") == "article" and not result.get("title"):
                raise Refusal(400, "Bad Request: can't parse inline query result: title is missing")
            self._written({"text": content.get("message_text", ""), "entities": content.get("entities", [])})
        personal, cache = true(params, "is_personal"), whole(params, "cache_time", 300)
        self.world.inline_queries[query] = {"results": results, "personal": personal, "cache": cache}
        return True

    def do_get_file(self, params: Json) -> Json:
        """getFile: at most 20 MB."""
        kept = self.world.files.get(str(params.get("file_id")))
        if kept is None:
            raise Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if kept.size > DOWNLOAD_BYTES:
            raise Refusal(400, "Bad Request: file is too big")
        return {"file_id": kept.id, "file_unique_id": f"u{kept.id}", "file_size": kept.size, "file_path": kept.path}

    def do_get_chat(self, params: Json) -> Json:
        """getChat."""
        chat = self.world.reachable(whole(params, "chat_id"))
        gifts = dict.fromkeys("unlimited_gifts limited_gifts unique_gifts premium_subscription gifts_from_channels".split(), False)  # fmt: skip
        more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
        return {**self.world.chat_json(chat), **more}

    def _scope(self, params: Json) -> tuple[str, str]:
        scope = decoded(params, "scope", {"type": "default"})
        return json.dumps(scope, sort_keys=True), str(params.get("language_code", ""))

    def do_set_my_commands(self, params: Json) -> bool:
        """setMyCommands: at most 100, each with a description."""
        commands = decoded(params, "commands", [])
        if len(commands) > 100:
            raise Refusal(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", str(command.get("command"))):
                raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(str(command.get("description", ""))) <= 256:
                raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[self._scope(params)] = commands
        return True

    def do_get_my_commands(self, params: Json) -> list[Json]:
        """getMyCommands."""
        return self.commands.get(self._scope(params), [])

    def do_delete_my_commands(self, params: Json) -> bool:
        """deleteMyCommands."""
        self.commands.pop(self._scope(params), None)
        return True

    def _describe(self, params: Json, key: str, limit: int) -> bool:
        if len(str(params.get(key, ""))) > limit:
            raise Refusal(400, f"Bad Request: {key} is too long")
        self.described[key, str(params.get("language_code", ""))] = str(params.get(key, ""))
        return True

    def do_set_my_name(self, params: Json) -> bool:
        """setMyName."""
        return self._describe(params, "name", 64)

    def do_set_my_description(self, params: Json) -> bool:
        """setMyDescription."""
        return self._describe(params, "description", 512)

    def do_set_my_short_description(self, params: Json) -> bool:
        """setMyShortDescription."""
        return self._describe(params, "short_description", 120)

    def do_get_my_name(self, params: Json) -> Json:
        """getMyName."""
        return {"name": self.described.get(("name", str(params.get("language_code", ""))), "")}

    def do_set_chat_menu_button(self, params: Json) -> bool:
        """setChatMenuButton."""
        chat = whole(params, "chat_id") if params.get("chat_id") else None
        self.menu[chat] = decoded(params, "menu_button", {"type": "default"})
        return True


# the server


@dataclass(frozen=True)
class Upload:
    """A file that came with a call."""

    name: str
    data: bytes = field(repr=False)
    media_type: str


@dataclass
class Call:
    """A call of the bot: when it came (`time.monotonic()`), what it asked, how it was answered, what went wrong with it.
    `performed`: it did what it asked."""

    method: str
    params: Json
    at: float
    status: int = 0
    result: Any = None
    error: str = ""
    fault: Fault | None = None
    performed: bool = False


class FaultServer:
    """The server, in a thread of its own, while the context lasts. Bots use `base_url` and `base_file_url`."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.faults = Faults()
        self.methods = Methods(self.world)
        self.calls: list[Call] = []
        self.delivered: list[int] = []
        self._poll = 0
        self._again: list[Json] = []
        self._ready = threading.Event()
        self._trouble: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="telegram", daemon=True)

    @property
    def base_url(self) -> str:
        """What python-telegram-bot takes as `base_url`."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        """What python-telegram-bot takes as `base_file_url`."""
        return f"{self.url}/file/bot"

    def calls_of(self, pattern: str) -> list[Call]:
        """The calls of the methods that fit, in order."""
        with self.world.changed:
            return [call for call in self.calls if fnmatchcase(call.method, pattern)]

    def settle(self, quiet: float = 0.3, timeout: float = 10.0) -> bool:
        """Wait until every update is confirmed and for `quiet` seconds no call but getUpdates has come."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            with self.world.changed:
                last = max((call.at for call in self.calls if call.method != "getUpdates"), default=0.0)
                since = max([last, *list(self.world.queued_at.values())[-1:]])
                if not self.world.pending and time.monotonic() - since >= quiet:
                    return True
            time.sleep(0.02)
        return False

    def __enter__(self) -> "FaultServer":
        self._thread.start()
        self._ready.wait(10)
        if self._trouble:
            raise self._trouble
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._trouble = error
            self._ready.set()
            raise

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._wake, self._deliver = asyncio.Event(), asyncio.Event()
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._api)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = "http://{}:{}".format(*runner.addresses[0][:2])
        wake = lambda: self._loop.call_soon_threadsafe(self._signal)  # noqa: E731
        self.world.wakers.append(wake)
        pump = asyncio.create_task(self._pump())
        self._ready.set()
        await self._stop.wait()
        self.world.wakers.remove(wake)
        pump.cancel()
        await runner.cleanup()

    def _signal(self) -> None:
        self._wake.set()
        self._deliver.set()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            call = Call(method, await _parameters(request), time.monotonic())
        except ValueError:
            return web.json_response({"ok": False, "error_code": 400, "description": "Bad Request: not JSON"}, status=400)  # fmt: skip
        with self.world.changed:
            call.fault = self.faults.pick(method) or self._crowded(call)
            self.calls.append(call)
            self.world.changed.notify_all()
        if call.fault and not call.fault.performed:
            return await self._broken(request, call.fault, None)
        try:
            if request.match_info["token"] != self.world.token:
                raise Refusal(401, "Unauthorized")
            call.result = await self._updates(call) if method == "getUpdates" else self._perform(call)
            call.status, call.performed, answer = 200, True, {"ok": True, "result": call.result}
        except Refusal as refusal:
            call.status, call.error = refusal.code, refusal.description
            answer = {"ok": False, "error_code": refusal.code, "description": refusal.description}
            if refusal.parameters:
                answer["parameters"] = refusal.parameters
        reply = web.json_response(answer, status=call.status)
        with self.world.changed:
            self.world.changed.notify_all()
        return await self._broken(request, call.fault, reply) if call.fault else reply

    def _perform(self, call: Call) -> Any:
        do = self.methods.named(call.method)
        if do is None:
            raise Refusal(404, "Not Found")
        with self.world.changed:
            result = do(call.params)
        if call.method in ("setWebhook", "deleteWebhook"):
            self._signal()
        return json.loads(json.dumps(result))

    def _crowded(self, call: Call) -> Fault | None:
        if call.method not in ("sendMessage", "sendDocument") or not self.faults.windows:
            return None
        chat = self.world.chats.get(int(call.params.get("chat_id", 0)))
        return self.faults.crowded(chat) if chat else None

    async def _updates(self, call: Call) -> list[Json]:
        """getUpdates. As with Telegram it is the earlier of two calls at once that is told of the conflict."""
        self._poll += 1
        params, mine = call.params, self._poll
        end = call.at + float(params.get("timeout", 0))
        self._wake.set()
        with self.world.changed:
            if "allowed_updates" in params:
                self.world.allowed = tuple(decoded(params, "allowed_updates"))
            self.world.confirm(whole(params, "offset", 0))
        while True:
            if self.methods.webhook:
                said = (
                    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
                )
                raise Refusal(409, f"Conflict: {said}")
            if mine != self._poll:
                said = "terminated by other getUpdates request; make sure that only one bot instance is running"
                raise Refusal(409, f"Conflict: {said}")
            batch = self._batch(min(100, max(1, whole(params, "limit", 100))), lost=call.fault is not None)
            left = end - time.monotonic()
            if batch or left <= 0:
                return batch
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), left)
            except TimeoutError:
                continue

    def _batch(self, limit: int, lost: bool) -> list[Json]:
        with self.world.changed:
            confirmed = {u["update_id"] for u in self.world.pending}
            repeated = [u for u in self._again if u["update_id"] not in confirmed]
            self._again = [u for u in self._again if u["update_id"] in confirmed]
            fresh = self.world.pending[:limit]
            fault = self.faults.pick("getUpdates", delivery=True) if fresh and not lost else None
            if fault == AGAIN:
                self._again += fresh
            batch = repeated + self.faults.order(fresh, fault)
            self.delivered += [u["update_id"] for u in batch]
            return json.loads(json.dumps(batch)) if batch else []

    async def _file(self, request: web.Request) -> web.StreamResponse:
        fault = self.faults.pick("file")
        with self.world.changed:
            self.calls.append(Call("file", {"path": request.match_info["path"]}, time.monotonic(), fault=fault))
            kept = [f for f in self.world.files.values() if f.path == request.match_info["path"]]
        if not kept or request.match_info["token"] != self.world.token:
            return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)
        reply = web.Response(body=kept[0].data, content_type="application/octet-stream")
        return await self._broken(request, fault, reply) if fault else reply

    async def _broken(self, request: web.Request, fault: Fault, reply: web.Response | None) -> web.StreamResponse:
        """What the client gets instead of the reply."""
        if fault.kind in ("hang", "slow"):
            await asyncio.sleep(fault.seconds)
        if fault.kind == "slow" and reply is not None:
            return reply
        if fault.kind == "garbled":
            whole_reply = reply.body if reply is not None and isinstance(reply.body, bytes) else b'{"ok":true,"res'
            return web.Response(body=whole_reply[: max(1, len(whole_reply) // 2)], content_type="application/json")
        if fault.kind == "answer":
            return _error_page(fault)
        _abort(request)
        return web.Response()

    async def _pump(self) -> None:
        """Deliver updates to the webhook, one after the other, each until it is taken."""
        pause = 0.05
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            while True:
                hook = self.methods.webhook
                with self.world.changed:
                    update = self.world.pending[0] if hook and self.world.pending else None
                if update is None:
                    self._deliver.clear()
                    await self._deliver.wait()
                    continue
                fault = self.faults.pick("webhook", delivery=True)
                said = ""
                for _ in range(2 if fault == TWICE else 1):
                    said = await _delivered(session, hook, update)
                if said:
                    hook.update(last_error_date=int(self.world.clock()), last_error_message=said)
                    await asyncio.sleep(pause)
                    pause = min(1.0, pause * 2)
                    continue
                pause = 0.05
                self._taken(update, fault)

    def _taken(self, update: Json, fault: Fault | None) -> None:
        with self.world.changed:
            self.delivered.append(update["update_id"])
            self.world.pending = [u for u in self.world.pending if u is not update]
            if fault == AGAIN:
                self.world.pending.append(update)
            self.world.changed.notify_all()


async def _delivered(session: aiohttp.ClientSession, hook: Json, update: Json) -> str:
    """Post an update to the webhook; "" once it was taken, or what went wrong."""
    secret = {"X-Telegram-Bot-Api-Secret-Token": hook["secret"]} if hook["secret"] else {}
    try:
        async with session.post(hook["url"], json=update, headers=secret) as reply:
            return "" if reply.status // 100 == 2 else f"Wrong response from the webhook: {reply.status} {reply.reason}"
    except (aiohttp.ClientError, TimeoutError) as error:
        return f"Connection failed: {type(error).__name__}"


def _error_page(fault: Fault) -> web.Response:
    if fault.status == 429:
        wait = int(fault.seconds)
        said = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {wait}"}
        return web.json_response({**said, "parameters": {"retry_after": wait}}, status=429)
    page = f"<html><head><title>{fault.status}</title></head><body><h1>{fault.status}</h1></body></html>"
    return web.Response(text=page, content_type="text/html", status=fault.status)


def _abort(request: web.Request) -> None:
    """Reset the connection, without a farewell."""
    if request.transport is None:
        return
    connection = request.transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()


async def _parameters(request: web.Request) -> Json:
    """What the call says, from the address, JSON, or a form with files."""
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.json()
        return {**given, **body} if isinstance(body, dict) else given
    for key, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            given[key] = Upload(value.filename, value.file.read(), value.content_type)
        else:
            given[key] = value
    return given
