"""The second cell of a licence-requirement row: a Country Chart column, stated destinations, or another section."""

import re

from ingest.controllists.places import countries
from knowledge.controllists.model import Asks, Requirement

REASONS = ("NS", "MT", "NP", "CB", "RS", "FC", "CC", "CW", "AT", "EI", "SL", "SS", "UN", "SI")
"""Reasons for control as the list abbreviates them; "FP" stands for foreign policy spelled out."""
_COLUMN = re.compile(r"^\W*(?:(?P<reason>[A-Z]{2})\s+)?Column\s+(?P<number>\d)\b", re.IGNORECASE)
_SECTION = re.compile(
    r"§§?\s*(?P<first>7\d\d\.\d+(?:\([A-Za-z0-9]+\))*)(?:\s+(?:and|or)\s+(?P<second>(?:7\d\d\.\d+)?(?:\([A-Za-z0-9]+\))+|7\d\d\.\d+))?"
)
_PART = re.compile(r"\bpart\s+(7\d\d)\b(?!\s*\))", re.IGNORECASE)
_CITATION = re.compile(
    r"\(?(?:\bsee\s+(?:also\s+)?)?(?:\bsupp(?:lement|\.)\s*no\.\s*\d+\s+to\s+)?(?:§§?[^.;]*?|part\s+7\d\d)\s+of\s+the\s+EAR",
    re.IGNORECASE,
)
_ALL = re.compile(r"\bworld-?wide\b|\ball destinations\b|\bany destination\b(?! (?:also )?specified)", re.IGNORECASE)
_OUT = re.compile(r",?\s*\b(?:except(?:ing)?(?:\s+(?:for|to))?|excluding|other than)\b", re.IGNORECASE)
_GROUPS = re.compile(r"Country\s+Groups?\s+((?:[A-E](?::\d)?)(?:(?:,|\s+and|\s+or|,\s*and|,\s*or)\s+[A-E](?::\d)?\b)*)")
_GROUP = re.compile(r"\b[A-E](?::\d)?")
_NEEDED = re.compile(
    r"license is required|to or within|^\W*(?:[A-Z][a-z]+(?:,|\s+or|\s+and)\s*)+|world-?wide|all destinations",
    re.IGNORECASE,
)
_REQUIRED = re.compile(r"\ba license is required\b", re.IGNORECASE)
_NO = re.compile(r"\bno license is required|license is not required|^\W*NLR\b|^\W*N/?A\W*$", re.IGNORECASE)
_ELSEWHERE = re.compile(r"\b(?:see|refer to|proceed|consult)\b", re.IGNORECASE)
_CONVENTION = re.compile(
    r"\bnot party to the CWC|CWC non-States Parties|not listed in Supp[^.]{0,20}part 745", re.IGNORECASE
)
_REMARK = re.compile(
    r"\bNote(?: to [^:]{0,40})?:.*$|See part 7\d\d of the EAR for additional information.*$", re.DOTALL
)
CONVENTION = "745, supplement No. 2"
"""Where the States Parties to the Chemical Weapons Convention are listed: whoever is not there needs a licence."""


def requirement(where: str, reason: str) -> Requirement:
    """What the cell says; `asks` is UNREAD where it says nothing this reader knows."""
    text = " ".join(where.split())
    sections = sections_of(text)
    if column := _COLUMN.match(text):
        return Requirement(Asks.COLUMN, f"{column['reason'] or reason} {column['number']}", sections=sections)
    if _NO.search(text) and not _REQUIRED.search(text):
        inside, outside = _split(_REMARK.sub("", text))
        return Requirement(Asks.NONE, groups=_groups(inside), without_groups=_groups(outside), sections=sections)
    if _CONVENTION.search(text):
        _, outside = _split(text)
        where_not = countries(outside) if "listed in" not in outside else ()
        return Requirement(Asks.SECTION, without_countries=where_not, sections=(*sections, CONVENTION))
    stated = _REMARK.sub("", text)
    inside, outside = _split(_CITATION.sub(" ", stated))
    inside, outside = _sentences(inside, outside)
    named, groups = countries(inside), _groups(inside)
    if _ALL.search(inside) and not groups:
        return Requirement(
            Asks.ALL, without_groups=_groups(outside), without_countries=countries(outside), sections=sections
        )
    if (named or groups) and _NEEDED.search(inside):
        return Requirement(
            Asks.DESTINATIONS, "", groups, named, _groups(outside), countries(outside), sections=sections
        )
    if sections or (_ELSEWHERE.search(text) and _PART.search(text)):
        return Requirement(Asks.SECTION, sections=sections or tuple(_PART.findall(text)))
    return Requirement(Asks.UNREAD)


def _split(text: str) -> tuple[str, str]:
    """What a phrase takes in and what it takes out; an "other than" that names no destination takes none out."""
    for out in _OUT.finditer(text):
        rest = text[out.end() :]
        named = re.split(r",\s+for\b|\.\s", rest)[0]
        if countries(named) or _groups(named):
            return text[: out.start()], rest
    return text, ""


def _sentences(inside: str, outside: str) -> tuple[str, str]:
    """Only as far as the sentence that states destinations goes."""
    keep = [s for s in re.split(r"(?<=[a-z0-9)])\.\s+", inside) if not s.startswith(("The Commerce", "See", "(See"))]
    return ". ".join(keep), re.split(r"\.\s", outside)[0]


def _groups(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(g for hit in _GROUPS.finditer(text) for g in _GROUP.findall(hit[1])))


def sections_of(text: str) -> tuple[str, ...]:
    """Sections of the EAR a text names: "§ 742.4(a)(5) and (b)(10)" -> both, the second completed."""
    found = list[str]()
    for hit in _SECTION.finditer(text):
        found.append(hit["first"])
        if second := hit["second"]:
            found.append(second if second[0] == "7" else hit["first"].split("(")[0] + second)
    return tuple(dict.fromkeys(found))


def destinations(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The Country Groups and the countries a phrase names."""
    return _groups(text), countries(text)
