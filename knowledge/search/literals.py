"""Codes and numbers that a text names, in one spelling, so that "Article 12" finds "第十二条".

Each literal is `kind:number`. Kinds: `code` (1C905.a.4), `hs` (digits of a tariff line), `no` (an act's number, with its
year where given), `art`, and `num` for any other dotted or bracketed number (§ 744.21, Rule 6.2.1(a)). A number names
its containers too: `code:1c905.a.4` comes with `code:1c905.a` and `code:1c905`.
"""

import re
import unicodedata

from knowledge.numerals import chinese

_CN = "零〇一二两三四五六七八九十百千"

_CONTROL = re.compile(r"(?<![a-z0-9])([0-9][a-e][0-9]{3})((?:\.[a-z0-9]{1,3})*)(?![a-z0-9])")
_TARIFF = re.compile(r"(?<![\d.])(\d{4}\.\d{2}(?:\.\d{2}){0,2}|\d{10}|\d{8}|\d{4} \d{2}(?: \d{2}){1,2})(?![\d])")
_ARTICLE = re.compile(
    rf"第([{_CN}]+|\d+)条(?:之([{_CN}]+))?|\b(?:article|art\.?|artikel|artículo)\s*(\d+[a-z]?)\b|제\s*(\d+)\s*조"
)
_SIX = re.compile(r"(?:\bhs|\btariff|\bheading|税号|编码|编号)\D{0,12}(\d{6})(?!\d)")
_ACT = re.compile(
    r"(20\d\d)\s*年\s*第?\s*(\d{1,4})\s*号|第\s*(\d{1,4})\s*号|\bno\.?\s*(\d{1,4})(?:\s*(?:of|,|/)?\s*\(?(20\d\d))?|"
    r"(?<![\d/])((?:19|20)\d\d)/(\d{1,4})(?![\d/])"
)
_NUMBER = re.compile(r"(?<![\w.])(\d{1,4}(?:[.-]\d{1,4})*(?:\.[a-z]{1,2})?)((?:\([a-z0-9]{1,5}\))*)(?![\w])")


def literals(text: str) -> tuple[str, ...]:
    """Every literal of the text, in order, once each."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub("[\u200b-\u200f\u2060]", "", text)  # ObliQA and some HTML put direction marks before numbers
    found: dict[str, None] = {}

    def add(*names: str) -> None:
        found.update(dict.fromkeys(names))

    for m in _CONTROL.finditer(text):
        add(*_chain("code:" + m[1], m[2], r"\.[a-z0-9]{1,3}"))
    for m in _TARIFF.finditer(text):
        digits = re.sub(r"\D", "", m[1])
        add(*(f"hs:{digits[:n]}" for n in (10, 8, 6) if n <= len(digits)))
    for m in _SIX.finditer(text):
        add(f"hs:{m[1]}")
    for m in _ARTICLE.finditer(text):
        number = chinese(m[1]) if m[1] else m[3] or m[4]
        if number is not None:  # None: more figures than a number of a law has
            add(f"art:{number}" + (f"-{chinese(m[2])}" if m[2] else ""))
    for m in _ACT.finditer(text):
        number, year = _act(m)
        add(*((f"no:{year}-{number}",) if year else ()), f"no:{number}")
    for m in _NUMBER.finditer(text):
        if m[2] or "." in m[1] or "-" in m[1]:
            add(*_chain("num:" + m[1], m[2], r"\([a-z0-9]+\)"))
    return tuple(found)


def _act(m: re.Match[str]) -> tuple[str, str | None]:
    if m[2]:
        return m[2].lstrip("0"), m[1]
    if m[3]:
        return m[3].lstrip("0"), None
    if m[4]:
        return m[4].lstrip("0"), m[5]
    return m[7].lstrip("0"), m[6]


def _chain(start: str, rest: str, step: str) -> list[str]:
    """The whole number first, then what contains it."""
    names = [start]
    for part in re.findall(step, rest):
        names.append(names[-1] + part)
    return names[::-1]


def own_literals(title: str, label: str, locator: str) -> tuple[str, ...]:
    """The literals that name a passage itself: its act's number, its label, its place (`sec-740.2/a/1`, `8.3.2.(1)`)."""
    place = _CONTAINER.sub("", locator)
    segments = place.split("/")
    if len(segments) > 1 or _KIND.match(place):
        first, *rest = (_KIND.sub("", s) for s in segments)
        kind = "article " if segments[0].startswith("art-") else ""
        place = kind + first + "".join(f"({s})" for s in rest)
    else:
        place = place.replace(".(", "(").rstrip(".")
    return tuple(dict.fromkeys((*literals(title), *literals(label), *literals(place))))


_CONTAINER = re.compile(r"\b(?:part|chapter|schedule|book|title)\s+\w+\.", re.IGNORECASE)
_KIND = re.compile(r"[a-z_]+-(?=[\dA-Z])")
