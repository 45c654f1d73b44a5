"""A name made comparable: one script, one case, company forms aside, generic words in one spelling."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.reading.text import simplified
from knowledge.screening.han import latin
from knowledge.screening.words import FORM_PHRASES, FORMS, FORMS_CJK, SAME, STOP

LONGEST = 300
"""Characters of a name that are read; the longest listed name has fewer."""
MOST_WORDS = 24
_DROPPED = frozenset(["Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk"])
_HAN = re.compile(r"[㐀-鿿豈-﫿]")
_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿豈-﫿가-힣]")
_QUOTES = re.compile(r"['’‘`´ʼʹʻ]")
_DOTTED = re.compile(r"\b(?:[a-z]\.){2,}(?:[a-z]\b)?|\b[a-z]\.[a-z]\b|\b(?:[a-z]\.\s){2,}(?=[a-z]\b)")
_WORD = re.compile(r"[a-z]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NUMBER_WORDS = {
    w: str(i + 1)
    for i, row in enumerate(
        "first 1st|second 2nd|third 3rd|fourth 4th|fifth 5th|sixth 6th|seventh 7th|eighth 8th|ninth 9th|tenth 10th".split(
            "|"
        )
    )
    for w in row.split()
}
_PHRASES = re.compile("|".join(FORM_PHRASES))
_CJK_FORMS = re.compile("|".join(map(re.escape, sorted(FORMS_CJK, key=len, reverse=True))))


@dataclass(frozen=True)
class Name:
    """A name ready for comparing. `words`: its Latin words in order, generic ones in one spelling, forms and grammar
    left out; `forms`: what was left out as a company form; `han`: the name in Chinese or Japanese characters."""

    words: tuple[str, ...]
    forms: frozenset[str]
    han: str = ""
    transliterated: bool = False

    @property
    def key(self) -> str:
        """The words in any order: equal keys are the same name."""
        return " ".join(sorted(self.words))


def plain(text: str) -> str:
    """NFKC, without control and format characters, cut to `LONGEST`, spaces single. Never raises."""
    text = text[: LONGEST * 4]
    if text.isascii() and text.isprintable() and "`" not in text and "^" not in text:
        return " ".join(text.split())[:LONGEST]
    text = unicodedata.normalize("NFKC", text)
    kept = (" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in _DROPPED)
    return " ".join("".join(kept).split())[:LONGEST]


def normal(text: str) -> Name:
    """The name of a party as typed or as listed, in any script. Never raises; no words where there is no letter."""
    return _normal(plain(text))


@lru_cache(maxsize=256)
def _normal(text: str) -> Name:
    han = ""
    spelled = text
    if _UNSPACED.search(text):
        bare = _CJK_FORMS.sub(" ", simplified(text))
        if _HAN.search(text):
            han = "".join(c for c in bare.lower() if c.isalnum())
        spelled = latin(bare)
    foreign = not spelled.isascii()
    if foreign:
        spelled = _ascii(spelled)
    low = _QUOTES.sub("", spelled.lower())
    low = _DOTTED.sub(_undotted, low)
    low = _PHRASES.sub(" ~ ", low)
    words = [_NUMBER_WORDS.get(w, w) for w in _WORD.findall(_ordinals(low))][:MOST_WORDS]
    forms = frozenset(w for w in words if w in FORMS)
    rest = [w for w in words if w not in FORMS and w not in STOP]
    rest = [w for w in rest if w not in loose_forms(rest)]
    rest = rest or [w for w in words if w not in STOP] or words
    same = tuple(SAME.get(w, w) for w in rest)
    counted = any(w.isdigit() for w in same)
    named = tuple(w.lstrip("0") or w for w in same if not (counted and w == "number"))
    return Name(named, forms, han, foreign or bool(han))


def _undotted(match: re.Match[str]) -> str:
    """ "s.m.i.c." and "a.s." as words; a person's two initials stay two."""
    letters = re.findall("[a-z]", match.group())
    word = "".join(letters)
    return f"{word} " if len(word) > 2 or word in FORMS else " ".join(letters) + " "


_JOINT = frozenset("joint stock open closed public private".split())


def loose_forms(words: list[str]) -> frozenset[str]:
    """Words that are a company form only where others of it stand beside them: "stock" with "joint"."""
    joint = _JOINT if "joint" in words and "stock" in words else frozenset()
    return joint | {"liability"} if len(words) > 1 else joint


@lru_cache(maxsize=1024)
def mended(word: str) -> str:
    """A long word that is a slip of the keys away from a company form or a word of trade, as that word; else itself."""
    if len(word) < 6:
        return word
    found = process.extractOne(word, _LONG_WORDS, scorer=OSA.distance, score_cutoff=1 if len(word) < 10 else 2)
    return SAME.get(found[0], found[0]) if found else word


_LONG_WORDS = tuple(w for w in sorted({*FORMS, *SAME, *SAME.values(), "liability"}) if len(w) > 5)


def _ordinals(text: str) -> str:
    return re.sub(r"\b(\d+)(?:st|nd|rd|th)\b", r"\1", text)


def _ascii(text: str) -> str:
    folded = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    if folded.isascii():
        return folded
    from anyascii import anyascii  # 12 ms: only where there is something to transliterate

    return str(anyascii(text)).replace("'", "")


_SOUNDS = tuple(
    (re.compile(a), b)
    for a, b in (
        ("shch|sch|tsch|tch|ch|cz|sh|zh|dzh|dj|j|x", "s"),
        ("kh|gh|q|ck|c(?=[eiy])", "k"),
        ("ph|w|v", "f"),
        ("ts|tz|z|c(?=z)", "s"),
        ("c|g", "k"),
        ("d", "t"),
        ("b", "p"),
        ("[aeiouyh]", ""),
        (r"(.)\1+", r"\1"),
    )
)


@lru_cache(maxsize=2048)
def sound(word: str) -> str:
    """The consonants by their rough sound: spellings of one foreign name share them. "yevgeniy", "evgeni" -> "fkn"."""
    text = word
    for pattern, to in _SOUNDS:
        text = pattern.sub(to, text)
    return text
