"""Finds the lexicon's names in a text: whole words in spaced scripts, longest substring in the others."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from knowledge.reading.text import clean, fold, simplified

Section = str
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s\u3000-\u9fff]+|[\w.+-]+@[\w-]+\.[\w.]+", re.IGNORECASE)
UNSPACED = re.compile(r"[぀-ヿ㐀-鿿가-힣฀-๿]")
_LETTER = "[^\\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0e00-\u0e7f]"
WORD = re.compile(rf"{_LETTER}+")
"""A word of a spaced script; Chinese, Japanese, Korean and Thai letters end it."""


@dataclass(frozen=True, order=True)
class Hit:
    """A stretch of the text that means something: `section` says what sort (elements, kinds, words, ...)."""

    start: int
    end: int
    section: Section
    value: str
    text: str = ""


class Term(NamedTuple):
    """One name of the lexicon. `words` empty: an unspaced name; a word that ends in * may go on."""

    section: Section
    value: str
    words: Sequence[str]
    lang: str = ""

    def speaks(self, languages: frozenset[str]) -> bool:
        """Short words and cue words count only in a text of their own language: "the" is tea in French."""
        if not self.lang or self.lang in languages or not self.words:
            return True
        return not self.section.startswith("words") and sum(map(len, self.words)) >= 5


Index = dict[str, list[Any]]
Compiled = dict[str, Index]
"""The names by the key under which they are looked up, plain enough to be kept as JSON: `phrases` by the first word of a
spaced name, `stems` by its beginning where that word may go on, `strings` by an unspaced name itself."""


def compile_names(names: Iterable[tuple[str, Mapping[str, Any]]]) -> Compiled:
    """Indexes (language, {section: {value: [names]}}); sections may nest ("words" -> "months" -> "1")."""
    compiled: Compiled = {"phrases": {}, "stems": {}, "strings": {}}
    for lang, sections in names:
        for section, values in sections.items():
            if isinstance(values, Mapping):
                _compile_section(compiled, lang, section, values)
    return compiled


def _compile_section(compiled: Compiled, lang: str, section: Section, values: Mapping[str, Any]) -> None:
    for value, entries in values.items():
        if isinstance(entries, Mapping):
            _compile_section(compiled, lang, f"{section}.{value}", entries)
            continue
        for name in entries:
            _compile_name(compiled, lang, section, value, name)


def _compile_name(compiled: Compiled, lang: str, section: Section, value: str, name: str) -> None:
    text = fold(clean(name.rstrip("*")))
    if not text:
        return
    if UNSPACED.search(text):
        # Japanese texts keep their characters, Chinese ones are made simplified: both spellings are known.
        for spelling in {text, fold(unicodedata.normalize("NFKC", name.rstrip("*"))), fold(simplified(text))}:
            compiled["strings"].setdefault(spelling, []).append((section, value, (), lang))
        return
    words = tuple(re.findall(rf"{_LETTER}+\*?", fold(clean(name))))
    if words:
        index = compiled["stems" if words[0].endswith("*") else "phrases"]
        index.setdefault(words[0].rstrip("*"), []).append((section, value, words, lang))


class Lexicon:
    """All names of all languages, ready for matching."""

    def __init__(self, compiled: Compiled, corrected: Collection[str] = ()) -> None:
        """Slips of the keys are mended for elements and for the kinds in `corrected` only, so that "changer" is not
        read as a charger."""
        self._corrected = frozenset(corrected)
        self._phrases, self._stems, self._strings = (compiled[k] for k in ("phrases", "stems", "strings"))
        self._longest: dict[str, int] = {}  # first character -> characters of the longest string that begins with it
        for string in self._strings:
            self._longest[string[0]] = max(self._longest.get(string[0], 0), len(string))

    @staticmethod
    def _terms(index: Index, key: str) -> list[Term]:
        return [Term._make(row) for row in index.get(key, ())]

    def find(self, text: str) -> list[Hit]:
        """Every name in the (cleaned) text, the longest at each place, in order; one stretch may mean several things.

        Addresses of the web and of mail hold no names ("www.chrome-metal.example").
        """
        folded = fold(text)
        languages = spoken(text)
        hits = [
            *islice(self._unspaced(text, folded), MOST),
            *islice(self._spaced(text, folded, languages), MOST),
        ]
        addresses = [match.span() for match in _ADDRESS.finditer(text)]
        return sorted(h for h in set(hits) if not any(a <= h.start < b for a, b in addresses))

    def _unspaced(self, text: str, folded: str) -> Iterator[Hit]:
        at = 0
        while at < len(folded):
            if not UNSPACED.match(folded[at]) and not folded[at].isalnum():
                at += 1
                continue
            for length in range(min(self._longest.get(folded[at], 0), len(folded) - at), 0, -1):
                if (string := folded[at : at + length]) in self._strings:
                    for term in self._terms(self._strings, string):
                        yield Hit(at, at + length, term.section, term.value, text[at : at + length])
                    at += length
                    break
            else:
                at += 1

    def _spaced(self, text: str, folded: str, languages: frozenset[str]) -> Iterator[Hit]:
        tokens = list(WORD.finditer(folded))
        i = 0
        while i < len(tokens):
            best = [(n, t) for n, t in self._at(tokens, i) if t.speaks(languages)]
            if not best:
                yield from self._parts(text, tokens[i])
                i += 1
                continue
            size = max(n for n, _ in best)
            end = tokens[i + size - 1].end()
            for n, term in best:
                if n == size:
                    yield Hit(tokens[i].start(), end, term.section, term.value, text[tokens[i].start() : end])
            i += size

    def _at(self, tokens: list[re.Match[str]], i: int) -> list[tuple[int, Term]]:
        """Terms that begin at token i, each with how many tokens it takes."""
        first = tokens[i].group()
        found: list[tuple[int, Term]] = []
        for term in self._terms(self._phrases, first):
            n = len(term.words)
            if n == 1 or self._follows(tokens, i, term):
                found.append((n, term))
        for size in range(3, min(len(first), _LONGEST_WORD) + 1):
            for term in self._terms(self._stems, first[:size]):
                if len(term.words) == 1 or self._follows(tokens, i, term):
                    found.append((len(term.words), term))
        return found

    @staticmethod
    def _follows(tokens: list[re.Match[str]], i: int, term: Term) -> bool:
        if i + len(term.words) > len(tokens):
            return False
        for offset, word in enumerate(term.words):
            token = tokens[i + offset].group()
            if token != word and not (word[-1] == "*" and token.startswith(word[:-1])):
                return False
            if offset and not _WITHIN_NAME.fullmatch(
                tokens[i].string[tokens[i + offset - 1].end() : tokens[i + offset].start()]
            ):
                return False
        return True

    # ------------------------------------------------------------ compounds and typos

    def _parts(self, text: str, token: re.Match[str]) -> Iterator[Hit]:
        """A word the lexicon has not: a compound of an element and a kind ("Dysprosiumoxid"), or a slip of the keys."""
        word = token.group()
        if not 6 <= len(word) <= _LONGEST_WORD or not word.isalpha():
            return
        for cut in range(4, len(word) - 2):
            head = [t for t in self._single(word[:cut]) if t.section in ("elements", "kinds")]
            rest = word[cut:]
            tail = [t for t in self._single(rest) if t.section in ("kinds", "forms")]
            cue = next((value for ending, value in _COMPOUND_ENDINGS if rest.startswith(ending)), None)
            if head and (tail or cue):
                middle = token.start() + cut
                yield Hit(token.start(), middle, head[0].section, head[0].value, text[token.start() : middle])
                if cue:
                    yield Hit(middle, token.end(), "compound", cue, text[middle : token.end()])
                for t in tail:
                    yield Hit(middle, token.end(), t.section, t.value, text[middle : token.end()])
                return
        near = self._near(word)
        if near:
            yield Hit(token.start(), token.end(), near.section, near.value, text[token.start() : token.end()])

    def _single(self, word: str) -> list[Term]:
        found = [t for t in self._terms(self._phrases, word) if len(t.words) == 1]
        for size in range(3, len(word) + 1):
            found.extend(t for t in self._terms(self._stems, word[:size]) if len(t.words) == 1)
        return found

    @cached_property
    def _vocabulary(self) -> dict[int, list[tuple[str, Term]]]:
        by_length: dict[int, list[tuple[str, Term]]] = {}
        for index in (self._phrases, self._stems):
            for word in index:
                for term in self._terms(index, word):
                    if (
                        len(term.words) == 1
                        and (term.section == "elements" or term.value in self._corrected)
                        and len(word) >= 6
                        and word.isascii()
                    ):
                        by_length.setdefault(len(word), []).append((word, term))
        return by_length

    def _near(self, word: str) -> Term | None:
        """The one name a slip away: one edit for 6 to 8 letters, two from 9 on; None where two names are as near."""
        allowed = 1 if len(word) < 9 else 2
        if word[:1] in "0123456789" or word in self._ordinary:
            return None
        best: dict[tuple[str, str], int] = {}
        first: dict[tuple[str, str], str] = {}
        for size in range(len(word) - allowed, len(word) + allowed + 1):
            for name, term in self._vocabulary.get(size, ()):
                if name[0] != word[0] and name[1:3] != word[1:3]:
                    continue
                distance = OSA.distance(word, name, score_cutoff=allowed)
                if distance <= allowed:
                    key = (term.section, term.value)
                    if distance <= best.get(key, 9):
                        first[key] = name[0]
                    best[key] = min(distance, best.get(key, 9))
        if not best:
            return None
        least = min(best.values())
        nearest = [k for k, d in best.items() if d == least]
        if len(nearest) > 1:  # "galium" is nearer to gallium than to kalium: people seldom miss the first letter
            nearest = [k for k in nearest if first.get(k) == word[0]]
        return Term(nearest[0][0], nearest[0][1], (word,)) if len(nearest) == 1 else None

    _ordinary: frozenset[str] = frozenset(
        # Ordinary words one or two letters away from a name of goods.
        [
            "german",
            "europe",
            "europes",
            "europea",
            "europeo",
            "european",
            "europaisch",
            "europeen",
            "germany",
            "germans",
            "magnetic",
            "magnetism",
            "gallons",
            "gallery",
            "balloon",
            "bottle",
            "bottles",
            "meeting",
            "metallic",
            "process",
            "terminal",
            "terminals",
            "criteria",
            "series",
            "stellar",
            "company",
            "country",
            "carbon",
            "moderate",
            "strategic",
            "graphic",
            "graphics",
            "graphically",
            "compounding",
            "composed",
            "material",
            "materials",
        ]
    )


_WITHIN_NAME = re.compile(r"[\s\-'./·()]{0,2}")
_COMPOUND_ENDINGS = (("frei", "free_of"), ("haltig", "containing"))
MOST = 500
"""Names of one sort of script that are looked at in a text; no question has more."""
_LONGEST_WORD = 48
_STOPWORDS = {
    "es": frozenset(
        "de del enviado el los las una para con que por del desde hasta es esta hay como sin necesito "
        "queremos nuestro cuanto puedo licencia y".split()
    ),
    "de": frozenset(
        "der die das und fur nach ist ein eine mit von zu wir aus nicht brauchen wie kann bei uber ob auf im ohne keine kein wird werden".split()
    ),
    "fr": frozenset(
        "de le les des une pour vers est et du nous que avec depuis faut il sans sur dans au aux peut on "
        "cette notre".split()
    ),
    "vi": frozenset("co khong tu di den can giay phep hang la cho xuat khau va nay".split()),
}
_LETTERS = {"es": "ñ¿¡óáíú", "de": "ßäöü", "fr": "çêèàîœ", "vi": "đơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉĩọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"}


def spoken(text: str) -> frozenset[str]:
    """The languages of Latin script that the text may be in: always English, others by their function words and letters."""
    words = set(re.findall(r"[^\W\d_]+", fold(text)))
    found = {"en", "zh", "ja", "ko", "th", "ru"}
    for language, stop in _STOPWORDS.items():
        letters = any(c in text.lower() for c in _LETTERS[language])
        if len(words & stop) >= (1 if letters else 2):
            found.add(language)
    return frozenset(found)


def within(hits: Iterable[Hit], start: int, end: int) -> bool:
    """Does any hit overlap the stretch?"""
    return any(h.start < end and start < h.end for h in hits)
