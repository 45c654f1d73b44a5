"""The Telegram application: an update is read, handed to the router in a thread, what follows is kept in one transaction,
then sent. The only place that puts the framework together."""

import asyncio
import contextvars
import json
import logging
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, ContextTypes, TypeHandler

from bot.answers import Pool, Stopping
from bot.locales import say
from bot.logs import request_id
from bot.metrics import Metrics, metrics
from bot.rich import Rich, clean
from bot.roles import Role
from bot.services import Services
from bot.telegram.courtesy import Courtesies
from bot.telegram.delivery import Delivery
from bot.telegram.events import Event, Member, Say, Turn, says
from bot.telegram.inbox import ChatOrder, Inbox
from bot.telegram.menus import rooms
from bot.telegram.parcels import made
from bot.telegram.profile import Menus
from bot.telegram.router import Router
from bot.telegram.updates import event as read
from knowledge.errors import BadRule, IndexDamaged, NavicertError, StoreError
from knowledge.store.post import MAX_ATTEMPTS

LOG = logging.getLogger("navicert.chat")
AT_ONCE = 12
"""Updates that are worked on at the same time, mostly by waiting for another process; the others wait in their order."""
CROWD = AT_ONCE
"""Updates in hand above which nobody is shown that the bot types."""
LATER = 30.0
"""Seconds after which an update is tried again that could not be written down."""
SEEN = {"text", "file", "command"}


@dataclass(frozen=True)
class Front:
    """What answers a plain message."""

    text: Any
    file: Any
    other: Any
    inline: Any


def front() -> Front:
    """The rooms for plain messages."""
    from bot.telegram import ask, files, inline, welcome

    return Front(ask.text, files.file, welcome.other, inline.inline)


