"""What comes in is kept before Telegram is told that it came; what was kept is handled in the order of each chat."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.telegram.updates import chat_of
from knowledge.store.post import Post

MEMORY = 1000
"""Updates in the process at once; the next ones wait at Telegram."""


class Inbox(asyncio.Queue[Any]):
    """The application's queue of updates. Whoever puts one in waits until it is on the disk, and only then acknowledges it."""

    def __init__(self, post: Post, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._post, self._clock = post, clock
        self._room = asyncio.Semaphore(MEMORY)
        self._held: set[int] = set()

    async def put(self, item: Any) -> None:
        """Keep an update and queue it; one that is known already is dropped."""
        if not isinstance(item, Update):
            await super().put(item)
            return
        await self._room.acquire()
        if item.update_id in self._held or not await self.accept(item):
            self._room.release()
            return
        await self._queue_up(item)

    async def again(self, item: Update) -> None:
        """Queue an update that an earlier process accepted and did not finish."""
        await self._room.acquire()
        await self._queue_up(item)

    async def _queue_up(self, item: Update) -> None:
        self._held.add(item.update_id)
        await super().put(item)

    async def accept(self, item: Update) -> bool:
        """Is it new? Then it is kept from here on."""
        return await asyncio.to_thread(self._post.accept, item.update_id, chat_of(item), item.to_json(), self._clock())

    async def take(self, item: Update) -> bool:
        """Is it to be handled: taken from this queue, or handed over directly and new?"""
        return item.update_id in self._held or await self.accept(item)

    def over(self, item: Update) -> None:
        """It was handled, or failed for good."""
        if item.update_id in self._held:
            self._held.remove(item.update_id)
            self._room.release()


class ChatOrder(BaseUpdateProcessor):
    """One chat's updates one after the other, all chats beside one another."""

    def __init__(self) -> None:
        super().__init__(max_concurrent_updates=MEMORY + 1)
        self._locks: dict[int, tuple[asyncio.Lock, int]] = {}

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the chat's turn, then run."""
        chat = chat_of(update) if isinstance(update, Update) else 0
        lock, users = self._locks.get(chat, (asyncio.Lock(), 0))
        self._locks[chat] = (lock, users + 1)
        try:
            async with lock:
                await coroutine
        finally:
            lock, users = self._locks[chat]
            if users == 1:
                del self._locks[chat]
            else:
                self._locks[chat] = (lock, users - 1)

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""
