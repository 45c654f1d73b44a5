"""The body of an answer, counted and unpacked piece by piece, so that nothing larger than the limit is ever held."""

import zlib
from collections.abc import Callable, Iterable, Iterator

from ingest.fetch.errors import TooLarge, Unreachable

ENCODINGS = "gzip, deflate"  # what we ask for
_STEP = 1 << 16
_WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def read_body(place: str, pieces: Iterable[bytes], encoding: str, limit: int, still_time: Callable[[], None]) -> bytes:
    """All of `pieces`, unpacked; `limit` in bytes holds for what is sent and for what comes out of it.

    `still_time` is called after every piece and raises when the time is over. Raises TooLarge; Unreachable for an
    encoding that was not asked for, or a packed body that is broken or cut short.
    """
    out = bytearray()
    for part in _unpacked(place, _counted(place, pieces, limit, still_time), encoding.strip().lower()):
        out += part
        if len(out) > limit:
            raise _too_large(place, limit)
    return bytes(out)


def _counted(place: str, pieces: Iterable[bytes], limit: int, still_time: Callable[[], None]) -> Iterator[bytes]:
    sent = 0
    for piece in pieces:
        still_time()
        sent += len(piece)
        if sent > limit:
            raise _too_large(place, limit)
        yield piece


def _too_large(place: str, limit: int) -> TooLarge:
    return TooLarge(place, f"the document is larger than {limit} bytes", "fetch a part of it, or raise the limit")


def _unpacked(place: str, pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The pieces unpacked, each result of at most _STEP bytes."""
    if encoding in ("", "identity"):
        yield from pieces
        return
    if encoding not in _WINDOW:
        cause = f"the body is packed as {encoding!r}, which was not asked for"
        raise Unreachable(place, cause, "report it to the source", again=False)
    unpacker = _Unpacker(_WINDOW[encoding], lenient=encoding == "deflate")
    try:
        for piece in pieces:
            yield from unpacker.feed(piece)
        yield from unpacker.end()
    except zlib.error as error:
        raise Unreachable(place, f"the packed body is broken ({error})", "try again later") from None


class _Unpacker:
    """zlib with bounded steps. `lenient` takes deflate without its zlib header too, as some servers send it."""

    def __init__(self, window: int, lenient: bool) -> None:
        self._window, self._lenient = window, lenient
        self._state = zlib.decompressobj(window)
        self._started = self._ended = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        while piece and not (self._ended and not piece.strip(b"\0")):  # gzip may be padded with zeros
            if self._ended:  # a further gzip member follows
                self._state, self._ended = zlib.decompressobj(self._window), False
            try:
                part = self._state.decompress(piece, _STEP)
            except zlib.error:
                if self._started or not self._lenient:
                    raise
                self._state, self._started = zlib.decompressobj(-zlib.MAX_WBITS), True
                continue
            self._started = True
            yield part
            self._ended = self._state.eof
            piece = self._state.unused_data if self._ended else self._state.unconsumed_tail

    def end(self) -> Iterator[bytes]:
        while not self._ended and (part := self._state.decompress(b"", _STEP)):
            yield part
        if self._started and not (self._ended or self._state.eof):
            raise zlib.error("cut short")
