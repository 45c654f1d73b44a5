"""What the number of an entry says of it, and which loosely controlled neighbour stands below a strict entry."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from knowledge.classify.source import EntrySource

Floats = npt.NDArray[np.float32]
GROUPS = "ABCDE"
_BLANKET = ("001", "002", "101", "102", "201", "202")
EVERYWHERE = ("521", "919")
"""Entries that any item may fall under by a decision of the agency: never found by words."""


def loose(code: str) -> bool:
    """Is it of the 99x series: unlisted elsewhere, controlled for few destinations?"""
    return code[2] == "9" and code[3] == "9"


def family(code: str) -> str:
    """The reason that the third character of a number stands for."""
    if code[2] == "6" or code[2:] == "018":
        return "military"
    if code[2:] == "515":
        return "space"
    if code[2] in "12":
        return "missile" if code[2] == "1" else "nuclear"
    if code[2:4] in ("35", "39", "30"):
        return "biochemical"
    if code[2:4] in ("98", "97"):
        return "police"
    return "gun" if code[2] == "5" else "loose" if loose(code) else "strict"


class Traits:
    """Properties of the entries in their order, as arrays."""

    def __init__(self, entries: Sequence[EntrySource]) -> None:
        self.codes = [e.code for e in entries]
        self.entries = entries
        self.group = {g: self._array([c[1] == g for c in self.codes]) for g in GROUPS}
        families = ("military", "space", "missile", "nuclear", "biochemical", "police", "gun", "loose", "strict")
        kinds = [family(c) for c in self.codes]
        self.family = {f: self._array([kin == f for kin in kinds]) for f in families}
        self.hidden = self._array([c[2:] in EVERYWHERE for c in self.codes])
        self.size = np.array([np.log1p(sum(len(i.terms) for i in e.items)) / 8 for e in entries], np.float32)
        self.names = np.array([np.log1p(len(e.called.names)) / 5 for e in entries], np.float32)
        self.blanket = self._array([c[1] in "DE" and c[2:] in _BLANKET for c in self.codes])

    @staticmethod
    def _array(holds: Sequence[bool]) -> Floats:
        return np.array(holds, np.float32)

    @cached_property
    def relatives(self) -> dict[int, tuple[int, ...]]:
        """The 99x entries of the same category and product group for each strict entry, and back."""
        near: dict[int, tuple[int, ...]] = {}
        for i, code in enumerate(self.codes):
            others = [
                j
                for j, other in enumerate(self.codes)
                if other[:2] == code[:2]
                and loose(other) != loose(code)
                and family(other) in ("loose", "strict", "missile", "nuclear")
            ]
            near[i] = tuple(others)
        return near
