"""Answers from processes of their own: the same ones, and nobody waits for a process that died or hangs."""

import os
import signal
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.answers import Pool, Stopping
from knowledge.case import settle
from knowledge.errors import BadInput, NavicertError
from knowledge.settings import Settings
from tests.conftest import ask
from tests.telegram.running import warm

ON = date(2026, 11, 21)
MAGNETS = "NdFeB magnets to Vietnam"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return warm(tmp_path_factory.mktemp("pool"))


@pytest.fixture
def pool(folder: Path) -> Iterator[Pool]:
    made = Pool(Settings(folder, "CN"), processes=1, patience=60)
    yield made
    made.close()


def pids(pool: Pool) -> list[int]:
    """The processes that run now."""
    assert pool._pool is not None
    return list(pool._pool._processes)


def test_the_answer_is_the_one_that_this_process_gives(pool: Pool) -> None:
    here, there = ask(MAGNETS, ON), pool.ask(MAGNETS, ON)
    assert there == here
    deal = settle(here.transaction, here.missing[0].fact, "Dy")
    assert pool.again(here, ON, deal=deal).verdict == "licence_required"
    assert pool.ask("and to Japan?", ON, case=here.transaction).continues


def test_what_the_person_got_wrong_is_told_in_the_same_words(pool: Pool) -> None:
    with pytest.raises(BadInput, match="The question is empty"):
        pool.ask("   ", ON)


def test_a_process_that_was_killed_is_replaced_and_the_question_answered(pool: Pool) -> None:
    pool.warm()
    (before,) = pids(pool)
    os.kill(before, signal.SIGKILL)
    assert pool.ask(MAGNETS, ON).verdict == "needs_more_info"
    assert before not in pids(pool)


def test_a_process_that_hangs_is_given_up_and_the_next_question_answered(folder: Path) -> None:
    pool = Pool(Settings(folder, "CN"), processes=1, patience=60)
    try:
        pool.warm()
        (stuck,) = pids(pool)
        os.kill(stuck, signal.SIGSTOP)
        pool._patience = 0.5
        with pytest.raises(NavicertError, match="took too long"):
            pool.ask(MAGNETS, ON)
        pool._patience = 60
        assert pool.ask(MAGNETS, ON).verdict == "needs_more_info"
        with pytest.raises(ProcessLookupError):
            os.kill(stuck, 0)
    finally:
        pool.close()


def test_whoever_waits_at_a_stop_hears_so(folder: Path) -> None:
    pool = Pool(Settings(folder, "CN"), processes=1)
    pool.prepared.clear()
    heard: list[BaseException] = []

    def wait() -> None:
        try:
            pool.ask(MAGNETS, ON)
        except Stopping as stopping:
            heard.append(stopping)

    waiting = threading.Thread(target=wait)
    waiting.start()
    pool.close()
    waiting.join(10)
    assert len(heard) == 1
