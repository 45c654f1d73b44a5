"""classify(): a description of a product to ranked candidate entries, what they ask, and the chance that none applies."""

from dataclasses import replace

import numpy as np

from knowledge.classify.chinese import chinese
from knowledge.classify.correspond import correspondences, european
from knowledge.classify.desk import Desk, Looked
from knowledge.classify.index import Floats
from knowledge.classify.model import (
    Candidate,
    Classification,
    MatchedItem,
    NotListed,
    Parameter,
    Question,
    Understood,
    Verdict,
)
from knowledge.classify.parameters import Compared
from knowledge.classify.parameters import Verdict as Tried
from knowledge.lexis.terms import number
from knowledge.reading.text import language

ITEMS, PARAMETERS, QUESTIONS = 3, 8, 6
WORTH_ASKING = 4
"""Candidates whose open conditions are asked for."""


def classify(text: str, desk: Desk, *, limit: int = 10) -> Classification:
    """The candidates for a product described in English, Chinese or both; at most `limit` of a regime.

    Never raises on any text, and reads a bounded part of a long one (`truncated`). The ranking is a reading aid: which
    entry applies is for a person to confirm against the official text.
    """
    seen = desk.look(text)
    chances = desk.weights.chances(seen.scored.rows)
    order = np.argsort(-chances[:-1], kind="stable")[:limit]
    american = [_candidate(desk, seen, int(i), rank, chances) for rank, i in enumerate(order, 1)]
    others = chinese(seen, desk, limit)
    american = [_corresponding(c, others) for c in american]
    candidates = (*american, *others, *european(american))
    return Classification(
        tuple(candidates),
        NotListed(float(chances[-1]), _reasons(desk, seen, chances)),
        Understood(
            seen.words.terms,
            tuple(m.written for m in seen.measures),
            tuple(g for g, said in seen.cues.groups.items() if said),
            tuple(sorted(seen.cues.purposes)),
        ),
        language(seen.text),
        seen.truncated,
        _missing(american),
    )


def _candidate(desk: Desk, seen: Looked, i: int, rank: int, chances: Floats) -> Candidate:
    entry = desk.entries[i]
    tried = seen.scored.verdicts.get(i, ())
    return Candidate(
        "US",
        entry.code,
        rank,
        float(chances[i]),
        dict(entry.called.title) or {"en": entry.code, "zh": entry.code},
        _items(desk, seen, i, tried),
        _parameters(desk, tried),
        _because(desk, seen, i),
    )


def _items(desk: Desk, seen: Looked, i: int, tried: tuple[tuple[int, Tried], ...]) -> tuple[MatchedItem, ...]:
    """The paragraphs that fit best by words, those whose conditions are met first and those missed last."""
    net = {k: v.net for k, v in tried}
    scores = seen.scored.matched.item_scores
    places = [k for k in desk.index.items_of[i] if scores[k] > 0 and desk.index.items[k].path]
    places.sort(key=lambda k: -float(scores[k]) * (1 + net.get(k, 0.0)))
    return tuple(MatchedItem(desk.index.items[k].path, desk.index.items[k].locator) for k in places[:ITEMS])


def _parameters(desk: Desk, tried: tuple[tuple[int, Tried], ...]) -> tuple[Parameter, ...]:
    found: dict[tuple[str, str, str], Parameter] = {}
    scores = sorted(tried, key=lambda t: (-t[1].net, t[1].missed))[:ITEMS]
    for k, verdict in scores:
        path = desk.index.items[k].path
        for c in verdict.compared:
            found.setdefault((c.bound.dimension, c.bound.comparator, c.bound.written), _parameter(c, path))
    return tuple(found.values())[:PARAMETERS]


def _parameter(c: Compared, path: str) -> Parameter:
    verdict = Verdict.OPEN if c.met is None else Verdict.MEETS if c.met else Verdict.MISSES
    given = c.given.measure.written if c.given is not None else None
    return Parameter(c.bound.quantity, c.bound.comparator, c.bound.written, given, verdict, path)


def _because(desk: Desk, seen: Looked, i: int) -> tuple[str, ...]:
    """The trade name that fits and the rarest words the entry shares with the description."""
    matched, index = seen.scored.matched, desk.index
    reasons: list[str] = []
    name = int(matched.name_of[i])
    if name >= 0 and matched.name[i] > 0:
        reasons.append(index.names[name])
    shared: list[tuple[float, str]] = []
    for word in dict.fromkeys(seen.words.stems):
        texts, _, rarity = index.whole.find(number(word))
        at = int(np.searchsorted(texts, i))
        if rarity > 1.5 and at < len(texts) and texts[at] == i:
            shared.append((rarity, word))
    reasons += [word for _, word in sorted(shared, reverse=True)[:6]]
    return tuple(dict.fromkeys(reasons))


def _corresponding(candidate: Candidate, others: tuple[Candidate, ...]) -> Candidate:
    return replace(candidate, correspondences=correspondences(candidate.code, {c.code for c in others}))


def _reasons(desk: Desk, seen: Looked, chances: Floats) -> tuple[tuple[str, str], ...]:
    """Why no entry may apply: ordinary goods by name, the nearest entry's conditions missed, no entry that fits."""
    matched, last = seen.scored.matched, len(desk.entries) - 1
    found: list[tuple[str, str]] = []
    name = int(matched.name_of[last])
    if name >= 0 and matched.name[last] > 0.5:
        found.append(("ordinary_goods", desk.index.names[name]))
    best = int(np.argmax(chances[:-1]))
    missed = [c for _, v in seen.scored.verdicts.get(best, ()) for c in v.compared if c.met is False]
    if missed:
        c = max(missed, key=lambda c: c.sure)
        given = c.given.measure.written if c.given else ""
        found.append(("misses", f"{desk.entries[best].code}: {given} / {c.bound.comparator} {c.bound.written}"))
    if float(matched.name[:last].max(initial=0)) < 0.5 and float(matched.coverage[:last].max(initial=0)) < 0.5:
        found.append(("no_entry_names_it", ""))
    return tuple(found)


def _missing(candidates: list[Candidate]) -> tuple[Question, ...]:
    """The open conditions of the first candidates, those that most weight hangs on first, one a quantity."""
    asked: dict[str, Question] = {}
    for c in candidates[:WORTH_ASKING]:
        for p in c.parameters:
            if p.verdict is Verdict.OPEN:
                weight = c.score / (1 + sum(q.verdict is Verdict.OPEN for q in c.parameters))
                question = Question(c.code, p.path, p.quantity, f"{p.comparator} {p.wanted}", weight)
                if p.quantity not in asked or asked[p.quantity].weight < weight:
                    asked[p.quantity] = question
    return tuple(sorted(asked.values(), key=lambda q: -q.weight)[:QUESTIONS])
