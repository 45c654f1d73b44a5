"""Chemical symbols and formulae: Dy2O3, SmCo5, GaAs, "containing no Dy/Tb", but not "Ho Chi Minh" or "in stock"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from knowledge.elements import METALS, RARE_EARTHS, SYMBOLS
from knowledge.model import Quantity
from knowledge.reading.lexicon import UNSPACED, Hit

# Symbols that no ordinary word, place or abbreviation shares: read wherever they stand alone in their proper case.
_PLAIN = frozenset("Dy Tb Gd Sb Nd Yb Tm Eu".split())
# Lower-case forms that are words in some language: never read as a symbol unless written properly.
_WORDS = frozenset(
    "i in as at be he no al am is so us la co si ho er se te mo ni os pa po re ac ar ca mn es os li".split()
)
_GROUPS = (
    ("CO3", "carbonate"),
    ("NO3", "nitrate"),
    ("SO4", "sulfate"),
    ("PO4", "phosphate"),
    ("C2O4", "oxalate"),
    ("OH", "hydroxide"),
    ("WO4", "tungstate"),
    ("Al5O12", "garnet"),
    ("Ga5O12", "garnet"),
)
_ANIONS = {
    "O": "oxide",
    "N": "nitride",
    "P": "phosphide",
    "As": "arsenide",
    "Sb": "antimonide",
    "Se": "selenide",
    "Te": "telluride",
    "S": "sulfide",
    "Cl": "chloride",
    "F": "fluoride",
    "Br": "bromide",
    "I": "iodide",
    "C": "carbide",
    "H": "hydride",
    "Si": "silicide",
    "B": "boride",
}
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:\()?[A-Za-z][A-Za-z0-9().]*[A-Za-z0-9)]|(?<![A-Za-z0-9])[A-Za-z](?![A-Za-z0-9])"
)
# "90W-7Ni-3Fe", "W-7Ni-3Fe", "Al-2%Sc": an alloy by its shares in per cent of mass; the first without one is the balance.
_ALLOY = re.compile(
    r"(?<![A-Za-z0-9.])(?:(?P<base>\d{1,2}(?:\.\d+)?)\s?%?)?(?P<first>[A-Z][a-z]?)(?P<rest>(?:\s?[-–]\s?\d{1,2}(?:\.\d+)?\s?%?\s?[A-Z][a-z]?)+)(?![A-Za-z0-9])"
)
_ADDED = re.compile(r"(\d{1,2}(?:\.\d+)?)\s?%?\s?([A-Z][a-z]?)")
_MOST = 1_000
"""Tokens that are looked at; no question has more."""
_PIECE = re.compile(r"([A-Z][a-z]?)(\d*(?:\.\d+)?)|([()])(\d*)")
# Written in one case and still a formula.
_CASELESS = {
    "wc": "WC", "bn": "BN", "gan": "GaN", "gaas": "GaAs", "gap": "GaP", "gasb": "GaSb", "gase": "GaSe", "inp": "InP",
    "insb": "InSb", "ingaas": "InGaAs", "cdte": "CdTe", "cdznte": "CdZnTe", "czt": "CdZnTe", "hgcdte": "HgCdTe",
    "smfen": "SmFeN", "dyfe": "DyFe", "tbdyfe": "TbDyFe", "gdfe": "GdFe", "tbco": "TbCo", "tbcofe": "TbCoFe",
    "gdmg": "GdMg", "ybsb": "YbSb", "alsc": "AlSc", "scal": "ScAl", "algan": "AlGaN", "sige": "SiGe", "sic": "SiC",
    "ndpr": "NdPr", "prnd": "PrNd", "lasb": "LaSb", "inas": "InAs", "gainsb": "GaInSb",
}  # fmt: skip
_CASELESS_SHY = frozenset({"gap", "inp", "wc"})  # "gap", "WC": goods only beside a word for goods


@dataclass(frozen=True)
class Formula:
    """What a formula says: its elements and the kind of substance they make."""

    elements: tuple[str, ...]
    kind: str


def parse(token: str) -> Formula | None:
    """The formula a properly written token is; None where it is none."""
    elements: list[str] = []
    at = 0
    for match in _PIECE.finditer(token):
        if match.start() != at:
            return None
        at = match.end()
        symbol = match.group(1)
        if symbol:
            if symbol not in SYMBOLS:
                return None
            if symbol not in elements:
                elements.append(symbol)
    if at != len(token) or not elements:
        return None
    return Formula(tuple(elements), _kind(token, elements))


def _kind(token: str, elements: Sequence[str]) -> str:
    metals = [e for e in elements if e in METALS or e in ("Si", "Te", "As", "Sb")]
    if len(elements) == 1:
        return "metal" if elements[0] in METALS or elements[0] in ("Te", "Si") else "material"
    for group, kind in _GROUPS:
        if group in token:
            return kind
    if "C" in elements and "H" in elements:
        return "organometallic"
    if all(e in METALS for e in elements):
        return "antimonide" if elements[-1] == "Sb" and set(elements) & {"In", "Ga", "Al"} else "alloy"
    if set(elements) >= {"Nd", "Fe", "B"}:
        return "ndfeb_magnet"
    if set(elements) == {"Sm", "Fe", "N"}:
        return "smfen_magnet"
    if set(elements) == {"Bi", "Ge", "O"}:
        return "bismuth_germanate"
    if "O" in elements:
        # Of one element with oxygen: its oxide; with more (silicates, antimonates): a compound.
        rare = [e for e in elements if e in RARE_EARTHS]
        return "oxide" if len(elements) == 2 or len(rare) == len(elements) - 1 else "oxysalt"
    anion = elements[-1] if elements[-1] in _ANIONS else elements[0]
    return _ANIONS.get(anion, "compound") if metals else "compound"


def _written_small(token: str) -> str | None:
    """The proper spelling of a formula typed in one case: `dy2o3`, `GACL3`; only where it holds a number."""
    low = token.lower()
    if low in _CASELESS:
        return _CASELESS[low]
    if not any(c.isdigit() for c in token) or not token[0].isalpha() or len(token) > 24:
        return None
    options = [""]
    rests = [low]
    done: list[str] = []
    while rests:
        rest, made = rests.pop(), options.pop()
        if not rest:
            done.append(made)
            continue
        match = re.match(r"[\d.()]+", rest)
        if match:
            rests.append(rest[match.end() :])
            options.append(made + match.group())
            continue
        for size in (1, 2):
            symbol = rest[:size].capitalize()
            if len(rest) >= size and symbol in SYMBOLS:
                rests.append(rest[size:])
                options.append(made + symbol)
        if len(done) > 8:
            break
    # The reading with the fewest symbols: "dy2o3" is Dy2O3.
    done = [d for d in done if (f := parse(d)) and _plausible(d, f)]
    return min(done, key=lambda d: sum(c.isupper() for c in d)) if done else None


def mass_shares(token: str) -> dict[str, Quantity]:
    """The shares in per cent of an alloy written with them: W85Cu15. Empty where the numbers do not add up to 100."""
    pieces = [(m.group(1), m.group(2)) for m in _PIECE.finditer(token)]
    if len(pieces) < 2 or any(s not in METALS or not n for s, n in pieces):
        return {}
    if not 99 <= sum(Decimal(n) for _, n in pieces) <= 101:
        return {}
    return {s: Quantity(Decimal(n), "percent") for s, n in pieces}


def _plausible(token: str, formula: Formula) -> bool:
    """ "STM32" and "CN57" are no compounds: a metal must be in it, and counts stay small."""
    if mass_shares(token):
        return True
    counts = [float(n) for n in re.findall(r"\d+(?:\.\d+)?", token)]
    return any(e in METALS or e in ("Te", "As", "Sb") for e in formula.elements) and all(n <= 24 for n in counts)


def find(text: str, near_goods: "list[Hit]", taken: "list[Hit]") -> list[Hit]:
    """Formulae and symbols in the text as hits of section `formula` (value: the formula) and `elements`.

    `near_goods` are the hits of kinds, forms and cue words; a lone symbol that is also a word counts only beside
    one of them. `taken` are stretches that mean something else (places, dates, codes).
    """
    hits: list[Hit] = _alloys(text)
    taken = [*taken, *hits]
    for match in islice(_TOKEN.finditer(text), _MOST):
        start, end, token = match.start(), match.end(), match.group()
        if any(t.start < end and start < t.end for t in taken):
            continue
        token = token.rstrip(".")
        if token.startswith("(") and ")" not in token:
            start, token = start + 1, token[1:]
        elif token.endswith(")") and "(" not in token:
            token = token[:-1]
        end = start + len(token)
        if _letter(text[start - 1 : start]) or _letter(text[end : end + 1]):
            continue  # "ganó": a piece of a word with accents
        hits += _read(token, start, end, text, near_goods)
    return _lists(text, hits)


def _alloys(text: str) -> list[Hit]:
    found = []
    for match in _ALLOY.finditer(text):
        added = _ADDED.findall(match.group("rest"))
        base = Decimal(match.group("base") or 100 - sum(Decimal(n) for n, _ in added))
        formula = f"{match.group('first')}{base}" + "".join(f"{symbol}{share}" for share, symbol in added)
        if mass_shares(formula):
            found.append(Hit(match.start(), match.end(), "formula", formula, match.group()))
    return found


def _letter(char: str) -> bool:
    return char.isalpha() and not UNSPACED.match(char)


def _read(token: str, start: int, end: int, text: str, near: "list[Hit]") -> list[Hit]:
    proper = parse(token)
    if proper is None or (token.isupper() and len(proper.elements) > 1 and not _formula_in_capitals(token)):
        spelled = _written_small(token)
        if spelled is None or (
            token.lower() in _CASELESS_SHY and not token[1:2].isdigit() and not _beside(start, end, text, near)
        ):
            return [] if len(token) > 2 else _symbol(token, start, end, text, near)
        return [Hit(start, end, "formula", spelled, token)]
    if len(proper.elements) == 1 and not any(c.isdigit() for c in token):
        return _symbol(token, start, end, text, near)
    if len(proper.elements) == 1 or not _plausible(token, proper):
        return []
    if not any(c.isdigit() for c in token) and not _mixed(token):
        return []
    if not any(c.isdigit() for c in token) and all(len(e) == 1 for e in proper.elements):
        return []
    return [Hit(start, end, "formula", token, token)]


def _formula_in_capitals(token: str) -> bool:
    return any(c.isdigit() for c in token) and all(len(e) == 1 for e in (parse(token) or Formula((), "")).elements)


def _mixed(token: str) -> bool:
    return any(c.islower() for c in token) and any(c.isupper() for c in token[1:])


def _symbol(token: str, start: int, end: int, text: str, near: "list[Hit]") -> list[Hit]:
    symbol = token.capitalize()
    if symbol not in SYMBOLS:
        return []
    written = token == symbol
    if written and token in _PLAIN:
        return [Hit(start, end, "elements", symbol, token)]
    if not written and (token.lower() in _WORDS or len(token) == 1):
        return []
    if _beside(start, end, text, near):
        return [Hit(start, end, "elements", symbol, token)]
    return [Hit(start, end, "maybe_element", symbol, token)] if written else []


def _beside(start: int, end: int, text: str, near: "list[Hit]") -> bool:
    for hit in near:
        gap = text[end : hit.start] if hit.start >= end else text[hit.end : start] if hit.end <= start else None
        if gap is None or len(gap) > 2 or gap.strip(" -/("):
            continue
        if hit.section in ("kinds", "forms", "material_property") and (hit.start >= end or text[end : end + 1] == "-"):
            return True
        if hit.section == "words" and hit.value in ("containing", "free_of") and hit.end <= start:
            return True
        if hit.section == "words" and hit.value == "not_detected" and hit.start >= end:
            return True
    if re.match(r"\s?[2-9]\s?[Nn](?:\s?[1-9])?(?![A-Za-z0-9])", text[end : end + 6]) or re.search(
        r"(?<![A-Za-z0-9])[2-9][Nn][1-9]?\s?$", text[max(0, start - 4) : start]
    ):
        return True
    return bool(
        re.search(r"\d\s*%\s*$", text[max(0, start - 8) : start])
        or re.match(r"\s*[:=]?\s*[<>]?\s*\d[\d.]*\s*%", text[end : end + 12])
    )


def _lists(text: str, hits: list[Hit]) -> list[Hit]:
    """Symbols in a row confirm one another: in "Dy, Tb and Ho" the last is holmium."""
    result = list(hits)
    changed = True
    while changed:
        changed = False
        for i, hit in enumerate(result):
            if hit.section != "maybe_element":
                continue
            for other in result:
                if other.section not in ("elements",) or other is hit:
                    continue
                a, b = sorted((hit, other))
                gap = text[a.end : b.start]
                if len(gap) <= 6 and re.fullmatch(
                    r"\s*(?:[,/+&、和或-]|and|or|und|et|y|и|nor|no)?\s*(?:no\s)?|\s", gap
                ):
                    result[i] = Hit(hit.start, hit.end, "elements", hit.value, hit.text)
                    changed = True
                    break
    return [h for h in result if h.section != "maybe_element"]
