"""What of a text has one exact meaning in any language: dates, numbers, codes, numbers of acts and articles."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from knowledge.numerals import chinese
from knowledge.verify.numbers import Number, numbers

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = {m: i for i, m in enumerate(_MONTHS, 1)} | {m[:3]: i for i, m in enumerate(_MONTHS, 1)} | {"sept": 9}
_NAMED = "|".join(sorted((m for m in _MONTH), key=len, reverse=True))
_CN = r"[零〇一二三四五六七八九十百千两\d]"
_DATES = re.compile(
    r"(?<!\d)(?P<iy>(?:19|20)\d\d)[-/.](?P<im>\d{1,2})[-/.](?P<id>\d{1,2})(?!\d)"
    rf"|(?P<zy>[零〇一二三四五六七八九\d]{{4}}) ?年 ?(?P<zm>{_CN}{{1,3}}) ?月 ?(?:(?P<zd>{_CN}{{1,3}}) ?[日号])?"
    rf"|(?<!个)(?<![\d年])(?P<pm>{_CN}{{1,3}}) ?月 ?(?P<pd>{_CN}{{1,3}}) ?[日号]"
    r"|(?<!\d)(?P<yy>(?:19|20)\d\d) ?年(?!以|内|度的罚)|(?P<hy>二[零〇][零〇一二三四五六七八九]{2}|一九[零〇一二三四五六七八九]{2}) ?年"
    rf"|\b(?P<dd>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<dm>{_NAMED})\b\.?,?(?: (?P<dy>\d{{4}}))?"
    rf"|\b(?P<mm>{_NAMED})\b\.? (?P<md>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\.\d)(?:,? (?P<my>\d{{4}})(?!\d))?"
    rf"|\b(?P<my2>{_NAMED})\b\.?,? (?P<yy2>(?:19|20)\d\d)(?!\d)"
    r"|(?<![\w./-])(?P<ey>(?:19|20)\d\d)(?![\w/]|[-.]\d|,\d{3})",
    re.IGNORECASE,
)
_MARK = re.compile(r"\[\d+\]")
_CONTROL = re.compile(r"(?<![A-Za-z0-9])(?:[0-9][A-Ea-e]\d{3}(?:\.[a-z0-9]{1,12}(?=[^A-Za-z]|$|\b))*|EAR ?99|X\.[A-E]\.[IVX]{1,4}\.\d{3})(?![A-Za-z0-9])", re.IGNORECASE)  # fmt: skip
_TARIFF = re.compile(r"(?<![\d.,])(?:\d{4}\.\d{2}(?:\.\d{2}){0,2}|\d{10}|\d{8}(?!\d)|(?<=HS )\d{4,6})(?![\d])")
_ACT = re.compile(
    rf"(?P<y1>20\d\d|19\d\d)年[^第\d,。;]{{0,10}}第?(?P<n1>{_CN}{{1,4}})号|第(?P<n2>{_CN}{{1,4}})号"
    r"|\bnos?\.? ?(?P<n3>\d{1,4})(?: ?(?:of|,|/) ?(?P<y3>(?:19|20)\d\d))?"
    r"|\b(?:announcement|decree|notice|order) (?P<n5>\d{1,4})(?: of (?P<y5>\d{4}))?"
    r"|(?<![\d/.])(?P<y4>(?:19|20)\d\d)/(?P<n4>\d{1,4})(?![\d/])|(?<![\d/.])(?P<n6>\d{1,4})/(?P<y6>(?:19|20)\d\d)(?![\d/])",
    re.IGNORECASE,
)
_ROMAN = {
    r: str(n)
    for n, r in enumerate("I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX".split(), 1)
}
_MORE = re.compile(r",? ?(?:and|or|、|,|及|和) ?第?(\d{1,4})(?!\d| ?%|\.\d| [a-z]+s\b)(?:号)?", re.IGNORECASE)
_PLACE = re.compile(
    rf"第(?P<a1>{_CN}+)条(?:之(?P<a2>{_CN}))?|\b(?:articles?|arts?\.?) (?P<a3>\d+[a-z]?)(?:(?P<s3>(?:\([0-9a-z]+\))+))?"
    r"|(?:§§?|\bsections?|\bsec\.) ?(?P<a4>\d+(?:\.\d+)*[a-z]?)(?P<s4>(?:\([0-9A-Za-z]+\))*)|\bparts? (?P<a5>\d{3})\b|(?P<a6>\d{3})部分"
    r"|(?<![\w.])(?P<a7>7[3-7]\d\.\d{1,2})(?P<s7>(?:\([0-9A-Za-z]+\))*)",
    re.IGNORECASE,
)
_SUB = re.compile(
    rf"第[(（]?(?P<p1>{_CN}+)[)）]?(?P<w1>款|项|段|部分|章|节|类|批)|\b(?:paragraphs?|para\.?|points?|subparagraphs?|items?|chapters?|annex|category|supplement no\.?) (?:\((?P<p2>[0-9a-z]+)\)|(?P<p3>\d+|[IVX]+\b))|附[件录](?P<p4>{_CN}+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Atom:
    """A thing of exact meaning at `text[start:end]`. `kind` is date, number, code, hs, act, article or sub; `keys` are the
    names it may be known by, the first the most exact."""

    kind: str
    keys: tuple[str, ...]
    start: int
    end: int
    number: Number | None = None


@dataclass(frozen=True)
class Exact:
    """The text folded for reading, and its atoms in order."""

    text: str
    atoms: tuple[Atom, ...]


@lru_cache(maxsize=4096)
def exact(text: str) -> Exact:
    """Reads the atoms of a text; offsets are into `Exact.text`. Citation marks [n] are blanked out."""
    plain = _MARK.sub(lambda m: " " * len(m[0]), readable(text))
    taken: list[tuple[int, int]] = []
    found: list[Atom] = []

    def keep(atoms: Iterator[Atom]) -> None:
        for atom in atoms:
            if not any(a < atom.end and atom.start < b for a, b in taken):
                found.append(atom)
                taken.append((atom.start, atom.end))

    keep(_codes(plain))
    keep(_places(plain))
    keep(_acts(plain))
    keep(_dates(plain))
    keep(_tariff(plain))
    keep(Atom("number", (n.key,), n.start, n.end, n) for n in numbers(plain, taken))
    return Exact(plain, tuple(sorted(found, key=lambda a: a.start)))


@lru_cache(maxsize=4096)
def readable(text: str) -> str:
    """Compatibility forms folded for reading (never for quotes), Unicode dashes made hyphens, line ends made blanks."""
    folded = unicodedata.normalize("NFKC", text).replace("−", "-").replace("’", "'").replace("‘", "'")
    return re.sub(r"\s+", " ", folded)


def _codes(text: str) -> Iterator[Atom]:
    for m in _CONTROL.finditer(text):
        code = re.sub(r"\s", "", m[0]).upper()
        yield Atom("code", (code,), m.start(), m.end())


def _tariff(text: str) -> Iterator[Atom]:
    for m in _TARIFF.finditer(text):
        yield Atom("hs", (m[0].replace(".", ""),), m.start(), m.end())


def _places(text: str) -> Iterator[Atom]:
    for m in _PLACE.finditer(text):
        if m["a1"]:
            number = chinese(m["a1"])
            yield Atom("article", (f"{number}" + (f"-{chinese(m['a2'])}" if m["a2"] else ""),), m.start(), m.end())
            continue
        named = str(m["a3"] or m["a4"] or m["a5"] or m["a6"] or m["a7"])
        steps = re.findall(r"\([0-9A-Za-z]+\)", m["s3"] or m["s4"] or m["s7"] or "")
        keys = tuple(named.lower() + "".join(steps[:k]).lower() for k in range(len(steps), -1, -1))
        yield Atom("article", keys, m.start(), m.end())
    for m in _SUB.finditer(text):
        sub: str = m["p2"] or m["p3"] or ""
        place = f"{chinese(m['p1'] or m['p4'])}" if m["p1"] or m["p4"] else _ROMAN.get(sub, sub.lower())
        yield Atom("sub", (place,), m.start(), m.end())


def _acts(text: str) -> Iterator[Atom]:
    for m in _ACT.finditer(text):
        figures = next(m[g] for g in ("n1", "n2", "n3", "n4", "n5", "n6") if m[g])
        year = next((m[g] for g in ("y1", "y3", "y4", "y5", "y6") if m[g]), None)
        value = chinese(figures)
        if value is None:
            continue
        yield Atom("act", (f"{value}/{year}", f"{value}") if year else (f"{value}",), m.start(), m.end())
        end = m.end()
        while more := _MORE.match(text, end):  # "Nos. 55, 56, 57 and 58": each is named
            if not (m["n3"] or m["n2"]) or not (
                m[0].lower().startswith("nos") or more[0].endswith("号") or "、" in more[0]
            ):
                break
            yield Atom("act", (str(int(more[1])),), more.start(1), more.end())
            end = more.end()


def _dates(text: str) -> Iterator[Atom]:
    year: int | None = None
    for m in _DATES.finditer(text):
        g = m.groupdict()
        y = _int(g["iy"] or g["zy"] or g["dy"] or g["my"])
        month = _int(g["im"] or g["zm"] or g["pm"]) or _MONTH.get((g["dm"] or g["mm"] or "").lower().rstrip("."))
        day = _int(g["id"] or g["zd"] or g["pd"] or g["dd"] or g["md"])
        if g["my2"]:
            y, month = _int(g["yy2"]), _MONTH[g["my2"].lower()]
        alone = g["yy"] or g["hy"] or g["ey"]
        if alone:
            year = _int(alone)
            yield Atom("date", (f"{year}",), m.start(), m.end())
            continue
        if month is None or not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
            continue
        if g["mm"] and g["mm"].lower() == "may" and y is None and not g["mm"][0].isupper():
            continue  # "may 5 ..." is a verb
        if y is not None:
            year = y
            full = f"{y}-{month:02}" + (f"-{day:02}" if day else "")
            yield Atom("date", (full,), m.start(), m.end())
        elif day is not None:
            partial = f"--{month:02}-{day:02}"
            yield Atom("date", (partial, f"{year}-{month:02}-{day:02}") if year else (partial,), m.start(), m.end())


def _int(text: str | None) -> int | None:
    return chinese(text) if text else None
