"""Which acts and articles a question names: "出口管制法第19条", "Article 3 of Regulation 833/2014", "§ 764.3"."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from knowledge.numerals import chinese

_ARTICLE = re.compile(
    r"第\s*([一二三四五六七八九十百零〇两\d]+)\s*条(?:之([一二三四五六七八九十\d]))?|\b(?:article|art)\b\.?\s*(\d{1,4}[a-z]{0,2})\b",
    re.IGNORECASE,
)
_SECTION = re.compile(r"(?<![\d.])(\d{3}\.\d{1,2})((?:\([a-z0-9]{1,5}\))*)(?![\d.])", re.IGNORECASE)
_EUROPEAN = re.compile(r"(?<!\d)((?:19|20)\d\d)/(\d{2,4})(?!\d)|(?<!\d)(\d{2,4})/((?:19|20)\d\d)(?!\d)")
_ACT_ZH = re.compile(r"[㐀-鿿]{1,30}?(?:法|条例|规定|解释|细则|办法|决定)")
_COUNTRY_ZH = "中华人民共和国"
_NOISE_EN = re.compile(r"\b(?:the|a|an|of (?:the )?people's republic of china|prc|china's|chinese)\b")
_SHORTEST = 3  # characters of a Chinese name that are enough to mean one act
_FEW = 2  # words of an English title that are


@dataclass(frozen=True)
class Named:
    """`acts` by instrument id; `places` as locators that a library may hold ("art-19", "sec-764.3/a").

    `unknown`: it names an act by something that looks like a title and that no instrument bears.
    """

    acts: frozenset[str] = frozenset()
    places: tuple[str, ...] = ()
    unknown: bool = False


@dataclass(frozen=True)
class Names:
    """The names of the acts held, made once for one state of the library."""

    chinese: tuple[tuple[str, str], ...]  # name without the state's name, instrument
    english: tuple[tuple[tuple[str, ...], str], ...]  # the words of a title, instrument
    european: Mapping[str, str]  # "833/2014" -> instrument
    parts: frozenset[str]  # instruments of numbered parts: US-EAR-764

    def find(self, text: str) -> Named:
        """What `text` names."""
        text = unicodedata.normalize("NFKC", text)
        acts, unknown = self._chinese(text)
        plain = text.lower().replace("’", "'")
        words = tuple(re.findall(r"[a-z]+|\d+", _NOISE_EN.sub(" ", plain)))
        best: dict[str, int] = {}
        for title, instrument in self.english:
            if _within(title, words):
                best[instrument] = max(best.get(instrument, 0), len(title))
        acts |= {instrument for instrument, length in best.items() if length == max(best.values())}
        for m in _EUROPEAN.finditer(text):
            number = f"{m[1]}/{m[2]}" if m[1] else f"{m[3]}/{m[4]}"
            backwards = "/".join(reversed(number.split("/")))
            if found := self.european.get(number) or self.european.get(backwards):
                acts.add(found)
        places = [place for m in _ARTICLE.finditer(text) for place in _article(m)]
        for m in _SECTION.finditer(text):
            if (part := f"US-EAR-{m[1].split('.')[0]}") in self.parts:
                acts.add(part)
                places.append("/".join((f"sec-{m[1]}", *re.findall(r"\((\w+)\)", m[2].lower()))))
        for m in re.finditer(r"\bpart\s+(\d{3})\b", plain):
            if f"US-EAR-{m[1]}" in self.parts:
                acts.add(f"US-EAR-{m[1]}")
        return Named(frozenset(acts), tuple(dict.fromkeys(places)), unknown and not acts)

    def _chinese(self, text: str) -> tuple[set[str], bool]:
        found: set[str] = set()
        unknown = False
        for m in _ACT_ZH.finditer(text):
            chunk = m.group()
            hits = {(len(part), i) for part in _tails(chunk) for name, i in self.chinese if _short_for(part, name)}
            if hits:
                longest = max(n for n, _ in hits)
                found |= {i for n, i in hits if n == longest}
            elif len(chunk) > _SHORTEST and chunk[-1] in "法例":
                unknown = True
        return found, unknown


def names(acts: Iterable[tuple[str, Iterable[str]]]) -> Names:
    """From each instrument's id and everything it is called."""
    zh, en, eu, parts = [], [], {}, set()
    for instrument, called in acts:
        if re.fullmatch(r"US-EAR-\d{3}", instrument):
            parts.add(instrument)
        if m := re.match(r"EU-(?:R-|D-)?(\d+)-(\d+)", instrument):
            eu[f"{m[1]}/{m[2]}"] = instrument
        for one in called:
            plain = unicodedata.normalize("NFKC", one)
            for name in re.findall(r"[㐀-鿿]{3,}", plain.replace(_COUNTRY_ZH, "")):
                if _ACT_ZH.fullmatch(name):
                    zh.append((name, instrument))
            words = tuple(re.findall(r"[a-z]+|\d+", _NOISE_EN.sub(" ", plain.lower())))
            if len(words) >= _FEW and plain.isascii():
                en.append((words, instrument))
    return Names(tuple(dict.fromkeys(zh)), tuple(dict.fromkeys(en)), eu, frozenset(parts))


def _tails(chunk: str) -> Iterable[str]:
    """The chunk and what is left of it without its first characters: "请问出口管制法" holds "出口管制法"."""
    return (chunk[i:] for i in range(len(chunk) - _SHORTEST + 1))


def _short_for(short: str, name: str) -> bool:
    """Is it the name, its last part, or the name with characters left out ("稀土条例" for 稀土管理条例), begun and ended alike?"""
    if len(short) > _SHORTEST and name.endswith(short):
        return True
    if len(short) < _SHORTEST or short[0] != name[0] or short[-1] != name[-1]:
        return False
    if short == name:
        return True
    if len(short) < 4:
        return False
    rest = iter(name)
    return all(c in rest for c in short)


def _within(title: tuple[str, ...], words: tuple[str, ...]) -> bool:
    n = len(title)
    return any(words[i : i + n] == title for i in range(len(words) - n + 1))


def _article(m: re.Match[str]) -> tuple[str, ...]:
    if m[3]:
        return (f"art-{m[3].lower()}",)
    number = chinese(m[1])
    if number is None:
        return ()
    return (f"art-{number}" + (f"-{chinese(m[2])}" if m[2] else ""),)
