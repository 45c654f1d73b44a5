"""Where one part or supplement of the Code of Federal Regulations ends and the next begins, and how its text is written."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.structure.lines import Line
from ingest.structure.tree import Node

PART = re.compile(r"^PART\s+(\d+)(?:\s*[-—–]+\s*|\s+)(?=\S)(.*)$", re.IGNORECASE)
PART_AGAIN = re.compile(r"^Part\s+\d+(?:-\d+)?$", re.IGNORECASE)
PARTS_RESERVED = re.compile(r"^PARTS?\s+\d+\s*[-–—]\s*\d+.*$", re.IGNORECASE)
ABOVE = re.compile(r"^(?:TITLE|CHAPTER|SUBCHAPTER)\s+[IVXLC\d]+[A-Z]?\b.*|^SUBCHAPTER\s+[A-Z]\b.*", re.IGNORECASE)
SUBPART = re.compile(r"^Subpart\s+([A-Z]{1,3}|\d+\.\d+)\s*[-—–]+\s*(.*)$|^Subpart\s+([A-Z]{1,3})$", re.IGNORECASE)
SECTION = re.compile(r"^§+\s*(?:§\s*)?(\d+[a-z]?\.\d+[a-zA-Z]?(?:-\d+)?)\s*(.*)$")
BARE_SECTION = re.compile(r"^(\d+[a-z]?\.\d+[a-zA-Z]?(?:-\d+)?)\s+(.*)$")
ANNEX = re.compile(r"^(Supplement|Appendix|Annex)\s+(?:No\.?\s*)?([\dA-Z]+|[IVXLC]+)?\s*(?:to|[-—–]|$)", re.IGNORECASE)
ANNEX_PART = re.compile(r"\bto\s+(?:Part|Subpart)\s+(\d+)\b", re.IGNORECASE)
MARK = re.compile(r"[—–-]?\s*\((\d{1,3}|[a-zA-Z]{1,5})\)(?:\s?[-–—]\s?\((\d{1,3}|[a-zA-Z]{1,5})\))?\s*")
ONE_MARK = re.compile(r"[—–-]?\s*\((\d{1,3}|[a-zA-Z]{1,5})\)()\s*")
CAPTION = re.compile(r"[A-Z][^().]{2,150}(?:[.:]\s*|(?=[—–]))(?=[—–-]?\s*\((?:1|i|A)\)\s)")
FRONT = re.compile(r"^(?:Authority|Source|Editorial Note|Cross Reference|Note)\s*:", re.IGNORECASE)
CITATION = re.compile(r"^\[\s*\d+\s+FR\s+\d+")
NOTE = re.compile(r"^(?:(Technical )?Notes?\b[^.:]{0,60}[:.]|N\.\s?B\.)", re.IGNORECASE)
TERM = re.compile(
    r"^(?!(?:For|These|This|Any|See|In|As|When|If|Note|The following)\b)[“\"']?([A-Z0-9][^.”\":;]{0,90}?)[.,]?[”\"']?(?:\.|:|\s+\((?:Cats?|Category)\b|\s+means\b|[—–])"
)


@dataclass
class Act:
    """One part or supplement: an instrument of its own."""

    number: str = ""
    supplement: str = ""
    title: str = ""
    headings: tuple[str, ...] = ()
    lines: list[Line] = field(default_factory=list)


def acts(source: Sequence[Line]) -> tuple[Act, ...]:
    """The parts and supplements a file holds, each with its lines; a file that names none is one act.

    Where the format says what a heading is (eCFR `TYPE`), only its PART and APPENDIX headings divide.
    """
    typed = any("TYPE" in line.attributes for line in source)
    found = [Act()]
    above: list[str] = []
    for line in source:
        opened = _opened(line, found[-1], typed)
        if opened is not None:
            opened.headings = tuple(above)
            found.append(opened)
            continue
        if ABOVE.match(line.text) and len(line.text) < 200 and not PART_AGAIN.match(line.text):
            above = [a for a in above if a.split()[0].lower() != line.text.split()[0].lower()]
            if "—" in line.text or not line.heading:
                above.append(line.text)
        found[-1].lines.append(line)
    return tuple(act for act in found if act.lines or act.title)


def _opened(line: Line, last: Act, typed: bool) -> Act | None:
    """The part or supplement that a line opens."""
    text, type_ = line.text, line.attributes.get("TYPE", "").upper()
    if PART_AGAIN.match(text) or len(text) > 400 or (typed and type_ not in {"PART", "APPENDIX"}):
        return None
    if reserved_parts := PARTS_RESERVED.match(text):
        return Act(re.findall(r"\d+", reserved_parts[0])[0], "", text)
    part = PART.match(text)
    if part and (typed or text.startswith("PART ")):
        return Act(part[1], "", text)
    annex, to = ANNEX.match(text), ANNEX_PART.search(text)
    if annex and line.heading and (typed or to):
        return Act(to[1] if to else last.number, annex[2] or "", text)
    return None


def is_federal(source: Sequence[Line]) -> bool:
    """Whether lines are those of the Code of Federal Regulations: at least one PART or § heading, and two in all."""
    for line in source[:5]:
        if line.heading and ANNEX.match(line.text) and ANNEX_PART.search(line.text):
            return True
    heads = sum(
        1
        for line in source
        if (line.heading and SECTION.match(line.text))
        or (PART.match(line.text) and len(line.text) < 200 and line.text.isupper())
    )
    sections = sum(
        1 for line in source if not line.row and re.match(r"^§\s*\d+\.\d+\s", line.text) and len(line.text) < 300
    )
    return heads > 0 and heads + sections > 1


def part_of(source: Sequence[Line]) -> str:
    """The part that the first section belongs to: "261" for § 261.4; "" where there is none."""
    for line in source:
        found = SECTION.match(line.text) or (BARE_SECTION.match(line.text) if line.attributes.get("TYPE") else None)
        if found:
            return found[1].split(".")[0]
    return ""


def piece_of(source: Sequence[Line], metadata: Mapping[str, str], hints: Mapping[str, str]) -> str:
    """Which piece of a part lines are that name no part: "746.5", "746.5 to 746.8", "Subpart A"; "" for a whole part.

    The format says so (eCFR `TYPE`), or the source that was asked for a section, or the sections themselves: a part
    begins with its first section, § 746.1 or § 746.0.
    """
    type_, n = metadata.get("type", "").upper(), metadata.get("n", "")
    if type_ in {"SECTION", "SUBPART"} and n:
        return n.lstrip("§ ") if type_ == "SECTION" else f"Part {part_of(source)} Subpart {n}"
    if type_ or any(line.heading and SUBPART.match(line.text) for line in source):
        return ""
    if hints.get("section"):
        return hints["section"]
    sections = list(dict.fromkeys(found[1] for line in source if (found := SECTION.match(line.text)) and line.heading))
    if not sections or re.search(r"\.[01]$", sections[0]):
        return sections[0] if len(sections) == 1 else ""
    return sections[0] if len(sections) == 1 else f"{sections[0]} to {sections[-1]}"


def reserved(act: Act) -> Node:
    """A part that holds nothing: its heading says so ("PART 747 [RESERVED]")."""
    node = Node("reserved", f"Part {act.number}", "note")
    node.add(act.title)
    return node
