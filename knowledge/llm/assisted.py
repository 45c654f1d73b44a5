"""Answers with a language model's help, around answers that need none: it may read and word, and every failure is silent."""

import logging
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from knowledge.llm import prompts, wording
from knowledge.llm.budget import Budget, MemoryUsage, Reserved, Usage, tokens
from knowledge.llm.reading import may_replace, read, with_questions
from knowledge.llm.seam import Deadline, Message, Model, ModelError, Seconds
from knowledge.model import Answer, Behaviour, Lang, Transaction, Wording
from knowledge.reading.read import Reader
from knowledge.settings import Settings

LOG = logging.getLogger("navicert.llm")
PATIENCE = 2.8
"""Seconds for all that a model does for one answer; the answer without it is there by then and goes out at three."""
LEAST = 0.3
"""Seconds below which nothing is begun any more."""
LOCAL = "local"
"""The person of the command line."""
_TALK = 12
"""Tokens; what is shorter and was declined is no deal that was misread."""
MOST_READ = 2_000
"""Letters of an object that are counted."""
_READ_TOKENS, _WORD_TOKENS = 200, 600


class Answers(Protocol):
    """What answers questions: knowledge.answer.Advisor, or processes that ask it."""

    def ask(self, question: str, on: date, *, lang: Lang | None = None, case: Transaction | None = None) -> Answer:
        """The answer to a question. Raises NavicertError."""
        ...

    def again(self, before: Answer, on: date, *, deal: Transaction | None = None, lang: Lang | None = None) -> Answer:
        """The same question once more. Raises NavicertError."""
        ...


