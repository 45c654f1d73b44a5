"""The quality gate: whether what a reader made of a file is text in a language, before anything is stored."""

import re
import unicodedata
from collections import Counter

from ingest.document import Document
from ingest.reasons import Quarantined, Reason

_SAMPLE = 100_000  # characters judged
_CID = re.compile(r"\(cid:\d+\)")
# UTF-8 read as windows-1252, latin-1, cp437 or GBK: pairs that no language writes, many times over
_MOJIBAKE = re.compile(
    "Ã[\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ ]|Â[\u00a0-\u00bf]|â€[™œ\u009d“”˜¦]|ï¿½|[ÐÑ][\u0080-\u00bfŠ°±²³´µ¶·¸¹º»¼½¾¿€‚ƒ„…†‡ˆ‰‹ŒŽ‘’“”•–—]|锟斤拷|烫烫|屯屯"
    "|[åæçèé][\u0080-\u00bfˆ‰Š‹Œ€‚ƒ„…†‡“”•–—˜™š›œžŸ¡-¿]{2}"
)
_BOXES = re.compile("[\u2500-\u259f]")
_STAMP = re.compile(
    r"\W*(?:page|p\.|seite|第)?\W*\d*\W*(?:(?:of|von|sur|de|共)\W*\d+)?\W*[页頁]?\W*|.{0,40}(?:scanned (?:by|with)|camscanner|扫描全能王).{0,40}",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")


def garbled(text: str) -> bool:
    """Whether characters are there and no language: mis-decoded, private-use or unmapped glyphs, noise."""
    sample = text[:_SAMPLE]
    inked = [char for char in sample if not char.isspace()]
    if len(inked) < 8:
        return False
    strange = sum(1 for char in inked if char == "\ufffd" or unicodedata.category(char) in {"Co", "Cn", "Cs", "Cc"})
    if strange > 0.1 * len(inked):
        return True
    if len("".join(_CID.findall(sample))) > 0.2 * len(inked):
        return True
    beyond = sum(1 for char in inked if char > "\x7f")
    wrong = sum(len(found) for found in _MOJIBAKE.findall(sample))
    if beyond >= 6 and wrong > 0.4 * beyond:
        return True
    if len(_BOXES.findall(sample)) > 0.25 * len(inked) and sum(map(str.isalpha, inked)) < 0.6 * len(inked):
        return True
    return _noise(sample, inked)


def _noise(sample: str, inked: list[str]) -> bool:
    """One letter over and over, letters from many scripts thrown together, or Latin letters in no order that any language has."""
    letters = Counter(char for char in inked if char.isalpha())
    if sum(letters.values()) > 200 and letters.most_common(1)[0][1] > 0.6 * sum(letters.values()):
        return True
    accented = sum(count for char, count in letters.items() if "\u00c0" <= char <= "\u024f")
    if accented > 20 and accented > 0.5 * sum(letters.values()):  # Vietnamese, the most accented, has a third
        return True
    words = [word for word in _WORD.findall(sample) if len(word) > 2]
    if len(words) < 10:
        return False
    mixed = sum(1 for word in words if len({_script(char) for char in word}) > 1)
    if mixed > 0.3 * len(words):
        return True
    latin = [word for word in words if word.isascii()]
    small = Counter("".join(latin).lower())
    total = sum(small.values())
    if total < 200 or total < 0.5 * len(inked):
        return False
    vowels = sum(small[char] for char in "aeiouy") / total
    inside = sum(1 for word in latin if word[1:] != word[1:].lower() and not word.isupper())
    return not 0.2 < vowels < 0.62 or inside > 0.6 * len(latin)


def _script(char: str) -> str:
    """The first word of a letter's Unicode name, Japanese and Chinese counted as one."""
    name = unicodedata.name(char, "?").split()[0]
    return (
        "CJK"
        if name in {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "KATAKANA-HIRAGANA", "FULLWIDTH", "HALFWIDTH"}
        else name
    )


def _stamps(document: Document) -> bool:
    """Whether a paged document has a text layer of page numbers or a scanner's mark and nothing else."""
    if any("cell:" in key for block in document.blocks for key in block.attributes):
        return False
    return all(_STAMP.fullmatch(block.text) for block in document.blocks)


def _without_text(document: Document) -> Quarantined:
    if document.media_type.startswith("text/") or document.media_type.endswith(("xml", "json")):
        detail = (
            "markup and no text in it: check that it was saved whole; a page that a script draws is best saved as PDF"
        )
        return Quarantined(Reason.EMPTY, detail)
    return Quarantined(
        Reason.NO_TEXT, "pictures or embedded files and no text: send the version that holds the text itself"
    )


def check(document: Document) -> Document:
    """The document, if it holds text; else raises Quarantined with EMPTY, NO_TEXT or GARBLED.

    A short text passes: one sentence, or one row of a table, is enough.
    """
    text = document.text
    if not text.strip():
        raise _without_text(document)
    if garbled(text):
        detail = "the characters make no language (a wrong encoding, or fonts without a character map); send the HTML or Word version"
        raise Quarantined(Reason.GARBLED, detail)
    signs = sum(1 for char in text if char.isalnum())
    if signs < 2 or signs < 0.05 * sum(1 for char in text if not char.isspace()):
        raise Quarantined(
            Reason.NO_TEXT, f"{signs} letters and figures in the whole file: nothing to cite; send the text version"
        )
    if document.pages and _stamps(document):
        detail = f"{document.pages} pages that hold nothing but their numbers or a scanner's mark; run text recognition (OCR) on it"
        raise Quarantined(Reason.NO_TEXT, detail)
    return document
