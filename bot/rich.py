"""Text with formatting by offsets. No markup language is ever parsed, so that nothing a user writes can break it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


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
