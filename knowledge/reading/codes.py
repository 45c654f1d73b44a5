"""Control codes (1C905.a.4), customs tariff lines (HS 2846.90.15.00) and announcement numbers in a question."""

import re
from collections.abc import Collection
from dataclasses import dataclass

_CONTROL = re.compile(r"(?<![A-Za-z0-9])([0-9][A-Ea-e]\d{3})((?:\.[a-zA-Z0-9]{1,3}){0,6})(?![A-Za-z0-9])")
_RUN_ON = re.compile(r"(?<![A-Za-z0-9])([0-9][A-E]\d{3})([a-z])((?:\.[a-zA-Z0-9]{1,3}){0,5})(?![A-Za-z0-9])")  # 3A002g
_ANNEX_VII = re.compile(
    r"(?<![A-Za-z0-9.])X\.[A-E]\.[IVX]{1,4}\.\d{3}(?!\d)"
)  # Regulation 833/2014, Annexes VII and XVI
_EAR99 = re.compile(r"(?<![A-Za-z0-9])EAR\s?-?99(?![A-Za-z0-9])(?!\s*[?？])", re.IGNORECASE)  # "EAR99?" asks
_HS_CUE = re.compile(
    r"(?:cn\s?codes?|commodity\s?codes?|combined nomenclature|customs\s?(?:codes?|tariff\s?numbers?)|taric|zolltarif\w*|warennummer|code nc|nomenclature combinée|hs\s?code|h\.?s\.?|hts|hscode|tariff(?:\s(?:line|code|no\.?))?|税号|海关编码|商品编码|hs编码|编码|тн\s?вэд|hs코드|hsコード)\s*(?:is|no\.?|number|:|：|#|为|是)?\s*$",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(?<![\d.])(\d{4}[. ]?\d{2}(?:[. ]?\d{2}){0,2})(?![\d])")
_ANNOUNCEMENT = re.compile(
    r"(?:(20\d\d)\s?年\s?)?(?:第\s?)?(\d{1,3})\s?号\s?(?:公告|文|令)|公告\s?(20\d\d)\s?年\s?第?\s?(\d{1,3})\s?号|"
    r"(?:announcement|notice|mofcom|order|no\.?|№)\s*(?:no\.?\s*)?(\d{1,3})\s?(?:/|of\s|\()\s?(20\d\d)|"
    r"(?:announcement|notice|mofcom|order)\s*(?:no\.?\s*)?(\d{1,3})(?![\d%.,]\d|\s*(?:kg|%|mm|um))\b|\bno\.?\s?(\d{1,3})\b(?=\s*(?:announcement|notice|is|still|control|suspen|rule))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Codes:
    """What was found: control codes in their usual spelling, HS numbers as digits, announcements as (number, year)."""

    control: tuple[str, ...]
    hs: tuple[str, ...]
    announcements: tuple[tuple[int, int | None], ...]
    spans: tuple[tuple[int, int], ...]


def numbered(instrument: str, number: int, year: int | None) -> bool:
    """Is the instrument of that id the announcement of that number, and of that year where one is named?"""
    parts = instrument.split("-")
    return len(parts) == 3 and parts[2] == str(number) and (year is None or parts[1] == str(year))


def find(text: str, known_hs: Collection[str]) -> Codes:
    """Codes in the cleaned text. A bare number is an HS number only after a word for it, or where rules know it."""
    control, hs, spans = [], [], []
    for m in _CONTROL.finditer(text):
        control.append(m.group(1).upper() + m.group(2).lower())
        spans.append(m.span())
    for m in _RUN_ON.finditer(text):
        control.append(f"{m[1]}.{m[2]}{m[3].lower()}")
        spans.append(m.span())
    for m in _ANNEX_VII.finditer(text):
        control.append(m.group())
        spans.append(m.span())
    for m in _EAR99.finditer(text):
        control.append("EAR99")
        spans.append(m.span())
    for m in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", m.group(1))
        if len(digits) not in (6, 8, 10):
            continue
        if _HS_CUE.search(text[max(0, m.start() - 20) : m.start()]) or (
            len(digits) >= 8 and any(k.startswith(digits) or (len(k) >= 6 and digits.startswith(k)) for k in known_hs)
        ):
            hs.append(digits)
            spans.append(m.span())
    announcements: list[tuple[int, int | None]] = []
    for m in _ANNOUNCEMENT.finditer(text):
        groups = [g for g in m.groups() if g]
        year = next((int(g) for g in groups if len(g) == 4), None)
        number = next((int(g) for g in groups if len(g) < 4), None)
        if number is not None:
            announcements.append((number, year))
            spans.append(m.span())
    unique = dict.fromkeys
    return Codes(tuple(unique(control)), tuple(unique(hs)), tuple(unique(announcements)), tuple(spans))
