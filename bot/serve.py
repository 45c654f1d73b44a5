"""`navicert serve`: the bot from its start to its stop. Part of the composition root."""

import asyncio
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError
from telegram.ext import Application
from telegram.request import HTTPXRequest

from bot import health, instance, logs
from bot.answers import Pool, Stopping
from bot.clock import now
from bot.metrics import Metrics, metrics
from bot.roles import Role
from bot.services import Services
from bot.telegram.app import Chat, build
from bot.worker import Librarian
from knowledge.errors import Busy, NavicertError, StoreError
from knowledge.settings import BotSettings, Settings, child_environment, secrets
from knowledge.store import retention
from knowledge.store.audit_heads import remember_now
from knowledge.store.database import Database, open_database
from knowledge.store.owner import Held

LOG = logging.getLogger("navicert.serve")
UPDATES = ("message", "edited_message", "channel_post", "callback_query", "inline_query")
FIRST_ADMIN = timedelta(hours=24)
"""How long the code for the first admin is good."""
SETTLED = 10.0
"""Seconds after which this instance is not the newcomer any more."""
CONFLICTS = (2, 20)
"""Refusals in a row (another program polls for the same bot) after which a newcomer leaves, and one that is settled. It is
the one that was there that Telegram tells first, so that one goes on asking until the newcomer has heard it too."""
GRACE = 15.0
"""Seconds that work in hand may take at a stop; what is not done then is done after the next start."""
HEADS = timedelta(minutes=1)
"""How often the head of the audit trail is noted beside the database, at most."""
RETRY = 15.0
"""Seconds between two tries to reach Telegram at the start, at most."""


@dataclass
class Ending:
    """Why and when it ends; whoever asks first is heard."""

    event: asyncio.Event = field(default_factory=asyncio.Event)
    error: NavicertError | None = None

    def ask(self, error: NavicertError | None = None) -> None:
        """End, with an error for the operator where there is one."""
        if not self.event.is_set():
            self.error = error
            self.event.set()


def serve(own: Settings, bot: BotSettings) -> None:
    """Answer until a signal comes. Raises NavicertError where it cannot go on: its text tells the operator what to do."""
    undo = logs.setup(bot.log_level, secrets(own, bot))
    try:
        asyncio.run(_served(own, bot))
    finally:
        undo()


async def _served(own: Settings, bot: BotSettings) -> None:
    asyncio.get_running_loop().set_exception_handler(logs.in_loop)
    with ExitStack() as stack:
        database = open_database(own.home, own.database)
        stack.callback(database.close)
        stack.callback(_remember, own.home, database)
        held = stack.enter_context(instance.sole(own.home, database, bot.bot_id))
        _remember(own.home, database)
        services = Services(own, database, now)
        services.bot = bot.bot_id
        pool = services.pool = Pool(own)
        stack.callback(pool.close)
        if not (own.home / "cache").exists():
            pool.prepared.clear()  # a new machine: one process makes what all of them read
        counts = metrics()
        asking, ending = Asking(connection_pool_size=2, read_timeout=45, connect_timeout=10), Ending()
        asking.refused = lambda: ending.ask(_withdrawn())
        chat = build(_builder(bot, asking), services, open_to_all=bot.open_to_all, counts=counts)
        stack.enter_context(_signals(ending))
        if bot.health is not None:
            stack.enter_context(health.serve(bot.health, counts, lambda: _well(chat)))
        librarian = Librarian(own.home, database, child_environment(own))
        stop = asyncio.Event()
        side = [
            asyncio.create_task(librarian.run(stop)),
            asyncio.create_task(_watch(chat, held, counts, ending)),
        ]
        stopped = threading.Event()
        warming = threading.Thread(target=_warm, args=(services, pool, stopped), name="warm")
        warming.start()
        try:
            await _talk(chat, bot, ending)
        finally:
            stop.set()
            stopped.set()
            pool.close()
            for task in side[1:]:
                task.cancel()
            await asyncio.gather(*side, return_exceptions=True)
            await asyncio.to_thread(warming.join)  # native code may not be left in the middle
        if ending.error is not None:
            raise ending.error


