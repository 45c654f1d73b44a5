"""The list as arrays: which entries and paragraphs hold a word, a trade name, a Chinese pair of characters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt

from knowledge.classify.source import EntrySource, ItemSource
from knowledge.classify.text import Words
from knowledge.lexis.postings import Postings, postings
from knowledge.lexis.terms import numbers

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Matched:
    """Raw scores of a description: BM25 an entry by field, the best name's coverage and its rarity, an item's score."""

    title: Floats
    names: Floats
    han: Floats
    learned: Floats
    coverage: Floats
    name: Floats
    name_weight: Floats
    name_of: Ints
    items: Floats
    best_item: Ints
    item_scores: Floats


@dataclass(frozen=True, eq=False)
class Index:
    """Everything that is compared, in the order of `entries`; `items` are all their paragraphs, `owner` whose each is."""

    entries: tuple[EntrySource, ...]
    items: tuple[ItemSource, ...]
    owner: Ints
    names: tuple[str, ...]
    names_owner: Ints
    title: Postings
    bag: Postings
    han: Postings
    learned: Postings
    whole: Postings
    item: Postings
    name: Postings
    name_total: Floats

    @cached_property
    def place(self) -> dict[str, int]:
        """Where each code stands."""
        return {e.code: i for i, e in enumerate(self.entries)}

    @cached_property
    def items_of(self) -> tuple[tuple[int, ...], ...]:
        """The places of each entry's paragraphs."""
        found: list[list[int]] = [[] for _ in self.entries]
        for k, i in enumerate(self.owner):
            found[int(i)].append(k)
        return tuple(map(tuple, found))

    def match(self, words: Words) -> Matched:
        """A description's words against every field."""
        terms = numbers(dict.fromkeys(words.stems))
        pairs = numbers(dict.fromkeys(words.han))
        both = np.concatenate([terms, pairs])
        size = len(self.entries)
        item_scores = self.item.scores(terms)
        best_item = _best(item_scores, self.owner, size)
        shares = _held(self.name, both) / self.name_total
        weights = np.sqrt(self.name_total) * np.where(shares > 0.45, shares, 0) ** 2
        name_of = _best(weights, self.names_owner, size)
        held = _held(self.whole, both)
        asked = float(sum(self.whole.find(int(t))[2] or _UNKNOWN for t in both)) + 1e-6
        return Matched(
            self.title.scores(terms),
            self.bag.scores(terms),
            self.han.scores(pairs),
            self.learned.scores(both),
            held / np.float32(asked),
            np.where(name_of >= 0, shares[name_of], 0).astype(np.float32),
            np.where(name_of >= 0, weights[name_of], 0).astype(np.float32),
            name_of,
            np.where(best_item >= 0, item_scores[best_item], 0).astype(np.float32),
            best_item,
            item_scores,
        )


_UNKNOWN = 4.0
"""The rarity of a word that no entry holds: it counts against all of them."""


def _held(field: Postings, terms: npt.NDArray[np.uint32]) -> Floats:
    """The rarity of the terms that each text holds, added up."""
    out = np.zeros(field.size, np.float32)
    for term in terms:
        texts, _, rarity = field.find(int(term))
        out[texts] += np.float32(rarity)
    return out


def _best(scores: Floats, owner: Ints, size: int) -> Ints:
    """The best-scored text of each owner, -1 where none scores."""
    out = np.full(size, -1, np.int32)
    order = np.argsort(scores, kind="stable")
    order = order[scores[order] > 0]
    out[owner[order]] = order
    return out


def build(entries: Sequence[EntrySource], learned: Mapping[str, Sequence[int]]) -> Index:
    """The index of the entries; `learned` are numbers of further words by code, from descriptions whose code is known."""
    items = [(i, item) for i, e in enumerate(entries) for item in e.items]
    names = [(i, n, t) for i, e in enumerate(entries) for n, t in zip(e.called.names, e.called.terms, strict=True)]
    heads = _arrays([(*e.called.title_terms, *e.heading) for e in entries])
    bags = _arrays([list(chain.from_iterable(e.called.terms)) for e in entries])
    hans = _arrays([e.called.han for e in entries])
    of_items = _arrays([item.terms for _, item in items])
    owner = np.array([i for i, _ in items], np.int32)
    starts = np.searchsorted(owner, np.arange(len(entries) + 1))
    whole = [
        np.concatenate([heads[i], bags[i], hans[i], *of_items[starts[i] : starts[i + 1]]]) for i in range(len(entries))
    ]
    of_names = _arrays([t for _, _, t in names])
    name = postings(of_names)
    return Index(
        tuple(entries),
        tuple(item for _, item in items),
        owner,
        tuple(n for _, n, _ in names),
        np.array([i for i, _, _ in names], np.int32),
        postings(heads),
        postings(bags),
        postings(hans),
        postings(_arrays([learned.get(e.code, ()) for e in entries])),
        postings(whole),
        postings(of_items),
        name,
        _totals(name, of_names),
    )


def _totals(name: Postings, terms: Sequence[npt.NDArray[np.uint32]]) -> Floats:
    """The rarity of all the terms of each name, added up."""
    owner = np.repeat(np.arange(len(terms)), [len(t) for t in terms])
    rarity = name.rarity[np.searchsorted(name.vocabulary, np.concatenate([*terms, np.zeros(0, np.uint32)]))]
    total = np.bincount(owner, weights=rarity, minlength=len(terms))
    return np.maximum(total, 1e-3).astype(np.float32)


def _arrays(lists: Sequence[Sequence[int]]) -> list[npt.NDArray[np.uint32]]:
    """The lists as arrays, cut from one: making thousands of small ones costs ten times as much."""
    flat = np.fromiter(chain.from_iterable(lists), np.uint32)
    ends = np.cumsum([len(x) for x in lists])
    return [flat[end - len(x) : end] for x, end in zip(lists, ends.tolist(), strict=True)]
