"""A description's features for every entry and for "not listed", and the learned weights that make chances of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.classify.cues import Cues
from knowledge.classify.index import Floats, Index, Ints, Matched
from knowledge.classify.parameters import Given, Verdict, compare, verdict
from knowledge.classify.traits import GROUPS, Traits

Column = npt.NDArray[Any]
LOOKED_AT = 40
"""Entries whose numeric conditions are compared: the first by words."""
ITEMS_LOOKED_AT = 60
_TITLE, _BAG, _HAN, _ITEM, _NAME, _LEARNED, _COVER = 0.7, 1.0, 1.0, 0.6, 1.4, 0.7, 0.8


@dataclass(frozen=True)
class Scored:
    """A description's features: `rows` one an entry and the last for "not listed"; with what was found on the way."""

    rows: Floats
    matched: Matched
    verdicts: dict[int, tuple[tuple[int, Verdict], ...]]


def share(values: Floats) -> Floats:
    """Each value as a share of the highest."""
    highest = float(values.max(initial=0))
    return values / np.float32(highest) if highest > 0 else np.zeros_like(values)


def first(matched: Matched) -> Floats:
    """The order by words alone, before anything is learned."""
    parts = (
        (_TITLE, matched.title),
        (_BAG, matched.names),
        (_HAN, matched.han),
        (_ITEM, matched.items),
        (_NAME, matched.name_weight),
        (_LEARNED, matched.learned),
        (_COVER, matched.coverage),
    )
    out: Floats = np.sum([np.float32(w) * share(v) for w, v in parts], axis=0)
    return out


def verdicts(
    index: Index, item_scores: Floats, order: Ints, stated: list[Given]
) -> dict[int, tuple[tuple[int, Verdict], ...]]:
    """The paragraphs with numeric conditions of the entries in `order` that answer to the numbers stated."""
    if not stated:
        return {}
    dimensions = {g.measure.dimension for g in stated}
    found = {}
    for i in order:
        tried = []
        for k in index.items_of[int(i)]:
            bounds = index.items[k].bounds
            if bounds and any(b.dimension in dimensions for b in bounds) and item_scores[k] > 0:
                tried.append((k, verdict(bounds, stated)))
        found[int(i)] = tuple(sorted(tried, key=lambda t: -float(item_scores[t[0]]))[:ITEMS_LOOKED_AT])
    return found


SHARP = 6
"""How much more a paragraph counts whose words fit better: the power that its share of the best score is raised to."""


def judged(tried: tuple[tuple[int, Verdict], ...], item_scores: Floats, best: float) -> tuple[float, float]:
    """(met, missed) of an entry: over its paragraphs, by how well their words fit against its `best` paragraph's."""
    spoken = [(v, (float(item_scores[k]) / (best + 1e-6)) ** SHARP) for k, v in tried if v.met or v.missed]
    if not spoken:
        return 0.0, 0.0
    met = max(max(v.net, 0.0) * w for v, w in spoken)
    missed = max(max(-v.net, 0.0) * w for v, w in spoken)
    return met, missed if missed > met else missed * 0.2


