"""Who does what to whom, and which number or day goes with what: what a swap changes although every word stays."""

import re
from collections.abc import Iterator
from itertools import combinations

from knowledge.verify.atoms import Atom
from knowledge.verify.ground import Problem, bears, same_bound
from knowledge.verify.tokens import Marker, Read, Token

_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being)\b(?: \w+ly)? \w+(?:ed|en|ght|ld|lt|nt|de|wn|rn|ut)\b[^,;]*? by\b|被", re.IGNORECASE)  # fmt: skip
_BEFORE = re.compile(r"(\b(?:to|into|towards|for|from|by|against|with)|向|到|至|往|对|给|从|自|由|被|与|同)(?: (?:the|a|an|its|any|all|listed|foreign|other))*\s*$", re.IGNORECASE)  # fmt: skip
_ROLE = {
    **dict.fromkeys(("to", "into", "towards", "for", "against", "向", "到", "至", "往", "对", "给"), "to"),
    **dict.fromkeys(("from", "从", "自"), "from"),
    **dict.fromkeys(("by", "由", "被"), "by"),
    **dict.fromkeys(("with", "与", "同"), "with"),
}
_BY = re.compile(r"(?:\bby|被)(?:\s*(?:announcement|notice|decree))?\s*$", re.IGNORECASE)
_DIRECTIONS = ("to", "from")
_AND = re.compile(r"\s*(?:,|、|and|or|as well as|和|与|及|或|以及|或者|/)\s*(?:the |a |an |any |其)?", re.IGNORECASE)
_PIECES = re.compile(r"[,;:，；、]|\band\b|\bbut\b|\bwhile\b|\bwhereas\b|而|并且|\bor\b", re.IGNORECASE)
_WHO = ("actor", "place", "name")
_PAIRED = ("number", "date")
_EARLIER_OR_LATER = (
    ("before", re.compile(r"\b(?:before|prior to|ahead of)(?: the)?\s*$", re.IGNORECASE), re.compile(r"\s*(?:before|prior to|之前|以前|前)", re.IGNORECASE)),
    ("after", re.compile(r"\b(?:after|following)(?: the)?\s*$", re.IGNORECASE), re.compile(r"\s*(?:after|following|之后|以后|后)", re.IGNORECASE)),
)  # fmt: skip


def swapped_roles(claim: Read, core: Read) -> list[Problem]:
    """Parties or places that change their parts: "A supplied B" from "B supplied A", "from A to B" from "from B to A", and
    a party put where the same words name another one."""
    said, held = _once(claim), _once(core)
    pairs = [(token, held[key]) for key, token in said.items() if key in held]
    turned = (_PASSIVE.search(claim.text) is not None) != (_PASSIVE.search(core.text) is not None)
    found = []
    for a, x in pairs:
        role, there = _role(claim, a), _role(core, x)
        if role in _DIRECTIONS and there in _DIRECTIONS and role != there:
            found.append(Problem("role", a.words))
    for (a, x), (b, y) in combinations(pairs, 2):
        if _joined(claim, a, b) or _joined(core, x, y):
            continue
        roles, there_too = (_role(claim, a), _role(claim, b)), (_role(core, x), _role(core, y))
        reordered = (a.start < b.start) != (x.start < y.start)
        explained = (roles == there_too and any(roles)) or turned
        if (reordered and not explained) or (not reordered and turned and "by" in (*roles, *there_too)):
            found.append(Problem("role", f"{a.words}, {b.words}"))
    return found or _subjects(claim, core) or _doubled(claim, core) or _rivals(claim, core) or _acts(claim, core)


def _doubled(claim: Read, core: Read) -> list[Problem]:
    """A party named once more than the source does, where the source names another one that is missing."""
    said = [t for t in claim.tokens if t.sort == "actor"]
    held = [t for t in core.tokens if t.sort == "actor"]
    missing = any(not any(h.keys & t.keys for t in said) for h in held)
    return [
        Problem("role", t.words)
        for t in said
        if missing and 0 < sum(bool(h.keys & t.keys) for h in held) < sum(bool(s.keys & t.keys) for s in said)
    ]


