"""What a memo is made of: an answer as it is kept, its reviews, the names of people; and the record that its code covers."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from bot.locales import say
from bot.memo.text import Line, marked, one_line
from knowledge import naming
from knowledge.model import Answer, Lang, Reference
from knowledge.rulebook import load
from knowledge.store.cases import Asked
from knowledge.store.reviews import Review


@dataclass(frozen=True)
class Held:
    """One answer as the database has it. `answer` is what the memo shows: the answer given, or with `reworded` the same
    answer with its sentences in `lang`. `names` are those of the people in it by number."""

    asked: Asked
    answer: Answer
    reviews: tuple[Review, ...]
    names: Mapping[int, str]
    lang: Lang
    reworded: bool = False

    @cached_property
    def in_its_language(self) -> Answer:
        """The answer with its data, not its sentences, in the memo's language."""
        return replace(self.answer, lang=self.lang)

    @cached_property
    def _forged(self) -> tuple[tuple[str, str], ...]:
        """Words of the asker that hold what looks like a mark, and how they are shown."""
        deal, lang = self.answer.transaction, self.answer.lang
        named = [n for m in (*deal.parties, *deal.possible_parties) for n in (m.name, *m.party.name.values())]
        goods = (naming.good(load(), lang, g) for g in deal.goods)
        theirs = {one_line(w) for w in (*goods, *named, *deal.named_parties, deal.end_use_text) if "[" in w}
        return tuple((w, w.replace("[", "(").replace("]", ")")) for w in sorted(theirs, key=len, reverse=True))

    def line(self, said: str) -> Line:
        """A sentence of the answer, its marks as marks and what only looks like one as words."""
        said = one_line(said)
        for word, shown in self._forged:
            said = said.replace(word, shown)
        return marked(said, self.numbers.__contains__)

    @cached_property
    def numbers(self) -> frozenset[int]:
        """The numbers of the sources."""
        return frozenset(c.n for c in self.answer.citations)

    def lines(self, *keys: str) -> tuple[Line, ...]:
        """The sentences of these parts of the answer, in its order, each once."""
        found = (self.line(line) for s in self.answer.sections if s.key in keys for line in s.lines)
        return tuple(line for line in dict.fromkeys(found) if line)

    def mark(self, reference: Reference) -> str:
        """ "[3]": under which number a passage is cited, empty where it is not."""
        wanted = (reference.instrument, reference.provision)
        return next((f"[{c.n}]" for c in self.answer.citations if (c.instrument, c.provision) == wanted), "")

    def name(self, person: int) -> str:
        """The person's name with the number, the number of one without."""
        number = say(self.lang, "memo.person", number=person)
        name = one_line(self.names.get(person, ""))
        return f"{name} ({number})" if name else number


def answer_hash(asked: Asked) -> str:
    """SHA-256 of the answer as it is kept."""
    return hashlib.sha256(asked.raw.encode("utf-8", "surrogatepass")).hexdigest()


def canonical(asked: Asked, reviews: Sequence[Review], lang: Lang) -> bytes:
    """The record that the code of a memo covers, as canonical JSON: the question, the whole answer by its hash, every
    review, and the memo's language. What a later release would word anew is not in it, nor the asker's mark: one that
    weighs opens a review."""
    record: dict[str, Any] = {
        "memo": 1, "language": lang, "question": asked.id, "case": asked.case, "person": asked.person,
        "text": asked.text, "asked_at": _moment(asked.asked_at), "on": asked.on.isoformat(),
        "behaviour": asked.behaviour, "verdict": asked.verdict, "rulebook": asked.rulebook,
        "generation": asked.generation, "answer": answer_hash(asked), "undone": asked.undone,
        "reviews": [_review(r) for r in reviews],
    }  # fmt: skip
    return json.dumps(record, sort_keys=True, separators=(",", ":")).encode()


def _review(review: Review) -> dict[str, Any]:
    return {
        "id": review.id, "kind": review.kind, "person": review.person, "note": review.note, "state": review.state,
        "opened_at": _moment(review.opened_at), "decided_by": review.decided_by, "verdict": review.verdict,
        "reason": review.reason, "reply": review.reply, "decided_at": _moment(review.decided_at),
    }  # fmt: skip


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
