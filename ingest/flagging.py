"""What an admin should look at: places of a document that speak to the machine rather than state law.

A flag changes nothing that is answered: the passage stays in the index and may be cited, as the quote that it is.
"""

from collections.abc import Iterator, Sequence

from ingest.document import Document
from knowledge.store.flags import Flag
from knowledge.store.records import InstrumentRecord, content_id
from knowledge.suspicion import suspicious

TOLD = frozenset({"title", "author", "subject", "keywords", "description", "creator"})
"""What of a file's own description is looked at: the words in it that a person wrote."""


def flagged(document: Document, name: str, records: Sequence[InstrumentRecord]) -> tuple[Flag, ...]:
    """The suspicious places of a document: its file name, title and description, then headings and passages."""
    return (*_of_the_file(document, name), *(flag for record in records for flag in _of_the_text(record)))


def _of_the_file(document: Document, name: str) -> Iterator[Flag]:
    seen: set[str] = set()
    described = (v for k, v in sorted(document.metadata.items()) if k.lower() in TOLD)
    for place, said in (("name", _spaced(name)), ("title", document.title), *(("metadata", v) for v in described)):
        if said in seen:
            continue
        seen.add(said)
        for sign in suspicious(said):
            yield Flag(place, sign.kind, sign.words, language=document.language)


def _of_the_text(record: InstrumentRecord) -> Iterator[Flag]:
    above: set[str] = set()
    for p in record.provisions:
        fresh = [h for h in (*p.heading, p.label) if h not in above]
        above.update(fresh)
        for place, said in (("heading", "\n".join(fresh)), ("text", p.text)):
            for sign in suspicious(said):
                identity = content_id(record.id, record.language, p)
                yield Flag(place, sign.kind, sign.words, record.id, record.language, p.locator, identity)


def _spaced(name: str) -> str:
    """A file's name as words: "ignore_all-rules.pdf"."""
    return name.rsplit("/", 1)[-1].replace("_", " ").replace("-", " ")
