"""The law as the program holds it: frozen, indexed by id, with the hash of the files it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.conditions.deal import DealCondition
from knowledge.conditions.goods import Condition, Contains, IsAlloy, IsKind, Share
from knowledge.model import Confidence, Instrument, ListedParty, Measure, Outcome, Provision, Reference, Text
from knowledge.taxonomy import Taxonomy

if TYPE_CHECKING:
    from knowledge.controllists.model import ControlList
    from knowledge.controllists.us import UnitedStates


@dataclass(frozen=True)
class ControlEntry:
    """One item of a control list: what goods it covers, from when, and where it says so."""

    code: str
    regime: str
    instrument: str
    description: Text
    goods: Condition
    hs_reference: tuple[str, ...]
    hs_exact: bool  # the HS line names these goods and no others
    timeline: tuple[Measure, ...]
    confidence: Confidence
    note: Text
    outcome: Outcome = Outcome.LICENCE_REQUIRED  # what follows where the goods fit

    @property
    def reference(self) -> Reference:
        """The passage that backs the entry: its own digest."""
        return Reference(self.instrument, self.code)

    @cached_property
    def elements(self) -> frozenset[str]:
        """The elements the entry speaks of."""
        leaves = self.goods.leaves()
        named = {leaf.element for leaf in leaves if isinstance(leaf, Contains | Share)}
        alloys = [frozenset.intersection(*leaf.sets) for leaf in leaves if isinstance(leaf, IsAlloy)]
        return frozenset(named) or frozenset().union(*alloys)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of goods the entry speaks of."""
        return frozenset(leaf.kind for leaf in self.goods.leaves() if isinstance(leaf, IsKind))


@dataclass(frozen=True)
class Restriction:
    """A rule on the deal rather than the goods: a country, a user, an end use, a re-export.

    `outcome` is what follows where it applies; `decides` False: an unknown part is worth a caveat, never a question.
    """

    id: str
    regime: str
    reference: Reference
    outcome: Outcome
    when: DealCondition
    timeline: tuple[Measure, ...]
    confidence: Confidence
    summary: Text
    decides: bool


@dataclass(frozen=True)
class Neighbour:
    """Goods near a control entry that are not dual-use, with the other papers they may still need."""

    id: str
    goods: Condition
    searched: tuple[Reference, ...]
    papers: tuple[Reference, ...]
    note: Text


@dataclass(frozen=True)
class Topic:
    """A question of law without goods ("what is the penalty?") and the provisions that answer it."""

    id: str
    words: Mapping[str, tuple[str, ...]]
    references: tuple[Reference, ...]


@dataclass(frozen=True)
class Split:
    """When consignments of one material to one buyer are a sign of an order split up: `consignments` or more within `days`,
    each of at most so many `kilograms` and `dollars` as far as stated. Our own prudence: no notice names such numbers."""

    days: int
    consignments: int
    kilograms: Decimal
    dollars: Decimal


@dataclass(frozen=True)
class Sign:
    """A warning sign and the notice it comes from: words that carry it, a transit place, or a flow of an element to a
    country; with `split`, small consignments that add up. `controlled_only`: it says something only of goods that may be
    controlled."""

    id: str
    reference: Reference
    why: Text
    words: Mapping[str, tuple[str, ...]]
    transit: bool
    controlled_only: bool
    destinations: frozenset[str]
    elements: frozenset[str]
    split: Split | None = None


@dataclass(frozen=True)
class Coverage:
    """One line of the registry: an area of law, whether it is modelled, and by which instruments."""

    id: str
    regime: str
    area: Text
    modelled: bool
    instruments: tuple[str, ...]
    note: Text


@dataclass(frozen=True, eq=False)
class RuleBook:
    """Everything the rules say."""

    instruments: Mapping[str, Instrument]
    entries: tuple[ControlEntry, ...]
    restrictions: tuple[Restriction, ...]
    neighbours: tuple[Neighbour, ...]
    parties: tuple[ListedParty, ...]
    coverage: tuple[Coverage, ...]
    topics: tuple[Topic, ...]
    taxonomy: Taxonomy
    lexicon: Mapping[str, Mapping[str, object]]
    places: Mapping[str, object]
    signs: tuple[Sign, ...]
    intents: Mapping[str, Mapping[str, Any]]
    cues: Mapping[str, Mapping[str, Any]]
    products: tuple[Mapping[str, Any], ...]
    hash: str
    compiled: "ControlList | None" = None  # the Commerce Control List as compiled from the live official text
    cache: Path | None = None  # where parsed files are kept between starts

    @cached_property
    def us(self) -> "UnitedStates":
        """The lists of the United States: read when a question first needs them."""
        from knowledge.controllists.us import UnitedStates

        return UnitedStates(self.compiled, self.cache)

    @cached_property
    def provisions(self) -> Mapping[tuple[str, str], Provision]:
        """Every citable passage by instrument and provision id."""
        return {(p.instrument, p.id): p for i in self.instruments.values() for p in i.provisions}

    @cached_property
    def by_code(self) -> Mapping[str, ControlEntry]:
        """Entries by control code."""
        return {e.code: e for e in self.entries}

    def under(self, code: str) -> tuple[ControlEntry, ...]:
        """The entries at or below a control code: `1C905` gives 1C905.a.1, 1C905.b and the rest."""
        return tuple(e for e in self.entries if e.code == code or e.code.startswith(code + "."))

    def provision(self, reference: Reference) -> Provision:
        """The passage a reference points to; the loader has checked that those of the rules exist. Raises KeyError."""
        found = self.find(reference)
        if found is None:
            raise KeyError(reference)
        return found

    def find(self, reference: Reference) -> Provision | None:
        """The passage, of the rules or of a compiled list; None where there is none."""
        held = self.provisions.get((reference.instrument, reference.provision))
        if held is not None:
            return held
        from knowledge.controllists.digest import provision

        return provision(self.us, reference.instrument, reference.provision)
