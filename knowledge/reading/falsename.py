"""Patterns of evasion that are plain in structure: goods declared as others, less declared than loaded, or nothing."""

import re
from collections.abc import Collection, Sequence

from knowledge.reading.chemistry import parse
from knowledge.reading.lexicon import Hit
from knowledge.reading.text import fold

# "declare A as B", "write B on the papers for A", "A 报成 B", "khai A là B": the words between the two names.
_AS = re.compile(
    r"\b(?:as|like|als|como|comme|как|под видом|la|thanh)\b|报成|报为|报作|写成|写作|改叫|改成|改名|当作|当成|充当|申报为|申报成|伪报成?|名义|として|로 신고|으로 신고|เป็น"
)
_DECLARING = re.compile(
    r"declar\w*|invoic\w*|writ\w*|book\w*|label\w*|describ\w*|\bcall\w*|\bput\b|\bpass(?: it)? off|list\w*|mark\w*|deklar\w*|anmeld\w*|задеклар\w*|оформ\w*|провести|khai|bao quan|สำแดง|申告|신고|报|写|申报|改|当|名义|伪|déclar\w*"
)
_HONEST = frozenset({"report_refuse", "correct_mistake", "comply", "learn_detect", "penalty", "real_goods"})
_LESS = re.compile(
    r"(?:load|ship|pack|send|put|stuff)\w*\D{0,14}?(?P<a>\d[\d,.]*)\D{0,40}?(?:declar|report|stat|writ|say|show)\w*\D{0,14}?(?P<b>\d[\d,.]*)"
    r"|(?:实装|实际(?:装|出|发)?|装|发)\D{0,8}?(?P<c>\d[\d,.]*)\D{0,14}?(?:只?报|申报|写)\D{0,6}?(?P<d>\d[\d,.]*)"
)


_UNDECLARED = re.compile(
    r"\bwithout (?:a |any )?(?:customs )?declar\w+|\bundeclared\b|\b(?:not|never|nothing) (?:to )?declare\w*|declare nothing|不(?:申报|报关|报海关)|不用申报|不去申报"
    r"|sin declarar|без деклар\w+|не деклар\w+|ohne (?:zoll)?anmeldung|ohne sie anzumelden|sans (?:la |le |les )?declar\w+|申告せず|申告しない|신고 없이|신고하지 않|khong khai|ไม่สำแดง|ไม่แจ้ง"
)


def undeclared(text: str, cues: Collection[str]) -> bool:
    """True where goods are to go out without a declaration; not where that is a mistake to mend or a case to report."""
    return not (_HONEST | {"question_licence"}) & set(cues) and _UNDECLARED.search(fold(text)) is not None


def swapped(text: str, hits: Sequence[Hit], cues: Collection[str]) -> bool:
    """True where the message would declare goods under the name of other goods; not where it tells of setting that right."""
    if _HONEST & set(cues):
        return False
    folded = fold(text)
    names = [(h.start, h.end, _identity(h)) for h in hits if h.section in ("elements", "kinds", "formula")]
    for match in _AS.finditer(folded):
        if not _DECLARING.search(folded[max(0, match.start() - 48) : match.end() + 6]):
            continue
        if match.group() in ("として", "로 신고", "으로 신고"):
            # Japanese and Korean put both names before: A を B として申告.
            last = [ids for s, e, ids in names if e <= match.start() and match.start() - e <= 3]
            first = [ids for s, e, ids in names if e <= match.start() - 4 and match.start() - e <= 40]
            if (
                last
                and first
                and any(len(i) <= 2 for ids in first for i in ids)
                and not any(a & b for a in first for b in last)
            ):
                return True
            continue
        before = {i for s, e, ids in names if e <= match.start() and match.start() - e <= 40 for i in ids}
        after = {i for s, e, ids in names if 0 <= s - match.end() <= 14 for i in ids}
        if before and after and not before & after and any(len(i) <= 2 for i in before):
            return True
    return False


def _identity(hit: Hit) -> set[str]:
    if hit.section == "formula":
        found = parse(hit.value)
        return set(found.elements) - {"O"} if found else set()
    return {hit.value}


def understated(text: str, cues: Collection[str]) -> bool:
    """True where less is to be declared than is loaded: "load 900 and declare 500"."""
    if _HONEST & set(cues):
        return False
    for match in _LESS.finditer(fold(text)):
        loaded, declared = (
            (match.group("a"), match.group("b")) if match.group("a") else (match.group("c"), match.group("d"))
        )
        if loaded and declared and _number(declared) < _number(loaded):
            return True
    return False


def _number(text: str) -> float:
    digits = text.replace(",", "").strip(".")
    try:
        return float(digits)
    except ValueError:
        return 0.0
