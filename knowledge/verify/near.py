"""Sentences that all but copy the words they lean on: in those, what differs is what was changed.

A paraphrase may turn its words round; a copy that has one word in another place, one "not" more or two parties exchanged says
something else with the same words.
"""

from dataclasses import dataclass
from functools import lru_cache

from knowledge.verify.atoms import Atom
from knowledge.verify.ground import Problem, bears
from knowledge.verify.tokens import Marker, Read, Token

_NEAR = 0.75  # share of the sentence that stands in the source in the same order
_LEAST, _TURNED = 2, 4
_LOST = frozenset(("prohibit", "negate", "lack", "free", "never", "without", "except", "only"))
_ALIKE = ({"without", "except"}, {"duty", "need"}, {"lack", "negate"}, {"lack", "without"})
Unit = Token | Atom | Marker


@dataclass(frozen=True)
class _Aligned:
    """The pairs (place in the sentence, place in the source) that say the same, in order."""

    said: tuple[Unit, ...]
    held: tuple[Unit, ...]
    pairs: tuple[tuple[int, int], ...]


def is_near(claim: Read, core: Read) -> bool:
    """Does most of the sentence stand in the source, in its language and order?"""
    if claim.chinese != core.chinese:
        return False
    aligned = _align(claim, core)
    content = [i for i, u in enumerate(aligned.said) if not isinstance(u, Marker)]
    hits = {i for i, _ in aligned.pairs}
    return len(content) >= _LEAST and sum(i in hits for i in content) >= _NEAR * len(content)


def changed(claim: Read, core: Read) -> list[Problem]:
    """What a near copy has moved, put in or left out; nothing where the sentence is no near copy."""
    if not is_near(claim, core):
        return []
    aligned = _align(claim, core)
    hits = {i for i, _ in aligned.pairs}
    found = [
        Problem(_kind(u), claim.text[u.start : u.end])
        for i, u in enumerate(aligned.said)
        if i not in hits and (isinstance(u, Marker) or _out_of_place(i, aligned))
    ]
    if aligned.pairs and not any(isinstance(u, Marker) for u in aligned.said[: aligned.pairs[0][0]]):
        found += _cut_off(aligned.held[: aligned.pairs[0][1]])
    for (i, j), (k, m) in zip(aligned.pairs, aligned.pairs[1:], strict=False):
        between = [u for u in aligned.held[j + 1 : m] if isinstance(u, Marker)]
        if k == i + 1 and _shifted(aligned.held[j + 1 : m + 1]):
            found.append(Problem("role", claim.text[aligned.said[k].start : aligned.said[k].end]))
        kept = [u for u in aligned.said[i + 1 : k] if isinstance(u, Marker)]
        if len(between) == m - j - 1:  # nothing but modal words were left out there
            found += [
                Problem("negation", f"left out: {u.words}")
                for u in between
                if u.sort in _LOST and not any(_alike(u.sort, w.sort) for w in kept)
            ]
    return found


def _out_of_place(i: int, aligned: _Aligned) -> bool:
    """Does the word stand in the source, but where the sentence has put another? An only day may go anywhere, and what is
    required may come first or last ("a licence is required for", "requires a licence")."""
    unit = aligned.said[i]
    taken = {j for _, j in aligned.pairs}
    there = [j for j, v in enumerate(aligned.held) if _same(unit, v)]
    if not there:
        return False
    free = any(j not in taken for j in there)
    if isinstance(unit, Atom):
        rivals = [v for v in (*aligned.said, *aligned.held) if isinstance(v, Atom) and v.kind == unit.kind]
        return not (free and unit.kind == "date" and len(rivals) == 2)
    if isinstance(unit, Token) and unit.sort == "word" and free:
        content = [k for k, v in enumerate(aligned.said) if not isinstance(v, Marker)]
        return not (len(content) >= _TURNED and i in (content[0], content[-1]))
    return True


def _cut_off(before: tuple[Unit, ...]) -> list[Problem]:
    """Modal words right before what the sentence begins with: "not shown" cut to "shown"."""
    found = []
    for unit in reversed(before):
        if not isinstance(unit, Marker):
            break
        if unit.sort in _LOST:
            found.append(Problem("negation", f"left out: {unit.words}"))
    return found


def _shifted(stretch: tuple[Unit, ...]) -> bool:
    """ "Importers of arms and exporters of ore" cut to "exporters of arms": what is left goes with the other party."""
    actors = [i for i, u in enumerate(stretch) if isinstance(u, Token) and u.sort == "actor"]
    return len(actors) > 1 and actors[0] == 0 and actors[-1] == len(stretch) - 1 and actors[1] > 1


def _kind(unit: Unit) -> str:
    if isinstance(unit, Marker):
        return "negation"
    if isinstance(unit, Atom):
        return "pairing"
    return "role" if unit.sort != "word" else "word"


def _units(text: Read) -> tuple[Unit, ...]:
    units: list[Unit] = [t for t in text.tokens if t.sort != "glue"]
    units += [*text.markers, *text.atoms]
    return tuple(sorted(units, key=lambda u: u.start))


@lru_cache(maxsize=64)
def _align(claim: Read, core: Read) -> _Aligned:
    """The longest common sequence of what both say."""
    said, held = _units(claim), _units(core)
    n, m = len(said), len(held)
    best = [[0] * (m + 1) for _ in range(n + 1)]
    same = [[_same(a, b) for b in held] for a in said]
    for i in range(n - 1, -1, -1):
        row, below, alike = best[i], best[i + 1], same[i]
        for j in range(m - 1, -1, -1):
            row[j] = below[j + 1] + 1 if alike[j] else max(below[j], row[j + 1])
    pairs, i, j = [], 0, 0
    while i < n and j < m:
        if same[i][j] and best[i][j] == best[i + 1][j + 1] + 1:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return _Aligned(said, held, tuple(pairs))


def _alike(a: str, b: str) -> bool:
    """The same class, or two names of one: "without" and "except" both take out, "must" and "is required to" both bind."""
    return a == b or any({a, b} <= both for both in _ALIKE)


def _same(a: Unit, b: Unit) -> bool:
    if isinstance(a, Marker) or isinstance(b, Marker):
        return isinstance(a, Marker) and isinstance(b, Marker) and _alike(a.sort, b.sort)
    if isinstance(a, Atom) or isinstance(b, Atom):
        return isinstance(a, Atom) and isinstance(b, Atom) and bears(b, a)
    return bool(a.keys & b.keys) or (a.sort == "word" and b.sort == "word" and any(p & a.keys for p in b.parts))
