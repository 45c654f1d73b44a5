"""Is a number an entry of Annex I? The Annex is not held: it is told from the numbering and from the American list.

Both lists print the regimes' common entries under the same numbers, so a number of the regimes' ranges that the compiled
Commerce Control List has too is taken for an Annex I number. That is a correspondence, never a reading of the Annex:
whatever rests on it is unconfirmed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from knowledge.model import Good
from knowledge.regimes.eu.facts import facts
from knowledge.rulebook.load import RULES
from knowledge.taxonomy import Taxonomy

CCL = RULES / "us" / "compiled" / "ccl.json"
_SHAPE = re.compile(r"^([0-9])([A-E])(\d)(\d\d)((?:\.[0-9A-Za-z]+)*)$")
_REGIMES = ("wassenaar", "mtcr", "nsg", "ag", "cwc")
_UNSHARED = range(90, 100)  # the American list keeps x90 to x99 for entries of its own (1C298, 3A090)
_LEAST_CANDIDATE = 0.3
_NON_METALS = frozenset({"O", "H", "C", "N", "S", "F", "Cl", "Br", "I", "P"})


class Listing(StrEnum):
    """Whether goods are in Annex I, and how that is known."""

    LISTED = "listed"  # a number that corresponds
    FITS = "fits"  # a number of the right ranges without a counterpart
    FOREIGN = "foreign"  # a number of another country's list
    INFERRED_OUT = "inferred_out"  # goods that the Annex is understood not to name
    UNREMARKABLE = "unremarkable"  # everyday goods
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Classified:
    """One of the goods and where it stands. `code` is the number that decided, empty where none did."""

    index: int
    good: Good
    listing: Listing
    code: str = ""
    candidates: tuple[str, ...] = ()


def regime_of(code: str) -> str:
    """The international regime whose range the number lies in; "" outside the ranges of Annex I.

    "3A001.b.2" -> "wassenaar", "0A001" -> "nuclear", "3A991" -> "".
    """
    found = _SHAPE.match(code)
    if found is None or int(found[3]) >= len(_REGIMES) or found[4] == "00":
        return ""
    if found[1] == "0" and found[3] == "0":
        return "nuclear"
    return _REGIMES[int(found[3])]


def corresponds(code: str, american: frozenset[str] | None = None) -> bool | None:
    """Does the number stand for an entry of Annex I? True and False by correspondence; None where that cannot be told.

    `american` are the five-character numbers of the Commerce Control List; by default those of the bundled list.
    """
    base = code[:5]
    regime = regime_of(code)
    if not regime or base in facts().us_only:
        return False
    if regime in ("nuclear", "cwc"):
        return True  # the American list has no like numbers: nuclear goods belong to another agency, chemicals to 1C350
    if int(base[3:]) in _UNSHARED:
        return None
    return True if base in (american_entries() if american is None else american) else None


@lru_cache(maxsize=1)
def american_entries() -> frozenset[str]:
    """The five-character numbers of the compiled Commerce Control List; empty where it is not bundled."""
    if not CCL.is_file():
        return frozenset()
    return frozenset(re.findall(r'"(\d[A-E]\d{3})"', CCL.read_text(encoding="utf-8")))


def classify(
    goods: Sequence[Good], tax: Taxonomy, candidates: Sequence[tuple[str, float]] = ()
) -> tuple[Classified, ...]:
    """Every one of the goods with its listing. `candidates` (code, score 0 to 1) are guesses for goods without a code."""
    return tuple(_classify(i, good, tax, candidates) for i, good in enumerate(goods or (Good(name=""),)))


def _classify(index: int, good: Good, tax: Taxonomy, candidates: Sequence[tuple[str, float]]) -> Classified:
    by_code = [(_by_code(code), code) for code in good.codes if not code.startswith("X.")]
    for listing in (Listing.LISTED, Listing.FITS, Listing.FOREIGN):
        for found, code in by_code:
            if found is listing:
                return Classified(index, good, _described(listing, good, tax), code)
    if _inferred_out(good, tax):
        return Classified(index, good, Listing.INFERRED_OUT)
    own = [(c.code, c.probability) for c in good.candidates if c.regime == "EU"]
    likely = tuple(code for code, score in (*candidates, *own) if score >= _LEAST_CANDIDATE and corresponds(code))
    if likely:
        return Classified(index, good, Listing.UNKNOWN, candidates=likely)
    if tax.flagged(good.kind, "common") and not good.may_contain:
        return Classified(index, good, Listing.UNREMARKABLE)
    return Classified(index, good, Listing.UNKNOWN)


def _by_code(code: str) -> Listing:
    known = corresponds(code)
    if known is True:
        return Listing.LISTED
    if known is False:
        return Listing.FOREIGN
    # Without the American list at hand the numbering is all there is.
    return Listing.FITS if american_entries() or int(code[3:5]) in _UNSHARED else Listing.LISTED


def _described(listing: Listing, good: Good, tax: Taxonomy) -> Listing:
    """A Chinese or American number beside goods that the Annex is understood not to name leaves them so."""
    return Listing.INFERRED_OUT if listing is Listing.FOREIGN and _inferred_out(good, tax) else listing


def _inferred_out(good: Good, tax: Taxonomy) -> bool:
    """Permanent magnets, and rare-earth metals, oxides and plain compounds of nothing else (facts/controls, section 4)."""
    if tax.is_a(good.kind, "magnet"):
        return not tax.is_a(good.kind, "electromagnet")
    if not any(tax.is_a(good.kind, kind) for kind in ("metal", "oxide", "compound")):
        return False
    there = {e for e, present in good.elements.items() if present} - _NON_METALS
    return bool(there) and there <= tax.groups["rare_earth"]
