"""Decided reviews as sentence cases for tests/rules/: what staff confirmed or corrected, so that it stays so. Pure.

A case is one question on one day; the format has no follow-ups, so only questions that stand alone are taken. Questions
in which a person may be named are left out, and nobody's name, note or reason is written.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import yaml

from knowledge.store.cases import Asked
from knowledge.store.reviews import Review

HOME = "CN"
"""The home country of the tests' advisor: what leans on another one would come out otherwise there."""
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w|(?<!\w)@\w{4,}|(?:\+|\b00)\d[\d\s().-]{7,}\d|(?<!\d)1[3-9]\d{9}(?!\d)")
_TITLE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Monsieur|Madame|Señor|Señora)\b\.?\s+[A-Z]"
    r"|[\u4e00-\u9fff](?:先生|女士|小姐|经理|博士|教授)"
)
_NAME = 3
"""Letters from which a name is looked for in Latin script; two characters in Chinese."""


@dataclass(frozen=True)
class Exported:
    """`text`: YAML that tests/test_sentences.py reads; `kept`: cases in it; `left_out`: how many were not taken, by reason:
    follow_up, home (leans on another home country), personal, superseded (decided again)."""

    text: str
    kept: int
    left_out: Mapping[str, int]


def of_reviews(
    reviews: Iterable[Review], question: Callable[[int], Asked | None], home: str, names: Iterable[str] = ()
) -> Exported:
    """The confirmed and overridden reviews as cases, in their order. `question` finds the question of a review, `home` is
    the home country it was answered for, `names` are people's names that must not be in a case."""
    wanted = [r for r in reviews if r.state in ("confirmed", "overridden") and r.decided_at is not None]
    wanted.sort(key=lambda r: (r.decided_at or r.opened_at, r.id))
    people = _names(names)
    left: Counter[str] = Counter()
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for review in wanted:
        asked = question(review.question)
        if asked is None:
            continue
        if why := _unfit(asked, home, people):
            left[why] += 1
            continue
        row = _row(review, asked)
        key = (row["question"], row["on"])
        if rows.pop(key, None) is not None:
            left["superseded"] += 1  # the same words on the same day: what was decided last holds
        rows[key] = row
    text = yaml.safe_dump(list(rows.values()), allow_unicode=True, sort_keys=False, width=120) if rows else "[]\n"
    return Exported(text, len(rows), dict(left))


def _unfit(asked: Asked, home: str, people: list[re.Pattern[str]]) -> str:
    """Why a question is no case of its own; "" where it is one."""
    answer = asked.answer
    if answer.continues:
        return "follow_up"
    deal = answer.transaction
    if home != HOME and (deal.origin is None or deal.origin_assumed):
        return "home"
    if _ADDRESS.search(asked.text) or _TITLE.search(asked.text) or any(p.search(asked.text) for p in people):
        return "personal"
    return ""


def _names(names: Iterable[str]) -> list[re.Pattern[str]]:
    """Patterns of whole names: a name is not found inside a longer word."""
    found = []
    for name in dict.fromkeys(" ".join(n.split()) for n in names):
        if not name.isascii() and len(name) > 1:
            found.append(re.compile(re.escape(name), re.IGNORECASE))
        elif len(name) >= _NAME:
            found.append(re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE))
    return found


def _row(review: Review, asked: Asked) -> dict[str, Any]:
    answer = asked.answer
    # A day in the question ("next week") was read from the day it was asked; else the answer's day is what was asked for.
    on = asked.asked_at.astimezone(UTC).date() if answer.transaction.when is not None else asked.on
    row: dict[str, Any] = {
        "name": f"review {review.id}, {review.state}" + (f" from {asked.verdict}" if review.verdict else ""),
        "question": asked.text,
        "on": on.isoformat(),
        "verdict": review.verdict or asked.verdict,
    }
    if review.state == "confirmed":
        row["behaviour"] = asked.behaviour
        if entries := sorted({e for d in answer.determinations for e in d.entries}):
            row["entries"] = entries
    return row
