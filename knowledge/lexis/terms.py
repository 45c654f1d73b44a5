"""Text to terms: English words by stem, Chinese by word and by pairs of characters, both as numbers.

A term is a 32-bit hash, so that postings are plain arrays. Two words of a large vocabulary share one about once in
four thousand million; a wrong match that rare changes no ranking.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tantivy import TextAnalyzer

Numbers = npt.NDArray[np.uint32]
_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W\d_\u3400-\u9fff\uf900-\ufaff]+|\d+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_MARKS = re.compile("[\u00ad\u200b-\u200f\u2060]")  # invisible, and within words
_POSSESSIVE = re.compile(r"['’]s\b")
_MIX = np.uint32(0x9E3779B1)
# Words of questions and sentences, not of law. Kept short on purpose: "not", "shall" and "under" carry meaning here.
_STOP = frozenset(
    "a an the of to in for on and or is are was were be been by with as at that this these those it its".split()
)
_STOP_ZH = frozenset(
    "的 了 和 与 或 及 在 是 有 对 吗 呢 吧 啊 么 什么 怎么 怎样 如何 是否 可以 哪些 哪 谁 我 他 她 被 把 就 都".split()
)


@dataclass(frozen=True)
class Terms:
    """A text's `words` and its `pairs` (adjacent stems, or adjacent Chinese characters), repeated as they are repeated.

    `spelt` says which word of the text each number of `words` stands for; empty unless asked for.
    """

    words: Numbers
    pairs: Numbers
    spelt: tuple[str, ...] = ()


def terms(text: str, spelt: bool = False) -> Terms:
    """The terms of a passage, a heading or a question."""
    text = _POSSESSIVE.sub("", _MARKS.sub("", unicodedata.normalize("NFKC", text).lower()))
    words: list[int] = []
    units: list[int] = []
    spelling: list[str] = []
    for run in _RUN.findall(text):
        if _HAN.match(run):
            pieces = [w for w in _cut(run) if w not in _STOP_ZH]
            words += map(number, pieces)
            units += map(number, run)
        else:
            pieces = [run]
            one = number(stem(run))
            units.append(one)
            if run in _STOP:
                continue
            words.append(one)
        if spelt:
            spelling += pieces
    unit = np.array(units, np.uint32)
    return Terms(np.array(words, np.uint32), (unit[:-1] * _MIX) ^ unit[1:], tuple(spelling))


def _cut(run: str) -> list[str]:
    import rjieba

    return rjieba.cut(run)


@lru_cache(maxsize=1)
def _analyzer() -> "TextAnalyzer":
    import tantivy

    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    return builder.filter(tantivy.Filter.stemmer("english")).build()


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The English stem (Snowball) of a word in lower case; a word with other letters comes back as it is."""
    if not word.isascii():
        return word
    stems = _analyzer().analyze(word)
    return stems[0] if stems else word


@lru_cache(maxsize=100_000)
def number(word: str) -> int:
    """The number of a stem, a Chinese word or a literal."""
    return zlib.crc32(word.encode())


def numbers(words: Iterable[str]) -> Numbers:
    """Several at once."""
    return np.array([number(word) for word in words], np.uint32)
