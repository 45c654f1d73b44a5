"""Dates as official texts write them, in Chinese, Japanese, Korean and English."""

import re
from bisect import bisect
from collections.abc import Iterator
from datetime import date

from ingest.structure import numerals

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = r"(Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
_N = r"[\d０-９〇零○一二三四五六七八九十]+"
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018, "民国": 1911, "民國": 1911}
_ERA = "|".join(_ERAS)
_EARLIEST = 1800  # no act in force is older; a smaller number is no year
_FORMS = (
    (re.compile(rf"({_ERA})?\s*({_N}|元)\s*[年년]\s*({_N})\s*[月월]\s*({_N})\s*[日일号]"), "eymd"),
    (re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:day of\s+)?{_MONTH}\s*,?\s+(\d{{4}})\b", re.IGNORECASE), "dmy"),
    (re.compile(rf"\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?\s*,\s*(\d{{4}})\b", re.IGNORECASE), "mdy"),
    (re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)"), "ymd"),
    (re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?![\d.]?\d)"), "dmy"),
    (re.compile(r"(?<![\d.])(\d{4})\.\s?(\d{1,2})\.\s?(\d{1,2})(?!\d)"), "ymd"),
)


def find(text: str) -> Iterator[tuple[int, int, date]]:
    """Every full date in `text` as (start, end, date), in the order of the text. Days that do not exist are passed over."""
    found: list[tuple[int, int, date]] = []
    for pattern, order in _FORMS:
        for hit in pattern.finditer(text):
            parts = dict(zip(order, hit.groups(), strict=True))
            day = _date(parts["y"], parts["m"], parts["d"], _ERAS.get(parts.get("e") or "", 0))
            at = bisect(found, (hit.start(),))
            beside = found[max(0, at - 1) : at + 1]  # found is in order and nothing in it overlaps
            if day and not any(s < hit.end() and hit.start() < e for s, e, _ in beside):
                found.insert(at, (hit.start(), hit.end(), day))
    yield from found


def first(text: str) -> date | None:
    """The first full date in `text`."""
    return next((d for _, _, d in find(text)), None)


def compact(text: str) -> date | None:
    """20241201 or 2024-12-01 as a date; None for anything else."""
    digits = text.strip().replace("-", "")
    return _date(digits[:4], digits[4:6], digits[6:]) if len(digits) == 8 and digits.isdigit() else None


def _date(year: str, month: str, day: str, era: int = 0) -> date | None:
    number = 1 if year == "元" else numerals.chinese(year)
    values = (era + (number or 0), _month(month) or 0, numerals.chinese(day) or 0)
    try:
        return date(*values) if values[0] >= _EARLIEST else None
    except (ValueError, OverflowError):
        return None


def _month(text: str) -> int | None:
    low = text.lower().rstrip(".")
    for i, name in enumerate(_MONTHS, 1):
        if len(low) > 2 and name.startswith(low[:3]):
            return i
    return numerals.chinese(text)