@dataclass(frozen=True)
class Assisted:
    """The answers of `base`, which decides everything, with a summary that a model worded and slots that it read.

    `reader` gives the reader of the rule book, `home` the country where goods leave from unless a question says otherwise.
    `counts` is what became of the model's work, by kind, for logs and metrics.
    """

    base: Answers
    model: Model
    budget: Budget
    reader: Callable[[], Reader]
    home: str
    now: Seconds = time.monotonic
    rng: random.Random = field(default_factory=secrets.SystemRandom)
    patience: float = PATIENCE
    counts: Counter[str] = field(default_factory=Counter)

    def ask(
        self, question: str, on: date, *, lang: Lang | None = None, case: Transaction | None = None, person: str = LOCAL
    ) -> Answer:
        """The answer to a question, as the base gives it and in its time, or some seconds later with a summary."""
        return self._helped(self.base.ask(question, on, lang=lang, case=case), on, person, reads=True)

    def again(
        self,
        before: Answer,
        on: date,
        *,
        deal: Transaction | None = None,
        lang: Lang | None = None,
        person: str = LOCAL,
    ) -> Answer:
        """The same question once more. The deal is the one that was given: nothing is read into it."""
        return self._helped(self.base.again(before, on, deal=deal, lang=lang), on, person, reads=False)

    def _helped(self, plain: Answer, on: date, person: str, *, reads: bool) -> Answer:
        """`plain` with what a model can add by the deadline. Whatever goes wrong with it, the answer goes out."""
        deadline = Deadline.after(self.patience, self.now)
        did: list[str] = []
        answer = plain
        for help_, wanted in ((self._read, reads), (self._worded, True)):
            if not wanted or deadline.left < LEAST:
                continue
            try:
                answer = help_(answer, on, person, deadline, did)
            except ModelError as error:
                self._failed(error.kind, error.cause)
            except Exception as error:
                LOG.info("language model: our own fault", exc_info=True)  # the answer is sound without it
                self._failed("fault", type(error).__name__)
        if not did:
            return plain
        return replace(answer, wording=Wording(self.model.name, prompts.PROMPTS_HASH, tuple(did)))

    def _failed(self, kind: str, cause: str) -> None:
        self.counts[kind] += 1
        LOG.info("answered without the language model", extra={"kind": kind, "cause": cause})

    def _reserved(self, person: str, messages: tuple[Message, ...], answer: int) -> Reserved:
        reserved = self.budget.reserve(person, messages, answer)
        if reserved is None:
            raise ModelError("budget")
        return reserved

    # ------------------------------------------------------------ what it may do

    def _read(self, plain: Answer, on: date, person: str, deadline: Deadline, did: list[str]) -> Answer:
        """Slots that the reader left empty, where it could not tell what is asked."""
        if plain.behaviour not in (Behaviour.ASK, Behaviour.DECLINE_TOPIC) or plain.intent != "licence":
            return plain
        if plain.behaviour is Behaviour.DECLINE_TOPIC and tokens(plain.question) < _TALK:
            return plain  # a greeting: nobody waits for a model to find no deal in it
        asked = prompts.reading(plain.question, self.rng)
        reserved = self._reserved(person, asked, _READ_TOKENS)
        given: object = ""
        sent = True
        try:
            given = self.model.structured(asked, prompts.SLOTS, deadline)
        except ModelError as error:
            sent = error.sent
            raise
        finally:
            reserved.settle(str(given)[:MOST_READ], sent)
        if not isinstance(given, dict):
            raise ModelError("garbled", "no object")
        found = read(plain, given, self.reader(), on, self.home)
        declined = plain.behaviour is Behaviour.DECLINE_TOPIC
        answer = plain
        if found.accepted and (not declined or "goods" in found.accepted):
            # What was declined is asked as a deal now: the base would only decline the same words again.
            after = self.base.again(replace(plain, behaviour=Behaviour.ASK), on, deal=found.deal)
            if may_replace(after, plain):
                answer = replace(after, continues=plain.continues)
                did.append("read")
        if answer is plain and declined:
            return plain
        confirmed = with_questions(answer, found.confirm)
        if confirmed is not answer and "read" not in did:
            did.append("read")
        return confirmed

    def _worded(self, plain: Answer, _on: date, person: str, deadline: Deadline, did: list[str]) -> Answer:
        """A summary behind the verdict. What is refused or asked back is said in the composed words only."""
        if plain.behaviour is not Behaviour.ANSWER:
            return plain
        ground = wording.ground(plain, self.reader().book)
        if ground is None:
            return plain
        asked = wording.messages(ground, self.rng)
        reserved = self._reserved(person, asked, _WORD_TOKENS)
        heard = _Heard(self.model.stream(asked, deadline))
        found: list[str] = []
        dropped, sent = 0, True
        try:
            for sentence, good in wording.judged(heard, ground):
                dropped += not good
                if good and sentence not in found:
                    found.append(sentence)
                if len(found) == wording.MOST or deadline.left == 0:
                    break
        except ModelError as error:
            sent = error.sent
            self._failed(error.kind, error.cause)  # what was borne out before it stays
        finally:
            reserved.settle(heard.text, sent)
        self.counts["dropped"] += dropped
        if not wording.complete(found, ground):
            self.counts["not_sent"] += 1
            return plain
        self.counts[ground.did] += 1
        did.append(ground.did)
        answer = wording.inserted(ground, found)
        return replace(answer, checks=replace(answer.checks, dropped=answer.checks.dropped + dropped))


class _Heard(Iterator[str]):
    """A stream, and all of it that was read."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces, self.text = pieces, ""

    def __next__(self) -> str:
        piece = next(self._pieces)
        self.text += piece
        return piece


def assisted(
    base: Answers,
    own: Settings,
    reader: Callable[[], Reader],
    today: Callable[[], date],
    usage: Usage | None = None,
    model: Model | None = None,
) -> Answers:
    """`base` itself where no language model is configured, else with its help.

    `today` is the day (UTC) that budgets are counted by, `usage` where: this process alone, where none is given. `model`
    takes the place of the configured one in tests.
    """
    if own.llm is None:
        return base
    if model is None:
        from knowledge.llm.client import LangChainModel

        model = made = LangChainModel(own.llm)
        made.warm()
    budget = Budget(usage or MemoryUsage(), own.llm.daily, own.llm.daily_all, today)
    return Assisted(base, model, budget, reader, own.home_country)
