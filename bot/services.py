"""What the conversations of a running bot work with, each made once. Part of the composition root."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.answers import Answers
from bot.desk_services import Desks
from bot.texts import HeldTexts
from knowledge.answer import Advisor
from knowledge.basis import Basis, Circumstances
from knowledge.errors import StoreError
from knowledge.model import Answer, Lang, Transaction
from knowledge.settings import Settings
from knowledge.store.cases import Cases
from knowledge.store.database import Database
from knowledge.store.people import People
from knowledge.store.post import Post
from knowledge.store.store import Store
from knowledge.store.subscriptions import Subscriptions
from knowledge.store.usage import DatabaseUsage

if TYPE_CHECKING:
    from bot.alert_runner import Runner
    from ingest.service import Means
    from knowledge.llm.assisted import Assisted


_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Personal:
    """Answers for one person, whose budget a language model's work is counted on."""

    helper: "Assisted"
    person: str

    def ask(self, question: str, on: date, *, lang: Lang | None = None, case: Transaction | None = None) -> Answer:
        """The answer to a question. Raises NavicertError."""
        return self.helper.ask(question, on, lang=lang, case=case, person=self.person)

    def again(self, before: Answer, on: date, *, deal: Transaction | None = None, lang: Lang | None = None) -> Answer:
        """The same question once more. Raises NavicertError."""
        return self.helper.again(before, on, deal=deal, lang=lang, person=self.person)


@dataclass
class Services:
    """One process's services. `now` is the clock; `fetch` brings a file that a person sent, by Telegram's id of it (from a
    conversation's thread, never from the event loop); `bot_name` is the bot's @name once it is known."""

    settings: Settings
    database: Database
    now: Callable[[], datetime]
    fetch: Callable[[str], bytes] = lambda _id: b""
    bot_name: str = ""
    bot: int = 0  # Telegram's id of the bot
    pool: Answers | None = None  # processes that answer; None: this one does
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _made: tuple[tuple[Any, ...], Desks, Advisor] | None = field(default=None, repr=False)
    _searched: HeldTexts | None = field(default=None, repr=False)
    _helper: Any = field(default=None, repr=False)

    @cached_property
    def people(self) -> People:
        """Who may do what, and what was done."""
        return People(self.database)

    @cached_property
    def cases(self) -> Cases:
        """Cases and answers."""
        return Cases(self.database)

    @cached_property
    def post(self) -> Post:
        """What came in and what is to go out."""
        return Post(self.database, self.bot)

    @cached_property
    def store(self) -> Store:
        """The library, its jobs, sources and quarantine."""
        return Store(self.settings.home, self.database, self.settings.embedder)

    @cached_property
    def means(self) -> "Means":
        """How documents are reached; only for names and checks, an ingest runs in a process of its own."""
        from ingest.wiring import means

        return means(self.settings, self.now)

    @cached_property
    def alerts(self) -> "Runner":
        """What looks whether kept answers have flipped."""
        from bot.alert_runner import Runner

        return Runner(self.settings, self.database, lambda: self.advisor)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """What people watch."""
        return Subscriptions(self.database)

    def message_of(self, chat: int, about: str) -> int | None:
        """The message in that chat that last showed it ("job:7"), None where there is none yet."""
        return self.post.message_of(chat, about)

    def today(self) -> date:
        """Today, where the bot runs."""
        return self.now().astimezone().date()

    @property
    def advisor(self) -> Advisor:
        """Answers; made anew once an ingest or a review has changed the compiled list or the list of parties."""
        return self._current()[1]

    @property
    def answers(self) -> Answers:
        """What answers questions: processes of their own where there are any."""
        return self.pool or self.advisor

    def answers_for(self, person: int) -> Answers:
        """The same, with a language model's help where one is configured, within this person's budget."""
        if self.settings.llm is None:
            return self.answers
        from knowledge.llm.assisted import Assisted, assisted

        with self._lock:
            helper = self._helper or assisted(
                self.answers, self.settings, lambda: self.advisor.reader, lambda: self.now().astimezone(UTC).date(),
                DatabaseUsage(self.database),
            )  # fmt: skip
            self._helper = helper
        if not isinstance(helper, Assisted):
            return self.answers
        return Personal(replace(helper, base=self.answers), str(person))

    @property
    def desks(self) -> Desks:
        """Classification, screening, decisions, over the same rule book as `advisor`."""
        return self._current()[0]

    def _current(self) -> tuple[Desks, Advisor]:
        with self._lock:
            stamp = self._stamp()
            if self._made is None or self._made[0] != stamp:
                from knowledge.store.official import OfficialTexts

                desks = Desks(self.settings, self.database)
                texts = OfficialTexts(self.store.library)
                # Kept from one advisor to the next: an index opened twice would be held in memory twice.
                searched = self._searched = self._searched or HeldTexts(self.settings, desks.book, self.store)
                own = Advisor(self.settings, desks.book, texts, lambda: desks.screening, lambda: searched)
                self._made = (stamp, desks, own)
            return self._made[1], self._made[2]

    def stated(self, answer: Answer, basis: Basis | None) -> Basis | None:
        """The basis with what answered, and the rules and the compiled list behind the answer put by, so that it can be
        replayed when both have changed. Where they cannot be put by the log says so, and the answer is given all the same."""
        if basis is None or basis.means is not None:
            return basis
        from knowledge.engine import RULES, engine
        from knowledge.store.compiled import CompiledLists
        from knowledge.store.rulebooks import RuleBooks

        own, lists = engine(), CompiledLists(self.database)
        compiled, reviewed_by = lists.answering()
        try:
            RuleBooks(self.settings.home).keep(RULES, answer.rulebook)
            lists.keep(compiled, self.store.blobs)
        except StoreError as error:
            _log.warning("an answer may not be replayed once the rules have changed: %s", error)
        model, home = self.store.indexes.model, self.settings.home_country
        return replace(basis, means=Circumstances(own.version, own.sha256, home, model, compiled, reviewed_by))

    def _stamp(self) -> tuple[Any, ...]:
        """What the compiled lists and the list of parties hang on: cheap to ask for."""
        from knowledge.store.compiled import CompiledLists
        from knowledge.store.parties import ingested

        parties = tuple(d.sha256 for d in ingested(self.store.library))
        return (CompiledLists(self.database).stamp(), parties)