def _acts(claim: Read, core: Read) -> list[Problem]:
    """ "Suspended by No. 70" is not "No. 70 was suspended by": the act that does it is the one that does it in the source."""
    by = {a.keys[0] for a in core.atoms if a.kind == "act" and _BY.search(core.text[: a.start])}
    return [
        Problem("role", claim.text[a.start : a.end])
        for a in claim.atoms
        if by and a.kind == "act" and _BY.search(claim.text[: a.start]) and not by & set(a.keys)
    ]


def _subjects(claim: Read, core: Read) -> list[Problem]:
    """Who must, may or may not: the first party of the sentence is the one before the same modal word in the source."""
    if _PASSIVE.search(claim.text) or _PASSIVE.search(core.text) or re.search(r"\bbe\b", claim.text):
        return []
    for marker in claim.markers:
        if marker.sort in ("without", "except") or _lacking(claim, marker):
            continue
        who = [t for t in claim.tokens if t.sort in _WHO and t.end <= marker.start]
        if not who or _role(claim, who[0]):
            continue
        same = [m for m in core.markers if m.sort == marker.sort and not _lacking(core, m)]
        holders = [_holders(core, m.start, m.clause) for m in same]
        holders = [h for h in holders if h]
        if holders and not any(who[0].keys & h for h in holders):
            return [Problem("role", f"{who[0].words} {marker.words}")]
    return []


def _lacking(text: Read, marker: Marker) -> bool:
    """The permission that "without" says is missing."""
    return any(m.sort == "without" and m.clause == marker.clause and m.start < marker.start for m in text.markers)


def _holders(core: Read, place: int, clause: int) -> frozenset[str]:
    """Who stands before a modal word: in its clause, else in the nearest one before that names anybody. Whoever would have
    to permit ("without the consent of") is not the one bound."""
    aside = {m.clause for m in core.markers if m.sort == "without"} - {clause}
    who = [t for t in core.tokens if t.sort in _WHO and t.end <= place and t.clause <= clause and t.clause not in aside]
    nearest = max((t.clause for t in who), default=-1)
    return frozenset(k for t in who if t.clause == nearest for k in t.keys)


def _rivals(claim: Read, core: Read) -> list[Problem]:
    """In the clause of the source that says what the sentence's clause says, somebody else stands."""
    found = []
    for clause in {t.clause for t in claim.tokens}:
        mine = [t for t in claim.tokens if t.clause == clause and t.sort != "glue"]
        who = [t for t in mine if t.sort in _WHO]
        what = {k for t in mine if t.sort not in _WHO for k in t.keys}
        if not who or not what:
            continue
        scores = {
            c: sum(bool(t.keys & what) for t in core.tokens if t.clause == c and t.sort == "word")
            for c in _clauses(core)
        }
        best = max(scores.values(), default=0)
        if not best:
            continue
        for token in who:
            if token.sort == "actor" and len(who) > 1:
                continue  # parties of the law stand in other clauses than what they do; their order was looked at
            rivalled = [_rivalled(core, c, token, who) for c, score in scores.items() if score == best]
            if rivalled and all(rivalled):
                found.append(Problem("role", token.words))
    return found


def _clauses(core: Read) -> frozenset[int]:
    return frozenset(t.clause for t in core.tokens)


def _rivalled(core: Read, clause: int, token: Token, who: list[Token]) -> bool:
    """Does the clause name somebody of the same sort whom the sentence does not, and not the one it does?"""
    there = [t for t in core.tokens if t.clause == clause and t.sort == token.sort]
    if any(t.keys & token.keys for t in there):
        return False
    mine = {k for t in who for k in t.keys}
    return any(not t.keys & mine for t in there)


