"""Stated quantities against the bounds of rules, and reading them from text."""

from decimal import Decimal

import pytest

from knowledge.conditions.quantities import Bound, Comparison, factor
from knowledge.logic import Truth
from knowledge.model import Quantity
from knowledge.reading.quantities import find
from knowledge.reading.text import clean


def quantity(text: str, unit: str = "percent") -> Quantity:
    """ "> 99.9" or "99.9..99.99" as a Quantity."""
    if ".." in text:
        low, high = text.split("..")
        return Quantity(Decimal(low), unit, "=", Decimal(high))
    sign, _, number = text.rpartition(" ")
    return Quantity(Decimal(number), unit, sign or "=")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("comparison", "stated", "truth"),
    [
        ("at_least", "99.99", True),
        ("at_least", "99.989", False),
        ("at_least", ">= 99.99", True),
        ("at_least", ">= 99.9", None),
        ("at_least", "> 99.99", True),
        ("at_least", "<= 99.99", None),
        ("at_least", "< 99.99", False),
        ("at_least", "99.9..99.98", False),
        ("at_least", "99.9..99.99", None),
        ("at_least", "99.99..99.999", True),
        ("over", "99.99", False),
        ("over", "99.991", True),
        ("over", ">= 99.99", None),
        ("over", "> 99.99", True),
        ("over", "<= 99.99", False),
        ("at_most", "99.99", True),
        ("at_most", "99.991", False),
        ("at_most", "<= 99.99", True),
        ("at_most", "> 99.99", False),
        ("at_most", ">= 99.99", None),
        ("at_most", "< 100", None),
        ("under", "99.99", False),
        ("under", "99.9", True),
        ("under", "< 99.99", True),
        ("under", "<= 99.99", None),
        ("under", ">= 99.99", False),
    ],
)
def test_bounds(comparison: Comparison, stated: str, truth: Truth) -> None:
    assert Bound(comparison, Decimal("99.99"), "percent").holds(quantity(stated)) is truth


@pytest.mark.parametrize("comparison", ["at_least", "over", "at_most", "under"])
def test_a_bound_and_its_opposite_never_agree(comparison: Comparison) -> None:
    opposite: dict[Comparison, Comparison] = {"at_least": "under", "under": "at_least", "over": "at_most", "at_most": "over"}  # fmt: skip
    for sign in ("", ">= ", "> ", "<= ", "< "):
        for number in ("99", "99.99", "100"):
            one = Bound(comparison, Decimal("99.99"), "percent").holds(quantity(sign + number))
            two = Bound(opposite[comparison], Decimal("99.99"), "percent").holds(quantity(sign + number))
            assert (one is None and two is None) or one is (not two)


@pytest.mark.parametrize(
    ("unit", "target", "scale"),
    [
        ("centimeter", "millimeter", "10"),
        ("inch", "millimeter", "25.4"),
        ("nanometer", "micrometer", "0.001"),
        ("gigapascal", "megapascal", "1000"),
        ("kilogram/meter**3", "gram/centimeter**3", "0.001"),
        ("percent", "percent", "1"),
    ],
)
def test_units(unit: str, target: str, scale: str) -> None:
    found = factor(unit, target)
    assert found is not None
    assert abs(found - Decimal(scale)) < Decimal("1e-12")


@pytest.mark.parametrize(("unit", "target"), [("kilogram", "millimeter"), ("furlongs per", "millimeter")])
def test_units_that_do_not_compare(unit: str, target: str) -> None:
    assert factor(unit, target) is None
    assert Bound("at_least", Decimal(1), target).holds(Quantity(Decimal(5), unit)) is None


@pytest.mark.parametrize(
    ("text", "property_", "magnitude", "unit", "bound"),
    [
        ("purity 99.99% min", "percent", "99.99", "percent", ">="),
        ("99,9 %", "percent", "99.9", "percent", "="),
        ("≥99.95%", "percent", "99.95", "percent", ">="),
        ("纯度不低于99.95%", "percent", "99.95", "percent", ">="),
        ("4N5 gallium", "purity", "99.995", "percent", "="),
        ("五个九", "purity", "99.999", "percent", "="),
        ("<= 5 um", "grain_size", "5", "micrometer", "<="),
        ("-200 mesh", "grain_size", "75", "micrometer", "<="),
        ("+200 mesh", "grain_size", "75", "micrometer", ">="),
        ("diameter 120 mm", "diameter", "120", "millimeter", "="),
        ("density 1.73 g/cm3", "density", "1.73", "gram/centimeter**3", "="),
        ("flexural strength > 30 MPa", "flexural_strength", "30", "megapascal", ">"),
        ("10 kg", "mass", "10", "kilogram", "="),
        ("1,500 kg", "mass", "1500", "kilogram", "="),
    ],
)
def test_reading(text: str, property_: str, magnitude: str, unit: str, bound: str) -> None:
    found = find(clean(text))
    assert [(m.property, m.quantity.magnitude, m.quantity.unit, m.quantity.bound) for m in found] == [
        (property_, Decimal(magnitude), unit, bound)
    ]


def test_reading_a_range_and_a_box() -> None:
    assert [m.quantity for m in find("99.95-99.995 %")] == [quantity("99.95..99.995")]
    box = find(clean("120×120×50 mm"))
    assert [m.property for m in box] == ["dimensions"]
