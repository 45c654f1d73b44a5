"""Three-valued logic: the tables of Kleene."""

from itertools import product

import pytest

from knowledge.logic import Truth, all_of, any_of, negate

VALUES: list[Truth] = [True, False, None]
ORDER = {False: 0, None: 1, True: 2}


@pytest.mark.parametrize(("a", "b"), list(product(VALUES, VALUES)))
def test_all_is_the_least_and_any_the_greatest(a: Truth, b: Truth) -> None:
    assert all_of([a, b]) is min(a, b, key=lambda v: ORDER[v])
    assert any_of([a, b]) is max(a, b, key=lambda v: ORDER[v])


@pytest.mark.parametrize(("a", "b"), list(product(VALUES, VALUES)))
def test_de_morgan(a: Truth, b: Truth) -> None:
    assert negate(all_of([a, b])) is any_of([negate(a), negate(b)])


def test_nothing_to_hold_and_nothing_that_holds() -> None:
    assert all_of([]) is True
    assert any_of([]) is False
    assert negate(None) is None
