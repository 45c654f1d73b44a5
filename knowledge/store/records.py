"""What is stored of a document: instruments, provisions, parts of provisions. Plain data, no database in here."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Part:
    """A numbered piece inside a provision that can be cited by itself: `text[start:end]` of the provision."""

    locator: str
    start: int
    end: int


@dataclass(frozen=True)
class ProvisionRecord:
    """A citable passage of an instrument, as its publisher worded it.

    `locator` is unique in the instrument and made of segments joined by "/", each `kind-number` in ASCII digits where
    the law counts (`art-12`, `art-12/par-2/item-1`, `sec-740.2/a/1`, `annex-I/entry-1C350`, `table-3/row-5`).
    `label` is what the text calls it ("第十二条", "Article 12(2)", "§ 740.2(a)(1)"). `kind` is one of KINDS.
    `heading` is the path of headings above it, outermost first. `parts` are the numbered pieces inside it.
    `page` counts from 1. Dates are set only where the text itself gives them.
    """

    locator: str
    label: str
    kind: str
    text: str
    heading: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    page: int | None = None
    effective_from: date | None = None
    effective_to: date | None = None

    @property
    def sha256(self) -> str:
        """Hash of the text in UTF-8: what a citation names."""
        return hashlib.sha256(self.text.encode()).hexdigest()


KINDS = (
    "preamble",
    "recital",
    "article",
    "section",
    "paragraph",
    "item",
    "definition",
    "entry",
    "table_row",
    "note",
    "annex",
    "notice",
)


@dataclass(frozen=True)
class Relation:
    """What one act does to another, said in `provision` (a locator): `repeals`, `amends` or `suspends` the act named `target`.

    `target` is the other instrument's id where it is known, else its name as the text gives it.
    """

    kind: str
    target: str
    provision: str
    on: date | None = None


@dataclass(frozen=True)
class Enforcement:
    """What an enforcement notice states of one case; an empty field was not stated."""

    party: str = ""
    goods: str = ""
    route: str = ""
    method: str = ""
    penalty: str = ""
    date: str = ""
    provision: str = ""  # locator of the passage that says so


@dataclass(frozen=True)
class InstrumentRecord:
    """One instrument in one language as one document gives it.

    `id` is the rule book's id where the instrument is known there (`CN-ECL-2020`), else made from its official number.
    `kind` is law, regulation, announcement, list, enforcement_notice, guidance or news. `version_date` is the date of
    the consolidation or issue where the document states one.
    """

    id: str
    regime: str
    title: str
    number: str
    kind: str
    language: str
    provisions: tuple[ProvisionRecord, ...]
    issuers: tuple[str, ...] = ()
    announced: date | None = None
    effective: date | None = None
    version_date: date | None = None
    url: str = ""
    relations: tuple[Relation, ...] = ()
    enforcement: tuple[Enforcement, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


def content_id(instrument: str, language: str, provision: ProvisionRecord) -> str:
    """The stored id of a provision: same place, same words, same id, whatever the page or the order."""
    key = [instrument, language, provision.locator, provision.label, provision.kind, provision.heading, provision.text]
    return hashlib.sha256(json.dumps(key, ensure_ascii=False).encode()).hexdigest()[:32]
