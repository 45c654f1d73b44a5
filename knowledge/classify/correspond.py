"""The same goods in the lists of other regimes. Numbers agree where both lists follow the same international regimes; that
the texts agree is not said: thresholds differ in places, so every correspondence by number is unconfirmed."""

from collections.abc import Collection, Sequence

from knowledge.classify.model import Candidate, Correspondence

# 018 munitions of the old US list; 069, 09x and 29x: chips, computers and nuclear items that only the US numbers so.
_US_ONLY = ("018", "069", "09", "29")
_KNOWN = {
    "1C004": "CN: elastic limit over 800 MPa; US: over 880 MPa",
    "3C001": "CN 3C001 is gallium and its compounds; the US entry is layered epitaxial material",
    "3C002": "CN 3C002 is germanium and its compounds; the US entry is resists",
    "3C003": "CN 3C003 is antimony and its compounds; the US entry is organo-inorganic compounds",
    "3C004": "CN 3C004 is indium phosphide and indium compounds; the US entry is hydrides",
    "6C001": "CN 6C001 is bismuth; the US list has no such entry",
    "6C002": "CN 6C002 is tellurium and tellurides; the US entry is optical sensor material",
}
"""Entries of one number that differ, from the announcements in the rule book."""


def in_eu(code: str) -> bool:
    """Does the number belong to the range that the EU's Annex I shares with the US list?"""
    return code[2] in "01234" and not code[2:].startswith(_US_ONLY)


def correspondences(code: str, chinese: Collection[str]) -> tuple[Correspondence, ...]:
    """The entries of the same number. `chinese` are the codes found in the Chinese rules for the description."""
    found = []
    if in_eu(code):
        found.append(Correspondence("EU", code, confirmed=False, note="same number; thresholds may differ"))
    if any(c[:5] == code for c in chinese):
        found.append(
            Correspondence("CN", code, confirmed=False, note=_KNOWN.get(code, "same number; text not compared"))
        )
    return tuple(found)


def european(american: Sequence[Candidate]) -> list[Candidate]:
    """EU candidates by number, none of them confirmed."""
    shared = [c for c in american if in_eu(c.code)]
    return [
        Candidate("EU", c.code, rank, c.score, c.title, c.items, c.parameters, c.because,
                  (Correspondence("US", c.code, confirmed=False, note=_KNOWN.get(c.code, "")),), confirmed=False)
        for rank, c in enumerate(shared, 1)
    ]  # fmt: skip
