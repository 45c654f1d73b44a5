"""Where sentences end: long provisions are indexed in passages cut at sentence borders, and quotes are whole sentences."""

import re
from collections.abc import Iterator

LIMIT = 900
"""Characters of a passage: about 180 tokens of English, which is what the embedding models were measured with."""

_EAST = ("zh", "ja", "ko")
_STOP_EAST = re.compile(r"[。！？；!?;]+[”’」』）)》\"']*|\n+|(?<=[^\d\s])\.(?=\s|$)")
_STOP_WEST = re.compile(r"[.!?]+[”’\"'»)\]]*(?=\s|$)|;(?=\s)|\n+")
_ABBREVIATED = re.compile(
    r"(?:\b(?:Nos?|Arts?|Secs?|Sects?|Supps?|Pts?|Pars?|Paras?|Chs?|Vols?|Figs?|Eqs?|Reg|Regs|Cats?|Cols?|Inc|Ltd|Corp|Co|Cos|Bros|Mr|Mrs|Ms|Dr|Prof|St"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|vs?|cf|viz|seq|al|approx|max|min|etc|e\.g|i\.e|p|pp|n|ex|excl|incl|resp|Fed|Stat|Pub|Doc|Gov|Gen|Dept|Assoc|Abs|Nr|Ziff|Anm|bzw|vgl|ff?)"
    r"|\b[A-Z]|\b(?:[A-Za-z]\.){1,5}[A-Za-z]|^\s*\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4}))\.$"
)
_CONTINUES = re.compile(r"\s+[a-zà-ÿ(,;]")
_ALWAYS = re.compile(
    r"\b(?:U\.S|E\.U|U\.N|U\.K|N\.B|No|Nos|Art|Arts|Sec|Supp|e\.g|i\.e|Cat|Cats|Pub|Stat|Fed|Mr|Mrs|Ms|Dr|vs?)\.$"
)


def sentences(text: str, language: str) -> tuple[tuple[int, int], ...]:
    """The sentences of `text` as (start, end), end to end from 0 to its length; white space after a sentence is its own.

    `language` is a BCP 47 code; Chinese and Japanese end at 。；！？ and at line breaks, other languages at a stop that is no
    abbreviation ("No. 3", "Art. 5", "U.S.", "§ 740.2(a)") and at line breaks. Empty text has no sentence.
    """
    if not text:
        return ()
    stops = _east(text) if language[:2] in _EAST else _west(text)
    spans: list[tuple[int, int]] = []
    start = 0
    for stop in stops:
        end = stop
        while end < len(text) and text[end].isspace():
            end += 1
        if end > start and text[start:end].strip():
            spans.append((start, end))
            start = end
    if start < len(text):
        if text[start:].strip() or not spans:
            spans.append((start, len(text)))
        else:
            spans[-1] = (spans[-1][0], len(text))
    return tuple(spans)


def _east(text: str) -> Iterator[int]:
    for stop in _STOP_EAST.finditer(text):
        yield stop.end()


def _west(text: str) -> Iterator[int]:
    for stop in _STOP_WEST.finditer(text):
        if stop[0][0] == "." and _is_abbreviation(text, stop):
            continue
        yield stop.end()


def _is_abbreviation(text: str, stop: re.Match[str]) -> bool:
    before = text[max(0, stop.start() - 14) : stop.start() + 1]
    if stop.start() <= 14:
        before = text[: stop.start() + 1]
    elif not before[0].isspace():
        before = before.partition(" ")[2] or before
    if not _ABBREVIATED.search(before):
        return False
    following = text[stop.end() : stop.end() + 3]
    if _CONTINUES.match(following) or re.match(r"\s+[\d§]", following):
        return True
    return bool(_ALWAYS.search(before)) or bool(re.search(r"(?:^|\s)\(?\w{1,3}\.$", before))


def passages(text: str, language: str, limit: int = LIMIT) -> tuple[tuple[int, int], ...]:
    """`text` in passages of at most `limit` characters as (start, end), whole sentences each, covering it end to end.

    A single sentence longer than `limit` is cut: at a comma or blank where there is one in its last half, else at `limit`.
    """
    if limit < 1:
        raise ValueError(f"a passage needs at least one character, limit is {limit}: give a positive limit")
    out: list[tuple[int, int]] = []
    for start, end in sentences(text, language):
        for begin, stop in _cut(text, start, end, limit):
            if out and stop - out[-1][0] <= limit and (begin == start or out[-1][0] >= start):
                out[-1] = (out[-1][0], stop)
            else:
                out.append((begin, stop))
    return tuple(out)


def _cut(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    while end - start > limit:
        half = start + limit // 2
        window = text[half : start + limit]
        at = max((window.rfind(c) for c in "，、,;； "), default=-1)
        stop = half + at + 1 if at >= 0 else start + limit
        yield start, stop
        start = stop
    if end > start:
        yield start, end
