"""Time and memory of an answer on this machine: `python -m tests.bench`. Prints a table; the exit status is always 0."""

import json
import math
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tests.conftest import TODAY, environment, home, the_advisor
from tests.test_rules_tested import rows

QUESTION = "5 kg dysprosium oxide from Shanghai to Stuttgart"
LOAD = (
    "import sys, time; from pathlib import Path; from knowledge.rulebook import load; from knowledge.rulebook.load import RULES; "
    "t = time.process_time(); load(RULES, {cache}); print(time.process_time() - t)"
)
ALL = "import resource; from tests.bench import warm; warm(); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def cold() -> float:
    """User and system seconds of one `navicert ask` in a fresh process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    program = Path(sys.executable).parent / "navicert"
    subprocess.run([str(program), "ask", QUESTION], env=environment(), check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def warm() -> list[float]:
    """Seconds of processor time for each sentence-case question, in a process that has answered one before."""
    advisor, taken = the_advisor(), []
    advisor.ask(QUESTION, date.fromisoformat(TODAY))
    for row in rows():
        on = date.fromisoformat(row.get("on", TODAY))
        start = time.process_time()
        advisor.ask(row["question"], on)
        taken.append(time.process_time() - start)
    return taken


def fresh(code: str) -> float:
    """The number that a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], env=environment(), check=True, capture_output=True, text=True)
    return float(done.stdout)


def loading(cache: str) -> float:
    """Milliseconds of processor time to load the rule book, with the parsed files kept in a folder or not at all."""
    return statistics.median(fresh(LOAD.format(cache=cache)) for _ in range(5)) * 1000


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not under `share` of them (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def measured() -> dict[str, tuple[float, str, float | None]]:
    """Every measure: value, unit, and the bar it is held to."""
    cold()
    each = warm()
    return {
        "cold `navicert ask`, cpu (median of 5)": (statistics.median(cold() for _ in range(5)), "s", 1.2),
        "a question, warm, cpu (median)": (statistics.median(each) * 1000, "ms", 10),
        "a question, warm, cpu (95th percentile)": (percentile(each, 0.95) * 1000, "ms", None),
        "rule book load, cpu (median of 5)": (loading(f"Path({str(home() / 'cache')!r})"), "ms", 200),
        "the same with nothing kept: from YAML": (loading("None"), "ms", None),
        "peak memory over all questions": (fresh(ALL) / 1024, "MB", 250),
    }


def main() -> int:
    """Prints the table."""
    found = measured()
    if "--json" in sys.argv:
        print(json.dumps({name: value for name, (value, _, _) in found.items()}))
        return 0
    print(f"{len(rows())} questions, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    for name, (value, unit, bar) in found.items():
        verdict = "" if bar is None else f"bar {bar:g} {unit}: {'met' if value <= bar else 'MISSED'}"
        print(f"{name:42} {value:8.2f} {unit:3} {verdict}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
