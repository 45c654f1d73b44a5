"""An act as a tree of numbered pieces, and the tree as provisions a reader would cite.

A provision is an article, section, entry or row. Where one is longer than `LIMIT` its numbered pieces become provisions
of their own, and so on downwards; shorter pieces stay inside as `parts` with exact offsets. No text is left out and none
comes twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from knowledge.store.records import Part, ProvisionRecord

LIMIT = 1800  # characters: what a person reads as one passage, and what embeds well
CAPTION = 100  # characters of a lead-in that stands for a heading over the pieces below it


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `glue` stands between it and the text before it in the same provision."""

    text: str
    glue: str = "\n"
    page: int | None = None


@dataclass(slots=True)  # there may be a million of them
class Node:
    """A numbered piece of an act while it is being read.

    `segment` is its part of the locator ("art-12"), `label` its number in the act's own words, `title` its heading.
    A `group` (part, chapter) is a heading over others: it is in no locator below it unless `prefix`. A `solo` node is
    always a provision of its own, however short. An `absolute` node's
    locator begins at the instrument, whatever stands over it. `effective` is the day the format gives for this piece.
    """

    segment: str
    label: str = ""
    kind: str = "paragraph"
    title: str = ""
    group: bool = False
    prefix: bool = True
    solo: bool = False
    absolute: bool = False
    page: int | None = None
    effective: date | None = None
    pieces: list[Piece] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)
    size: int = 0  # characters of it and all below it, set by `measure`
    within: str = (
        ""  # label of the nearest piece above that has one, set on the way out: what unnumbered text is cited by
    )

    def add(self, text: str, glue: str = "\n", page: int | None = None) -> None:
        """Text of its own; empty text is ignored."""
        if text:
            self.pieces.append(Piece(text, glue, page))

    def child(self, node: "Node") -> "Node":
        """Hangs `node` below and gives it back."""
        self.children.append(node)
        return node

    @property
    def heading(self) -> str:
        """Label and title, as a heading above other provisions shows them."""
        if self.title:
            return self.title if self.title.startswith(self.label) else f"{self.label} {self.title}".strip()
        return self.label


def walk(node: Node) -> Iterator[Node]:
    """`node` and all below it, in reading order."""
    yield node
    for child in node.children:
        yield from walk(child)


def measure(node: Node) -> int:
    """Sets `size` on `node` and all below it."""
    node.size = sum(len(p.text) + len(p.glue) for p in node.pieces) + sum(measure(c) for c in node.children)
    return node.size


def provisions(roots: Sequence[Node], limit: int = LIMIT) -> tuple[ProvisionRecord, ...]:
    """The provisions of an act in reading order, with locators unique among them and their parts."""
    out = _Emitter(limit)
    for root in roots:
        measure(root)
        out.node(root, "", ())
    return tuple(out.records)


