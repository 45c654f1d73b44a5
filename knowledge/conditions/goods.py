"""Conditions on one good: its kind, its elements, its form, its measured properties.

In YAML a condition is a mapping with one key (properties and shares add their bound):

    {all: [...]}  {any: [...]}  {not: {...}}
    {kind: ndfeb_magnet}              {part: smco_magnet}       {form: powder}
    {contains: Dy}                    {alloy: [[Dy, Fe], [Tb, Dy, Fe]]}
    {property: purity, at_least: "99.99", unit: percent}        {share: W, at_least: "97"}
    {encloses: [120, 120, 50]}
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from knowledge.conditions.quantities import Bound, factor
from knowledge.logic import Truth, all_of, any_of, negate
from knowledge.model import Good, Missing, Quantity, Step
from knowledge.taxonomy import Taxonomy


@dataclass(frozen=True)
class Result:
    """The truth of a condition, the facts that would settle it, and the trace."""

    truth: Truth
    step: Step
    missing: tuple[Missing, ...] = ()


class Condition:
    """A node of a goods condition."""

    def test(self, good: Good, taxonomy: Taxonomy) -> Result:
        """Try the condition on a good."""
        raise NotImplementedError

    def leaves(self) -> "tuple[Condition, ...]":
        """Every leaf below, itself if it is one."""
        return (self,)


@dataclass(frozen=True)
class All(Condition):
    """Every part holds."""

    parts: tuple[Condition, ...]

    def test(self, good: Good, taxonomy: Taxonomy) -> Result:
        results = [p.test(good, taxonomy) for p in self.parts]
        truth = all_of(r.truth for r in results)
        return Result(truth, Step("all", truth, "", tuple(r.step for r in results)), _open(results, truth))

    def leaves(self) -> tuple[Condition, ...]:
        return tuple(leaf for p in self.parts for leaf in p.leaves())


@dataclass(frozen=True)
class Any(Condition):
    """One part at least holds."""

    parts: tuple[Condition, ...]

    def test(self, good: Good, taxonomy: Taxonomy) -> Result:
        results = [p.test(good, taxonomy) for p in self.parts]
        truth = any_of(r.truth for r in results)
        return Result(truth, Step("any", truth, "", tuple(r.step for r in results)), _open(results, truth))

    def leaves(self) -> tuple[Condition, ...]:
        return tuple(leaf for p in self.parts for leaf in p.leaves())


@dataclass(frozen=True)
class Not(Condition):
    """The part does not hold."""

    part: Condition

    def test(self, good: Good, taxonomy: Taxonomy) -> Result:
        inner = self.part.test(good, taxonomy)
        truth = negate(inner.truth)
        return Result(truth, Step("not", truth, "", (inner.step,)), inner.missing)

    def leaves(self) -> tuple[Condition, ...]:
        return self.part.leaves()


def _open(results: Sequence[Result], truth: Truth) -> tuple[Missing, ...]:
    if truth is not None:
        return ()
    return tuple(dict.fromkeys(m for r in results if r.truth is None for m in r.missing))


@lru_cache(maxsize=32768)  # the same conditions are asked of the same kinds of goods again and again
def _leaf(label: str, truth: Truth, missing: str, why: str = "") -> Result:
    return Result(truth, Step(label, truth, why), (Missing(missing),) if truth is None else ())


@dataclass(frozen=True)
class IsKind(Condition):
    """The good is of the kind."""

    kind: str

    def test(self, good: Good, taxonomy: Taxonomy) -> Result:
        truth = taxonomy.good_is(good, self.kind)
        return _leaf(f"kind: {self.kind}", truth, f"kind:{self.kind}", f"read as {good.kind}")


@dataclass(frozen=True)
class HasPart(Condition):
    """The good holds a part of the kind."""

    kind: str

    def test(self, good: Good, taxonomy: Taxonomy) -> Result:
        truth = any_of(
            True if taxonomy.is_a(p, self.kind) else None if taxonomy.is_a(self.kind, p) else False for p in good.parts
        )
        return _leaf(f"part: {self.kind}", truth, f"part:{self.kind}")


@dataclass(frozen=True)
class Contains(Condition):
    """The good holds the element, in any amount: the texts that use this have no percentage floor."""

    element: str

    def test(self, good: Good, taxonomy: Taxonomy) -> Result:
        return _leaf(
            f"contains: {self.element}", taxonomy.good_contains(good, self.element), f"contains:{self.element}"
        )


@dataclass(frozen=True)
class IsAlloy(Condition):
    """The good is one of a closed list of alloys, each given by its elements."""

    sets: tuple[frozenset[str], ...]

    def test(self, good: Good, taxonomy: Taxonomy) -> Result:
        stated = {e for e, there in good.elements.items() if there}
        excluded = set(good.elements) - stated
        label = "alloy of " + " or ".join("-".join(sorted(s)) for s in self.sets)
        listed = taxonomy.groups.get("listed_rare_earth", frozenset())
        truth = any_of(self._matches(s, stated, excluded, good.complete, listed) for s in self.sets)
        return _leaf(label, truth, "alloy_elements", "stated: " + ("-".join(sorted(stated)) or "none"))

    @staticmethod
    def _matches(
        wanted: frozenset[str], stated: set[str], excluded: set[str], complete: bool, listed: frozenset[str]
    ) -> Truth:
        if wanted & excluded:
            return False
        if stated == wanted or (stated > wanted and (len(wanted) > 1 or stated - wanted <= listed)):
            # A listed alloy with further elements, or listed metals together, are treated as listed: the cautious
            # reading, until MOFCOM has said otherwise.
            return True
        if complete:
            return False
        return None if not stated or stated & wanted else False


@dataclass(frozen=True)
class HasForm(Condition):
    """The good comes in the form."""

    form: str

    def test(self, good: Good, taxonomy: Taxonomy) -> Result:
        return _leaf(f"form: {self.form}", taxonomy.good_form(good, self.form), f"form:{self.form}")


@dataclass(frozen=True)
class Property(Condition):
    """A measured property meets a bound."""

    name: str
    bound: Bound

    def test(self, good: Good, taxonomy: Taxonomy) -> Result:
        stated = good.properties.get(self.name)
        if stated is None:
            return _leaf(f"{self.name} {self.bound}", None, f"property:{self.name}")
        return _leaf(
            f"{self.name} {self.bound}",
            self.bound.holds(stated),
            f"property:{self.name}",
            f"stated: {stated.bound} {stated.magnitude} {stated.unit}",
        )


@dataclass(frozen=True)
class Share(Condition):
    """The mass share of an element meets a bound, in per cent. A pure metal's purity is its share."""

    element: str
    bound: Bound

    def test(self, good: Good, taxonomy: Taxonomy) -> Result:
        stated = good.shares.get(self.element)
        if stated is None and taxonomy.is_a(good.kind, "metal"):
            stated = good.properties.get("purity") or Quantity(Decimal(99), "percent", ">")
        if stated is None:
            return _leaf(f"share of {self.element} {self.bound}", None, f"share:{self.element}")
        return _leaf(f"share of {self.element} {self.bound}", self.bound.holds(stated), f"share:{self.element}")


