"""Does each exact thing and each word of a statement stand in what it leans on?"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.verify.atoms import Atom
from knowledge.verify.lexicon import split
from knowledge.verify.stem import stem
from knowledge.verify.tokens import Read, Token

_COUNTS = frozenset(("", "entity", "person", "entry"))
_TIMES = frozenset(("times", "occasion"))
_EXACT = ("act", "article", "sub", "code", "hs", "date")


@dataclass(frozen=True)
class Problem:
    """Something that a sentence says and its sources do not: what kind of thing, and the words.

    Kinds: mark, quote, number, date, code, hs, act, article, sub, name, place, word, pairing, role, negation, modality,
    exception, verdict, language.
    """

    kind: str
    words: str


def ungrounded_atoms(
    claim: Read, core: Sequence[Read], known: Sequence[Read], spare: Sequence[Read], *, bounds: bool = True
) -> list[Problem]:
    """The dates, numbers, codes and places of acts in `claim` that nothing bears.

    `core` is the statement leaned on; `known` what is known of the cited passages; `spare` the question and the engine's
    facts, which count only where the statement itself gives nothing of the kind.
    """
    near = [a for r in core for a in r.atoms]
    held = [*near, *(a for r in known for a in r.atoms)]
    rest = [a for r in spare for a in r.atoms]
    found = []
    for atom in claim.atoms:
        if any(bears(a, atom, bounds) for a in (held if atom.kind in _EXACT else near)):
            continue
        rivals = [a for a in near if _rival(a, atom)]
        if not rivals and any(bears(a, atom, bounds=False) for a in (*held, *rest)):
            continue
        found.append(Problem(atom.kind, claim.text[atom.start : atom.end].strip()))
    return found


def bears(held: Atom, said: Atom, bounds: bool = True) -> bool:
    """Does the atom `held` in a source bear out the atom `said` in a sentence?"""
    if said.kind == "number" and held.kind == "number" and said.number and held.number:
        same = said.number.value == held.number.value and _same_unit(said.number.unit, held.number.unit)
        return same and (not bounds or same_bound(said.number.bound, held.number.bound))
    if said.kind == "date":
        return _bears_date(held, said)
    if said.kind != held.kind:
        return False
    if said.kind in ("code", "hs"):
        wanted, has = said.keys[0], held.keys[0]
        return has == wanted or has.startswith(wanted + "." if said.kind == "code" else wanted)
    return said.keys[0] in held.keys


def _same_unit(a: str, b: str) -> bool:
    return a == b or ("" in (a, b) and a in _COUNTS and b in _COUNTS) or (a in _TIMES and b in _TIMES)


def same_bound(said: str, held: str) -> bool:
    """Do two numbers bound alike? "For five years" and "up to five years" say what "within five years" says."""
    return said == held or (held == "in" and said in ("", "<=")) or (held == "<=" and said == "in")


def _bears_date(held: Atom, said: Atom) -> bool:
    if held.kind == "act":
        return len(said.keys[0]) == 4 and held.keys[0].endswith("/" + said.keys[0])
    if held.kind != "date":
        return False
    wanted = said.keys[-1]  # with the year that the sentence named before, where it did
    if wanted.startswith("--"):
        return any(k.endswith(wanted[1:]) for k in held.keys)
    return any(k == wanted or (len(wanted) < 10 and k.startswith(wanted + "-")) for k in held.keys)


def _rival(held: Atom, said: Atom) -> bool:
    """Another value of the same kind in the statement itself: then no other place may supply one."""
    if held.kind != said.kind:
        return False
    if held.kind == "number" and held.number and said.number:
        return _same_unit(held.number.unit, said.number.unit)
    return held.kind in ("date",)


def ungrounded_words(claim: Read, core: Sequence[Read], known: Sequence[Read], spare: Sequence[Read]) -> list[Problem]:
    """The words of `claim` that stand, in these or other words of the same meaning, in nothing it leans on.

    What is known of the passages (their titles) bears any word but an actor; the question bears names, places and goods,
    and words that the verifier has no meaning for, as they cannot turn what the law says.
    """
    keys = frozenset(k for r in core for k in r.keys)
    titles = frozenset(k for r in known for k in r.keys)
    loose = frozenset(k for r in spare for k in r.keys)
    text = "".join(r.text for r in core)
    others = "".join(r.text for r in (*known, *spare))
    found = []
    for token in claim.tokens:
        if token.sort == "glue" or _stands(token, keys, text):
            continue
        if token.sort != "actor" and _stands(token, titles, ""):
            continue
        if (token.sort in ("name", "place") or not _has_meaning(token)) and (_stands(token, loose, others)):
            continue
        found.append(Problem(_kind(token), token.words))
    return found


def _kind(token: Token) -> str:
    return {"name": "name", "place": "place", "actor": "name"}.get(token.sort, "word")


def _has_meaning(token: Token) -> bool:
    return any(k.startswith("w:") for k in token.keys)


def _stands(token: Token, keys: frozenset[str], text: str) -> bool:
    if token.keys & keys:
        return True
    if token.parts and all(p & keys for p in token.parts):
        return True
    if not _is_han(token.words):
        pieces = split(token.words)
        return len(pieces) > 1 and token.sort != "actor" and all(f"e:{stem(w)}" in keys for w in pieces)
    return not _has_meaning(token) and (_in_text(token.words, text) or _in_pairs(token.words, text))


def _in_text(run: str, text: str) -> bool:
    """The characters stand in the text, and not just behind a negation: 正当 is not in 不正当."""
    return re.search(f"(?<![不未无非没])(?:{re.escape(run)})", text) is not None


def _in_pairs(run: str, text: str) -> bool:
    """A longer run of Chinese that the lexicon does not part: every two characters of it stand together in the text."""
    return len(run) > 2 and all(run[i : i + 2] in text for i in range(len(run) - 1))


def _is_han(words: str) -> bool:
    return re.match(r"[㐀-鿿]", words) is not None


def shared(claim: Read, other: Iterable[str]) -> frozenset[str]:
    """What two texts both speak of."""
    return claim.keys & frozenset(other)
