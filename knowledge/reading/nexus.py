"""What ties a deal to United States or Union law: origin, content, technology, ownership, value, and the law's own terms."""

import re
from dataclasses import dataclass
from decimal import Decimal

from knowledge.logic import Truth
from knowledge.model import Ownership, Quantity

_US = r"(?:u\.?\s?s\.?(?:a\.?)?|american|united states)"
_US_ORIGIN = re.compile(
    rf"\b{_US}[\s-]*(?:origin|made|built|manufactured|produced|sourced)\b|\b(?:made|manufactured|produced|built|originat\w+)\s+in\s+(?:the\s+)?(?:{_US}|america)(?![\w.])"
    rf"|\borigin(?:\s+is|\s*[:=])?\s+(?:the\s+)?{_US}(?![\w.])|原产(?:于|地为?|国为?)?美国|美国(?:原产|产|制造|生产)|美产|美国来源|アメリカ(?:製|原産)|米国(?:製|原産)|미국산|сделано в сша|американск\w+ происхожд",
    re.IGNORECASE,
)
_NOT_BEFORE = re.compile(
    r"(?:\b(?:no|not|non|without|isn't|aren't|zero|never)(?:\s+of)?[\s-]*|不是|非|不含|没有|无)$", re.IGNORECASE
)
_CONTENT = re.compile(
    rf"(?<![\d.])(?P<a>\d{{1,9}}(?:\.\d{{1,9}})?)\s*%\s*(?:of\s+)?(?:controlled\s+)?(?:{_US}[\s-]*(?:origin\s+)?|american\s+)(?:controlled\s+)?(?:content|parts|components|value|origin|chips|made)"
    rf"|{_US}[\s-]*(?:origin\s+)?(?:controlled\s+)?(?:content|parts|components|share)[^.;。；%]{{0,40}}?(?P<b>\d+(?:\.\d+)?)\s*%"
    r"|美国(?:原产)?(?:受控)?(?:成分|零部件|部件|含量|占比)[^.;。；%]{0,20}?(?P<c>\d+(?:\.\d+)?)\s*%|(?<![\d.])(?P<d>\d{1,9}(?:\.\d{1,9})?)\s*%\s*(?:的)?美国(?:原产|受控)?(?:成分|零部件|部件)",
    re.IGNORECASE,
)
_NO_CONTENT = re.compile(
    rf"\b(?:no|zero|without(?:\s+any)?|free of)\s+{_US}[\s-]*(?:content|parts|components|origin|technology|tech)|(?:不含|没有|无)(?:任何)?美国(?:成分|部件|零部件|技术)",
    re.IGNORECASE,
)
_TECHNOLOGY = re.compile(
    rf"\b(?:using|with|from|based on|by)\s+(?:controlled\s+)?{_US}[\s-]*(?:origin\s+)?(?:technology|software|tools|equipment|eda)\b|direct product of|foreign direct product|\bfdpr?\b|(?:使用|采用|基于)美国(?:的)?(?:技术|软件|设备)",
    re.IGNORECASE,
)
_US_TERMS = re.compile(
    r"\b(?:ear\s?-?99|eccns?|commerce control list|country chart|entity[\s-]?list(?:ed)?|bis (?:licen[cs]e|rule|entity)|part 744|license exception|licence exception|de minimis|supplement no)\b|(?<![\w])EAR(?![\w])|实体清单|美国出口管制|商业管制清单",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"(?P<a>\d{1,3}(?:\.\d+)?)\s*%[\s-]*(?:owned|held|controlled|owner|ownership|shareholding|stake|share\b|subsidiar\w+|sub\b|affiliate)"
    r"|(?:owned|held|owns?|stake of|shareholding of|holds?)\s+(?:at\s+|to\s+|about\s+|a\s+)?(?P<b>\d{1,3}(?:\.\d+)?)\s*%|(?:持股|控股|持有|占股)[^0-9%,，。]{0,8}(?P<c>\d{1,3}(?:\.\d+)?)\s*%|(?P<d>\d{1,3}(?:\.\d+)?)\s*%[^,，。]{0,6}(?:持股|控股|股份|股权)",
    re.IGNORECASE,
)
_LISTED_OWNER = re.compile(
    r"\b(?:entity[\s-]?list\w*|listed (?:company|entity|party|parent|owner|firm)|sdn|meu list\w*|blacklist\w*|sanctioned|50\s?%? rule|affiliates? rule|denied part\w+)\b|实体清单|被列名|被制裁|黑名单|上榜",
    re.IGNORECASE,
)
_OWNER_LISTS = (
    ("EL", re.compile(r"\bentity[\s-]?list\w*|实体清单", re.IGNORECASE)),
    ("MEU", re.compile(r"\bmeu\b|military end[\s-]user list|军事最终用户清单", re.IGNORECASE)),
    (
        "SDN",
        re.compile(
            r"\bsdns?\b|specially designated|blocked person|\bofac[\s-](?:listed|blocked|sanctioned)|特别指定国民",
            re.IGNORECASE,
        ),
    ),
)
_SUBSIDIARY = re.compile(
    r"\b(?:subsidiar\w+|affiliate\w*|sister company|parent company|\bsub of|owned by|branch of)\b|子公司|关联(?:方|公司)|母公司|控股",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"(?:US\$|USD|\$)\s?(?P<a>\d[\d,]{0,20}(?:\.\d{1,9})?)\s?(?P<ak>k\b|thousand|m\b|million|万)?|(?<![\d,.])(?P<b>\d[\d,]{0,20}(?:\.\d{1,9})?)\s?(?P<bk>k\b|thousand|m\b|million|万)?\s?(?:usd\b|us dollars?|dollars?\b|美元|美金)",
    re.IGNORECASE,
)
_TIMES = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000, "万": 10_000}
_NEGATES = re.compile(
    r"\b(?:not|no|non|never|isn't|aren't)\b[\w\s-]{0,12}$|(?:不是|非|不用于|并非)\w{0,2}$", re.IGNORECASE
)
_CONCERNS = {
    "civil_telecom": re.compile(r"\bcivil(?:ian)? telecom\w*|\bcommercial telecom\w*|民用(?:通信|电信)", re.IGNORECASE),
    "police_use": re.compile(r"\b(?:police|law[\s-]enforcement)\b|警用|公安", re.IGNORECASE),
    "food_or_medicine": re.compile(r"\b(?:food|foodstuffs?|rice|wheat|flour|medicines?|medication|pharmaceuticals?|vaccines?|insulin|antibiotics?)\b|食品|粮食|大米|小麦|药品|疫苗|药物", re.IGNORECASE),
    "military_intelligence": re.compile(r"\b(?:military[\s-]intelligence|signals intelligence|sigint agency|intelligence (?:service|agency))\b|军事情报|情报机构", re.IGNORECASE),
    "supercomputer": re.compile(r"\b(?:super[\s-]?comput\w+|exascale|hpc cent(?:er|re))\b|超级计算|超算", re.IGNORECASE),
    "advanced_node": re.compile(r"\b(?:advanced[\s-]node|(?:5|7|10|14|16)\s?nm (?:fab|logic|line|node|process)|finfet (?:fab|line)|advanced (?:logic|memory) fab)\b|先进制程|(?:5|7|10|14|16)纳米(?:产线|晶圆厂|工艺|制程)", re.IGNORECASE),
}  # fmt: skip


