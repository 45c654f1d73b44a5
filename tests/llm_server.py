"""A server that speaks OpenAI's protocol as badly as is asked of it, on this machine. What it was sent is kept."""

import contextlib
import gzip
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.llm_lies import Asked, Reply, asked, honest, slots

Replying = Callable[[Asked, random.Random], Reply]
MODES = (
    "well", "hanging", "hanging midway", "trickling", "trickling headers", "500", "500 once", "401", "429", "reset", "huge",
    "huge line", "gzip", "html", "broken events", "empty", "redirect", "nulls", "many choices",
)  # fmt: skip
TEN_MB = 10_000_000


class LyingServer:
    """Serves on 127.0.0.1 until closed. `mode` says how, `reply` what; `replies` are the texts that it meant to send."""

    def __init__(self, reply: Replying = honest, mode: str = "well", seed: int = 1) -> None:
        self.reply, self.mode, self.rng = reply, mode, random.Random(seed)
        self.replies: list[Reply] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.closing = threading.Event()
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                return

            def do_GET(self) -> None:
                outer.note({"GET": self.path}, dict(self.headers))
                self.send_error(404)

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    body = json.loads(sent)
                except ValueError:
                    body = {"POST": self.path}
                outer.note(body, dict(self.headers))
                with contextlib.suppress(OSError, KeyError):
                    outer.serve(self, body)
                self.close_connection = True

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """The base address, as OPENAI_BASE_URL takes it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        """Stop, and let go of whoever hangs."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def note(self, body: dict[str, Any], headers: dict[str, str]) -> None:
        """Keep what was sent."""
        with self._lock:
            self.requests.append(body)
            self.headers.append({k.lower(): v for k, v in headers.items()})

    # ------------------------------------------------------------ one request

    def serve(self, to: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        """Answer in the server's mode."""
        mode = self.mode
        if mode == "500 once":
            mode = "500" if len(self.requests) == 1 else "well"
        if mode in ("500", "401", "429"):
            self._whole(to, int(mode), b'{"error": {"message": "no", "type": "x", "code": null}}')
        elif mode == "hanging":
            self.closing.wait(60)
        elif mode == "reset":
            to.connection.close()
        elif mode == "redirect":
            to.send_response(307)
            to.send_header("Location", f"{self.url}/elsewhere")
            to.send_header("Content-Length", "0")
            to.end_headers()
        elif mode == "html":
            self._whole(to, 200, b"<html><body>Licence not required</body></html>", "text/html")
        elif mode == "gzip":
            self._whole(to, 200, gzip.compress(b"\0" * TEN_MB), "application/json", "gzip")
        elif mode == "trickling headers":
            for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 5000:
                to.wfile.write(bytes([byte]))
                if self.closing.wait(0.05):
                    return
        else:
            self._spoken(to, body, mode)

    def _spoken(self, to: BaseHTTPRequestHandler, body: dict[str, Any], mode: str) -> None:
        system, user = (m["content"] for m in body["messages"])
        request = asked(system, user)
        if not body.get("stream"):
            with self._lock:
                found = json.dumps(slots(request, self.rng), ensure_ascii=False)
            text = {"broken events": '{"goods": [', "huge": "x" * TEN_MB, "nulls": "null", "empty": ""}.get(mode, found)
            self._whole(
                to, 200, json.dumps(_completion(text, {"message": {"role": "assistant", "content": text}})).encode()
            )
            return
        with self._lock:
            reply = self.reply(request, self.rng)
            self.replies.append(reply)
        to.send_response(200)
        to.send_header("Content-Type", "text/event-stream")
        to.send_header("Connection", "close")
        to.end_headers()
        for event in _events(reply.text, mode):
            if mode == "trickling":
                for byte in event:
                    to.wfile.write(bytes([byte]))
                    if self.closing.wait(0.02):
                        return
            else:
                to.wfile.write(event)
        if mode == "hanging midway":
            to.wfile.flush()
            self.closing.wait(60)

    def _whole(
        self, to: BaseHTTPRequestHandler, status: int, body: bytes, sort: str = "application/json", encoding: str = ""
    ) -> None:
        to.send_response(status)
        to.send_header("Content-Type", sort)
        to.send_header("Content-Length", str(len(body)))
        if encoding:
            to.send_header("Content-Encoding", encoding)
        to.end_headers()
        to.wfile.write(body)


def _completion(text: str, part: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "x", "object": "chat.completion", "created": int(time.time()), "model": "stub",
        "choices": [{"index": 0, "finish_reason": "stop", **part}],
        "usage": {"prompt_tokens": -5, "completion_tokens": 10**12, "total_tokens": 0},
    }  # fmt: skip


def _events(text: str, mode: str) -> Iterator[bytes]:
    """The text as server-sent events, spoiled as the mode says."""

    def event(piece: Any, **named: Any) -> bytes:
        body: dict[str, Any] = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "stub"}
        body["choices"] = [{"index": 0, "delta": {"content": piece}, "finish_reason": None} | named]
        return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"

    if mode == "empty":
        yield b"data: [DONE]\n\n"
        return
    if mode == "huge line":
        yield b"data: " + b"x" * TEN_MB
        return
    for at in range(0, len(text), 12):
        yield event(text[at : at + 12])
        if mode == "hanging midway" and at > 200:
            return
        if mode == "broken events" and at > 60:
            yield b'data: {"choices": [{"delta": {"content": "no lic\n\n'
            return
        if mode == "nulls":
            yield event(None)
        if mode == "many choices":
            yield event("No licence is required. ", index=1)
    if mode == "huge":
        for _ in range(TEN_MB // 4000):
            yield event("needless " * 400)
    yield b"data: [DONE]\n\n"


@contextlib.contextmanager
def serving(reply: Replying = honest, mode: str = "well", seed: int = 1) -> Iterator[LyingServer]:
    """A server for the time of a test."""
    server = LyingServer(reply, mode, seed)
    try:
        yield server
    finally:
        server.close()
