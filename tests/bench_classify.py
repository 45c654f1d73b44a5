"""How well and how fast products are classified: `python -m tests.bench_classify [dev|test] [--errors]`.

Reads the labelled descriptions of tests/data/classify. Reports the share with an accepted outcome first and among five,
the expected calibration error of the first outcome's chance, cpu milliseconds, and what is taken for what, by numbers only.
"""

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge.classify.classify import classify
from knowledge.classify.desk import Desk, load
from knowledge.classify.train import Row, rows

DATA = Path(__file__).parent / "data" / "classify"


@dataclass(frozen=True)
class Tried:
    """One description: the outcomes in order with their chances, and the cpu seconds it took."""

    row: Row
    language: str
    outcomes: tuple[tuple[str, float], ...]
    seconds: float

    def among(self, k: int) -> bool:
        """Is an accepted outcome among the first k?"""
        return any(code in self.row.accepted for code, _ in self.outcomes[:k])


def labelled(split: str) -> dict[str, list[Row]]:
    """The descriptions of a split, by file."""
    return {p.stem: [r for r in rows(p) if r.split == split] for p in sorted(DATA.glob("*.tsv"))}


def tried(desk: Desk, split: str) -> list[Tried]:
    """Every description of a split, classified."""
    found = []
    for name, some in labelled(split).items():
        for row in some:
            start = time.process_time()
            outcomes = classify(row.text, desk).outcomes
            found.append(Tried(row, name, outcomes, time.process_time() - start))
    return found


def share(some: Sequence[Tried], k: int) -> float:
    """The share with an accepted outcome among the first k."""
    return float(np.mean([t.among(k) for t in some])) if some else float("nan")


def calibration_error(some: Sequence[Tried], bins: int = 10) -> float:
    """Expected calibration error: how far the first outcome's chance lies from how often it is right, bin by bin."""
    said = np.array([t.outcomes[0][1] for t in some])
    right = np.array([t.among(1) for t in some], float)
    place = np.minimum((said * bins).astype(int), bins - 1)
    gaps = [
        abs(said[place == b].mean() - right[place == b].mean()) * (place == b).mean()
        for b in range(bins)
        if (place == b).any()
    ]
    return float(sum(gaps))


def confusions(some: Sequence[Tried]) -> list[tuple[str, int]]:
    """The commonest (expected as first outcome), as "3A001 as 3A991"."""
    wrong = Counter(f"{t.row.expected} as {t.outcomes[0][0]}" for t in some if not t.among(1))
    return wrong.most_common(15)


def report(some: Sequence[Tried], errors: bool) -> list[str]:
    """The lines to print."""
    groups: dict[str, list[Tried]] = defaultdict(list)
    for t in some:
        groups["all"].append(t)
        groups[f"file {t.language}"].append(t)
        groups[f"kind {t.row.kind}"].append(t)
        groups["EAR99" if t.row.expected == "EAR99" else "listed"].append(t)
    lines = [f"{'':24}{'n':>5}{'first':>8}{'in 5':>8}"]
    lines += [f"{name:24}{len(g):5}{share(g, 1):8.3f}{share(g, 5):8.3f}" for name, g in sorted(groups.items())]
    cpu = np.array([t.seconds for t in some]) * 1000
    lines.append(
        f"expected calibration error {calibration_error(some):.3f}; cpu ms median {np.median(cpu):.1f}, most {cpu.max():.1f}"
    )
    lines.append("taken for another: " + "; ".join(f"{pair} {n}" for pair, n in confusions(some)))
    if errors:
        lines += [
            f"{t.row.id}\t{t.row.expected}\t{[(c, round(p, 2)) for c, p in t.outcomes[:5]]}\t{t.row.text[:150]}"
            for t in some
            if not t.among(1)
        ]
    return lines


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("split", nargs="?", default="test", choices=("dev", "test"))
    parser.add_argument("--errors", action="store_true", help="print what went wrong (dev only)")
    options = parser.parse_args()
    start = time.process_time()
    desk = load()
    desk.look("warm up")
    print(f"desk built in {(time.process_time() - start) * 1000:.0f} cpu ms without a cache")
    some = tried(desk, options.split)
    if not some:
        print("no labelled descriptions")
        return 1
    print("\n".join(report(some, options.errors and options.split == "dev")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
