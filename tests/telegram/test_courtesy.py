"""What is shown while work goes on is stopped at any moment, and takes nothing from the sending of answers."""

import asyncio
import random
from datetime import UTC, datetime

from telegram import Bot
from telegram.request import HTTPXRequest

from bot.metrics import metrics
from bot.telegram.courtesy import Courtesies
from bot.telegram.events import Chat, Event, Person

PLACES = 4
"""Connections that the client may hold."""


async def _slow_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says yes to every call, now and then after a moment."""
    body = b'{"ok":true,"result":true}'
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
            await reader.readexactly(int(length[0]) if length else 0)
            await asyncio.sleep(random.choice([0, 0.001, 0.003]))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        writer.close()


async def _stopped_over_and_over(times: int) -> bool:
    server = await asyncio.start_server(_slow_server, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/bot"
    request = HTTPXRequest(connection_pool_size=PLACES, pool_timeout=2)
    bot = Bot("1:x", base_url=url, request=request)
    await request.initialize()
    shown = Courtesies(bot, metrics())
    event = Event(1, "text", Person(5, "P"), Chat(5), datetime(2026, 11, 22, tzinfo=UTC))
    chance = random.Random(3)
    for _ in range(times):
        works = [asyncio.create_task(shown.show_work(event)) for _ in range(chance.choice([1, 2, 4, 6]))]
        await asyncio.sleep(chance.random() * 0.006)
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
    try:
        return await bot.send_chat_action(5, "typing")
    finally:
        await shown.end()
        await request.shutdown()
        server.close()


def test_showing_work_that_is_stopped_uses_up_no_connection() -> None:
    assert asyncio.run(_stopped_over_and_over(400))
