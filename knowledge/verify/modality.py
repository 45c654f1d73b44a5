"""Must, may, not, unless: does a statement bind, allow, forbid and except as the words it leans on do?"""

from collections import Counter
from collections.abc import Iterable

from knowledge.verify.ground import Problem
from knowledge.verify.near import is_near
from knowledge.verify.tokens import Marker, Read, Token

_NO = frozenset(("no", "none", "neither", "nor", "nothing", "nobody"))
_BORNE_BY = {
    "prohibit": {"prohibit"},
    "free": {"free"},
    "duty": {"duty"},
    "permit": {"permit"},
    "negate": {"negate", "lack"},
    "lack": {"lack", "negate", "without"},
    "never": {"never"},
    "refuse": {"refuse"},
    "without": {"without", "except", "lack"},
    "except": {"except", "without"},
    "only": {"only"},
}
"""Which classes in the source bear a class in the sentence."""

_NOT_LOST = frozenset(("prohibit", "free", "negate", "lack", "never", "refuse", "without", "except", "only", "permit"))
"""What a sentence may not leave out of the words it leans on. A duty told in the indicative stays the same duty."""

_DENIES = ("prohibit", "free", "negate", "lack", "never", "refuse", "without", "except")
_MAYBE = frozenset(("may", "might", "could"))
_PENALTY = frozenset(
    ("w:fine", "w:confiscate", "w:order", "w:prison", "w:penalty", "w:warn", "w:revoke", "w:detention")
)


def modality(claim: Read, core: Read) -> list[Problem]:
    """Where the sentence's duties, permissions, prohibitions, negations and exceptions differ from those of the words it
    leans on, in the clauses that speak of the same things."""
    said = _classes(claim.markers)
    near = [m for m in core.markers if m.clause in _aligned(claim, core)]
    held = _classes(near)
    everything = _classes(core.markers)
    found = [Problem(_kind(c), _words(claim, c)) for c in said if not _borne(c, everything, claim, core)]
    found += [
        Problem(_kind(c), f"left out: {_words(core, c)}")
        for c in held & _NOT_LOST
        if not any(c in _BORNE_BY[s] for s in said) and not (c == "permit" and "w:possible" in claim.keys)
    ]
    return found or _counted(claim, core, near) or _heads(claim, core)


def _counted(claim: Read, core: Read, near: list[Marker]) -> list[Problem]:
    """One "not" more or one less turns the sense, whatever other "not" stands in both."""
    said, close = _parallel(claim), Counter(c for _, c in _classed(near))
    speaking = {t.clause for t in core.tokens if t.sort != "glue"}
    heads = (
        set() if core.chinese else {m.clause for m in core.markers if _opens_a_list(core, m)}
    )  # "to sell, supply or export"
    close_by = {m.clause for m in near}
    held = close + Counter(
        c
        for m, c in _classed(core.markers)
        if m.clause not in close_by and (m.clause not in speaking or m.clause in heads)
    )
    found = []
    if sum(said[c] for c in _DENIES) > sum(held[c] for c in _DENIES):
        found.append(Problem("negation", ", ".join(_words(claim, c) for c in _DENIES if said[c])))
    near_copy = claim.chinese == core.chinese and is_near(claim, core)  # what that leaves out is seen word by word
    if not near_copy and sum(said[c] for c in _DENIES) < sum(close[c] for c in _DENIES):
        found.append(Problem("negation", "left out: " + ", ".join(_words(core, c) for c in _DENIES if close[c])))
    for sort in ("duty", "permit"):
        if said[sort] > sum(c == sort for _, c in _classed(core.markers)) and not _borne(
            sort, frozenset(), claim, core
        ):
            found.append(Problem("modality", _words(claim, sort)))
    return found


def _opens_a_list(core: Read, marker: Marker) -> bool:
    """ "It is prohibited to sell, ...": one act behind the modal word, and more acts behind the comma."""
    return sum(t.clause == marker.clause and t.sort == "word" and t.start > marker.end for t in core.tokens) == 1


def _parallel(claim: Read) -> Counter[str]:
    """How often each class is said; once where every clause says the same ("A may be banned, B may be banned")."""
    clauses: dict[int, Counter[str]] = {}
    for marker, sort in _classed(claim.markers):
        clauses.setdefault(marker.clause, Counter())[sort] += 1
    told = list(clauses.values())
    return told[0] if told and all(c == told[0] for c in told) else sum(told, Counter())


