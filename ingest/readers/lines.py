"""Lines as a page shows them, put back together into paragraphs."""

import re
from collections.abc import Iterable, Sequence

_OPENS = re.compile(
    r"^(?:[(（\[]\s?(?:\d{1,3}|[a-z]{1,3}|[ivxlc]{1,6}|[A-Z]|[一二三四五六七八九十百]{1,4})\s?[)）\]]|\d{1,3}(?:\.\d{1,3})*[.)、．](?:\s|$)"
    r"|[a-zA-Z][.)]\s|[•●▪◦■□►▶▼▲◄–—·*]\s?|§|第\s?[\d一二三四五六七八九十百千零〇两]+\s?[条章节编款项]|제\s?\d+\s?[조장절]"
    r"|(?:Article|ARTICLE|Artikel|Article|Artículo|Articolo|Section|SECTION|Chapter|CHAPTER|PART|Part|ANNEX|Annex|APPENDIX|Appendix|SUBPART|Subpart|TITLE|Title|Supplement|SUPPLEMENT|Note|NOTE|N\.B\.|Whereas:)\s?(?=[\dIVXLC:(]|No\b|to\b|[A-Z]\b|$)"
    r"|[‘“\"'](?:\(\w{1,3}\)|\d{1,3}\.)|_{5,}|-{5,}|[0-9][A-E]\d{3}\b|[A-Z]{1,2}(?:\.[A-Z]{1,5})+\.\d{1,3}\b)"
)
_REFERS = re.compile(
    r"(?:\b(?:Articles?|paragraphs?|points?|sections?|subsections?|items?|Annex(?:es)?|(?<![,;] )(?:and|or)|to|in|of|the|under|by|with|No|para|letters?|sub-?paragraphs?|§+|Part|Supp\.|Regulation|Directive)|,|及|和|或|第)$"
)
_ENDS = re.compile(r"(?:[.;:!?。；：！？…]|[.;。][)）”’\"'»]|[:;]\s?(?:and|or))$")
_CJK = "[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\uac00-\ud7a3]"
_CJK_LAST, _CJK_FIRST = re.compile(f"{_CJK}$"), re.compile(f"^{_CJK}")
_MARK = re.compile(r"^[▼►]\s?[A-Z]\d{0,3}$")  # the consolidated acts' amendment marks
_SHOUTS = re.compile(r"[A-Z]{3,} [A-Z]{2,}")
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_HALVES = re.compile(r"([^\W_]+)-$")


def width(lines: Iterable[str]) -> float:
    """How wide a full line is: the ninth decile of line lengths, an East Asian character counting two."""
    sizes = sorted(_size(line) for line in lines if line.strip())
    return sizes[min(len(sizes) - 1, len(sizes) * 9 // 10)] if sizes else 0.0


def vocabulary(texts: Iterable[str]) -> frozenset[str]:
    """The words and hyphenated words of a document, lower case: tells whether a hyphen at a line's end belongs.

    Halves of words cut at line ends are not words.
    """
    found: set[str] = set()
    cut = False
    for text in texts:
        said = _WORD.findall(text)
        ends = text.rstrip().endswith("-")
        found.update(word.casefold() for word in said[cut : len(said) - ends])
        cut = ends
    return frozenset(found)


def opens(line: str) -> bool:
    """Whether a line starts a paragraph by what it says: a number, a bullet, "Article 5", "第三条"."""
    return bool(_OPENS.match(line))


def continues(before: str, line: str, full: float, over_page: bool = False) -> bool:
    """Whether `line` goes on with the paragraph that `before` is the last line of; `full` is the usual line's width.

    Over a page's end the two stand apart anyway, so there the words alone have to show it.
    """
    if before.endswith(("-", "\u00ad")) and len(before) > 1 and before[-2].isalnum():
        return True
    if _MARK.match(before) or (opens(line) and not _REFERS.search(before)):
        return False
    share = _size(before) / full if full else 1.0
    if _ENDS.search(before) and (share < 0.85 or before[-1] in ":：;；"):
        return False
    if line[:1].islower():
        return True
    if over_page and not _REFERS.search(before) and (len(before) < 40 or share < 0.85) and not _CJK_LAST.search(before):
        return False
    if share < 0.55 and not _REFERS.search(before):
        return False
    if _SHOUTS.match(line) and not before.isupper() and not _REFERS.search(before):
        return False
    shouting = before.isupper() and sum(map(str.isalpha, before)) > 3
    return not (shouting and not line.isupper() and share < 0.85)


def join(before: str, line: str, words: frozenset[str]) -> str:
    """Two lines of one paragraph as one: no space between East Asian characters, a word cut in two made whole.

    A hyphen at the end stays where the document elsewhere writes the word with it, where a digit, a capital or another
    hyphen is beside it, or where both halves are words of their own; else it only broke the line.
    """
    if before.endswith("\u00ad"):
        return before[:-1] + line
    cut = _HALVES.search(before)
    if cut and (rest := re.match(r"[^\W_]+", line)):
        whole, hyphened = (cut[1] + rest[0]).casefold(), f"{cut[1]}-{rest[0]}".casefold()
        plain = cut[1].isalpha() and rest[0].isalpha() and rest[0].islower()
        both = cut[1].casefold() in words and rest[0].casefold() in words
        drop = (plain and whole in words) or (plain and hyphened not in words and not both and cut[1][1:].islower())
        return (before[:-1] if drop else before) + line
    if _CJK_LAST.search(before) and _CJK_FIRST.match(line) and not re.search("[\uac00-\ud7a3]$", before):
        return before + line
    return f"{before} {line}"


def paragraphs(lines: Sequence[str], full: float | None = None, words: frozenset[str] | None = None) -> list[str]:
    """Lines put together into paragraphs; an empty line always ends one."""
    full = width(lines) if full is None else full
    words = vocabulary(lines) if words is None else words
    out: list[list[str]] = []
    fresh = True
    last = ""
    for raw in lines:
        line = raw.strip()
        if not line:
            fresh = True
            continue
        if out and not fresh and continues(last, line, full):
            out[-1].append(line)
        else:
            out.append([line])
        fresh, last = False, line
    return [joined(part, words) for part in out]


def joined(lines: Sequence[str], words: frozenset[str]) -> str:
    """The lines of one paragraph as one text."""
    text = lines[0]
    for line in lines[1:]:
        # only the end of what is there matters, so long paragraphs are put together from their tails
        tail = text[-80:]
        text = text[: len(text) - len(tail)] + join(tail, line, words)
    return text


def _size(line: str) -> int:
    line = line.strip()
    return len(line) + sum(1 for char in line if "\u1100" <= char <= "\u11ff" or "\u2e80" <= char <= "\uffef")
