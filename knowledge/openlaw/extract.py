"""The sentences of a passage that answer a question: exact spans of the stored text, never joined over a gap."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from knowledge.lexis.sentences import sentences
from knowledge.lexis.terms import terms
from knowledge.openlaw.model import Passage

WHOLE = 420
"""A passage up to this many characters is quoted whole; Chinese says the same in a third of them."""
WHOLE_HAN = 220
MOST = 620
MOST_HAN = 330
FLOOR = 0.34
"""Share of the best sentence's weight from which its neighbour is quoted with it."""

_FACTS: Mapping[str, re.Pattern[str]] = {
    "penalty": re.compile(
        r"罚款|罚金|有期徒刑|拘役|没收|吊销|倍|元|\bfine|imprison|penalt|\$|USD|years?", re.IGNORECASE
    ),
    "definition": re.compile(r"是指|包括|\bmeans?\b|\brefers? to\b|\bis defined\b|\bincludes?\b", re.IGNORECASE),
    "procedure": re.compile(r"日内|工作日|申请|提交|\bdays?\b|\bmust\b|\bsubmit|\bapply\b|\bfile\b", re.IGNORECASE),
    "enforcement": re.compile(r"判处|查获|罚|\bsentenced\b|\bfined\b|\bseized\b|\bconvict", re.IGNORECASE),
}
_BONUS = 1.25
_LABEL = re.compile(
    r"^\s*(?:第[一二三四五六七八九十百零〇\d]+条(?:之[一二三四五六七八九十])?|§+\s*[\d.]+|Article\s+\d+)[\s　]*$"
)


@dataclass(frozen=True)
class Extract:
    """A quote: `passage.text[start:end]`. `weight` orders the quotes of one passage and means nothing else."""

    passage: Passage
    start: int
    end: int
    weight: float

    @property
    def quote(self) -> str:
        """The words, exactly as stored."""
        return self.passage.text[self.start : self.end]


def extract(passage: Passage, intent: str) -> Extract:
    """The stretch of whole sentences that bears most on the question."""
    text, han = passage.text, passage.act.language[:2] in ("zh", "ja", "ko")
    whole, most = (WHOLE_HAN, MOST_HAN) if han else (WHOLE, MOST)
    if len(text) <= whole:
        return Extract(passage, *_trimmed(text, 0, len(text)), 1.0)
    spans = _sentences(text, passage.act.language)
    weights = _weights(text, spans, passage.asked, intent)
    best = max(range(len(spans)), key=lambda i: (weights[i], -i))
    first = last = best
    while True:
        before = weights[first - 1] if first else -1.0
        after = weights[last + 1] if last + 1 < len(spans) else -1.0
        take_before = before >= after
        near = max(before, after)
        start, end = (
            spans[first - 1 if take_before else first][0],
            spans[last if take_before else last + 1 - (near < 0)][1],
        )
        if near < FLOOR * weights[best] or end - start > most or near < 0:
            break
        first, last = (first - 1, last) if take_before else (first, last + 1)
    start, end = spans[first][0], spans[last][1]
    if last + 1 < len(spans) and text[start:end].rstrip().endswith((":", "：")) and spans[last + 1][1] - start <= most:
        end = spans[last + 1][1]  # a sentence that announces a list says nothing without it
    if end - start > most and last > first:
        start, end = spans[best]
    if end - start > most * 2:
        end = _cut(text, start, most * 2)
    return Extract(passage, *_trimmed(text, start, end), weights[best])


def _weights(text: str, spans: tuple[tuple[int, int], ...], asked: Mapping[int, float], intent: str) -> list[float]:
    facts = _FACTS.get(intent)
    out = []
    for start, end in spans:
        sentence = text[start:end]
        if _LABEL.match(sentence):
            out.append(0.0)
            continue
        held = set(_terms(sentence))
        weight = sum(w for term, w in asked.items() if term in held)
        weight /= (len(held) + 12) ** 0.35  # a long sentence holds more words by itself
        if facts is not None and facts.search(sentence):
            weight = weight * _BONUS + 0.05
        out.append(weight)
    return out


@lru_cache(maxsize=2048)
def _terms(sentence: str) -> tuple[int, ...]:
    return tuple(terms(sentence).words.tolist())


def _sentences(text: str, language: str) -> tuple[tuple[int, int], ...]:
    return sentences(text, language) or ((0, len(text)),)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _cut(text: str, start: int, most: int) -> int:
    """The end of a sentence that is longer than anybody reads: at a comma or a space, never within a word."""
    window = text[start : start + most]
    at = max(window.rfind(mark) for mark in (",", "，", "；", ";", " "))
    return start + (at if at > most // 2 else most)


def differ(one: Extract, other: Extract) -> bool:
    """Do two quotes of different acts answer alike and give different amounts? Then a reader must see both."""
    a, b = one.passage, other.passage
    if a.act.id == b.act.id or a.act.regime != b.act.regime or a.act.language != b.act.language:
        return False
    if "repealed" in (a.act.standing, b.act.standing):
        return False  # the marks say which one stands
    words, others = set(_terms(one.quote)), set(_terms(other.quote))
    alike = len(words & others) / max(1, min(len(words), len(others)))
    if alike < 0.45:
        return False
    mine, theirs = _amounts(one.quote), _amounts(other.quote)
    return any(unit in theirs and values.isdisjoint(theirs[unit]) for unit, values in mine.items())


_AMOUNT = re.compile(
    r"([\d,.]+|[一二三四五六七八九十百千万两]+)\s*(个工作日|工作日|日|天|年|个月|倍|元|万元|%|％|percent|working days?|business days?|days?|years?|months?)",
    re.IGNORECASE,
)


def _amounts(text: str) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {}
    for number, unit in _AMOUNT.findall(text):
        out.setdefault(unit.lower().rstrip("s").removeprefix("个"), set()).add(number)
    return out


def in_order(extracts: tuple[Extract, ...], intent: str) -> tuple[Extract, ...]:
    """What stands in force first, then by the weight of the source, then by likelihood.

    Law and regulation stand above guidance and news, except where a case was asked for: notices and news tell cases.
    Among sources of one rank a likelier passage comes first; a clearly likelier one comes first whatever its rank.
    """
    ranks = _RANKS_OF_CASES if intent == "enforcement" else _RANKS

    def key(e: Extract) -> tuple[int, float]:
        over = 1 if e.passage.act.standing in ("repealed", "not_yet_effective") else 0
        return over, -(e.passage.likelihood - 0.08 * ranks.get(e.passage.act.kind, 2))

    return tuple(sorted(extracts, key=key))


_RANKS = {"law": 0, "regulation": 0, "announcement": 0, "list": 0, "enforcement_notice": 1, "guidance": 1, "news": 2}
_RANKS_OF_CASES = {
    "enforcement_notice": 0,
    "news": 1,
    "guidance": 1,
    "announcement": 1,
    "law": 2,
    "regulation": 2,
    "list": 2,
}
