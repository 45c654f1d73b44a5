"""The order of outcomes."""

import pytest

from knowledge.model import Outcome


def test_gravest_first() -> None:
    ordered = sorted(Outcome, key=lambda o: o.gravity, reverse=True)
    assert ordered == ["prohibited", "licence_required", "needs_more_info", "no_licence_found", "out_of_scope"]


@pytest.mark.parametrize("outcome", Outcome)
def test_each_weighs_differently(outcome: Outcome) -> None:
    assert [o for o in Outcome if o.gravity == outcome.gravity] == [outcome]
    assert outcome.gravity > 0
