"""A web server on this machine that plays answers: recorded ones, made-up ones, and hostile ones."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from ingest.fetch import Clock, Fetcher, Limits, Network, Politeness


@dataclass(frozen=True)
class Asked:
    """A request as the server saw it. `query` is decoded; header names are in small letters."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What to send: `body` at once, then each of `pieces` (which may sleep or never end) without a length."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: Iterator[bytes] | None = None
    raw: bytes | None = None  # the whole answer, written as it is


Respond = Callable[[Asked], Answer]


def html(text: str, **headers: str) -> Answer:
    """A UTF-8 page."""
    return Answer(body=text.encode(), headers={"Content-Type": "text/html; charset=utf-8", **headers})


def json(text: str) -> Answer:
    """A JSON answer."""
    return Answer(body=text.encode(), headers={"Content-Type": "application/json"})


def xml(text: str) -> Answer:
    """An XML answer."""
    return Answer(body=text.encode(), headers={"Content-Type": "application/xml"})


class Replay:
    """The running server: `port`, and `asked`, every request so far."""

    def __init__(self, respond: Respond, address: str = "127.0.0.1") -> None:
        self.asked: list[Asked] = []
        self.address = address
        replay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers)
                replay.asked.append(asked)
                with contextlib.suppress(OSError):
                    self._send(respond(asked))

            def _send(self, answer: Answer) -> None:
                self.close_connection = True
                if answer.raw is not None:
                    self.wfile.write(answer.raw)
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.pieces is None and not {"Content-Length", "Transfer-Encoding"} & set(answer.headers):
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
                for piece in answer.pieces or ():
                    self.wfile.write(piece)
                    self.wfile.flush()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer((address, 0), Handler)
        self.server.daemon_threads = True
        self.port: int = self.server.server_address[1]
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def url(self, path: str = "/", host: str = "") -> str:
        """An address on this server, by its IP address or by a name that the tests' resolver knows."""
        return f"http://{host or self.address}:{self.port}{path}"

    def __enter__(self) -> "Replay":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


@dataclass
class FakeTime:
    """A clock that stands still but for sleeping, and remembers the sleeps."""

    at: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.slept.append(seconds)
        self.at += seconds

    def now(self) -> datetime:
        """The calendar time that goes with `at`."""
        return datetime(2026, 11, 21, 12, tzinfo=UTC) + timedelta(seconds=self.at - 1000.0)

    def clock(self) -> Clock:
        """This time as the fetcher takes it; chance is always a half."""
        return Clock(lambda: self.at, self.sleep, self.now, lambda: 0.5)


def to(address: str) -> Callable[[str, int], Sequence[str]]:
    """A resolver that finds every name at one address."""
    return lambda host, port: [address]


def fetcher(
    *servers: Replay,
    cache: Path | None = None,
    limits: Limits | None = None,
    politeness: Politeness | None = None,
    clock: Clock | None = None,
    resolver: Callable[[str, int], Sequence[str]] | None = None,
) -> Fetcher:
    """The product's fetcher, let through to these servers only; names lead to the first of them."""
    allow = frozenset((server.address, server.port) for server in servers)
    found = resolver or to(servers[0].address if servers else "127.0.0.1")
    return Fetcher(
        cache,
        limits or Limits(seconds=10, silence=5),
        politeness or Politeness(interval=0.0, tries=2, first_wait=0.0),
        Network(found, allow),
        clock or FakeTime().clock(),
    )


def recorded(files: Mapping[str, Path], rewrite: Mapping[str, str] | None = None) -> Respond:
    """Answers from files: `files` maps "path" or "path?one=parameter" to a capture; `rewrite` replaces addresses in it."""

    def respond(asked: Asked) -> Answer:
        for key, file in files.items():
            parts = urlsplit(key)
            wanted = dict(parse_qsl(parts.query, keep_blank_values=True))
            if parts.path == asked.path and wanted.items() <= asked.query.items():
                body = file.read_bytes()
                for old, new in (rewrite or {}).items():
                    body = body.replace(old.encode(), new.encode())
                kind = {".json": "application/json", ".xml": "application/xml"}.get(file.suffix, "text/html")
                return Answer(body=body, headers={"Content-Type": kind, "ETag": f'"{file.name}"'})
        return Answer(404, b"not recorded")

    return respond
