"""The rate and the time left that long work shows."""

from bot.progress import Rate, line
from ingest.job import Progress


def test_the_rate_is_that_of_the_last_while() -> None:
    rate = Rate()
    assert rate.of(0, 0.0) == 0.0
    assert rate.of(100, 10.0) == 10.0
    assert rate.of(200, 100.0) == 0.0  # a long silence is not counted against it
    assert rate.of(240, 104.0) == 10.0


def test_a_new_batch_begins_anew() -> None:
    rate = Rate()
    rate.of(500, 0.0)
    assert rate.of(10, 1.0) == 0.0
    assert rate.of(30, 3.0) == 10.0


def test_a_line_tells_what_is_left() -> None:
    said = line(Progress(3, 8, "law.pdf", "indexing", 100, 400), 10.0)
    assert said == "3 of 8 documents, passages 100 of 400, 10 a second, 30 s left"
    assert line(Progress(0, 0, "", "rebuilding")) == "rebuilding"
