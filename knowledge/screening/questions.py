"""Listed names inside a question: those found as they are, and close candidates among the organisations it names."""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz, process

from knowledge.model import ListedParty, PartyMatch
from knowledge.reading.lexicon import UNSPACED, WORD
from knowledge.reading.text import clean, fold

CANDIDATE = 88.0
"""Score (0-100, token-set similarity) from which a name is shown as a close match; 100 is the listed name itself."""

_FORMS = frozenset(
    [
        "co",
        "ltd",
        "limited",
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "company",
        "llc",
        "llp",
        "lp",
        "plc",
        "gmbh",
        "ag",
        "se",
        "kg",
        "sa",
        "sas",
        "spa",
        "srl",
        "bv",
        "nv",
        "oy",
        "ab",
        "as",
        "kk",
        "k.k",
        "pte",
        "pty",
        "sdn",
        "bhd",
        "group",
        "holdings",
        "holding",
        "the",
        "and",
        "of",
    ]
)
_FORMS_CJK = re.compile(r"(?:股份有限公司|有限责任公司|有限公司|株式会社|株式會社|集团|公司|\(株\)|주식회사)")
_LEGAL_AFTER = re.compile(r"^\s*(?:corp|corporation|co\b|company|inc|ltd|limited|group|gmbh|ag\b|plc)")
_ORGANISATION = re.compile(
    r"(?:[A-Z][\w&.\-']*\s+){0,5}[A-Z][\w&.\-']*\s+(?:Co\b\.?,?\s*(?:Ltd)?\.?|Ltd\.?|Inc\.?|Corp\.?|Corporation|LLC|GmbH|AG|PLC|S\.?A\.?|BV|KK|K\.K\.|Industries|Systems|Aerospace|Technologies|University|Institute|Group)(?![\w])"
    r"|[㐀-鿿A-Za-z·]{2,16}(?:株式会社|有限公司|公司|集团|研究所|研究院|大学|重工|工业)"
)


_FIRM = re.compile(
    r"(?:(?:[A-Z][\w&.\-']*|of|and|&)\s+){0,5}[A-Z][\w&.\-']*,?\s+(?:Co\.?,?\s*Ltd\.?|Ltd\.?|Limited|Inc\.?|Corp\.?|Corporation|LLC|L\.L\.C\.|GmbH|AG|PLC|S\.?A\.?S?|B\.?V\.?|N\.?V\.?|K\.?K\.?|S\.?r\.?l\.?|Sp\. z o\.o\.|Oy|AB|Pty|Pte|Sdn\.? Bhd\.?)(?![\w])"
)


_NAME_EDGE = re.compile(r"^(?:公司|集团|株|大学|研|[\s,，。、;；)）的?？]|$)")


def organisations(text: str) -> list[tuple[int, int]]:
    """Where the cleaned text names a firm with its legal form: nothing inside such a name is goods."""
    return [m.span() for m in _FIRM.finditer(text)]


def core(name: str) -> str:
    """The name without its legal form, folded: "TDK Corporation" -> "tdk"."""
    folded = fold(clean(name)).replace("&", " and ")
    if UNSPACED.search(folded):
        return re.sub(r"[\s·・.]", "", _FORMS_CJK.sub("", folded))
    words = [w for w in WORD.findall(folded) if w not in _FORMS]
    return " ".join(words) or folded.strip()


class Screener:
    """All listed parties, indexed by core name."""

    def __init__(self, parties: Sequence[ListedParty]) -> None:
        self._spaced: dict[str, list[tuple[tuple[str, ...], str, ListedParty]]] = {}
        self._strings: dict[str, list[ListedParty]] = {}
        self._cores: dict[str, list[ListedParty]] = {}
        for party in parties:
            for name in {*party.name.values(), *party.aliases}:
                key = core(name)
                if len(key) < 2:
                    continue
                self._cores.setdefault(key, []).append(party)
                if UNSPACED.search(key):
                    self._strings.setdefault(key, []).append(party)
                else:
                    words = tuple(key.split())
                    self._spaced.setdefault(words[0], []).append((words, name, party))
        self._longest = max((len(k) for k in self._strings), default=0)

    def find(self, text: str) -> list[tuple[int, int, PartyMatch]]:
        """Listed names in the cleaned text (score 100), and close ones among the organisations it names."""
        folded = fold(text)
        found = [*self._exact_spaced(text, folded), *self._exact_strings(text, folded)]
        for m in _ORGANISATION.finditer(text):
            if any(s < m.end() and m.start() < e for s, e, _ in found):
                continue
            found.extend((m.start(), m.end(), match) for match in self.candidates(m.group())[:3])
        best: dict[str, tuple[int, int, PartyMatch]] = {}
        for item in found:
            key = item[2].party.id
            if key not in best or best[key][2].score < item[2].score:
                best[key] = item
        return sorted(best.values(), key=lambda f: (f[0], -f[2].score))

    def _exact_spaced(self, text: str, folded: str) -> list[tuple[int, int, PartyMatch]]:
        tokens = [m for m in WORD.finditer(folded) if m.group() not in _FORMS or m.group() in ("se", "as")]
        found = []
        for i, token in enumerate(tokens):
            for words, name, party in self._spaced.get(token.group(), ()):
                if tuple(t.group() for t in tokens[i : i + len(words)]) != words:
                    continue
                start, end = token.start(), tokens[i + len(words) - 1].end()
                surface = text[start:end]
                # A short or one-word name that is also a word counts only as it is written: "IHI", "Teal Drones".
                if len(words) == 1 and (len(surface) <= 4 or name.isupper()) and not surface.isupper():
                    continue
                if (
                    len(words) > 1
                    and surface.islower()
                    and max(map(len, words)) <= 4
                    and not _LEGAL_AFTER.match(folded[end:])
                ):
                    continue  # "the red cat" is no drone maker
                if len(words) == 1 and surface.islower() and len(surface) < 8 and not _LEGAL_AFTER.match(folded[end:]):
                    continue
                found.append((start, end, PartyMatch(surface, party, 100.0)))
        return found

    def _exact_strings(self, text: str, folded: str) -> list[tuple[int, int, PartyMatch]]:
        found: list[tuple[int, int, PartyMatch]] = []
        at = 0
        while at < len(folded):
            for size in range(min(self._longest, len(folded) - at), 1, -1):
                parties = self._strings.get(folded[at : at + size])
                if parties and size == 2 and not _NAME_EDGE.match(folded[at + size : at + size + 2]):
                    continue  # a two-character name is also a piece of ordinary words (立方, 东京)
                if parties:
                    found.extend((at, at + size, PartyMatch(text[at : at + size], p, 100.0)) for p in parties)
                    at += size - 1
                    break
            at += 1
        return found

    def candidates(self, name: str, least: float = CANDIDATE) -> list[PartyMatch]:
        """Listed parties whose name is the given one (score 100) or close to it, best first."""
        key = core(name)
        if len(key) < 2:
            return []
        result: list[PartyMatch] = []
        for found, score, _ in process.extract(
            key, self._cores.keys(), scorer=fuzz.token_sort_ratio, limit=8, score_cutoff=least
        ):
            exact = found == key
            result.extend(PartyMatch(name, p, 100.0 if exact else min(float(score), 99.0)) for p in self._cores[found])
        return result
