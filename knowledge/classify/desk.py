"""The classification desk: everything that a description is compared with, built once."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from knowledge.cache import kept
from knowledge.classify import DATA
from knowledge.classify.cues import Cues, cues
from knowledge.classify.facts import Facts, bundled, compiled, read
from knowledge.classify.index import Index, build
from knowledge.classify.measures import Measure, find
from knowledge.classify.parameters import Given, given
from knowledge.classify.rank import Ranker, Scored
from knowledge.classify.source import UNLISTED, EntrySource, Named, dump, named, restore
from knowledge.classify.text import Glossary, Words, glossary, head, normal
from knowledge.classify.weights import Weights
from knowledge.classify.weights import bundled as weights_in_package
from knowledge.controllists.model import ControlList
from knowledge.controllists.titles import Name, load_names
from knowledge.reading.read import Reader


@dataclass(frozen=True)
class Looked:
    """A description as the engine sees it, with its features."""

    text: str
    truncated: bool
    words: Words
    measures: tuple[Measure, ...]
    given: tuple[Given, ...]
    cues: Cues
    scored: Scored


@dataclass(frozen=True, eq=False)
class Desk:
    """The US list's records (the last is of goods no list names), the glossary, the weights, and, for Chinese entries,
    the reader of the rule book; without one only the US list and what corresponds to it are searched."""

    entries: tuple[EntrySource, ...]
    glossary: Glossary
    weights: Weights
    reader: Reader | None = None

    @cached_property
    def ranker(self) -> Ranker:
        """Index and features."""
        return self._ranker(self.weights.learned)

    @property
    def index(self) -> Index:
        """The index of the records."""
        return self.ranker.index

    def _ranker(self, learned: Mapping[str, Sequence[int]]) -> Ranker:
        return Ranker(build(self.entries, learned), len(self.entries) - 1)

    def relearned(self, learned: dict[str, list[int]]) -> "Desk":
        """The same desk with other learned words."""
        return replace(self, weights=replace(self.weights, learned=learned))

    def look(self, description: str) -> Looked:
        """The features of a description."""
        text, truncated = normal(description)
        words = self.glossary.words(text)
        measures = find(text)
        stated = given(measures, self.glossary)
        heard = cues(text)
        scored = self.ranker.features(
            self.index.match(words), self.index.match(self.glossary.words(head(text))), heard, stated
        )
        return Looked(text, truncated, words, tuple(measures), tuple(stated), heard, scored)


def load(
    ccl: ControlList | None = None,
    reader: Reader | None = None,
    cache: Path | None = None,
    weights: Weights | None = None,
) -> Desk:
    """The desk over the bundled facts, or over `ccl` where that list holds its official text.

    `reader` adds the Chinese entries of the rule book. `cache` is a folder for what is derived from the names.
    """
    names = load_names(cache)
    facts = bundled() if ccl is None or ccl.bundled else read(compiled(ccl))
    called = restore(kept(cache, "classify", _key(names), lambda: dump(_called(names))))
    entries = [
        _entry(code, called.get(code, NAMELESS), facts.get(code, NO_FACTS))
        for code in sorted({*facts, *called} - {UNLISTED})
    ]
    return Desk(
        (*entries, _entry(UNLISTED, called[UNLISTED], NO_FACTS)), glossary(), weights or weights_in_package(), reader
    )


NAMELESS = Named({}, (), (), (), ())
NO_FACTS = Facts((), (), ())
_ORDINARY = DATA / "ordinary.tsv"


def _entry(code: str, called: Named, facts: Facts) -> EntrySource:
    return EntrySource(code, called, facts.heading, facts.items, facts.related, facts.excluding)


def _called(names: Mapping[str, Name]) -> dict[str, Named]:
    found = {code: named(n.title, n.names, glossary()) for code, n in names.items()}
    lines = [x.split("\t")[1] for x in _ORDINARY.read_text("utf-8").splitlines() if x and not x.startswith("#")]
    found[UNLISTED] = named({}, {"en": [n for line in lines for n in line.split("|")]}, glossary())
    return found


def _key(names: Mapping[str, Name]) -> str:
    """A hash of all that the derived names are made of."""
    digest = hashlib.sha256(_ORDINARY.read_bytes() + _ORDINARY.with_name("glossary.tsv").read_bytes())
    digest.update(Path(__file__).with_name("text.py").read_bytes())
    for code, name in sorted(names.items()):
        digest.update(repr((code, sorted(name.title.items()), sorted(name.names.items()))).encode())
    return digest.hexdigest()
