"""The numeric conditions that the text of a control list sets: "exceeding 31.8 GHz up to and including 37 GHz"."""

import re
from dataclasses import dataclass

from knowledge.classify.measures import Measure, find
from knowledge.classify.text import stems

_BEFORE: tuple[tuple[str, re.Pattern[str]], ...] = (
    (">=", re.compile(r"(?:equal to or (?:greater|more|higher|better) than|greater than or equal to|not less than|at least|minimum of|≥|>=)\W*$")),
    ("<=", re.compile(r"(?:equal to or (?:less|lower)(?: \(better\))? than|less than or equal to|not (?:more|greater) than|not exceeding|up to(?: and including)?|maximum of|at most|≤|<=)\W*$")),
    (">", re.compile(r"(?:exceeding|exceeds?|in excess of|greater than|more than|above|over|higher than|beyond|larger than|>)(?: a| an)?\W*$")),
    ("<", re.compile(r"(?:less(?: \((?:better|lower|finer)\))? than|(?:better|lower|finer|smaller|shorter) \(?(?:less)?\)?\s*than|below|under|better than|<)\W*$")),
)  # fmt: skip
_AFTER: tuple[tuple[str, re.Pattern[str]], ...] = (
    (">=", re.compile(r"^\W{0,3}(?:\([^)]{0,30}\)\W*)?(?:or (?:more|greater|higher|above|longer|larger)|and (?:above|higher))")),
    ("<=", re.compile(r"^\W{0,3}(?:\([^)]{0,30}\)\W*)?(?:or (?:less|lower|better|smaller|finer|below))")),
)  # fmt: skip


_QUANTITY = re.compile(
    r"sample rate|update rate|resolution|accurac\w+|repeatab\w+|posit\w+ accuracy|stability|bias|scale factor|random walk|"
    r"output power|power output|average power|peak power|input power|power density|power|frequency|bandwidth|wavelength|"
    r"frame rate|pitch|elements|gain|noise|sensitivity|dynamic range|phase noise|switching time|settling time|"
    r"pulse (?:duration|width|energy)|repetition rate|exposure time|response time|rise time|energy density|pulse energy|energy|"
    r"tensile strength|yield strength|elastic limit|specific modulus|modulus|strength|elongation|density|purity|particle size|"
    r"diameter|thickness|length|width|height|depth|travel|volume|capacity|mass|weight|payload|range|endurance|speed|velocity|"
    r"acceleration|thrust|force|torque|pressure|temperature|voltage|current|capacitance|resistance|inductance|"
    r"transfer rate|data rate|bit rate|performance|key length|axes|channels|terminals|concentration|content|viscosity|"
    r"flow rate|leak\w*|angle|tilt|field of view|aperture|efficiency|loss|isolation|rate|size|distance|life|drift|roughness|deviation",
    re.IGNORECASE,
)
_KEPT = 10


@dataclass(frozen=True)
class Bound:
    """A condition: `comparator` one of >= > <= < =, `value` in the dimension's base unit, `written` as it stands there,
    `words` the stems of the words around it, `quantity` what is measured, in a word or two."""

    dimension: str
    comparator: str
    value: float
    written: str
    words: tuple[str, ...]
    quantity: str


def bounds(text: str) -> list[Bound]:
    """The conditions of an item's text (normalised). A number without a comparing word is none."""
    found = []
    for m in find(text):
        before, after = text[max(0, m.start - 48) : m.start].lower(), text[m.end : m.end + 40].lower()
        comparator = next((c for c, p in _BEFORE if p.search(before)), "") or next(
            (c for c, p in _AFTER if p.match(after)), ""
        )
        if comparator:
            found.append(_bound(m, comparator))
    return found


def _bound(m: Measure, comparator: str) -> Bound:
    named = _QUANTITY.findall(m.before) or _QUANTITY.findall(m.after)[:1]
    quantity = named[-1].lower() if named else m.dimension.replace("_", " ")
    words = tuple(dict.fromkeys(stems([*reversed(m.before.split()), m.after])))[:_KEPT]
    return Bound(m.dimension, comparator, m.low, m.written, words, quantity)


def holds(bound: Bound, measure: Measure) -> bool | None:
    """Does a stated value meet the condition? None where a range straddles it."""
    ends = {_holds(bound, value) for value in (measure.low, measure.high)}
    return ends.pop() if len(ends) == 1 else None


def _holds(bound: Bound, value: float) -> bool:
    near = abs(value - bound.value) <= 1e-9 * max(abs(value), abs(bound.value))
    if bound.comparator in (">=", "<="):
        return near or (value > bound.value if bound.comparator == ">=" else value < bound.value)
    return not near and (value > bound.value if bound.comparator == ">" else value < bound.value)
