"""Which announcement a text is: its own number, told from the numbers of announcements that it only cites.

One announcement is published under several addresses, in Chinese and English; its number is what makes it one.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ingest.structure.numerals import chinese

_MOFCOM = "商务部"
_CODES: Mapping[str, str] = {  # issuers in Chinese, and how the rule book writes them
    _MOFCOM: "MOFCOM",
    "海关总署": "GACC",
    "工业和信息化部": "MIIT",
    "工信部": "MIIT",
    "国家密码局": "SCA",
    "国家密码管理局": "SCA",
    "科学技术部": "MOST",
    "科技部": "MOST",
    "财政部": "MOF",
    "国家国防科技工业局": "SASTIND",
    "国家原子能机构": "CAEA",
    "中央军委装备发展部": "CMC-EDD",
    "国家发展和改革委员会": "NDRC",
    "国家发展改革委": "NDRC",
    "不可靠实体清单工作机制": "UEL",
}
_ENGLISH: Mapping[str, str] = {
    "ministry of commerce": "MOFCOM",
    "mofcom": "MOFCOM",
    "general administration of customs": "GACC",
    "gacc": "GACC",
    "ministry of industry and information technology": "MIIT",
    "miit": "MIIT",
    "state cryptography administration": "SCA",
    "sca": "SCA",
    "unreliable entity list working mechanism": "UEL",
    "working mechanism of the unreliable entity list": "UEL",
}
_YEAR = r"(?P<year>(?:19|20)\d{2}|[二一][〇○零九一二三四五六七八]{3})"
_COUNT = r"(?P<count>\d{1,4}|[〇零一二三四五六七八九十百]{1,6})"
_ZH_NUMBER = rf"\[?{_YEAR}\]?年?(?:第{_COUNT}号|(?<=[\]年])(?P<plain>\d{{1,4}})号)"
_ZH_OWN = re.compile(rf"(?P<issuers>[\u4e00-\u9fff、,和 ]{{0,120}}?)公告{_ZH_NUMBER}(?P<rest>.*)", re.DOTALL)
_ZH_BARE = re.compile(rf"(?:公告)?\(?{_ZH_NUMBER}\)?")
_ZH_TITLED = re.compile(rf"(?P<issuers>[\u4e00-\u9fff、,和 ]{{0,60}}?)关于[^\n]{{2,150}}的公告\s*\(?{_ZH_NUMBER}\)?")
_ZH_IN_BRACKETS = re.compile(r"公告\s*\((?P<number>[^()]{4,80}公告[^()]{4,30})\)\s*\Z")
_FIELD = re.compile(r"[\[【]?(?:发布|公告|发文)?文号[\]】]?\s*[::]?\s*(?P<value>[^\n]{4,120})")
_AFTER = re.compile(r"\s*(?:$|[\n—–:_|(\[《\-]|\s|公布|发布|关于|对|决定)")
_NOT_ISSUER = re.compile(
    r"根据|依据|依照|按照|关于|解读|公布|暂停|停止|废止|实施|参见|见|自|将|就|对|及其|附件|执行|调整|修改"
)
_ISSUER = re.compile(r"[\u4e00-\u9fff]{2,24}(?:部|署|局|委|会|院|行|机构|机制|办|办公室)\Z")
_ABOUT = re.compile(
    r"答记者问|发言人|解读|问答|图解|一图|读懂|专家|新闻发布会|答问|press conference|spokes|q ?& ?a|interpret",
    re.IGNORECASE,
)
_EN_YEAR_LAST = r"announcement(?: of (?:the )?(?P<by>[a-z ,&']{3,120}?))?\s*no\.?\s*(?P<count>\d{1,4})\s*(?:of|,|\(|\[)\s*\[?(?P<year>(?:19|20)\d{2})"
_EN_YEAR_FIRST = r"announcement(?: of (?:the )?(?P<by>[a-z ,&']{3,120}?))?\s*\[?(?P<year>(?:19|20)\d{2})\]?,?\s*no\.?\s*(?P<count>\d{1,4})"
_EN_OWN = tuple(
    re.compile(rf"(?P<before>[a-z ,&']{{0,160}}?)\b{form}\b[\])]?(?P<rest>.*)")
    for form in (_EN_YEAR_LAST, _EN_YEAR_FIRST)
)
_EN_CITES = re.compile(
    r"\b(?:under|pursuant|accordance|suspen\w*|according|amend\w*|repeal\w*|on|to|regarding|about|by|in|see)\b"
)
_HEAD = 20_000  # characters of a text that are looked at
_OWN_LINES = 12  # the number of an announcement stands in the head of the page


@dataclass(frozen=True)
class Notice:
    """An announcement's own number. `issuers` in codes (MOFCOM, GACC), as many as the number names."""

    year: int
    count: int
    issuers: tuple[str, ...]

    @property
    def key(self) -> str:
        """CN-2025-18 for the Ministry of Commerce alone or with others, CN-UEL-2025-1, CN-GACC-2025-46."""
        series = "" if "MOFCOM" in self.issuers else f"{self.issuers[0]}-"
        return f"CN-{series}{self.year}-{self.count}"


