"""Which grammar reads a document, and the instruments it finds there."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ingest.document import Document
from ingest.structure import (
    chinese,
    controllist,
    european,
    european_forms,
    federal,
    federal_acts,
    identity,
    japanese,
    korean,
    listing,
    plain,
    statute,
)
from ingest.structure.kinds import kind_of
from ingest.structure.lines import Line
from ingest.structure.outline import Outline

_FILE_NAME = re.compile(r"(?:\.[a-z]{2})?\.(?:md|txt|pdf|html?|xml|json|docx|csv|tsv|ya?ml)$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[。；.;:：,，]$")
_LAW_NAME = frozenset(("lawName", "법령명_한글", "법령명한글"))
_FACTS = {
    "announced": ("promulgationDate", "공포일자"),
    "effective": ("effectiveDate", "시행일자"),
    "issuers": ("competentMinistry", "소관부처"),
    "number": ("promulgationNumber", "공포번호"),
}
_LONGEST_TITLE, _SHORTEST = 120, 8
_LETTERHEAD = re.compile(r"^UNITED STATES (?:DEPARTMENT|OF AMERICA)\b|^U\.S\. DEPARTMENT\b", re.IGNORECASE)
_ORDER = re.compile(r"^(?:[A-Z]+ ){0,4}(?:ORDER|AGREEMENT|CHARGING LETTER|NOTICE)\b.{0,160}$")
_SITE = re.compile(r"\s*[-_|–—:：·]{1,2}\s*[^。.]{1,60}|[^。.]{1,60}\s*[-_|–—:：·]{1,2}\s*")
_HEAD = 40  # lines among which an act names and dates itself


@dataclass(frozen=True)
class Draft:
    """One instrument as a grammar found it; `id` is set where the grammar itself knows it."""

    family: str
    title: str
    outline: Outline
    head: tuple[str, ...]
    id: str = ""
    number: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)


def title_of(document: Document, source: Sequence[Line], hints: Mapping[str, str]) -> str:
    """The title: the source's, the one the format marks, the document's where it is no file name, else its first short line."""
    if hints.get("title"):
        return hints["title"]
    marked = next((line.text for line in source[:20] if line.attributes.get("tag") == "LawTitle"), "")
    if marked:
        return marked
    title = re.sub(r"^(?:[▼►]\s*(?:B|[MC]\d+)|#+)\s*", "", document.title.strip())
    described = document.metadata.get("DC.description", "").strip()
    title = described if title.startswith("EUR-Lex - ") and described else title
    title = _without_site(title, source)
    usable = title and not _LETTERHEAD.match(title) and not _FILE_NAME.search(title) and title != hints.get("name")
    if (usable and not re.fullmatch(r"[\w.-]+", title.replace(" ", "-"))) or (
        usable and re.search(r"[\u2e80-\uffff]|\s", title)
    ):
        return title
    if source and _LETTERHEAD.match(source[0].text):
        named = next((line.text for line in source[1:30] if _ORDER.match(line.text)), "")
        if named:
            return named
    for line in source[:10]:
        text = line.text.lstrip("#").strip()  # a comment at the head of a data file
        sentence = _SENTENCE_END.search(line.text) or len(line.text) > _LONGEST_TITLE
        if text and (line.heading or not (sentence or line.row)):
            return text
    # a press text or a bare table: the file's name is what it goes by
    return re.sub(r"[_-]+", " ", _FILE_NAME.sub("", hints.get("name") or title)) or source[0].text[:_LONGEST_TITLE]


def _without_site(title: str, source: Sequence[Line]) -> str:
    """A page's title without the site's name: "Notice 5 - Ministry" where a line of the page is "Notice 5"."""
    for line in source[:40]:
        rest = title.replace(line.text, "", 1) if len(line.text) > _SHORTEST and line.text in title else ""
        if rest and _SITE.fullmatch(rest):
            return line.text
    return title


def drafts(
    document: Document, source: Sequence[Line], title: str, language: str, hints: Mapping[str, str]
) -> list[Draft]:
    """The instruments a document holds, each read by the grammar of the law it is."""
    laws = _laws(source)
    if laws:
        return [
            replace(draft, hints=facts)
            for name, facts, own in laws
            for draft in drafts(document, own, name, language, {**hints, **facts})
        ]
    if document.media_type == "application/vnd.ecfr+xml" or _is_federal(source, hints):
        return _federal(source, document, title, hints)
    celex = hints.get("celex") or document.metadata.get("celex", "")
    if celex or document.media_type == "application/vnd.formex+xml" or european_forms.is_european(source):
        return [_european(source, title)]
    if listing.is_list(source):
        return [Draft("listing", title, listing.outline(source, title), _head(source))]
    if controllist.is_control_list(source):
        return [Draft("federal", title, controllist.outline(source, title), _head(source))]
    for code, test, outline, family in _EAST_ASIAN:
        if language.startswith(code) and test(source):
            return [Draft(family, title, outline(source, title), _head(source))]
    reported = kind_of(title, "plain", [line.text for line in source], hints) in {"news", "enforcement_notice"}
    if not reported and statute.is_statute(source, title):
        return [Draft("statute", title, statute.outline(source, title), _head(source))]
    kind = "notice" if reported else "paragraph"
    return [Draft("plain", title, plain.outline(source, title, kind), _head(source))]


def _is_chinese(source: Sequence[Line]) -> bool:
    return chinese.is_structured(source)


_EAST_ASIAN: tuple[tuple[str, Callable[[Sequence[Line]], bool], Callable[[Sequence[Line], str], Outline], str], ...] = (
    ("zh", _is_chinese, chinese.outline, "chinese"),
    ("ko", korean.is_korean_law, korean.outline, "korean"),
    ("ja", japanese.is_japanese_law, japanese.outline, "japanese"),
)


def _laws(source: Sequence[Line]) -> list[tuple[str, dict[str, str], list[Line]]]:
    """Name, facts and lines of each statute where the reader marks them off (several statutes in one JSON file)."""
    starts = [i for i, line in enumerate(source) if line.heading and _LAW_NAME & line.attributes.keys()]
    found: list[tuple[str, dict[str, str], list[Line]]] = []
    if not starts:
        return found
    for start, end in zip(starts, [*starts[1:], len(source)], strict=True):
        given = source[start].attributes
        said = {new: next((given[old] for old in olds if old in given), "") for new, olds in _FACTS.items()}
        facts = {key: value for key, value in said.items() if value}
        # a statute of one: what stands before it in the file belongs to it
        found.append((source[start].text, facts, list(source[0 if start == starts[0] else start + 1 : end])))
    return [
        (name, facts, [line for line in own if not _LAW_NAME & line.attributes.keys()]) for name, facts, own in found
    ]


def _head(source: Sequence[Line]) -> tuple[str, ...]:
    return tuple(line.text for line in source[:_HEAD] if not line.row and len(line.text) < 400)


def _is_federal(source: Sequence[Line], hints: Mapping[str, str]) -> bool:
    return federal_acts.is_federal(source) or (hints.get("source") == "ecfr" and not listing.is_list(source))


def _federal(source: Sequence[Line], document: Document, title: str, hints: Mapping[str, str]) -> list[Draft]:
    number = _title_number(source, document, hints)
    made: list[Draft] = []
    front: list[str] = []
    acts = federal_acts.acts(source)
    for act in acts:
        part = act.number or hints.get("part", "") or federal_acts.part_of(act.lines)
        if not part and not act.title and len(acts) > 1:
            front += [line.text for line in act.lines]
            continue
        listed = controllist.is_control_list(act.lines)
        outline = controllist.outline(act.lines, act.title) if listed else federal.outline(act)
        if not outline.roots and act.title:
            outline.roots.append(federal_acts.reserved(act))
        name = act.title or title
        head = (*act.headings, *_head(act.lines))
        if not part:
            made.append(Draft("federal", name, outline, head))
            continue
        piece = "" if act.title else federal_acts.piece_of(act.lines, document.metadata, hints)
        id_ = identity.federal(part, act.supplement, number)
        if (
            piece
        ):  # a section or subpart fetched alone is an instrument of its own: it must not stand for the whole part
            id_, facts = identity.within(id_, piece), {"part": part}
            made.append(Draft("federal", name, outline, head, id_, f"{number or '15'} CFR {piece}", facts))
            continue
        said = re.split(r"\s*[—–]", act.title)[0] if act.supplement else f"{number or '15'} CFR Part {part}"
        made.append(Draft("federal", name, outline, head, id_, said))
    if front and made:
        made[0].outline.omitted[:0] = front
    return made or [Draft("plain", title, plain.outline(source, title), _head(source))]


def _title_number(source: Sequence[Line], document: Document, hints: Mapping[str, str]) -> str:
    """The number of the CFR title, from the source, the citation, or what the text calls itself; "" where none says."""
    said = " ".join([hints.get("citation", ""), hints.get("number", ""), *document.metadata.values(), *hints.values()])
    cited = [line.attributes["citation"] for line in source[:200] if "citation" in line.attributes][:5]
    text = " ".join([said, *cited])
    found = re.search(r"\b(\d{1,2}) CFR\b|\btitle[-_ ](\d{1,2})\b|\btitle(\d{1,2})_", text, re.IGNORECASE)
    if found:
        return next(g for g in found.groups() if g)
    return document.metadata.get("title_number", "") or next(
        (
            m[1]
            for line in source[:60]
            if (m := re.match(r"TITLE\s+(\d{1,2})\b|title_number:\s*(\d+)", line.text, re.IGNORECASE)) and m[1]
        ),
        "",
    )


def _european(source: Sequence[Line], title: str) -> Draft:
    outline, marks = european.outline(source)
    metadata = {"amendment_marks": "; ".join(f"{k}={v}" for k, v in marks.items())} if marks else {}
    return Draft("european", european_forms.title_of(source) or title, outline, _head(source), metadata=metadata)


def whole(source: Sequence[Line]) -> Outline:
    """Everything under one provision, for a document that no grammar found anything in."""
    outline = Outline()
    for line in source:
        outline.add(line)
    return outline
