"""What the engine is built from: one record an entry, from the bundled facts or from the text of an ingested list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.classify.bounds import Bound
from knowledge.classify.text import Glossary, normal
from knowledge.lexis.terms import number

UNLISTED = "EAR99"


@dataclass(frozen=True)
class ItemSource:
    """A paragraph of an entry's items: the `terms` (numbers of stems) of its words and of those above it, its numeric
    conditions with those above it. `path` "" is the heading. `stems` are there while a text is read, not in the index."""

    path: str
    locator: str
    terms: tuple[int, ...]
    bounds: tuple[Bound, ...]
    stems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Named:
    """What an entry is called: `terms` are numbers of English stems and Chinese pairs of characters, by name."""

    title: Mapping[str, str]
    title_terms: tuple[int, ...]
    names: tuple[str, ...]
    terms: tuple[tuple[int, ...], ...]
    han: tuple[int, ...]


@dataclass(frozen=True)
class EntrySource:
    """An entry: what it is called, its paragraphs, the entries it refers to, and conditions of what it does not control."""

    code: str
    called: Named
    heading: tuple[int, ...]
    items: tuple[ItemSource, ...]
    related: tuple[str, ...] = ()
    excluding: tuple[Bound, ...] = ()


def named(title: Mapping[str, str], names: Mapping[str, Sequence[str]], glossary: Glossary) -> Named:
    """The words of an entry's title and names."""
    flat = [n for lang in ("en", "zh") for n in names.get(lang, ())]
    head = glossary.words(normal(" ; ".join(title.values()))[0])
    split = [glossary.words(normal(n)[0]) for n in flat]
    return Named(
        dict(title),
        tuple(map(number, head.stems)),
        tuple(flat),
        tuple(tuple(map(number, dict.fromkeys((*w.stems, *w.han)))) for w in split),
        tuple(number(pair) for w in (head, *split) for pair in w.han),
    )


def dump(called: Mapping[str, Named]) -> dict[str, Any]:
    """The names as JSON values."""
    return {code: [n.title, n.title_terms, n.names, n.terms, n.han] for code, n in called.items()}


def restore(rows: Mapping[str, Any]) -> dict[str, Named]:
    """The names from JSON values."""
    return {
        code: Named(title, tuple(head), tuple(names), tuple(map(tuple, terms)), tuple(han))
        for code, (title, head, names, terms, han) in rows.items()
    }
