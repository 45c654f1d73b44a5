"""A memo as frozen data, the same for every format. Pure."""

from dataclasses import dataclass
from datetime import datetime

from bot.memo.text import Line
from knowledge.model import Lang

FORMATS = ("pdf", "html", "md", "docx")


@dataclass(frozen=True)
class Heading:
    """A heading: `level` 1 begins a numbered part, 2 stands within one."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Lines:
    """Sentences in their order, as paragraphs or as a list. `quiet` ones are notes on the text."""

    lines: tuple[Line, ...]
    bullets: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Facts:
    """Names with their values, a value or several each."""

    rows: tuple[tuple[str, tuple[Line, ...]], ...]


@dataclass(frozen=True)
class Grid:
    """A table: names of the columns, and rows of as many cells."""

    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True)
class Quoted:
    """Words as somebody wrote them, with their line breaks; `lang` is theirs where it is known, `label` says what they are."""

    text: str
    lang: str = ""
    label: str = ""


@dataclass(frozen=True)
class Source:
    """A provision quoted: its number, title, place and dates, what kind of text it is (`digest`: our own summary) and whether
    confirmed, its address, its words and the hash of the stored text they were taken from."""

    n: int
    title: str
    about: str
    kind: str
    digest: bool
    standing: str
    unconfirmed: bool
    url: str
    quote: Quoted
    hash: str


@dataclass(frozen=True)
class Signatures:
    """Room to sign: the names of the lines to fill in."""

    lines: tuple[str, ...]


Block = Heading | Lines | Facts | Grid | Quoted | Source | Signatures


@dataclass(frozen=True)
class Memo:
    """The whole memo.

    `verdict` is the headline and `tone` its outcome (a value of Outcome, or refused). `parts` are the blocks in their order.
    `code` is what verifies it and `check` the command to type. `issued_at` is in UTC.
    """

    lang: Lang
    number: int
    title: str
    subtitle: str
    tone: str
    verdict: tuple[str, ...]
    summary: Facts
    parts: tuple[Block, ...]
    code: str
    code_name: str
    check: str
    alt: str  # what the QR code is, for those who cannot see it
    footer: str
    page: str  # what numbers a page, with {page} and {count} in it
    issued_at: datetime
