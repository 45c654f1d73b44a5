"""What is shown while work goes on, and the answers to presses: seen at once, never retried, waited for by nobody."""

import asyncio
import logging
import secrets
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from telegram import InlineQueryResultArticle, InputTextMessageContent, MessageEntity
from telegram.constants import ChatAction

from bot.locales import say
from bot.metrics import Metrics
from bot.rich import Rich
from bot.telegram.entities import entities
from bot.telegram.events import Event, Turn

LOG = logging.getLogger("navicert.chat")
DRAFT_AFTER = 0.7
"""Seconds after which a private chat sees that work is going on."""
TYPING = 4.5
"""Seconds after which Telegram stops showing that somebody types."""
LONGEST = 600
"""Seconds for which work is shown, at most."""


@dataclass
class Courtesies:
    """The courtesies of one bot."""

    bot: Any
    metrics: Metrics
    _drafts: bool = True
    _calls: set[asyncio.Task[bool]] = field(default_factory=set)

    async def at_once(self, event: Event, turn: Turn) -> None:
        """What a press or an inline query waits for."""
        if event.kind == "button":
            await self._try(
                self.bot.answer_callback_query(event.query, text=turn.toast[:200] or None, show_alert=turn.alert)
            )
            if not turn.keep_buttons and event.message is not None:
                await self._try(self.bot.edit_message_reply_markup(event.chat.id, event.message, reply_markup=None))
        if event.kind == "inline":
            found = [_article(*result) for result in turn.results or ()]
            await self._try(self.bot.answer_inline_query(event.query, found, cache_time=30, is_personal=True))

    async def show_work(self, event: Event) -> None:
        """Typing at once, and in a private chat a draft that grows where the work takes long. Runs until cancelled."""
        started = time.monotonic()
        await self._typing(event)
        lang = "zh" if event.person.language.lower().startswith("zh") else "en"
        draft, said = secrets.randbelow(2**31 - 1) + 1, ""
        for step in ("reading", "checking", "still"):
            await asyncio.sleep(max(0.0, DRAFT_AFTER if not said else TYPING / 2))
            if event.chat.private and self._drafts:
                said = f"{said}\n{say(lang, f'draft.{step}')}".strip()
                self._drafts = await self._try(self.bot.send_message_draft(event.chat.id, draft, said))
        while time.monotonic() - started < LONGEST:
            await self._typing(event)
            await asyncio.sleep(TYPING)

    async def _typing(self, event: Event) -> None:
        await self._try(self.bot.send_chat_action(event.chat.id, ChatAction.TYPING, message_thread_id=event.thread))

    async def _try(self, call: Coroutine[Any, Any, Any]) -> bool:
        """Make a call that nobody waits for; False where it failed.

        Who waits may be cancelled, the call may not: httpcore (1.0.9) may never give back the place in its pool of a request
        that is cut off, and once all places are gone nothing is sent any more.
        """
        task = asyncio.create_task(self._made(call))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        return await asyncio.shield(task)

    async def _made(self, call: Coroutine[Any, Any, Any]) -> bool:
        try:
            await call
        except Exception as error:  # whatever it is, the answer matters more
            self.metrics.api_errors.labels("courtesy").inc()
            LOG.debug("a courtesy call failed", extra={"error": type(error).__name__})
            return False
        return True

    async def end(self) -> None:
        """Leave nothing running."""
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)


def _article(id_: str, title: str, description: str, message: Rich) -> InlineQueryResultArticle:
    text, marks = entities(message)
    content = InputTextMessageContent(text, entities=[MessageEntity(**m) for m in marks])
    return InlineQueryResultArticle(id_, title[:120], content, description=description[:200])