class Asking(HTTPXRequest):
    """Asks Telegram for updates. The framework stops asking, and tells nobody, once Telegram refuses the token: this does."""

    refused: Callable[[], None] = staticmethod(lambda: None)

    async def do_request(self, *given: Any, **named: Any) -> tuple[int, bytes]:
        """The request as always."""
        status, payload = await super().do_request(*given, **named)
        if status in (401, 404):
            self.refused()
        return status, payload


def _builder(bot: BotSettings, asking: Asking) -> Any:
    request = HTTPXRequest(
        connection_pool_size=64, read_timeout=15, write_timeout=30, connect_timeout=10, pool_timeout=10
    )
    builder = Application.builder().token(bot.token).request(request).get_updates_request(asking)
    return builder.base_url(f"{bot.api_url}/bot").base_file_url(f"{bot.api_url}/file/bot")


async def _talk(chat: Chat, bot: BotSettings, ending: Ending) -> None:
    """Be there until it ends. Raises NavicertError for a token that Telegram does not know."""
    app = chat.application
    await _reached(app, ending)
    if ending.event.is_set():
        return
    try:
        await app.start()
        await app.post_init(app)
        _announce(chat)
        await _listen(chat, bot, ending)
        await ending.event.wait()
    finally:
        LOG.info("stopping")
        if app.updater.running:
            with suppress(TelegramError):
                await app.updater.stop()
        await _at_most(GRACE, app.stop() if app.running else None)
        await app.post_shutdown(app)
        with suppress(TelegramError):
            await app.shutdown()


async def _reached(app: Any, ending: Ending) -> None:
    """Reach Telegram, however long it is away."""
    wait = 1.0
    while not ending.event.is_set():
        try:
            await app.initialize()
            return
        except InvalidToken:
            raise NavicertError(
                "Telegram does not know this bot token. Copy it again from BotFather into NAVICERT_TELEGRAM_TOKEN."
            ) from None
        except NetworkError as away:
            LOG.warning("Telegram cannot be reached, trying again", extra={"error": type(away).__name__, "in": wait})
            with suppress(TimeoutError):
                await asyncio.wait_for(ending.event.wait(), wait)
            wait = min(RETRY, wait * 2)


async def _listen(chat: Chat, bot: BotSettings, ending: Ending) -> None:
    updater = chat.application.updater
    if bot.webhook_url:
        path = f"{bot.bot_id}"
        await updater.start_webhook(
            listen=bot.webhook_listen.host, port=bot.webhook_listen.port, url_path=path,
            webhook_url=f"{bot.webhook_url}/{path}", secret_token=bot.webhook_secret, allowed_updates=UPDATES,
            bootstrap_retries=-1,
        )  # fmt: skip
        LOG.info("answering by webhook", extra={"listen": str(bot.webhook_listen)})
        return
    await updater.start_polling(
        allowed_updates=UPDATES, timeout=25, bootstrap_retries=-1, error_callback=_polling_errors(chat.metrics, ending)
    )
    LOG.info("answering by polling")


def _polling_errors(counts: Metrics, ending: Ending) -> Callable[[TelegramError], None]:
    refused, began = 0, time.monotonic()

    def heard(error: TelegramError) -> None:
        nonlocal refused
        counts.api_errors.labels("polling").inc()
        refused = refused + 1 if isinstance(error, Conflict) else 0
        LOG.warning("asking Telegram failed", extra={"error": type(error).__name__})
        if refused >= CONFLICTS[time.monotonic() - began > SETTLED]:
            ending.ask(
                Busy(
                    "another program answers for this bot (Telegram says Conflict). Stop that one, or give this one "
                    "another token. Nothing is lost: unanswered messages wait at Telegram."
                )
            )

    return heard


def _withdrawn() -> NavicertError:
    return NavicertError(
        "Telegram does not know this bot token any more. Put the new one into NAVICERT_TELEGRAM_TOKEN."
    )