class Ranker:
    """Index and traits with what features need of them."""

    def __init__(self, index: Index, ordinary: int) -> None:
        """`ordinary` is the place of the record of ordinary goods among the entries: it becomes "not listed"."""
        self.index, self.ordinary = index, ordinary
        self.traits = Traits([e for e in index.entries if e.code != "EAR99"])

    def features(self, matched: Matched, called: Matched, cues: Cues, stated: list[Given]) -> Scored:
        """The features of a description: all its words `matched`, and those of what it calls the product (`called`)."""
        n, item_scores = self.ordinary, matched.item_scores
        base = first(matched)
        order = np.argsort(-base[:n], kind="stable")[:LOOKED_AT].astype(np.int32)
        found = verdicts(self.index, item_scores, order, stated)
        met, missed = np.zeros(n, np.float32), np.zeros(n, np.float32)
        spared = np.zeros(n, np.float32)
        for i, tried in found.items():
            met[i], missed[i] = judged(tried, item_scores, float(matched.items[i]))
            spared[i] = max((c.sure for c in compare(self.index.entries[i].excluding, stated) if c.met), default=0.0)
        columns = [
            *self._lexical(matched, base),
            *self._head(called),
            *self._numbers(met, missed, spared, base),
            *self._cued(cues, base),
        ]
        listed = np.stack(columns, axis=1).astype(np.float32)
        unlisted = self._unlisted(matched, called, base, met, missed, cues, stated)
        rows = np.zeros((n + 1, listed.shape[1] + len(unlisted)), np.float32)
        rows[:n, : listed.shape[1]] = listed
        rows[n, listed.shape[1] :] = unlisted
        return Scored(rows, matched, found)

    def _lexical(self, m: Matched, base: Floats) -> list[Column]:
        n = self.ordinary
        fields = [m.title, m.names, m.han, m.items, m.learned, m.coverage, m.name_weight]
        shares: list[Column] = [share(f[:n]) for f in fields]
        raw: list[Column] = [
            np.log1p(m.title[:n]) / 3,
            np.log1p(m.names[:n]) / 3,
            np.log1p(m.items[:n]) / 3,
            m.coverage[:n],
        ]
        top: Floats = share(base[:n])
        rank: Column = np.empty(n, np.float32)
        rank[np.argsort(-base[:n], kind="stable")] = 1 / np.arange(1, n + 1)
        return [*shares, *raw, m.name[:n], m.name[:n] ** 3, m.name_weight[:n] / 3, top, top**3, rank, base[:n] / 3]

    def _head(self, m: Matched) -> list[Column]:
        n = self.ordinary
        base = first(m)[:n]
        fields = [share(f[:n]) for f in (m.title, m.names, m.han, m.items, m.learned)]
        return [*fields, m.coverage[:n], m.name[:n], m.name_weight[:n] / 3, share(base), share(base) ** 3, base / 3]

    def _numbers(self, met: Floats, missed: Floats, spared: Floats, base: Floats) -> list[Column]:
        loose = self.traits.family["loose"]
        strong = share(base[: self.ordinary])
        fallen, risen, passed = np.zeros_like(met), np.zeros_like(met), np.zeros_like(met)
        for i in np.flatnonzero(loose):
            for j in self.traits.relatives[int(i)]:
                near = min(float(strong[i]) * 1.5, 1.0) * float(strong[j])
                fallen[i] = max(fallen[i], float(missed[j]) * near)
                risen[i] = max(risen[i], float(met[j]) * near)
                passed[i] = max(passed[i], float(spared[j]) * near)
        return [met, missed, met * strong, missed * strong, fallen, risen, loose * met, loose * missed, spared, passed]

    def _cued(self, cues: Cues, base: Floats) -> list[Column]:
        t = self.traits
        top = share(base[: self.ordinary])
        columns = []
        for g in GROUPS:
            if g != "A":
                said = cues.groups[g]
                columns += [t.group[g] * said, t.group[g] * (1.0 if said == 0 else 0.0)]
        columns += [t.group["A"], t.group["A"] * max(cues.groups["D"], cues.groups["E"])]
        for f in ("military", "space", "missile", "nuclear", "biochemical", "police"):
            said = float(f in cues.purposes)
            columns += [t.family[f] * said, t.family[f] * (1 - said)]
        columns += [t.family["loose"], t.family["loose"] * float("civil" in cues.purposes), t.family["gun"]]
        columns += [t.family["loose"] * float("part" in cues.purposes), t.blanket, t.hidden, t.size * top, t.names]
        return columns

    def _unlisted(
        self, m: Matched, h: Matched, base: Floats, met: Floats, missed: Floats, cues: Cues, stated: list[Given]
    ) -> Floats:
        n = self.ordinary
        best = int(np.argmax(base[:n]))
        ordered = np.sort(base[:n])[::-1]
        has_loose = any(base[j] > 0.5 * base[best] for j in self.traits.relatives[best])
        own = float(m.name_weight[n])
        near = np.flatnonzero(base[:n] > 0.6 * base[best])
        spoken = near[(met[near] + missed[near]) > 0]
        return np.array(
            [
                1.0,
                float(m.name[n]),
                own / 3,
                own / (float(m.name_weight[:n].max(initial=0)) + 0.5),
                float(base[n]) / (float(base[best]) + 1e-3),
                float(m.coverage[:n].max(initial=0)),
                float(m.name[:n].max(initial=0)),
                float(m.name_weight[:n].max(initial=0)) / 3,
                float(np.log1p(m.items[:n].max(initial=0))) / 3,
                float(np.log1p(m.names[:n].max(initial=0))) / 3,
                float(m.learned[n]) / (float(m.learned.max(initial=0)) + 1e-3),
                float(ordered[0] - ordered[5]),
                float(missed[best]) * (1.0 if not has_loose else 0.3),
                float(met[best]),
                float(h.name[n]),
                float(h.name_weight[n]) / 3,
                float(h.name_weight[n]) / (float(h.name_weight[:n].max(initial=0)) + 0.5),
                float(h.coverage[:n].max(initial=0)),
                float(h.name[:n].max(initial=0)),
                float(h.name_weight[:n].max(initial=0)) / 3,
                float(missed[spoken].min(initial=1.0)) if len(spoken) else 0.0,
                float(met[spoken].max(initial=0.0)),
                float(missed[near].mean()) if len(near) else 0.0,
                float("civil" in cues.purposes),
                float("military" in cues.purposes),
                float(bool(stated)),
                max(cues.groups["D"], cues.groups["E"]),
                float(self.traits.family["loose"][best]),
            ],
            np.float32,
        )
