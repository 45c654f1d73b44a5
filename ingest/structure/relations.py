"""What an act says it does to others: repeals, amendments and suspensions. A mere reference is no relation."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ingest.structure import dates, identity
from knowledge.lexis.sentences import sentences
from knowledge.store.records import ProvisionRecord, Relation

_TITLE = re.compile(r"《([^《》]{2,80}(?:《[^》]{1,80}》[^《》]{0,80}|〈[^〉]{1,80}〉[^《》]{0,80})?)》")
_REPEALED = re.compile(r"(?:同时|一并|即行|予以|自行|全部)?\s*(?:废止|失效|停止执行|不再执行)")
_NOT_REPEALED = re.compile(r"(?:废止)(?:和修改|部分|或者|、|的(?:决定|条件|情形))")
_FROM_DAY = re.compile(r"自[^，。；]{4,16}日起[^，。；]{0,8}?(?:废止|失效|停止执行|不再执行)")
_AMENDED = re.compile(r"(?:作出?(?:如下|以下|下列)?(?:修改|修正|调整)|(?:修改|修正)为|予以修[改正])")
_SUSPENDED_LIST = re.compile(
    r"(?:暂停|中止)(?:实施|执行|施行|适用)[^。；]{0,20}(?:以下|下列)[^。；]{0,20}[:：]\s*(?:$|\n)"
)
_HEAD = 60  # characters at whose head a point of a list names the act it is about
_SUSPENDED = re.compile(r"(?:暂停|中止)(?:实施|执行|施行|适用)")
_DECISION = re.compile(r"关于修[改正订]\s*[《〈](.{2,60}?)[》〉]\s*(?:等\S{1,12})?的(?:决定|公告|通知)")
_ANNOUNCED = re.compile(r"(?:公告|令)?\s*(\d{4})\s*年\s*第?\s*(\d{1,3})\s*号(?:公告)?")
_EU_ACT = re.compile(
    r"\b(?:Regulation|Directive|Decision|Framework Decision)s?\s+(?:\((?:EU|EC|EEC|CFSP|Euratom)(?:, Euratom)?\)\s*)?(?:No\.?\s*)?(\d{1,4})/(\d{1,4})(?:/\w{2,7})?"
)
_US_PART = re.compile(
    r"\b(?:Supplement No\.\s*(\d+) to\s+)?(?:15 CFR\s+)?[Pp]arts?\s+(7[3-7]\d)\b|(?:§+|\b[Ss]ection)\s*(7[3-7]\d)\.\d+"
)
_IS_REPEALED = re.compile(r"\b(?:is|are|shall be)\s+(?:hereby\s+)?repealed\b", re.IGNORECASE)
_IS_AMENDED = re.compile(
    r"\b(?:is|are|shall be)\s+(?:hereby\s+|further\s+)?(?:amended|replaced by the (?:following|text)|revised to read)\b",
    re.IGNORECASE,
)
_ISSUERS = 300  # characters in which the issuers of an announcement are named
_MOST = 1_000  # relations of one act: who repeals more names them in a list, which is not read here
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
    names = _Names(known)
    first = provisions[0].locator if provisions else ""
    for kind, target in _in_title(title, names):
        found.setdefault((kind, target), Relation(kind, target, first, None))
    listing = False  # "the following announcements are suspended:" stands over a list of them
    for provision in provisions:
        if listing and provision.kind in {"paragraph", "item"} and (named := _ANNOUNCED.search(provision.text[:_HEAD])):
            for target in _named(provision.text[: named.end()], names):
                found.setdefault(("suspends", target), Relation("suspends", target, provision.locator, effective))
        listing = listing or bool(_SUSPENDED_LIST.search(provision.text))
        if provision.kind in {"recital", "preamble", "note", "table_row", "entry"}:
            continue
        if len(found) > _MOST:
            break
        for kind, target, on in _in_text(provision.text, language, names, effective):
            old = found.get((kind, target))
            if old is None or old.provision == first:
                found[kind, target] = Relation(kind, target, provision.locator, on)
    return tuple(found.values())


class _Names:
    """The rule book's ids for titles and numbers, each looked up once: an act may name another thousands of times."""

    def __init__(self, known: Mapping[str, identity.Known]) -> None:
        self._known = known
        self._ids: dict[tuple[str, int, int], str] = {}

    def titled(self, title: str) -> str:
        """The id of the instrument of this title, or the title."""
        key = (title, 0, 0)
        if key not in self._ids:
            self._ids[key] = identity.by_title(title, self._known) or title
        return self._ids[key]

    def announced(self, issuer: str, year: int, number: int) -> str:
        """The id of an announcement."""
        key = (issuer, year, number)
        if key not in self._ids:
            self._ids[key] = identity.announcement_id(issuer, year, number, self._known)
        return self._ids[key]


def _in_title(title: str, names: "_Names") -> Iterator[tuple[str, str]]:
    decision = _DECISION.search(title)
    if decision:
        yield "amends", names.titled(decision[1])
    for clause in _AMENDING.finditer(title):
        kind = "amends" if clause[1].lower() == "amending" else "repeals"
        for act in _EU_ACT.finditer(clause[2]):
            yield kind, identity.eu_id(act[1], act[2])


def _in_text(
    text: str, language: str, names: "_Names", effective: date | None
) -> Iterator[tuple[str, str, date | None]]:
    if language.startswith("zh"):
        if not _REPEALED.search(text) and not _AMENDED.search(text):
            return
        for start, end in sentences(text, language):
            yield from _chinese(text[start:end], names, effective)
        return
    if not _IS_REPEALED.search(text) and not _IS_AMENDED.search(text):
        return  # finding where sentences end costs more than the rest
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
                yield kind, identity.federal(part[2] or part[3], part[1] or "", "15"), on


def _chinese(sentence: str, names: "_Names", effective: date | None) -> Iterator[tuple[str, str, date | None]]:
    bare = _TITLE.sub(lambda m: "书" * len(m[0]), sentence)
    repealed = _REPEALED.search(bare)
    if repealed and not _NOT_REPEALED.search(bare[repealed.start() :]):
        stated = _FROM_DAY.search(bare)
        on = dates.first(stated[0]) if stated else effective if "同时" in repealed[0] else None
        for target in _named(sentence[: repealed.start()], names):
            yield "repeals", target, on
    suspended = _SUSPENDED.search(bare)
    if suspended:
        for target in _named(sentence[suspended.end() :], names):
            yield "suspends", target, effective
    amended = _AMENDED.search(bare)
    if amended:
        for target in _named(sentence[: amended.start()], names):
            yield "amends", target, None


def _named(before: str, names: "_Names") -> Iterator[str]:
    """The acts named as what is repealed or amended, not those it is done under (依照、根据《…》)."""
    for title in _TITLE.finditer(before):
        lead = before[max(0, title.start() - 4) : title.start()]
        if not re.search(r"(?:依照|依据|根据|按照|按)$", lead):
            yield names.titled(title[1])
    if _TITLE.search(before):
        return
    for number in _ANNOUNCED.finditer(before):
        issuers = re.split(r"[，。；]", before[max(0, number.start() - _ISSUERS) : number.start()])[-1]
        if "公告" in issuers + number[0]:
            issuer = "商务部" if "商务部" in issuers else issuers.split("公告")[0]
            yield names.announced(issuer, int(number[1]), int(number[2]))
