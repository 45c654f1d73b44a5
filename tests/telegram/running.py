"""The real bot in a thread with a loop of its own, over real HTTP to a server of the tests."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from telegram.ext import Application
from telegram.request import HTTPXRequest

from bot.desk_services import Desks
from bot.serve import Asking, Ending, _talk, _withdrawn
from bot.services import Services
from bot.telegram.app import Chat, build
from knowledge.settings import BotSettings, Settings
from knowledge.store.database import open_database
from tests.conftest import home, the_advisor
from tests.telegram.faultserver import FaultServer
from tests.telegram.world import World

BOT = World().bot["id"]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PATIENCE = 3.0
"""Seconds that the bot waits for an answer of the server here, so that a hanging call is soon over."""


def warm(folder: Path) -> Path:
    """The folder as a data folder whose derived files (place names, indexes) are the ones of all tests."""
    folder.mkdir(parents=True, exist_ok=True)
    (home() / "cache").mkdir(parents=True, exist_ok=True)
    if not (folder / "cache").exists():
        (folder / "cache").symlink_to(home() / "cache")
    return folder


def services(folder: Path, clock: Callable[[], datetime] = lambda: NOW, database: str | None = None) -> Services:
    """Services over a folder, with a fixed clock."""
    own = Settings(warm(folder), "CN", database, "none")
    made = Services(own, open_database(own.home, own.database), clock)
    made.bot = BOT
    # The rules are loaded once for all tests of a process; a bot loads them at its start.
    desks = Desks(own, made.database)
    desks.__dict__["book"] = the_advisor().book
    made._made = (made._stamp(), desks, the_advisor())
    return made


class Running:
    """A bot that polls the server, or is called by it with `webhook` (a port)."""

    def __init__(self, server: FaultServer, own: Services, *, open_to_all: bool = True, webhook: int = 0) -> None:
        self.services, self.ending = own, Ending.__new__(Ending)
        self._server, self._open, self._webhook = server, open_to_all, webhook
        self._ready: Future[Chat] = Future()
        self._ended: Future[None] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> "Running":
        self._thread.start()
        self.chat = self._ready.result(60)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.services.database.close()

    def stop(self) -> None:
        """Stop it as a signal would."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.ending.ask)
        self._thread.join(30)
        assert not self._thread.is_alive(), "the bot did not stop"

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.ending = Ending()
        server = self._server
        request = HTTPXRequest(connection_pool_size=32, read_timeout=PATIENCE, connect_timeout=PATIENCE, pool_timeout=5)
        polling = Asking(connection_pool_size=2, read_timeout=5)
        polling.refused = lambda: self.ending.ask(_withdrawn())
        builder: Any = Application.builder().token(server.world.token).request(request).get_updates_request(polling)
        builder = builder.base_url(server.base_url).base_file_url(server.base_file_url)
        chat = build(builder, self.services, open_to_all=self._open, pause=0.05)
        url = f"http://127.0.0.1:{self._webhook}" if self._webhook else ""
        bot = BotSettings(server.world.token, webhook_url=url, webhook_secret="s" * 32 if url else "", health=None)
        if url:
            from knowledge.settings import Address

            bot = BotSettings(
                server.world.token,
                webhook_url=url,
                webhook_listen=Address("127.0.0.1", self._webhook),
                webhook_secret="s" * 32,
                health=None,
            )
        self._ready.set_result(chat)
        await _talk(chat, bot, self.ending)


@contextmanager
def running(folder: Path, *, open_to_all: bool = True) -> Iterator[tuple[FaultServer, Running]]:
    """A server and a bot on it."""
    with FaultServer() as server, Running(server, services(folder), open_to_all=open_to_all) as bot:
        yield server, bot


def agreed(own: Services, *people: int) -> None:
    """These people have joined as exporters and agreed to recording."""
    writes = [own.people.put(p, NOW, role="exporter", name=f"P{p}", consented_at=NOW, invited_by=1) for p in people]
    own.database.commit(writes)
