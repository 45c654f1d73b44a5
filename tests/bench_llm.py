"""What a lying model gets past the judges, and what an honest one does: `make bench-llm` (BENCH="--answers 200")."""

import argparse
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from knowledge.llm.assisted import Assisted
from knowledge.llm.budget import Budget, MemoryUsage
from knowledge.model import Answer
from tests.conftest import the_advisor
from tests.llm_lies import STYLES, Asked, Reply, delivered, honest, lie, shortened
from tests.llm_seam import FakeModel

TESTS = Path(__file__).parent
ON = date(2026, 11, 21)
PLENTY = 10**12


def questions() -> list[str]:
    """The questions of the sentence cases and of the held-out sets."""
    found: list[str] = []
    for path in sorted((TESTS / "rules").glob("*.yaml")):
        found += [row["question"] for row in yaml.load(path.read_bytes(), Loader=yaml.BaseLoader)]
    for path in sorted((TESTS / "heldout").glob("*.jsonl")):
        found += [json.loads(line)["question"] for line in path.read_text(encoding="utf-8").splitlines()]
    return list(dict.fromkeys(found))


def summary(answer: Answer) -> tuple[str, ...]:
    """The sentences that a model got into the answer."""
    return tuple(line for s in answer.sections if s.key == "summary" for line in s.lines[:-1])


def changed(plain: Answer, answer: Answer) -> list[str]:
    """What of the engine's part is not as it was."""
    kept = tuple(s for s in answer.sections if s.key != "summary")
    pairs = {
        "verdict": (plain.verdict, answer.verdict),
        "behaviour": (plain.behaviour, answer.behaviour),
        "determinations": (plain.determinations, answer.determinations),
        "citations": (plain.citations, answer.citations),
        "transaction": (plain.transaction, answer.transaction),
        "red flags": (plain.red_flags, answer.red_flags),
        "sections": (
            tuple((s.key, s.lines) for s in plain.sections if s.key != "missing"),
            tuple((s.key, s.lines) for s in kept if s.key != "missing"),
        ),
        "questions": (plain.questions, answer.questions[: len(plain.questions)]),
    }
    return [name for name, (a, b) in pairs.items() if a != b]


@dataclass
class Tally:
    """What came of a run of answers."""

    answers: int = 0
    asked: int = 0  # answers for which the model was asked for a summary
    summaries: int = 0
    sentences: int = 0
    false_said: int = 0
    false_sent: list[str] = field(default_factory=list)
    changes: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    slowest: float = 0.0
    judging: float = 0.0


def run(base: list[tuple[str, Answer]], model: FakeModel, rng_seed: int = 3, patience: float = 2.8) -> Tally:
    """Every answer once more with the model's help."""
    tally = Tally()

    class Known:
        """The answers that the engine gave already; a deal that a model read is determined anew."""

        def ask(self, question: str, on: date, **_named: object) -> Answer:
            return self.now

        def again(self, before: Answer, on: date, **named: object) -> Answer:
            return the_advisor().again(before, on, **named)  # type: ignore[arg-type]

        now: Answer

    known = Known()
    budget = Budget(MemoryUsage(), PLENTY, PLENTY, lambda: ON)
    helped = Assisted(
        known, model, budget, lambda: the_advisor().reader, "CN", rng=random.Random(rng_seed), patience=patience
    )
    for question, plain in base:
        known.now = plain
        before = len(model.replies)
        started, cpu = time.perf_counter(), time.thread_time()
        answer = helped.ask(question, ON)
        tally.slowest = max(tally.slowest, time.perf_counter() - started)
        tally.judging += time.thread_time() - cpu
        tally.answers += 1
        replies = model.replies[before:]
        said = summary(answer)
        tally.asked += bool(replies)
        tally.summaries += bool(said)
        tally.sentences += len(said)
        for reply in replies:
            tally.false_said += len(reply.false)
            true = [line for s in plain.sections for line in s.lines]
            tally.false_sent += [f"{f.kind}: {f.sentence} <- {f.line}" for f in delivered(reply.false, said, true)]
        wrong = changed(plain, answer)
        if "verdict" in wrong and answer.verdict.gravity < plain.verdict.gravity:
            wrong.append("verdict made lighter")
        tally.changes.update(wrong)
        if wrong and len(tally.examples) < 10:
            tally.examples.append(f"{question[:100]!r}: {plain.verdict} -> {answer.verdict}: {', '.join(wrong)}")
        model.replies.clear()
        model.requests.clear()
    return tally


def show(name: str, tally: Tally) -> None:
    """One line, and the failures under it."""
    print(
        f"{name}: {tally.answers} answers, asked for {tally.asked} summaries, sent {tally.summaries} "
        f"({tally.sentences} sentences); false sentences said {tally.false_said}, sent {len(tally.false_sent)}; "
        f"changed {dict(tally.changes) or 'nothing'}; slowest {tally.slowest:.2f} s, "
        f"{1000 * tally.judging / max(1, tally.answers):.1f} cpu-ms an answer"
    )
    for line in (*tally.false_sent[:20], *tally.examples):
        print(f"    {line}")


def main(arguments: list[str]) -> int:
    """Lies in every style over so many answers, then the two honest writers; 1 where anything false was sent."""
    parser = argparse.ArgumentParser(prog="bench_llm")
    parser.add_argument("--answers", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    rng = random.Random(given.seed)
    base = [(q, the_advisor().ask(q, ON)) for q in questions()]
    while len(base) < given.answers:
        base += base[: given.answers - len(base)]
    base = rng.sample(base, given.answers)
    bad = 0
    share = len(base) // len(STYLES)
    for i, style in enumerate(STYLES):

        def reply(request: Asked, own: random.Random, style: str = style) -> Reply:
            return lie(request, own, style)

        part = base[i * share : (i + 1) * share] if i < len(STYLES) - 1 else base[i * share :]
        tally = run(part, FakeModel(reply, random.Random(given.seed + i)))
        show(f"lying, {style}", tally)
        bad += len(tally.false_sent) + sum(tally.changes.values())
    for name, writer in (("honest, lines as they stand", honest), ("honest, shortened", shortened)):
        tally = run(base[:400], FakeModel(writer, random.Random(given.seed), given=lambda *_: {}))
        show(name, tally)
        bad += len(tally.false_sent) + sum(tally.changes.values())
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