def _once(text: Read) -> dict[str, Token]:
    """Who and which places are spoken of exactly once, by what they are."""
    seen: dict[str, list[Token]] = {}
    for token in text.tokens:
        if token.sort in _WHO:
            for key in token.keys:
                if key.startswith(("w:", "place:", "n:")) or token.sort == "name":
                    seen.setdefault(key, []).append(token)
    return {k: v[0] for k, v in seen.items() if len(v) == 1}


def _role(text: Read, token: Token) -> str:
    m = _BEFORE.search(text.text[: token.start])
    return _ROLE[m[1].lower()] if m else ""


def _joined(text: Read, a: Token, b: Token) -> bool:
    first, second = sorted((a, b), key=lambda t: t.start)
    return _AND.fullmatch(text.text[first.end : second.start]) is not None or first.start == second.start


def swapped_numbers(claim: Read, whole: Read) -> list[Problem]:
    """Numbers and days that go with another thing than in the source: "companies five years" from "individuals five,
    companies ten"; "after 1 May" from "before 1 May".

    `whole` is the full sentence of the source, so that what its other parts say counts as well.
    """
    found = []
    for atom in claim.atoms:
        if atom.kind not in _PAIRED:
            continue
        alike = [h for h in whole.atoms if _alike(h, atom)]
        own = [h for h in alike if bears(h, atom)]
        if own and all(_turned(claim, atom, whole, h) for h in own):
            found.append(Problem("pairing", claim.text[atom.start : atom.end]))
            continue
        if len({h.keys for h in alike}) < 2 or not own:
            continue
        best = max(_fit(claim, atom, whole, h) for h in alike)
        if max(_fit(claim, atom, whole, h) for h in own) < best:
            found.append(Problem("pairing", claim.text[atom.start : atom.end]))
    return found


def _alike(held: Atom, said: Atom) -> bool:
    if held.kind != said.kind:
        return False
    if held.number is None or said.number is None:
        return True
    return held.number.unit == said.number.unit and same_bound(said.number.bound, held.number.bound)


def _turned(claim: Read, said: Atom, core: Read, held: Atom) -> bool:
    """Before in the one, after in the other."""
    here, there = _when(claim, said), _when(core, held)
    return bool(here and there and here != there)


def _when(text: Read, atom: Atom) -> str:
    for name, before, after in _EARLIER_OR_LATER:
        if before.search(text.text[: atom.start]) or after.match(text.text, atom.end):
            return name
    return ""


def _fit(claim: Read, said: Atom, core: Read, held: Atom) -> float:
    """How much of what stands around the one stands around the other; the same side counts most."""
    (left, right), (their_left, their_right) = _around(claim, said), _around(core, held)
    return len(left & their_left) + len(right & their_right) + 0.5 * len((left | right) & (their_left | their_right))


def _around(text: Read, atom: Atom) -> tuple[frozenset[str], frozenset[str]]:
    """What stands before and behind an atom in its piece of the sentence, up to the next one of its kind."""
    start, end = next(p for p in _pieces(text.text) if p[0] <= atom.start < p[1])
    rivals = [a for a in text.atoms if _alike(a, atom) and a is not atom]
    start = max([start, *(a.end for a in rivals if a.end <= atom.start)])
    end = min([end, *(a.start for a in rivals if a.start >= atom.end)])
    return _content(text, start, atom.start), _content(text, atom.end, end)


def _content(text: Read, start: int, end: int) -> frozenset[str]:
    found: set[str] = set()
    for token in text.tokens:
        if token.sort != "glue" and start <= token.start and token.end <= end:
            meant = {k for k in token.keys if k.startswith(("w:", "place:", "n:"))}
            found |= meant or set(token.keys)
    return frozenset(found)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for m in _PIECES.finditer(text):
        if m[0] == "," and text[m.start() - 1 : m.start()].isdigit() and text[m.end() : m.end() + 1].isdigit():
            continue  # inside 500,000
        yield start, m.end()
        start = m.end()
    yield start, len(text) + 1
