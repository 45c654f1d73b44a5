"""kill -9 in the middle of an ingest, again and again: nothing acknowledged is lost, nothing is half visible."""

import itertools
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.service import Means, work
from ingest.wiring import means
from knowledge.settings import Settings
from knowledge.store.database import open_database
from knowledge.store.doctor import examine
from knowledge.store.library import Library
from knowledge.store.soundness import open_sound
from knowledge.store.staging import heal
from knowledge.store.store import Store
from tests.conftest import ROOT, environment
from tests.test_soundness import Model
from tests.test_store import NOW

KILLS = 100
LAWS = 6
ARTICLES = 40
POINTS = 30
"""About as many points as an ingest of this size tells of, so that kills fall all along its way."""
HEALED = 40.0
"""Seconds within which the next start has put everything right, while other tests keep the machine busy."""


def law(n: int, edition: int) -> str:
    """Edition k of law n: every article says which edition it is of, so that a mixture shows."""
    articles = (f"第{i}条 第{n}号法令第{edition}版第{i}条，货物{i * n}须申请许可。" for i in range(1, ARTICLES + 1))
    return f"# 试验法令{n}\n\n" + "\n\n".join(articles) + "\n"


def write(folder: Path, editions: Mapping[int, int]) -> None:
    for n, edition in editions.items():
        (folder / f"law{n}.md").write_text(law(n, edition), encoding="utf-8")


def opened(home: Path) -> tuple[Store, Means]:
    """The store with a model that costs nothing, and the real connectors, readers and structure."""
    database = open_database(home)
    store = Store(home, database, Model())
    return store, means(Settings(home, "CN"), lambda: NOW)


def visible(home: Path) -> dict[int, int]:
    """Law -> edition, of what is live; fails on a law of two editions or of fewer articles than it has."""
    database = open_database(home)
    library = Library(database)
    found: dict[int, int] = {}
    for version in library.versions():
        texts = [p.text for p in library.text(version.id) if p.kind == "article"]
        marks = {tuple(map(int, m)) for text in texts for m in re.findall(r"第(\d+)号法令第(\d+)版", text)}
        assert len(marks) == 1, f"{version.title} mixes {marks}"
        assert len(texts) == ARTICLES
        ((n, edition),) = marks
        found[n] = edition
    database.close()
    return found


def ingest(home: Path, folder: Path) -> None:
    """What the killed process does: accept a job, own the folder, work the queue."""
    store, how = opened(home)
    store.jobs.submit("ingest", {"specs": [how.connectors.canonical(str(folder))]}, NOW)
    print("accepted", flush=True)
    told = replace(how, at=lambda point: print(point, flush=True))
    with store.owned("a test"):
        work(store, told, lambda _p: None, lambda: False)
    store.database.close()


@pytest.mark.slow
def test_a_hundred_kills(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "laws"
    folder.mkdir()
    chance = random.Random(7)
    editions = dict.fromkeys(range(1, LAWS + 1), 1)
    write(folder, editions)
    ingest(home, folder)
    assert visible(home) == editions
    acknowledged = dict(editions)
    landed = 0
    for _ in range(KILLS):
        for n in chance.sample(range(1, LAWS + 1), 3):
            editions[n] += 1
        write(folder, editions)
        accepted = _killed(home, folder, chance.randint(0, POINTS), chance.uniform(0.0, 0.05))
        now = visible(home)
        assert all(acknowledged[n] <= now[n] <= editions[n] for n in editions), "something acknowledged was lost"
        landed += now != acknowledged
        acknowledged = now
        assert _start_again(home) < HEALED
        assert visible(home) == now, "putting things right changed what is visible"
        store, _ = opened(home)
        waiting = [j for j in store.jobs.recent() if j.state == "queued"]
        assert bool(waiting) or not accepted or _finished(store), "an accepted job was forgotten"
        store.database.close()
    ingest(home, folder)
    assert visible(home) == editions
    store, _ = opened(home)
    assert examine(store.database, store.indexes, store.blobs).findings == ()
    assert landed > KILLS // 20, "the kills came too early to meet anything"


def _finished(store: Store) -> bool:
    return store.jobs.recent(1)[0].state == "done"


def _killed(home: Path, folder: Path, points: int, pause: float) -> bool:
    """Start an ingest and kill it `pause` seconds after it has told of so many points; True where its job was accepted."""
    command = [sys.executable, "-m", "tests.test_kill", str(home), str(folder)]
    child = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert child.stdout is not None
    lines = list(itertools.islice(child.stdout, points))
    time.sleep(pause)
    os.kill(child.pid, signal.SIGKILL)
    lines += list(child.stdout)
    child.wait()
    child.stdout.close()
    return b"accepted\n" in lines


def _start_again(home: Path) -> float:
    """What the next start does before it serves; returns its seconds."""
    began = time.monotonic()
    store, _ = opened(home)
    with store.owned("the next start"):
        heal(store.database)
        store.jobs.recover(NOW)
        index = open_sound(store.indexes)
        index.close()
    store.database.close()
    return time.monotonic() - began


if __name__ == "__main__":
    ingest(Path(sys.argv[1]), Path(sys.argv[2]))
