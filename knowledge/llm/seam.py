"""What the rest of Navicert knows of a language model: text in, text out, in bounded time. Tests put a model of their own here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Seconds = Callable[[], float]
"""A clock that only goes forward."""


@dataclass(frozen=True)
class Message:
    """One message to the model: `system` says what to do, `user` holds the data."""

    role: Literal["system", "user"]
    text: str


class ModelError(Exception):
    """The model gave nothing that can be used. `kind` is what is logged and counted; no person ever sees it.

    late (no time left), transport (the connection), server (its own fault), refused (our request), garbled (no such
    answer), long (more than is read), busy (too many calls hang), resting (it failed too often), unavailable (no such model here).
    """

    def __init__(self, kind: str, cause: str = "") -> None:
        self.kind, self.cause = kind, cause
        super().__init__(f"{kind}: {cause}" if cause else kind)

    @property
    def sent(self) -> bool:
        """Was the server asked at all, as far as one can tell?"""
        return self.kind not in ("busy", "resting", "unavailable")


@dataclass(frozen=True)
class Deadline:
    """The moment by which all work of a model for one answer is over; both in seconds of the same clock."""

    end: float
    now: Seconds

    @classmethod
    def after(cls, seconds: float, now: Seconds) -> "Deadline":
        """So many seconds from now."""
        return cls(now() + seconds, now)

    @property
    def left(self) -> float:
        """Seconds left, never below nought."""
        return max(0.0, self.end - self.now())


class Model(Protocol):
    """A language model. Both calls end by their deadline, whatever the server does, and raise ModelError."""

    @property
    def name(self) -> str:
        """As it was configured: "openai:gpt-4o-mini"."""
        ...

    def stream(self, messages: Sequence[Message], deadline: Deadline) -> Iterator[str]:
        """The answer as it comes. What came before an error stays with the caller."""
        ...

    def structured(
        self, messages: Sequence[Message], schema: Mapping[str, Any], deadline: Deadline
    ) -> Mapping[str, Any]:
        """An object that the model was asked to shape by a JSON schema. It is not checked against it."""
        ...
