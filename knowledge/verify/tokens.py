"""A text as the verifier reads it: words with what they mean, modal markers, atoms, all by clause."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from knowledge.verify.atoms import Atom, exact
from knowledge.verify.lexicon import GLUE, Lexicon, Meaning, lexicon
from knowledge.verify.stem import stem

_HAN = re.compile(r"[㐀-鿿〇]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ0-9][A-Za-zÀ-ɏ0-9'&]*(?:\.(?=[A-Za-z]\b)[A-Za-z])*")
_BREAK = re.compile(r"[,;:()。;、!?—]|(?<=[^A-Z])\.(?=\s|$)| but | while |但")
_BOUNDS = ("以上", "以下")
_ORGANISATION = re.compile(r"(?:公司|集团|大学|研究所|研究院|学院|厂|银行|株式会社)$")


@dataclass(frozen=True)
class Token:
    """A word or phrase at `text[start:end]`. `keys` are what it means and, for English, its stem; `sort` is word, actor,
    place, name or glue; `clause` counts the clauses of the text."""

    keys: frozenset[str]
    sort: str
    start: int
    end: int
    words: str
    clause: int
    parts: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True)
class Marker:
    """A modal or negating word: its class, its place and its clause."""

    sort: str
    start: int
    end: int
    words: str
    clause: int


@dataclass(frozen=True)
class Read:
    """A text with its tokens, markers and atoms in order."""

    text: str
    chinese: bool
    tokens: tuple[Token, ...]
    markers: tuple[Marker, ...]
    atoms: tuple[Atom, ...]

    @cached_property
    def keys(self) -> frozenset[str]:
        """Everything that the text speaks of, parts of its terms included."""
        found = {k for t in self.tokens for k in t.keys}
        found |= {k for t in self.tokens for p in t.parts for k in p}
        return frozenset(found | {f"e:{stem(w)}" for t in self.tokens for w in t.words.replace("-", " ").split()})

    def clause_of(self, place: int) -> int:
        """The number of the clause that a place of the text lies in."""
        return _clause(_breaks(self.text), place)


@lru_cache(maxsize=4096)
def read(text: str) -> Read:
    """The text read for comparing. Marks [n] are not part of it."""
    found = exact(text)
    plain = found.text
    words = lexicon()
    breaks = _breaks(plain)
    tokens: list[Token] = []
    markers: list[Marker] = []
    for start, end in _runs(plain, found.atoms):
        pieces = _han(plain, start, end, words) if _HAN.match(plain, start) else _english(plain, start, end, words)
        for a, b, meaning, keys, name in pieces:
            if plain[a:b] in _BOUNDS and any(atom.end == a for atom in found.atoms):
                continue  # part of the number before it
            clause = _clause(breaks, a)
            if meaning.modal:
                markers.append(Marker(meaning.modal, a, b, plain[a:b], clause))
                if (
                    meaning.concepts
                ):  # "permitted" is a permission besides: it bears words, and needs no other to bear it
                    tokens.append(Token(keys, GLUE, a, b, plain[a:b], clause))
                continue
            sort = "actor" if meaning.actor else "place" if meaning.place else "name" if name else "word"
            if meaning.glue and not meaning.actor:
                sort = GLUE
            tokens.append(Token(keys, sort, a, b, plain[a:b], clause, meaning.parts))
    return Read(plain, is_chinese(plain), tuple(tokens), tuple(markers), found.atoms)


def is_chinese(text: str) -> bool:
    """Do Chinese characters carry the text?"""
    return len(_HAN.findall(text)) * 2 >= len(re.findall(r"[A-Za-z]+", text)) and _HAN.search(text) is not None


def _breaks(text: str) -> tuple[int, ...]:
    return tuple(m.start() for m in _BREAK.finditer(text) if m[0] != "、")


def _clause(breaks: tuple[int, ...], place: int) -> int:
    return sum(b < place for b in breaks)


def _runs(text: str, atoms: tuple[Atom, ...]) -> Iterator[tuple[int, int]]:
    """Stretches of one script between the atoms."""
    taken = [(a.start, a.end) for a in atoms]
    for m in re.finditer(r"[㐀-鿿〇]+|[A-Za-zÀ-ɏ0-9][A-Za-zÀ-ɏ0-9'&.\- /]*", text):
        start = m.start()
        for a, b in taken:
            if a >= m.end() or b <= start:
                continue
            if a > start:
                yield start, a
            start = max(start, b)
        if start < m.end():
            yield start, m.end()


Piece = tuple[int, int, Meaning, frozenset[str], bool]


def _han(text: str, start: int, end: int, words: Lexicon) -> Iterator[Piece]:
    at = unknown = start
    while at < end:
        for length in range(min(words.longest_han, end - at), 0, -1):
            meaning = words.han.get(text[at : at + length])
            if meaning is not None:
                if unknown < at:
                    yield _unknown(text, unknown, at)
                yield at, at + length, meaning, meaning.concepts | {f"z:{text[at : at + length]}"}, False
                at += length
                unknown = at
                break
        else:
            at += 1
    if unknown < end:
        yield _unknown(text, unknown, end)


def _unknown(text: str, start: int, end: int) -> Piece:
    run = text[start:end]
    return start, end, Meaning(), frozenset({f"z:{run}"}), _ORGANISATION.search(run) is not None


def _english(text: str, start: int, end: int, words: Lexicon) -> Iterator[Piece]:
    found = [m for m in _LATIN.finditer(text, start, end) if m.end() <= end]
    low = [m[0].lower().rstrip(".") for m in found]
    stems = [stem(w) for w in low]
    i = 0
    while i < len(found):
        if run := _name(text, found, i, words):
            first, last = found[i], found[i + run - 1]
            spelled = " ".join(low[i : i + run])
            yield first.start(), last.end(), Meaning(), frozenset({f"n:{spelled}"}), True
            i += run
            continue
        for length in range(min(words.longest_english, len(found) - i), 0, -1):
            first, last = found[i], found[i + length - 1]
            if length > 1 and re.search(r"\.\s", text[first.end() : last.start()]):
                continue
            modal, plain = words.modal.get(tuple(low[i : i + length])), words.english.get(tuple(stems[i : i + length]))
            meaning = replace(plain, modal=modal.modal, glue=True) if modal and plain else modal or plain
            if meaning is not None:
                keys = meaning.concepts | ({f"e:{stems[i]}"} if length == 1 else frozenset())
                yield first.start(), last.end(), meaning, keys, False
                i += length
                break
        else:
            m = found[i]
            name = m[0][0].isupper() and not _opens(text, m.start())
            yield (
                m.start(),
                m.end(),
                Meaning(),
                frozenset({f"e:{stems[i]}"}),
                name or (m[0].isupper() and len(m[0]) > 1),
            )
            i += 1


def _name(text: str, found: list[re.Match[str]], i: int, words: Lexicon) -> int:
    """How many words from the i-th on make a name: two or more in capitals of which the lexicon does not know one."""
    n = 0
    while i + n < len(found) and _capital(found[i + n][0]):
        gap = text[found[i + n - 1].end() : found[i + n].start()] if n else " "
        if not re.fullmatch(r" | & |-", gap) and not (gap == ". " and len(found[i + n - 1][0]) == 1):
            break
        n += 1
    stems = [stem(m[0]) for m in found[i : i + n]]
    if n < 2 or ((meaning := words.english.get((stems[0],))) is not None and meaning.glue):
        return 0
    return n if any((s,) not in words.english for s in stems) else 0


def _capital(word: str) -> bool:
    return word[0].isupper()


def _opens(text: str, place: int) -> bool:
    """A sentence begins here, so that a capital says nothing."""
    return re.search(r"(?:^|[.!?:]\s)[\s\"'(“•-]*$", text[:place]) is not None
