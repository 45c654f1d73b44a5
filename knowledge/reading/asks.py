"""The cue phrases of rules/lexicon/asks.yaml, and which classes of them a text holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from knowledge.reading.lexicon import UNSPACED
from knowledge.reading.text import fold
from knowledge.rulefiles import parse

CUES = Path(__file__).parents[1] / "rules" / "lexicon" / "asks.yaml"


def classes(text: str) -> set[str]:
    """The classes of the phrases in what `words` gives, but for those that lie in a phrase that only looks like one."""
    found = _found(text)
    if "aside" not in found:
        return found
    for expression in _table().asides:
        text = _compiled(expression).sub(" , ", text)
    return _found(text)


@dataclass(frozen=True)
class _Table:
    """(class, expression) by the first word of a phrase, by the beginning of one that may go on, and by unspaced string."""

    words: Mapping[str, list[tuple[str, str]]]
    stems: Mapping[str, list[tuple[str, str]]]
    strings: Mapping[str, list[tuple[str, str]]]
    asides: tuple[str, ...]


@lru_cache(maxsize=1)
def _table() -> _Table:
    """The phrases of all languages. Raises BadRule where the file is no YAML."""
    words: dict[str, list[tuple[str, str]]] = {}
    stems: dict[str, list[tuple[str, str]]] = {}
    strings: dict[str, list[tuple[str, str]]] = {}
    asides = []
    for classes in parse(CUES.read_bytes(), CUES.name).values():
        for name, phrases in classes.items():
            for phrase in map(fold, phrases):
                expression = _expression(phrase)
                first = phrase.split("..." if UNSPACED.search(phrase) else None)[0].strip()
                index = strings if UNSPACED.search(phrase) else stems if first.endswith("*") else words
                index.setdefault(first.rstrip("*"), []).append((name, expression))
                if name == "aside":
                    asides.append(expression)
    return _Table(words, stems, strings, tuple(asides))


_compiled = lru_cache(maxsize=4096)(re.compile)


def _found(text: str) -> set[str]:
    """The classes of the phrases in what `words` gives. An expression is built when its first word first comes up."""
    table = _table()
    near = [cue for string, some in table.strings.items() if string in text for cue in some]
    for word in set(text.split()):
        near += table.words.get(word, ())
        near += (cue for size in range(2, len(word) + 1) for cue in table.stems.get(word[:size], ()))
    found: set[str] = set()
    for name, expression in near:
        if name not in found and _compiled(expression).search(text):
            found.add(name)
    return found


_LETTER = r"[^\W_぀-ヿ㐀-鿿가-힣฀-๿]"
_WORD = re.compile(rf"{UNSPACED.pattern}+|(?:{_LETTER}|[$§%])(?:{_LETTER}|%|[.'/-](?={_LETTER}))*")
_SENTENCE = re.compile(r"[?!;。…\n]+|:(?!\w)|(?<!\bno)(?<!\bnos)(?<!\bart)(?<!\bsec)(?<!\bpara)\.(?!\w)")


def words(text: str) -> str:
    """Folded words with a space on each side, a line a sentence; a run of an unspaced script is one word."""
    lines = (" ".join(_WORD.findall(sentence)) for sentence in _SENTENCE.split(fold(text)))
    return "\n".join(f" {line} " for line in lines)


def _expression(phrase: str) -> str:
    """A folded cue phrase as an expression over what `words` gives."""
    if UNSPACED.search(phrase):
        return ".{0,80}?".join(re.escape(part.strip()) for part in phrase.split("..."))
    expression, gap = "", " "
    for word in phrase.split():
        if word == "...":
            gap = " (?:.{0,80}? )??"
        elif word == "..":
            gap = r" (?:\S+ ){0,2}?"
        else:
            expression += gap + re.escape(word.rstrip("*")) + (r"\S*" if word.endswith("*") else "")
            gap = " "
    return expression + "(?= )"
