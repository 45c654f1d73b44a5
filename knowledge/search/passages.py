"""A provision to the passages that are indexed: whole where it is short, in overlapping pieces where it is long."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace

from knowledge.lexis.sentences import sentences
from knowledge.search.model import IndexPassage

LONGEST = 1500  # characters: about the 512 tokens that the embedding model reads at once, in English
LONGEST_HAN = 600  # the same in Chinese, Japanese and Korean
PIECES = 1000  # passages of one provision that positions can tell apart
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def passages(whole: IndexPassage) -> tuple[IndexPassage, ...]:
    """The provision's passages, in order, with ids and positions of their own. `whole.id` is not used."""
    pieces = dict.fromkeys(split(whole.text, whole.language))
    return tuple(
        replace(whole, id=_identity(whole, piece), text=piece, position=whole.position * PIECES + min(i, PIECES - 1))
        for i, piece in enumerate(pieces)
    )


def split(text: str, language: str = "en") -> list[str]:
    """The text in pieces of at most LONGEST characters, cut at sentences; the last sentence of one opens the next."""
    limit = LONGEST_HAN if len(_WIDE.findall(text[:400])) * 4 > len(text[:400]) else LONGEST
    if len(text) <= limit:
        return [text]
    pieces: list[str] = []
    piece: list[str] = []
    for sentence in _sentences(text, language, limit):
        if piece and sum(map(len, piece)) + len(sentence) > limit:
            pieces.append("".join(piece).strip())
            piece = piece[-1:] if len(piece[-1]) + len(sentence) <= limit and len(piece[-1]) < limit // 4 else []
        piece.append(sentence)
    return [p for p in (*pieces, "".join(piece).strip()) if p]


def _sentences(text: str, language: str, limit: int) -> Iterator[str]:
    for start, end in sentences(text, language):
        for cut in range(start, end, limit):  # a table or list without a stop
            yield text[cut : min(cut + limit, end)]


def _identity(whole: IndexPassage, piece: str) -> str:
    key = [whole.provision, whole.title, whole.heading, whole.locator, whole.parent, whole.position, piece]
    return hashlib.sha256(json.dumps(key, ensure_ascii=False).encode()).hexdigest()[:32]
