"""The words of a text as shortenings are compared by them: which state nothing, and which turn a statement round."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from knowledge.rulefiles import parse

_HAN = re.compile(r"[㐀-鿿]")
_WORD = re.compile(
    r"[0-9]+(?:[.,/-][0-9A-Za-z]+)*%?|[0-9]*[A-Za-z]+[0-9A-Za-z]*(?:[.'/-][0-9A-Za-z]+)*|[㐀-鿿]+|[^\W\d_㐀-鿿]+|[%$€¥→<>=≥≤]"
)


@dataclass(frozen=True)
class Vocabulary:
    """The neutral words, the classes of each charged word, what stands for what, and other ways to say a verdict."""

    neutral: frozenset[str]
    charged: Mapping[str, frozenset[str]]
    same: Mapping[str, str]
    verdicts: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """What words.yaml says."""
    path = Path(__file__).with_name("words.yaml")
    data = parse(path.read_bytes(), path.name)
    same = {word: row.split()[0] for row in data["same"] for word in row.split()}
    charged: dict[str, set[str]] = {}
    for name, languages in data["charged"].items():
        for words in languages.values():
            for word in words.split():
                charged.setdefault(same.get(word, word), set()).add(name)
    neutral = {w for words in data["neutral"].values() for w in words.split()} - set(charged)
    verdicts = {key: tuple(p for phrases in by.values() for p in phrases) for key, by in data["verdicts"].items()}
    return Vocabulary(frozenset(neutral), {w: frozenset(c) for w, c in charged.items()}, same, verdicts)


def _cut(text: str) -> Iterator[str]:
    """Its words: Latin ones in small letters, Chinese ones as rjieba cuts them."""
    for m in _WORD.finditer(text):
        if _HAN.match(m.group()):
            import rjieba

            yield from rjieba.cut(m.group())
        else:
            yield m.group().lower().removesuffix("'s").replace("license", "licence")


def _key(word: str, known: Vocabulary) -> str:
    """What a word is compared by: its row of `same`, or for a plain English word its stem."""
    if word in known.same or word in known.charged or word in known.neutral:
        return known.same.get(word, word)
    if word.isascii() and word.isalpha() and len(word) > 3:
        for ending, most in (("ing", 6), ("ed", 5), ("es", 5), ("s", 4)):
            if word.endswith(ending) and len(word) >= most and not word.endswith(("ss", "us", "is")):
                return word.removesuffix(ending).removesuffix("e")
        return word.removesuffix("e")
    return word


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[tuple[str, ...], frozenset[int]]:
    """The words that are not neutral, and the places of the charged ones among them."""
    known = vocabulary()
    found = tuple(_key(w, known) for w in _cut(text) if w not in known.neutral)
    return found, frozenset(i for i, w in enumerate(found) if w in known.charged)
