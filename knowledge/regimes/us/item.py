"""What the goods are under the Commerce Control List: a code given, a product known by name, or what the desk finds likely."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.controllists.model import CompiledEntry, ControlList
from knowledge.model import CodeCandidate, Good

EAR99 = "EAR99"
_CODE = re.compile(r"(\d[A-E]\d{3})(?:\.(.+))?$")
_RARE_EARTHS = frozenset("La Ce Pr Nd Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Sc Y".split())
_ABOUT = frozenset("DE")  # software and technology: their rows speak of other entries

LIKELY = 0.06
"""Candidates below this probability are not tried."""
ENOUGH = 0.94
"""Candidates are tried, best first, until together they are at least this likely."""


@dataclass(frozen=True)
class Item:
    """The goods under one code. `path` is the paragraph below the entry ("b.2"), empty where none is known.

    `subjects` are other codes that the question names beside software or technology ("1E001 for 1C001"). `source` is
    stated, known_product, desk or inferred; `probability` is 1 unless the desk found the code.
    """

    code: str
    path: str = ""
    entry: CompiledEntry | None = None
    subjects: tuple[str, ...] = ()
    source: str = "stated"
    probability: float = 1.0

    @property
    def full(self) -> str:
        """The code with its paragraph."""
        return f"{self.code}.{self.path}" if self.path else self.code

    @property
    def ear99(self) -> bool:
        """On no entry of the list."""
        return self.code == EAR99

    @property
    def classes(self) -> frozenset[str]:
        """What deal rules may ask of the item: ccl, ear99, reason:NS."""
        if self.entry is None:
            return frozenset({"ear99"}) if self.ear99 else frozenset()
        reasons = {*self.entry.reasons, *(r.reason for r in self.entry.rows)}
        return frozenset({"ccl", *(f"reason:{r}" for r in reasons)})


@dataclass(frozen=True)
class Items:
    """The codes the goods may fall under. `settled`: the goods are all of `items` (one code stated, or several together);
    otherwise they are one of them. `unknown_codes` were given and stand on no list that is held."""

    items: tuple[Item, ...]
    settled: bool
    unknown_codes: tuple[str, ...] = ()


def items_of(good: Good, ccl: ControlList) -> Items:
    """The items a good may be, from its codes, else its candidates, else what its material tells."""
    named, unknown = _named(good.codes, ccl)
    if named:
        return Items(named, True, unknown)
    found = [c for c in good.candidates if c.regime == "US"]
    if known := [c for c in found if c.known_product]:
        return Items(tuple(_item(c.code, ccl, source="known_product") for c in known), True, unknown)
    if not unknown and _rare_earth(good):
        return Items((Item(EAR99, source="inferred"),), True, unknown)
    return Items(tuple(_likely(found, ccl)), False, unknown)


def _named(codes: Sequence[str], ccl: ControlList) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    found: list[Item] = []
    unknown: list[str] = []
    for code in codes:
        if code == EAR99:
            found.append(Item(EAR99))
            continue
        match = _CODE.match(code)
        entry = ccl.by_code.get(match[1]) if match else None
        if match is None or entry is None or entry.reserved:
            unknown.append(code)
        else:
            found.append(Item(match[1], match[2] or "", entry))
    about = [i for i in found if i.entry is not None and i.entry.group in _ABOUT]
    if about and len(about) < len(found):
        subjects = tuple(i.full for i in found if i not in about)
        found = [Item(i.code, i.path, i.entry, subjects) for i in about]
    return tuple(found), tuple(unknown)


def _item(code: str, ccl: ControlList, source: str = "desk", probability: float = 1.0) -> Item:
    match = _CODE.match(code)
    if match is None:
        return Item(EAR99, source=source, probability=probability)
    return Item(match[1], match[2] or "", ccl.by_code.get(match[1]), source=source, probability=probability)


def _likely(found: Sequence[CodeCandidate], ccl: ControlList) -> list[Item]:
    kept: list[Item] = []
    total = 0.0
    for candidate in sorted(found, key=lambda c: -c.probability):
        if candidate.probability < LIKELY or total >= ENOUGH:
            break
        kept.append(_item(candidate.code, ccl, probability=candidate.probability))
        total += candidate.probability
    return kept


def _rare_earth(good: Good) -> bool:
    """Ordinary rare-earth metals, oxides and magnets, as US-EAR-774-S1 `rare-earths` has it."""
    there = {e for e, present in good.elements.items() if present}
    magnets = good.kind in ("ndfeb_magnet", "smco_magnet")
    return magnets or bool(there & _RARE_EARTHS and not there - _RARE_EARTHS - {"O", "Fe", "B", "Co"})
