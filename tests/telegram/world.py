"""A small Telegram for tests: people, chats, messages numbered as Telegram does, and the updates a bot is told of.

People act through `Actor`; the bot acts through the server (`tests.telegram.faultserver`). Any thread may call.
"""

import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
FIRST_UPDATE = 700_000_001
PRESENTABLE = ("chat_member", "message_reaction", "message_reaction_count")
"""Kinds of update that Telegram sends only to a bot that asked for them."""
_FOUND = re.compile(
    r"(?P<url>https?://[^\s]+)"
    r"|(?P<bot_command>(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/]))"
    r"|(?P<mention>(?<!\w)@[A-Za-z0-9_]{3,32})"
)


class Refusal(Exception):
    """What Telegram answers instead of doing what was asked: `code` (400, 403, ...), a description, more `parameters`."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(f"{code} {description}")
        self.code, self.description, self.parameters = code, description, parameters


def units(text: str) -> int:
    """The length that Telegram counts in: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def detected(text: str) -> list[Json]:
    """The entities that a client finds in what a person writes: commands, mentions, addresses."""
    return [
        {"type": found.lastgroup, "offset": units(text[: found.start()]), "length": units(found[0])}
        for found in _FOUND.finditer(text)
    ]


@dataclass
class Chat:
    """`kind` is private, group or supergroup. In a private chat `met` says whether the person ever wrote to the bot."""

    id: int
    kind: str
    title: str = ""
    forum: bool = False
    members: set[int] = field(default_factory=set)
    messages: dict[int, Json] = field(default_factory=dict)
    bot_in: bool = True
    met: bool = False
    blocked: bool = False
    moved_to: int | None = None
    last: int = 0


