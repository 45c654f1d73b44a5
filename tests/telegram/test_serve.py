"""`navicert serve` as a program: started, asked, killed at any moment, started again, stopped."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bot.serve import SETTLED
from knowledge.settings import Settings
from knowledge.store.database import open_database
from knowledge.store.people import People
from tests.conftest import environment
from tests.telegram.faultserver import FaultServer
from tests.telegram.running import NOW, warm
from tests.telegram.test_faults import answers, question

LONG = 60.0


@contextmanager
def served(server: FaultServer, folder: Path, **changes: str) -> Iterator[subprocess.Popen[str]]:
    """The program over a folder; killed at the end where it has not ended by itself."""
    settings = {
        "NAVICERT_HOME": str(warm(folder)), "NAVICERT_TELEGRAM_TOKEN": server.world.token,
        "NAVICERT_TELEGRAM_API": server.url, "NAVICERT_EMBEDDER": "none", "NAVICERT_HEALTH": "off", **changes,
    }  # fmt: skip
    with (folder / "err.log").open("a") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "navicert"), "serve"],
            env=environment(**settings),
            stdout=log,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)


def said(folder: Path) -> str:
    """What it wrote on the terminal."""
    return (folder / "err.log").read_text(encoding="utf-8")


def until(folder: Path, pattern: str, seconds: float = LONG) -> re.Match[str]:
    """Wait until that stands on the terminal."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := re.search(pattern, said(folder)):
            return found
        time.sleep(0.05)
    raise AssertionError(f"{pattern!r} was not said; there is\n{said(folder)[-3000:]}")


def joined(folder: Path, *people: int) -> None:
    """These people are exporters who agreed to recording."""
    own = Settings(warm(folder), "CN")
    database = open_database(own.home)
    known = People(database)
    database.commit([known.put(p, NOW, role="exporter", consented_at=NOW, invited_by=1) for p in people])
    database.close()


@pytest.mark.slow
def test_the_first_admin_by_the_code_that_the_start_prints(tmp_path: Path) -> None:
    with FaultServer() as server, served(server, tmp_path) as process:
        code = until(tmp_path, r"/start (\S{20,})")[1]
        owner = server.world.user(1, "Olga")
        owner.say("/start wrong-code")
        owner.wait_for(lambda m: "unknown, used already" in m.text, LONG)
        owner.say(f"/start {code}")
        owner.wait_for(lambda m: "You are an admin here" in m.text, LONG)
        other = server.world.user(2, "Otto")
        other.say(f"/start {code}")
        other.wait_for(lambda m: "unknown, used already" in m.text, LONG)
        assert code not in json.dumps([m.text for m in server.world.messages(1, bot_only=True)])
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert server.world.token not in said(tmp_path)


@pytest.mark.slow
def test_health_and_metrics_while_it_answers(tmp_path: Path) -> None:
    joined(tmp_path, 5)
    with FaultServer() as server, served(server, tmp_path, NAVICERT_HEALTH="127.0.0.1:0") as process:
        until(tmp_path, "answering by polling")
        port = _listening(process.pid)
        person = server.world.user(5, "Ada")
        person.say(question("Germany"))
        person.wait_for(lambda m: "→ Germany" in m.text, LONG)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as page:
            assert json.load(page)["ok"] is True
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
            counted = page.read().decode()
        assert re.search(r'navicert_answers_total\{behaviour="answer",verdict="licence_required"\} 1\.0', counted)
        assert server.world.token not in counted


def _listening(pid: int) -> int:
    """The port on which a process listens."""
    inodes = {str(p.readlink()) for p in Path(f"/proc/{pid}/fd").iterdir() if p.is_symlink()}
    for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        cells = line.split()
        if cells[3] == "0A" and f"socket:[{cells[9]}]" in inodes:
            return int(cells[1].split(":")[1], 16)
    raise AssertionError("it does not listen")


@pytest.mark.slow
def test_killed_at_any_moment_each_question_is_answered_once(tmp_path: Path) -> None:
    joined(tmp_path, 7)
    dice = random.Random(11)
    with FaultServer() as server:
        person = server.world.user(7, "Ada")
        countries = ["Germany", "Vietnam", "Japan", "France", "Brazil", "India"]
        waiting = list(countries)
        for _round in range(4):
            with served(server, tmp_path) as process:
                until(tmp_path, "(?s)" + "answering by polling.*" * (_round + 1))
                for _ in range(2):
                    if waiting:
                        person.say(question(waiting.pop(0)))
                time.sleep(dice.uniform(0.0, 0.6))
                process.send_signal(signal.SIGKILL)
                process.wait(10)
        with served(server, tmp_path):
            for country in countries:
                person.wait_for(lambda m, c=country: f"→ {c}" in m.text, LONG)  # type: ignore[misc]
            server.settle(1.0)
        for country in countries:
            assert len(answers(server, 7, country)) == 1, country
        assert not [m for m in server.world.messages(7, bot_only=True) if "interrupted" in m.text]


@pytest.mark.slow
def test_the_second_instance_leaves_with_a_clear_line(tmp_path: Path) -> None:
    joined(tmp_path, 9)
    with FaultServer() as server, served(server, tmp_path) as first:
        until(tmp_path, "answering by polling")
        with served(server, tmp_path) as second:
            assert second.wait(LONG) == 2
        line = next(x for x in said(tmp_path).splitlines() if x.startswith("navicert: "))
        assert "another navicert serve answers for this bot" in line
        assert str(first.pid) in line
        # On another machine only Telegram can tell. The one that was there first stays.
        time.sleep(SETTLED)
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        with served(server, elsewhere) as third:
            assert third.wait(LONG) == 2
        assert "another program answers for this bot" in said(elsewhere)
        person = server.world.user(9, "Ada")
        person.say(question("Germany"))
        person.wait_for(lambda m: "→ Germany" in m.text, LONG)


@pytest.mark.slow
def test_a_token_that_telegram_does_not_know(tmp_path: Path) -> None:
    with FaultServer() as server, served(server, tmp_path, NAVICERT_TELEGRAM_TOKEN="99:wrong-token-canary") as process:
        assert process.wait(LONG) == 2
    assert "navicert: Telegram does not know this bot token" in said(tmp_path)
    assert "wrong-token-canary" not in said(tmp_path)