def _announce(chat: Chat) -> None:
    """The first lines of the terminal; where there is no admin yet, the code that makes one."""
    services = chat.services
    print(f"Navicert answers as @{services.bot_name}. Stop it with Ctrl-C.", file=sys.stderr)
    if isinstance(services.pool, Pool) and not services.pool.prepared.is_set():
        print(
            "A first start prepares the names of places and parties: answers begin in half a minute.", file=sys.stderr
        )
    at = services.now()
    if services.people.with_role(Role.ADMIN, at):
        return
    services.database.commit([services.people.withdraw_of_start(at)])
    code = services.people.invite(Role.ADMIN, None, at, at + FIRST_ADMIN, "first admin")
    print(
        f"There is no admin yet. Whoever opens this link within 24 hours is one:\n"
        f"  https://t.me/{services.bot_name}?start={code}\nor sends the bot:\n  /start {code}",
        file=sys.stderr,
        flush=True,
    )


async def _watch(chat: Chat, held: Held, counts: Metrics, ending: Ending) -> None:
    """Every few seconds: the gauges, old updates dropped, and whether this is still the only process for its bot."""
    services, last, noted = chat.services, now(), now()
    while True:
        await asyncio.sleep(5)
        try:
            if not await asyncio.to_thread(held):
                ending.ask(StoreError("the lock on this bot was lost with the database's connection. Start it again."))
            counts.waiting.set(await asyncio.to_thread(services.post.waiting))
            counts.outbox_due.set(await asyncio.to_thread(services.post.outstanding))
            jobs = await asyncio.to_thread(services.store.jobs.recent, 100)
            counts.jobs_queued.set(sum(j.state == "queued" for j in jobs))
            if now() - noted > HEADS:
                noted = now()
                await asyncio.to_thread(_remember, services.settings.home, services.database)
            if now() - last > timedelta(hours=1):
                last = now()
                await asyncio.to_thread(retention.run, services.database, last)
                await asyncio.to_thread(services.database.commit, [services.post.prune(last - timedelta(days=2))])
        except NavicertError as error:
            LOG.warning("the database does not answer", extra={"error": str(error)})
        except Exception:
            LOG.exception("the watch failed")


def _remember(home: Path, database: Database) -> None:
    """Note where the audit trail ends; whether that can be written stops nothing."""
    try:
        remember_now(home, database)
    except NavicertError as error:
        LOG.warning("the head of the audit trail was not noted", extra={"error": str(error)})


def _well(chat: Chat) -> Mapping[str, object]:
    """How it is: Telegram asked, database there, nothing piling up."""
    updater = chat.application.updater
    waiting, due = chat.services.post.waiting(), chat.services.post.outstanding()
    listening = bool(updater is not None and updater.running)
    return {"ok": listening, "listening": listening, "waiting": waiting, "due": due, "bot": chat.services.bot_name}


def _warm(services: Services, pool: Pool, stopped: threading.Event) -> None:
    """Load before the first question what takes seconds to load, a step at a time."""
    advisor, today, home = services.advisor, services.today, services.settings.home_country
    steps: list[Callable[[], object]] = [
        lambda: advisor.reader.read("5 kg dysprosium oxide to Stuttgart", today(), home),
        lambda: services.desks.classify("12-bit A/D converter", 1),
        pool.prepared.set,
        pool.warm,
    ]
    if not pool.prepared.is_set():
        steps.insert(2, lambda: advisor.ask("oscilloscope from Boston to Shanghai for Example Ltd", today()))
    try:
        for step in steps:
            if stopped.is_set():
                return
            step()
    except (NavicertError, BrokenProcessPool, RuntimeError, CancelledError, Stopping) as error:  # a stop during it, too
        LOG.info("not warmed up", extra={"error": type(error).__name__})
    finally:
        pool.prepared.set()


async def _at_most(seconds: float, work: Any) -> None:
    if work is None:
        return
    try:
        await asyncio.wait_for(work, seconds)
    except TimeoutError:
        LOG.warning("work in hand was left for the next start")


@contextmanager
def _signals(ending: Ending) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.ask)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
