"""Which instrument a text is: the rule book's id where its official title or number is known there, else one made of them.

Derived ids, stable from one ingest to the next:
  CN  CN-2025-18 (announcements numbered by the Ministry of Commerce, alone or with others), CN-UEL-2025-3 (the unreliable
      entity list's own series), CN-GACC-2025-5 (another issuer's), CN-SC-361 (State Council decrees), else CN- and the title
      without 中华人民共和国 (CN-反间谍法)
  EU  EU-2021-821 for acts of 2015 and later, EU-833-2014 before, as the Official Journal numbers regulations
  US  US-EAR-745 and US-EAR-774-S1 for 15 CFR 730 to 774, US-40CFR-261 for other parts, US-BIS-... where the connector says so;
      a section or subpart brought in alone is US-EAR-746.5 or US-40CFR-261-Subpart-A, never the part's own id
  KR, JP  KR- or JP- and the act's name
  else the regime, or DOC, and the title in small letters, digits and hyphens
A title is compared whole, never in part: two acts may share all but one word. A number counts only where the text gives it
as its own, at its head: a press article about an announcement is not the announcement.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Protocol

from ingest.structure import numerals

_BLANK = re.compile(r"[\s　]+")
_QUALIFIER = re.compile(
    r"[（(][^（）()]*(?:修正|修订|修正本|施行|商务部|含)[^（）()]*(?:[（(][^（）()]*[）)][^（）()]*)*[）)]$"
)
_YEAR = re.compile(r"[（(]\d{4}年?[）)]$")
_N = rf"(?:\d{{1,4}}|{numerals.CHINESE})"
_ANNOUNCEMENT = re.compile(
    rf"公告\s*[（(〔\[]?\s*(\d{{4}}|[〇零○一二三四五六七八九]{{4}})\s*[)）〕\]]?\s*年?\s*第?\s*({_N})\s*号"
)
_DECREE = re.compile(rf"国务院(?:、\S{{2,20}})?令\s*第?\s*({_N})\s*号")
_ENGLISH = re.compile(
    r"\bAnnouncement\s+(?:No\.?\s*(\d{1,5})\s+(?:of\s+)?\[?(\d{4})|\[?(\d{4})\]?\s+No\.?\s*(\d{1,5}))", re.IGNORECASE
)
_CELEX = re.compile(r"(?<![0-9A-Z])([0-9])(\d{4})([RLDFMQ])(\d{4})(?:-(\d{8}))?(?!\d)")
_EU_TITLE = re.compile(
    r"\b(?:REGULATION|DIRECTIVE|DECISION|VERORDNUNG|RICHTLINIE|BESCHLUSS|RÈGLEMENT)[^\W\d]*\s*(?:\((?:EU|EC|EEC|EG|EWG|CE|UE|CFSP|GASP|Euratom)[^)]*\)\s*)?(?:No\.?|Nr\.?|n[o°º])?\s*(\d{1,4})/(\d{1,4})",
    re.IGNORECASE,
)
_EU_OTHERS = re.compile(r"\b(?:(?i:amending|repealing)|implementing|supplementing|zur Änderung|modifiant)\b")
_CHINESE_BODY = re.compile(
    r"\bMOFCOM\b|\bGACC?\b|Ministry of Commerce|General Administration of Customs|People['’]s Republic of China",
    re.IGNORECASE,
)
_TO = re.compile(r"\s+to\s+")
_ABOUT_IT = re.compile(
    r"解读|影响|问答|评论|答记者问|发言人|专家|有关情况|analysis|explain|what .* means", re.IGNORECASE
)
_CFR = re.compile(r"^(\d{1,2})\s*C\.?F\.?R\.?,?\s*Part\s+(\d+),?\s*Supp(?:lement|\.)\s*No\.\s*(\d+)\b", re.IGNORECASE)
EAR_FIRST, EAR_LAST = 730, 774
_NEW_NUMBERING = 2015  # since then the year comes first for all acts: OJ notice C 2014/490
ISSUERS = {
    "全国人民代表大会常务委员会": "NPCSC", "全国人民代表大会": "NPC", "国务院": "State Council", "中央军事委员会": "CMC",
    "最高人民法院": "SPC", "最高人民检察院": "SPP", "商务部": "MOFCOM", "海关总署": "GACC", "工业和信息化部": "MIIT",
    "国家安全部": "MSS", "公安部": "MPS", "外交部": "MFA", "科技部": "MOST", "科学技术部": "MOST", "国家密码管理局": "SCA",
    "国家密码局": "SCA", "国家国防科技工业局": "SASTIND", "国家原子能机构": "CAEA", "自然资源部": "MNR",
}  # fmt: skip


class Known(Protocol):
    """What is read of an instrument of the rule book (`knowledge.model.Instrument`)."""

    @property
    def id(self) -> str: ...
    @property
    def number(self) -> Mapping[str, str]: ...
    @property
    def title(self) -> Mapping[str, str]: ...


def plain(title: str) -> str:
    """A title for comparison: width, case, blanks, book-title marks and "of the People's Republic of China" do not count."""
    text = unicodedata.normalize("NFKC", title).replace("〈", "《").replace("〉", "》")
    text = _BLANK.sub(" ", text).strip().strip("《》 ").casefold().replace("’", "'")
    text = text.removeprefix("中华人民共和国").replace(" of the people's republic of china", "")
    return re.sub(r"(?<=[\u4e00-\u9fff]) | (?=[\u4e00-\u9fff])", "", text)


def by_title(title: str, known: Mapping[str, Known], *, versions: bool = True) -> str:
    """The id of the only known instrument whose title or number is this title; "" where none or several are.

    With `versions`, a remark in brackets about a revision ("（2021年修正）") and, on one side only, a bare year are passed over.
    """
    wanted = plain(title)
    if len(wanted) < 2:
        return ""
    for loosen in (False, True) if versions else (False,):
        target = _loose(wanted) if loosen else wanted
        found = set()
        for instrument in known.values():
            names = {plain(n) for n in (*instrument.number.values(), *instrument.title.values())}
            if loosen and not _YEAR.search(wanted):
                names |= {_loose(name) for name in names if not _catalogue(name)}
            if target in names or (loosen and target in {_QUALIFIER.sub("", name) for name in names}):
                found.add(instrument.id)
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""


def _loose(name: str) -> str:
    return _QUALIFIER.sub("", _YEAR.sub("", name) if not _catalogue(name) else name)


def _catalogue(name: str) -> bool:
    """Yearly lists: another year is another instrument."""
    return any(word in name for word in ("目录", "清单", "catalogue", "list"))


def announcement(text: str) -> tuple[str, int, int] | None:
    """Issuers, year and number of an announcement named in a line: ("商务部 海关总署", 2025, 18)."""
    found = _ANNOUNCEMENT.search(text)
    if found:
        year, number = numerals.chinese(found[1]), numerals.chinese(found[2])
        return (text[: found.start()].strip(" 《（("), year, number) if year and number else None
    english = _ENGLISH.search(text)
    if english:
        return text, int(english[2] or english[3]), int(english[1] or english[4])
    return None


def announcement_id(issuers: str, year: int, number: int, known: Mapping[str, Known]) -> str:
    """The id of an announcement, by the rule book where it knows the number under another id."""
    if "不可靠实体清单" in issuers or "unreliable entity" in issuers.lower():
        return f"CN-UEL-{year}-{number}"
    low = issuers.lower()
    if issuers and "商务部" not in issuers and "mofcom" not in low and "commerce" not in low:
        first = next((code for name, code in ISSUERS.items() if name in issuers), "")
        return f"CN-{(first or _BLANK.sub('', issuers)[:20]).replace(' ', '')}-{year}-{number}"
    own = f"CN-{year}-{number}"
    if own in known:
        return own
    for instrument in known.values():
        said = announcement(instrument.number.get("zh", ""))
        numbered = said is not None and said[1:] == (year, number) and "商务部" in said[0]
        if numbered and instrument.id.startswith("CN-") and "UEL" not in instrument.id:
            return instrument.id
    return own


def speaks_for_china(title: str) -> bool:
    """Whether an English title is that of an announcement of Chinese ministries: an official translation's id is the original's."""
    return bool(_CHINESE_BODY.search(title)) and announcement(title) is not None and _is_own(title)


def decree(text: str) -> int | None:
    """The number of a State Council decree named in a line."""
    found = _DECREE.search(text)
    return numerals.chinese(found[1]) if found else None


def chinese(title: str, head: Sequence[str], number: str, known: Mapping[str, Known]) -> tuple[str, str]:
    """Id and official number of a Chinese instrument, from its title, its first lines and what the source calls its number."""
    for line in (number, title, *(h for h in head if len(h) < 60)):
        own = announcement(line) if line else None
        if own and _is_own(line):
            # the title of an announcement often is that of the list it publishes: the list's id where the rule book has one
            listed = by_title(title, known, versions=False)
            stated, english = _ANNOUNCEMENT.search(line), _ENGLISH.search(line)
            said = line[: stated.end()] if stated else english[0] if english else line
            return listed or announcement_id(*own, known), said.strip()
    titled = by_title(title, known)
    decrees = [n for n in (decree(line) for line in (number, *head)) if n]
    said = f"国务院令第{decrees[0]}号" if decrees else number
    if titled:
        return titled, said
    if decrees and not any("修改" in line and decree(line) == decrees[0] for line in head):
        return f"CN-SC-{decrees[0]}", said
    return f"CN-{_words(title.replace('中华人民共和国', ''), 60)}", said


def _is_own(line: str) -> bool:
    found = _ANNOUNCEMENT.search(line) or _ENGLISH.search(line)
    if found is None:
        return False
    after = line[found.end() :].strip()
    before = line[: found.start()]
    if _ABOUT_IT.search(line):
        return False
    return (
        len(before) < 50
        and not re.search(r"[，。《]|根据|按照|依据|关于|暂停|废止|解读|对|将", before)
        and not re.match(r"(?:第|的|规定|有关|附件|suspend|says)", after)
    )


def celex(text: str) -> tuple[str, str] | None:
    """Id and consolidation date (YYYYMMDD or "") of the first CELEX number in a text, such as a file name."""
    found = _CELEX.search(text)
    if not found or found[1] not in "03":
        return None
    year, number = int(found[2]), int(found[4])
    parts = f"{year}-{number}" if year >= _NEW_NUMBERING else f"{number}-{year}"
    return f"EU-{parts}", found[5] or ""


def european(title: str, sources: Sequence[str]) -> tuple[str, str, str]:
    """Id, printed number and consolidation date of an act of the Union from file name, address and title."""
    version = ""
    identity = ""
    for text in sources:
        found = celex(text)
        if found:
            identity, version = identity or found[0], version or found[1]
    named = _EU_TITLE.search(title)
    if named and _EU_OTHERS.search(title[: named.start()]):
        named = None  # "amending Regulation ..." is another act's number; "Implementing Regulation (EU) ..." is its own
    number = f"{named[1]}/{named[2]}" if named else ""
    if not identity and named:
        identity = eu_id(named[1], named[2])
    return identity, number, version


def eu_id(first: str, second: str) -> str:
    """EU-2021-821 from "2021", "821"; EU-833-2014 from "833", "2014"; an older directive "2009/65" is EU-65-2009."""
    a, b = int(first), int(second)
    if 1950 < a < _NEW_NUMBERING and not 1950 < b < 2100:
        a, b = b, a
    if 50 < a < 100 and not 1950 < b < 2100:  # 95/46: a year of two digits
        a, b = b, 1900 + a
    return f"EU-{a}-{b}"


def federal(part: str, supplement: str, title_number: str) -> str:
    """The id of a part or supplement of the Code of Federal Regulations."""
    tail = f"-S{supplement}" if supplement.isdigit() else f"-{supplement}" if supplement else ""
    ear = title_number in {"15", ""} and part.isdecimal() and len(part) < 5 and EAR_FIRST <= int(part) <= EAR_LAST
    return f"US-EAR-{part}{tail}" if ear else f"US-{title_number}CFR-{part}{tail}"


def within(part_id: str, piece: str) -> str:
    """The id of a section or subpart that was brought in alone: US-EAR-746 and "746.5" give US-EAR-746.5."""
    whole, _, part = part_id.rpartition("-")
    if piece.startswith(f"{part}."):
        return f"{whole}-{_TO.sub('-', piece)}"
    return f"{part_id}-{_words(piece.removeprefix(f'Part {part}'), 40)}"


def cited(title: str) -> str:
    """The id of a supplement that a title cites ("15 C.F.R. Part 738, Supplement No. 1 (...)"), "" for other titles."""
    found = _CFR.match(title)
    return federal(found[2], found[3], found[1]) if found else ""


def named(regime: str, title: str) -> str:
    """An id from nothing but a title."""
    words = _words(title, 80).lower()
    return f"{regime or 'DOC'}-{words or 'untitled'}"


def _words(title: str, limit: int) -> str:
    text = unicodedata.normalize("NFKC", title)
    return re.sub(r"[\W_]+", "-", text).strip("-")[:limit].strip("-")
