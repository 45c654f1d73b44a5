"""What an answer came from besides its question, the rule book and the library: kept with it, so that it can be worked
out again. Plain data."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from knowledge.model import Answer, Behaviour, Good, Lang, Transaction

Way = Literal["asked", "goods", "settled", "day"]


@dataclass(frozen=True)
class Before:
    """The answer that was changed by a button: as much of it as the change leans on."""

    lang: Lang
    on: date
    behaviour: Behaviour
    intent: str
    transaction: Transaction

    def of(self, answer: Answer) -> Answer:
        """That answer again, as far as it counts; `answer` is the one that came after it."""
        return replace(
            answer, lang=self.lang, on=self.on, behaviour=self.behaviour, intent=self.intent, transaction=self.transaction
        )  # fmt: skip


@dataclass(frozen=True)
class Circumstances:
    """What answered: the version of Navicert and the hash of its engine, where goods leave from unless said otherwise, the
    model that searches by meaning, and the compiled list with its reviewer."""

    version: str
    engine: str
    home: str
    model: str
    compiled: str = ""
    reviewed_by: str = ""


@dataclass(frozen=True)
class Basis:
    """How the answer came about. `on` is the day it was asked for, `after` the number of the question it followed.

    `asked`: a question, on top of `case` where it followed one. `goods`: a question whose goods come from a file.
    `settled`: the fact `fact` was pressed to be `value`. `day`: the same deal on another day.
    """

    way: Way
    on: date
    lang: Lang | None = None
    after: int | None = None
    case: Transaction | None = None
    goods: tuple[Good, ...] = ()
    before: Before | None = None
    fact: str = ""
    value: str = ""
    means: Circumstances | None = None


def before(answer: Answer) -> Before:
    """What a change of this answer leans on."""
    return Before(answer.lang, answer.on, answer.behaviour, answer.intent, answer.transaction)
