"""Builds the tree of an act from marks found line by line."""

from ingest.structure.lines import Line
from ingest.structure.tree import Node

_FURTHER = "text-"  # segment of a piece's text that comes after its list or table


class Outline:
    """The tree so far and the open branch. A depth is any integer: a node hangs below the last one of lesser depth."""

    def __init__(self) -> None:
        self.roots: list[Node] = []
        self._open: list[tuple[int, Node]] = []
        self.omitted: list[str] = []

    @property
    def current(self) -> Node | None:
        """The innermost open node."""
        return self._open[-1][1] if self._open else None

    def depth(self) -> int:
        """The depth of the innermost open node, -1 where none is open."""
        return self._open[-1][0] if self._open else -1

    def at(self, depth: int) -> Node | None:
        """The open node of exactly this depth."""
        return next((n for d, n in self._open if d == depth), None)

    def close(self, depth: int) -> None:
        """Closes every open node of this depth or deeper."""
        while self._open and self._open[-1][0] >= depth:
            self._open.pop()

    def open(self, depth: int, node: Node) -> Node:
        """Hangs `node` at `depth` and makes it the innermost."""
        self.close(depth)
        siblings = self._open[-1][1].children if self._open else self.roots
        siblings.append(node)
        self._open.append((depth, node))
        return node

    def leaf(self, node: Node, depth: int) -> Node:
        """Hangs `node` below the innermost open node of lesser depth, closing nothing and opening nothing."""
        above = [n for d, n in self._open if d < depth]
        (above[-1].children if above else self.roots).append(node)
        return node

    def add(self, line: Line, glue: str = "\n") -> None:
        """Text of the innermost node; behind its list or table, where it has one already, so that the order is the text's."""
        node = self.current or self.open(0, Node("p-1", page=line.page))
        if node.children and "\n" in glue:
            last = node.children[-1]
            further = last if last.segment.startswith(_FURTHER) else None
            count = sum(child.segment.startswith(_FURTHER) for child in node.children)
            node = further or node.child(Node(f"{_FURTHER}{count + 1}", node.label, node.kind, page=line.page))
        node.add(line.text, glue, line.page)

    def omit(self, text: str) -> None:
        """Text left out on purpose; it is listed in the record's metadata."""
        self.omitted.append(text)


def table_row(line: Line, number: int, solo: bool = False) -> Node:
    """A row of a table as a node, numbered as its reader numbered it or else `number`."""
    row = line.attributes.get("row") or str(number)
    node = Node(f"row-{row}", f"row {row}", "table_row", solo=solo, page=line.page)
    node.add(line.text, page=line.page)
    return node
