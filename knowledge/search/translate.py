"""A question's words in the other language of law, by the field's glossary; names, codes and numbers stay as they are.

Not a translation to read: a bag of the right words, for searching English law with a Chinese question and the reverse.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from knowledge.lexis.terms import stem

_HAN = re.compile(r"[㐀-鿿]+")
_WORD = re.compile(r"[a-z]+|\d[\d.,]*|[㐀-鿿]+")
_KEPT = re.compile(r"[A-Za-z]*\d[\w.()/-]*|[A-Z]{2,}")  # codes, numbers, abbreviations
_ARTICLE = re.compile(r"第\s*([一二三四五六七八九十百零〇\d]+)\s*条")
LONGEST_EN = 5  # words of a phrase
ALTERNATIVES = 2  # of a term that are searched for
FORMAL = 2  # legal terms for one everyday word


@dataclass(frozen=True)
class Glossary:
    """Chinese terms with their English ones, usual first, and English phrases by stems with their Chinese ones."""

    english: dict[str, tuple[str, ...]]
    chinese: dict[tuple[str, ...], tuple[str, ...]]
    longest: int
    stems: frozenset[str]

    def to_english(self, text: str) -> str:
        """The words of a Chinese text that the glossary knows, in English, longest terms first."""
        out = [m.group() for m in _KEPT.finditer(text)]
        for term in self._chinese_terms(text):
            out += self.english[term][:ALTERNATIVES]
        return " ".join(dict.fromkeys(out))

    def to_chinese(self, text: str) -> str:
        """The phrases of an English text that the glossary knows, in Chinese, longest first."""
        out = [m.group() for m in _KEPT.finditer(text)]
        words = [stem(w) for w in _WORD.findall(unicodedata.normalize("NFKC", text).lower())]
        i = 0
        while i < len(words):
            for n in range(min(LONGEST_EN, len(words) - i), 0, -1):
                if found := self.chinese.get(tuple(words[i : i + n])):
                    out += found[:ALTERNATIVES]
                    i += n
                    break
            else:
                i += 1
        return " ".join(dict.fromkeys(out))

    def formal(self, text: str) -> str:
        """What law calls the things that a Chinese text says in everyday words: there and back through English."""
        back: list[str] = []
        for term in self._chinese_terms(text):
            for english in self.english[term][:1]:
                key = tuple(stem(w) for w in _WORD.findall(english.lower()))
                back += [zh for zh in self.chinese.get(key, ())[:FORMAL] if zh != term]
        return " ".join(dict.fromkeys(back))

    def _chinese_terms(self, text: str) -> Iterator[str]:
        for run in _HAN.findall(text):
            i = 0
            while i < len(run):
                for n in range(min(self.longest, len(run) - i), 0, -1):
                    if run[i : i + n] in self.english:
                        yield run[i : i + n]
                        i += n
                        break
                else:
                    i += 1


@lru_cache(maxsize=1)
def glossary() -> Glossary:
    """The bundled glossary."""
    english: dict[str, tuple[str, ...]] = {}
    chinese: dict[tuple[str, ...], list[tuple[int, str]]] = {}
    lines = files("knowledge.rules").joinpath("lexicon/terms_zh_en.tsv").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        zh, _, rest = line.partition("\t")
        terms = tuple(t.strip() for t in rest.split("|") if t.strip())
        english[zh] = terms
        for place, term in enumerate(terms):
            key = tuple(stem(w) for w in _WORD.findall(term.lower()))
            chinese.setdefault(key, []).append((place, zh))
    by_use = {key: tuple(zh for _, zh in sorted(found, key=lambda f: f[0])) for key, found in chinese.items()}
    stems = frozenset(word for key in by_use for word in key)
    return Glossary(english, by_use, max((len(k) for k in english), default=1), stems)


def expanded(text: str, language: str) -> str:
    """The question with the words of law for its everyday ones; as it is in a language that has no such list."""
    if language != "zh":
        return text
    formal = glossary().formal(text)
    return f"{text} {formal}" if formal else text


def translated(text: str, language: str) -> str:
    """The question's words in `language` ("en" or "zh"), "" where nothing of it is known."""
    known = glossary()
    if language == "en":
        return known.to_english(_ARTICLE.sub(" ", text))
    return known.to_chinese(text)


def known(word: str) -> bool:
    """Does the glossary hold the word in either language, alone or in a phrase?"""
    held = glossary()
    return word in held.english or stem(word) in held.stems or any(word in term for term in held.english)
