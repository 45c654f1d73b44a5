"""Numbers of a text by value: digits, number words, Chinese numerals; with their unit and which way they bound."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from knowledge.rulefiles import parse

_HERE = Path(__file__).resolve().parent
_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORD = {w: i for i, w in enumerate(_ONES)} | {w: 20 + 10 * i for i, w in enumerate(_TENS)}
_SCALE = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "m": 10**6, "bn": 10**9, "k": 1000}
_WORDS = (
    rf"(?:(?:{'|'.join(sorted(_WORD, key=len, reverse=True))}|hundred|thousand|million|billion)(?:[ -]|\b)(?:and )?)+"
)
_FIGURE = r"\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?"
_EN = re.compile(
    rf"(?<![A-Za-z0-9_.])(?P<money>(?:us)?\$|€|¥|(?:usd|eur|rmb|cny|yuan) ?)?(?P<figure>{_FIGURE})(?: ?(?P<scale>hundred|thousand|million|billion|bn|m|k)\b)?"
    rf"|\b(?P<words>{_WORDS})",
    re.IGNORECASE,
)
_HAN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}
_ZH = re.compile(
    r"百分之(?P<percent>[零〇一二三四五六七八九十百点\d.]+)|(?P<plain>(?:\d[\d,.]*|[零〇一二三四五六七八九十百千两]+)(?:[百千]?[万亿])*)"
)
_HALF = {"百万": 10**6, "千万": 10**7, "百亿": 10**10, "千亿": 10**11, "万": 10**4, "亿": 10**8}
_FROM = re.compile(r"(?:\bbetween|\bfrom)\s*(?:a fine of )?(?:rmb|cny|usd|eur|[$€¥])? ?$", re.IGNORECASE)
_BOUND_BEFORE = (
    ("in", r"within|in the course of"),
    ("<=", r"at most|no more than|not more than|not exceed(?:ing)?|not longer than|no longer than|up to|maximum of|max(?:imum)?|as much as|"
           r"(?:does|do|may|must|shall|can) ?not exceed|cannot exceed|no later than|not over|not above|no greater than|until|"
           r"不超过|不得超过|不多于|不高于|不大于|不逾|至多|最多|最长|最高|不长于"),
    (">=", r"at least|no less than|not less than|no fewer than|not fewer than|minimum of|min(?:imum)?|not below|not shorter than|starting at|不少于|不得少于|不低于|不小于|至少|最少|最低|不短于|达到"),
    (">", r"after|more than|over|above|exceed(?:s|ing)?|longer than|greater than|beyond|purer than|超过|超出|高于|大于|多于|逾"),
    ("<", r"less than|under|below|fewer than|shorter than|smaller than|不满|不足|低于|小于|少于|未满"),
)  # fmt: skip
_BOUND_AFTER = (
    ("in", r"以内|之内|内"),
    ("<=", r"or less|or fewer|or below|or under|or smaller|at most|and below|以下"),
    (
        ">=",
        r"or more|or above|or over|or longer|or greater|or higher|at least|and more|and above|and over|upwards|以上",
    ),
)
_BEFORE = [(sign, re.compile(rf"(?:\b|(?<=[一-鿿]))(?:{words})(?: (?:of|to|a|the|an?))*\s*(?:rmb|cny|usd|eur|[$€¥])? ?$", re.IGNORECASE)) for sign, words in _BOUND_BEFORE]  # fmt: skip
_AFTER = [(sign, re.compile(rf"\s*(?:(?:in|of) \w+ )?(?:{words})", re.IGNORECASE)) for sign, words in _BOUND_AFTER]
_LETTERS = re.compile(r"[a-z]{2}")  # the spelling ends inside a word
_ARTICLES = ("occasion", "person", "entity", "entry", "layer", "bit")
_TO = re.compile(r"\s*(?:to|-)\s*(?:\d|two|three|four|five|six|seven|eight|nine|ten|twenty)\b", re.IGNORECASE)
_MORE = re.compile(r"\b(?:more|less|fewer) than $", re.IGNORECASE)
_BARE = re.compile(r"\s*(?:$|[.,;，；。)]|(?:for|in)\b)", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:to|and|-|–|—|至|到|~)\s*(?:rmb|cny|usd|eur|[$€¥])? ?$", re.IGNORECASE)


@dataclass(frozen=True)
class Number:
    """A number at `text[start:end]`, unit included. `bound` is "", "<=", ">=", "<", ">" or "in" (a time within which); `unit` is "" where none is known."""

    value: Decimal
    unit: str
    bound: str
    start: int
    end: int

    @property
    def key(self) -> str:
        """Value and unit, for comparing."""
        return f"{self.value:f}|{self.unit}"


@lru_cache(maxsize=1)
def _units() -> tuple[Mapping[str, str], int]:
    """The kind of unit of every spelling, and the length of the longest: looked up, as one pattern of all of them takes a
    tenth of a second to compile."""
    data = parse((_HERE / "units.yaml").read_bytes(), "verify/units.yaml")
    by_word = {word.lower(): kind for kind, row in data.items() for word in row["words"]}
    return by_word, max(map(len, by_word))


def numbers(text: str, taken: list[tuple[int, int]] | None = None) -> list[Number]:
    """The numbers of a folded text in order. Spans in `taken` (dates, codes, numbers of acts) are passed over."""
    blocked = taken or []
    found: list[Number] = []
    for value, money, start, end in _values(text):
        if any(a < end and start < b for a, b in blocked):
            continue
        unit, stop = _unit(text, end)
        unit = money or unit
        if (
            _is_word(text[start:end], unit, text[:start][-1:])
            and not _TO.match(text, end)
            and not _MORE.search(text[:start])
        ):
            continue  # "one of them", "一般": a word, not a count
        found.append(Number(value.normalize(), unit, _bound(text, start, stop), start, stop))
    return _ranged(text, _inherited(text, found))


def _values(text: str) -> Iterator[tuple[Decimal, str, int, int]]:
    for m in _EN.finditer(text):
        if m["figure"]:
            behind = text[m.end() : m.end() + 1]
            if behind in "万亿百千" and behind:
                continue  # read with the Chinese ones
            value = Decimal(m["figure"].replace(",", "").replace(" ", ""))
            value *= _SCALE.get((m["scale"] or "").lower(), 1)
            yield value, _money(m["money"] or ""), m.start(), m.end()
        else:
            words = m["words"].rstrip(" -")
            words = re.sub(r"\band$", "", words).rstrip()
            spelled = _spelled(words)
            if spelled is not None:
                yield Decimal(spelled), "", m.start(), m.start() + len(words)
    for m in _ZH.finditer(text):
        if m["percent"]:
            share = _han(m["percent"])
            if share is not None:
                yield share, "percent", m.start(), m.end()
        elif not m["plain"].replace(",", "").replace(".", "").isdigit():
            count = _han(m["plain"])
            if count is not None:
                yield count, "", m.start(), m.end()


def _spelled(words: str) -> int | None:
    total = current = 0
    for word in re.split(r"[ -]+", words.lower()):
        if word == "and":
            continue
        if word in _WORD:
            current += _WORD[word]
        elif word == "hundred":
            current = (current or 1) * 100
        elif word in _SCALE:
            total += (current or 1) * _SCALE[word]
            current = 0
        else:
            return None
    return total + current


def _han(text: str) -> Decimal | None:
    """十五 -> 15, 五十万 -> 500000, 5亿 -> 500000000, 二百五十万 -> 2500000, 三点五 -> 3.5."""
    total = Decimal(0)
    m = re.fullmatch(r"(\d[\d,.]*|[零〇一二三四五六七八九十百千两点.]+?)((?:[百千]?[万亿])*)", text)
    if m is None:
        return None
    head, scale = m[1].rstrip(",."), m[2]
    if not head:
        return None
    if head[0].isdigit():
        total = Decimal(head.replace(",", ""))
    elif "点" in head:
        whole, _, part = head.partition("点")
        digits = "".join(str(_HAN_DIGITS[c]) for c in part if c in _HAN_DIGITS)
        total = Decimal(f"{_han(whole) or 0}.{digits or 0}")
    else:
        sum_, digit, units = 0, 0, any(c in _HAN_UNITS for c in head)
        for char in head:
            if char in _HAN_UNITS:
                sum_ += (digit or 1) * _HAN_UNITS[char]
                digit = 0
            else:
                digit = _HAN_DIGITS.get(char, 0) if units else digit * 10 + _HAN_DIGITS.get(char, 0)
        total = Decimal(sum_ + digit)
    for step in re.findall(r"[百千]?[万亿]", scale):
        total *= _HALF[step]
    return total


def _money(sign: str) -> str:
    sign = sign.strip().lower()
    if not sign:
        return ""
    return {"$": "dollar", "us$": "dollar", "usd": "dollar", "€": "euro", "eur": "euro"}.get(sign, "yuan")


def _unit(text: str, end: int) -> tuple[str, int]:
    by_word, longest = _units()
    start = end + 1 if text[end : end + 1] in (" ", "-") else end
    ahead = text[start : start + longest + 1].lower()
    for length in range(min(longest, len(ahead)), 0, -1):
        kind = by_word.get(ahead[:length])
        if kind is not None and not _LETTERS.fullmatch(ahead[length - 1 : length + 1]):
            return kind, start + length
    return "", end


def _is_word(written: str, unit: str, before: str) -> bool:
    """A single number word without a unit is a word of the language more often than a count; one of a kind is an article."""
    if before == "第":
        return True
    if written.lower() in ("one", "zero") or (len(written) == 1 and not written.isdigit()):
        return unit == "" or (written.lower() in ("one", "一") and unit in _ARTICLES)
    return False


def _bound(text: str, start: int, end: int) -> str:
    for sign, pattern in _AFTER:
        if pattern.match(text, end):
            return sign
    before = text[max(0, start - 40) : start]
    for sign, pattern in _BEFORE:
        if pattern.search(before):
            return sign
    return ""


def _inherited(text: str, found: list[Number]) -> list[Number]:
    """ "Individuals five years, companies ten": a bare number has the unit of the one before."""
    out = list(found)
    for i in range(1, len(out)):
        if not out[i].unit and out[i - 1].unit and _BARE.match(text, out[i].end):
            out[i] = replace(out[i], unit=out[i - 1].unit)
    return out


def _ranged(text: str, found: list[Number]) -> list[Number]:
    """ "Five to ten times", "between 5 and 10", "5-10 years": the first is the lower bound, the second the upper."""
    out = list(found)
    for i in range(1, len(out)):
        first, second = out[i - 1], out[i]
        link = text[first.end : second.start]
        if not _RANGE.fullmatch(link) or (first.unit and second.unit and first.unit != second.unit):
            continue
        if link.strip().lower() == "and" and not _FROM.search(text[: first.start]):
            continue
        if first.bound in ("", ">=") and second.bound in ("", "<="):
            unit = first.unit or second.unit
            out[i - 1] = Number(first.value, unit, ">=", first.start, first.end)
            out[i] = Number(second.value, unit, "<=", second.start, second.end)
    return out
