"""The words that the verifier knows, looked up longest first: concepts, modal words, glue, places, elements and goods."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.rulefiles import parse
from knowledge.verify.stem import stem

_HERE = Path(__file__).resolve().parent
_NAMES = _HERE.parent / "rules" / "lexicon" / "names"
_HAN = re.compile(r"[㐀-鿿〇]")
_WORD = re.compile(r"[a-z0-9][a-z0-9'.&]*", re.IGNORECASE)
GLUE, SHIELD = "glue", "shield"
_EVERYDAY = 2  # spellings of a good that mean it exactly; later ones in the lexicon are kinds of it


@dataclass(frozen=True)
class Meaning:
    """What a spelling may mean: concepts (`w:fine`, `place:DE`), a modal class, glue, an actor."""

    concepts: frozenset[str] = frozenset()
    modal: str = ""
    glue: bool = False
    actor: bool = False
    place: bool = False
    whole: bool = False  # not to be taken apart
    parts: tuple[frozenset[str], ...] = ()  # of "dual-use item": what "dual-use" and "item" mean


@dataclass(frozen=True)
class Lexicon:
    """Spellings by language: Chinese ones as they are, English ones as tuples of stems (modal ones of plain words)."""

    han: Mapping[str, Meaning]
    english: Mapping[tuple[str, ...], Meaning]
    modal: Mapping[tuple[str, ...], Meaning]
    longest_han: int
    longest_english: int
    towards: frozenset[str]
    away: frozenset[str]
    passive: frozenset[str]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Read once a process, at the first sentence that needs it."""
    words = _data("words.yaml")
    modal = _data("modal.yaml")
    han: dict[str, Meaning] = {}
    english: dict[tuple[str, ...], Meaning] = {}
    modals: dict[tuple[str, ...], Meaning] = {}

    def add(spellings: Iterable[str], new: Meaning) -> None:
        for spelling in spellings:
            if _HAN.search(spelling):
                han[spelling] = _merged(han.get(spelling), new)
            else:
                stems = tuple(stem(w) for w in split(spelling))
                english[stems] = _merged(english.get(stems), new)

    for name, spellings in words["actors"].items():
        add(spellings, Meaning(frozenset({f"w:{name}"}), actor=True))
    for name, spellings in words["words"].items():
        add(spellings, Meaning(frozenset({f"w:{name}"})))
    for name, spellings in words["whole"].items():
        add(spellings, Meaning(frozenset({f"w:{name}"}), whole=True))
    for code, spellings in (*words["places"].items(), *_countries()):
        add(spellings, Meaning(frozenset({f"place:{code}"}), place=True))
    for key, spellings in _goods():
        add(spellings, Meaning(frozenset({key})))
    add(words["glue"], Meaning(glue=True))
    for name, spellings in modal.items():
        new = Meaning(modal="" if name == SHIELD else name, glue=name == SHIELD)
        for spelling in spellings:
            if _HAN.search(spelling):
                held = han.get(spelling)
                if name != SHIELD or held is None:
                    han[spelling] = _merged(held, new)
            else:
                modals[tuple(w.lower() for w in split(spelling))] = new
    han = {w: _with_parts(m, _pieces(w, han)) for w, m in han.items()}
    english = {w: _with_parts(m, [english[(p,)] for p in w if (p,) in english]) for w, m in english.items()}
    prepositions = words["prepositions"]
    return Lexicon(
        han,
        english,
        modals,
        max(map(len, han)),
        max(*map(len, english), *map(len, modals)),
        frozenset(prepositions["to"]),
        frozenset(prepositions["from"]),
        frozenset(words["passive"]),
    )


def split(text: str) -> list[str]:
    """The words of an English spelling: hyphens and blanks part them."""
    return [w.rstrip(".") for w in _WORD.findall(text)]


def _merged(held: Meaning | None, new: Meaning) -> Meaning:
    if held is None:
        return new
    return Meaning(
        held.concepts | new.concepts,
        held.modal or new.modal,
        held.glue or new.glue,
        held.actor or new.actor,
        held.place or new.place,
        held.whole or new.whole,
    )


def _with_parts(held: Meaning, pieces: list[Meaning]) -> Meaning:
    """An actor is no sum of its parts: a military end user is not any end user."""
    if held.actor or held.whole or not held.concepts or len(pieces) < 2:
        return held
    return replace(held, parts=tuple(p.concepts for p in pieces if p.concepts))


def _pieces(word: str, han: Mapping[str, Meaning]) -> list[Meaning]:
    """The shorter words that a Chinese word is made of; none where a part of it is no word."""
    found, at = [], 0
    while at < len(word):
        length = next((n for n in range(min(len(word) - at, len(word) - 1), 1, -1) if word[at : at + n] in han), 0)
        if not length:
            return []
        found.append(han[word[at : at + length]])
        at += length
    return found


def _data(name: str) -> Any:
    return parse((_HERE / name).read_bytes(), f"verify/{name}")


def _countries() -> list[tuple[str, list[str]]]:
    from babel import Locale

    names: dict[str, list[str]] = {}
    for language in ("en", "zh"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "ZZ", "QO"):
                names.setdefault(code, []).append(str(name))
    return list(names.items())


def _goods() -> list[tuple[str, list[str]]]:
    """Elements, groups, kinds and forms: the lexicon that reads questions has both languages under one key."""
    found: dict[str, list[str]] = {}
    for language in ("en", "zh"):
        data = parse((_NAMES / f"{language}.yaml").read_bytes(), f"names/{language}.yaml")
        for section in ("elements", "groups", "kinds", "forms"):
            for key, spellings in data[section].items():
                keep = 1 if section == "elements" else _EVERYDAY
                exact = [s for s in spellings if not s.endswith("*")][:keep]
                found.setdefault(f"{section}:{key}", []).extend(exact)
    return list(found.items())
