"""Recall, precision and cost of screening: `python -m tests.bench_screening [--misses] [--fit]`.

The names are split in two halves by their place in the set. Weights and thresholds are chosen on the first; the figures
of the second are the result.
"""

import argparse
import json
import re
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from knowledge.rulebook import load
from knowledge.screening import score
from knowledge.screening.build import index_of, names_of
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
            lambda: Screening(book, Path(folder)).sight,  # kept on the second line's way: made from the index here
            lambda: Screening(book, Path(folder)).sight,
        ):
            start = time.process_time()
            step()
            times.append((time.process_time() - start) * 1000)
        size = sum(f.stat().st_size for f in Path(folder).iterdir())
    print(
        "cpu-ms: read lists {:.0f}, build and keep {:.0f}, load {:.0f}, first name {:.0f}, hashes of running text {:.0f} and again {:.1f}; ".format(
            *times
        )
        + f"index {size / 1e6:.1f} MB"
    )
    return screening


SENTENCES = (
    "EAR99 bolts to {}", "Can we ship valves for {} in our next lot?", "{} wants a quote for 20 pumps", "please check {}",
    "pressure sensors, buyer {}, civil use", "we had an enquiry from {} for cables",
)  # fmt: skip
HAN_SENTENCES = ("螺栓卖给{}", "{}想买我们的泵", "阀门出口到{}可以吗")
SHORT = Path(__file__).parent / "data" / "screening_short.tsv"


def short_names() -> list[tuple[str, str, str]]:
    """The list, the listed name and the short one that people write, as kept by hand."""
    lines = SHORT.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(code, name, short) for code, name, short in rows]


def in_sentences(names: list[tuple[str, str, str]], each: int = 2) -> list[tuple[str, str]]:
    """Every short name in `each` sentences, with the key of the listed name that must be found."""
    made = []
    for i, (_, name, short) in enumerate(names):
        sentences = SENTENCES if short.isascii() or not re.search("[一-鿿]", short) else HAN_SENTENCES
        made += [(sentences[(i * each + n) % len(sentences)].format(short), normal(name).key) for n in range(each)]
    return made


def ordinary_questions() -> list[str]:
    """Questions of the rule tests and the held-out sets, most of which name no listed party."""
    folder = Path(__file__).parent
    texts = [p.read_text(encoding="utf-8") for p in sorted((folder / "rules").glob("*.yaml"))]
    found = [m.strip("\"' ") for text in texts for m in re.findall(r"(?m)^\s+question:\s*(.+)$", text)]
    for path in sorted((folder / "heldout").glob("*.jsonl")):
        found += [str(json.loads(line)["question"]) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return found


def running(screening: Screening, misses: bool) -> None:
    """Prints what is found in running text: short names of listed parties, and alarms in ordinary questions."""
    owners: dict[str, set[str]] = {}
    for party in screening.parties:
        for name in names_of(party):
            owners.setdefault(normal(name).key, set()).add(party.id)
    asked = in_sentences(short_names())
    shown = strong = 0
    for text, key in asked:
        hits = [
            h for f in screening.listed_in(text) for h in f.hits if owners[key] & {p.id for p in (h.party, *h.also)}
        ]
        shown += bool(hits)
        strong += any(h.grade != "possible" for h in hits)
        if misses and not hits:
            print("missed:", text)
    print(f"short names in {len(asked)} sentences: found {shown / len(asked):.3f}, surely {strong / len(asked):.3f}")
    spent, alarms = [], []
    questions = ordinary_questions()
    for text in questions:
        start = time.process_time()
        found = screening.listed_in(text)
        spent.append((time.process_time() - start) * 1000)
        alarms += [(f.name, f.hits[0].grade) for f in found if not f.hits[0].party.list.startswith("CN-")]
    print(f"named in {len(questions)} questions besides Chinese lists: {sorted(set(alarms))}")
    print(
        f"cpu-ms a question: median {statistics.median(spent):.2f}, p95 {sorted(spent)[int(len(spent) * 0.95)]:.2f}, most {max(spent):.1f}"
    )


def main() -> None:
    """Prints everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--misses", action="store_true", help="name what was missed or wrongly found, on the first half"
    )
    parser.add_argument("--fit", action="store_true", help="fit the weights on the first half")
    options = parser.parse_args()
    screening = costs()
    running(screening, options.misses)
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
