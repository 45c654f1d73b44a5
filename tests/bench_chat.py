"""What the bot does under load: `python -m tests.bench_chat`, the real `navicert serve` against a Bot API on this machine.

Fifty people at once, each asking the next question when the last one is answered, while the library takes regulations in.
Seconds are counted from when Telegram has the question to when it has the answer. The Bot API and the people run on this
machine too, in the measuring process, and so take their share of its processors.

A question and its answer are matched by their order in a chat: `is_answer` says which message ends an answer. A message too
many shows in the count only, not in which question it belongs to.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.locales import catalogue
from tests.conftest import ROOT, SHARED, environment, home
from tests.telegram.faultserver import FaultServer
from tests.telegram.world import Actor, Json

PATIENCE = 120.0
"""Seconds after which a question counts as lost and the next one is asked."""
PAUSE = 10.0
"""Seconds without another message after which one without buttons counts as the answer: a greeting, a refusal."""
STARTING = 120.0
"""Seconds that the bot may take to ask for updates, and to answer a first question."""
LOOK = 0.25
"""Seconds between two looks at the processes."""
BEHAVIOURS = ("answer", "ask", "refuse_evasion")
"""What may be expected of a question: what is declined as another topic has no buttons to know the answer by."""
LAWS = ("cn/laws/export-control-law_2020-10-17.zh.md", "cn/laws/dual-use-export-control-regs_2024-09-30.zh.md",
        "cn/laws/rare-earth-admin-regs_2024-06-22.zh.md", "us/ecfr/title15_chapterVII_parts745-791.md")  # fmt: skip
TICKS = os.sysconf("SC_CLK_TCK")


def is_answer(message: Json) -> bool:
    """Does this message end an answer? Of an answer in several messages only the last has buttons."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return any("callback_data" in button for row in rows for button in row)


def told_to_wait(message: Json) -> float:
    """The seconds that somebody who asks too fast is told to wait, 0 for any other message."""
    return _number_in(message, "door.slow_text", "seconds")


def is_failure(message: Json) -> bool:
    """Does the bot say that it failed?"""
    return _number_in(message, "door.failed", "request") > 0


def _number_in(message: Json, key: str, name: str) -> float:
    """The number that stands in a message of the catalogue's, 0 for any other message."""
    for lang in ("en", "zh"):
        pattern = re.escape(catalogue(lang).get(key, key)).replace(rf"\{{{name}\}}", r"(\d+)")
        if (found := re.fullmatch(pattern, message.get("text", ""))) and found.groups():
            return float(found[1])
    return 0.0


# ---------------------------------------------------------------- people


@dataclass
class Asker:
    """One person: what they have yet to ask, what waits for its answer since when, how long the answers took."""

    actor: Actor
    left: list[str]
    since: float | None = None
    asked: int = 0
    answers: int = 0
    lost: int = 0
    slowed: int = 0
    seconds: list[float] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    plain: float | None = None
    failed: int = 0
    reads: float = 0.0  # seconds between an answer and the next question, on average
    dice: random.Random = field(default_factory=random.Random)

    @property
    def done(self) -> bool:
        """Nothing to ask and nothing awaited."""
        return not self.left and self.since is None

    def ask(self) -> None:
        """Ask the next question, if there is one."""
        if not self.left:
            self.since = None
            return
        self.asked += 1
        self.since, self.plain = time.monotonic(), None
        self.actor.say(self.left.pop())

    def heard(self, message: Json) -> None:
        """A message of the bot's came."""
        if wait := told_to_wait(message):
            self.slowed += 1
            again = threading.Timer(wait + 1, self._again)
            again.daemon = True
            again.start()
        elif is_answer(message):
            self.answered(time.monotonic())
        else:
            self.failed += is_failure(message)
            self.others.append(message.get("text", "")[:80])
            self.plain = time.monotonic()

    def answered(self, at: float) -> None:
        """The answer was there at that time."""
        self.answers += 1
        if self.since is not None:
            self.seconds.append(at - self.since)
            self._next()

    def _next(self) -> None:
        """Ask on, at once or after reading the answer."""
        if not self.reads or not self.left:
            self.ask()
            return
        self.since = self.plain = None
        later = threading.Timer(self.dice.expovariate(1 / self.reads), self._read)
        later.daemon = True
        later.start()

    def _read(self) -> None:
        with self.actor.world.changed:
            self.ask()

    def _again(self) -> None:
        """Ask anew what was asked too fast: the pause is the person's, not the bot's."""
        with self.actor.world.changed:
            self.since = time.monotonic()
            said = [m for m in self.actor.sees() if not m.from_bot]
            self.actor.say(said[-1].text)

    def overdue(self) -> None:
        """Take a message without buttons for the answer if nothing followed it; give a question up that waits too long."""
        if self.since is not None and self.plain is not None and time.monotonic() - self.plain > PAUSE:
            self.answered(self.plain)
        elif self.since is not None and time.monotonic() - self.since > PATIENCE:
            self.lost += 1
            self.ask()


