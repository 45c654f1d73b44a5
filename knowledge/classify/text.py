"""A description as it is compared: normalised, cut to its telling part, as English stems and as Chinese characters."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from knowledge.classify import DATA
from knowledge.classify.measures import meaning
from knowledge.lexis.terms import stem
from knowledge.reading.text import simplified

LIMIT = 6_000
"""Characters that are compared; a data sheet holds what decides in its first page or beside its numbers."""
_SCANNED, _TAIL = 160_000, 40_000
"""Characters of a long text that are looked through: from its beginning and from its end."""
_FOLDS = str.maketrans({"μ": "u", "µ": "u", "×": "x", "✕": "x", "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-"} | dict.fromkeys("“”\"'‘’", " "))  # fmt: skip
_SPELT = tuple(
    (re.compile(pattern, re.IGNORECASE), short)
    for pattern, short in (
        (r"\bgiga[ -]?samples? per second|\bgsa/s|\bgs/s", "GSPS"),
        (r"\b(?:mega|million)[ -]?samples? per second|\bmsa/s|\bms/s(?=\W)", "MSPS"),
        (r"\bmillion words per second", "MSPS"),
        (r"\bsamples? per second", "SPS"),
        (r"(?<=\d) ?[MK]fps\b", lambda m: {"m": "000000 fps", "k": "000 fps"}[m.group().strip()[0].lower()]),
        (r"\bframes? per second|\bframes/sec", "fps"),
        (r"(?<=\d)[ -]?(?:degrees?|deg\.?|°)(?: per |/)hour|(?<=\d) ?°/hr?\b", " deg/h"),
        (r"\bnautical miles?", "nmi"),
        (r"\bseconds? of arc|\barc[ -]sec(?:ond)?s?", "arcsec"),
        (r"\bgrams? per cubic centimet(?:er|re)s?", "g/cm3"),
        (r"\bbits? per second|\bbit/sec", "bit/s"),
        (r"\bmet(?:er|re)s? per second", "m/s"),
        (r"\bper ?cent\b", "%"),
        (r"/ ?(c?m|mm) ([23])\b", r"/\1\2"),
        (r"\bweighted tera ?flops(?: \(WT\))?", "WT"),
        (
            r"\b(tera|peta|giga) ?flops\b",
            lambda m: {"t": "TFLOPS", "p": "PFLOPS", "g": "GFLOPS"}[m.group(1)[0].lower()],
        ),
        (
            r"\b(?:total processing performance|TPP|总处理性能)[ :'()=为是ofTPP]{0,12}(\d[\d,]*)(?![\d,.]|\s?%|[a-z])",
            r"\1 TPP",
        ),
        (r"\bperformance density[ :'()=of]{0,8}(\d[\d.]*)(?![\d.]|\s?%|[a-z])", r"\1 PDENS"),
    )
)
_COUNTS = {
    "two": "2 ",
    "three": "3 ",
    "four": "4 ",
    "five": "5 ",
    "six": "6 ",
    "二": "2",
    "三": "3",
    "四": "4",
    "五": "5",
    "六": "6",
}
_AXES = re.compile(r"\b(two|three|four|five|six)[ -](?=ax[ei]s)|([二三四五六])(?=轴)", re.IGNORECASE)
_GLUED = re.compile(r"\S{200,}")
_SPACES = re.compile(r"[^\S\n]+")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[a-z][a-z0-9]*(?:[+#])?|\d+[a-z]{1,3}(?![a-z0-9])")
_CAS = re.compile(r"(?<![\d-])\d{2,7}-\d{2}-\d(?![\d-])")
_GRADE = re.compile(r"(?<![\w.,/-])\d{3,4}(?![\w.,/%-])(?:\s?([a-zµ°%]+))?")
_STOP = frozenset(
    "a an the of to in for on and or is are was were be been by with as at that this these those it its from not no "
    "than other having any all following including such also may can will per into used use using which each more less "
    "other their our your we you they has have had be list see items controlled ec eccn ear item".split()
)
_TELLING = re.compile(
    r"\d ?(?:[a-zµ°%]{1,6}\b|[\u4e00-\u9fff])|\d|design|rated|intend|appl|type|model|material|product|system|device|equipment|用途|型号|产品|适用|用于|设备|材料|系统",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Words:
    """What a text is made of: English `stems` in order (with those that Chinese terms stand for), `han` pairs of
    characters, and the terms of the glossary that were found."""

    stems: tuple[str, ...]
    han: tuple[str, ...]
    terms: tuple[str, ...] = ()


def normal(text: str) -> tuple[str, bool]:
    """The text in one spelling, and whether it was cut: its most telling sentences, in order, up to `LIMIT` characters.

    Never raises; the cost is bounded whatever comes in.
    """
    cut = len(text) > _SCANNED + _TAIL
    if cut:
        text = f"{text[:_SCANNED]}\n{text[-_TAIL:]}"
    text = unicodedata.normalize("NFKC", text)[: 2 * (_SCANNED + _TAIL)].translate(_FOLDS)
    text = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    text = _GLUED.sub(lambda m: m.group()[:200] if not _HAN_RUN.search(m.group()) else m.group(), text)
    text = _SPACES.sub(" ", text).strip()
    for pattern, short in _SPELT:
        text = pattern.sub(short, text)
    text = _AXES.sub(lambda m: _COUNTS[m.group().lower().rstrip(" -")], text)
    if len(text) > LIMIT:
        cut, text = True, _telling(text)
    return (simplified(text) if _HAN_RUN.search(text) else text), cut


def _telling(text: str) -> str:
    """The first sentences and then those with numbers and words of purpose, each once, in the text's order."""
    pieces = [p.strip()[:600] for p in re.split(r"[\n。；!?]|\.\s", text)]
    pieces = list(dict.fromkeys(p for p in pieces if len(p) > 3))
    worth = [(len(_TELLING.findall(p)) / (len(p) + 40) + (1.0 if i < 12 else 0.0), i) for i, p in enumerate(pieces)]
    chosen: list[int] = []
    room = LIMIT
    for _, i in sorted(worth, reverse=True):
        if len(pieces[i]) + 2 > room:
            continue
        chosen.append(i)
        room -= len(pieces[i]) + 2
    return ".\n".join(pieces[i] for i in sorted(chosen))


