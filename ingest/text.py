"""Bytes to text, and what language the text is in: byte order marks, declared and guessed encodings, cleaning."""

import codecs
import re

from ingest.readers.charsets import Guess, guess, normal_name

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]+)|<meta[^>]{0,300}?\bcharset\s*=\s*["']?\s*([\w.:-]+)""", re.I
)
# \r, \v, \f, NEL, LS and PS all end a line; every other control character, lone surrogate, U+FEFF and noncharacter goes.
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_DROPPED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\ufdd0-\ufdef]")
_BLANK_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")
_PREFIX = 4096  # how far a document may go before it names its encoding


def clean(text: str) -> str:
    """The text without NUL, lone surrogates, control characters (but newline and tab) and byte order marks.

    Line ends become "\\n" and runs of blank lines become one. Nothing else changes: no NFKC, full-width stays
    full-width, since a quotation has to match what was published.
    """
    return _BLANK_LINES.sub("\n\n", _DROPPED.sub("", _LINE_ENDS.sub("\n", text)))


def squeeze(text: str) -> str:
    """Cleaned text on one line: every run of white space, with no-break and ideographic space at the ends, is one space."""
    return " ".join(clean(text).split())


def declared_in(data: bytes) -> str | None:
    """The encoding that an XML declaration or an HTML `meta` names, or None."""
    found = _DECLARED.search(data[:_PREFIX])
    return (found[1] or found[2]).decode("ascii") if found else None


def decode(data: bytes, declared: str | None = None) -> tuple[str, str, str | None]:
    """The text, the encoding used (Python's name) and a warning for the admin, or None where nothing was in doubt.

    `declared` is what came with the bytes, such as the charset of an HTTP header. Order of trust: a byte order mark;
    UTF-8 that decodes and could hardly be anything else; the declared encoding and then the document's own, where they
    decode and read as a language; a guess by letters (`charsets.guess`). Never raises: bytes that fit nothing come back
    with U+FFFD, for the quality gate to judge.
    """
    for mark, marked in _BOMS:
        if data.startswith(mark):
            return _lenient(data[len(mark) :], marked, None)
    labels = [normal_name(claim) for claim in (declared, declared_in(data)) if claim]
    claims = [name for name in labels if name]
    if 0 not in data and 0x1B not in data and _is_utf8(data, bool(claims) and claims[0] != "utf-8"):
        return data.decode("utf-8"), "utf-8", None
    found = guess(data, claims)
    if found is None:
        return _lenient(data, claims[0] if claims else "utf-8", "no encoding fits these bytes")
    return _lenient(data, found.encoding, _warning(found, claims))


def language(text: str) -> str:
    """A BCP 47 primary code by script and by function words ("zh", "en", "ko", "und" where unknown). Cheap, a guess."""
    from ingest.readers.languages import language_of  # kept apart: a table of words

    return language_of(text)


def _is_utf8(data: bytes, doubted: bool) -> bool:
    """Whether the bytes decode as UTF-8; where another encoding is declared, with three characters beyond ASCII or none."""
    try:
        beyond = len(data) - len(data.decode("utf-8"))
    except UnicodeDecodeError:
        return False
    return not doubted or beyond == 0 or beyond > 4


def _warning(found: Guess, claims: list[str]) -> str | None:
    if found.encoding in claims:
        return None
    if found.encoding in {"ascii", "utf-8"} and not claims:
        return None
    said = f"; the document says {claims[0]}" if claims else ""
    return f"encoding taken to be {found.encoding}{said}"


def _lenient(data: bytes, name: str, warning: str | None) -> tuple[str, str, str | None]:
    try:
        return data.decode(name), name, warning
    except (UnicodeDecodeError, LookupError):
        text = data.decode(name if normal_name(name) else "utf-8", "replace")
    lost = text.count("\ufffd")
    broken = f"{lost} places do not decode as {name}"
    return text, name, f"{warning}; {broken}" if warning else broken
