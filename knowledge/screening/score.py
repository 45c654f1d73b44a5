"""How alike a name is to a listed one, word by word, and how probable it is that both are one party."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from rapidfuzz.distance import OSA

from knowledge.screening.index import allowed, initials
from knowledge.screening.normal import Name, sound

How = Literal["exact", "typo", "transliteration", "acronym", "initial", "shortened", "joined", "form"]
Grade = Literal["exact", "strong", "possible"]


class Words(Protocol):
    """What is known of words: `knowledge.screening.index.Index`."""

    def information(self, word: str) -> float: ...
    def known(self, word: str) -> int: ...
    def place(self, word: str) -> bool: ...


@dataclass(frozen=True)
class Pair:
    """Words of the asked name, the words of the listed one they were matched with, by what, and how alike (0 to 1)."""

    asked: tuple[str, ...]
    listed: tuple[str, ...]
    how: How
    alike: float


@dataclass(frozen=True)
class Explanation:
    """Which words matched and which did not. `reordered`: the same words in another order."""

    pairs: tuple[Pair, ...]
    only_asked: tuple[str, ...]
    only_listed: tuple[str, ...]
    reordered: bool
    dropped_forms: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """`score`: 0-100, 100 where the names are the same but for company forms; `said`: nats of what matched, small where
    only common words did; `probability`: that one party is meant, calibrated in tests/bench_screening.py."""

    explanation: Explanation
    score: float
    probability: float
    said: float


def compare(asked: Name, listed: Name, words: Words, person: bool = False) -> Comparison:
    """The asked name against a listed one; `person`: the listed party is one."""
    if asked.han and asked.han == listed.han:
        pairs = [Pair((asked.han,), (listed.han,), "exact", 1.0)]
        left: list[str] = []
        missing: list[str] = []
    else:
        pairs, left, missing = _align(asked, listed, words, person)
    matched = [a for p in pairs for a in p.asked]
    reordered = not left and not missing and all(p.how == "exact" for p in pairs) and asked.words != listed.words
    forms = tuple(sorted(asked.forms ^ listed.forms))
    found = Explanation(tuple(pairs), tuple(left), tuple(missing), reordered and bool(matched), forms)
    facts = _facts(asked, listed, found, words, person)
    exact = not left and not missing and bool(pairs) and all(p.how == "exact" for p in pairs)
    score = 100.0 if exact else min(99.0, 100 * math.sqrt(facts["listed"] * facts["asked"]))
    said = sum(words.information(w) * p.alike for p in pairs for w in p.listed)
    return Comparison(found, round(score, 1), _probability(facts), said)


def _align(asked: Name, listed: Name, words: Words, person: bool) -> tuple[list[Pair], list[str], list[str]]:
    left, missing = list(asked.words), list(listed.words)
    pairs: list[Pair] = []
    for word in asked.words:
        if word in missing:
            missing.remove(word)
            left.remove(word)
            pairs.append(Pair((word,), (word,), "exact", 1.0))
    if left and missing:
        _joins(left, missing, pairs)
    if left and missing:
        _closest(left, missing, pairs, words, person)
    if left and missing and not person:
        _acronyms(left, missing, pairs)
    return pairs, left, missing


def _joins(left: list[str], missing: list[str], pairs: list[Pair]) -> None:
    """Two words of one side written together on the other."""
    for many, one, turned in ((left, missing, False), (missing, left, True)):
        for i in range(len(many) - 2, -1, -1):
            if i + 1 >= len(many):
                continue
            both = many[i] + many[i + 1]
            word = next(
                (w for w in one if OSA.distance(both, w, score_cutoff=allowed(both) // 2) <= allowed(both) // 2), ""
            )
            if word and not both.isdigit():
                one.remove(word)
                parts = (many.pop(i), many.pop(i))
                pairs.append(Pair((word,), parts, "joined", 0.95) if turned else Pair(parts, (word,), "joined", 0.95))


def _closest(left: list[str], missing: list[str], pairs: list[Pair], words: Words, person: bool) -> None:
    likely = [(found[1], found[0], a, b) for a in left for b in missing if (found := alike(a, b, words, person))]
    for degree, how, a, b in sorted(likely, reverse=True):
        if a in left and b in missing:
            left.remove(a)
            missing.remove(b)
            pairs.append(Pair((a,), (b,), how, degree))


def alike(a: str, b: str, words: Words, person: bool = False) -> tuple[How, float] | None:
    """Two different words that may be one, and how surely; None where they are two."""
    if a.isdigit() or b.isdigit():
        return None
    short, long = sorted((a, b), key=len)
    if len(short) == 1:
        return ("initial", 0.6 if person else 0.3) if long.startswith(short) else None
    slips = min(allowed(a), allowed(b)) if len(short) > 4 else allowed(short)
    distance = OSA.distance(a, b, score_cutoff=slips)
    # Two words that are both in use, Hunan and Henan, are seldom a slip of the keys.
    both = words.known(a) > 2 and words.known(b) > 2
    if slips and distance <= slips:
        first = 0.9 if a[0] != b[0] else 1.0
        return ("typo", (1 - 1.2 * distance / len(long)) * first * (0.8 if both else 1.0))
    if len(short) > 3 and len(sound(a)) > 1 and sound(a) == sound(b) and _spelled_alike(a, b):
        return ("transliteration", 0.85 if a[0] == b[0] else 0.8)
    if long.startswith(short) and len(short) >= 4 and not person:
        return ("shortened", 0.5 + 0.4 * len(short) / len(long))
    return None


def _spelled_alike(a: str, b: str) -> bool:
    """Not only the same consonants: most letters too, but for a name from a script that writes no vowels."""
    return OSA.normalized_similarity(a, b) >= 0.6 or not (set(a) & _VOWELS and set(b) & _VOWELS)


_VOWELS = frozenset("aeiouy")


def _acronyms(left: list[str], missing: list[str], pairs: list[Pair]) -> None:
    """A word of one side that is the first letters of all that is left on the other."""
    for one, many, turned in ((left, missing, False), (missing, left, True)):
        whole = initials(Name(tuple(many), frozenset()))
        word = next((w for w in one if len(w) >= 3 and len(many) >= 3 and w == whole), "")
        if word:
            one.remove(word)
            degree = 0.85 if len(word) > 3 else 0.65
            parts = tuple(many)
            pairs.append(Pair(parts, (word,), "acronym", degree) if turned else Pair((word,), parts, "acronym", degree))
            many.clear()


def _facts(asked: Name, listed: Name, found: Explanation, words: Words, person: bool) -> Mapping[str, float]:
    """The numbers that the probability is made of, each about 0 to 1."""
    if found.pairs and found.pairs[0].asked == (asked.han,) and asked.han:
        worth = min(1.0, len(asked.han) / 5)
        return dict.fromkeys(_WEIGHTS, 0.0) | {"listed": 1.0, "asked": 1.0, "both": 1.0, "said": worth}
    told = {w: words.information(w) for w in (*asked.words, *listed.words)}
    of_listed = sum(told[w] * p.alike for p in found.pairs for w in p.listed)
    of_asked = sum(told[w] * p.alike for p in found.pairs for w in p.asked)
    all_listed = sum(told[w] for w in listed.words) or 1.0
    all_asked = sum(told[w] for w in asked.words) or 1.0
    doubtful = sum(told[w] for p in found.pairs if p.how not in ("exact", "joined") for w in p.listed)
    numbers = [{w for w in side if w.isdigit()} for side in (asked.words, listed.words)]
    best = max((told[w] * p.alike for p in found.pairs for w in p.listed), default=0.0)
    a, b = of_asked / all_asked, of_listed / all_listed
    return {
        "listed": b,
        "asked": a,
        "both": a * b,
        "said": min(of_listed, 20.0) / 20,
        "best": best / 10,
        "only_asked": max((told[w] for w in found.only_asked), default=0.0) / 10,
        "only_listed": max((told[w] for w in found.only_listed), default=0.0) / 10,
        "doubtful": doubtful / all_listed,
        "number": float(bool(numbers[0] ^ numbers[1])) * (1.0 if numbers[0] and numbers[1] else 0.5),
        "acronym": float(any(p.how == "acronym" for p in found.pairs)),
        "one_word": float(len(listed.words) == 1 and bool(found.only_asked)),
        "place": float(
            any(words.place(w) for w in found.only_asked) and any(words.place(w) for w in found.only_listed)
        ),
        "person": float(person and (len(found.only_asked) > 0 or any(p.how != "exact" for p in found.pairs))),
    }


_WEIGHTS: Mapping[str, float] = {
    "one": -5.38, "listed": -0.17, "asked": 2.07, "both": 6.4, "said": 4.51, "best": -0.77, "only_asked": -2.82,
    "only_listed": -1.68, "doubtful": -0.95, "number": -5.77, "acronym": -0.53, "one_word": -1.0, "place": -1.47, "person": -0.41,
}  # fmt: skip
"""Logistic weights, fitted on one half of tests/screening_set.py by `python -m tests.bench_screening --fit`."""


def _probability(facts: Mapping[str, float]) -> float:
    total = _WEIGHTS["one"] + sum(_WEIGHTS[name] * value for name, value in facts.items() if name != "one")
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def weak(listed: Name, said: float, kind: str, pairs: Sequence[Pair]) -> bool:
    """Whether even the listed name itself would not tell who is meant: one common or short word, a frequent person's name.

    `kind`: the letter of the party's kind (entity, person, vessel, aircraft, unknown).
    """
    if listed.han and pairs and pairs[0].asked == (listed.han,):
        return len(listed.han) < 3
    if kind == "p":
        return len(listed.words) < 2 or said < 13
    if len(listed.words) == 1:
        word = listed.words[0]
        return kind == "v" or len(word) < 5 or said < 7
    return said < 7