def notice_key(text: str) -> str | None:
    """The rule book's id of the announcement that `text` is: its title, its number, or its whole text.

    None where the text is no announcement, or only speaks of one. "商务部 海关总署公告2025年第18号" gives CN-2025-18; where the
    rule book calls the announcement otherwise (CN-LIST-2024-51), that id.
    """
    found = notice(text)
    return _rule_book_names().get(found.key, found.key) if found else None


def notice(text: str) -> Notice | None:
    """The announcement that `text` is, by its number as printed; see notice_key."""
    plain = _plain(text[:_HEAD])
    field = _FIELD.search("\n".join(plain.split("\n")[:40]))
    if field:
        value = field["value"].strip()
        found = _chinese(value) or _english(value)
        if found:
            return found
    for line in [line for line in plain.split("\n") if line.strip()][:_OWN_LINES]:
        if not _ABOUT.search(line):
            found = _chinese(line) or _english(line)
            if found:
                return found
    return None


def _plain(text: str) -> str:
    """One form for every digit, bracket and space; no space inside Chinese or between digits and Chinese."""
    one = unicodedata.normalize("NFKC", text)
    one = one.translate(str.maketrans("〔【〖［〕】〗］○", "[[[[]]]]〇"))
    one = re.sub(
        r"(?<=第)[ \t]+(?=[\d一-鿿])|(?<=\d)[ \t]+(?=[年号\]])|(?<=[\[年])[ \t]+(?=[\d第])|(?<=公告)[ \t]+(?=[\[\d])",
        "",
        one,
    )
    return re.sub(r"[ \t\u3000\xa0]+", " ", one)


def _chinese(line: str) -> Notice | None:
    line = line.strip().removeprefix("《")
    bare = _ZH_BARE.fullmatch(line)
    if bare:
        return _made(bare, ("MOFCOM",))
    own = _ZH_OWN.match(line)
    if own:
        issuers = _issuers(own["issuers"])
        follows = own["rest"].lstrip("》)]")
        if issuers and (_AFTER.match(follows) or not follows):
            return _made(own, issuers)
    titled = _ZH_TITLED.fullmatch(line)
    if titled and (issuers := _issuers(titled["issuers"])):
        return _made(titled, issuers)
    bracketed = _ZH_IN_BRACKETS.search(line)
    return _chinese(bracketed["number"]) if bracketed else None


def _issuers(names: str) -> tuple[str, ...]:
    """Codes of the issuers in "商务部 海关总署"; () where the words before 公告 are no list of offices."""
    if not names.strip():
        return ("MOFCOM",)
    codes: list[str] = []
    for name in re.split(r"[ 、,]+", names.replace("中华人民共和国", "").strip()):
        code = _CODES.get(name)
        if code is None:
            parts = [part for part in re.split(r"(?<=[部署局委会])和?(?=[国海工科财中商])", name) if part]
            if not parts or any(_NOT_ISSUER.search(p) or not _ISSUER.match(p) for p in parts if p not in _CODES):
                return ()
            codes += [_CODES.get(part, "OTHER") for part in parts]
        else:
            codes.append(code)
    return tuple(dict.fromkeys(codes)) if (codes and codes[0] != "OTHER") or "MOFCOM" in codes else ()


def _english(line: str) -> Notice | None:
    lower = line.strip().lower()
    for form in _EN_OWN:
        own = form.match(lower)
        if not own:
            continue
        before = re.sub(r"\b(?:of|the|and|people's|republic|china|prc)\b|[,&]", " ", own["before"])
        offices = _offices(before)
        if before.strip() and (not offices or _EN_CITES.search(own["before"].replace(" of ", " "))):
            return None
        after = re.match(r"\s*(?:issued\s+)?(?:of|by)\s+(?:the\s+)?(.{0,200})", own["rest"])
        named = offices or _offices(own["by"] or "") or (_offices(after[1]) if after else ())
        if own["by"] and not named:
            return None
        follows = own["rest"].strip()
        if not after and follows and not re.match(r"[—–:\-|(\[]|on\b|announc|decision|export|releas|publi", follows):
            return None
        return _made(own, named or ("MOFCOM",))
    return None


def _offices(text: str) -> tuple[str, ...]:
    found = sorted((at, code) for name, code in _ENGLISH.items() if (at := _word_at(name, text)) >= 0)
    return tuple(dict.fromkeys(code for _, code in found))


def _word_at(name: str, text: str) -> int:
    """Where `name` stands in the text as whole words; -1 where it does not. Small words are left out on both sides."""
    bare = re.sub(r"\b(?:of|the|and)\b", " ", name)
    pattern = r"\b" + r"\W+(?:(?:of|the|and)\W+)*".join(map(re.escape, bare.split())) + r"\b"
    found = re.search(pattern, text)
    return found.start() if found else -1


def _made(found: re.Match[str], issuers: tuple[str, ...]) -> Notice:
    groups = found.groupdict()
    return Notice(chinese(groups["year"]) or 0, chinese(groups.get("count") or groups.get("plain") or "") or 0, issuers)


@lru_cache(maxsize=1)
def _rule_book_names() -> Mapping[str, str]:
    """Ids of announcements that the rule book does not call by their number."""
    from knowledge.rulebook import load

    names: dict[str, str] = {}
    for instrument in load().instruments.values():
        found = notice(instrument.number.get("zh", "")) if instrument.id.startswith("CN-") else None
        if found and found.key != instrument.id:
            names[found.key] = instrument.id
    return names
