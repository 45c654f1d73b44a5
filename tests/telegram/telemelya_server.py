"""The Bot API of `telemelya` over real HTTP and webhooks, with Redis on this machine and its files kept in memory.

    with telemelya() as mock:
        ...  # the bot: NAVICERT_TELEGRAM_API=mock.url, the token mock.token, its webhook at mock.relay(its own address, secret)
        with mock.client() as anna:
            anna.send_command(chat_id, "/start")
            ResponseCollector(anna).wait_for_response()

It does not send the webhook's secret: `relay` is an address on the way that adds it. What the bot says in a chat belongs to
the session of the client that last wrote there. Updates are numbered by the clock, in milliseconds modulo 10,000,000: two
within a millisecond are one to a bot that knows them by number, and the numbers may fall. A person's messages are numbered
by the clock too, the bot's from 1 in each session. A pressed button's message is said to be the person's own, without text.
"""

import asyncio
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
import pytest
from aiohttp import web

REDIS = ("127.0.0.1", 6379)
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
T = TypeVar("T")


class Files:
    """What stands in for telemelya's MinIO: the same methods over a dictionary."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    async def connect(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do."""

    async def upload(self, session: str, file_id: str, filename: str, data: bytes, content_type: str = "") -> str:
        """Keep a file; its key."""
        key = f"{session}/{file_id}/{filename}"
        self.held[key] = data
        return key

    async def download(self, session: str, file_id: str, filename: str) -> bytes | None:
        """A kept file, None where there is none."""
        return self.held.get(f"{session}/{file_id}/{filename}")

    async def download_by_key(self, key: str) -> bytes | None:
        """A kept file by its key."""
        return self.held.get(key)

    async def cleanup_session(self, session: str) -> None:
        """Forget the files of a session."""
        self.held = {key: data for key, data in self.held.items() if not key.startswith(f"{session}/")}

    async def ping(self) -> bool:
        """Always there."""
        return True


@dataclass
class Telemelya:
    """A running server: the Bot API at `url`, for one bot whose token nobody else has, so that tests beside one another do
    not meet in Redis."""

    url: str
    token: str
    key: str
    files: Files
    loop: asyncio.AbstractEventLoop
    relayed: list[int] = field(default_factory=list)
    _runners: list[web.AppRunner] = field(default_factory=list)

    def client(self) -> Any:
        """telemelya's own client, in a session of its own."""
        from telemelya.client import TelegramTestClient  # type: ignore[import-untyped]

        return TelegramTestClient(self.url, self.key, self.token)

    def chat(self) -> int:
        """A private chat that no other test uses."""
        return 1_000_000_000 + secrets.randbelow(1_000_000_000)

    def relay(self, target: str, secret: str) -> str:
        """An address that passes webhook calls on to `target` with the secret; their statuses are kept in `relayed`."""

        async def pass_on(request: web.Request) -> web.Response:
            headers = {SECRET_HEADER: secret, "Content-Type": "application/json"}
            async with aiohttp.ClientSession() as session, session.post(target, data=await request.read(), headers=headers) as reply:  # fmt: skip
                self.relayed.append(reply.status)
                return web.Response(status=reply.status, body=await reply.read())

        async def start() -> str:
            app = web.Application()
            app.router.add_post("/", pass_on)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self._runners.append(runner)
            return "http://{}:{}/".format(*runner.addresses[0][:2])

        return self._run(start())

    def stop(self) -> None:
        """End the relays."""
        for runner in self._runners:
            self._run(runner.cleanup())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)


def redis_answers() -> bool:
    """Is there a Redis on this machine?"""
    try:
        with socket.create_connection(REDIS, 0.5) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(7).startswith(b"+PONG")
    except OSError:
        return False


@contextmanager
def telemelya() -> Iterator[Telemelya]:
    """The server, in a thread, while the block runs. Skips the test where no Redis answers or the module is not there."""
    pytest.importorskip("telemelya.server.app", reason="needs telemelya")
    if not redis_answers():
        pytest.skip(f"needs Redis on {REDIS[0]}:{REDIS[1]}: run `redis-server --save ''`")
    key, files = secrets.token_hex(8), Files()
    app = _app(key, files)
    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", log_config=None, lifespan="on"))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(server.serve([listener])), name="telemelya", daemon=True
    )
    thread.start()
    _until(lambda: server.started or not thread.is_alive())
    assert server.started, "telemelya did not start"
    token = f"{secrets.randbelow(900_000_000) + 100_000_000}:for-tests-{key}"
    mock = Telemelya("http://{}:{}".format(*listener.getsockname()[:2]), token, key, files, loop)
    try:
        yield mock
    finally:
        mock.stop()
        server.should_exit = True
        thread.join(10)
        listener.close()
        loop.close()


def _app(key: str, files: Files) -> Any:
    """telemelya's application with this key and these files."""
    before = os.environ.get("AUTH_KEYS")
    os.environ["AUTH_KEYS"] = key
    quiet = logging.NullHandler()  # with a handler there, its import does not set up logging for the whole process
    logging.getLogger().addHandler(quiet)
    try:
        from telemelya.server import app, bot_api, control_api  # type: ignore[import-untyped]
        from telemelya.server.config import settings  # type: ignore[import-untyped]
    finally:
        logging.getLogger().removeHandler(quiet)
        os.environ.pop("AUTH_KEYS") if before is None else os.environ.update(AUTH_KEYS=before)
    settings.auth_keys = key  # the module may have been imported before
    settings.redis_url = "redis://{}:{}/0".format(*REDIS)
    settings.strict_edit = True
    for module in (app, bot_api, control_api):
        module.media_manager = files
    return app.app


def _until(condition: Any, timeout: float = 15.0) -> None:
    end = time.monotonic() + timeout
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
