"""The numbers of a description against the numeric conditions of an entry's paragraphs."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.classify.bounds import Bound, holds
from knowledge.classify.measures import Measure
from knowledge.classify.text import Glossary, stems

_TELLING = frozenset(
    "sample_rate data_rate operations bit angle_rate angle_walk frame_rate density energy_density phase_noise qubit pixel "
    "axis tpp weighted_teraflops bandwidth bandwidth_density dose nodes particle_energy noise specific_strength".split()
)
"""Dimensions that say by themselves what is measured."""
_GENERAL = frozenset(stems(["more less greater equal exceed rate maximum minimum rated capable operate design over"]))


@dataclass(frozen=True)
class Given:
    """A measure with the stems of the words around it."""

    measure: Measure
    words: frozenset[str]


@dataclass(frozen=True)
class Compared:
    """A condition, the measure that answers it if there is one, whether it is met, and how sure the pairing is (0-1)."""

    bound: Bound
    given: Given | None
    met: bool | None
    sure: float


def given(measures: Sequence[Measure], glossary: Glossary) -> list[Given]:
    """The measures with their words, Chinese ones in the list's words."""
    return [Given(m, frozenset(glossary.words(f"{m.before} {m.after}").stems) - _GENERAL) for m in measures]


def compare(bounds: Sequence[Bound], stated: Sequence[Given]) -> list[Compared]:
    """Each condition with the measure that fits it best."""
    return [_compare(bound, stated) for bound in bounds]


def _compare(bound: Bound, stated: Sequence[Given]) -> Compared:
    same = [g for g in stated if g.measure.dimension == bound.dimension]
    if not same:
        return Compared(bound, None, None, 0.0)
    wanted = frozenset(bound.words) - _GENERAL
    best = max(same, key=lambda g: (len(g.words & wanted), -g.measure.start))
    shared = len(best.words & wanted)
    own = bound.dimension in _TELLING
    if not shared and not own and len(same) > 1:
        return Compared(bound, None, None, 0.0)
    sure = min(1.0, (0.7 if own else 0.25) + 0.35 * min(shared, 2))
    return Compared(bound, best, holds(bound, best.measure), sure)


@dataclass(frozen=True)
class Verdict:
    """A paragraph against the description: `met` and `missed` add up how sure its conditions are met and not met."""

    met: float
    missed: float
    open: int
    compared: tuple[Compared, ...]

    @property
    def net(self) -> float:
        """1 where every condition spoken of is met, -1 where one is surely missed, 0 where nothing is known."""
        if self.missed > 0.3:
            return -self.missed
        return min(1.0, self.met) if self.met else -self.missed


def verdict(bounds: Sequence[Bound], stated: Sequence[Given]) -> Verdict:
    """The conditions of one paragraph, all of which are asked."""
    compared = compare(bounds, stated)
    met = sum(c.sure for c in compared if c.met)
    missed = max((c.sure for c in compared if c.met is False), default=0.0)
    return Verdict(met, missed, sum(c.met is None for c in compared), tuple(compared))