@dataclass(frozen=True)
class Nexus:
    """What was read; None and empty mean not said."""

    us_origin: Truth = None
    us_content: Quantity | None = None
    us_technology: Truth = None
    us_terms: bool = False
    ownership: Ownership | None = None
    value: Quantity | None = None
    concerns: tuple[str, ...] = ()


def nexus(text: str) -> Nexus:
    """The ties in a cleaned question."""
    content = _CONTENT.search(text)
    none = _NO_CONTENT.search(text) is not None
    return Nexus(
        us_origin=_origin(text, none),
        us_content=_percent(content) if content else Quantity(Decimal(0), "percent") if none else None,
        us_technology=True if _TECHNOLOGY.search(text) and not none else None,
        us_terms=_US_TERMS.search(text) is not None,
        ownership=_ownership(text),
        value=_value(text),
        concerns=tuple(c for name, pattern in _CONCERNS.items() if (c := _concern(name, pattern, text))),
    )


def _concern(name: str, pattern: re.Pattern[str], text: str) -> str:
    """The concern, `not_` before it where the question denies it; empty where it is not spoken of."""
    match = pattern.search(text)
    if match is None:
        return ""
    return f"not_{name}" if _NEGATES.search(text[: match.start()]) else name


def _origin(text: str, no_content: bool) -> Truth:
    said: Truth = None
    for match in _US_ORIGIN.finditer(text):
        share = re.search(r"%\s*(?:of\s+)?(?:controlled\s+)?$", text[: match.start()])
        if share:
            continue  # "30 % US-made content": a share, not the goods
        said = not _NOT_BEFORE.search(text[: match.start()])
        if said:
            return True
    return False if no_content and said is None else said


def _percent(match: re.Match[str]) -> Quantity:
    return Quantity(Decimal(next(g for g in match.groups() if g)), "percent")


def _ownership(text: str) -> Ownership | None:
    share = _OWNED.search(text)
    if share is None and not (_SUBSIDIARY.search(text) and _LISTED_OWNER.search(text)):
        return None
    owner = _LISTED_OWNER.search(text)
    lists = tuple(code for code, pattern in _OWNER_LISTS if pattern.search(text))
    return Ownership(_percent(share) if share else None, True if owner or lists else None, lists)


def _value(text: str) -> Quantity | None:
    match = _VALUE.search(text)
    if match is None:
        return None
    number = Decimal((match["a"] or match["b"]).replace(",", ""))
    times = _TIMES.get((match["ak"] or match["bk"] or "").lower(), 1)
    return Quantity(number * times, "USD")
