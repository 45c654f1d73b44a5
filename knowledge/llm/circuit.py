"""After failures in a row a model is left alone for a while, so that a dead server costs nobody any time."""

import threading

from knowledge.llm.seam import Seconds

FAILURES = 3
"""In a row, after which the circuit opens."""
REST = 60.0
"""Seconds for which it stays open; then one call tries again."""


class Circuit:
    """Whether to ask the model at all. Safe from any thread."""

    def __init__(self, now: Seconds, failures: int = FAILURES, rest: float = REST) -> None:
        self._now, self._most, self._rest = now, failures, rest
        self._lock = threading.Lock()
        self._failed, self._until, self._trying = 0, 0.0, False

    def closed(self) -> bool:
        """May the model be asked? After a rest one caller is let through, and the others once it has succeeded."""
        with self._lock:
            if self._failed < self._most:
                return True
            if self._trying or self._now() < self._until:
                return False
            self._trying = True
            return True

    def succeeded(self) -> None:
        """The server answered."""
        with self._lock:
            self._failed, self._trying = 0, False

    def failed(self) -> None:
        """The server did not answer, or not in time, or nothing that can be read."""
        with self._lock:
            self._failed, self._trying = self._failed + 1, False
            if self._failed >= self._most:
                self._until = self._now() + self._rest