@dataclass(frozen=True)
class Encloses(Condition):
    """The piece is large enough to machine a given shape from it.

    `extents` are the three edges, in millimetres, of the box round that shape (a cylinder of 120 mm by 50 mm: 120,
    120, 50). With both sides sorted, every edge of the piece must be at least as long.
    """

    extents: tuple[Decimal, Decimal, Decimal]

    def test(self, good: Good, taxonomy: Taxonomy) -> Result:
        label = "large enough for " + " x ".join(f"{d:f}" for d in self.extents) + " mm"
        known = [e for e in map(_millimetres, _extents(good)) if e is not None]
        stated = "stated: " + (" x ".join(f"{k.normalize():f}" for k in known) or "none")
        # At most i edges may fall short of the i-th smallest edge wanted: says no before all three are known.
        for i, wanted in enumerate(sorted(self.extents)):
            if sum(k < wanted for k in known) > i:
                return _leaf(label, False, "dimensions", stated)
        return _leaf(label, True if len(known) >= 3 else None, "dimensions", stated)


def _extents(good: Good) -> list[Quantity]:
    """The edges of the box round the good, as far as stated; a diameter counts twice."""
    edges = list(good.dimensions)
    hollow = "tube" in good.forms
    for name in ("diameter", "diameter", "length", "width", "height", "thickness"):
        if name in good.properties and not (hollow and name == "thickness"):  # the wall of a tube is no edge of it
            edges.append(good.properties[name])
    return edges


def _millimetres(quantity: Quantity) -> Decimal | None:
    scale = factor(quantity.unit, "millimeter")
    return None if scale is None else quantity.magnitude * scale
