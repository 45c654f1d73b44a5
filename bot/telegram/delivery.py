"""What was promised goes out: in order for each chat, retried, once.

A call whose outcome nobody knows (the connection ended, the process was killed) is not simply made again. Telegram has no
key to recognise a repeated message by, but it numbers messages and refuses an edit that changes nothing: so a second
message is sent as a bridge, the numbers between are asked for the first one by editing them to what it says, and either
the first is found and the bridge removed, or the bridge becomes the message.
"""

import asyncio
import base64
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    ReplyParameters,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.locales import say
from bot.metrics import Metrics
from knowledge.errors import NavicertError
from knowledge.store.database import Database, Write
from knowledge.store.post import Parcel, Post

LOG = logging.getLogger("navicert.delivery")
AT_ONCE = 20
"""Chats that something goes to at the same time, also when a broadcast has mail for a thousand."""
PROBES = 100
"""Message numbers that are asked for one that may have arrived."""
KEPT_FOR = timedelta(hours=24)
"""How long it is tried; an older promise helps nobody."""
SLOWEST = 60.0
"""Seconds between two tries at most."""
NOT_SENT = {"ConnectError", "ConnectTimeout", "PoolTimeout"}
"""What the HTTP client calls it when nothing has left the machine."""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True)
class _Later(Exception):
    """Not now: again after so many seconds."""

    seconds: float


