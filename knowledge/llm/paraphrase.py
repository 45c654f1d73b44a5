"""Is a model's sentence nothing but a shortening of a line that Navicert composed?

A line falls into clauses at its commas, colons and semicolons. A sentence may be made of clauses of one line, shortened: it
keeps their words in their order, every word that turns a statement round ("not", "before", "only", "from"), and three
quarters of the others. Between them may stand words that state nothing. What cannot be cut so is told in the model's own
words, and is not sent. This looks at the lines alone, in their own language; that a claim is borne by the passages
themselves is the verifier's to say. Both have to agree.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from knowledge.llm.vocabulary import vocabulary, words
from knowledge.model import Section
from knowledge.reading.text import clean

KEPT = 0.75
"""Of the words of a clause: less than this would tell something else."""
LONGEST = 80
"""Words of a sentence that are looked at."""
_STATES = 500
"""Ways of cutting a sentence that are tried."""
_KEEPS = ("exception", "restriction", "condition")
_MARK = re.compile(r"\[(\d{1,4})\]")
_CLAUSE = re.compile(r"([;；：，、?？!！()（）。“”\"]|[,:.](?=\s|$)|[,:](?=[㐀-鿿])|(?<=[㐀-鿿\]])[,:])")
_STOP = re.compile(r"[;；:：。!！?？]|\.(?=\s|$)")
_ROUTE = re.compile(r"^([^→]+?) → ([^→;；,，]+)")


@dataclass(frozen=True)
class Clause:
    """The words of a clause that are not neutral, in order; `charged` are the places of those that turn it round.

    `under` are the places in the line of the clauses that it stands under: what is before a colon belongs to all behind it.
    `marks` are those of its sentence, or where that has none, of the next one that has.
    """

    words: tuple[str, ...]
    charged: frozenset[int]
    under: frozenset[int]
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """A composed line: its clauses, and the words of it that no shortening may leave out.

    `ordered`: a sentence takes the clauses in their order.
    """

    clauses: tuple[Clause, ...]
    kept: frozenset[str]
    ordered: bool = True


@lru_cache(maxsize=256)
def _said(sentence: str) -> tuple[tuple[str, ...], frozenset[int]]:
    """The words of a model's sentence that are not neutral, and before which of them it makes a stop."""
    found: list[str] = []
    stops: set[int] = set()
    for part in _STOP.split(_MARK.sub(" ", clean(sentence))):
        stops.add(len(found))
        found += words(part)[0]
    return tuple(found), frozenset(stops)


def lines(texts: Iterable[str]) -> tuple[Line, ...]:
    """Composed lines made ready."""
    return tuple(_line(clean(text)) for text in texts)


def verdict(section: Section, outcome: str, goods: Sequence[str]) -> Line:
    """What a sentence on the verdict may be made of: the verdict, the route, and the goods where there is one sort only."""
    parts = [clean(text) for text in (*section.lines, *vocabulary().verdicts.get(outcome, ()))]
    routes = [_ROUTE.match(text) for text in parts]
    parts += [f"from {m[1]} to {m[2]}" for m in routes if m] + [f"从{m[1]}到{m[2]}" for m in routes if m]
    parts += list(goods) if len(goods) == 1 else []
    return replace(_line("; ".join(parts)), ordered=False)


def _line(text: str) -> Line:
    classes = vocabulary().charged
    clauses: list[Clause] = []
    kept: set[str] = set()
    group: list[int] = []  # places since the last full stop or semicolon
    heads: list[int] = []
    unmarked, marks = 0, frozenset[str]()  # the first clause whose marks are still to come; those of the sentence
    pieces = _CLAUSE.split(text)
    for part, stop in zip(pieces[::2], [*pieces[1::2], "."], strict=True):
        marks |= frozenset(_MARK.findall(part))
        found, charged = words(_MARK.sub(" ", part))
        if found:
            group.append(len(clauses))
            clauses.append(Clause(found, charged, frozenset(heads)))
            kept |= {found[i] for i in charged if classes[found[i]] & set(_KEEPS)}
        if stop in ":：":
            heads = list(group)
        elif stop in ".。;；!！?？":
            group, heads = [], []
        if stop in ".。!！?？" and marks:
            clauses[unmarked:] = [replace(c, marks=marks) for c in clauses[unmarked:]]
            unmarked, last, marks = len(clauses), marks, frozenset()
    if unmarked and unmarked < len(clauses):
        clauses[unmarked:] = [replace(c, marks=last) for c in clauses[unmarked:]]
    return Line(tuple(clauses), frozenset(kept))


def shortens(sentence: str, line: Line) -> bool:
    """Is the sentence made of clauses of this line and of nothing else, with their marks where they have any?"""
    marks = frozenset(_MARK.findall(sentence))
    if not marks <= {m for c in line.clauses for m in c.marks}:
        return False
    said, stops = _said(sentence)
    if not said or len(said) > LONGEST or not line.kept <= set(said):
        return False
    seen: set[tuple[int, frozenset[int]]] = set()
    todo: list[tuple[int, frozenset[int]]] = [(0, frozenset())]
    while todo:
        state = begin, used = todo.pop()
        if begin == len(said) and _marked(marks, [line.clauses[i] for i in used]):
            return True
        if state in seen or len(seen) > _STATES:
            continue
        seen.add(state)
        first = max(used, default=-1) + 1 if line.ordered else 0
        for i in range(first, len(line.clauses)):
            clause = line.clauses[i]
            if i not in used and clause.under <= used:
                ends = (begin + n for n in _pieces(said[begin:], clause))
                todo += [(end, used | {i}) for end in ends if not any(begin < stop < end for stop in stops)]
    return False


def _marked(marks: frozenset[str], used: Sequence[Clause]) -> bool:
    """Has the sentence a mark of every clause that has any, and no others?"""
    return all(c.marks & marks for c in used if c.marks) and marks <= {m for c in used for m in c.marks}


def _pieces(said: Sequence[str], clause: Clause) -> Iterator[int]:
    """How many words at the beginning of `said` may be the clause, shortened."""
    stating = len(clause.words) - len(clause.charged)
    at, kept = 0, 0
    for n, word in enumerate(said, 1):
        while at < len(clause.words) and clause.words[at] != word:
            if at in clause.charged:
                return  # it would leave out a word that turns the clause round
            at += 1
        if at == len(clause.words):
            return
        kept += at not in clause.charged
        at += 1
        if kept >= stating * KEPT and not any(i in clause.charged for i in range(at, len(clause.words))):
            yield n


def states(sentence: str, phrase: str, outcome: str) -> bool:
    """Does the sentence hold the verdict: every clause of its phrase, or another way to say it?"""
    said, _ = _said(sentence)

    def holds(text: str) -> bool:
        told = [c.words for c in _line(clean(text)).clauses]
        return bool(told) and all(any(said[i : i + len(t)] == t for i in range(len(said))) for t in told)

    return any(holds(p) for p in (phrase, *vocabulary().verdicts.get(outcome, ())))
