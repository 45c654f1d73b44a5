"""An ingest beside questions, beside another ingest, and after a job that failed."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ingest.service import work
from knowledge.errors import Busy
from knowledge.store.owner import holder
from knowledge.store.store import Store
from tests.conftest import ROOT, ask, environment
from tests.test_kill import law, opened
from tests.test_store import NOW


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made, _ = opened(tmp_path / "home")
    yield made
    made.database.close()


def submit(store: Store, folder: Path) -> int:
    _, how = opened(store.home)
    return store.jobs.submit("ingest", {"specs": [how.connectors.canonical(str(folder))]}, NOW)


def test_questions_are_answered_while_documents_come_in(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "laws"
    folder.mkdir()
    _, how = opened(store.home)
    (folder / "law1.md").write_text(law(1, 1), encoding="utf-8")
    submit(store, folder)
    with store.owned("a test"):
        work(store, how, lambda _p: None, lambda: False)
    done = threading.Event()
    wrong: list[BaseException] = []
    counts: list[int] = []

    def questions() -> None:
        try:
            with store.index():  # as a serving process holds it
                while not done.is_set():
                    assert ask("5 kg dysprosium oxide to Stuttgart", date(2026, 11, 21)).citations
                    with store.finder() as finder:
                        hits = finder.find("第1号法令 货物 许可证", 20)
                    editions = {h.provision.text.partition("第1号法令第")[2][:1] for h in hits}
                    assert len(editions - {""}) == 1, editions
                    counts.append(len(hits))
        except BaseException as error:
            wrong.append(error)

    asking = threading.Thread(target=questions)
    asking.start()
    with store.owned("a test"):
        for edition in range(2, 6):
            (folder / "law1.md").write_text(law(1, edition), encoding="utf-8")
            (folder / f"law{edition}.md").write_text(law(edition, 1), encoding="utf-8")
            submit(store, folder)
            work(store, how, lambda _p: None, lambda: False)
    done.set()
    asking.join()
    assert not wrong, wrong
    assert len(counts) > 3
    assert min(counts) > 0


def test_a_second_ingest_is_queued_and_run_by_the_owner(store: Store, tmp_path: Path) -> None:
    (tmp_path / "law.md").write_text(law(1, 1), encoding="utf-8")
    code = (
        "import sys, time; from pathlib import Path; from tests.test_kill import opened; from ingest.service import work\n"
        "store, how = opened(Path(sys.argv[1]))\n"
        "with store.owned('serving'):\n"
        "    print('owning', flush=True); sys.stdin.readline()\n"
        "    work(store, how, lambda p: None, lambda: False)\n"
    )
    serving = subprocess.Popen(
        [sys.executable, "-c", code, str(store.home)], cwd=ROOT, env=environment(), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert serving.stdout is not None
    assert serving.stdin is not None
    assert serving.stdout.readline() == "owning\n"
    found = holder(store.home)
    assert found is not None
    assert (found.pid, found.doing) == (serving.pid, "serving")
    with pytest.raises(Busy, match=rf"process {serving.pid} \(serving\) owns"), store.owned("another"):
        pass
    command = [str(Path(sys.executable).parent / "navicert"), "ingest", str(tmp_path / "law.md")]
    setting = environment(NAVICERT_HOME=str(store.home), NAVICERT_EMBEDDER="none")
    second = subprocess.Popen(command, env=setting, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not store.jobs.recent() and time.monotonic() < until:
        time.sleep(0.1)
    serving.stdin.write("go\n")
    serving.stdin.flush()
    out, err = second.communicate(timeout=60)
    serving.communicate(timeout=60)
    assert second.returncode == 0, err
    assert "brought in: law.md" in out
    assert f"is queued: process {serving.pid}" in err
    assert holder(store.home) is None


def test_a_job_that_ended_its_process_three_times_is_given_up(store: Store, tmp_path: Path) -> None:
    job = submit(store, tmp_path)
    for _ in range(3):
        assert store.jobs.recover(NOW) in ((), (job,))
        assert store.jobs.claim("x", NOW) is not None
    assert store.jobs.recover(NOW) == ()
    found = store.jobs.get(job)
    assert found is not None
    assert (found.state, "3 times" in found.report["error"]) == ("failed", True)


def test_a_job_of_a_newer_navicert_fails_with_a_word(store: Store) -> None:
    _, how = opened(store.home)
    job = store.jobs.submit("dream", {}, NOW)
    with store.owned("a test"):
        work(store, how, lambda _p: None, lambda: False)
    found = store.jobs.get(job)
    assert found is not None
    assert "Upgrade" in found.report["error"]


def test_a_stop_leaves_the_jobs_behind_it_queued(store: Store, tmp_path: Path) -> None:
    _, how = opened(store.home)
    folder = tmp_path / "laws"
    folder.mkdir()
    for n in (1, 2):  # the stop comes while the first is read, and counts before the second
        (folder / f"law{n}.md").write_text(law(n, 1), encoding="utf-8")
    first, second = submit(store, folder), submit(store, folder)
    pressed: list[bool] = []
    with store.owned("a test"):
        work(store, how, lambda _p: pressed.append(True), lambda: bool(pressed))
    states = [found.state for n in (first, second) if (found := store.jobs.get(n)) is not None]
    assert states == ["cancelled", "queued"]


def test_a_cancelled_job_does_not_run(store: Store, tmp_path: Path) -> None:
    job = submit(store, tmp_path)
    assert store.jobs.cancel(job, NOW)
    assert store.jobs.claim("x", NOW) is None
    assert not store.jobs.cancel(job, NOW)


@pytest.mark.slow
@pytest.mark.shared
def test_every_bad_document_ends_somewhere_while_questions_are_answered(store: Store, shared: Path) -> None:
    _, how = opened(store.home)
    job = submit(store, shared / "badinput")
    done = threading.Event()
    answered: list[float] = []
    wrong: list[BaseException] = []

    def questions() -> None:
        try:
            while not done.is_set():
                began = time.monotonic()
                assert ask("5 kg dysprosium oxide to Stuttgart", date(2026, 11, 21)).citations
                answered.append(time.monotonic() - began)
                time.sleep(0.5)
        except BaseException as error:
            wrong.append(error)

    asking = threading.Thread(target=questions)
    asking.start()
    with store.owned("a test"):
        work(store, how, lambda _p: None, lambda: False)
    done.set()
    asking.join()
    assert not wrong, wrong
    assert len(answered) > 20
    assert max(answered) < 10
    report = store.jobs.get(job)
    assert report is not None
    documents = report.report["documents"]
    assert len(documents) > 600
    assert {d["state"] for d in documents} <= {"ingested", "unchanged", "quarantined"}
    assert all(d["detail"] and d["reason"] for d in documents if d["state"] == "quarantined")
    live = {v.document for v in store.library.versions(states=("live", "closed", "held"))}
    told = [d for d in documents if d["state"] == "ingested"]
    assert all(i["provisions"] > 0 for d in told for i in d["instruments"])
    assert live
