"""Reads one file in a process of its own, so that a hostile file costs that process and nothing else.

A fresh interpreter, not a fork: the parent may run threads and hold databases. The child gets no settings and no secrets,
may write no file, and is killed with everything it started when its time is up. Processor, memory and file limits need
POSIX; elsewhere only the wall clock holds.
"""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from ingest.document import Block, BlockKind, Document
from ingest.reasons import Quarantined, Reason

_ROOT = Path(__file__).resolve().parent.parent
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH", "VIRTUAL_ENV")  # of the environment, for the child
_SECOND_TRY = frozenset((Reason.UNREADABLE, Reason.OVER_LIMIT))


@dataclass(frozen=True)
class Limits:
    """What one file may cost: seconds of processor and of wall clock, bytes of memory, of the file and of the result, and
    how many lines and characters of running text and rows of tables it may be. The last four bound the parent too, which
    takes the text apart in its own process.
    """

    cpu_seconds: int = 30
    wall_seconds: float = 120.0
    memory: int = 1024**3
    file_bytes: int = 100 * 1024**2
    result_bytes: int = 160 * 1024**2
    rows: int = 250_000
    lines: int = 120_000
    characters: int = 20_000_000


class _Crashed(Exception):
    """The child ended without a result; carries the quarantine that follows if no second reader helps."""

    def __init__(self, outcome: Quarantined) -> None:
        self.outcome = outcome
        super().__init__(outcome.detail)


def read_isolated(data: bytes, name: str = "", declared: str | None = None, limits: Limits | None = None) -> Document:
    """`ingest.readers.read` in a child process under `limits`. Safe from any thread.

    A PDF whose child crashed or ran over is read once more by the second reader alone. Raises Quarantined, always with a
    true reason; never returns a document without text.
    """
    limits = limits or Limits()
    if len(data) > limits.file_bytes:
        detail = f"{len(data)} bytes, more than {limits.file_bytes}; send the document in parts"
        raise Quarantined(Reason.OVER_LIMIT, detail)
    try:
        return _child(data, name, declared, limits, second=False)
    except _Crashed as first:
        if b"%PDF-" not in data[:1024] and b"endobj" not in data:
            raise first.outcome from None
        return _again(data, name, declared, limits, first.outcome)


def _again(data: bytes, name: str, declared: str | None, limits: Limits, outcome: Quarantined) -> Document:
    try:
        document = _child(data, name, declared, limits, second=True)
    except _Crashed:
        raise outcome from None
    except Quarantined as cause:
        raise (outcome if cause.reason in {Reason.UNREADABLE, Reason.NO_TEXT, Reason.EMPTY} else cause) from None
    return Document(
        **{**document.__dict__, "warnings": (*document.warnings, f"the first reader failed ({outcome.detail})")},
    )


def _child(data: bytes, name: str, declared: str | None, limits: Limits, second: bool) -> Document:
    """One child's answer. Raises Quarantined as the child says, _Crashed where it ended without an answer."""
    order = {
        "name": name,
        "declared": declared,
        "second": second,
        "cpu": limits.cpu_seconds,
        "memory": limits.memory,
        "result": limits.result_bytes,
        "rows": limits.rows,
        "lines": limits.lines,
        "characters": limits.characters,
    }
    environment = {key: value for key, value in os.environ.items() if key in _KEPT}
    with tempfile.TemporaryFile() as source:
        source.write(json.dumps(order).encode() + b"\n" + data)
        source.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-B", "-m", "ingest.worker"],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env=environment,
            process_group=0,  # to be ended with what it starts; a session of its own would not stand back with a niced caller
        )
        try:
            answer, over = _collect(process, limits)
        finally:
            _end(process)
    if over:
        raise _Crashed(Quarantined(Reason.OVER_LIMIT, over))
    if process.returncode or not answer:
        raise _Crashed(_death(process.returncode, limits))
    return _document(answer)


def _collect(process: subprocess.Popen[bytes], limits: Limits) -> tuple[bytearray, str]:
    """What the child writes until it ends, and why it was stopped ("" where it was not)."""
    assert process.stdout is not None  # noqa: S101 - Popen was given a pipe
    deadline = time.monotonic() + limits.wall_seconds
    answer = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if not selector.select(min(left, 1.0)):
                continue
            part = os.read(process.stdout.fileno(), 1 << 20)
            if not part:
                try:
                    process.wait(timeout=max(0.1, min(left, 10.0)))
                except subprocess.TimeoutExpired:
                    return bytearray(), "the reader closed its answer and did not end"
                return answer, ""
            answer += part
            if len(answer) > limits.result_bytes:
                return bytearray(), _too_long(limits.result_bytes)
    return bytearray(), f"not read within {limits.wall_seconds:g} seconds; send a plainer copy, or the HTML version"


