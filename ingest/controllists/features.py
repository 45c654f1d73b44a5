"""Words and numbers of every item, as an index for classification: which content words it has, which figures it states."""

import re
from collections.abc import Iterable
from typing import Any

from ingest.controllists.catalogue import stem
from knowledge.controllists.model import ControlList

_WORD = re.compile(r"[A-Za-z][A-Za-z\-]{1,}|\d+(?:\.\d+)?[A-Za-z]+\d*")
_STOP = frozenset(
    """the of and or to in for a an is are be by with as at on from that this which not other than any all following having
    have has it its their there therefor thereof such these those if when where whose into per more less greater equal
    exceeding least not up items item list controlled see also eccn entry note no each one two three can may shall being
    was were been but does do will would under above below between within without including include includes as follows
    specified described defined according used use e.g i.e etc n.e.s either both only same so use through""".split()
)
_COMPARATORS = (
    (r"equal to or (?:greater|more|better|higher) than", ">="),
    (r"(?:greater|more|higher) than or equal to", ">="),
    (r"equal to or (?:less|lower) than", "<="),
    (r"(?:less|lower) than or equal to", "<="),
    (r"(?:not|never) (?:exceeding|more than|greater than)", "<="),
    (r"(?:not|no) less than|at least|not below|not lower than", ">="),
    (r"exceeding|exceeds?|greater than|more than|higher than|above|better than|in excess of|over", ">"),
    (r"less than|lower than|below|under|smaller than|worse than", "<"),
    (r"up to and including|up to", "<="),
)
_NUMBER = r"[-−+±]?\d[\d,]*(?:\.\d+)?(?:\s*[×x]\s*10\s*[⁻−-]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"
_UNIT = r"(?:%|°\s?C|°|[A-Za-zµμΩ][A-Za-zµμΩ/²³·°]{0,11}(?:\s?[²³]|/[A-Za-z]+)?)"
_PARAMETER = re.compile(
    rf"(?P<cmp>{'|'.join(f'(?:{pattern})' for pattern, _ in _COMPARATORS)})\s+(?:a\s+|an\s+|of\s+)?(?P<value>{_NUMBER})\s*(?P<unit>{_UNIT})?"
    rf"|(?P<value2>{_NUMBER})\s*(?P<unit2>{_UNIT})?\s+(?:\([^)]{{0,30}}\)\s+)?or\s+(?P<after>more|greater|higher|better|above|less|lower|fewer|below|worse)\b"
    rf"|between\s+(?P<low>{_NUMBER})\s*(?P<unitlow>{_UNIT})?\s+and\s+(?P<high>{_NUMBER})\s*(?P<unit3>{_UNIT})?",
    re.IGNORECASE,
)
_DOWN = frozenset({"less", "lower", "fewer", "below", "worse"})
_NO_UNIT = _STOP | frozenset({"degrees", "axes", "and", "or", "percent"})
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")
_BEFORE = 60


def features(compiled: ControlList) -> dict[str, Any]:
    """`words`: the vocabulary; `entries`: by code, then by path ("" the heading), the numbers of its words in it;
    `parameters`: by code and path, rows of [words of the quantity, comparator, value, unit]. No text can be read off it."""
    sets: dict[str, dict[str, list[str]]] = {}
    figures: dict[str, dict[str, list[list[object]]]] = {}
    for entry in compiled.entries:
        texts = {"": entry.heading, **{item.path: item.text for item in entry.items if not item.reserved}}
        sets[entry.code] = {path: found for path, text in texts.items() if (found := words(text))}
        stated = {path: rows for path, text in texts.items() if (rows := parameters(text))}
        if stated:
            figures[entry.code] = stated
    vocabulary = sorted({word for paths in sets.values() for held in paths.values() for word in held})
    number = {word: i for i, word in enumerate(vocabulary)}
    return {
        "words": vocabulary,
        "entries": {
            code: {path: [number[word] for word in held] for path, held in paths.items()}
            for code, paths in sets.items()
        },
        "parameters": figures,
    }


def words(text: str) -> list[str]:
    """The content words of a text: stems, sorted, each once, no stop words, no item marks."""
    return sorted({stem(hit).strip("-") for hit in _WORD.findall(text) if hit.lower() not in _STOP} - _STOP - {""})


def parameters(text: str) -> list[list[object]]:
    """The figures a text states: [words of the quantity before it, one of > >= < <=, value, unit]."""
    found: list[list[object]] = []
    for hit in _PARAMETER.finditer(text):
        quantity = _quantity(text[max(0, hit.start() - _BEFORE) : hit.start()])
        if not quantity and found:  # "8 bit or more, but less than 10 bit"
            quantity = list(found[-1][0]) if isinstance(found[-1][0], list) else []
        if hit["cmp"]:
            found += _figure(quantity, _comparator(hit["cmp"]), hit["value"], hit["unit"])
        elif hit["value2"]:
            found += _figure(quantity, "<=" if hit["after"].lower() in _DOWN else ">=", hit["value2"], hit["unit2"])
        else:
            unit = hit["unit3"]
            found += _figure(quantity, ">=", hit["low"], hit["unitlow"] or unit)
            found += _figure(quantity, "<=", hit["high"], unit)
    return found


def _figure(quantity: list[str], comparator: str, value: str, unit: str | None) -> list[list[object]]:
    number = _number(value)
    unit = (unit or "").strip()
    return [] if number is None else [[quantity, comparator, number, "" if unit.lower() in _NO_UNIT else unit]]


def _number(text: str) -> float | int | None:
    plain = text.replace(",", "").replace("±", "").translate(_RAISED).replace(" ", "")
    mantissa, _, power = plain.replace("x10", "×10").partition("×10")
    try:
        value = float(mantissa) * 10 ** float(power or 0)
    except (ValueError, OverflowError):
        return None
    return int(value) if value.is_integer() and abs(value) < 1e15 else float(f"{value:.6g}")


def _comparator(text: str) -> str:
    return next(sign for pattern, sign in _COMPARATORS if re.fullmatch(pattern, text, re.IGNORECASE))


def _quantity(before: str) -> list[str]:
    """Up to four content words before the comparison, in the clause it stands in."""
    clause = re.split(r"[;:,.]\s|\bhaving\b|\band\b", before)[-1]
    held: Iterable[str] = (stem(w).strip("-") for w in _WORD.findall(clause) if w.lower() not in _STOP)
    return [w for w in held if w and w not in _STOP][-4:]