def _kind(sort: str) -> str:
    if sort in ("except", "without", "only"):
        return "exception"
    return "negation" if sort in ("prohibit", "negate", "never", "free", "lack", "refuse") else "modality"


def _classes(markers: Iterable[Marker]) -> frozenset[str]:
    return frozenset(c for _, c in _classed(markers))


def _classed(markers: Iterable[Marker]) -> list[tuple[Marker, str]]:
    """The markers with their class; "no licence is needed" frees and "no one may" forbids, though two words make it up."""
    out: list[tuple[Marker, str]] = []
    for marker in sorted(markers, key=lambda m: m.start):
        sort = "duty" if marker.sort == "need" else marker.sort
        before = out[-1] if out else None
        if before and before[1] == "without" and before[0].clause == marker.clause and sort in ("permit", "duty"):
            continue  # "without being allowed to": the permission that is missing, not one that is given
        if before and before[0].words.lower() in _NO and before[0].clause == marker.clause and before[1] == "negate":
            joined = {"need": "free", "duty": "prohibit", "permit": "prohibit"}.get(marker.sort)
            if joined:
                out[-1] = (marker, joined)
                continue
        out.append((marker, sort))
    return out


def _words(text: Read, sort: str) -> str:
    return ", ".join(m.words for m, c in _classed(text.markers) if c == sort)


def _borne(sort: str, held: frozenset[str], claim: Read, core: Read) -> bool:
    if held & _BORNE_BY[sort]:
        return True
    if sort == "permit":  # "may endanger": possibility, not permission; but each only once
        possible = sum("w:possible" in t.keys for t in core.tokens)
        said = [m.words.lower() for m, c in _classed(claim.markers) if c == "permit"]
        bound = "duty" in held and "duty" not in _classes(claim.markers)
        return len(said) <= possible and not bound and all(w in _MAYBE for w in said)
    if sort == "duty":  # a penalty is laid down without "shall": "处五年以下有期徒刑"
        return not held and bool(_PENALTY & core.keys & claim.keys)
    return False


def _aligned(claim: Read, core: Read) -> frozenset[int]:
    """The clauses of the source that speak of what the sentence speaks of, and those that only take something out."""
    covers: dict[int, set[str]] = {}
    for token in core.tokens:
        if token.sort != "glue":
            covers.setdefault(token.clause, set()).update(_tokens_of(claim, token))
    for atom in core.atoms:
        same = {f"atom {b.start}" for b in claim.atoms if atom.keys[0] in b.keys}
        covers.setdefault(core.clause_of(atom.start), set()).update(same)
    clauses: set[int] = set()
    covered: set[str] = set()
    for clause in sorted(
        covers, key=lambda c: -len(covers[c])
    ):  # each says something of the sentence that none before it did
        if covers[clause] - covered:
            clauses.add(clause)
            covered |= covers[clause]
    return frozenset(clauses | {m.clause for m in core.markers if m.sort in ("except", "only", "without")})


def _tokens_of(claim: Read, token: Token) -> set[str]:
    return {f"word {t.start}" for t in claim.tokens if t.sort != "glue" and t.keys & token.keys}


def _heads(claim: Read, core: Read) -> list[Problem]:
    """Each modal word has to govern the same act in both: "A may export and must report" is not "must export, may report"."""
    if len(_classes(claim.markers)) < 2 and len(_classes(core.markers)) < 2:
        return []
    found = []
    for one, other in ((claim, core), (core, claim)):
        there = _classed(other.markers)
        for marker, sort in _classed(one.markers):
            head = _head(one, marker)
            if head is None or sort in ("except", "without", "only") or (one is core and sort == "duty"):
                continue
            clauses = {t.clause for t in other.tokens if t.keys & head.keys}
            classes = {c for m, c in there if m.clause in clauses}
            if clauses and classes and not classes & _BORNE_BY[sort]:
                found.append(Problem(_kind(sort), f"{marker.words} {head.words}"))
    return found


def _head(text: Read, marker: Marker) -> Token | None:
    """The act that a modal word governs: the first word after it in its clause, else the last before it."""
    content = [t for t in text.tokens if t.clause == marker.clause and t.sort not in ("glue",)]
    after = [t for t in content if t.start >= marker.end and t.sort == "word"]
    before = [t for t in content if t.end <= marker.start and t.sort == "word"]
    return after[0] if after else before[-1] if before else None
