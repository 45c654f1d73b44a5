"""What a new version of an instrument changes, provision by provision."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge.store.records import ProvisionRecord


@dataclass(frozen=True)
class Difference:
    """One provision that is not as it was. `before` and `after` are its texts; empty where it was not, or is no more.

    `moved`: the same words under another locator (`locator` is the new one, `was` the old).
    """

    kind: Literal["added", "changed", "removed", "moved"]
    locator: str
    label: str
    before: str = ""
    after: str = ""
    was: str = ""


def difference(before: Sequence[ProvisionRecord], after: Sequence[ProvisionRecord]) -> tuple[Difference, ...]:
    """The differences in the new text's order, then what was removed in the old text's order.

    A provision whose heading or label alone changed counts as changed. Words that left one locator and came back
    under another are moved, so that one inserted article is not reported as fifty changed ones.
    """
    old = {p.locator: p for p in before}
    unchanged = {p.locator for p in after if p.locator in old and _same(old[p.locator], p)}
    left = {p.locator: p for p in before if p.locator not in unchanged}
    by_text = {p.text: p for p in left.values()}
    found: list[Difference] = []
    moved = {}
    for p in after:
        source = by_text.get(p.text)
        if p.locator not in unchanged and source is not None and source.locator != p.locator:
            moved[p.locator] = by_text.pop(p.text)
    for source in moved.values():
        del left[source.locator]
    for p in after:
        if p.locator in unchanged:
            continue
        if p.locator in moved:
            found.append(Difference("moved", p.locator, p.label, p.text, p.text, moved[p.locator].locator))
        elif (was := left.pop(p.locator, None)) is not None:
            found.append(Difference("changed", p.locator, p.label, was.text, p.text))
        else:
            found.append(Difference("added", p.locator, p.label, "", p.text))
    return (*found, *(Difference("removed", p.locator, p.label, p.text) for p in left.values()))


def _same(one: ProvisionRecord, other: ProvisionRecord) -> bool:
    return (one.text, one.label, one.heading, one.kind) == (other.text, other.label, other.heading, other.kind)


def tally(differences: Sequence[Difference]) -> dict[str, int]:
    """How many of each kind, in a fixed order, zeros left out."""
    counts = {kind: sum(d.kind == kind for d in differences) for kind in ("added", "changed", "removed", "moved")}
    return {kind: n for kind, n in counts.items() if n}