@dataclass
class Delivery:
    """The way out of one bot. `clock` gives the time; `base` is the first pause in seconds after a failure."""

    bot: Bot
    post: Post
    database: Database
    metrics: Metrics
    clock: Callable[[], datetime]
    base: float = 1.0
    _pace: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _locks: dict[int, asyncio.Lock] = field(default_factory=dict)
    _tries: dict[int, int] = field(default_factory=dict)
    _waiting: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _newest: dict[int, int] = field(default_factory=dict)  # the highest number seen of each sequence
    _stopped: bool = False

    async def resume(self) -> None:
        """At the start: what was promised before goes out; what a kill left in doubt is looked for first."""
        await self._commit(self.post.doubt())
        await self.flush(*await asyncio.to_thread(self.post.chats_due))

    async def flush(self, *chats: int) -> None:
        """Send what is due to these chats; returns when it is there, or is to be tried again later."""
        await asyncio.gather(*(self._chat(chat) for chat in chats))

    async def stop(self) -> None:
        """Let go of what is to be tried later: it stays promised, and the next start goes on."""
        self._stopped = True
        for task in self._waiting.values():
            task.cancel()
        await asyncio.gather(*self._waiting.values(), return_exceptions=True)

    async def _chat(self, chat: int) -> None:
        lock = self._locks.setdefault(chat, asyncio.Lock())
        async with lock:
            if chat in self._waiting:
                return
            for parcel in await asyncio.to_thread(self.post.due, chat):
                try:
                    async with self._pace:
                        await self._one(parcel)
                except _Later as later:
                    self._try_again(chat, later.seconds)
                    return
                except NavicertError as error:  # the database is away
                    LOG.error("mail cannot be written down", extra={"error": str(error)})
                    self._try_again(chat, SLOWEST)
                    return

    def _try_again(self, chat: int, seconds: float) -> None:
        if self._stopped:
            return

        async def wait() -> None:
            await asyncio.sleep(seconds)
            del self._waiting[chat]
            await self._chat(chat)

        self._waiting[chat] = asyncio.get_running_loop().create_task(wait())

    # ------------------------------------------------------------ one message

    async def _one(self, parcel: Parcel) -> None:
        """Get it there and write it down. Raises _Later."""
        if self.clock() - parcel.created_at > KEPT_FOR:
            await self._lost(parcel, "too old")
            return
        # One that is in doubt keeps the floor of its first try.
        floor = 0 if parcel.state == "unsure" else self._newest.get(_sequence(parcel.chat), 0)
        try:
            number = await (self._look_first(parcel) if _in_doubt(parcel) else self._send(parcel))
        except RetryAfter as full:
            self.metrics.api_errors.labels("too_many_requests").inc()
            raise _Later(_seconds(full.retry_after)) from None
        except ChatMigrated as moved:
            await self._commit(self.post.moved(parcel.chat, moved.new_chat_id))
            asyncio.get_running_loop().create_task(self._chat(moved.new_chat_id))
            return
        except (Forbidden, InvalidToken) as refused:
            await self._lost(parcel, type(refused).__name__)
            return
        except BadRequest as wrong:
            await self._lost(parcel, wrong.message)
            return
        except TelegramError as away:  # the network, the server, an answer cut off
            await self._unclear(parcel, away, floor)
        else:
            self._tries.pop(parcel.id, None)
            self._newest[_sequence(parcel.chat)] = max(number or 0, self._newest.get(_sequence(parcel.chat), 0))
            await self._commit(self.post.sent(parcel.id, number, self.clock()))
            self.metrics.sends.labels("sent").inc()

    async def _unclear(self, parcel: Parcel, away: TelegramError, floor: int) -> None:
        """The call failed: was it made? `floor` is the newest number before it. Raises _Later, always."""
        cause = type(away.__cause__).__name__
        sure = cause in NOT_SENT
        self.metrics.api_errors.labels("not_sent" if sure else "unclear").inc()
        if not sure and parcel.target is None:
            await self._commit(self.post.doubt(parcel.id, max(floor, parcel.after or 0)))
        tries = self._tries[parcel.id] = self._tries.get(parcel.id, 0) + 1
        error = {"error": type(away).__name__, "cause": cause}  # PoolTimeout, say: too many calls at once
        LOG.warning("delivery failed, will be tried again", extra={"tries": tries, **error})
        raise _Later(min(SLOWEST, self.base * 2 ** min(tries - 1, 6)))

    async def _lost(self, parcel: Parcel, why: str) -> None:
        LOG.warning("a message cannot be delivered", extra={"why": why, "about": parcel.about})
        self.metrics.sends.labels("failed").inc()
        await self._commit(self.post.failed(parcel.id, why))

    async def _send(self, parcel: Parcel) -> int | None:
        """The message's number."""
        if parcel.target is not None:
            return await self._edit(parcel)
        said = parcel.payload
        options: dict[str, Any] = {
            "reply_markup": _markup(said),
            "disable_notification": bool(said.get("quiet")),
            "message_thread_id": said.get("thread"),
        }
        if said.get("reply"):
            options["reply_parameters"] = ReplyParameters(int(said["reply"]), allow_sending_without_reply=True)
        if said.get("file"):
            name, data = said["file"]
            message = await self.bot.send_document(
                parcel.chat, base64.b64decode(data), filename=name, caption=said["text"],
                caption_entities=_entities(said), **options,
            )  # fmt: skip
            return message.message_id
        options["link_preview_options"] = _NO_PREVIEW
        try:
            return (
                await self.bot.send_message(parcel.chat, said["text"], entities=_entities(said), **options)
            ).message_id
        except BadRequest as wrong:
            if not said["entities"] or "entit" not in wrong.message.lower():
                raise
            # Better without formatting than not at all.
            LOG.error("formatting refused", extra={"why": wrong.message, "about": parcel.about})
            return (await self.bot.send_message(parcel.chat, said["text"], **options)).message_id

    async def _edit(self, parcel: Parcel) -> int | None:
        target = parcel.target or 0
        try:
            await self._put_in_place(parcel, target)
        except BadRequest as wrong:
            if "not modified" in wrong.message.lower():
                return target
            if "edit" not in wrong.message.lower():
                raise
            await self._commit(self.post.redirect(parcel.id, None))  # it is gone: say it anew
            raise _Later(0) from None
        return target

    async def _put_in_place(self, parcel: Parcel, message: int) -> Message | bool:
        said = parcel.payload
        return await self.bot.edit_message_text(
            said["text"], chat_id=parcel.chat, message_id=message, entities=_entities(said), reply_markup=_markup(said),
            link_preview_options=_NO_PREVIEW,
        )  # fmt: skip

    # ------------------------------------------------------------ in doubt

    async def _look_first(self, parcel: Parcel) -> int | None:
        """Did it arrive? Finds it, or puts it in the place of the bridge."""
        lang = str(parcel.payload.get("lang") or "en")
        options: dict[str, Any] = {"message_thread_id": parcel.payload.get("thread"), "disable_notification": True}
        key = "delivery.file_unsure" if parcel.payload.get("file") else "delivery.bridge"
        bridge = (await self.bot.send_message(parcel.chat, say(lang, key), **options)).message_id
        if parcel.payload.get("file"):
            return bridge  # a file cannot be asked for: the person is told instead
        low = parcel.after or await asyncio.to_thread(self.post.last_message, parcel.chat) or bridge - PROBES // 2
        ours = await asyncio.to_thread(self.post.numbered, low + 1, bridge)
        for number in [n for n in range(low + 1, bridge) if n not in ours][:PROBES]:
            if await self._is_there(parcel, number):
                await self._quietly(self.bot.delete_message(parcel.chat, bridge))
                return number
        await self._commit(self.post.redirect(parcel.id, bridge))
        try:
            await self._put_in_place(parcel, bridge)
        except BadRequest as wrong:
            if "not modified" not in wrong.message.lower():
                raise
        return bridge

    async def _is_there(self, parcel: Parcel, number: int) -> bool:
        """Is that message ours? Then it now says what this one is to say, if it did not before."""
        try:
            await self._put_in_place(parcel, number)
        except BadRequest as wrong:
            return "not modified" in wrong.message.lower()
        return True

    @staticmethod
    async def _quietly(call: Any) -> None:
        try:
            await call
        except TelegramError as error:
            LOG.info("a courtesy call failed", extra={"error": type(error).__name__})

    async def _commit(self, *writes: Write) -> None:
        await asyncio.to_thread(self.database.commit, writes)


def _sequence(chat: int) -> int:
    """Telegram numbers the messages of a supergroup by themselves, those of all other chats together."""
    return chat if chat < -(10**12) else 0


def _in_doubt(parcel: Parcel) -> bool:
    """May it be there? An edit is simply made again, which changes nothing."""
    return parcel.state == "unsure" and parcel.target is None


def _entities(said: Any) -> list[MessageEntity]:
    return [MessageEntity(**mark) for mark in said["entities"]]


def _markup(said: Any) -> InlineKeyboardMarkup | None:
    rows = said.get("keyboard")
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(b["text"], url=b.get("url"), callback_data=b.get("data")) for b in row] for row in rows]
    )


def _seconds(after: int | timedelta) -> float:
    return after.total_seconds() if isinstance(after, timedelta) else float(after)
