"""What an act says it does to others: repeals and amendments, in Chinese and English. A mere reference is no relation."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ingest.structure import dates, identity
from knowledge.store.records import ProvisionRecord, Relation
from knowledge.store.split import sentences

_TITLE = re.compile(r"《([^《》]{2,80}(?:《[^》]+》[^《》]*|〈[^〉]+〉[^《》]*)?)》")
_REPEALED = re.compile(r"(?:同时|一并|即行|予以|自行|全部)?\s*(?:废止|失效|停止执行|不再执行)")
_NOT_REPEALED = re.compile(r"(?:废止)(?:和修改|部分|或者|、|的(?:决定|条件|情形))")
_FROM_DAY = re.compile(r"自[^，。；]{4,16}日起[^，。；]{0,8}?(?:废止|失效|停止执行|不再执行)")
_AMENDED = re.compile(r"(?:作出?(?:如下|以下|下列)?(?:修改|修正|调整)|(?:修改|修正)为|予以修[改正])")
_DECISION = re.compile(r"关于修[改正订]\s*[《〈](.{2,60}?)[》〉]\s*(?:等\S{1,12})?的(?:决定|公告|通知)")
_ANNOUNCED = re.compile(r"(?:公告|令)?\s*(\d{4})\s*年\s*第?\s*(\d{1,3})\s*号(?:公告)?")
_EU_ACT = re.compile(
    r"\b(?:Regulation|Directive|Decision|Framework Decision)s?\s+(?:\((?:EU|EC|EEC|CFSP|Euratom)(?:, Euratom)?\)\s*)?(?:No\.?\s*)?(\d{1,4})/(\d{1,4})(?:/\w{2,7})?"
)
_US_PART = re.compile(r"\b(?:Supplement No\.\s*(\d+) to\s+)?(?:15 CFR\s+)?[Pp]arts?\s+(7[3-7]\d)\b")
_IS_REPEALED = re.compile(r"\b(?:is|are|shall be)\s+(?:hereby\s+)?repealed\b", re.IGNORECASE)
_IS_AMENDED = re.compile(
    r"\b(?:is|are|shall be)\s+(?:hereby\s+|further\s+)?(?:amended|replaced by the (?:following|text)|revised to read)\b",
    re.IGNORECASE,
)
_AMENDING = re.compile(r"\b(amending|repealing)\s+(.*?)(?=\b(?:amending|repealing)\b|$)", re.IGNORECASE)


def find(
    title: str,
    provisions: Sequence[ProvisionRecord],
    language: str,
    known: Mapping[str, identity.Known],
    effective: date | None,
) -> tuple[Relation, ...]:
    """The relations an act's title and provisions state, each once, with the provision that says so.

    The target is an instrument's id where its title or number is known, else the name as given. Recitals, preambles and
    notes tell of other acts' doings and are passed over.
    """
    found: dict[tuple[str, str], Relation] = {}
    first = provisions[0].locator if provisions else ""
    for kind, target in _in_title(title, known):
        found.setdefault((kind, target), Relation(kind, target, first, None))
    for provision in provisions:
        if provision.kind in {"recital", "preamble", "note", "table_row", "entry"}:
            continue
        for kind, target, on in _in_text(provision.text, language, known, effective):
            old = found.get((kind, target))
            if old is None or old.provision == first:
                found[kind, target] = Relation(kind, target, provision.locator, on)
    return tuple(found.values())


def _in_title(title: str, known: Mapping[str, identity.Known]) -> Iterator[tuple[str, str]]:
    decision = _DECISION.search(title)
    if decision:
        yield "amends", _target(decision[1], known)
    for clause in _AMENDING.finditer(title):
        kind = "amends" if clause[1].lower() == "amending" else "repeals"
        for act in _EU_ACT.finditer(clause[2]):
            yield kind, identity.eu_id(act[1], act[2])


def _in_text(
    text: str, language: str, known: Mapping[str, identity.Known], effective: date | None
) -> Iterator[tuple[str, str, date | None]]:
    if language.startswith("zh"):
        for start, end in sentences(text, language):
            yield from _chinese(text[start:end], known, effective)
        return
    for start, end in sentences(text, language):
        sentence = text[start:end]
        for pattern, kind in ((_IS_REPEALED, "repeals"), (_IS_AMENDED, "amends")):
            verb = pattern.search(sentence)
            if verb is None:
                continue
            before = sentence[: verb.start()]
            on = dates.first(sentence[verb.end() :]) if kind == "repeals" else None
            for act in _EU_ACT.finditer(before):
                yield kind, identity.eu_id(act[1], act[2]), on
            part = _US_PART.search(before)
            if part and not _EU_ACT.search(before):
                yield kind, identity.federal(part[2], part[1] or "", "15"), on


def _chinese(
    sentence: str, known: Mapping[str, identity.Known], effective: date | None
) -> Iterator[tuple[str, str, date | None]]:
    bare = _TITLE.sub(lambda m: "书" * len(m[0]), sentence)
    repealed = _REPEALED.search(bare)
    if repealed and not _NOT_REPEALED.search(bare[repealed.start() :]):
        stated = _FROM_DAY.search(bare)
        on = dates.first(stated[0]) if stated else effective if "同时" in repealed[0] else None
        for target in _named(sentence[: repealed.start()], known):
            yield "repeals", target, on
    amended = _AMENDED.search(bare)
    if amended:
        for target in _named(sentence[: amended.start()], known):
            yield "amends", target, None


def _named(before: str, known: Mapping[str, identity.Known]) -> Iterator[str]:
    """The acts named as what is repealed or amended, not those it is done under (依照、根据《…》)."""
    for title in _TITLE.finditer(before):
        lead = before[max(0, title.start() - 4) : title.start()]
        if not re.search(r"(?:依照|依据|根据|按照|按)$", lead):
            yield _target(title[1], known)
    if _TITLE.search(before):
        return
    for number in _ANNOUNCED.finditer(before):
        issuers = re.split(r"[，。；]", before[: number.start()])[-1]
        if "公告" in issuers + number[0]:
            yield identity.announcement_id(
                "商务部" if "商务部" in issuers else issuers.split("公告")[0], int(number[1]), int(number[2]), known
            )


def _target(title: str, known: Mapping[str, identity.Known]) -> str:
    return identity.by_title(title, known) or title
