"""Operating the bot: settings, the log and its secrets, metrics, health, one instance, the queue's process, deployment."""

import asyncio
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
import typer

from bot import logs
from bot.health import serve
from bot.instance import sole
from bot.metrics import metrics
from bot.worker import Librarian
from knowledge.errors import BadInput, Busy
from knowledge.settings import (
    Address,
    BotSettings,
    ModelSettings,
    Settings,
    bot_settings,
    child_environment,
    secrets,
    settings,
)
from knowledge.store.database import Database, open_database
from knowledge.store.jobs import Jobs
from knowledge.store.owner import holder, owner, unowned
from tests.conftest import ROOT, environment, postgres
from tests.test_kill import law

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOKEN = "110201543:" + "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"[:34] + "x"
SECRET = "a-webhook-secret-of-tests"
MODEL_KEY = "sk-a-model-key-of-tests"
LOOPBACK = Address("127.0.0.1", 0)


# ---------------------------------------------------------------- settings


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Callable[..., BotSettings]:
    """The bot's settings from these variables and no others."""
    for name in [n for n in os.environ if n.startswith("NAVICERT_")]:
        monkeypatch.delenv(name)

    def read(**said: str) -> BotSettings:
        for name, value in said.items():
            monkeypatch.setenv(f"NAVICERT_{name}", value)
        return bot_settings()

    return read


def test_a_token_is_all_that_is_needed(env: Callable[..., BotSettings]) -> None:
    found = env(TELEGRAM_TOKEN=f" {TOKEN}\n")
    assert (found.token, found.bot_id) == (TOKEN, 110201543)
    assert found == BotSettings(TOKEN)
    assert (found.webhook_url, found.open_to_all, found.log_level) == ("", False, "INFO")
    assert str(found.health) == "127.0.0.1:9090"
    assert TOKEN not in repr(found)


def test_a_token_may_come_in_a_file(env: Callable[..., BotSettings], tmp_path: Path) -> None:
    (tmp_path / "token").write_text("123:ABC\n", encoding="utf-8")
    assert env(TELEGRAM_TOKEN_FILE=str(tmp_path / "token")).token == "123:ABC"
    with pytest.raises(BadInput, match="both set"):
        env(TELEGRAM_TOKEN="123:ABC")


def test_a_webhook_wants_an_address_and_a_secret(env: Callable[..., BotSettings]) -> None:
    said = {
        "WEBHOOK_URL": "https://bot.example.com/telegram/",
        "WEBHOOK_SECRET": SECRET,
        "WEBHOOK_LISTEN": "[::1]:8080",
    }
    found = env(TELEGRAM_TOKEN=TOKEN, OPEN="Yes", HEALTH="off", LOG="debug", **said)
    assert found.webhook_url == "https://bot.example.com/telegram"
    assert found.webhook_listen == Address("::1", 8080)
    assert str(found.webhook_listen) == "[::1]:8080"
    assert (found.open_to_all, found.health, found.log_level) == (True, None, "DEBUG")
    assert SECRET not in repr(found)