def _too_long(most: int) -> str:
    return f"its text is longer than {most >> 20} MiB; send the document in parts"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills the child's whole group: it may have started processes of its own."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _death(code: int, limits: Limits) -> Quarantined:
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return Quarantined(
            Reason.OVER_LIMIT, f"not read within {limits.cpu_seconds} seconds of processor time; send a plainer copy"
        )
    if code == _OUT_OF_MEMORY:
        return Quarantined(
            Reason.OVER_LIMIT, f"needs more than {limits.memory >> 20} MiB of memory; send a plainer copy"
        )
    if code in {-signal.SIGABRT, -signal.SIGTRAP}:  # pdfium stops itself so where memory cannot be had
        return Quarantined(
            Reason.OVER_LIMIT,
            f"the reader gave up on it, most likely for want of memory (more than {limits.memory >> 20} MiB); send a plainer copy",
        )
    if code < 0:
        return Quarantined(
            Reason.UNREADABLE,
            f"the reader crashed on it ({signal.Signals(-code).name}); the file is damaged: download it again",
        )
    return Quarantined(
        Reason.UNREADABLE, f"the reader ended without an answer (status {code}); download the file again"
    )


def _document(said: bytearray) -> Document:
    """The child's lines as a document. Raises Quarantined as the child says; _Crashed where a second reader may help."""
    lines = iter(BytesIO(said))
    answer: dict[str, Any] = json.loads(next(lines))
    if "reason" in answer:
        outcome = Quarantined(Reason(answer["reason"]), str(answer["detail"]))
        if answer.get("again") and outcome.reason in _SECOND_TRY:
            raise _Crashed(outcome)
        raise outcome
    blocks = tuple(
        Block(BlockKind(kind), text, level, page, attributes)
        for line in lines
        for kind, text, level, page, attributes in json.loads(line)
    )
    return Document(
        answer["media_type"],
        answer["title"],
        answer["language"],
        blocks,
        answer["metadata"],
        answer["pages"],
        tuple(answer["warnings"]),
    )


_OUT_OF_MEMORY = 77  # exit status of a child that ran out of memory
_BATCH = 500  # blocks on one line of the answer


def _limit(cpu: int, memory: int) -> None:
    """The child's limits on itself, before it looks at the file."""
    try:
        import resource
    except ImportError:
        return
    wanted = (
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, value in wanted:
        hard = resource.getrlimit(kind)[1]
        soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(
                kind, (soft, soft + 2 if kind == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else soft)
            )
        except (ValueError, OSError):  # macOS refuses an address-space limit
            continue


def main() -> None:
    """The child: order and file from standard input, JSON answer to standard output, which nothing else can write to."""
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    order = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    _limit(order["cpu"], order["memory"])
    try:
        said = _said(_answer(data, order), order["result"])
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    with os.fdopen(out, "wb") as stream:
        stream.writelines(said)
    os._exit(0)  # a library's clean-up has nothing to add, and may hang


def _said(answer: dict[str, Any], most: int) -> list[bytes]:
    """The answer in lines of JSON: what the document is, then its blocks in batches, so that no reader needs it all at once."""
    blocks = answer.pop("blocks", ())
    parts: list[Any] = [answer, *(blocks[at : at + _BATCH] for at in range(0, len(blocks), _BATCH))]
    said: list[bytes] = []
    size = 0
    for part in parts:
        said.append(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n")
        size += len(said[-1])
        if size > most:
            detail = {"reason": Reason.OVER_LIMIT.value, "detail": _too_long(most), "again": False}
            return [json.dumps(detail).encode()]
    return said


def _answer(data: bytes, order: dict[str, Any]) -> dict[str, Any]:
    from ingest.readers import read

    try:
        document = read(data, order["name"], order["declared"], second=order["second"])
    except Quarantined as cause:
        return {
            "reason": cause.reason.value,
            "detail": cause.detail,
            "again": cause.reason is Reason.OVER_LIMIT and not order["second"],
        }
    except MemoryError:
        raise
    except Exception as cause:  # a library's own failure is an answer about the file, not a crash of ours
        return {
            "reason": Reason.UNREADABLE.value,
            "detail": f"the reader failed ({type(cause).__name__}); download it again",
            "again": True,
        }
    running = [block.text for block in document.blocks if block.kind is not BlockKind.TABLE_ROW]
    lines, characters = sum(1 + text.count("\n") for text in running), sum(map(len, running))
    for count, most, what in (
        (len(document.blocks) - len(running), order["rows"], "rows of tables"),
        (lines, order["lines"], "paragraphs"),
        (characters, order["characters"], "characters of text"),
    ):
        if count > most:
            detail = f"{count} {what}, more than {most}; send the document in parts"
            return {"reason": Reason.OVER_LIMIT.value, "detail": detail, "again": False}
    blocks = [
        (block.kind.value, block.text, block.level, block.page, dict(block.attributes)) for block in document.blocks
    ]
    return {
        "media_type": document.media_type,
        "title": document.title,
        "language": document.language,
        "blocks": blocks,
        "metadata": dict(document.metadata),
        "pages": document.pages,
        "warnings": document.warnings,
    }


if __name__ == "__main__":
    main()
