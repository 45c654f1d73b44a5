"""The tree of kinds of goods: is a magnet an NdFeB magnet? Perhaps; a ferrite magnet is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from knowledge.logic import Truth
from knowledge.model import Good


@dataclass(frozen=True)
class Kind:
    """One node. See `rules/lexicon/kinds.yaml` for what each field says."""

    id: str
    parent: str | None = None
    contains: frozenset[str] = frozenset()
    may_contain: frozenset[str] | None = None
    open: bool = False
    article: bool = False
    borderline: tuple[str, ...] = ()
    common: bool = False
    not_modelled: bool = False


@dataclass(frozen=True)
class Refinement:
    """A `kind` that holds the element `contains`, or a part of the kind `part`, is a `becomes`."""

    kind: str
    becomes: str
    contains: str | None = None
    part: str | None = None


@dataclass(frozen=True)
class Taxonomy:
    """All kinds and forms by id."""

    kinds: Mapping[str, Kind]
    forms: Mapping[str, str | None]
    groups: Mapping[str, frozenset[str]]
    refinements: tuple[Refinement, ...] = ()

    @cached_property
    def _lineage(self) -> dict[str, tuple[str, ...]]:
        result: dict[str, tuple[str, ...]] = {}
        for id_ in self.kinds:
            line: list[str] = []
            at: str | None = id_
            while at is not None:
                line.append(at)
                at = self.kinds[at].parent
            result[id_] = tuple(line)
        return result

    @cached_property
    def _below(self) -> dict[str, tuple[str, ...]]:
        below: dict[str, list[str]] = {id_: [] for id_ in self.kinds}
        for id_, line in self._lineage.items():
            for ancestor in line[1:]:
                below[ancestor].append(id_)
        return {id_: tuple(ids) for id_, ids in below.items()}

    def is_a(self, kind: str, ancestor: str) -> bool:
        """Is everything of `kind` also an `ancestor`?"""
        return ancestor in self._lineage[kind]

    @cached_property
    def _holds(self) -> dict[str, frozenset[str]]:
        return {
            kind: frozenset().union(*(self.kinds[k].contains for k in line)) for kind, line in self._lineage.items()
        }

    def holds(self, kind: str) -> frozenset[str]:
        """The elements that every one of the kind holds."""
        return self._holds[kind]

    @cached_property
    def _articles(self) -> frozenset[str]:
        return frozenset(kind for kind, line in self._lineage.items() if any(self.kinds[k].article for k in line))

    def is_article(self, kind: str) -> bool:
        """Is it a finished thing rather than a material?"""
        return kind in self._articles

    @cached_property
    def _borders(self) -> dict[str, frozenset[str]]:
        return {
            kind: frozenset(b for k in line for b in self.kinds[k].borderline) for kind, line in self._lineage.items()
        }

    def flagged(self, kind: str, flag: str) -> bool:
        """Is `common` or `not_modelled` set on the kind or above it?"""
        return any(getattr(self.kinds[k], flag) for k in self._lineage[kind])

    def may_hold(self, kind: str, element: str) -> bool:
        """May one of the kind, or of a kind below it, hold the element without its name saying so?"""
        for k in (kind, *self._below[kind]):
            if element in self.holds(k):
                return True
            own = self._own_may(k)
            if own is not None and element in own:
                return True
        return False

    def _own_may(self, kind: str) -> frozenset[str] | None:
        for k in self._lineage[kind]:
            may = self.kinds[k].may_contain
            if may is not None:
                return may
            if self.kinds[k].open:
                return None
        return None

    def is_open(self, kind: str) -> bool:
        """Does the name leave the composition wholly open?"""
        for k in self._lineage[kind]:
            if self.kinds[k].open:
                return True
            if self.kinds[k].may_contain is not None or self.kinds[k].contains:
                return False
        return False

    # ------------------------------------------------------------ questions about a good

    def good_is(self, good: Good, target: str) -> Truth:
        """Is the good of the kind `target`?"""
        if self.is_a(good.kind, target):
            return True
        if good.parts:
            mixed = self.is_a(target, "compound") or (good.kind == "target" and target == "alloy")
            if mixed and not self.is_article(good.kind) and any(self.is_a(p, target) for p in good.parts):
                return True  # a material that is also the other: an oxide concentrate, a carbonate mixture
        below, near = self.is_a(target, good.kind), self._borders[good.kind]
        if not below and not near:
            return False  # most of what is asked
        excluded = {e for e, there in good.elements.items() if not there}
        if below:
            impossible = self.holds(target) & excluded or any(
                self.good_contains(good, e) is False for e in self.holds(target)
            )
            if good.complete and self.is_a(target, "alloy") and self.kinds[target].may_contain is not None:
                known = self.holds(target) | (self.kinds[target].may_contain or frozenset())
                impossible = impossible or any(there and e not in known for e, there in good.elements.items())
            return False if impossible else None
        if any(self.is_a(target, b) or self.is_a(b, target) for b in near) and not self.holds(target) & excluded:
            alike = any(self.is_a(p, target) or self.is_a(target, p) for p in good.parts)
            if alike or not good.parts or not any(self.is_a(p, b) for p in good.parts for b in near):
                return None
        return False

    def good_contains(self, good: Good, element: str) -> Truth:
        """Does the good hold the element?"""
        if element in good.elements:
            return good.elements[element]
        if element in self.holds(good.kind):
            return True
        if element in good.may_contain:
            return None
        stated = any(good.elements.values())
        if self.is_open(good.kind):
            return False if (good.complete or stated) else None
        if good.complete:
            return False
        if self.may_hold(good.kind, element):
            return None
        if self.is_article(good.kind) and any(self.may_hold(p, element) for p in good.parts):
            return None
        return False

    def good_form(self, good: Good, target: str) -> Truth:
        """Does the good come in the form `target`? Nothing said of its form leaves it open."""
        if not good.forms:
            return None
        answer: Truth = False
        general = {above for form in good.forms for above in self._form_line(form)[1:]}
        for form in good.forms:
            if form in general and len(good.forms) > 1:
                continue  # "solid tungsten round": a rod; that it is solid tells no more
            if target in self._form_line(form):
                return True
            # A wafer or a block may be a single crystal or not: one word says the shape, the other the structure.
            line = self._form_line(form)
            structure = "crystal" in self._form_line(target) and "solid" in line and "crystal" not in line
            if form in self._form_line(target) or (structure and form not in ("granule", "scrap")):
                answer = None
        return answer

    def _form_line(self, form: str) -> tuple[str, ...]:
        line: list[str] = []
        at: str | None = form
        while at is not None:
            line.append(at)
            at = self.forms.get(at)
        return tuple(line)

    def refined(self, kind: str, elements: Mapping[str, bool], parts: Sequence[str] = ()) -> str:
        """The most exact kind that the elements and parts allow: a magnet with dysprosium is an NdFeB magnet."""
        for rule in self.refinements:
            holds = elements.get(rule.contains) if rule.contains else any(self.is_a(p, rule.part or "") for p in parts)
            if not holds:
                continue
            narrows = self.is_a(rule.becomes, kind) and self.is_a(kind, rule.kind)
            if kind == rule.kind or narrows or (kind == "magnet" and self.is_a(rule.kind, "magnet")):
                return rule.becomes
        return kind