WRONG = [
    ({}, "NAVICERT_TELEGRAM_TOKEN is not set"),
    ({"TELEGRAM_TOKEN": "hunter2:" + TOKEN}, "NAVICERT_TELEGRAM_TOKEN holds no bot token"),
    ({"TELEGRAM_TOKEN": TOKEN + " 1"}, "NAVICERT_TELEGRAM_TOKEN holds no bot token"),
    ({"TELEGRAM_TOKEN_FILE": TOKEN}, "NAVICERT_TELEGRAM_TOKEN_FILE names a file that cannot be read: No such file"),
    ({"TELEGRAM_TOKEN_FILE": os.devnull}, "NAVICERT_TELEGRAM_TOKEN_FILE names an empty file"),
    ({"HEALTH": TOKEN}, "NAVICERT_HEALTH is something long"),
    ({"LOG": TOKEN}, "NAVICERT_LOG is something long"),
    ({"TELEGRAM_API": f"http://api.example.com/bot{TOKEN}"}, "NAVICERT_TELEGRAM_API is not encrypted"),
    ({"TELEGRAM_API": "api.telegram.org"}, "NAVICERT_TELEGRAM_API is no address"),
    ({"TELEGRAM_API": "https://me:pw@api.example.com"}, "NAVICERT_TELEGRAM_API holds a user name"),
    ({"WEBHOOK_URL": "https://bot.example.com"}, "NAVICERT_WEBHOOK_SECRET is not"),
    ({"WEBHOOK_SECRET": SECRET}, "NAVICERT_WEBHOOK_URL is not"),
    ({"WEBHOOK_URL": "http://bot.example.com", "WEBHOOK_SECRET": SECRET}, "NAVICERT_WEBHOOK_URL is not encrypted"),
    ({"WEBHOOK_URL": "https://bot.example.com", "WEBHOOK_SECRET": "short"}, "NAVICERT_WEBHOOK_SECRET must be 16"),
    ({"WEBHOOK_LISTEN": "localhost"}, "NAVICERT_WEBHOOK_LISTEN is 'localhost', which is no address"),
    ({"WEBHOOK_LISTEN": "localhost:70000"}, "NAVICERT_WEBHOOK_LISTEN .* no number from 0 to 65535"),
    ({"HEALTH": "0.0.0.0:9090"}, "NAVICERT_HEALTH is '0.0.0.0:9090', which other machines could reach"),
    ({"OPEN": "perhaps"}, "NAVICERT_OPEN is 'perhaps'. Write yes or no"),
    ({"LOG": "loud"}, "NAVICERT_LOG is 'LOUD'"),
]


@pytest.mark.parametrize(("said", "cause"), WRONG)
def test_a_wrong_setting_is_named_without_its_secret(
    env: Callable[..., BotSettings], said: dict[str, str], cause: str
) -> None:
    given = said if not said or "TELEGRAM_TOKEN_FILE" in said else {"TELEGRAM_TOKEN": TOKEN, **said}
    with pytest.raises(BadInput, match=cause) as told:
        env(**given)
    assert TOKEN not in str(told.value)
    assert told.value.__cause__ is None
    assert str(told.value).endswith(".")


def test_a_loopback_server_may_be_without_tls(env: Callable[..., BotSettings]) -> None:
    assert env(TELEGRAM_TOKEN=TOKEN, TELEGRAM_API="http://127.0.0.1:8081/").api_url == "http://127.0.0.1:8081"


