"""The client of a language model, against a server of every bad habit: in time, bounded, silent, and nobody is told twice."""

import random
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from knowledge.llm import prompts
from knowledge.llm.circuit import Circuit
from knowledge.llm.client import MOST_TEXT, LangChainModel
from knowledge.llm.reading import proposals
from knowledge.llm.seam import Deadline, ModelError
from knowledge.llm.threads import Crew, Job
from knowledge.settings import ModelSettings
from tests.conftest import ROOT, environment
from tests.llm_lies import Asked, Reply
from tests.llm_server import LyingServer, serving

KEY = "sk-a-key-of-tests"
SECONDS = 1.2
SLACK = 6.0
"""Seconds that a busy machine may take to notice that time is up."""
ASKED = prompts.wording("en", "Licence required", ["dysprosium oxide: 1C905.b [1]."], random.Random(1))


def model(server: LyingServer) -> LangChainModel:
    return LangChainModel(ModelSettings("openai", "stub", server.url, KEY))


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """The libraries take seconds to import, which is not what is timed here."""
    with serving() as server:
        list(model(server).stream(ASKED, Deadline.after(60, time.monotonic)))


def heard(found: LangChainModel, seconds: float = SECONDS) -> tuple[str, str, float]:
    """The text that came, the kind of error ("" for none), and the seconds it took."""
    started, text, kind = time.monotonic(), "", ""
    try:
        for piece in found.stream(ASKED, Deadline.after(seconds, time.monotonic)):
            text += piece
    except ModelError as error:
        kind = error.kind
    return text, kind, time.monotonic() - started


def test_a_good_server_is_heard_as_it_speaks() -> None:
    with serving() as server:
        text, kind, _ = heard(model(server), 20)
        assert (text, kind) == ("Licence required. dysprosium oxide: 1C905.b [1].", "")
        (request,) = server.requests
        assert request["model"] == "stub"
        assert request["stream"] is True
        assert [m["role"] for m in request["messages"]] == ["system", "user"]
        assert 0 < int(request.get("max_completion_tokens") or request["max_tokens"]) <= 1000
        assert server.headers[0]["authorization"] == f"Bearer {KEY}"


BAD = {
    "hanging": "late", "hanging midway": "late", "trickling": "late", "trickling headers": "late", "500": "server",
    "401": "refused", "429": "refused", "reset": "transport", "huge": "long", "huge line": "long", "gzip": "garbled",
    "redirect": "refused", "broken events": "garbled",
}  # fmt: skip


def talkative(_request: Asked, _rng: random.Random) -> Reply:
    return Reply("Licence required. " * 200, ())


@pytest.mark.parametrize(("mode", "kind"), BAD.items())
def test_a_bad_server_ends_in_time_with_its_kind(mode: str, kind: str) -> None:
    threads = threading.active_count()
    with serving(talkative, mode) as server:
        text, told, seconds = heard(model(server))
        assert told == kind
        assert seconds < SECONDS + SLACK
        assert len(text.encode()) <= MOST_TEXT + 4000
    limit = time.monotonic() + 5
    while threading.active_count() > threads + 1 and time.monotonic() < limit:
        time.sleep(0.05)
    assert threading.active_count() <= threads + 1, "a thread is left that still reads"


@pytest.mark.parametrize("mode", ["html", "empty"])
def test_a_server_that_says_nothing_of_use(mode: str) -> None:
    with serving(talkative, mode) as server:
        text, _, seconds = heard(model(server))
        assert text == ""
        assert seconds < SECONDS + SLACK


def test_a_failure_is_tried_once_more_and_a_refusal_is_not() -> None:
    with serving(mode="500 once") as server:
        assert heard(model(server), 20)[:2] == ("Licence required. dysprosium oxide: 1C905.b [1].", "")
        assert len(server.requests) == 2
    for mode, tries in (("500", 2), ("401", 1), ("429", 1)):
        with serving(mode=mode) as server:
            heard(model(server), 20)
            assert len(server.requests) == tries


def test_a_redirect_is_not_followed() -> None:
    with serving(mode="redirect") as server:
        heard(model(server))
        assert len(server.requests) == 1


def test_a_dead_server_costs_nothing_after_some_failures() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    own = LangChainModel(ModelSettings("openai", "stub", url, KEY))
    kinds = [heard(own) for _ in range(6)]
    assert [k for _, k, _ in kinds] == ["transport"] * 3 + ["resting"] * 3
    assert max(seconds for *_, seconds in kinds[3:]) < 0.05


def test_a_server_that_knows_no_structured_output_still_words() -> None:
    with serving(mode="401") as server:
        own = model(server)
        for _ in range(5):
            with pytest.raises(ModelError, match="refused"):
                own.structured(ASKED, prompts.SLOTS, Deadline.after(20, time.monotonic))
        server.mode = "well"
        assert heard(own, 20)[1] == ""


