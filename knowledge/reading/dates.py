"""Dates in any usual form, in ten languages, relative to the day of the question."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from knowledge.model import Span
from knowledge.reading.lexicon import Hit
from knowledge.reading.text import fold

_ISO = re.compile(
    r"(?<![\d.])(20\d\d)\s?[-/.年년]\s?(1[0-2]|0?[1-9])\s?[-/.月월]\s?(3[01]|[12]\d|0?[1-9])(?:\s?[日号일])?(?![\d])"
)
_YEAR_MONTH_EA = re.compile(r"(20\d\d)\s?[年년]\s?(1[0-2]|0?[1-9])\s?[月월](?:份)?\s?(上旬|中旬|下旬|初|底|末)?")
_MONTH_DAY_EA = re.compile(r"(今年|明年|去年)?(?<![\d年])(1[0-2]|0?[1-9])\s?[月월]\s?(3[01]|[12]\d|0?[1-9])\s?[日号일]")
_MONTH_EA = re.compile(r"(今年|明年|去年|本年|来年)\s?(1[0-2]|0?[1-9])\s?[月월]")
_BARE_MONTH_EA = re.compile(r"(?<![\d年个])(1[0-2]|0?[1-9])\s?[月월](?:份|初|底|上旬|中旬|下旬)")
_ISO_MONTH = re.compile(r"(?<![\d./-])(20\d\d)[-/](1[0-2]|0[1-9])(?![\d/-])")
_COMPACT = re.compile(r"(?<!\d)(20[12]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_NUMERIC = re.compile(r"(?<![\d./-])(3[01]|[12]\d|0?[1-9])([./-])(3[01]|[12]\d|0?[1-9])\2(20\d\d|\d\d)(?![\d./-])")
_YEAR = re.compile(r"^[\s,.'/-]*(?:of|de|del|año|года?|năm|พ\.ศ\.)?\s*(20\d\d)(?!\d)")
_YEAR_SHORT = re.compile(r"^\s*'(\d\d)(?!\d)")
_DAY_BEFORE = re.compile(r"(?<![\d.,%])(3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|er|º|\.)?\s*(?:of|de|ngày|th)?\s*[-/]?\s*$")
_DAY_AFTER = re.compile(r"^[\s./-]*(3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|º)?(?![\d%]|\s*(?:kg|tons?|pcs|t\b|mm|um))")
_YEAR_BEFORE = re.compile(r"(20\d\d)[\s,-]*$")
_AGO = re.compile(
    r"(?<!\d)(\d{1,3}|an?|one|two|three|a few)\s+(day|week|month|year)s?\s+(ago|later|from now|from today|back)\b"
)
_IN = re.compile(r"\b(?:in|within)\s+(\d{1,3}|an?|one|two|three)\s+(day|week|month|year)s?\b(?!\s+(?:ago|old))")
_AGO_ZH = re.compile(r"(\d{1,3}|[一两二三四五六七八九十])\s?个?(天|日|周|星期|月|年)(以?前|以?后|之前|之后)")
_WEEKDAY = re.compile(r"\b(next|this|last|coming|on)\s+(mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?|sun)(?:day)?\b")
_WEEKDAY_ZH = re.compile(r"(上|这|本|下)(?:个)?(?:周|星期|礼拜)([一二三四五六日天])")
_MONTH_DAY_RELATIVE = re.compile(r"(上个?月|这个?月|本月|下个?月)\s?(3[01]|[12]\d|0?[1-9])\s?[日号]")
_QUARTER = re.compile(r"\bq([1-4])\s*(?:of\s*)?(20\d\d)\b|\b(20\d\d)\s*q([1-4])\b|(20\d\d)年?第?([一二三四1-4])季度")
_PART = re.compile(r"\b(early|beginning of|start of|mid|middle of|late|end of|by the end of)[\s-]*(?:the\s+)?$")
_YEAR_ONLY = re.compile(
    r"(?:\b(?:in|during|year|since|en|im jahr|в)\s+|(?<![\d/.-]))(20[12]\d)\s?(?:年(?!\s?\d)|\b(?=\s*(?:\?|$|,|shipment|export|ship)))"
)
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "a few": 3}
_NUMBERS_ZH = {c: i + 1 for i, c in enumerate("一二三四五六七八九十")} | {"两": 2}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RELATIVE = ("today", "tomorrow", "yesterday", "this_week", "next_week", "last_week", "this_month", "next_month",
             "last_month", "this_year", "next_year", "last_year", "day_after_tomorrow", "now")  # fmt: skip

Found = tuple[int, int, Span]


def find(text: str, hits: list[Hit], on: date) -> list[Found]:
    """Every date in the cleaned text with its place, in order; `on` is the day of the question.

    `hits` are the lexicon's: month names and words such as "next week" come from there.
    """
    folded = fold(text)
    found: list[Found] = []
    for reader in (_numeric, _east_asian, _relative_numbers):
        for item in reader(folded, on):
            _keep(found, item)
    for item in _named_months(folded, [h for h in hits if h.section == "words.months"], on):
        _keep(found, item)
    said = [h for h in hits if h.section == "words" and h.value in _RELATIVE]
    for hit in said:
        if hit.value not in ("today", "now"):
            _keep(found, (hit.start, hit.end, relative(hit.value, on)))
    for match in _YEAR_ONLY.finditer(folded):
        year = int(match.group(1))
        _keep(found, (match.start(1), match.end(1), Span(date(year, 1, 1), date(year, 12, 31))))
    for hit in said:
        # "now" is often no date ("the goods are now in Germany, resold on 20 October"): it counts where nothing else does.
        if not found:
            found.append((hit.start, hit.end, relative(hit.value, on)))
    return sorted(found, key=lambda f: f[0])


def _keep(found: list[Found], item: Found) -> None:
    if not any(f[0] < item[1] and item[0] < f[1] for f in found):
        found.append(item)


def _day(year: int, month: int, day: int) -> Span | None:
    try:
        at = date(year, month, day)
    except ValueError:
        return None
    return Span(at, at)


def _month(year: int, month: int) -> Span:
    return Span(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def _numeric(text: str, _on: date) -> Iterator[Found]:
    for pattern in (_ISO, _COMPACT):
        for m in pattern.finditer(text):
            span = _day(int(m.group(1)), int(m.group(2)), int(m.group(3)))
            if span:
                yield m.start(), m.end(), span
    for m in _NUMERIC.finditer(text):
        a, b, year = int(m.group(1)), int(m.group(3)), int(m.group(4))
        year += 2000 if year < 100 else 0
        if not 2000 <= year <= 2099:
            continue
        # 20.10.2025 and 10/20/2025 tell by themselves; 03/04/2025 could be either: both are read, as a stretch.
        days = [s for s in (_day(year, b, a), _day(year, a, b) if m.group(2) == "/" else None) if s]
        if days:
            yield m.start(), m.end(), Span(min(s.first for s in days), max(s.last for s in days))
    for m in _ISO_MONTH.finditer(text):
        yield m.start(), m.end(), _month(int(m.group(1)), int(m.group(2)))
    for m in _QUARTER.finditer(text):
        groups = [g for g in m.groups() if g]
        year = int(next(g for g in groups if len(g) == 4))
        other = next(g for g in groups if len(g) == 1)
        quarter = _NUMBERS_ZH.get(other) or int(other)
        yield m.start(), m.end(), Span(date(year, 3 * quarter - 2, 1), _month(year, 3 * quarter).last)


def _east_asian(text: str, on: date) -> Iterator[Found]:
    for m in _YEAR_MONTH_EA.finditer(text):
        yield m.start(), m.end(), _part(_month(int(m.group(1)), int(m.group(2))), m.group(3) or "")
    shift = {"今年": 0, "本年": 0, "明年": 1, "来年": 1, "去年": -1}
    for m in _MONTH_DAY_EA.finditer(text):
        year = on.year + shift[m.group(1)] if m.group(1) else None
        span = _nearest_day(int(m.group(2)), int(m.group(3)), year, on)
        if span:
            yield m.start(), m.end(), span
    for m in _MONTH_EA.finditer(text):
        yield m.start(), m.end(), _month(on.year + shift[m.group(1)], int(m.group(2)))
    for m in _BARE_MONTH_EA.finditer(text):
        yield m.start(), m.end(), _nearest_month(int(m.group(1)), on)
    for m in _MONTH_DAY_RELATIVE.finditer(text):
        first = relative({"上": "last_month", "下": "next_month"}.get(m.group(1)[0], "this_month"), on).first
        span = _day(first.year, first.month, int(m.group(2)))
        if span:
            yield m.start(), m.end(), span
    for m in _WEEKDAY_ZH.finditer(text):
        weeks = {"上": -1, "这": 0, "本": 0, "下": 1}[m.group(1)]
        index = "一二三四五六日".find(m.group(2).replace("天", "日"))
        at = on - timedelta(days=on.weekday()) + timedelta(weeks=weeks, days=index)
        yield m.start(), m.end(), Span(at, at)


def _relative_numbers(text: str, on: date) -> Iterator[Found]:
    for m in _AGO.finditer(text):
        count = _NUMBERS.get(m.group(1)) or int(m.group(1))
        yield m.start(), m.end(), _moved(on, m.group(2), -count if m.group(3) in ("ago", "back") else count)
    for m in _IN.finditer(text):
        yield m.start(), m.end(), _moved(on, m.group(2), _NUMBERS.get(m.group(1)) or int(m.group(1)))
    units = {"天": "day", "日": "day", "周": "week", "星期": "week", "月": "month", "年": "year"}
    for m in _AGO_ZH.finditer(text):
        count = _NUMBERS_ZH.get(m.group(1)) or int(m.group(1))
        yield m.start(), m.end(), _moved(on, units[m.group(2)], -count if "前" in m.group(3) else count)
    for m in _WEEKDAY.finditer(text):
        index = next(i for i, w in enumerate(_WEEKDAYS) if m.group(2).startswith(w))
        ahead = (index - on.weekday()) % 7
        at = on + timedelta(days=ahead)
        if m.group(1) == "last":
            at -= timedelta(days=7)
        elif m.group(1) == "next" and ahead == 0:
            at += timedelta(days=7)
        yield m.start(), m.end(), Span(at, at)


def _named_months(text: str, hits: list[Hit], on: date) -> Iterator[Found]:
    for hit in hits:
        month = int(hit.value)
        start, end = hit.start, hit.end
        before, after = text[max(0, start - 24) : start], text[end : end + 24]
        day_before, year = _DAY_BEFORE.search(before), None
        day = int(day_before.group(1)) if day_before else None
        if day_before:
            start -= len(before) - day_before.start()
        else:
            day_after = _DAY_AFTER.match(after)
            if day_after and not re.match(r"^\s*\d\d\d", after):
                day, end = int(day_after.group(1)), end + day_after.end()
        rest = text[end : end + 16]
        year_after = _YEAR.match(rest) or _YEAR_SHORT.match(rest)
        if year_after:
            year = int(year_after.group(1))
            year += 2000 if year < 100 else 0
            end += year_after.end()
        else:
            year_before = _YEAR_BEFORE.search(text[max(0, start - 8) : start])
            if year_before:
                year, start = (
                    int(year_before.group(1)),
                    start - (len(text[max(0, start - 8) : start]) - year_before.start()),
                )
        if day is None and year is None and _is_a_verb(hit, text):
            continue
        if day is not None:
            span = _nearest_day(month, day, year, on)
        else:
            span = _month(year, month) if year else _nearest_month(month, on)
            part = _PART.search(text[max(0, start - 20) : start])
            span = _part(span, part.group(1) if part else "")
        if span:
            yield start, end, span


def _is_a_verb(hit: Hit, text: str) -> bool:
    """ "may" and "march" alone are words; they are months after "in", "last", "since" and the like."""
    word = fold(hit.text)
    if word not in ("may", "march", "mar", "sep", "dec", "jan", "mai", "mars", "set"):
        return False
    before = text[max(0, hit.start - 12) : hit.start]
    return not re.search(
        r"\b(?:in|since|last|next|this|until|till|by|before|after|of|late|early|mid|en|im|во?)\s+$", before
    )


def _nearest_day(month: int, day: int, year: int | None, on: date) -> Span | None:
    if year is not None:
        return _day(year, month, day)
    options = [s for y in (on.year - 1, on.year, on.year + 1) if (s := _day(y, month, day))]
    return min(options, key=lambda s: abs((s.first - on).days)) if options else None


def _nearest_month(month: int, on: date) -> Span:
    options = [_month(y, month) for y in (on.year - 1, on.year, on.year + 1)]
    return min(options, key=lambda s: abs((s.first + timedelta(days=14) - on).days))


def _part(span: Span, word: str) -> Span:
    if word in ("上旬", "初", "early", "beginning of", "start of"):
        return Span(span.first, span.first + timedelta(days=9))
    if word in ("中旬", "mid", "middle of"):
        return Span(span.first + timedelta(days=10), span.first + timedelta(days=19))
    if word in ("下旬", "底", "末", "late", "end of", "by the end of"):
        return Span(span.first + timedelta(days=20), span.last)
    return span


def _moved(on: date, unit: str, count: int) -> Span:
    if unit in ("day", "week"):
        at = on + timedelta(days=count * (7 if unit == "week" else 1))
        return Span(at, at)
    months = on.year * 12 + on.month - 1 + count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    if not 1990 <= year <= 2200:
        return Span(on, on)
    at = date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))
    return Span(at, at)


def relative(word: str, on: date) -> Span:
    """The days that "today", "next_week", "last_month" and the like mean on the day `on`."""
    if word in ("today", "now"):
        return Span(on, on)
    if word in ("tomorrow", "yesterday", "day_after_tomorrow"):
        at = on + timedelta(days={"tomorrow": 1, "yesterday": -1, "day_after_tomorrow": 2}[word])
        return Span(at, at)
    which, unit = word.split("_")
    count = {"this": 0, "next": 1, "last": -1}[which]
    if unit == "week":
        monday = on - timedelta(days=on.weekday()) + timedelta(weeks=count)
        return Span(monday, monday + timedelta(days=6))
    if unit == "month":
        months = on.year * 12 + on.month - 1 + count
        return _month(months // 12, months % 12 + 1)
    return Span(date(on.year + count, 1, 1), date(on.year + count, 12, 31))
