"""A model at the seam, for tests: it replies as it is told to and remembers what it was asked."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from knowledge.llm.seam import Deadline, Message, ModelError
from tests.llm_lies import Asked, Reply, asked, slots

Replying = Callable[[Asked, random.Random], Reply]


class FakeModel:
    """Streams what `reply` makes of a request in pieces; `given` is the object for a request for slots."""

    name = "fake:model"

    def __init__(
        self,
        reply: Replying,
        rng: random.Random | None = None,
        given: Callable[[Asked, random.Random], Any] = slots,
        delay: float = 0.0,
    ) -> None:
        self._reply, self._given, self._rng, self._delay = reply, given, rng or random.Random(1), delay
        self.replies: list[Reply] = []
        self.requests: list[tuple[Message, ...]] = []

    def stream(self, messages: Sequence[Message], deadline: Deadline) -> Iterator[str]:
        """The reply in pieces of some letters, or the end of the deadline."""
        self.requests.append(tuple(messages))
        reply = self._reply(asked(messages[0].text, messages[1].text), self._rng)
        self.replies.append(reply)
        at = 0
        while at < len(reply.text):
            if deadline.left == 0:
                raise ModelError("late")
            size = self._rng.randint(1, 40)
            if at > 16_000:
                raise ModelError("long")
            yield reply.text[at : at + size]
            at += size
            if self._delay:
                time.sleep(self._delay)

    def structured(
        self, messages: Sequence[Message], schema: Mapping[str, Any], deadline: Deadline
    ) -> Mapping[str, Any]:
        """The object."""
        self.requests.append(tuple(messages))
        found: Mapping[str, Any] = self._given(asked(messages[0].text, messages[1].text), self._rng)
        return found
