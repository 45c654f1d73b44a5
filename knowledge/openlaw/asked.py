"""What a question about changes is after: from which day, of which acts, goods and country's law."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.reading import dates
from knowledge.reading.chemistry import parse
from knowledge.reading.intent import WIDE
from knowledge.reading.read import Reading
from knowledge.reading.text import fold
from knowledge.rulebook import RuleBook

RECENT = timedelta(days=90)
"""What "recently" means where a question names no time."""


@dataclass(frozen=True)
class Subject:
    """What a question narrows the changes to; an empty set narrows nothing."""

    regimes: frozenset[str] = frozenset()
    instruments: frozenset[str] = frozenset()
    elements: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()


def since(read: Reading, on: date) -> date | None:
    """The day from which the question asks for changes ("since October", 10月以来, this year, 近三个月); None where it names
    no time at or before `on`. A month or day still to come this year is that of last year."""
    text = fold(read.text)
    if back := _BACK.search(text):
        groups = [g for g in back.groups() if g]
        unit = next(u for u in _UNITS if any(g.startswith(u) for g in groups))
        return on - timedelta(days=round(_count(groups) * _UNITS[unit]))
    if month := _MONTH_ON.search(text):
        first = date(on.year, int(month.group(1) or month.group(2)), 1)
        return first if first <= on else _year_before(first)
    found = [
        (start, span.first)
        for start, end, span in dates.find(read.text, list(read.hits), on)
        if span != dates.relative("now", on) and not any(s < end and start < e for s, e in read.codes.spans)
    ]
    past = [
        first if first <= on else _year_before(first) for start, first in found if first <= on or _from(text, start)
    ]
    return min(past, default=None)


def window(read: Reading, on: date, about: Subject) -> tuple[date, date]:
    """The span asked about, up to `on`: from the day the question names; else all the history of the acts it names, or
    from `RECENT` before."""
    return since(read, on) or (date.min if about.instruments else on - RECENT), on


_MONTH_ON = re.compile(
    r"(?<![\d年/.-])(1[0-2]|0?[1-9])\s?[月월](?:份)?\s?(?:以来|以后|之后|起|至今|以降|이후)|自(1[0-2]|0?[1-9])月(?:份)?(?!\s?\d)"
)
_BACK = re.compile(
    r"\b(?:last|past|previous|recent)\s+(\d{1,3}|few|couple of|two|three|six|twelve)\s+(day|week|month|year)s?\b"
    r"|[近过]去?(\d{1,3}|[一二两三六]|十二|半|几)\s?个?(天|日|周|星期|月|年)"
)
_UNITS = {"day": 1.0, "天": 1.0, "日": 1.0, "week": 7.0, "周": 7.0, "星期": 7.0, "month": 30.5, "月": 30.5, "year": 365.25, "年": 365.25}  # fmt: skip
_COUNTS = {"few": 3, "几": 3, "couple of": 2, "two": 2, "二": 2, "两": 2, "三": 3, "three": 3, "six": 6, "六": 6, "半": 0.5,
           "twelve": 12, "十二": 12, "一": 1}  # fmt: skip
_FROM = re.compile(r"(?:\b(?:since|from|after|desde|seit|depuis|tu)|(?<!\w)(?:с|со|после)|自从?|从)\s*(?:the\s+)?$")


def _count(groups: list[str]) -> float:
    number = next(g for g in groups if g.isdigit() or g in _COUNTS)
    return float(number) if number.isdigit() else _COUNTS[number]


def _from(text: str, start: int) -> bool:
    return (
        _FROM.search(text[:start]) is not None
        or re.search(r"以来|以后|之后|以降|이후", text[start : start + 14]) is not None
    )


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def subject(read: Reading, book: RuleBook) -> Subject:
    """What the question narrows the changes to: announcements by number, lists of parties, elements and kinds of goods, and
    a regime where only one is spoken of."""
    text, numbers = fold(read.text), read.codes.announcements
    acts = {i for i in book.instruments for n, year in numbers if re.fullmatch(rf"[A-Z]+-{year or '20..'}-{n}", i)}
    for name, words in _LISTS.items():
        if words.search(text):
            acts |= {p.instrument for p in book.parties if p.list == name and p.instrument in book.instruments}
    elements = {h.value for h in read.hits if h.section == "elements"}
    elements |= {e for h in read.hits if h.section == "formula" and (f := parse(h.value)) for e in f.elements} - {"O"}
    for hit in read.hits:
        if hit.section == "groups":
            elements |= book.taxonomy.groups.get(hit.value, frozenset())
    kinds = {g.kind for g in read.transaction.goods if not g.elements and g.kind not in WIDE and _ruled(g.kind, book)}
    regimes = {regime for regime, words in _REGIMES.items() if words.search(text)}
    return Subject(
        frozenset(regimes) if len(regimes) == 1 else frozenset(), frozenset(acts), frozenset(elements), frozenset(kinds)
    )


def _ruled(kind: str, book: RuleBook) -> bool:
    return any(book.taxonomy.is_a(k, kind) or book.taxonomy.is_a(kind, k) for e in book.entries for k in e.kinds)


_LISTS = {
    "control": re.compile(r"\bcontrol lists?\b|管控名单"),
    "watch": re.compile(r"\bwatch lists?\b|关注名单"),
    "unreliable": re.compile(r"\bunreliable entit|不可靠实体"),
}
"""Words for China's lists of parties."""
_REGIMES = {
    "CN": re.compile(r"\b(?:chin(?:a|ese)|mofcom|gacc|prc)\b|中国|商务部|海关总署|китай|中國"),
    "US": re.compile(
        r"\b(?:us|u\.s\.|usa|american?|bis|ear|eccn|ofac|entity list|affiliates rule)\b|美国|美國|实体清单"
    ),
    "EU": re.compile(r"\b(?:eu|european|brussels|2021/821|833/2014)\b|欧盟|歐盟"),
}
"""Words for whose law is meant."""