def test_what_is_secret_and_what_a_child_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    model = ModelSettings("openai", "some-model", "https://llm.example.com/v1", MODEL_KEY)
    own = Settings(tmp_path, "CN", "postgresql://me:p%40ss@db/x", korea_key="korea-key", llm=model)
    found = secrets(own, BotSettings(TOKEN, webhook_secret=SECRET))
    assert found == (TOKEN, SECRET, "p%40ss", "p@ss", "korea-key", MODEL_KEY)
    assert MODEL_KEY not in repr(own)
    monkeypatch.setenv("NAVICERT_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("NAVICERT_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("NAVICERT_LLM", "openai:some-model")
    monkeypatch.setenv("OPENAI_API_KEY", MODEL_KEY)
    child = child_environment(own)
    assert not [name for name in child if name.startswith("NAVICERT_LLM")]
    assert MODEL_KEY not in child.values()
    assert child["NAVICERT_HOME"] == str(tmp_path)
    assert child["PATH"] == os.environ["PATH"]
    assert not {TOKEN, SECRET} & set(child.values())


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., ModelSettings | None]:
    """The language model's settings from these variables and no others."""
    for name in [n for n in os.environ if n.startswith(("NAVICERT_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NAVICERT_HOME", str(tmp_path))

    def read(**said: str) -> ModelSettings | None:
        for name, value in said.items():
            monkeypatch.setenv(name, value)
        return settings().llm

    return read


def test_no_model_is_asked_unless_one_is_named(model: Callable[..., ModelSettings | None]) -> None:
    assert model(OPENAI_API_KEY=MODEL_KEY, OPENAI_BASE_URL="not looked at") is None


def test_a_model_of_openai_and_of_a_server_of_ones_own(
    model: Callable[..., ModelSettings | None], tmp_path: Path
) -> None:
    (tmp_path / "key").write_text(f"{MODEL_KEY}\n", encoding="utf-8")
    found = model(NAVICERT_LLM="openai:gpt-4o-mini", OPENAI_API_KEY_FILE=str(tmp_path / "key"))
    assert found == ModelSettings("openai", "gpt-4o-mini", "https://api.openai.com/v1", MODEL_KEY)
    own = model(OPENAI_BASE_URL="http://127.0.0.1:8080/v1/", OPENAI_API_KEY_FILE="", NAVICERT_LLM_BUDGET="0")
    assert own == ModelSettings("openai", "gpt-4o-mini", "http://127.0.0.1:8080/v1", "", daily=0)
    assert own is not None
    assert own.name == "openai:gpt-4o-mini"


def test_another_provider_has_settings_of_its_own(model: Callable[..., ModelSettings | None]) -> None:
    found = model(NAVICERT_LLM="ollama:qwen3:8b", OPENAI_API_KEY=MODEL_KEY, NAVICERT_LLM_BUDGET_ALL="5")
    assert found == ModelSettings("ollama", "qwen3:8b", daily_all=5)


WRONG_MODEL = [
    ({"NAVICERT_LLM": "gpt-4o-mini"}, "NAVICERT_LLM is 'gpt-4o-mini', which names no model"),
    ({"NAVICERT_LLM": f"sk:{MODEL_KEY * 2} x"}, "NAVICERT_LLM is something long"),
    ({"NAVICERT_LLM": "openai:x"}, "NAVICERT_LLM is set and OPENAI_API_KEY is not"),
    ({"NAVICERT_LLM": "openai:x", "OPENAI_BASE_URL": "http://llm.example.com/v1"}, "OPENAI_BASE_URL is not encrypted"),
    ({"NAVICERT_LLM": "openai:x", "OPENAI_BASE_URL": "llm"}, "OPENAI_BASE_URL is no address"),
    ({"NAVICERT_LLM": "a_provider:x", "NAVICERT_LLM_BUDGET": "lots"}, "NAVICERT_LLM_BUDGET is 'lots'"),
    ({"NAVICERT_LLM": "a_provider:x", "NAVICERT_LLM_BUDGET_ALL": "-1"}, "NAVICERT_LLM_BUDGET_ALL is '-1'"),
]


@pytest.mark.parametrize(("said", "cause"), WRONG_MODEL)
def test_a_wrong_setting_of_the_model_is_named(
    model: Callable[..., ModelSettings | None], said: dict[str, str], cause: str
) -> None:
    with pytest.raises(BadInput, match=cause) as told:
        model(**said)
    assert MODEL_KEY not in str(told.value)
    assert str(told.value).endswith(".")


def test_the_example_names_every_variable_and_no_other() -> None:
    code = (ROOT / "knowledge" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'"((?:NAVICERT|OPENAI)_[A-Z_]*[A-Z])"', code))
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#?((?:NAVICERT|OPENAI)_[A-Z_]+)=", example, re.MULTILINE)) == read
    assert len(read) == 23
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    assert [name for name in read if f"`{name}`" not in page] == []


# ---------------------------------------------------------------- the log


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What is logged, as `setup` writes it."""
    stream = StringIO()
    undo = logs.setup("DEBUG", (TOKEN, SECRET, 'with "quotes" \\ and 中文'), stream)
    yield stream
    undo()


def lines(stream: StringIO) -> list[dict[str, object]]:
    """The objects logged; each line is JSON by itself."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_what_and_for_which_request(log: StringIO) -> None:
    mark = logs.request_id.set("update:7")
    logging.getLogger("navicert.test").info("answered\nin %s s", 2, extra={"case": 12, "verdict": "licence_required"})
    logs.request_id.reset(mark)
    (line,) = lines(log)
    assert str(line.pop("ts")).endswith("+00:00")
    assert line == {
        "level": "info", "logger": "navicert.test", "event": "answered\nin 2 s", "request": "update:7", "case": 12,
        "verdict": "licence_required",
    }  # fmt: skip


class Unshowable:
    def __repr__(self) -> str:
        raise ValueError(TOKEN)


def raised() -> None:
    try:
        try:
            raise KeyError(f"https://api.telegram.org/bot{TOKEN}/getMe")
        except KeyError as error:
            raise RuntimeError({"token": TOKEN}) from error
    except RuntimeError as error:
        raise OSError(b"secret " + SECRET.encode()) from error


def say_it_all(log: logging.Logger) -> None:
    """Every way in which a secret may come into a line."""
    log.info("the token is %s", TOKEN)
    log.info(f"{TOKEN} and {SECRET}")
    log.info("dict %r bytes %r", {"token": TOKEN, "n": [TOKEN]}, TOKEN.encode())
    log.info("POST %s", f"https://api.telegram.org/bot{TOKEN}/sendMessage".replace(":", "%3A"))
    log.info("POST %s", f"https://api.telegram.org/bot{TOKEN}/sendMessage".replace(":", "%3a"))
    log.info("extra", extra={"url": f"/bot{TOKEN}/x", "nested": {"a": {TOKEN: [SECRET, (TOKEN.encode(),)]}}})
    log.info("%d", TOKEN)  # arguments that do not fit
    log.info("half: %s", TOKEN.partition(":")[2])
    log.info("shout: %s", TOKEN.upper())
    log.info('with "quotes" \\ and 中文')
    log.info(repr('with "quotes" \\ and 中文'))
    log.info("unshowable %s", Unshowable(), extra={"thing": Unshowable()})
    log.info("with stack", stack_info=True, extra={"message_": TOKEN})
    try:
        raised()
    except OSError:
        log.exception("failed with %s", TOKEN)


def test_no_secret_is_ever_logged(log: StringIO) -> None:
    root = logging.getLogger()
    root.handlers[:] = [h for h in root.handlers if isinstance(h.formatter, logs.JsonLines)]  # not pytest's own
    for name in ("navicert.bot", "other"):
        say_it_all(logging.getLogger(name))
    for name in ("httpx", "httpcore.http11", "telegram.ext.Application", "tornado.access", "apscheduler"):
        logging.getLogger(name).info("GET https://api.telegram.org/bot%s/getUpdates", TOKEN)
        logging.getLogger(name).warning("GET https://api.telegram.org/bot%s/getUpdates", TOKEN)
    text = log.getvalue()
    assert "quotes" not in text
    for form in (TOKEN, SECRET, TOKEN.partition(":")[2]):
        assert form.lower() not in text.lower()
    found = lines(log)
    assert len(found) == 2 * 14 + 5  # the libraries' INFO is left out
    failed = [line for line in found if "traceback" in line]
    assert [line["exception"] for line in failed] == ["OSError", "OSError"]
    for part in ("KeyError", "RuntimeError", "direct cause", "in raised", logs.REDACTED):
        assert part in str(failed[0]["traceback"])


def test_a_token_that_nobody_told_of_is_known_by_its_shape(log: StringIO) -> None:
    other = "987654321:" + "B" * 35
    logging.getLogger("x").warning("\n%s\n/bot12:AB/getMe 10:30:00 127.0.0.1:9090", other)
    (line,) = lines(log)
    assert line["event"] == f"\n{logs.REDACTED}\n{logs.REDACTED}/getMe 10:30:00 127.0.0.1:9090"


def test_a_log_that_has_gone_ends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    stream = StringIO()
    undo = logs.setup("INFO", (TOKEN,), stream)
    stream.close()
    logging.getLogger("x").error("lost %s", TOKEN)
    undo()
    assert capsys.readouterr() == ("", "")


CRASH = """
import asyncio, sys, threading, warnings
from bot import logs
token = sys.argv[1]
logs.setup("INFO", (token,))
def fail(): raise ValueError(token)
thread = threading.Thread(target=fail); thread.start(); thread.join()
class Bad:
    def __del__(self): raise ValueError(token)
bad = Bad(); del bad
warnings.warn(token)
async def loop():
    asyncio.get_running_loop().set_exception_handler(logs.in_loop)
    asyncio.get_running_loop().call_soon(fail)
    await asyncio.sleep(0.01)
asyncio.run(loop())
fail()
"""


def test_what_nobody_caught_is_logged_without_secrets() -> None:
    run = subprocess.run(
        [sys.executable, "-c", CRASH, TOKEN], check=False, cwd=ROOT, env=environment(), capture_output=True, text=True
    )
    assert run.returncode == 1
    assert TOKEN not in run.stderr + run.stdout
    found = [json.loads(line) for line in run.stderr.splitlines()]
    levels = [(line["level"], line.get("exception")) for line in found]
    thread, unraisable, warned, loop, last = levels
    assert thread == unraisable == loop == ("error", "ValueError")
    assert warned == ("warning", None)
    assert last == ("critical", "ValueError")


# ---------------------------------------------------------------- metrics and health


def get(address: Address, path: str, method: str = "GET") -> tuple[int, str, bytes]:
    request = urllib.request.Request(f"http://{address}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as said:
            return said.status, said.headers["Content-Type"], said.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read()


def test_metrics_are_counted_apart_and_listed_on_the_page() -> None:
    one, other = metrics(), metrics()
    one.updates.labels(kind="text").inc()
    one.answers.labels(verdict="licence_required", behaviour="answer").inc()
    one.answer_seconds.observe(0.2)
    one.waiting.set(3)
    text = one.text().decode()
    assert 'navicert_updates_total{kind="text"} 1.0' in text
    assert 'navicert_answers_total{behaviour="answer",verdict="licence_required"} 1.0' in text
    assert 'navicert_answer_seconds_bucket{le="0.25"} 1.0' in text
    assert "navicert_waiting_updates 3.0" in text
    assert "process_resident_memory_bytes" in text
    assert 'kind="text"' not in other.text().decode()
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    names = re.findall(r"^# TYPE (navicert_\w+) (?:counter|gauge|histogram)$", text, re.MULTILINE)
    known = {name for name in names if not name.endswith("_created")}
    assert len(known) == 11
    assert set(re.findall(r"^\| `(navicert_\w+)", page, re.MULTILINE)) == known


def test_health_and_metrics_are_served() -> None:
    state: dict[str, object] = {"ok": True, "since": NOW, "waiting": 0}
    with serve(LOOPBACK, metrics(), lambda: state) as served:
        at = served.address
        status, kind, body = get(at, "/health?verbose")
        assert (status, kind) == (200, "application/json; charset=utf-8")
        assert json.loads(body) == {"ok": True, "since": str(NOW), "waiting": 0}
        state["ok"] = False
        assert get(at, "/health")[0] == 503
        del state["ok"]
        assert get(at, "/health")[0] == 503
        status, kind, body = get(at, "/metrics")
        assert status == 200
        assert kind.startswith("text/plain; version=")
        assert b"navicert_in_flight 0.0" in body
        assert get(at, "/health", "HEAD")[0::2] == (503, b"")
        assert [get(at, path)[0] for path in ("/", "/health/", "/metrics.txt")] == [404, 404, 404]
        assert get(at, "/health", "POST")[0] == 404
        with pytest.raises(BadInput, match=rf"NAVICERT_HEALTH: 127.0.0.1:{at.port} cannot be used: Address already"):
            serve(at, metrics(), lambda: state)
    with pytest.raises(urllib.error.URLError):
        get(at, "/health")


def test_a_check_that_fails_is_not_well_and_shows_no_more_than_its_kind(log: StringIO) -> None:
    def check() -> dict[str, object]:
        raise ConnectionError(f"https://api.telegram.org/bot{TOKEN}")

    with serve(LOOPBACK, metrics(), check) as served:
        status, _, body = get(served.address, "/health")
    assert (status, json.loads(body)) == (503, {"ok": False, "error": "ConnectionError"})
    assert "the health check failed" in log.getvalue()
    assert TOKEN not in log.getvalue()


def test_other_machines_are_kept_out() -> None:
    with pytest.raises(BadInput, match="other machines could reach"):
        serve(Address("0.0.0.0", 0), metrics(), dict)


# ---------------------------------------------------------------- one instance


def test_one_process_answers_for_a_bot(database: Database, tmp_path: Path) -> None:
    with sole(tmp_path, database, 123) as held:
        assert held()
        another = rf"another navicert serve answers for this bot: process {os.getpid()}"
        with pytest.raises(Busy, match=another), sole(tmp_path, database, 123):
            pass
        with sole(tmp_path, database, 124) as theirs:  # another bot
            assert theirs()
        with owner(tmp_path, database, "a test"):  # an ingest goes on beside it
            pass
    with sole(tmp_path, database, 123):
        pass


def test_a_killed_process_lets_go(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from bot.instance import sole\n"
        "from knowledge.store.database import open_database\n"
        "home = Path(sys.argv[1])\n"
        "with sole(home, open_database(home), 123):\n    print('held', flush=True); time.sleep(60)\n"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, env=environment(), stdout=subprocess.PIPE
    )
    assert started.stdout is not None
    assert started.stdout.readline() == b"held\n"
    own = open_database(tmp_path)
    with pytest.raises(Busy, match=rf"process {started.pid} \(navicert serve\)"), sole(tmp_path, own, 123):
        pass
    started.kill()
    started.communicate()
    with sole(tmp_path, own, 123):
        pass
    own.close()


def test_a_server_keeps_two_machines_apart_and_tells_of_a_lost_lock(tmp_path: Path) -> None:
    server = postgres()
    if not server:
        pytest.skip("needs a PostgreSQL server: NAVICERT_TEST_POSTGRES=postgresql://user@host/name")
    from sqlalchemy import create_engine, text

    engine = create_engine(
        server.replace("postgresql://", "postgresql+psycopg://"), connect_args={"application_name": "sole"}
    )
    number = os.getpid()  # runs beside this one use other bots
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    own = Database(engine)
    with sole(here, own, number) as held:
        with pytest.raises(Busy, match="a process on another machine"), sole(there, own, number):
            pass
        assert held()
        with engine.begin() as other:
            lock = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid() "
            mine = "AND pid IN (SELECT pid FROM pg_stat_activity WHERE application_name = 'sole')"
            assert other.execute(text(lock + mine)).scalars().all() == [True]
        assert not held()
        assert not held()
    engine.dispose()


# ---------------------------------------------------------------- the queue's process


class Watched:
    """A librarian with its pauses noted and cut short."""

    def __init__(self, home: Path, code: str, environment: dict[str, str] | None = None, grace: float = 5.0) -> None:
        self.home, self.database = home, open_database(home)
        self.jobs = Jobs(self.database)
        self.pauses: list[float] = []
        self.looks = 1
        command = (sys.executable, "-c", code, str(home)) if code else ()
        self.own = Librarian(home, self.database, environment or {}, command, self.pause, grace)

    async def pause(self, stop: asyncio.Event, seconds: float) -> None:
        self.pauses.append(seconds)
        if len(self.pauses) >= self.looks:
            stop.set()
        await asyncio.sleep(0.01)

    def run(self, looks: int = 1) -> None:
        self.looks = looks
        asyncio.run(self.own.run(asyncio.Event()))


MARK = "import pathlib, sys; pathlib.Path(sys.argv[1], 'ran').touch()"


def test_an_empty_queue_and_one_that_somebody_does_start_nothing(tmp_path: Path) -> None:
    watched = Watched(tmp_path, MARK)
    watched.run()
    number = watched.jobs.submit("reindex", {}, NOW)
    with owner(tmp_path, watched.database, "an ingest"):
        assert unowned(tmp_path, watched.database) == 0
        watched.run()
    assert not (tmp_path / "ran").exists()
    watched.jobs.claim("", NOW)  # by a process that was killed
    assert unowned(tmp_path, watched.database) == 1
    watched.run()
    assert (tmp_path / "ran").exists()
    watched.jobs.finish(number, "done", {}, NOW)
    assert unowned(tmp_path, watched.database) == 0


def test_after_crashes_it_tries_ever_less_often(tmp_path: Path, log: StringIO) -> None:
    watched = Watched(tmp_path, f"import sys; print('{TOKEN}', file=sys.stderr); sys.exit(3)")
    number = watched.jobs.submit("reindex", {}, NOW)
    watched.run(looks=4)
    assert watched.pauses == [2.0, 4.0, 8.0, 16.0]
    ended = [line for line in lines(log) if line["event"] == "the queue's process ended badly"]
    assert [(line["status"], line["said"]) for line in ended] == [(3, logs.REDACTED)] * 4
    watched.jobs.cancel(number, NOW)
    watched.run(looks=5)
    assert watched.pauses[-1] == 1.0


def test_a_program_that_is_not_there_ends_nothing(tmp_path: Path, log: StringIO) -> None:
    watched = Watched(tmp_path, MARK)
    watched.own.command = (str(tmp_path / "none"),)
    watched.jobs.submit("reindex", {}, NOW)
    watched.run(looks=2)
    assert watched.own.failures == 2
    assert "cannot be started" in log.getvalue()


SLOW = """
import pathlib, signal, sys, time
def note(*_):
    pathlib.Path(sys.argv[1], 'asked').touch()
    if not sys.argv[2:]: sys.exit(0)
signal.signal(signal.SIGINT, note)
pathlib.Path(sys.argv[1], 'ran').touch()
while True: time.sleep(0.05)
"""


@pytest.mark.parametrize(("obeys", "how"), [(True, "stop"), (False, "stop"), (True, "cancel")])
def test_a_stop_ends_the_child_one_way_or_another(tmp_path: Path, obeys: bool, how: str) -> None:
    watched = Watched(tmp_path, SLOW, grace=5.0 if obeys else 0.3)
    watched.own.command = (*watched.own.command, *(() if obeys else ("deaf",)))
    watched.jobs.submit("reindex", {}, NOW)

    async def runs() -> int:
        stop = asyncio.Event()
        going = asyncio.create_task(watched.own.run(stop))
        while not (tmp_path / "ran").exists():
            await asyncio.sleep(0.02)
        child = watched.own.child
        assert child is not None
        if how == "stop":
            stop.set()
            await asyncio.wait_for(going, 4)
        else:
            going.cancel()
            with pytest.raises(asyncio.CancelledError):
                await going
            await asyncio.sleep(0.2)
        return child

    child = asyncio.run(runs())
    assert (tmp_path / "asked").exists() == (how == "stop")
    assert watched.own.child is None
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert len(watched.jobs.recent()) == 1
    assert watched.jobs.recent()[0].state == "queued"


def test_a_queued_ingest_is_done_by_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "law.md").write_text(law(1, 1), encoding="utf-8")
    own = Settings(tmp_path / "home", "CN", embedder="none")
    watched = Watched(own.home, "", child_environment(own))
    number = watched.jobs.submit("ingest", {"specs": [f"file:{tmp_path / 'law.md'}"]}, NOW)
    watched.run()
    done = watched.jobs.get(number)
    assert done is not None
    assert done.state == "done", done.report
    assert [d["state"] for d in done.report["documents"]] == ["ingested"]
    assert (watched.own.failures, watched.pauses) == (0, [1.0])
    assert holder(own.home) is None


STOPPED = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from bot.worker import do_queue
from ingest.wiring import means
from knowledge.settings import Settings
from knowledge.store.database import open_database
from knowledge.store.store import Store
from tests.test_store import NOW
home = Path(sys.argv[1])
store = Store(home, open_database(home), "none")
job = store.jobs.submit("ingest", {"specs": ["file:" + sys.argv[2]]}, NOW)
for stop, number in (("read", signal.SIGINT), ("published", signal.SIGTERM), ("", 0)):
    seen = []
    def at(point):
        seen.append(point)
        if point == stop: os.kill(os.getpid(), number)
    whole = do_queue(store, replace(means(Settings(home, "CN"), lambda: NOW), at=at))
    print(whole, store.jobs.get(job).state, seen[-1], len(store.library.versions()))
"""


def test_a_job_that_was_stopped_stays_in_the_queue_and_is_done_later(tmp_path: Path) -> None:
    (tmp_path / "law.md").write_text(law(1, 1), encoding="utf-8")
    command = [sys.executable, "-c", STOPPED, str(tmp_path / "home"), str(tmp_path / "law.md")]
    run = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    first, second, third = run.stdout.splitlines()
    assert first == "False queued read 0"
    assert second == "False queued published 1"
    assert third.startswith("True done ")
    assert third.endswith(" 1")


def test_jobs_run_beside_an_owner_says_so_and_ends_well(tmp_path: Path) -> None:
    own = open_database(tmp_path)
    program = [str(Path(sys.executable).parent / "navicert"), "jobs", "run"]
    with owner(tmp_path, own, "a test"):
        run = subprocess.run(
            program, env=environment(NAVICERT_HOME=str(tmp_path)), capture_output=True, text=True, check=False
        )
    assert (run.returncode, run.stdout) == (0, "")
    assert run.stderr.startswith(f"Nothing to do here: process {os.getpid()} (a test) owns the data folder")
    assert len(run.stderr.splitlines()) == 1


# ---------------------------------------------------------------- deployment


UNIT = ROOT / "deploy" / "navicert.service"


def unit() -> dict[str, list[str]]:
    """Key -> values of the unit's [Service] section."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def test_the_unit_starts_a_command_that_exists_with_settings_that_exist() -> None:
    from bot.cli import app

    said = unit()
    program, *words = said["ExecStart"][0].split()
    assert Path(program).name == "navicert"
    assert set(words) <= set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    names = [value.partition("=")[0] for value in said["Environment"]]
    assert [n for n in names if n.startswith("NAVICERT_") and f"#{n}=" not in example] == []
    assert "NAVICERT_TELEGRAM_TOKEN" not in names
    credential = said["LoadCredential"][0].partition(":")[0]
    assert f"NAVICERT_TELEGRAM_TOKEN_FILE=%d/{credential}" in said["Environment"]
    assert f"NAVICERT_HOME=/var/lib/{said['StateDirectory'][0]}" in said["Environment"]
    hard = {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "DynamicUser": "yes", "RestartPreventExitStatus": "2"}
    assert {key: said[key][0] for key in hard} == hard
    assert (said["KillSignal"], said["KillMode"]) == (["SIGTERM"], ["mixed"])  # the bot stops its ingest itself


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("needs systemd")
    if int(subprocess.check_output([analyze, "--version"], text=True).split()[1]) < 251:
        pytest.skip("needs systemd 251")
    text = UNIT.read_text(encoding="utf-8").replace("/opt/navicert/.venv/bin/navicert", sys.executable)
    (tmp_path / "navicert.service").write_text(text, encoding="utf-8")
    run = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / "navicert.service")], capture_output=True, text=True, check=False
    )
    assert (run.returncode, [line for line in run.stderr.splitlines() if "navicert" in line]) == (0, [])


def test_the_image_is_built_by_hash_for_no_root_and_copies_what_is_there() -> None:
    text = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    sources = [word for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE) for word in line.split()[:-1]]
    assert sources
    assert [s for s in sources if not (ROOT / s).exists()] == []
    assert "--require-hashes" in text
    assert re.findall(r"^USER (\S+)$", text, re.MULTILINE) == ["10001:10001"]
    assert not re.search(r"(?:TOKEN|SECRET)=", text)
    names = set(re.findall(r"NAVICERT_[A-Z_]+", text))
    assert names <= set(re.findall(r"NAVICERT_[A-Z_]+", (ROOT / ".env.example").read_text(encoding="utf-8")))
    check = json.loads(text.partition("CMD ")[2].splitlines()[0])
    with serve(LOOPBACK, metrics(), lambda: {"ok": True}) as served:
        code = check[2].replace("127.0.0.1:9090", str(served.address))
        assert subprocess.run([sys.executable, "-c", code], timeout=20, check=False).returncode == 0
