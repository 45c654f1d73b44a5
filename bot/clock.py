"""The one place that reads the clock, and how a day is typed."""

from datetime import UTC, date, datetime

from knowledge.errors import BadInput


def today() -> date:
    """Today, where the user is."""
    return datetime.now().astimezone().date()


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def day(text: str | None) -> date:
    """The day as typed with --on; today where none is. Raises BadInput."""
    if text is None:
        return today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--on: {text!r} is no date. Write it as YYYY-MM-DD, such as 2026-11-21.") from None