@dataclass
class Chat:
    """One bot at work. `application` is Telegram's; `pause` is the first pause after a failed delivery, in seconds."""

    application: Any
    services: Services
    router: Router
    delivery: Delivery
    inbox: Inbox
    metrics: Metrics
    menus: Menus
    courtesies: Courtesies
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE, "navicert"))
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _chores: list[asyncio.Task[None]] = field(default_factory=list)
    _busy: int = 0
    _again: set[int] = field(default_factory=set)  # left by an earlier process, or failed here
    _tries: dict[int, int] = field(default_factory=dict)

    # ------------------------------------------------------------ one update

    async def receive(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Handle an update, once."""
        if not await self.inbox.take(update):
            return
        request_id.set(str(update.update_id))
        started = time.perf_counter()
        self._busy += 1
        try:
            with self.metrics.in_flight.track_inprogress():
                await self._handle(update)
            self.metrics.handled_seconds.observe(time.perf_counter() - started)
            self._tries.pop(update.update_id, None)
        except Exception as error:  # the database is away, say: it stays accepted, and is not handled
            _log_failure(error)
            self._start(self._once_more(update))
        finally:
            self._busy -= 1
            self.inbox.over(update)

    async def _once_more(self, update: Update) -> None:
        """Later, as often as a start would try it; after that it waits for one."""
        tries = self._tries[update.update_id] = self._tries.get(update.update_id, 0) + 1
        if tries >= MAX_ATTEMPTS:
            return
        await asyncio.sleep(LATER)
        self._again.add(update.update_id)
        await self.inbox.again(update)

    async def _handle(self, update: Update) -> None:
        bot = self.services.bot
        event = read(update, self.services.now(), bot, self.services.bot_name)
        if update.update_id in self._again:
            self._again.discard(update.update_id)
            await self._in_thread(self.services.database.commit, [self.services.post.attempt(update.update_id)])
        if event is None:
            await self._in_thread(self.services.database.commit, [self.services.post.done(update.update_id)])
            return
        self.metrics.updates.labels(event.kind).inc()
        shown = asyncio.create_task(self.courtesies.show_work(event)) if self._worth_showing(event) else None
        try:
            turn, chats = await self._in_thread(self._answer, event)
        finally:
            if shown is not None:
                shown.cancel()
        await self.courtesies.at_once(event, turn)
        await self.delivery.flush(*chats)
        if turn.action.startswith(("join", "users.", "forget")):
            await self.menus.refresh(self.application.bot)
        command = event.command if event.command in self.router.commands else ""  # another is what somebody wrote
        LOG.info("handled", extra={"kind": event.kind, "command": command, "outcome": turn.outcome})

    def _worth_showing(self, event: Event) -> bool:
        """Courtesies give way under load, to the answers of those who wait."""
        return event.kind in SEEN and event.addressed and self._busy <= CROWD

    def _answer(self, event: Event) -> tuple[Turn, tuple[int, ...]]:
        """The turn, kept. Runs in a thread. What the person got wrong is said to them; what we got wrong is said and logged."""
        member, began = None, time.perf_counter()
        try:
            member = self.router.member(event)
            turn = self.router.handle(event, member)
            return self._kept(turn, event, member, began)
        except Stopping:
            raise  # it stays accepted, and is answered after the next start
        except (StoreError, IndexDamaged, BadRule) as ours:
            # Without the statement that failed, which holds what the person wrote; the cause names this machine's paths.
            LOG.error("a message could not be handled", extra={"error": str(ours)})
            admin = member is not None and member.role is Role.ADMIN
            words = clean(str(ours)) if admin else self._sorry(event, member)
            return self._kept(self._told(event, words), event, member, began)
        except NavicertError as wrong:
            return self._kept(self._told(event, clean(str(wrong))), event, member, began)
        except Exception:
            LOG.exception("a message could not be handled")
            return self._kept(self._told(event, self._sorry(event, member)), event, member, began)

    @staticmethod
    def _sorry(event: Event, member: Member | None) -> str:
        return say(member.language if member is not None else "en", "door.failed", request=event.update)

    def _told(self, event: Event, words: str) -> Turn:
        if event.kind == "button":
            if len(words) <= 180:
                return Turn(toast=words, alert=True, outcome="refused")
            return says(words)
        return says(words, reply=True) if event.kind != "inline" else Turn(results=())

    def _kept(self, turn: Turn, event: Event, member: Member | None, began: float) -> tuple[Turn, tuple[int, ...]]:
        role, lang = (str(member.role), member.language) if member is not None else ("stranger", "en")
        done = made(self.services, turn, event, role, lang)
        self.services.database.commit(done.writes)
        if turn.outcome == "refused":
            self.metrics.refused.labels(turn.target or event.kind).inc()
        if turn.answered is not None:
            self.metrics.answers.labels(*turn.answered).inc()
            self.metrics.answer_seconds.observe(time.perf_counter() - began)
        return turn, done.chats

    async def _in_thread(self, work: Callable[..., Any], *given: Any) -> Any:
        known = contextvars.copy_context()  # the request's number, for what is logged there
        return await asyncio.get_running_loop().run_in_executor(self.pool, known.run, work, *given)

    # ------------------------------------------------------------ from start to stop

    async def begin(self) -> None:
        """What an earlier process left is finished; chores run from here on."""
        self._start(self.menus.refresh(self.application.bot))
        self._start(self.delivery.resume())
        for number, chat, payload, attempts in await self._in_thread(self.services.post.resume):
            if attempts < MAX_ATTEMPTS:
                self._again.add(number)
                await self.inbox.again(Update.de_json(json.loads(payload), self.application.bot))
            else:
                LOG.error("an update was given up", extra={"update": number})
                await self._give_up(number, chat)
        for room in self.router.rooms:
            for name, (every, chore) in room.chores.items():
                self._chores.append(asyncio.create_task(self._repeat(name, every, chore)))

    async def _give_up(self, number: int, chat: int) -> None:
        """It took the process down each time: nobody is left waiting for an answer."""
        sorry = Say(
            Rich(say("en", "door.failed", request=number) + "\n\n" + say("zh", "door.failed", request=number)),
            chat=chat,
        )
        done = made(self.services, Turn((sorry,)), None, "", "en")
        await self._in_thread(self.services.database.commit, (*done.writes, self.services.post.done(number)))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _repeat(self, name: str, every: float, chore: Any) -> None:
        while True:
            await asyncio.sleep(every)
            try:
                await self.delivery.flush(*await self._in_thread(self._chore, chore))
            except Exception:
                LOG.exception("a chore failed", extra={"chore": name})

    def _chore(self, chore: Any) -> tuple[int, ...]:
        turn = chore(self.services)
        if not turn.says and not turn.writes:
            return ()
        done = made(self.services, turn, None, "", "en")
        self.services.database.commit(done.writes)
        return done.chats

    async def end(self) -> None:
        """Stop what runs by itself; what was promised stays promised."""
        for task in (*self._chores, *self._tasks):
            task.cancel()
        self.services.alerts.stop()
        await asyncio.gather(*self._chores, *self._tasks, return_exceptions=True)
        await self.courtesies.end()
        await self.delivery.stop()
        if isinstance(self.services.pool, Pool):
            self.services.pool.close()
        self.pool.shutdown(wait=True, cancel_futures=True)


def build(
    builder: ApplicationBuilder[Any, Any, Any, Any, Any, Any],
    services: Services,
    *,
    open_to_all: bool = False,
    counts: Metrics | None = None,
    pause: float = 1.0,
) -> Chat:
    """The bot on a builder that has its token and, for tests, its way to Telegram."""
    inbox = Inbox(services.post, services.now)
    application: Any = builder.concurrent_updates(ChatOrder()).update_queue(inbox).build()
    counts = counts or metrics()
    services.fetch = _fetch(application, services)
    delivery = Delivery(application.bot, services.post, services.database, counts, services.now, pause)
    router = Router(services, rooms(), front(), open_to_all)
    chat = Chat(
        application,
        services,
        router,
        delivery,
        inbox,
        counts,
        Menus(services, open_to_all),
        Courtesies(application.bot, counts),
    )
    application.add_handler(TypeHandler(Update, chat.receive))
    application.add_error_handler(_failed)
    application.bot_data["chat"] = chat

    async def began(_application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        application.bot_data["loop"] = asyncio.get_running_loop()
        services.bot_name = application.bot.username
        await chat.begin()

    async def ended(_application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        await chat.end()

    application.post_init, application.post_shutdown = began, ended
    return chat


async def _failed(_update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    _log_failure(context.error)


def _log_failure(error: Exception | None) -> None:
    if isinstance(error, Stopping):
        LOG.info("left for the next start")
        return
    if isinstance(error, NavicertError):  # the database is away: its text says so without what was written
        LOG.error("an update failed", extra={"error": str(error)})
    else:
        LOG.error("an update failed", exc_info=error)


def _fetch(application: Any, services: Services) -> Callable[[str], bytes]:
    """Bring a file that somebody sent, from a thread."""

    def fetch(file_id: str) -> bytes:
        async def bring() -> bytes:
            found = await application.bot.get_file(file_id)
            return bytes(await found.download_as_bytearray())

        loop = application.bot_data["loop"]
        try:
            return asyncio.run_coroutine_threadsafe(bring(), loop).result(timeout=120)
        except (TelegramError, TimeoutError) as error:
            raise NavicertError(
                f"the file could not be fetched from Telegram ({type(error).__name__}). Send it again."
            ) from None

    return fetch
