"""What kind of instrument a text is, whose law, and who issued it."""

import re
from collections.abc import Mapping, Sequence

from ingest.structure import identity
from ingest.structure.identity import ISSUERS

KINDS = ("law", "regulation", "announcement", "list", "enforcement_notice", "guidance", "news")
_ZH = (
    (re.compile(r"公告|通告|通知|命令$|令$"), "announcement"),
    (re.compile(r"目录|清单|名单|税则"), "list"),
    (re.compile(r"通报|处罚决定书|判决书|起诉书|典型案例"), "enforcement_notice"),
    (re.compile(r"解释|指南|指引|意见|问答|批复"), "guidance"),
    (re.compile(r"(?:条例|规定|办法|细则|规则|决定)(?:[（(].*)?$"), "regulation"),
    (re.compile(r"法(?:[（(].*)?$|法典"), "law"),
)
_EN = (
    (
        re.compile(r"charging letter|denial order|in the matter of|settlement agreement|penalty|indict|sentenc", re.I),
        "enforcement_notice",
    ),
    (
        re.compile(r"\bregulations?\b|\bCFR\b|\bpart \d{3}\b|\bdirective\b|\bdecision\b|\bfinal rule\b", re.I),
        "regulation",
    ),
    (re.compile(r"\b(?:screening|control|entity|trigger) list\b|\bcatalogue\b|\bschedule\b", re.I), "list"),
    (re.compile(r"\bannouncement\b|\bnotice\b", re.I), "announcement"),
    (re.compile(r"\b(?:act|law|code)\b(?!\w)", re.I), "law"),
    (re.compile(r"guidance|guidelines|FAQ|frequently asked|best practices|red flags", re.I), "guidance"),
)
_OWN = {
    "korean": (
        (re.compile(r"고시|공고|훈령|예규"), "announcement"),
        (re.compile(r"(?:시행령|시행규칙|규칙|규정|영)$"), "regulation"),
        (re.compile(r"(?:법|법률)$"), "law"),
    ),
    "japanese": (
        (re.compile(r"告示|通達"), "announcement"),
        (re.compile(r"(?:政令|省令|府令|令|規則|規程)$"), "regulation"),
        (re.compile(r"(?:法|法律)$"), "law"),
    ),
}
_LETTERHEAD = re.compile(
    r"^(?:U\.?S\.? )?(?:DEPARTMENT OF COMMERCE,? )?BUREAU OF INDUSTRY AND SECURITY$", re.IGNORECASE
)
_ENGLISH_BODIES = (
    (re.compile(r"\bMOFCOM\b|Ministry of Commerce", re.IGNORECASE), "MOFCOM"),
    (re.compile(r"\bGACC?\b|General Administration of Customs", re.IGNORECASE), "GACC"),
)
_NUMBERED = re.compile(r"^(?:[一二三四五六七八九十]{1,3}、|[（(]|\d)")
_ANNOUNCED = re.compile(r"^[^，。]{2,40}公告")
_RULE = re.compile(
    r"\bACTION:\s*(?:Interim |Direct |Temporary )?(?:Final|Proposed) rule\b|\bACTION:\s*Rule\b", re.IGNORECASE
)
_ISSUED = re.compile(
    r"^[\d〇一二三四五六七八九]{1,4}年.{0,60}(?:通过|公布|发布|修[订正])|^[^，。]{0,40}(?:公告|令)\s*[（(]?(?:\d{4}\s*年)?\s*第?\s*\d+\s*号|^[^，。；]{2,30}[部署局院]$"
)
_CASES = re.compile(
    r"走私|伪报|瞒报|夹藏|查获|判处|处罚|smuggl|illegal|unlawful|violat|penalt|sentenced|crack(?:ing|ed)? ?down|mislabel|falsely",
    re.I,
)
_OFFICIAL_CASE = re.compile(
    r"in the matter of|charging letter|order denying|respondent|行政处罚决定书|国家安全(?:部|机关).{0,20}(?:通报|破获)|案例\s*[一二三1-9]|海关(?:缉私)?.{0,6}(?:查获|破获|侦破|查处|侦办)|缉私(?:局|部门)",
    re.I,
)


