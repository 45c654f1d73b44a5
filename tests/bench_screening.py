"""Recall, precision and cost of screening: `python -m tests.bench_screening [--misses] [--fit]`.

The names are split in two halves by their place in the set. Weights and thresholds are chosen on the first; the figures
of the second are the result.
"""

import argparse
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from knowledge.rulebook import load
from knowledge.screening import score
from knowledge.screening.build import index_of
from knowledge.screening.lists import bundled
from knowledge.screening.normal import normal
from knowledge.screening.service import POSSIBLE, STRONG, Hit, Screening
from tests.screening_set import Case, cases

Answer = tuple[Case, tuple[Hit, ...], float]


def answers(screening: Screening, asked: list[Case], least: float = 0.02) -> list[Answer]:
    """Each case with its hits and the CPU time in milliseconds."""
    found = []
    for case in asked:
        start = time.process_time()
        hits = screening.screen(case.name, limit=25, least=least).hits
        found.append((case, hits, (time.process_time() - start) * 1000))
    return found


def best(case: Case, hits: tuple[Hit, ...]) -> float:
    """The probability with which the right party was found (any party for an innocent); 0 where it was not."""
    right = [h.probability for h in hits if not case.parties or case.parties & {p.id for p in (h.party, *h.also)}]
    return max(right, default=0.0)


def report(title: str, found: list[Answer], least: float) -> tuple[float, float]:
    """Prints recall by sort of change, and precision with as many innocents as listed names."""
    listed = [(c.how, best(c, h) >= least) for c, h, _ in found if c.parties]
    innocent = [best(c, h) >= least for c, h, _ in found if not c.parties]
    recall = sum(ok for _, ok in listed) / len(listed)
    rate = sum(innocent) / len(innocent)
    precision = recall / (recall + rate) if recall else 0.0
    print(
        f"{title} at {least:.2f}: recall {recall:.3f} of {len(listed)}, taken for listed {rate:.3f} of {len(innocent)} innocents, precision {precision:.3f} (as many innocents as listed)"
    )
    by = Counter(how for how, _ in listed)
    good = Counter(how for how, ok in listed if ok)
    print("   " + ", ".join(f"{how} {good[how] / n:.2f}" for how, n in by.items()))
    return recall, precision


def fit(screening: Screening, asked: list[Case]) -> None:
    """Prints logistic weights fitted on these cases: right party against the likeliest wrong one of an innocent."""
    index = screening.index
    rows, truth = [], []
    names = ["one", *score._WEIGHTS]
    names = list(dict.fromkeys(names))
    for case in asked:
        own = index.mended(normal(case.name))
        seen = []
        for position in index.candidates(own):
            listed = index.name(position)
            for owner in index.owners(position)[:40]:
                person = index.kinds[owner] == "p"
                pairs, left, missing = score._align(own, listed, index, person)
                facts = score._facts(
                    own, listed, score.Explanation(tuple(pairs), tuple(left), tuple(missing), False, ()), index, person
                )
                found = score.compare(own, listed, index, person)
                right = bool(case.parties) and screening.parties.at(owner).id in case.parties
                seen.append((right, found.probability, [1.0 if n == "one" else facts[n] for n in names]))
        right_ones = sorted((s for s in seen if s[0]), key=lambda s: -s[1])[:1]
        wrong = [] if case.parties else sorted(seen, key=lambda s: -s[1])[:2]
        for s in (*right_ones, *wrong):
            rows.append(s[2])
            truth.append(float(s[0]))
    x, y = np.array(rows), np.array(truth)
    balance = np.where(y > 0, 0.5 / max(y.sum(), 1), 0.5 / max((1 - y).sum(), 1))
    w = np.array([score._WEIGHTS[n] for n in names])
    for _ in range(60):  # Newton's steps with a small pull to nought
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (balance * (y - p)) - 2e-4 * w
        hessian = (x.T * (balance * p * (1 - p))) @ x + 2e-4 * np.eye(len(w))
        w = w + np.linalg.solve(hessian, gradient)
    print(
        {n: round(float(v), 2) for n, v in zip(names, w, strict=True)},
        f"{int(y.sum())} right, {int(len(y) - y.sum())} wrong",
    )


def costs() -> Screening:
    """Prints the time to make, load and first use the index."""
    book = load()
    with tempfile.TemporaryDirectory() as folder:
        screening = Screening(book, Path(folder))
        times = []
        for step in (
            lambda: screening.parties,
            lambda: index_of(screening.parties, Path(folder)),
            lambda: screening.index,
            lambda: screening.screen("Zvezda Foo Trading"),
        ):
            start = time.process_time()
            step()
            times.append((time.process_time() - start) * 1000)
        size = sum(f.stat().st_size for f in Path(folder).iterdir())
    print(
        "cpu-ms: read lists {:.0f}, build and keep {:.0f}, load {:.0f}, first name {:.0f}; ".format(*times)
        + f"index {size / 1e6:.1f} MB"
    )
    return screening


def main() -> None:
    """Prints everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--misses", action="store_true", help="name what was missed or wrongly found, on the first half"
    )
    parser.add_argument("--fit", action="store_true", help="fit the weights on the first half")
    options = parser.parse_args()
    screening = costs()
    asked = cases(bundled())
    halves = asked[::2], asked[1::2]
    if options.fit:
        fit(screening, halves[0])
    found = [answers(screening, half) for half in halves]
    for title, half in zip(("first half (chosen on)", "second half (reported)"), found, strict=True):
        for least in (POSSIBLE, STRONG):
            report(title, half, least)
    spent = [ms for half in found for _, _, ms in half]
    print(
        f"cpu-ms a name: median {statistics.median(spent):.1f}, p95 {sorted(spent)[int(len(spent) * 0.95)]:.1f}, most {max(spent):.1f}"
    )
    if options.misses:
        for case, hits, _ in found[0]:
            p = best(case, hits)
            if bool(case.parties) != (p >= POSSIBLE):
                shown = [(h.matched_name, h.probability) for h in hits[:2]]
                print(f"{case.how}: {case.name!r} {p:.2f} {sorted(case.parties)[:1]} {shown}")


if __name__ == "__main__":
    main()
