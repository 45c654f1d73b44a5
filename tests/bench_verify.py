"""How well the verifier tells what a passage bears from what it does not: `python -m tests.bench_verify [--errors] [--answers N]`.

Prints, for the pairs the verifier was made with and for those held out, precision and recall by kind and language, what was
wrongly let through (which has to be nothing), and the processor time that the gate adds to an answer of the rules.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

from knowledge.answer import Advisor
from knowledge.rulefiles import parse
from knowledge.settings import settings
from knowledge.verify import engine_facts, gate
from tests.verify_pairs import SETS, Pair, accepted, pairs, said

RULES = Path(__file__).parent / "rules"


def table(title: str, tried: Sequence[tuple[Pair, str]]) -> int:
    """Prints a table and returns how many were wrongly let through."""
    print(f"\n{title}: {len(tried)} pairs")
    print(f"  {'':24}{'pairs':>6}{'true':>6}{'let through':>13}{'wrongly':>9}{'precision':>11}{'recall':>8}")
    names = sorted({p.kind for p, _ in tried}), sorted({p.language for p, _ in tried})
    groups = [("all", tried)]
    groups += [(n, [t for t in tried if t[0].kind == n]) for n in names[0]]
    groups += [(n, [t for t in tried if t[0].language == n]) for n in names[1]]
    for name, some in groups:
        true = sum(accepted(p.label) for p, _ in some)
        through = sum(accepted(s) for _, s in some)
        right = sum(accepted(p.label) and accepted(s) for p, s in some)
        shares = f"{right / through if through else 1:11.3f}" + (f"{right / true:8.3f}" if true else f"{'-':>8}")
        print(f"  {name:24}{len(some):6}{true:6}{through:13}{through - right:9}{shares}")
    states = sum(p.label != s for p, s in tried)
    print(f"  told otherwise than labelled: {states}")
    return sum(accepted(s) and not accepted(p.label) for p, s in tried)


def cost(count: int) -> None:
    """Processor milliseconds that the facts and the gate take of an answer, over questions of tests/rules asked for the
    first time: a second time most of what is read is remembered."""
    spent: list[float] = []

    def timed(step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            start = time.process_time()
            try:
                return step(*arguments, **named)
            finally:
                spent[-1] += (time.process_time() - start) * 1000

        return run

    advisor = Advisor(settings())
    rows = [r for p in sorted(RULES.glob("*.yaml")) for r in parse(p.read_bytes(), p.name)]
    rows = rows[:: max(1, len(rows) // count)]
    dropped = 0
    with (
        patch("knowledge.answer.gate", timed(gate)),
        patch("knowledge.answer.engine_facts", timed(engine_facts)),
    ):
        for row in rows:
            spent.append(0.0)
            dropped += advisor.ask(row["question"], date.fromisoformat(row.get("on", "2026-11-21"))).checks.dropped
    spent.sort()
    print(
        f"\nthe gate on {len(spent)} answers of the rules: {statistics.median(spent):.1f} cpu-ms (median), "
        f"{spent[int(len(spent) * 0.95)]:.1f} (95th percentile), {spent[-1]:.0f} (the first, which reads the word lists); "
        f"sentences dropped: {dropped}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the tables; 1 where anything false was let through."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", action="store_true", help="list what came out otherwise than labelled")
    parser.add_argument("--answers", type=int, default=200, help="answers to measure the cost on; 0 for none")
    chosen = parser.parse_args(arguments)
    wrong = 0
    for of in SETS:
        for what in ("statements", "quotes"):
            tried = [(p, said(p)) for p in pairs(of, what)]
            if not tried:
                continue
            wrong += table(f"{what}, {of}", tried)
            if chosen.errors:
                for pair, got in tried:
                    if got != pair.label:
                        print(f"    {pair.passage} {pair.kind}: {pair.label}, told {got}: {pair.text}")
    print(f"\nfalse, yet let through: {wrong}")
    if chosen.answers:
        cost(chosen.answers)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