def kind_of(title: str, family: str, texts: Sequence[str], hints: Mapping[str, str]) -> str:
    """One of KINDS, from the source where it says so, else from the title, the structure and what the text tells of."""
    if hints.get("kind") in KINDS:
        return hints["kind"]
    place = f"{hints.get('path', '')} {hints.get('url', '')} {hints.get('name', '')}".lower()
    if family in {"plain", "listing"} and re.search(r"\bnews\b|/press|press-release|新闻", place):
        return "news"
    if family == "plain":
        sample = " ".join(texts)[:20_000]
        named = next((kind for pattern, kind in (*_ZH, *_EN) if pattern.search(title)), "")
        if named == "enforcement_notice" and _CASES.search(sample):
            return named
        if _OFFICIAL_CASE.search(sample) and _CASES.search(sample):
            return "enforcement_notice"
        if len(_CASES.findall(sample)) >= 3:
            return "news"
    if family == "listing":
        return "list"
    if rule := _RULE.search("\n".join(texts)[:4000]):
        return "announcement" if "proposed" in rule[0].lower() else "regulation"
    own = next((kind for pattern, kind in _OWN.get(family, ()) if pattern.search(title)), "")
    if own:
        return own
    table = _ZH if re.search(r"[\u4e00-\u9fff]", title) else _EN
    for pattern, kind in table:
        if pattern.search(title):
            return kind
    return {
        "chinese": "regulation",
        "korean": "law",
        "japanese": "law",
        "european": "regulation",
        "federal": "regulation",
        "statute": "regulation",
    }.get(family, "guidance")


def regime_of(family: str, language: str, hints: Mapping[str, str]) -> str:
    """Whose law it is: the source's word, else the structure's; "" where neither tells."""
    if hints.get("regime"):
        return hints["regime"]
    named = {"chinese": "CN", "korean": "KR", "japanese": "JP", "european": "EU", "federal": "US"}.get(family)
    return named or ("CN" if language.lower() in {"zh", "zh-cn", "zh-hans"} else "")


def issuers_of(title: str, head: Sequence[str], family: str, hints: Mapping[str, str]) -> tuple[str, ...]:
    """The issuing bodies named by the source, the title or the lines that tell of adoption; codes for Chinese bodies."""
    if hints.get("issuers"):
        return tuple(part.strip() for part in hints["issuers"].split(";") if part.strip())
    if family == "european":
        return _european_bodies(title, head)
    if family == "federal":
        return ("BIS",) if any("INDUSTRY AND SECURITY" in line.upper() for line in head) else ()
    if any(_LETTERHEAD.match(line) for line in head[:6]):
        return ("BIS",)
    if family == "statute" and identity.speaks_for_china(title):
        return tuple(code for pattern, code in _ENGLISH_BODIES if pattern.search(title))
    codes: list[str] = []
    signed = (h for h in head if _ISSUED.search(h) and not _NUMBERED.match(h))
    for line in [re.split(r"公告|关于|令第", title)[0], *signed][:12]:
        if codes and line is not title and _ANNOUNCED.match(title):
            break  # the title names the issuers of an announcement; other lines name other announcements
        rest = re.sub(r"[《〈].*?[》〉]", "", line)
        for name, code in ISSUERS.items():
            if name in rest:
                rest = rest.replace(name, "")
                if code not in codes:
                    codes.append(code)
    return tuple(codes)


_BODIES = (
    (re.compile(r"EUROPEAN PARLIAMENT|EUROPÄISCHEN? PARLAMENT|PARLEMENT EUROPÉEN"), "European Parliament"),
    (re.compile(r"\bCOUNCIL\b|\bRAT(?:E?S)?\b|\bCONSEIL\b"), "Council"),
    (re.compile(r"\bCOMMISSION\b|\bKOMMISSION\b"), "Commission"),
)
_ENACTOR = re.compile(
    r"^(?:THE (?:EUROPEAN|COUNCIL)|DER RAT|DIE (?:EUROPÄISCHE )?KOMMISSION|DAS EUROPÄISCHE|LE (?:PARLEMENT|CONSEIL)|LA COMMISSION)"
)


def _european_bodies(title: str, head: Sequence[str]) -> tuple[str, ...]:
    """Who adopted an act of the Union: the line "THE COUNCIL OF THE EUROPEAN UNION,", else the title up to the act's date.

    Opinions, consultations and other acts named further down are other bodies' doings.
    """
    adopting = next((line for line in head if _ENACTOR.match(line)), "")
    if not adopting:
        adopting = re.split(r"\b(?:of|vom|du)\s+\d{1,2}\b", title)[0]
    bodies = adopting.upper()
    return tuple(name for pattern, name in _BODIES if pattern.search(bodies))
