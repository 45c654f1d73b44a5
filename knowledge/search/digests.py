"""The rule book's own digests as passages to search, for instruments whose official text is not held."""

from dataclasses import dataclass

from knowledge.rulebook import RuleBook
from knowledge.search.find import Searcher
from knowledge.search.model import IndexPassage
from knowledge.store.lexical import Fields, entry, fields

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class InMemory:
    """Passages that are made at the start of a process and never change: what a searcher reads of a lexical index."""

    fields: Fields
    revision: int = 0


def digests(book: RuleBook) -> Searcher:
    """A searcher over every digest in both languages, by words only. A passage's id is `instrument\\tprovision\\tlanguage`."""
    made = [
        entry(
            IndexPassage(
                id=name(p.instrument, p.id, language),
                provision=name(p.instrument, p.id, language),
                text=p.text[language],
                heading=(),
                title=f"{i.number[language]} {i.title[language]}",
                language=language,
                instrument=p.instrument,
                locator=f"art-{p.id}" if p.id.isdecimal() else p.id,
                position=n,
            )
        )
        for i in book.instruments.values()
        for n, p in enumerate(i.provisions)
        for language in LANGUAGES
    ]
    return Searcher(InMemory(fields(tuple(made))))


def name(instrument: str, provision: str, language: str) -> str:
    """The id of a digest in a language."""
    return f"{instrument}\t{provision}\t{language}"
