"""Cases in enforcement notices and news: who, what goods, which way, how, what penalty, when. Only what the passage states."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from ingest.structure import dates
from knowledge.lexis.sentences import sentences
from knowledge.store.records import Enforcement, ProvisionRecord

_VIOLATION = re.compile(
    r"may not (?:directly or indirectly,? )?participate|export privileges|申报(?:品名|名称)?为|夹藏|藏匿|逃避海关|走私|伪报|瞒报|非法出口|罚款|没收|有期徒刑|违反[^。]{0,20}(?:出口管制|海关)|未经许可|处罚|判处|smuggl|unlicensed|without (?:a|the required) licen[cs]e|export violation"
    r"|violat\w+ (?:of )?(?:the )?(?:EAR|ECRA|export)|illegal(?:ly)? (?:export|trad)|(?:bypass|evad|circumvent)\w* (?:\w+ )?(?:control|restriction|sanction)|penalt|charging letter|denial order|indict|sentenced|false(?:ly)? declar|misdeclar",
    re.IGNORECASE,
)
_MONEY = r"(?:US)?\$\s?\d[\d,.]*(?:\s(?:million|billion|thousand))?"
_PENALTY_EN = re.compile(
    rf"(?:(?:administrative|civil|criminal|monetary)\s+)?(?:penalty|fine|forfeiture)\s+(?:of|in the amount of)\s+(?:approximately\s+|about\s+)?{_MONEY}"
    rf"|{_MONEY}\s+(?:(?:administrative|civil|criminal|monetary)\s+)*(?:penalty|fine|forfeiture)"
    rf"|(?:fined|pay)\s+{_MONEY}"
    r"|sentenced\s+to\s+[^.;]{3,100}?(?:months?|years?)(?:\s+(?:in prison|of imprisonment|imprisonment))?"
    r"|for a period of [\w() -]{3,30}years?[^.;]{0,80}?\bmay not[^.;]{0,100}|export privileges\s+(?:are|were|is|be)\s+denied(?:\s+for\s+(?:a period of\s+)?[\w-]+(?:\s\(\d+\))?\s+(?:years?|months?))?"
    r"|(?:denied|denial of)\s+(?:of\s+)?(?:its\s+|their\s+|his\s+|her\s+)?export privileges(?:\s+for\s+(?:a period of\s+)?[\w-]+(?:\s\(\d+\))?\s+(?:years?|months?))?",
    re.IGNORECASE,
)
_PENALTY_ZH = re.compile(
    r"(?:一审|终审|依法)?判处[^。；]{0,80}?(?:有期徒刑|拘役|罚金|死刑|无期徒刑)[^。；]{0,60}|(?:处以?|并处|科处)?罚款(?:人民币)?\s?[\d一二三四五六七八九十百千万亿.]+\s?[万亿]?元"
    r"|没收[^，。；]{2,40}|采取(?:刑事)?强制措施|撤销[^，。；]{2,30}(?:资格|许可)"
)
_COMPANY = r"\b[A-Z][\w&.,'’()-]{0,30}(?:\s+(?:[A-Z&][\w&.,'’()-]{0,30}|of|and|the|de)){0,8}?\s*,?\s*(?:Inc|LLC|Ltd|Limited|Corp|Corporation|GmbH|Company|S\.A|B\.V|AG|Pte|PLC|FZE|FZCO)\b\.?"
_PARTY_EN = (
    re.compile(r"In the Matter of:?\s+([^;:\n]{3,100}?)(?=,\s+Respondent|\s+Respondent|\s*[;:\n]|$)", re.IGNORECASE),
    re.compile(rf"(?:against|fined|by|with|penalty on|charged|indicted)\s+({_COMPANY})"),
    re.compile(
        rf"({_COMPANY})\s*,?\s+(?:of\s+[A-Z][\w ,]{{2,40}}?,?\s+)?(?:has\s+)?(?:agreed|pleaded|pled|was|were|will|admitted|exported|violated|committed|engaged)\b"
    ),
)
_PARTY_ZH = re.compile(
    r"([\u4e00-\u9fff（）()A-Za-z0-9]{2,30}?(?:有限责任公司|股份有限公司|有限公司|股份公司|集团|某公司))|(?:被告人|犯罪嫌疑人|嫌疑人|当事人|被告单位|负责人|法定代表人|男子|女子|经理|员工)[：:]?\s?([\u4e00-\u9fff]某{1,2}(?:等(?:\d+|[一二三四五六七八九十]+)人)?|[\u4e00-\u9fff]{2,3}(?=有期|犯|等|，|、|因|在|以|通过|伙同))"
)
_GOODS_EN = re.compile(
    r"\b(?:unlawful(?:ly)?|illegal(?:ly)?|unlicensed|without (?:a|the required|an export) licen[cs]e,?)?\s*(?:export(?:ed|ing|s)?|re-?export(?:ed|ing)?|smuggl(?:ed|ing)|shipp(?:ed|ing))\s+(?:of\s+)?(?:alleged\s+)?((?:\w|[-“”\"'’(),./%])(?:[^.;:]|\.(?=\w)){2,120}?)\s+(?:to|from|into|through|via|without)\s+"
)
_GOODS_ZH = re.compile(
    r"(?:走私(?:出口)?|非法出口|违规出口|未经许可(?:擅自)?出口)(?!罪|犯罪|活动|行为|案|出境|至|到)([^，。；、]{2,30}?)(?=\d|等|的|案|罪|，|。|；|、|至|到|共|被)"
    r"|将(?!其)([^，。；、]{2,24}?)(?=走私|非法|偷运|经[\u4e00-\u9fff]{2,8}(?:转运|中转|运)|运往|邮寄|藏匿|夹藏|伪报)"
)
_ROUTE_EN = re.compile(
    r"\b((?:to|via|through|from)\s+(?:the\s+)?[A-Z][\w.]*(?:\s[A-Z][\w.]*){0,3}(?:,?\s+(?:and\s+)?(?:via|through|by way of|to)\s+(?:the\s+)?[A-Z][\w.]*(?:\s[A-Z][\w.]*){0,2}(?:\s+and\s+(?:the\s+)?[A-Z]\w+(?:\s[A-Z]\w+){0,2})?)+)|\b((?:transship\w*|re-?rout\w*)\s+[^.;,]{2,80}?(?:via|through|to)\s+[A-Z][^.;,]{1,60})"
)
_ROUTE_ZH = re.compile(
    r"((?:经由|途经|经|绕道|取道)(?!查|过|营|济|济|理|审)[\u4e00-\u9fff、]{2,20}(?:转运|中转|绕道|出口|运)(?:至|到|往|出境)?[\u4e00-\u9fff]{0,12}|从[\u4e00-\u9fff]{2,15}(?:运往|发往|走私至|出口至)[\u4e00-\u9fff]{2,15})"
)
_METHOD_EN = re.compile(
    r"\b((?:(?:were|was|by|had|have)\s+)?(?:falsely\s+declar\w+|misdeclar\w+|mislabel\w*|mis-?report\w*|re-?packag\w+|re-?label\w*|switched labels|disguis\w+|conceal\w+|hidden in|hid(?:ing)?\s|falsif\w+|false (?:documents|labels|names|statements)|fake labels|undervalu\w+|transship\w*|re-?rout\w+|breaking up shipments|break up shipments|mix(?:ed|ing)\s+(?:into|with|rare)|stor(?:ed|ing) it in|shell compan\w+|front compan\w+)[^.;]{0,400})",
    re.IGNORECASE,
)
_METHOD_ZH = re.compile(
    r"(申报(?:品名|名称)?为[^，。；]{1,20}[^。；]{0,40}?实际(?:货物)?(?:为|系|是)[^，。；]{1,20})|((?:采[取用]|通过|以|利用)?(?:伪报|瞒报|虚报|低报|夹藏|藏匿|夹带|绕关|绕道|伪装|调换标签|虚假(?:申报|标签|品名|单证)|化整为零|蚂蚁搬家|第三国转[运口]|更换标签|拆分为|分批)[^。；]{0,60}?(?:等(?:方式|手段|手法|方法)|方式|手段|(?=[。；，])))"
)
_RESPONDENT = re.compile(r"In the Matter of:?\s+([^;:\n]{3,100}?)(?=,?\s+Respondent|\s*[;:\n]|$)", re.IGNORECASE)
_SUFFIX = re.compile(r",?\s+(?:Inc|LLC|Ltd|Limited|Corp|Corporation|GmbH|Company|S\.A|B\.V|AG|Pte|PLC|FZE|FZCO)\b")
_THE_COMPANY = re.compile(r"该公司|该企业|上述公司|\bthe company\b", re.IGNORECASE)
_SHORT_NAME = 3
_TODAY = re.compile(r"\btoday\b|今日|今天", re.IGNORECASE)
_AUXILIARY = re.compile(r"^(?:by|were|was|had|have)\s+")
_LONGEST = 20_000  # characters of one passage: longer is no account of a case
_MINOR = frozenset({"heading", "table_row"})


def is_enforcement(kind: str, text: str) -> bool:
    """Whether a document is of a kind that tells of cases, and does."""
    return kind in {"enforcement_notice", "news"} and bool(_VIOLATION.search(text))


def find(provisions: Sequence[ProvisionRecord], language: str, issued: date | None = None) -> tuple[Enforcement, ...]:
    """One record a passage that states a penalty or a method; fields that the passage does not state stay empty.

    `issued` is the document's own date, for passages that say "today". The respondent of an order ("In the Matter of") is
    the party of every passage that names none.
    """
    return tuple(_cases(provisions, language.startswith("zh"), issued))


def _cases(provisions: Sequence[ProvisionRecord], chinese: bool, issued: date | None) -> Iterator[Enforcement]:
    head = "\n".join(provision.text for provision in provisions[:12])[:_LONGEST]
    respondent = "" if chinese else _first(_RESPONDENT, head)
    named: list[str] = []
    for provision in provisions:
        text = provision.text[:_LONGEST]
        if provision.kind in _MINOR or not _VIOLATION.search(text):
            continue
        penalty = _first(_PENALTY_ZH if chinese else _PENALTY_EN, text)
        method = _all(_METHOD_ZH if chinese else _METHOD_EN, text)
        if not penalty and not method:
            continue
        goods = _first(_GOODS_ZH if chinese else _GOODS_EN, text)
        route = _first(_ROUTE_ZH if chinese else _ROUTE_EN, text)
        day = _date(text, penalty or method.split("; ")[0], "zh" if chinese else "en")
        if not day and issued and _TODAY.search(text):
            day = issued.isoformat()
        party = _party(text, chinese) or _meant(text, named) or respondent
        if party and party not in named:
            named.append(party)
        yield Enforcement(party, goods, route, method, penalty, day, provision.locator)


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    said = next((g for g in found.groups() if g), found[0]) if found else ""
    return said.strip(" ,，、\n")


def _all(pattern: re.Pattern[str], text: str) -> str:
    said = [next((g for g in found.groups() if g), found[0]).strip(" ,，、\n") for found in pattern.finditer(text)]
    said = [_AUXILIARY.sub("", one) for one in said]
    return "; ".join(dict.fromkeys(said))


def _party(text: str, chinese: bool) -> str:
    if chinese:
        return _first(_PARTY_ZH, text)
    return next((said for pattern in _PARTY_EN if (said := _first(pattern, text))), "")


def _meant(text: str, named: Sequence[str]) -> str:
    """The party named in full before that a passage means by its short name or by "the company"."""
    for party in reversed(named):
        short = _SUFFIX.split(party)[0].strip(" ,")
        if len(short) > _SHORT_NAME and short in text:
            return party
    return named[-1] if named and _THE_COMPANY.search(text) else ""


def _date(text: str, anchor: str, language: str) -> str:
    """The first date in the sentence of the penalty or method; a date elsewhere in the passage may be another event's."""
    at = text.find(anchor)
    for start, end in sentences(text, language):
        if start <= at < end:
            day = dates.first(text[start:end])
            return day.isoformat() if day else ""
    return ""
