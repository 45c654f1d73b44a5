"""Shared fixtures: one advisor a process, with a gazetteer kept between runs; the command; the shared data where it is present."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest

from bot.texts import HeldTexts
from knowledge.answer import Advisor
from knowledge.model import Answer, Lang
from knowledge.rulebook import RuleBook, load
from knowledge.settings import Settings
from knowledge.store.database import Database, open_database

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
TODAY = "2026-11-21"
Run = subprocess.CompletedProcess[str]
Command = Callable[..., Run]


def home() -> Path:
    """A data folder for tests, outside the user's own; kept so that the gazetteer is made once."""
    return Path(os.environ.get("NAVICERT_TEST_HOME", ROOT / ".pytest_cache" / "navicert"))


def environment(**changes: str) -> dict[str, str]:
    """The environment of a subprocess: this one's, with the tests' home, the venv's commands first, and no settings of the user."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("NAVICERT_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**clean, "NAVICERT_HOME": str(home()), "PATH": path, **changes}


@lru_cache(maxsize=1)
def the_advisor() -> Advisor:
    """The product's own pipeline with the bundled rules, once a process."""
    own, book = Settings(home(), "CN", embedder="none"), load()
    texts = HeldTexts(own, book)
    return Advisor(own, book, texts=lambda: texts)


def ask(question: str, on: date = date(2026, 11, 21), lang: Lang | None = None) -> Answer:
    """The answer; for tests with hypothesis, which would print a fixture whole."""
    return the_advisor().ask(question, on, lang=lang)


@pytest.fixture(scope="session")
def advisor() -> Advisor:
    """The advisor as a fixture."""
    return the_advisor()


@pytest.fixture(scope="session")
def book() -> RuleBook:
    """The bundled rules."""
    return load()


@pytest.fixture(scope="session")
def navicert() -> Command:
    """Runs the installed command: `navicert("ask", "...", stdin="", NAVICERT_HOME_COUNTRY="DE")`."""
    program = Path(sys.executable).parent / "navicert"

    def run(*arguments: str, stdin: str = "", **changes: str) -> Run:
        return subprocess.run(
            [str(program), *arguments],
            input=stdin,
            env=environment(**changes),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared data folder; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("needs the shared data beside the checkout")
    return SHARED


def postgres() -> str | None:
    """A PostgreSQL server for tests, where there is one."""
    return os.environ.get("NAVICERT_TEST_POSTGRES")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database; on PostgreSQL a schema of its own, dropped afterwards."""
    if request.param == "sqlite":
        opened = open_database(tmp_path)
        yield opened
        opened.close()
        return
    server = postgres()
    if not server:
        pytest.skip("needs a PostgreSQL server: NAVICERT_TEST_POSTGRES=postgresql://user@host/name")
    schema = f"navicert_{uuid.uuid4().hex[:12]}"
    from sqlalchemy import create_engine, text

    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    opened = open_database(tmp_path, f"{server}?options=-csearch_path%3D{schema}")
    yield opened
    opened.close()
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()
