"""Plain text: paragraphs by blank lines, hard-wrapped lines put back together."""

from ingest.document import Block, BlockKind, Document
from ingest.readers.lines import opens, paragraphs, vocabulary, width
from ingest.text import clean, decode, language

_LONG = 120  # characters: a text whose lines are longer wraps by itself, so each line is a paragraph


def read(data: bytes, name: str = "", declared: str | None = None) -> Document:
    """A paragraph a block; the title is the first line where it is short. Never raises: the quality gate judges it."""
    text, _, warning = decode(data, declared)
    blocks = blocks_of(clean(text))
    first = blocks[0].text if blocks else ""
    return Document(
        media_type="text/plain",
        title=first if first and len(first) < 200 else name,
        language=language(text),
        blocks=tuple(blocks),
        warnings=(warning,) if warning else (),
    )


def blocks_of(text: str) -> list[Block]:
    """Paragraphs of cleaned text. Lines are joined only where the text is hard-wrapped."""
    lines = [line.rstrip() for line in text.split("\n")]
    filled = [line for line in lines if line.strip()]
    if not filled:
        return []
    full = width(filled)
    if full > _LONG or sum(1 for line in filled if opens(line.strip())) > 0.6 * len(filled):
        parts = [line.strip() for line in filled]
    else:
        parts = paragraphs(lines, full, vocabulary(filled))
    return [Block(BlockKind.PARAGRAPH, part) for part in parts]
