"""When to ask again: one request a while for each host, a few tries, longer and longer apart."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """Time and chance, injected. `monotonic` and `sleep` in seconds; `chance` from 0 up to 1."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = _now
    chance: Callable[[], float] = random.random


@dataclass(frozen=True)
class Politeness:
    """Seconds between two requests to a host (`intervals` for single hosts), tries, and the waits between them.

    The wait before try n is `first_wait` * 2^(n-1), at most `longest_wait`, of which a random half is taken off, so that
    many clients do not come back at once. A server's own Retry-After counts instead, up to `longest_retry_after`.
    """

    interval: float = 1.0
    intervals: Mapping[str, float] = field(default_factory=dict)
    tries: int = 4
    first_wait: float = 1.0
    longest_wait: float = 60.0
    longest_retry_after: float = 120.0


class Turns:
    """Who may ask which host when. One object serves all threads of a process."""

    def __init__(self, politeness: Politeness, clock: Clock) -> None:
        self._politeness, self._clock = politeness, clock
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait_for(self, host: str) -> None:
        """Wait until the host may be asked, and take the turn."""
        with self._lock:
            now = self._clock.monotonic()
            turn = max(now, self._next.get(host, now))
            self._next[host] = turn + self._politeness.intervals.get(host, self._politeness.interval)
        if turn > now:
            self._clock.sleep(turn - now)


def backoff(tried: int, politeness: Politeness, clock: Clock) -> float:
    """Seconds to wait after `tried` failed tries (from 1): exponential, with jitter."""
    full = min(politeness.first_wait * 2.0 ** (tried - 1), politeness.longest_wait)
    return full / 2 + clock.chance() * full / 2


def retry_after(header: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, from a number or an HTTP date; None where it is neither.

    Source: RFC 9110, section 10.2.3.
    """
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) <= 10 else float("inf")
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
