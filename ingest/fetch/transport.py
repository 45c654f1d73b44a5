"""One exchange over the wire: connected to the checked address only, cut at a deadline.

httpx asks this transport for every connection. The name in the URL still goes into the Host header, the TLS server
name and the certificate check, but the socket is opened to the address that was checked: there is no second look-up
that could answer differently. Every read and write is given only the time that is left, so a server that sends a byte
a second, in the headers or in the body, is cut off too.
"""

import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from ingest.fetch.addresses import Target, checked
from ingest.fetch.errors import Refused

if TYPE_CHECKING:
    from ingest.fetch.model import Network


class DeadlinePassed(Exception):
    """The wall-clock time of the exchange is over."""


class _TimedStream(httpcore.NetworkStream):
    """A network stream whose every operation is bounded by what is left of the whole."""

    def __init__(self, inner: httpcore.NetworkStream, left: Callable[[], float]) -> None:
        self._inner, self._left = inner, left

    def _bounded(self, timeout: float | None) -> float:
        left = self._left()
        if left <= 0:
            raise DeadlinePassed
        return left if timeout is None else min(timeout, left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._bounded(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._bounded(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._bounded(timeout))
        return _TimedStream(inner, self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _PinnedBackend(httpcore.NetworkBackend):
    """Opens connections to the given addresses, whatever name is asked for; tries them in order."""

    def __init__(self, host: str, port: int, addresses: Sequence[str], left: Callable[[], float]) -> None:
        self._host, self._port, self._addresses, self._left = host, port, addresses, left
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        if (host.strip("[]"), port) != (self._host, self._port):
            raise Refused(f"{host}:{port}", "a connection was asked for that was not checked", "report this as a fault")
        last: Exception | None = None
        for address in self._addresses:
            left = self._left()
            if left <= 0:
                raise DeadlinePassed
            wait = left if timeout is None else min(timeout, left)
            try:
                return _TimedStream(
                    self._inner.connect_tcp(address, port, wait, local_address, socket_options), self._left
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last or httpcore.ConnectError("no address")


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


class PinnedTransport(httpx.BaseTransport):
    """An httpx transport for one exchange over the given connection pool."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and return the answer with its body unread."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        inner = self._pool.handle_request(
            httpcore.Request(request.method, url, headers=request.headers.raw, extensions=request.extensions)
        )
        assert isinstance(inner.stream, Iterable)  # noqa: S101 - httpcore's type covers the asynchronous case too
        return httpx.Response(inner.status, headers=inner.headers, stream=_Body(inner.stream))

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()


@lru_cache(maxsize=1)
def _usual_tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def transport(place: str, where: Target, network: "Network", left: Callable[[], float]) -> PinnedTransport:
    """The transport for one exchange with `where`; `left` gives the seconds that are left of it.

    Raises Refused where an address of the host is not public, Unreachable where it has none.
    """
    tls = network.tls or _usual_tls()
    if network.proxy:
        if where.literal:
            checked(where, network.resolver, network.allow)
        proxy = httpcore.URL(network.proxy)
        name, port = proxy.host.decode(), proxy.port or 8080
        backend = _PinnedBackend(name, port, tuple(network.resolver(name, port)), left)
        return PinnedTransport(
            httpcore.HTTPProxy(network.proxy, ssl_context=tls, max_connections=1, network_backend=backend)
        )
    addresses = checked(replace(where, url=place), network.resolver, network.allow)
    backend = _PinnedBackend(where.host, where.port, addresses, left)
    return PinnedTransport(httpcore.ConnectionPool(ssl_context=tls, max_connections=1, network_backend=backend))
