"""Words that speak to the machine rather than state law or tell of a deal: found in questions and in ingested passages.

Finding them changes no rule and no verdict. A passage that holds some stays citable and is shown to admins; a sentence
of a question that is made of them gives no facts. Their patterns are data: rules/lexicon/instructions.yaml.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.reading.text import clean, fold
from knowledge.rulefiles import parse

FILE = Path(__file__).parent / "rules" / "lexicon" / "instructions.yaml"
_APART_KINDS = ("task", "notice")
SHOWN = 160
"""Characters of the words that a sign keeps."""

_ALIKE = str.maketrans(
    "аеорсухіјѕԁһкмтвнАЕОРСУХІЈЅКМТВНοαενικτυρΟΑΕΙΚΤΡ", "aeopcyxijsdhkmtbhaeopcyxijskmtbhoaevikturoaeiktp"
)
_LEET = str.maketrans("013457@$", "oieastas")
_WORD = re.compile(r"[^\W_]+")
_SCRIPTS = re.compile(r"[a-zA-Z]"), re.compile(r"[\u0370-\u03ff\u0400-\u052f]")
_LEET_WORD = re.compile(r"\b(?=[^\W_]*[a-z][^\W_]*[013457@$]|[013457@$]+[a-z])[a-z013457@$]{3,}\b")
_APART = re.compile(r"(?:\b[a-z]\s+){7,}[a-z]\b")
_APART_SAYS = re.compile(r"ignor|instruct|prompt|system|answer|reply|approv|licen")
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff,，。:：]) +(?=[\u3400-\u9fff,，。:：])")
_BLOB = re.compile(r"(?<![\w/+])[A-Za-z0-9+/]{24,}={0,2}(?![\w/+])")
_HIDING = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad]")


@dataclass(frozen=True)
class Sign:
    """Why a text is suspicious: the `kind` (override, role, frame, ...), the words that show it, as folded for
    comparing, and whether they were disguised (invisible or look-alike characters, digits for letters, a code)."""

    kind: str
    words: str
    hidden: bool = False


def suspicious(text: str) -> tuple[Sign, ...]:
    """The signs in a passage, a title or a file name that it talks to the machine; empty for ordinary law.

    English and Chinese. At most one sign a kind. Any length is taken; what `clean` would cut off is looked at in pieces.
    """
    found: dict[str, Sign] = {}
    for piece in _pieces(text):
        for sign in _signs(piece, questions=False):
            found.setdefault(sign.kind, sign)
    return tuple(found.values())


@dataclass(frozen=True)
class Foreign:
    """What a part of a question is, besides or instead of a deal: an `order` to the assistant (or a role, a forged frame,
    a wish for its output), a `task` of another field, or a `notice` of a bank or shop ("your card was charged")."""

    order: bool = False
    task: bool = False
    notice: bool = False

    @property
    def any(self) -> bool:
        """Whether it is any of these."""
        return self.order or self.task or self.notice


def foreign(text: str) -> Foreign:
    """What a part of a question holds that is not of a deal."""
    folded = _folded(text)
    return Foreign(bool(_signs(text, questions=True)), _matches(folded, "task"), _matches(folded, "notice"))


# ---------------------------------------------------------------- finding


def _pieces(text: str, size: int = 6_000) -> list[str]:
    return [text[i : i + size] for i in range(0, len(text), size - 400)] or [""]


def _signs(text: str, *, questions: bool) -> list[Sign]:
    folded = _folded(text)
    masked = _HIDING.search(text) is not None or folded != _plain(text)
    found = [Sign(k, w, masked and not _matches(_plain(text), k)) for k, w in _all(folded, questions=questions)]
    spelled = _LEET_WORD.sub(lambda m: m[0].translate(_LEET), folded)
    if not found and spelled != folded:
        found = [Sign(k, w, True) for k, w in _all(spelled, questions=questions)]
    if not found and (apart := _APART.search(folded)) and _APART_SAYS.search(re.sub(r"\s", "", apart[0])):
        found = [Sign("coded", apart[0][:SHOWN], True)]
    for blob in _BLOB.finditer(text):
        inner = _decoded(blob[0])
        if inner is not None and (questions or _all(_folded(inner), questions=True)):
            found.append(Sign("coded", inner[:SHOWN], True))
    return found


def _all(folded: str, *, questions: bool) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for pattern in _patterns():
        if pattern.kind in _APART_KINDS or pattern.kind in found or (pattern.asked and not questions):
            continue
        if match := pattern.search(folded):
            found[pattern.kind] = _around(folded, match)
    return list(found.items())


def _matches(folded: str, kind: str) -> bool:
    return any(p.kind == kind and p.search(folded) is not None for p in _patterns())


def _around(folded: str, match: "re.Match[str]") -> str:
    """The match with a few words after it, so that a person sees what is meant."""
    start, end = match.span()
    return " ".join(folded[start : max(end, min(len(folded), start + SHOWN // 2))].split())[:SHOWN]


def _decoded(blob: str) -> str | None:
    """The text in base64, where that is what it is."""
    try:
        text = base64.b64decode(blob + "=" * (-len(blob) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return text if len(text) > 8 and all(c.isprintable() or c.isspace() for c in text) else None


def _plain(text: str) -> str:
    return fold(text)


def _folded(text: str) -> str:
    """Cleaned, case folded, look-alike letters made Latin in words that mix scripts, Chinese without spaces inside."""
    text = _WORD.sub(lambda m: m[0].translate(_ALIKE) if all(s.search(m[0]) for s in _SCRIPTS) else m[0], clean(text))
    return _HAN_GAP.sub("", fold(text))


# ---------------------------------------------------------------- patterns

_START = (
    r"(?:^|[.!?;:,\"'“”‘’()\[\]>|*#\n。!？;，：]\s*|\b(?:please|now|and|then|just|simply|you must|you should|must|also|instead|so|kindly)\s+"
    r"|请|现在|你|您|必须|并|然后|先|就|帮我|给我|立刻|马上|【)"
)
_GAP_EN = r"(?:[^\w.!?;\n]{0,3}[\s,\"'(][^\w.!?;\n]{0,2}\w[\w'@/.-]*(?<!\.))"
_BETWEEN_EN = r"[^\w.!?;\n]{0,3}\s[^\w.!?;\n]{0,3}"
_GAP_ZH = r"[^。!?？！\n;；]"
_QUOTE = r"[\"'“”‘’「」]"
_SPECIAL = {
    "quote": _QUOTE,
    "slash": r"(?:^|(?<=[\s,，。:：]))/[a-z_]{4,}\b(?=\s|$)",
    "blob": r"(?!)",
    "comma": r"\s*,",
    "speaker": r"[\"']role[\"']\s*:",
}


@dataclass(frozen=True)
class _Pattern:
    """One pattern as written. It is compiled only where a text has every piece of it: most texts never need that."""

    kind: str
    lang: str
    asked: bool  # for questions only
    written: str
    pieces: tuple[tuple[str, ...], ...]

    def search(self, folded: str) -> "re.Match[str] | None":
        if not all(any(term in folded for term in piece) for piece in self.pieces):
            return None
        return _compiled(self.written, self.lang).search(folded)


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    words = _data()["words"]
    return {lang: {name: tuple(terms) for name, terms in own.items()} for lang, own in words.items()}


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return dict(parse(FILE.read_bytes(), FILE.name))


@lru_cache(maxsize=1)
def _patterns() -> tuple[_Pattern, ...]:
    signs = _data()["signs"]
    return tuple(
        _Pattern(kind, which[:2], which.endswith("asked"), written, _pieces_of(written, which[:2]))
        for kind, langs in signs.items()
        for which, patterns in langs.items()
        for written in patterns
    )


def _pieces_of(written: str, lang: str) -> tuple[tuple[str, ...], ...]:
    """For each piece of the pattern what of it must stand in a text, as plain words."""
    found: list[tuple[str, ...]] = []
    for piece in written.split():
        for name, plain in re.findall(r"\{(\w+)\}|([^{}]+)", piece):
            if name:
                found.append(tuple(t.rstrip("*") for t in _words()[lang][name]))
            elif plain not in _SPECIAL and plain != "^" and not plain.startswith(".."):
                found.append(tuple(plain.strip("()").split("|")))
            elif plain == "slash":
                found.append(("/",))
    return tuple(found)


@lru_cache(maxsize=256)
def _compiled(written: str, lang: str) -> "re.Pattern[str]":
    return re.compile(_pattern(written, lang))


@lru_cache(maxsize=64)
def _class_of(name: str, lang: str) -> str:
    return _class(_words()[lang][name], lang)


def _class(terms: Sequence[Any], lang: str) -> str:
    parts = sorted((re.escape(str(t)).replace(r"\*", r"\w*") for t in terms), key=len, reverse=True)
    return f"(?:{'|'.join(parts)})" if lang == "zh" else rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)"


def _pattern(written: str, lang: str) -> str:
    out: list[str] = []
    before = ""  # what stands before the next piece: nothing, a word, a sign
    for piece in written.split():
        if piece == "^":
            out.append(_START)
            before = ""
        elif piece.startswith(".."):
            out.append(f"{_GAP_ZH if lang == 'zh' else _GAP_EN}{{0,{int(piece[2:])}}}?")
            before = "" if lang == "zh" else "word"
        else:
            sign = piece[0] in "[]<>|/!=" or piece == "comma"
            if before == "sign" or (before and sign):
                out.append(r"\s*")
            elif before and lang == "en":
                out.append(_BETWEEN_EN)
            out.append(_piece(piece, lang))
            before = "word" if piece[-1].isalnum() or piece[-1] in "}):," else "sign"
            if lang == "zh" and before == "word":
                before = ""
    return "(?:" + "".join(out) + ")"


def _piece(piece: str, lang: str) -> str:
    if piece in _SPECIAL:
        return _SPECIAL[piece]
    if "{" in piece:
        return re.sub(r"\{(\w+)\}|([^{]+)", lambda m: _class_of(m[1], lang) if m[1] else re.escape(m[2]), piece)
    if piece.startswith("(") and piece.endswith(")") and "|" in piece:
        return piece
    return re.escape(piece)
