"""The log: one JSON object a line on standard error, from which every secret has been taken out.

Nothing here or above logs what people write: a line names the request, and the database holds the text.
"""

import json
import logging
import re
import sys
import threading
import traceback
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from math import isfinite
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import quote, quote_plus

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""What is being handled here, such as an update's number; in every line that is logged meanwhile."""

REDACTED = "[redacted]"
QUIET = ("httpx", "httpcore", "telegram", "tornado", "apscheduler", "asyncio", "filelock")
"""Loggers that speak from WARNING up: below it they name every address that they call, the token in it, and every lock."""
SHORTEST = 4
"""Characters of a secret that is looked for; anything shorter would be found in every word."""
DEEPEST = 6
"""Levels of a nested value that are kept as such; what is below is text."""

_TOKENS = re.compile(r"(?i)(?:bot)?[0-9]{6,}(?::|%3a)[a-z0-9_-]{30,}|/bot[0-9]+(?::|%3a)[a-z0-9_-]+")
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_log = logging.getLogger("navicert")

ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


class Redactor:
    """Takes secrets out of text: as they are, quoted in an address, escaped in a `repr` or in JSON; and whatever looks
    like the token of any bot."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        longest = sorted(forms, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest)), re.IGNORECASE) if longest else None

    def __call__(self, text: str) -> str:
        """The text without them."""
        known = self._known.sub(REDACTED, text) if self._known else text
        return _TOKENS.sub(REDACTED, known)


def _forms(secret: str) -> set[str]:
    plain = {secret}
    left, colon, right = secret.partition(":")
    if colon and len(right) >= 16 and left.isdigit():
        plain.add(right)  # the half of a token that matters
    shown = {repr(s)[1:-1] for s in plain} | {json.dumps(s)[1:-1] for s in plain}
    return plain | shown | {f(s) for s in plain for f in (lambda s: quote(s, safe=""), quote, quote_plus)}


class JsonLines(logging.Formatter):
    """A record as one line of JSON: ts, level, logger, event, request, what was given as `extra`, and an exception."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end. Never raises, whatever was to be logged."""
        said: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        if request := request_id.get():
            said["request"] = request
        for key, value in record.__dict__.items():
            if key not in _STANDARD:
                said[key if key not in said else f"{key}_"] = value
        if record.exc_info and record.exc_info[0] is not None:
            said["exception"] = record.exc_info[0].__name__
            said["traceback"] = _traceback(record.exc_info)
        if record.stack_info:
            said["stack"] = record.stack_info
        try:
            line = json.dumps(self._clean(said), ensure_ascii=False)
        except (ValueError, TypeError, RecursionError):  # a number too long to be written, and the like
            line = json.dumps({k: _text(v) for k, v in said.items()}, ensure_ascii=False)
        return self._redact(line.encode("utf-8", "backslashreplace").decode())

    def _clean(self, value: Any, depth: int = 0) -> Any:
        """As plain JSON, each text redacted before JSON escapes anything in it."""
        if value is None or isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value)):
            return value
        if isinstance(value, Mapping) and depth < DEEPEST:
            return {self._redact(_text(k)): self._clean(v, depth + 1) for k, v in value.items()}
        if isinstance(value, list | tuple | set | frozenset) and depth < DEEPEST:
            return [self._clean(v, depth + 1) for v in value]
        return self._redact(_text(value))


def _event(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # arguments that do not fit, or cannot be shown: logging must not end what it tells of
        return f"{_text(record.msg)} {_text(record.args)}"


def _text(value: object) -> str:
    try:
        return value if isinstance(value, str) else str(value)
    except Exception:
        return f"<{type(value).__name__}>"


def _traceback(found: ExcInfo) -> str:
    try:
        return "".join(traceback.format_exception(*found)).rstrip()
    except Exception:
        return f"<{found[0].__name__ if found[0] else 'an exception'} that cannot be shown>"


class _Stream(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """The stream has gone. Python's own way would print the record, unredacted."""


def setup(level: str, secrets: Iterable[str], stream: TextIO | None = None) -> Callable[[], None]:
    """Log from `level` (DEBUG to ERROR) to `stream`, standard error by default, without `secrets`; exceptions that nobody
    caught too. Returns what puts everything back."""
    redact = Redactor(secrets)
    handler = _Stream(stream or sys.stderr)
    handler.setFormatter(JsonLines(redact))
    root = logging.getLogger()
    before = root.handlers[:], root.level, {name: logging.getLogger(name).level for name in QUIET}
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(True)
    sys.excepthook = lambda *found: _log.critical("ended by an exception", exc_info=found)
    threading.excepthook = _in_thread
    sys.unraisablehook = _unraisable

    def undo() -> None:
        root.handlers[:], level_before, levels = before
        root.setLevel(level_before)
        for name, was in levels.items():
            logging.getLogger(name).setLevel(was)
        logging.captureWarnings(False)
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks

    return undo


def in_loop(_loop: AbstractEventLoop, context: dict[str, Any]) -> None:
    """For `loop.set_exception_handler`: what went wrong where nobody awaited it."""
    error = context.get("exception")
    found = (type(error), error, error.__traceback__) if isinstance(error, BaseException) else None
    _log.error(str(context.get("message", "an exception in the event loop")), exc_info=found)


def _in_thread(found: threading.ExceptHookArgs) -> None:
    if issubclass(found.exc_type, SystemExit):
        return
    error = found.exc_value or found.exc_type()
    name = found.thread.name if found.thread else ""
    about = (found.exc_type, error, found.exc_traceback)
    _log.error("a thread ended by an exception", exc_info=about, extra={"thread_name": name})


def _unraisable(found: Any) -> None:
    error = found.exc_value or found.exc_type()
    about = (found.exc_type, error, found.exc_traceback)
    _log.error(found.err_msg or "an exception that could not be raised", exc_info=about)
