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

from knowledge.model import Good, Place, Transaction
from knowledge.regimes import us
from tests.conftest import SHARED, TODAY, environment, home, the_advisor
from tests.test_rules_tested import rows

QUESTION = "5 kg dysprosium oxide from Shanghai to Stuttgart"
LOAD = (
    "import sys, time; from pathlib import Path; from knowledge.rulebook import load; from knowledge.rulebook.load import RULES; "
    "t = time.process_time(); load(RULES, {cache}); print(time.process_time() - t)"
)
LISTS = (
    "import time; from knowledge.controllists import chart; t = time.process_time(); "
    "chart.load_ccl(); chart.load_chart(); chart.load_groups(); chart.load_exceptions(); print(time.process_time() - t)"
)
COMPILE = (
    "import time; from pathlib import Path; t = time.process_time(); from ingest.controllists.bundle import compile_file; "
    "compile_file(Path({path!r}), 'bench'); print(time.process_time() - t)"
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


def determinations() -> list[float]:
    """Seconds of processor time of the United States determination, for every entry at seven destinations."""
    book, taken = the_advisor().book, []
    for code, entry in book.us.ccl.by_code.items():
        for country in () if entry.reserved else ("DE", "CN", "AE", "CA", "RU", "VN", "MX"):
            deal = Transaction(
                goods=(Good(name=code, codes=(code,)),), origin=Place("US", "US"), destination=Place(country, country)
            )
            start = time.process_time()
            us.determine(deal, book, date.fromisoformat(TODAY), home="CN")
            taken.append(time.process_time() - start)
    return taken


def compiling() -> float | None:
    """Seconds of processor time to read, structure and compile the Commerce Control List; None without the shared text."""
    source = SHARED / "regulations/us/ecfr/ccl_part774_supp1.xml"
    return fresh(COMPILE.format(path=str(source))) if source.exists() else None


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not under `share` of them (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def measured() -> dict[str, tuple[float, str, float | None]]:
    """Every measure: value, unit, and the bar it is held to."""
    cold()
    each = warm()
    decided = determinations()
    compiled = compiling()
    found: dict[str, tuple[float, str, float | None]] = {
        "cold `navicert ask`, cpu (median of 5)": (statistics.median(cold() for _ in range(5)), "s", 1.2),
        "a question, warm, cpu (median)": (statistics.median(each) * 1000, "ms", 10),
        "a question, warm, cpu (95th percentile)": (percentile(each, 0.95) * 1000, "ms", None),
        "rule book load, cpu (median of 5)": (loading(f"Path({str(home() / 'cache')!r})"), "ms", 200),
        "the same with nothing kept: from YAML": (loading("None"), "ms", None),
        "peak memory over all questions": (fresh(ALL) / 1024, "MB", 250),
        "compiled US lists load, cpu (median of 5)": (
            statistics.median(fresh(LISTS) for _ in range(5)) * 1000,
            "ms",
            300,
        ),
        "a US determination, cpu (median)": (statistics.median(decided) * 1000, "ms", None),
        "a US determination, cpu (slowest)": (max(decided) * 1000, "ms", 20),
    }
    if compiled is not None:
        found["compile of the Commerce Control List, cpu"] = (compiled, "s", 10)
    return found


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
