"""Is the bot well, and what has it counted: GET /health and GET /metrics, for this machine only."""

import json
import logging
import socket
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from bot.metrics import CONTENT_TYPE, Metrics
from knowledge.errors import BadInput
from knowledge.settings import Address

Check = Callable[[], Mapping[str, object]]
"""How the bot is: `ok` (true or false) and whatever else is worth knowing, as plain JSON without secrets. Called in a thread
of the server's; an exception counts as not well."""

PATIENCE = 10.0
"""Seconds that a client may take to say what it wants."""

_log = logging.getLogger("navicert.health")


class Served:
    """A running server; `close()` ends it, and so does the end of a `with` block."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="health", daemon=True)  # fmt: skip
        self._thread.start()

    @property
    def address(self) -> Address:
        """Where it listens; the port as it was found where 0 was asked for."""
        host, port = self._server.server_address[:2]
        return Address(str(host), int(port))

    def close(self) -> None:
        """End it and give the port back."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE)

    def __enter__(self) -> "Served":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def serve(address: Address, metrics: Metrics, check: Check) -> Served:
    """Serve until closed. Raises BadInput for an address that other machines could reach or that is taken."""
    if not address.loopback:
        raise BadInput(
            f"NAVICERT_HEALTH is {address}, which other machines could reach. Write 127.0.0.1:{address.port}."
        )

    class Handler(_Handler):
        pages = {"/health": lambda: _health(check), "/metrics": lambda: (HTTPStatus.OK, CONTENT_TYPE, metrics.text())}

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        daemon_threads = True
        block_on_close = False  # a client that is slow to go does not keep the bot from ending

        def handle_error(self, request: object, client_address: object) -> None:
            _log.debug("a client of the health page went away", exc_info=True)

    try:
        return Served(Server((address.host, address.port), Handler))
    except OSError as error:
        raise BadInput(
            f"NAVICERT_HEALTH: {address} cannot be used: {error.strerror or error}. Is another process there? "
            "Name another port, or write off."
        ) from None


Page = tuple[HTTPStatus, str, bytes]


def _health(check: Check) -> Page:
    try:
        said = dict(check())
        ok = said.pop("ok", False) is True
    except Exception as error:
        _log.exception("the health check failed")
        ok, said = False, {"error": type(error).__name__}  # its text may hold an address
    body = json.dumps({"ok": ok, **said}, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace")
    return (HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE), "application/json; charset=utf-8", body + b"\n"


class _Handler(BaseHTTPRequestHandler):
    pages: Mapping[str, Callable[[], Page]] = {}
    timeout = PATIENCE
    server_version, sys_version = "navicert", ""

    def do_GET(self) -> None:
        page = self.pages.get(self.path.partition("?")[0])
        nothing = (HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", b"Only /health and /metrics are here.\n")
        status, kind, body = page() if page else nothing
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the library's names

    def _nothing(self) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _nothing  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        _log.debug("asked", extra={"path": self.path if hasattr(self, "path") else ""})
