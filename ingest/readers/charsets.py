"""Which legacy encoding bytes are in: decode with each candidate and see whose letters read as its language.

charset-normalizer decides for the languages that have no row here; on short Chinese, Japanese and Korean text, where it
often answers wrongly, the share of each language's commonest characters decides.
"""

import codecs
import re
from dataclasses import dataclass

_ALIASES = {  # as browsers read these labels (WHATWG Encoding Standard): the superset that pages really use
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
_LABELS = {
    "unicode-1-1-utf-8": "utf-8",
    "x-sjis": "cp932",
    "windows-949": "cp949",
    "ks_c_5601-1987": "cp949",
    "x-gbk": "gb18030",
}
_SAMPLE = 200_000  # bytes that are scored
_WORTH = 0.45  # of the language's usual share: below it no candidate is believed
_MIXED = re.compile("[A-Za-z][\u0370-\u0e5b]|[\u0370-\u0e5b][A-Za-z]")
_BROKEN = 0.02  # at most this share of characters may fail to decode


@dataclass(frozen=True)
class _Profile:
    """A language: its commonest characters, the share they usually have of its text beyond ASCII, its encodings."""

    common: frozenset[str]
    share: float
    encodings: tuple[str, ...]


@dataclass(frozen=True)
class Guess:
    """An encoding and how well its letters fit, 1 being an ordinary text of the language."""

    encoding: str
    fit: float


def _p(common: str, share: float, *encodings: str) -> _Profile:
    return _Profile(frozenset(common), share, encodings)


_PROFILES = (
    _p(
        "的一是不了在人有我他这中大来上国个到说们为子和你地出会也时要就可以对生能而于年第条规定法出口管制,。、：；（）“”",
        0.32,
        "gb18030",
        "utf-16-le",
        "utf-16-be",
    ),
    _p(
        "的一是不了在人有我他這中大來上國個到說們為子和你地出會也時要就可以對生能而於年第條規定法出口管制,。、：；（）「」",
        0.32,
        "big5hkscs",
        "gb18030",
        "utf-16-le",
        "utf-16-be",
    ),
    _p(
        "のにはをたがでてとしれさいるなもらりまかすっきあうおこそくけだどめんやみスンルトリア、。ー",
        0.5,
        "cp932",
        "euc_jp",
        "utf-16-le",
        "utf-16-be",
    ),
    _p(
        "이다는을의에가한하고지를로사기은도자인어리아대나해서시그정수있일제스보게라전부상들과으것여만",
        0.45,
        "cp949",
        "johab",
        "utf-16-le",
        "utf-16-be",
    ),
    _p("оеаинтсрвлкмдпуяы", 0.76, "cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic", "utf-16-le", "utf-16-be"),
    _p("аоінтиврелсукі", 0.68, "cp1251", "koi8-u"),
    _p("αοιετσνηυρπκάίόέύή", 0.8, "cp1253", "iso8859-7"),
    _p("اليمنوتربعدةهسفح", 0.8, "cp1256", "iso8859-6"),
    _p("יוהלאתברמשנ", 0.75, "cp1255"),
    _p("านรอกเงมยลวดทส่้ั", 0.7, "cp874"),
    _p("ığşüöçİıĞŞÜÖÇ", 0.97, "cp1254"),
    _p("ąćęłńóśźżŁŚŻ", 0.95, "cp1250", "iso8859-2"),
    _p("ěščřžýáíéúůťďňŠČŘŽ", 0.97, "cp1250", "iso8859-2"),
    _p("áéíóöőúüűÁÉÖŐÜ", 0.97, "cp1250", "iso8859-2"),
    _p("éèàêçùôîâûœ«»’É–—…°§“”", 0.95, "cp1252"),
    _p("äöüßÄÖÜ§„“–—’", 0.97, "cp1252"),
    _p("áéíóúñ¿¡ãõçàâêôºª«»–—’“”", 0.95, "cp1252"),
    _p("åäöøæÅÄÖØÆé§–—’“”", 0.95, "cp1252"),
    _p("§¶©®°–—‘’“”•…·½¼£€", 0.95, "cp1252"),
)


def normal_name(label: str) -> str | None:
    """Python's name of the encoding that pages mean by a label, or None for a label that names no text encoding."""
    label = label.strip().strip("\"'").lower()
    label = _LABELS.get(label, label)
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    if not getattr(info, "_is_text_encoding", True):
        return None
    return _ALIASES.get(info.name, info.name)


def guess(data: bytes, claims: list[str]) -> Guess | None:
    """The likeliest encoding, or None where nothing reads as a language. `claims` win over a guess that fits no better."""
    escape = _seven_bit(data)
    if escape:
        return escape
    sample = data[:_SAMPLE]
    fits: dict[str, float] = {}
    for profile in _PROFILES:
        for encoding in profile.encodings:
            if (fit := _fit(sample, encoding, profile)) > fits.get(encoding, 0.0):
                fits[encoding] = fit
    wide = _wide_latin(sample)
    if wide:
        return wide
    best = max(fits, key=lambda name: fits[name], default="")
    for claim in claims:
        if not _decodes(data, claim) or claim.startswith("utf-16"):
            continue
        if claim not in fits or fits[claim] >= 0.6 * fits.get(best, 0.0):
            return Guess(claim, fits.get(claim, 0.0))
    if best and fits[best] >= _WORTH:
        return Guess(best, fits[best])
    return _library(sample) or (Guess("utf-8", 0.0) if _broken(data, "utf-8") <= _BROKEN else None)


def _fit(sample: bytes, encoding: str, profile: _Profile) -> float:
    """How well the sample reads as the language in this encoding: 0 not at all, 1 as an ordinary text does."""
    if encoding.startswith("utf-16") and len(sample) % 2:
        sample = sample[:-1]
    text = sample.decode(encoding, "replace")
    beyond = [char for char in text if char > "\x7f"]
    if not beyond or "\x00" in text:
        return 0.0
    strange = sum(1 for char in beyond if _strange(char))
    if strange > _BROKEN * len(beyond) + 1 or (strange and len(beyond) < 20):
        return 0.0
    common = sum(1 for char in beyond if char in profile.common)
    foreign = min(profile.common) >= "\u0370"  # Greek, Cyrillic, Arabic, ... never share a word with Latin letters
    mixed = len(_MIXED.findall(text)) if foreign else 0
    return min(1.2, common / len(beyond) / profile.share) - (strange + mixed) / len(beyond)


def _strange(char: str) -> bool:
    """A character that text in its right encoding hardly holds: U+FFFD, C1 controls, private use."""
    return char == "\ufffd" or "\x80" <= char <= "\x9f" or "\ue000" <= char <= "\uf8ff"


def _seven_bit(data: bytes) -> Guess | None:
    """The encodings that write everything in seven bits, told by their escapes."""
    if max(data, default=0) > 0x7F:
        return None
    for escape, name in (
        (b"\x1b$B", "iso2022_jp"),
        (b"\x1b$@", "iso2022_jp"),
        (b"\x1b$)C", "iso2022_kr"),
        (b"~{", "hz"),
    ):
        if escape in data and _decodes(data, name):
            return Guess(name, 1.0)
    return Guess("utf-8", 1.0) if 0 not in data else None


def _wide_latin(sample: bytes) -> Guess | None:
    """UTF-16 or UTF-32 without a mark, told by the zero bytes beside Latin letters."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    if max(even, odd) < 0.2 * half:
        return None
    if min(even, odd) > 0.4 * half:
        name = "utf-32-le" if sample[:1] != b"\x00" else "utf-32-be"
    else:
        name = "utf-16-le" if odd > even else "utf-16-be"
    width = 4 if "32" in name else 2
    return Guess(name, 1.0) if _decodes(sample[: len(sample) // width * width], name) else None


def _library(sample: bytes) -> Guess | None:
    """charset-normalizer's answer, for the languages and code pages that have no row above."""
    from charset_normalizer import from_bytes

    best = from_bytes(sample[:50_000]).best()
    return Guess(best.encoding, _WORTH) if best and best.chaos < 0.2 else None


def _decodes(data: bytes, encoding: str) -> bool:
    return _broken(data, encoding) <= _BROKEN


def _broken(data: bytes, encoding: str) -> float:
    """The share of characters beyond ASCII that do not decode."""
    try:
        text = data.decode(encoding, "replace")
    except (LookupError, ValueError):
        return 1.0
    beyond = sum(1 for char in text if char > "\x7f")
    return text.count("\ufffd") / beyond if beyond else 0.0
