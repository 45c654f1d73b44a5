"""How much one person may ask of the bot: a bucket that fills again with time, kept in memory."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

REMEMBERED = 10_000
"""People whose bucket is kept; the one seen longest ago goes first, and then counts as rested."""


@dataclass(frozen=True)
class Allowance:
    """So many at once, and `per_minute` in the long run."""

    at_once: int
    per_minute: float


QUESTIONS = Allowance(at_once=30, per_minute=20)
FILES = Allowance(at_once=3, per_minute=1)
REFUSALS = Allowance(at_once=2, per_minute=2)
"""How often somebody who may not is told so; after that there is silence."""
NOISE = Allowance(at_once=30, per_minute=1)
"""How often what comes from channels and other bots in one chat is noted."""


class Limits:
    """The buckets of everybody. Not for several threads without the router's lock."""

    def __init__(self) -> None:
        self._left: OrderedDict[tuple[int, str], tuple[float, datetime]] = OrderedDict()

    def take(self, person: int, what: str, allowance: Allowance, at: datetime) -> float:
        """0 where the person may go on, else the seconds to wait. Taking when there is nothing costs nothing."""
        key = (person, what)
        left, seen = self._left.get(key, (float(allowance.at_once), at))
        elapsed = max(0.0, (at - seen).total_seconds())
        left = min(float(allowance.at_once), left + elapsed * allowance.per_minute / 60)
        wait = 0.0 if left >= 1 else (1 - left) * 60 / allowance.per_minute
        self._left[key] = (left - 1 if not wait else left, at)
        self._left.move_to_end(key)
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return wait
