"""A file is read in a process of its own: limits hold, crashes are answers, threads may call it."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest.readers import read
from ingest.reasons import Quarantined, Reason
from ingest.worker import Limits, read_isolated
from tests.documents import encrypted, pdf

LAW = "第一条 为了规范出口管制，制定本条例。\n第二条 本条例适用于两用物项。\n".encode()


def test_the_child_gives_what_the_reader_gives() -> None:
    data = pdf([["Article 1", "", "The exporter shall apply for a licence."]])
    assert read_isolated(data, "a.pdf") == read(data, "a.pdf")


def test_quarantine_comes_back_with_its_reason() -> None:
    with pytest.raises(Quarantined) as caught:
        read_isolated(encrypted(pdf([["Words."]]), "secret"), "a.pdf")
    assert caught.value.reason is Reason.ENCRYPTED
    with pytest.raises(Quarantined) as caught:
        read_isolated(b"", "a.pdf")
    assert caught.value.reason is Reason.EMPTY


def test_many_threads() -> None:
    with ThreadPoolExecutor(3) as pool:
        documents = list(pool.map(lambda number: read_isolated(LAW + f"第{number}项".encode(), "a.txt"), range(6)))
    assert [document.blocks[-1].text for document in documents] == [f"第{number}项" for number in range(6)]


def test_size_limit() -> None:
    with pytest.raises(Quarantined) as caught:
        read_isolated(LAW * 10, limits=Limits(file_bytes=100))
    assert caught.value.reason is Reason.OVER_LIMIT
    with pytest.raises(Quarantined) as caught:
        read_isolated(LAW * 100, limits=Limits(result_bytes=500))
    assert caught.value.reason is Reason.OVER_LIMIT


def _child_that(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Has the worker start a child that runs this code in place of the reader."""
    started = subprocess.Popen

    def popen(_: object, **options: object) -> "subprocess.Popen[bytes]":
        return started([sys.executable, "-c", code], **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr("ingest.worker.subprocess.Popen", popen)


def test_the_wall_clock_ends_the_child_and_what_it_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    _child_that(
        monkeypatch,
        f"import subprocess, time; p = subprocess.Popen(['sleep', '60']); open({str(mark)!r}, 'w').write(str(p.pid)); time.sleep(60)",
    )
    start = time.monotonic()
    with pytest.raises(Quarantined) as caught:
        read_isolated(LAW, limits=Limits(wall_seconds=2))
    assert caught.value.reason is Reason.OVER_LIMIT
    assert time.monotonic() - start < 10
    time.sleep(0.2)
    state = Path(f"/proc/{mark.read_text()}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (f"import os; os.kill(os.getpid(), {int(signal.SIGSEGV)})", Reason.UNREADABLE),
        (f"import os; os.kill(os.getpid(), {int(signal.SIGABRT)})", Reason.OVER_LIMIT),
        ("raise SystemExit(3)", Reason.UNREADABLE),
        ("pass", Reason.UNREADABLE),
    ],
)
def test_a_crash_is_an_answer(monkeypatch: pytest.MonkeyPatch, code: str, reason: Reason) -> None:
    _child_that(monkeypatch, code)
    with pytest.raises(Quarantined) as caught:
        read_isolated(LAW)
    assert caught.value.reason is reason


def test_a_crashed_pdf_goes_to_the_second_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    started = subprocess.Popen
    calls: list[int] = []

    def popen(command: object, **options: object) -> "subprocess.Popen[bytes]":
        calls.append(1)
        crash = [sys.executable, "-c", "import os; os.abort()"]
        return started(crash if len(calls) == 1 else command, **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr("ingest.worker.subprocess.Popen", popen)
    document = read_isolated(pdf([["The exporter shall apply."]]))
    assert document.text == "The exporter shall apply."
    assert any("first reader failed" in warning for warning in document.warnings)


def test_processor_and_memory_limits_hold() -> None:
    probe = (
        "import sys; sys.path.insert(0, {root!r}); from ingest.worker import _limit; _limit(1, 300 * 1024**2)\n{body}"
    )
    root = str(Path(__file__).resolve().parent.parent)

    def outcome(body: str) -> int:
        return subprocess.run(
            [sys.executable, "-c", probe.format(root=root, body=body)],
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=30,
        ).returncode

    assert outcome("while True: pass") == -signal.SIGXCPU
    assert outcome("bytearray(400 * 1024**2)") == 1
    assert outcome(f"open({os.devnull!r} + '', 'w').write('x')") == 0
    assert outcome("import tempfile; f = tempfile.TemporaryFile(buffering=0); f.write(b'x')") == 1


def test_the_child_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAVICERT_TELEGRAM_TOKEN", "123:secret")
    seen: dict[str, object] = {}
    started = subprocess.Popen

    def popen(command: object, **options: object) -> "subprocess.Popen[bytes]":
        seen.update(options["env"])  # type: ignore[call-overload]
        return started(command, **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr("ingest.worker.subprocess.Popen", popen)
    read_isolated(LAW)
    assert seen
    assert "NAVICERT_TELEGRAM_TOKEN" not in seen
