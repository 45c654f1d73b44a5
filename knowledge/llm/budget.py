"""How much of a model people may use in a day: counted before a call by an estimate, and put right after it."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from knowledge.llm.seam import Message

ALL = "*"
"""The row of everybody together; no person has that name."""


class Usage(Protocol):
    """Where the tokens of a day are counted, by person. One step for all processes that share it."""

    def take(self, day: str, person: str, tokens: int, most: int, most_all: int) -> bool:
        """Count `tokens` for the person and for ALL, unless that goes over either limit; whether they were counted."""
        ...

    def adjust(self, day: str, person: str, by: int) -> None:
        """Put a count right, for the person and for ALL; it never goes below nought."""
        ...


class MemoryUsage:
    """Counts of this process alone, for the command line without a database. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[tuple[str, str], int] = {}

    def take(self, day: str, person: str, tokens: int, most: int, most_all: int) -> bool:
        """As Usage says."""
        with self._lock:
            limits = {person: most, ALL: most_all}
            if any(self._tokens.get((day, who), 0) + tokens > limit for who, limit in limits.items()):
                return False
            for who in limits:
                self._tokens[day, who] = self._tokens.get((day, who), 0) + tokens
            return True

    def adjust(self, day: str, person: str, by: int) -> None:
        """As Usage says."""
        with self._lock:
            for who in (person, ALL):
                self._tokens[day, who] = max(0, self._tokens.get((day, who), 0) + by)

    def used(self, day: str, person: str) -> int:
        """Tokens counted so far."""
        with self._lock:
            return self._tokens.get((day, person), 0)


def tokens(text: str) -> int:
    """A careful estimate of the tokens in a text: one for three letters of a Latin script, one for each Han character.

    Our own, before and after a call: a server that says how much it used is not asked, as it could say anything.
    """
    wide = sum(c >= "⺀" for c in text)
    return wide + (len(text) - wide + 2) // 3


@dataclass(frozen=True)
class Budget:
    """The limits, in tokens of prompt and answer together, and where they are counted."""

    usage: Usage
    daily: int
    daily_all: int
    today: Callable[[], date]

    def reserve(self, person: str, messages: Sequence[Message], answer: int) -> "Reserved | None":
        """Room for the messages and an answer of so many tokens; None where the day's budget has none."""
        day, asked = self.today().isoformat(), sum(tokens(m.text) for m in messages)
        if not self.usage.take(day, person, asked + answer, self.daily, self.daily_all):
            return None
        return Reserved(self.usage, day, person, asked, asked + answer)


@dataclass(frozen=True)
class Reserved:
    """What was counted before a call: `asked` tokens of the messages, `counted` in all."""

    usage: Usage
    day: str
    person: str
    asked: int
    counted: int

    def settle(self, answer: str, sent: bool = True) -> None:
        """The call is over: count what was sent and what came, or nothing where no call was made."""
        used = self.asked + tokens(answer) if sent else 0
        self.usage.adjust(self.day, self.person, used - self.counted)
