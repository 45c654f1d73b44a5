"""What kind of instrument a text is, whose law, and who issued it."""

import re
from collections.abc import Mapping, Sequence

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
_ISSUED = re.compile(
    r"^[\d〇一二三四五六七八九]{1,4}年.{0,60}(?:通过|公布|发布|修[订正])|^[^，。]{0,40}(?:公告|令)\s*[（(]?(?:\d{4}\s*年)?\s*第?\s*\d+\s*号|^[^，。；]{2,30}[部署局院]$"
)
_CASES = re.compile(
    r"走私|伪报|瞒报|夹藏|查获|判处|处罚|smuggl|illegal|unlawful|violat|penalt|sentenced|crack(?:ing|ed)? ?down|mislabel|falsely",
    re.I,
)
_OFFICIAL_CASE = re.compile(
    r"in the matter of|charging letter|order denying|respondent|行政处罚决定书|国家安全(?:部|机关).{0,20}(?:通报|破获)|案例\s*[一二三1-9]",
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
        bodies = " ".join([title, *head])[:3000].upper()
        found = (("EUROPEAN PARLIAMENT", "European Parliament"), ("COUNCIL", "Council"), ("COMMISSION", "Commission"))
        return tuple(name for word, name in found if re.search(rf"\bTHE (?:EUROPEAN )?{word}\b|^{word}\b", bodies))
    if family == "federal":
        return ("BIS",) if any("INDUSTRY AND SECURITY" in line.upper() for line in head) else ()
    codes: list[str] = []
    for line in [title, *(h for h in head if _ISSUED.search(h))][:12]:
        rest = re.sub(r"[《〈].*?[》〉]", "", line)
        for name, code in ISSUERS.items():
            if name in rest:
                rest = rest.replace(name, "")
                if code not in codes:
                    codes.append(code)
    return tuple(codes)
