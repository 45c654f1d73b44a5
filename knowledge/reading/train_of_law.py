"""Learns the weights of `of_law.py`: `python -m knowledge.reading.train_of_law`.

Questions about the law come from the subject index, every other question from the evasion filter's corpus; as many of
the former as of the latter, chosen by their own hash, so that the same files give the same weights.
"""

import sys
from datetime import date

from knowledge.reading.of_law import MODEL
from knowledge.reading.read import reader
from knowledge.reading.train_evasion import ASKED, CORPUS, examples, fit, questions, save
from knowledge.rulebook import load
from knowledge.settings import settings

THRESHOLD = 0.5
SHARE = 1.0
"""Questions about the law for each other one."""
ON = date(2026, 11, 21)


def main() -> int:
    """Trains and writes the model."""
    read = reader(load(), settings().home / "cache").read
    others = [text for _, _, text in examples(CORPUS)]
    asked = questions(ASKED, round(SHARE * len(others)))
    rows = [(1, read(text, ON, "CN").masked, ()) for text in asked]
    rows += [(0, read(text, ON, "CN").masked, ()) for text in others]
    weights, bias = fit(rows)
    save(weights, bias, MODEL, THRESHOLD)
    print(
        f"{len(asked)} questions about the law, {len(others)} others, {MODEL.stat().st_size // 1024} kB",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
