"""What kind of fact a question asks for, and whether a text holds one: a phone number, a rate, a fee, an amount of something.

Likeness of words is not enough for these: the article on how to apply for a licence is like the question what one costs,
and holds no price. Only what a question plainly asks for is demanded; every other question demands nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_PERCENT = re.compile(r"[%％‰]|百分之|万分之|千分之|\bper ?cent\b|퍼센트")
_CONTACT_ASKED = re.compile(
    r"电话|热线|邮箱地址|网址|\b(?:phone|telephone|fax|hotline) (?:number|no)\b|\bphone\b.{0,20}\bcall\b|\be-?mail address\b|\bwebsite\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"\d{3}[-)\s]\s?\d{3,4}|(?<!\d)\d{7,}(?!\d)|\S@\S|https?:|www\.", re.IGNORECASE)
_RATE_ASKED = re.compile(
    r"(?:率|比例|百分比)(?:现在)?(?:是|为|有)?(?:多少|几|怎么算)|百分之几|几个点|(?:多少|几)个?百分点"
    r"|\b(?:what|which|how (?:much|high|many)|current)\b[^?.]{0,40}\b(?:rates?|per ?cent|percentage)\b(?! of (?:growth|speed))",
    re.IGNORECASE,
)
_WHO = re.compile(r"谁|哪个(?:部门|机关)|\bwho\b|哪[一种档]|\bwhich (?:rate|authority|agency)\b", re.IGNORECASE)
_FEE_ASKED = re.compile(
    r"(?:多少|几[万千百]?|什么)(?:手续|申请|工本|服务|检验|报名)?费|费(?:用)?(?:是|要|为|得)?(?:多少|几|怎么收|怎么算)|收费|(?:价格|运费|奖金|工资|保费)"
    r"|(?<!罚)(?:多少|几块|几百)钱|(?:多少|几)(?:奖金|钱)|(?:最|更)便宜|\b(?:fees?|price[sd]?|premiums?|salary|cheapest)\b"
    r"|\bhow much (?:does|do|would|will|is|are)\b[^?.]{0,60}\bcosts?\b|\bcosts? of (?:a|an|the)\b|\bhow much (?:do|does|to) (?:they|it|we|you|i)? ?(?:charge|pay)\b",
    re.IGNORECASE,
)
_FINED = re.compile(r"罚|判|\bfine[ds]?\b|penalt|punish", re.IGNORECASE)
_FEE = re.compile(
    r"费|价|金额|资费|收取|奖|\bfees?\b|\bcharg|\bcosts?\b|\bprice|\bexpense|\breward|수수료|비용", re.IGNORECASE
)

_UNITS: Mapping[str, tuple[str, str]] = {
    "tonne": (r"吨", r"(?:metric )?tons?|tonnes?|MT"),
    "kilogram": (r"公斤|千克", r"kilos?|kilograms?|kgs?"),
    "case": (r"起|宗|件案", r"cases?|seizures?|prosecutions?|convictions?"),
    "company": (r"家(?!属)", r"compan(?:y|ies)|firms?|entit(?:y|ies)|exporters?"),
    "person": (r"人|名", r"people|persons?|employees?|officers?|officials?|inspectors?"),
    "copy": (r"份", r"cop(?:y|ies)"),
}
"""Things that are counted, as Chinese and English say them. Days and years are not here: laws are full of them."""
_NUMBER = r"(?:[\d,.]+|[〇零一二两三四五六七八九十百千万亿]+)"
_NUMBER_EN = (
    r"(?:[\d,.]+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty|hundred|thousand|million)"
)
_COUNTS = {
    unit: (
        re.compile(rf"(?:多少|几)(?:{zh})|\bhow many (?:\w+ ){{0,2}}?(?:{en})\b", re.IGNORECASE),
        re.compile(rf"{_NUMBER}\s?(?:余|多)?(?:{zh})|\b{_NUMBER_EN}(?:\s\w+){{0,2}}\s(?:{en})\b", re.IGNORECASE),
    )
    for unit, (zh, en) in _UNITS.items()
}  # fmt: skip
_STATISTICS = re.compile(
    r"(?:19|20)\d\d\s?年?.{0,30}(?:多少|几|一共|总共|总量)|(?:多少|几|一共|总共).{0,30}(?:19|20)\d\d"
    r"|\bhow (?:many|much)\b[^?.]{0,60}\b(?:19|20)\d\d\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class Wanted:
    """Expressions of which a text must hold each to answer; `years` that it must name."""

    each: tuple[re.Pattern[str], ...] = ()
    years: frozenset[str] = frozenset()

    @property
    def demands(self) -> bool:
        """Is anything demanded at all?"""
        return bool(self.each or self.years)

    def held(self, text: str) -> bool:
        """Does the text hold what is asked for?"""
        return all(e.search(text) for e in self.each) and all(year in text for year in self.years)


def wanted_fact(question: str) -> Wanted:
    """What a text must hold to answer the question; nothing for most."""
    each: list[re.Pattern[str]] = []
    years: frozenset[str] = frozenset()
    if _CONTACT_ASKED.search(question):
        each.append(_CONTACT)
    if _RATE_ASKED.search(question) and not _WHO.search(question):
        each.append(_PERCENT)
    if _FEE_ASKED.search(question) and not _FINED.search(question):
        each.append(_FEE)
    each += [told for asked, told in _COUNTS.values() if asked.search(question)]
    if _STATISTICS.search(question):
        years = frozenset(_YEAR.findall(question))
    return Wanted(tuple(each), years)
