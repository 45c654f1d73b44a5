"""Which measure of a timeline stands on a day."""

from collections.abc import Sequence
from datetime import date, timedelta

from knowledge.model import Measure


def standing(timeline: Sequence[Measure], on: date) -> Measure | None:
    """The last measure that has begun by `on`; None before the first."""
    current = None
    for measure in timeline:
        if measure.start > on:
            break
        current = measure
    return current


def until(timeline: Sequence[Measure], measure: Measure) -> date | None:
    """The last day on which the measure stands; None where nothing follows it."""
    later = [m.start for m in timeline if m.start > measure.start]
    return min(later) - timedelta(days=1) if later else None
