"""The hand-made pairs of the verifier: statements and quotes, each with the passage it is said to lean on."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from knowledge.rulefiles import parse
from knowledge.verify import Evidence, QuoteState, Source, check_quote, problems
from knowledge.verify.fold import fold
from knowledge.verify.quotes import find

DATA = Path(__file__).parent / "data" / "verify"
SETS = ("dev", "holdout", "holdout2")


@dataclass(frozen=True)
class Pair:
    """A statement or quote, the passage it is given for, what the verifier should say of it, and of what kind it is.

    `label` is true or false for a statement; for a quote the state that it should get. `drift` is how far the offsets of a
    quote are off.
    """

    passage: str
    label: str
    kind: str
    language: str
    text: str
    drift: int = 0


@lru_cache(maxsize=1)
def passages() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Text and facts of every passage, by id."""
    found = {}
    for name in ("passages.yaml", "passages_holdout.yaml"):
        path = DATA / name
        if path.exists():
            for key, row in parse(path.read_bytes(), name).items():
                found[key] = (row["text"], tuple(row["facts"]))
    return found


def pairs(of: str, what: str) -> list[Pair]:
    """The `statements` or `quotes` of a set; none where the set has no such file."""
    suffix = "" if of == "dev" else f"_{of}"
    found = []
    path = DATA / f"{what}{suffix}.tsv"
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        if line and not line.startswith("#"):
            passage, label, kind, language, *rest = line.split("\t")
            drift, text = (int(rest[0]), rest[1]) if what == "quotes" else (0, rest[0])
            found.append(Pair(passage, label, kind, language, text.replace("\\n", "\n"), drift))
    return found


def said(pair: Pair) -> str:
    """What the verifier says of a pair: its label, where it is right."""
    text, facts = passages()[pair.passage]
    if pair.label in ("true", "false"):
        return "false" if problems(f"{pair.text} [1]", Evidence({1: Source(1, (text,), facts)})) else "true"
    others = {key: held for key, (held, _) in passages().items() if key != pair.passage}
    places = find(fold(pair.text).text, text)
    at = (places[0][0] if places else 0) + pair.drift
    if places and not pair.drift:
        return str(check_quote(pair.text, *places[0], text, others).state)
    return str(check_quote(pair.text, at, at + len(pair.text), text, others).state)


def accepted(label: str) -> bool:
    """Would the statement or quote leave as it is?"""
    return label in ("true", str(QuoteState.VERIFIED), str(QuoteState.REPAIRED))