def questions(count: int) -> list[str]:
    """So many questions in English and Chinese, as people wrote them, in the same order each time."""
    texts: list[str] = []
    for path in sorted((ROOT / "tests/heldout").glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        texts += [r["question"] for r in rows if r["lang"] in ("en", "zh") and r["behaviour"] in BEHAVIOURS]
    dice = random.Random(7)
    found: list[str] = []
    while len(found) < count:
        found += dice.sample(texts, len(texts))
    return found[:count]


def people(server: FaultServer, chats: int, count: int, reads: float) -> list[Asker]:
    """Who asks, half of them with a Chinese client, each with as many questions."""
    texts = questions(count)
    made = []
    for number in range(chats):
        actor = server.world.user(10_000 + number, f"Person {number}", "zh-hans" if number % 2 else "en")
        made.append(Asker(actor, texts[number::chats], reads=reads, dice=random.Random(number)))
    return made


def come_in(askers: Sequence[Asker]) -> None:
    """Everybody says hello and agrees to what is recorded, where they are asked to."""
    for asker in askers:
        asker.actor.say("/start")
    agree = {catalogue(lang).get("ask.agree", "I agree") for lang in ("en", "zh")}
    for asker in askers:
        hello = asker.actor.wait_for(timeout=STARTING)
        if labels := agree & set(hello.labels):
            asker.actor.press(hello, labels.pop())
            asker.actor.wait_for(timeout=STARTING, after=hello.id)


# ---------------------------------------------------------------- processes


@dataclass
class Processes:
    """The bot's process and those it started: the processor seconds each has used, as far as was seen."""

    pid: int
    children: dict[int, float] = field(default_factory=dict)
    peak: float = 0.0

    def own(self) -> float:
        """Processor seconds of the bot itself."""
        return _seconds(self.pid)

    def look(self) -> None:
        """Note what the bot's descendants have used until now."""
        parents: dict[int, int] = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and (fields := _stat(int(folder.name))):
                parents[int(folder.name)] = int(fields[1])
        below = {self.pid}
        while more := {pid for pid, parent in parents.items() if parent in below} - below:
            below |= more
        for pid in below - {self.pid}:
            self.children[pid] = max(self.children.get(pid, 0.0), _seconds(pid))
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
            self.peak = int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024
        except (OSError, IndexError):
            pass  # it has ended


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; empty for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _seconds(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


@contextmanager
def serving(server: FaultServer, folder: Path, embedder: str) -> Iterator[subprocess.Popen[bytes]]:
    """The bot, from when it asks for updates until the block ends. Exits with what it said if it does not come up."""
    if (home() / "cache").is_dir():
        shutil.copytree(home() / "cache", folder / "cache")
    said = environment(
        NAVICERT_HOME=str(folder), NAVICERT_TELEGRAM_API=server.url, NAVICERT_TELEGRAM_TOKEN=server.world.token,
        NAVICERT_OPEN="yes", NAVICERT_HEALTH="off", NAVICERT_EMBEDDER=embedder, NAVICERT_LOG="warning",
    )  # fmt: skip
    log = folder / "serve.log"
    with log.open("wb") as out:
        bot = subprocess.Popen(
            [str(Path(sys.executable).parent / "navicert"), "serve"], env=said, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            up = server.world.wait_until(
                lambda: bool(server.calls_of("getUpdates")) or bot.poll() is not None, STARTING
            )
            if not up or bot.poll() is not None:
                sys.exit(f"navicert serve did not come up:\n{log.read_text(errors='replace')[-3000:]}")
            yield bot
        finally:
            bot.send_signal(signal.SIGTERM)
            try:
                bot.wait(40)
            except subprocess.TimeoutExpired:
                bot.kill()
                bot.wait()
    print(*_complaints(log), sep="\n", end="", file=sys.stderr)


def _complaints(log: Path) -> list[str]:
    lines = [line for line in log.read_text(errors="replace").splitlines() if re.search("warning|error", line, re.I)]
    return [f"{len(lines)} warnings and errors in the bot's log; the last:", *lines[-5:], ""] if lines else []


@dataclass
class Ingest:
    """A job for the bot's librarian, queued as `navicert ingest` does while another process owns the folder."""

    store: Any
    job: int
    began: float = field(default_factory=time.monotonic)
    took: float | None = None

    def look(self) -> None:
        """Note when it has ended."""
        if self.took is None and self.store.jobs.get(self.job).state not in ("queued", "running"):
            self.took = time.monotonic() - self.began

    def told(self) -> str:
        """How it went."""
        job = self.store.jobs.get(self.job)
        took = f"{self.took:.0f} s" if self.took is not None else "not over when the last question was answered"
        passages = sum(d.get("passages", 0) for d in job.report.get("documents", ()))
        return f"{job.state}, {took}, {passages} passages"


@contextmanager
def ingesting(folder: Path, embedder: str, wanted: bool) -> Iterator[Ingest | None]:
    """The queued job, None where none is wanted."""
    if not wanted:
        yield None
        return
    from bot.clock import now
    from knowledge.settings import Settings
    from knowledge.store.store import open_store

    specs = [str(SHARED / "regulations" / law) for law in LAWS] if SHARED.is_dir() else _made_up(folder / "laws")
    with open_store(Settings(folder, "CN", embedder=embedder or None)) as store:
        yield Ingest(store, store.jobs.submit("ingest", {"specs": specs, "force": False, "hints": {}}, now()))


def _made_up(folder: Path) -> list[str]:
    """Regulations of generated text, where the shared ones are not there."""
    folder.mkdir()
    dice, words = random.Random(3), "exporter licence goods item end-user authority declaration material record".split()
    for number in range(8):
        articles = "\n\n".join(
            f"## Article {n}\n\n" + " ".join(dice.choices(words, k=120)) + "." for n in range(1, 151)
        )
        (folder / f"regulation-{number}.md").write_text(f"# Regulation {number} on exports\n\n{articles}\n")
    return [str(path) for path in sorted(folder.iterdir())]


# ---------------------------------------------------------------- the run


def run(server: FaultServer, askers: Sequence[Asker], seen: Processes, ingest: Ingest | None) -> None:
    """Everybody asks until everything is answered or given up."""
    with server.world.changed:
        for asker in askers:
            asker.ask()
    told = time.monotonic()
    while not all(asker.done for asker in askers):
        time.sleep(LOOK)
        seen.look()
        if ingest is not None:
            ingest.look()
        with server.world.changed:
            for asker in askers:
                asker.overdue()
        if time.monotonic() - told > 15:
            told = time.monotonic()
            answered = sum(len(a.seconds) for a in askers)
            print(f"  {answered} answered, {sum(a.lost for a in askers)} given up", file=sys.stderr)


def listen(server: FaultServer, askers: Sequence[Asker]) -> None:
    """Hand each message of the bot to whose chat it came in."""
    by_chat = {asker.actor.id: asker for asker in askers}

    def heard(what: str, message: Json) -> None:
        asker = by_chat.get(message["chat"]["id"])
        if what == "sent" and asker is not None:
            asker.heard(message)

    server.world.watchers.append(heard)


def measured(count: int, chats: int, with_ingest: bool, reads: float) -> list[tuple[str, str]]:
    """The rows of the table."""
    embedder = "" if SHARED.is_dir() else "none"
    with tempfile.TemporaryDirectory(prefix="bench-chat-") as passing, FaultServer() as server:
        folder = Path(passing)
        askers = people(server, chats, count, reads)
        first = server.world.user(9_999, "First")
        with serving(server, folder, embedder) as bot:
            come_in([*askers, Asker(first, [])])
            last = max((m.id for m in first.sees()), default=0)
            first.say("5 kg dysprosium oxide from Shanghai to Stuttgart")  # what is loaded once is no question's cost
            first.wait_for(lambda m: is_answer(m.raw), STARTING, last)
            listen(server, askers)
            seen = Processes(bot.pid)
            with ingesting(folder, embedder, with_ingest) as ingest:
                before, began, mine = seen.own(), time.monotonic(), time.process_time()
                run(server, askers, seen, ingest)
                wall, spent, mine = time.monotonic() - began, seen.own() - before, time.process_time() - mine
                server.settle(quiet=3, timeout=20)  # what comes twice may come late
                seen.look()
                beside = ("processor time of the people and their Telegram", f"{mine:.0f} cpu-s")
                return [*_told(askers, wall, spent), *_told_of(seen, ingest), beside]


def _told(askers: Sequence[Asker], wall: float, spent: float) -> list[tuple[str, str]]:
    asked = sum(a.asked for a in askers)
    seconds = sorted(s for a in askers for s in a.seconds) or [0.0]
    doubled = sum(max(0, a.answers - a.asked) for a in askers)
    others = [text for a in askers for text in a.others if text]
    if others:
        print(f"{len(others)} messages that end no answer, such as {others[:3]}", file=sys.stderr)
    return [
        ("people at once", str(len(askers))),
        ("questions", str(asked)),
        ("answered", str(sum(len(a.seconds) for a in askers))),
        ("lost", str(sum(max(0, a.asked - a.answers) for a in askers))),
        ("given up as late", str(sum(a.lost for a in askers))),
        ("doubled", str(doubled)),
        ("answered that it failed", str(sum(a.failed for a in askers))),
        ("told to ask more slowly", str(sum(a.slowed for a in askers))),
        ("until the answer, median", f"{seconds[len(seconds) // 2]:.2f} s"),
        ("until the answer, 95th percentile", f"{seconds[int(len(seconds) * 0.95)]:.2f} s"),
        ("until the answer, longest", f"{seconds[-1]:.2f} s"),
        ("duration", f"{wall:.0f} s"),
        ("answers a second", f"{len(seconds) / max(wall, 0.001):.1f}"),
        ("the bot's processor time a question", f"{1000 * spent / max(1, asked):.0f} cpu-ms"),
    ]


def _told_of(seen: Processes, ingest: Ingest | None) -> list[tuple[str, str]]:
    rows = [("the bot's memory at most", f"{seen.peak:.0f} MB")]
    if ingest is not None:
        rows.append(("ingest beside it", ingest.told()))
        rows.append(("processor time of the ingest, as far as seen", f"{sum(seen.children.values()):.0f} cpu-s"))
    return rows


def main() -> None:
    """Measure and print a table; status 1 where an answer was lost or came twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--chats", type=int, default=50)
    parser.add_argument("--reads", type=float, default=0.0, help="seconds that people read an answer, on average")
    parser.add_argument("--no-ingest", action="store_true", help="nothing is taken into the library meanwhile")
    given = parser.parse_args()
    rows = measured(given.questions, min(given.chats, given.questions), not given.no_ingest, given.reads)
    print("| measure | measured |\n|---|---|")
    for name, value in rows:
        print(f"| {name} | {value} |")
    sys.exit(1 if dict(rows)["lost"] != "0" or dict(rows)["doubled"] != "0" else 0)


if __name__ == "__main__":
    main()
