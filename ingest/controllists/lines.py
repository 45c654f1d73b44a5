"""The provisions of a control list as lines, each with the locator of the innermost piece it stands in, sorted by section."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from knowledge.store.records import ProvisionRecord

HEAD, REQUIREMENTS, EXCEPTIONS, STA, REPORTING, CONTROLS, DEFINITIONS, ITEMS = (
    "head",
    "requirements",
    "exceptions",
    "sta",
    "reporting",
    "controls",
    "definitions",
    "items",
)
_CODE = re.compile(r"entry-(\d[A-E]\d{3})(?=$|/|~)")
_STEP = re.compile(r"[a-z]{1,2}|[ivx]{1,5}|\d{1,3}")
_SECTIONS = (
    (re.compile(r"License Requirements?\s*$", re.I), REQUIREMENTS),
    (re.compile(r"(?:List[- ]Based )?License Exceptions\b(?!\s+Notes?\b)(?=\s*(?:\(|$))", re.I), EXCEPTIONS),
    (re.compile(r"Special Conditions for S", re.I), STA),
    (re.compile(r"(?:Special\s+)?Reporting(?:\s+Requirements)?\b", re.I), REPORTING),
    (re.compile(r"List of Items Controlled\b", re.I), CONTROLS),
    (re.compile(r"Related Controls?\b", re.I), CONTROLS),
    (re.compile(r"(?:Related )?Definitions?\b\s*:|Related Definitions?\b", re.I), DEFINITIONS),
    (re.compile(r"(?:LVS|GBS|TSR|CIV|APP|[A-Z]{3}/[A-Z]{3})\s*:"), EXCEPTIONS),
    (re.compile(r"STA\s*:"), STA),
    (re.compile(r"Items\s*:"), ITEMS),
    (re.compile(r"Control(?:\(s\)|s)\b"), REQUIREMENTS),
)


@dataclass(frozen=True)
class Line:
    """One line of text and the locator of the innermost provision or part it stands in."""

    locator: str
    text: str

    @property
    def inside(self) -> tuple[str, ...]:
        """The steps of the locator below the entry."""
        return tuple(self.locator.split("/")[1:])

    @property
    def path(self) -> str | None:
        """The item path where the line belongs to an item ("a.1.i"), None elsewhere."""
        return item_path(self.locator)

    @property
    def note(self) -> bool:
        """Whether the line stands in a note."""
        return any("note" in step or step.startswith("n-b") for step in self.inside)


@dataclass
class EntryText:
    """The lines of one entry by section, in the order printed."""

    code: str
    locator: str
    heading: str = ""
    sections: dict[str, list[Line]] = field(default_factory=dict)

    def of(self, name: str) -> Sequence[Line]:
        """The lines of a section; none where the entry has no such section."""
        return self.sections.get(name, ())

    @property
    def all(self) -> Iterator[Line]:
        """Every line, by section."""
        for lines in self.sections.values():
            yield from lines


def item_path(locator: str) -> str | None:
    """ "entry-3A001/a/1/a" -> "a.1.a"; None for a locator that is no item's."""
    steps = locator.split("/")[1:]
    return ".".join(steps) if steps and all(_STEP.fullmatch(step) for step in steps) else None


def entries(provisions: Iterable[ProvisionRecord]) -> list[EntryText]:
    """The control entries of a list, in the order printed."""
    found: dict[str, EntryText] = {}
    state = HEAD
    for provision in provisions:
        mark = _CODE.match(provision.locator)
        if not mark:
            continue
        code = mark[1]
        if code not in found:
            found[code] = EntryText(code, f"entry-{code}")
            state = HEAD
        for line in _lines(provision):
            state = _place(found[code], line, state)
    return list(found.values())


def _lines(provision: ProvisionRecord) -> Iterator[Line]:
    """Parts nest and come in order, so a stack of the open ones gives the innermost of each line."""
    position, following, open_ = 0, 0, list[tuple[int, str]]()
    parts = sorted(provision.parts, key=lambda part: (part.start, -part.end))
    for text in provision.text.split("\n"):
        while following < len(parts) and parts[following].start <= position:
            open_.append((parts[following].end, parts[following].locator))
            following += 1
        while open_ and open_[-1][0] <= position:
            open_.pop()
        inner = next((locator for end, locator in reversed(open_) if end > position), provision.locator)
        if text.strip():
            yield Line(inner, text.strip())
        position += len(text) + 1


def _place(entry: EntryText, line: Line, state: str) -> str:
    """Files a line under its section and says which section the next line stands in."""
    if not entry.heading:
        rest = line.text.removeprefix(entry.code).lstrip(" -—–.:")
        entry.heading = rest
        return HEAD
    if line.path is not None:
        entry.sections.setdefault(ITEMS, []).append(line)
        return ITEMS
    named = next((name for pattern, name in _SECTIONS if pattern.match(line.text)), None)
    later = state in (CONTROLS, DEFINITIONS, ITEMS) and named in (REQUIREMENTS, EXCEPTIONS, STA, REPORTING)
    if later and not _is_title(line.text):
        named = None  # a sentence of the related controls that begins alike
    state = named or state
    entry.sections.setdefault(state, []).append(line)
    return state


def _is_title(text: str) -> bool:
    return len(text) < 140 and not text.endswith(".")