class _Emitter:
    def __init__(self, limit: int) -> None:
        self.limit, self.records = limit, list[ProvisionRecord]()
        self.taken: set[str] = set()
        self.again: dict[str, int] = {}

    def unique(self, locator: str) -> str:
        """`locator`, or with ~2, ~3 after it where the act uses the number again."""
        name = locator
        while name in self.taken:
            self.again[locator] = self.again.get(locator, 1) + 1
            name = f"{locator}~{self.again[locator]}"
        self.taken.add(name)
        return name

    def node(self, node: Node, above: str, headings: tuple[str, ...]) -> None:
        above = "" if node.absolute else above
        whole = not node.group and node.size <= self.limit and not any(n.solo for c in node.children for n in walk(c))
        locator = self.unique(f"{above}/{node.segment}" if above else node.segment)
        own = (*headings, node.heading) if node.title else headings
        if whole and (node.pieces or node.children):
            self.whole(node, locator, own)
            return
        below = locator if node.prefix else above
        shown = (*headings, _caption(node)) if _caption(node) else headings
        before = len(self.records)
        carried = self.own_text(node, locator, own, bool(node.children))
        for i, child in enumerate(node.children):
            child.effective = child.effective or node.effective
            child.within = node.label or node.within
            if i == 0 and carried:
                child.pieces = [*carried, *child.pieces]
            self.node(child, below, shown)
        if len(self.records) == before and node.heading:
            self.records.append(_record(node, locator, node.heading, headings, ()))

    def whole(self, node: Node, locator: str, headings: tuple[str, ...]) -> None:
        text, parts = "", list[Part]()

        def run(current: Node, place: str) -> None:
            nonlocal text
            start = -1
            index = len(parts)
            headed = current is not node and current.title
            for piece in [Piece(current.heading), *current.pieces] if headed else current.pieces:
                text += piece.glue if text else ""
                start = len(text) if start < 0 else start
                text += piece.text
            for child in current.children:
                begin = len(text) + (len(_first_glue(child)) if text else 0)
                start = begin if start < 0 else start
                run(child, f"{place}/{child.segment}")
            if current is not node and start >= 0:
                parts.insert(index, Part(self.unique(place), start, len(text)))

        run(node, locator)
        self.records.append(_record(node, locator, text, headings, tuple(parts)))

    def own_text(self, node: Node, locator: str, headings: tuple[str, ...], has_children: bool) -> list[Piece]:
        """Puts out a long node's own text; text that is a bare label is given back, to stand before the first child."""
        pieces = node.pieces
        if not pieces:
            return []
        size = sum(len(p.text) for p in pieces)
        if has_children and size <= len(node.label) + 3:
            return list(pieces)
        if size <= self.limit or len(pieces) == 1:
            text = "".join(p.text if i == 0 else p.glue + p.text for i, p in enumerate(pieces))
            self.records.append(_record(node, locator, text, headings, ()))
            return []
        for start, end in _runs(pieces, self.limit):
            page = pieces[start].page or node.page
            run = Node("", node.label, node.kind, page=page, effective=node.effective, within=node.within)
            text, parts = "", list[Part]()
            for i in range(start, end):
                text += pieces[i].glue if text else ""
                if i > start and "\n" in pieces[i].glue:
                    parts.append(Part(self.unique(f"{locator}/p-{i + 1}"), len(text), len(text)))
                text += pieces[i].text
                if parts:
                    parts[-1] = Part(parts[-1].locator, parts[-1].start, len(text))
            self.records.append(_record(run, self.unique(f"{locator}/p-{start + 1}"), text, headings, tuple(parts)))
        return []


def _runs(pieces: Sequence[Piece], limit: int) -> Iterator[tuple[int, int]]:
    start, size = 0, 0
    for i, piece in enumerate(pieces):
        if i > start and size + len(piece.text) > limit:
            yield start, i
            start, size = i, 0
        size += len(piece.text) + len(piece.glue)
    yield start, len(pieces)


def _first_glue(node: Node) -> str:
    for current in walk(node):
        if current.title:
            return "\n"
        if current.pieces:
            return current.pieces[0].glue
    return ""


def _caption(node: Node) -> str:
    """What stands for `node` in the heading path of the pieces below it: its heading, else the start of its lead-in."""
    if node.title or node.group or not node.pieces:
        return node.heading
    lead = " ".join(node.pieces[0].text.split())
    if len(lead) > CAPTION:
        cut = lead[:CAPTION]
        lead = (cut[: cut.rindex(" ")] if " " in cut[CAPTION // 2 :] else cut) + "…"
    if lead.startswith(node.label):
        return lead
    first, _, rest = lead.partition(" ")
    return f"{node.label} {rest if node.label.endswith(first) else lead}".strip()


def _record(node: Node, locator: str, text: str, headings: tuple[str, ...], parts: tuple[Part, ...]) -> ProvisionRecord:
    page = node.page or next((p.page for n in walk(node) for p in n.pieces if p.page), None)
    label = node.label or node.within or locator
    return ProvisionRecord(locator, label, node.kind, text, headings, parts, page, node.effective)