@dataclass(frozen=True)
class StoredFile:
    """A file on Telegram's side. `size` is what Telegram says, in bytes: tests may pretend a large one."""

    id: str
    path: str
    name: str
    data: bytes
    size: int
    media_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Shown:
    """A message as a person sees it now. `buttons` are rows of labels; `file` is a name and bytes; `raw` what Telegram holds."""

    id: int
    chat: int
    sender: int
    from_bot: bool
    text: str
    entities: tuple[Json, ...]
    buttons: tuple[tuple[str, ...], ...]
    edited: bool
    reply_to: int | None
    file: tuple[str, bytes] | None
    raw: Json = field(repr=False)

    @property
    def labels(self) -> tuple[str, ...]:
        """Every button's label, row after row."""
        return tuple(label for row in self.buttons for label in row)

    def styled(self, kind: str) -> list[str]:
        """The stretches formatted so, for instance "bold" or "code"."""
        coded = self.text.encode("utf-16-le", "surrogatepass")
        return [
            coded[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le", "surrogatepass")
            for e in self.entities
            if e["type"] == kind
        ]


class World:
    """All that Telegram holds. `changed` guards it and is notified of each change; `watchers` hear of each message of the
    bot as ("sent" or "edited" or "deleted", message), on the server's thread, holding the lock; they must be quick.

    With `privacy` the bot is told of a group's messages only where they concern it (commands, mentions of it, replies to
    it); without, of all, as where it is an administrator, which asks more of the bot.
    """

    def __init__(self, clock: Callable[[], float] = time.time, username: str = "navicert_bot") -> None:
        self.changed = threading.Condition(threading.RLock())
        self.clock = clock
        self.privacy = False
        self.bot: Json = {"id": 4242, "is_bot": True, "first_name": "Navicert", "username": username}
        self.token = f"{self.bot['id']}:for-tests"
        self.chats: dict[int, Chat] = {}
        self.actors: dict[int, Actor] = {}
        self.files: dict[str, StoredFile] = {}
        self.pending: list[Json] = []
        self.queued_at: dict[int, float] = {}
        self.allowed: tuple[str, ...] = ()
        self.presses: dict[str, Json | None] = {}
        self.inline_queries: dict[str, Json | None] = {}
        self.drafts: list[Json] = []
        self.watchers: list[Callable[[str, Json], None]] = []
        self.wakers: list[Callable[[], object]] = []
        self._last_message = 0
        self._last_update = FIRST_UPDATE - 1
        self._last_query = 0

    # people and chats

    def user(self, number: int, name: str = "", lang: str = "en", username: str = "") -> "Actor":
        """A person; the same one for the same number."""
        with self.changed:
            if number not in self.actors:
                self.actors[number] = Actor(self, number, name or f"User {number}", lang, username)
                self.chats[number] = Chat(number, "private", members={number})
            return self.actors[number]

    def group(self, title: str, *members: "Actor", supergroup: bool = False, forum: bool = False) -> int:
        """A group with these people and the bot in it; its id. A forum is a supergroup with topics."""
        with self.changed:
            wide = supergroup or forum
            number = (-1_000_000_000_000 if wide else 0) - 5_001 - len(self.chats)
            kind = "supergroup" if wide else "group"
            self.chats[number] = Chat(number, kind, title, forum, {m.id for m in members})
            return number

    def add_bot(self, chat: int, by: "Actor") -> None:
        """The bot is put into a group."""
        with self.changed:
            self.chats[chat].bot_in = True
            self.membership(self.chats[chat], by, "left", "member")

    def remove_bot(self, chat: int, by: "Actor") -> None:
        """The bot is thrown out of a group."""
        with self.changed:
            self.chats[chat].bot_in = False
            self.membership(self.chats[chat], by, "member", "kicked")

    def migrate(self, chat: int) -> int:
        """A group becomes a supergroup: another id, other message numbers; the new id."""
        with self.changed:
            old = self.chats[chat]
            members = [self.actors[m] for m in sorted(old.members)]
            old.moved_to = self.group(old.title, *members, supergroup=True)
            self.tell("message", self.post(old, {"migrate_to_chat_id": old.moved_to}, members[0].user))
            new = self.chats[old.moved_to]
            self.tell("message", self.post(new, {"migrate_from_chat_id": chat}, members[0].user))
            return new.id

    def membership(self, chat: Chat, by: "Actor", old: str, new: str) -> None:
        """Tell the bot that its own place in a chat has changed."""
        until = {"until_date": 0} if new == "kicked" else {}
        was = {"until_date": 0} if old == "kicked" else {}
        member = {
            "chat": self.chat_json(chat), "from": by.user, "date": int(self.clock()),
            "old_chat_member": {"user": self.bot, "status": old, **was},
            "new_chat_member": {"user": self.bot, "status": new, **until},
        }  # fmt: skip
        self.tell("my_chat_member", member)

    def chat_json(self, chat: Chat) -> Json:
        """The chat as updates describe it."""
        if chat.kind == "private":
            person = self.actors[chat.id].user
            named: Json = {k: person[k] for k in ("first_name", "username") if k in person}
            return {"id": chat.id, "type": "private", **named}
        return {"id": chat.id, "type": chat.kind, "title": chat.title, **({"is_forum": True} if chat.forum else {})}

    def reachable(self, chat: int) -> Chat:
        """The chat, for the bot to act in. Raises Refusal as Telegram would where it may not."""
        found = self.chats.get(chat)
        if found is None:
            raise Refusal(400, "Bad Request: chat not found")
        if found.moved_to is not None:
            said = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refusal(400, said, migrate_to_chat_id=found.moved_to)
        if found.kind == "private":
            if found.blocked:
                raise Refusal(403, "Forbidden: bot was blocked by the user")
            if not found.met:
                raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        elif not found.bot_in:
            raise Refusal(403, f"Forbidden: bot was kicked from the {found.kind} chat")
        return found

    # messages and updates

    def post(self, chat: Chat, fields: Json, author: Json) -> Json:
        """A new message in the chat, numbered: private chats and basic groups share the bot's numbers, a supergroup has its own."""
        if chat.kind == "supergroup":
            chat.last += 1
            number = chat.last
        else:
            self._last_message += 1
            number = self._last_message
        message = {"message_id": number, "from": author, "chat": self.chat_json(chat), "date": int(self.clock())}
        chat.messages[number] = {**message, **{k: v for k, v in fields.items() if v is not None}}
        if author["is_bot"]:
            self.told("sent", chat.messages[number])
        self.changed.notify_all()
        return chat.messages[number]

    def told(self, what: str, message: Json) -> None:
        """Tell who watches the bot's messages."""
        for watcher in self.watchers:
            watcher(what, message)
        self.changed.notify_all()

    def tell(self, kind: str, body: Json) -> int | None:
        """Queue an update for the bot; its number, or None where the bot did not ask for this kind."""
        if kind not in self.allowed if self.allowed else kind in PRESENTABLE:
            return None
        self._last_update += 1
        self.pending.append({"update_id": self._last_update, kind: body})
        self.queued_at[self._last_update] = time.monotonic()
        for wake in self.wakers:
            wake()
        self.changed.notify_all()
        return self._last_update

    def confirm(self, offset: int) -> None:
        """Forget the updates before `offset`; a negative one keeps only so many of the last."""
        with self.changed:
            self.pending = (
                self.pending[offset:] if offset < 0 else [u for u in self.pending if u["update_id"] >= offset]
            )
            self.changed.notify_all()

    def keep(self, name: str, data: bytes, media_type: str = "application/octet-stream", size: int | None = None) -> StoredFile:  # fmt: skip
        """Store a file."""
        number = len(self.files) + 1
        path = f"documents/file_{number}" + (f".{name.rsplit('.', 1)[1]}" if "." in name else "")
        kept = StoredFile(f"FILE{number:06d}", path, name, data, len(data) if size is None else size, media_type)
        self.files[kept.id] = kept
        return kept

    def query(self) -> str:
        """A new number of a button press or an inline query."""
        self._last_query += 1
        return str(8_800_000_000 + self._last_query)

    # what a person sees

    def messages(self, chat: int, bot_only: bool = False) -> list[Shown]:
        """What stands in the chat now, oldest first."""
        with self.changed:
            held = list(self.chats[chat].messages.values())
            return [self._shown(m) for m in held if m["from"]["is_bot"] or not bot_only]

    def _shown(self, message: Json) -> Shown:
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        document = self.files.get(message.get("document", {}).get("file_id", ""))
        return Shown(
            message["message_id"], message["chat"]["id"], message["from"]["id"], message["from"]["is_bot"],
            message.get("text") or message.get("caption") or "",
            tuple(message.get("entities") or message.get("caption_entities") or ()),
            tuple(tuple(button["text"] for button in row) for row in rows),
            "edit_date" in message, message.get("reply_to_message", {}).get("message_id"),
            (document.name, document.data) if document else None, dict(message),
        )  # fmt: skip

    def wait_for(
        self, chat: int, predicate: Callable[[Shown], bool] = lambda _: True, timeout: float = 5.0, after: int = 0
    ) -> Shown:
        """The first message of the bot with a number above `after` that fits, once it is there. Raises AssertionError
        that tells what is there instead when `timeout` seconds have passed."""
        found: list[Shown] = []

        def look() -> bool:
            found[:] = [m for m in self.messages(chat, bot_only=True) if m.id > after and predicate(m)]
            return bool(found)

        if not self.wait_until(look, timeout):
            seen = "\n".join(f"  {m.id} {m.text!r} {list(m.labels)}" for m in self.messages(chat))
            raise AssertionError(f"no such message of the bot in chat {chat} within {timeout} s; there is\n{seen}")
        return found[0]

    def wait_until(self, condition: Callable[[], bool], timeout: float = 5.0) -> bool:
        """Wait until it holds, looking after each change; False when `timeout` seconds have passed."""
        with self.changed:
            return self.changed.wait_for(condition, timeout)

    def answer_to(self, query: str, timeout: float = 5.0) -> Json:
        """What the bot answered a button press or an inline query with, once it did."""
        held = self.presses if query in self.presses else self.inline_queries
        assert self.wait_until(lambda: held[query] is not None, timeout), f"query {query} was not answered"
        return held[query] or {}


class Actor:
    """A person with Telegram. Each action makes the update that Telegram would send; `chat` is the private chat unless said."""

    def __init__(self, world: World, number: int, name: str, lang: str, username: str) -> None:
        self.world, self.id = world, number
        extra = {"username": username, "language_code": lang}
        self.user: Json = {"id": number, "is_bot": False, "first_name": name, **{k: v for k, v in extra.items() if v}}

    def say(
        self, text: str, chat: int | None = None, reply_to: int | None = None, thread: int | None = None,
        entities: Sequence[Json] = (),
    ) -> int:  # fmt: skip
        """Write something; the message's number. `entities` add to those a client finds itself."""
        found = [*entities, *detected(text)]
        return self.send({"text": text, "entities": found or None}, chat, reply_to, thread)

    def send(self, fields: Json, chat: int | None = None, reply_to: int | None = None, thread: int | None = None) -> int:  # fmt: skip
        """Send a message of any content, such as {"sticker": {...}}; its number."""
        world = self.world
        with world.changed:
            where = world.chats[self.id if chat is None else chat]
            where.met = True
            answered = where.messages[reply_to] if reply_to else None
            context: Json = {
                "reply_to_message": {k: v for k, v in answered.items() if k != "reply_to_message"} if answered else None,
                "message_thread_id": thread, "is_topic_message": True if thread else None,
            }  # fmt: skip
            message = world.post(where, {**fields, **context}, self.user)
            if not where.blocked and where.bot_in and self._concerns(where, message):
                world.tell("message", dict(message))
            return int(message["message_id"])

    def _concerns(self, chat: Chat, message: Json) -> bool:
        if chat.kind == "private" or not self.world.privacy:
            return True
        text, name = message.get("text") or message.get("caption") or "", self.world.bot["username"]
        replied = message.get("reply_to_message", {}).get("from", {}).get("id") == self.world.bot["id"]
        command = re.match(r"/\w+(@\w+)?", text)
        return replied or f"@{name}" in text or (command is not None and command[1] is None)

    def edit(self, message: int, text: str, chat: int | None = None) -> None:
        """Change what this person wrote."""
        world = self.world
        with world.changed:
            held = world.chats[self.id if chat is None else chat].messages[message]
            assert held["from"]["id"] == self.id, "a person can change only what they wrote"
            held.update(text=text, entities=detected(text), edit_date=int(world.clock()))
            world.tell("edited_message", dict(held))

    def send_file(
        self, name: str, data: bytes, caption: str = "", chat: int | None = None, size: int | None = None
    ) -> int:
        """Send a document. `size` pretends another size in bytes than the data's."""
        with self.world.changed:
            kept = self.world.keep(name, data, size=size)
        document = {
            "file_id": kept.id, "file_unique_id": f"u{kept.id}", "file_name": name, "mime_type": kept.media_type,
            "file_size": kept.size,
        }  # fmt: skip
        found = detected(caption)
        return self.send({"document": document, "caption": caption or None, "caption_entities": found or None}, chat)

    def send_photo(self, data: bytes = b"\xff\xd8\xff", caption: str = "", chat: int | None = None) -> int:
        """Send a picture."""
        with self.world.changed:
            kept = self.world.keep("photo.jpg", data, "image/jpeg")
        size = {"file_id": kept.id, "file_unique_id": f"u{kept.id}", "width": 800, "height": 600, "file_size": kept.size}  # fmt: skip
        return self.send({"photo": [size], "caption": caption or None}, chat)

    def voice(self, data: bytes = b"OggS", chat: int | None = None) -> int:
        """Send a spoken message."""
        with self.world.changed:
            kept = self.world.keep("voice.ogg", data, "audio/ogg")
        spoken = {"file_id": kept.id, "file_unique_id": f"u{kept.id}", "duration": 3, "file_size": kept.size}
        return self.send({"voice": spoken}, chat)

    def press(self, message: Shown | int, button: str | int, chat: int | None = None) -> str:
        """Press a button by its label or place in the message as it stands now; the number of the press."""
        where = message.chat if isinstance(message, Shown) else (self.id if chat is None else chat)
        number = message.id if isinstance(message, Shown) else message
        with self.world.changed:
            held = self.world.chats[where].messages.get(number, {})
            buttons = [b for row in held.get("reply_markup", {}).get("inline_keyboard", []) for b in row]
            fits = [b for i, b in enumerate(buttons) if button in (i, b["text"])]
            assert fits, f"no button {button!r} under message {number}; there are {[b['text'] for b in buttons]}"
            assert "callback_data" in fits[0], f"the button {button!r} opens a page and does not come back"
            return self.forge_press(fits[0]["callback_data"], number, where)

    def forge_press(self, data: str, message: int, chat: int | None = None) -> str:
        """A press with data of this person's own making, as a hostile client can send; the number of the press."""
        world = self.world
        with world.changed:
            where = world.chats[self.id if chat is None else chat]
            held = where.messages.get(message)
            shown = dict(held) if held else {"message_id": message, "chat": world.chat_json(where), "date": 0}
            query = world.query()
            world.presses[query] = None
            body = {"id": query, "from": self.user, "chat_instance": str(where.id), "message": shown, "data": data}
            world.tell("callback_query", body)
            return query

    def inline(self, query: str, chat_type: str = "sender") -> str:
        """Type `@bot query` somewhere; the number of the query."""
        world = self.world
        with world.changed:
            number = world.query()
            world.inline_queries[number] = None
            body = {"id": number, "from": self.user, "query": query, "offset": "", "chat_type": chat_type}
            world.tell("inline_query", body)
            return number

    def join(self, chat: int) -> None:
        """Enter a group."""
        with self.world.changed:
            self.world.chats[chat].members.add(self.id)
        self.send({"new_chat_members": [self.user]}, chat)

    def leave(self, chat: int) -> None:
        """Leave a group."""
        self.send({"left_chat_member": self.user}, chat)
        with self.world.changed:
            self.world.chats[chat].members.discard(self.id)

    def block(self) -> None:
        """Block the bot: it may not write to this person any more."""
        with self.world.changed:
            self.world.chats[self.id].blocked = True
            self.world.membership(self.world.chats[self.id], self, "member", "kicked")

    def unblock(self) -> None:
        """Let the bot write again."""
        with self.world.changed:
            self.world.chats[self.id].blocked = False
            self.world.membership(self.world.chats[self.id], self, "kicked", "member")

    def sees(self) -> list[Shown]:
        """What stands in the private chat."""
        return self.world.messages(self.id)

    def wait_for(
        self, predicate: Callable[[Shown], bool] = lambda _: True, timeout: float = 5.0, after: int = 0
    ) -> Shown:
        """`World.wait_for` in the private chat."""
        return self.world.wait_for(self.id, predicate, timeout, after)
