"""Does a stated quantity meet a bound? Both may be ranges: "99.9 % min" against ">= 99.99 %"."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from knowledge.logic import Truth
from knowledge.model import Quantity

Comparison = Literal["at_least", "over", "at_most", "under"]


@lru_cache(maxsize=1)
def _units() -> Any:
    # pint costs 0.3 cpu-seconds to import and set up, and most questions compare percentages: hence here.
    import pint

    return pint.UnitRegistry(non_int_type=Decimal)


@lru_cache(maxsize=1024)
def factor(unit: str, target: str) -> Decimal | None:
    """What one `unit` is in `target`; None where they measure different things or a unit is not known."""
    if unit == target:
        return Decimal(1)
    registry = _units()
    try:
        return Decimal(registry.Quantity(Decimal(1), unit).to(target).magnitude)
    except Exception:  # pint raises many kinds, also AttributeError and tokenizer errors, for a unit it cannot use
        return None


@dataclass(frozen=True)
class Bound:
    """A limit that a rule sets: `at_least` and `at_most` include the limit, `over` and `under` do not."""

    comparison: Comparison
    limit: Decimal
    unit: str

    def holds(self, stated: Quantity) -> Truth:
        """True where every value the statement allows meets the bound, False where none does, else None."""
        scale = factor(stated.unit, self.unit)
        if scale is None:
            return None
        if stated.upper is not None:
            ends = {self.holds(Quantity(v, stated.unit)) for v in (stated.magnitude, stated.upper)}
            return ends.pop() if len(ends) == 1 else None
        value = stated.magnitude * scale
        if self.comparison in ("at_most", "under"):
            above = _reaches(value, stated.bound, self.limit, inclusive=self.comparison == "under")
            return None if above is None else not above
        return _reaches(value, stated.bound, self.limit, inclusive=self.comparison == "at_least")

    def __str__(self) -> str:
        sign = {"at_least": "≥", "over": ">", "at_most": "≤", "under": "<"}[self.comparison]
        return f"{sign} {self.limit.normalize():f} {'%' if self.unit == 'percent' else self.unit}"


def _reaches(value: Decimal, bound: str, limit: Decimal, *, inclusive: bool) -> Truth:
    """Is the stated value (`bound` says: exactly, at least, more than, at most, less than) at or above the limit?"""
    if bound == "=":
        return value >= limit if inclusive else value > limit
    if bound in (">=", ">"):  # from here upwards
        strict = bound == ">"
        sure = value >= limit if (inclusive or strict) else value > limit
        return True if sure else None
    strict = bound == "<"  # from here downwards
    never = value <= limit if (strict or not inclusive) else value < limit
    return False if never else None