_BREAK = re.compile(
    r"[,;:(（，；：。\n]|\.\s|\s(?:for|with|without|from|in|on|used|using|w/|made|designed|rated|that|which|to|by|of the|having|capable)\s|用于|适用于|配|带|含"
)
_PURPOSE_ZH = re.compile(r"^(?:一种)?(?:专?用于|适用于|为)[^,，;；。]{1,40}?(?:的|用)(?=[\u3400-\u9fff])")
_HEAD = 90


def head(text: str) -> str:
    """What the description calls the product: its words before the first comma, number in brackets or word of purpose."""
    text = _PURPOSE_ZH.sub("", text.lstrip())[:_HEAD]
    for found in _BREAK.finditer(text):
        before = text[: found.start()]
        if len(_WORD.findall(before.lower())) >= 2 or len(_HAN.findall(before)) >= 4:
            return before
    return text


class Glossary:
    """Terms of the trade in the list's words: Chinese terms and English abbreviations to English stems."""

    def __init__(self, rows: Mapping[str, tuple[str, ...]]) -> None:
        self._han = {term: stems for term, stems in rows.items() if _HAN_RUN.match(term)}
        self._longest = max((len(t) for t in self._han), default=1)
        self._latin: dict[tuple[str, ...], tuple[str, ...]] = {}
        for term, stems in rows.items():
            if not _HAN_RUN.match(term):
                self._latin[tuple(_stems(term))] = stems
        self._width = max((len(t) for t in self._latin), default=1)

    def words(self, text: str) -> Words:
        """The words of a normalised text."""
        stems: list[str] = []
        han: list[str] = []
        terms: list[str] = []
        for run in _HAN_RUN.findall(text):
            han += [run[i : i + 2] for i in range(len(run) - 1)]
            for term in self._segment(run):
                terms.append(term)
                stems += self._han[term]
        latin = _stems(text)
        stems += _CAS.findall(text)
        stems += [
            m.group().split()[0] for m in _GRADE.finditer(text.lower()) if not m.group(1) or meaning(m.group(1)) is None
        ]
        stems += latin
        for i in range(len(latin)):
            for width in range(min(self._width, len(latin) - i), 0, -1):
                more = self._latin.get(tuple(latin[i : i + width]))
                if more:
                    terms.append(" ".join(latin[i : i + width]))
                    stems += more
        return Words(tuple(stems), tuple(han), tuple(dict.fromkeys(terms)))

    def _segment(self, run: str) -> list[str]:
        found, at = [], 0
        while at < len(run):
            for width in range(min(self._longest, len(run) - at), 0, -1):
                if run[at : at + width] in self._han:
                    found.append(run[at : at + width])
                    at += width
                    break
            else:
                at += 1
        return found


def _stems(text: str) -> list[str]:
    return [stem(w) for w in _WORD.findall(text.lower().replace("-", " ").replace("/", " ")) if w not in _STOP]


def stems(texts: Iterable[str]) -> list[str]:
    """English stems of several texts."""
    return [s for t in texts for s in _stems(t)]


@lru_cache(maxsize=1)
def glossary() -> Glossary:
    """The bundled glossary: `glossary.tsv`, a term, a tab and English words a line; `#` begins a comment."""
    rows: dict[str, tuple[str, ...]] = {}
    for line in (DATA / "glossary.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            term, _, meaning = line.partition("\t")
            rows[term.lower()] = tuple(_stems(meaning))
    return Glossary(rows)
