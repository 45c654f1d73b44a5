"""Text with formatting by offsets. No markup language is ever parsed, so that nothing a user writes can break it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate


@dataclass(frozen=True)
class Span:
    """A formatted stretch: `text[start:end]` in characters. `kind` is Telegram's name of an entity: bold, italic, code, pre,
    text_link (with `url`), blockquote, expandable_blockquote."""

    kind: str
    start: int
    end: int
    url: str = ""


@dataclass(frozen=True)
class Rich:
    """A text and its spans. `+` joins, with a plain string too."""

    text: str = ""
    spans: tuple[Span, ...] = ()

    def __add__(self, other: "Rich | str") -> "Rich":
        if isinstance(other, str):
            return Rich(self.text + other, self.spans)
        shift = len(self.text)
        moved = (replace(s, start=s.start + shift, end=s.end + shift) for s in other.spans)
        return Rich(self.text + other.text, (*self.spans, *moved))

    def __radd__(self, other: str) -> "Rich":
        return Rich(other) + self

    def __bool__(self) -> bool:
        return bool(self.text)


def styled(kind: str, text: "Rich | str", url: str = "") -> Rich:
    """The text, all of it formatted so."""
    inner = text if isinstance(text, Rich) else Rich(text)
    return Rich(inner.text, (Span(kind, 0, len(inner.text), url), *inner.spans)) if inner.text else inner


def bold(text: "Rich | str") -> Rich:
    """In bold."""
    return styled("bold", text)


def italic(text: "Rich | str") -> Rich:
    """In italics."""
    return styled("italic", text)


def code(text: str) -> Rich:
    """In a fixed font; a tap copies it."""
    return styled("code", text)


def link(text: str, url: str) -> Rich:
    """A link; plain text where the address is not one of the web."""
    return styled("text_link", text, url) if url.startswith(("https://", "http://")) else Rich(text)


def quote(text: "Rich | str", *, folded: bool = False) -> Rich:
    """A quotation; folded, it shows its first lines until it is tapped."""
    return styled("expandable_blockquote" if folded else "blockquote", text)


def joined(parts: Iterable["Rich | str"], between: str = "\n") -> Rich:
    """The parts that are not empty, with `between` between them."""
    out = Rich()
    for part in parts:
        if part:
            out = out + between + part if out else Rich() + part
    return out


def units(text: str) -> int:
    """Length as Telegram counts it: in UTF-16 code units."""
    return len(text) + sum(c > "\uffff" for c in text)


# ---------------------------------------------------------------- words that others wrote

_REPLACED = "\ufffd"
# Lone surrogates and noncharacters cannot be sent; marks of direction would reorder the words beside them.
_UNFIT = re.compile("[\ud800-\udfff\ufffe\uffff\ufdd0-\ufdef\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BREAKS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_UNSEEN = re.compile("[\u00ad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_JOINERS = re.compile(
    "([\u200c\u200d])[\u200c\u200d]+"
)  # one means something in Hindi, Persian and emoji; a row nothing
_FOLDED = re.compile(r"(?:\n[^\S\n]*){4,}")
_MARKS_ON_A_LETTER = 4  # Thai, Vietnamese and vocalised Arabic need up to three


def clean(text: str) -> str:
    """The words of a person or a document, fit to stand in a message: what cannot be sent or would turn, hide or flood the
    text around it is replaced or left out. Cleaning twice changes nothing more."""
    text = _CONTROLS.sub(" ", _BREAKS.sub("\n", text))
    text = _JOINERS.sub(r"\1", _UNSEEN.sub("", _UNFIT.sub(_REPLACED, text)))
    return _FOLDED.sub("\n\n", "".join(_few_marks(text)))


def _few_marks(text: str) -> Iterator[str]:
    count = 0
    for c in text:
        count = count + 1 if c > "\u02ff" and unicodedata.category(c) in ("Mn", "Me") else 0
        if count <= _MARKS_ON_A_LETTER:
            yield c


# ---------------------------------------------------------------- a long text as several messages

LIMIT = 4096
"""UTF-16 code units in a message."""
_BORDERS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[。！？；…])(?![”’」』）》])|(?<=[.!?;])(?=\s)"),
    re.compile(r"\s"),
)
_WHOLE = ("text_link", "code", "pre")  # better not torn apart


def split(rich: Rich, limit: int = LIMIT) -> list[Rich]:
    """The text as messages of at most `limit` UTF-16 code units, cut at the end of a paragraph, else of a line, a sentence, a
    word, else where it must be. Formatting goes on behind a cut; white space at a cut is left out, and nothing else.
    Raises ValueError for a limit below 2, which a single character may need."""
    if limit < 2:
        raise ValueError("a message needs room for at least 2 units")
    text, parts = rich.text, []
    sizes = (0, *accumulate(2 if c > "\uffff" else 1 for c in text))
    start, end = _after_space(text, 0), len(text.rstrip())
    while start < end:
        cut = end if sizes[end] - sizes[start] <= limit else _cut(rich, sizes, start, limit)
        stop = start + len(text[start:cut].rstrip())
        parts.append(_part(rich, start, stop))
        start = _after_space(text, cut)
    return parts


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _cut(rich: Rich, sizes: Sequence[int], start: int, limit: int) -> int:
    """Where the part that begins at `start` ends."""
    text, last = rich.text, start + 1
    while sizes[last + 1] - sizes[start] <= limit:
        last += 1
    least = start + (last - start) // 2  # a border nearer than that would make crumbs
    torn = [(s.start, s.end) for s in rich.spans if s.kind in _WHOLE and s.start < last and start < s.end]

    def inside(at: int) -> bool:
        return any(a < at < b for a, b in torn)

    for border in _BORDERS:
        found = [m.start() for m in border.finditer(text, start + 1, last + 1)]
        fit = [at for at in found if least <= at <= last and not inside(at) and _parts_well(text, at)]
        if fit:
            return fit[-1]
    free = (at for at in range(last, start, -1) if _parts_well(text, at))
    must = next(free, last)  # a letter with more marks than a message holds is cut all the same
    return next((at for at in range(must, least, -1) if not inside(at) and _parts_well(text, at)), must)


def _parts_well(text: str, at: int) -> bool:
    """Does no letter lose its marks, no emoji its parts, by a cut before `at`?"""
    after = _after_space(text, at)
    if after >= len(text):
        return True
    then, before = text[after], text[after - 1]
    joined_up = then in "\u200c\u200d" or before == "\u200d" or "\U0001f3fb" <= then <= "\U0001f3ff"
    flag = "\U0001f1e6" <= then <= "\U0001f1ff" and "\U0001f1e6" <= before <= "\U0001f1ff"
    return not (joined_up or flag or unicodedata.category(then)[0] == "M")


def _part(rich: Rich, start: int, stop: int) -> Rich:
    kept = (
        replace(s, start=max(s.start, start) - start, end=min(s.end, stop) - start)
        for s in rich.spans
        if max(s.start, start) < min(s.end, stop)
    )
    return Rich(rich.text[start:stop], tuple(kept))
