"""The calendar: every day to come on which the law turns, in a file that calendars read."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from knowledge.alerts.state import of_book
from knowledge.calendar import LINE, Coming, coming, ics, summary, uid
from knowledge.rulebook import RuleBook
from tests.conftest import Command

FIRST, LAST = date(2026, 9, 15), date(2026, 12, 31)
AT = datetime(2026, 9, 15, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def events(book: RuleBook) -> tuple[Coming, ...]:
    return coming(of_book(book, FIRST, "CN"), book, FIRST, LAST)


def unfolded(file: bytes) -> list[str]:
    return file.decode().replace("\r\n ", "").split("\r\n")


def test_every_turn_of_every_timeline_is_there(book: RuleBook, events: tuple[Coming, ...]) -> None:
    timelines = [
        *((f"entry:{e.code}", e.timeline) for e in book.entries), *((f"rule:{r.id}", r.timeline) for r in book.restrictions),
        *((f"party:{p.id}", p.timeline) for p in book.parties), *((f"instrument:{i.id}", i.timeline) for i in book.instruments.values()),
    ]  # fmt: skip
    wanted = {(m.start, str(m.status), name) for name, line in timelines for m in line if FIRST <= m.start <= LAST}
    assert wanted
    assert wanted == {(e.day, e.status, s) for e in events for s in e.subjects if not s.startswith("table:")}


def test_the_suspension_of_the_six_acts_is_unconfirmed(book: RuleBook, events: tuple[Coming, ...]) -> None:
    (lapse,) = [e for e in events if e.instrument == "CN-2025-70"]
    assert lapse.day == date(2026, 11, 11)
    assert lapse.unconfirmed
    assert "unconfirmed" in summary(lapse, book, "en")
    assert "未经证实" in summary(lapse, book, "zh")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_file_is_one_that_calendars_read(book: RuleBook, events: tuple[Coming, ...], lang: str) -> None:
    file = ics(events, book, lang, AT, {date(2026, 11, 11): ["#12; a, b\nc"]})  # type: ignore[arg-type]
    assert all(len(line) <= LINE for line in file.split(b"\r\n"))
    assert b"\n" not in file.replace(b"\r\n", b"")
    lines = unfolded(file)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(events)
    uids = [line for line in lines if line.startswith("UID:")]
    assert len(set(uids)) == len(events)
    for i, line in enumerate(lines):
        if line.startswith("DTSTART;VALUE=DATE:"):
            start, end = line[-8:], lines[i + 1][-8:]
            assert (date.fromisoformat(end) - date.fromisoformat(start)).days == 1
    assert any("#12\\; a\\, b\\nc" in line for line in lines)


def test_the_same_event_has_the_same_id_on_another_day_and_after_it_was_confirmed(book: RuleBook) -> None:
    one = coming(of_book(book, FIRST, "CN"), book, FIRST, LAST)
    later = coming(of_book(book, date(2026, 10, 1), "CN"), book, date(2026, 10, 1), LAST)
    assert {uid(e) for e in later} <= {uid(e) for e in one}
    assert uid(replace(one[0], unconfirmed=False, subjects=())) == uid(one[0])


def test_the_command(navicert: Command, tmp_path: Path) -> None:
    file = tmp_path / "dates.ics"
    done = navicert("calendar", "--from", "2026-11-01", "--days", "30", "--ics", str(file), NAVICERT_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "2026-11-11" in done.stdout
    assert "2026-11-28" in done.stdout
    assert file.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    assert navicert("calendar", "--from", "9999-12-31", NAVICERT_HOME=str(tmp_path)).returncode == 0
    none = navicert("calendar", "--from", "2030-01-01", "--days", "3", NAVICERT_HOME=str(tmp_path))
    assert "No date is known" in none.stdout
    wrong = navicert("alerts", "run", "--on", "2026-11-11", NAVICERT_HOME=str(tmp_path))
    assert wrong.returncode == 2
    assert "--dry-run" in wrong.stderr
