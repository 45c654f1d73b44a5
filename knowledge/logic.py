"""Three-valued logic (Kleene): a fact is true, false, or not known yet.

Unknown is `None`. "All" is false as soon as one part is false, "any" is true as soon as one part is true;
an unknown part decides only where the others leave it to.
"""

from collections.abc import Iterable

Truth = bool | None


def all_of(parts: Iterable[Truth]) -> Truth:
    """True where every part is true, False where one is false, None where the unknown ones decide."""
    result: Truth = True
    for part in parts:
        if part is False:
            return False
        if part is None:
            result = None
    return result


def any_of(parts: Iterable[Truth]) -> Truth:
    """True where one part is true, False where every part is false, None where the unknown ones decide."""
    result: Truth = False
    for part in parts:
        if part is True:
            return True
        if part is None:
            result = None
    return result


def negate(value: Truth) -> Truth:
    """The opposite; unknown stays unknown."""
    return None if value is None else not value