def test_slots_come_by_structured_output() -> None:
    with serving() as server:
        asked = prompts.reading("Dy2O3 to Berlin", random.Random(1))
        found = model(server).structured(asked, prompts.SLOTS, Deadline.after(20, time.monotonic))
        assert set(found) == set(prompts.SLOTS["properties"])  # type: ignore[call-overload]
        assert server.requests[0]["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize("mode", ["huge", "nulls", "empty", "hanging", "html", "500"])
def test_slots_that_cannot_be_read_are_an_error_in_time(mode: str) -> None:
    with serving(mode=mode) as server:
        started = time.monotonic()
        with pytest.raises(ModelError):
            model(server).structured(ASKED, prompts.SLOTS, Deadline.after(SECONDS, time.monotonic))
        assert time.monotonic() - started < SECONDS + SLACK


def test_a_broken_object_has_no_values() -> None:
    with serving(mode="broken events") as server:
        try:
            found = model(server).structured(ASKED, prompts.SLOTS, Deadline.after(20, time.monotonic))
        except ModelError:
            found = {}
        assert list(proposals(found)) == []


def test_a_provider_that_is_not_installed_is_an_error_of_ours() -> None:
    own = LangChainModel(ModelSettings("no_such_provider", "x"))
    assert heard(own, 20)[1] == "unavailable"


# ---------------------------------------------------------------- the parts


def test_a_circuit_opens_rests_and_lets_one_try() -> None:
    at = 0.0
    circuit = Circuit(lambda: at, failures=2, rest=10)
    assert circuit.closed()
    circuit.failed()
    circuit.succeeded()
    circuit.failed()
    assert circuit.closed()
    circuit.failed()
    assert not circuit.closed()
    at = 11
    assert [circuit.closed(), circuit.closed()] == [True, False]
    circuit.failed()
    at = 20
    assert not circuit.closed()
    at = 22
    assert circuit.closed()
    circuit.succeeded()
    assert [circuit.closed(), circuit.closed()] == [True, True]


def test_threads_that_hang_are_counted() -> None:
    crew, end = Crew(most=2), threading.Event()

    def work(job: Job[int]) -> None:
        end.wait(10)
        job.give(1)

    jobs = [crew.start(work) for _ in range(2)]
    with pytest.raises(ModelError, match="busy"):
        crew.start(work)
    end.set()
    for job in jobs:
        assert list(job.pieces(Deadline.after(5, time.monotonic))) == [1]
    time.sleep(0.1)
    assert list(crew.start(work).pieces(Deadline.after(5, time.monotonic))) == [1]


# ---------------------------------------------------------------- nothing, where none is configured

UNSET = """
import socket, sys
calls = []
connect = socket.socket.connect
socket.socket.connect = lambda self, address: (calls.append(address), connect(self, address))
socket.getaddrinfo = lambda *a, **k: calls.append(a) or []
from datetime import date
from knowledge.answer import Advisor
from knowledge.llm.assisted import assisted
from knowledge.settings import settings
own = settings()
base = Advisor(own)
answers = assisted(base, own, lambda: base.reader, date.today)
assert answers is base
answer = answers.ask("5 kg dysprosium oxide from Shanghai to Stuttgart", date(2026, 11, 21))
assert answer.wording is None and not any(s.key == "summary" for s in answer.sections)
loaded = sorted({m.split(".")[0] for m in sys.modules} & {"langchain", "langchain_core", "langchain_openai", "openai", "langsmith"})
print(loaded, calls)
"""


def test_unset_nothing_is_imported_and_nobody_contacted() -> None:
    with serving() as server:
        run = subprocess.run(
            [sys.executable, "-c", UNSET],
            check=False,
            cwd=ROOT,
            env=environment(OPENAI_BASE_URL=server.url, OPENAI_API_KEY=KEY, LANGSMITH_TRACING="true"),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert run.returncode == 0, run.stderr
        assert run.stdout.strip() == "[] []"
        assert server.requests == []


TRACED = """
import sys, time
from knowledge.llm.client import LangChainModel
from knowledge.llm.seam import Deadline, Message
from knowledge.settings import settings
messages = [Message("system", "confidential"), Message("user", "question")]
print("".join(LangChainModel(settings().llm).stream(messages, Deadline.after(60, time.monotonic))))
time.sleep(1.0)
"""


def test_no_trace_is_sent_whatever_the_environment_says() -> None:
    def plain(_request: Asked, _rng: random.Random) -> Reply:
        return Reply("heard", ())

    with serving(plain) as server, serving() as langsmith:
        place = langsmith.url.removesuffix("/v1")
        run = subprocess.run(
            [sys.executable, "-c", TRACED],
            check=False,
            cwd=ROOT,
            env=environment(
                NAVICERT_LLM="openai:stub",
                OPENAI_BASE_URL=server.url,
                OPENAI_API_KEY=KEY,
                LANGSMITH_TRACING="true",
                LANGCHAIN_TRACING_V2="true",
                LANGSMITH_ENDPOINT=place,
                LANGSMITH_API_KEY="ls-key",
            ),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert run.stdout.strip() == "heard", run.stderr
        assert langsmith.requests == []


def test_only_one_module_imports_langchain() -> None:
    found = [
        str(path.relative_to(ROOT))
        for folder in ("knowledge", "bot", "ingest")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if any(
            word in path.read_text(encoding="utf-8")
            for word in ("import langchain", "from langchain", "from langsmith")
        )
    ]
    assert found == [str(Path("knowledge/llm/client.py"))]
