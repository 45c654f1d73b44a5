"""The Fetcher: one GET at a time, checked, bounded, polite, and remembered."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin

from ingest.fetch.addresses import Target, printable, target
from ingest.fetch.body import ENCODINGS, read_body
from ingest.fetch.cache import Cache, Kept
from ingest.fetch.errors import BadStatus, Refused, TooLarge, TooSlow, Unreachable
from ingest.fetch.model import Ask, Fetched, Limits, Network
from ingest.fetch.politeness import RETRIED, Clock, Politeness, Turns, backoff, retry_after

if TYPE_CHECKING:
    import httpx

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ASK_LATER = "try again later; if it stays, check the source's address"


class Fetcher:
    """Fetches documents over HTTP. Safe to share between threads.

    `cache` is the folder for kept answers, or None to keep none.
    """

    def __init__(
        self,
        cache: Path | None = None,
        limits: Limits | None = None,
        politeness: Politeness | None = None,
        network: Network | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._cache = Cache(cache) if cache is not None else None
        self._limits = limits or Limits()
        self._politeness = politeness or Politeness()
        self._network = network or Network()
        self._clock = clock or Clock()
        self._turns = Turns(self._politeness, self._clock)

    def now(self) -> datetime:
        """The time by this fetcher's clock, with zone."""
        return self._clock.now()

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secret: Mapping[str, str] | None = None,
        etag: str = "",
        last_modified: str = "",
    ) -> Fetched:
        """Fetch `url`.

        `headers` are the caller's own (Accept, Accept-Language). `secret` holds query parameters that are sent but shown
        nowhere: not in errors, not in the result, and such answers are not kept on disk. `etag` and `last_modified` are
        what the caller remembers of an earlier answer; a copy in the cache goes before them.

        Raises Refused, TooLarge, TooSlow, Unreachable or BadStatus. Only network faults and the statuses 408, 425, 429,
        500, 502, 503 and 504 are tried again.
        """
        own = {name.lower(): value for name, value in (headers or {}).items()}
        key = "\n".join([url, own.get("accept", ""), own.get("accept-language", "")])
        kept = self._cache.get(key) if self._cache and not secret else None
        if kept is not None:
            etag, last_modified = kept.etag, kept.last_modified
        ask = {
            "user-agent": self._network.user_agent,
            "accept": "*/*",
            "accept-encoding": ENCODINGS,
            "connection": "close",
            **({"if-none-match": etag} if etag else {}),
            **({"if-modified-since": last_modified} if last_modified else {}),
            **own,
        }
        question = Ask(url, ask, secret or {}, key, kept)
        return self._with_tries(question)

    def _with_tries(self, ask: Ask) -> Fetched:
        tried = 0
        while True:
            tried += 1
            try:
                answer = self._try(ask)
            except Unreachable as error:
                if tried >= self._politeness.tries or not error.again:
                    raise
                wait = backoff(tried, self._politeness, self._clock)
            else:
                if isinstance(answer, Fetched):
                    return answer
                if tried >= self._politeness.tries:
                    raise answer
                wait = self._wait_asked_for(answer, tried)
            self._clock.sleep(wait)

    def _wait_asked_for(self, answer: "_Later", tried: int) -> float:
        """The wait before the next try: the server's, else ours. Raises where the server wants more than we wait."""
        if answer.after is None:
            return backoff(tried, self._politeness, self._clock)
        if answer.after > self._politeness.longest_retry_after:
            raise answer
        return max(answer.after, 0.0)

    def _try(self, ask: Ask) -> "Fetched | _Later":
        """One try with its redirects, within the wall-clock limit."""
        start = self._clock.monotonic()
        waited = 0.0

        def left() -> float:
            return self._limits.seconds - (self._clock.monotonic() - start - waited)

        where = _target(ask, _with_query(ask.url, ask.secret))
        for _ in range(self._limits.redirects + 1):
            before = self._clock.monotonic()
            self._turns.wait_for(where.host)
            waited += self._clock.monotonic() - before
            answer = self._exchange(ask, where, left)
            if not isinstance(answer, str):
                return answer
            where = self._follow(ask, where, answer)
        place = ask.shown(ask.url)
        raise Refused(place, f"more than {self._limits.redirects} redirects", "use the address that they lead to")

    def _follow(self, ask: Ask, where: Target, location: str) -> Target:
        """The target of a redirect. It never leaves https: on the same host it goes on with https, else it is refused."""
        try:
            address = urljoin(where.url, location)
        except ValueError:
            raise Refused(ask.shown(where.url), "a redirect leads to no address", "report it to the source") from None
        after = _target(ask, address)
        if where.scheme == "http" or after.scheme == "https":
            return after
        if (after.host, after.port, where.port) == (where.host, 80, 443):
            return target("https" + after.url.removeprefix("http"))
        raise Refused(ask.shown(after.url), "a redirect leads from https to http", "use the https address")

    def _exchange(self, ask: Ask, where: Target, left: Callable[[], float]) -> "Fetched | _Later | str":
        """One request. Gives the answer, or the address of a redirect, or a _Later for a status that is tried again."""
        import httpcore
        import httpx

        from ingest.fetch.transport import DeadlinePassed, transport

        place = ask.shown(where.url)
        too_slow = TooSlow(place, f"no whole answer in {self._limits.seconds:g} s", _ASK_LATER)
        wire = transport(place, where, self._network, left)
        wait = dict.fromkeys(("connect", "read", "write", "pool"), self._limits.silence)

        def still_time() -> None:
            if left() <= 0:
                raise too_slow

        try:
            request = httpx.Request("GET", where.url, headers=dict(ask.headers), extensions={"timeout": wait})
            with closing(wire), closing(wire.handle_request(request)) as response:
                return self._answer(ask, where, response, still_time)
        except DeadlinePassed:
            raise too_slow from None
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
            if left() <= 0:
                raise too_slow from None
            detail = ask.shown(f"{type(error).__name__}: {error}".rstrip(": "))
            raise Unreachable(place, f"no good connection ({detail})", _ASK_LATER) from None
        except (httpcore.UnsupportedProtocol, httpcore.ProxyError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(
                place, ask.shown(f"not sent ({error})"), "check the address and the proxy", again=False
            ) from None

    def _answer(
        self, ask: Ask, where: Target, response: "httpx.Response", still_time: Callable[[], None]
    ) -> "Fetched | _Later | str":
        status, headers = response.status_code, response.headers
        place = ask.shown(where.url)
        if status in _REDIRECTS and headers.get("location"):
            return str(headers["location"])
        if status == 304:
            return self._unchanged(ask, place, headers)
        if status in RETRIED:
            return _Later(place, status, retry_after(headers.get("retry-after", ""), self._clock.now()))
        if status != 200:
            raise BadStatus(place, status, f"the server answered with status {status}", _status_fix(status))
        length = headers.get("content-length", "")
        if length.isdigit() and len(length) < 20 and int(length) > self._limits.size:
            raise TooLarge(place, f"the document has {length} bytes", "fetch a part of it, or raise the limit")
        pieces: Iterable[bytes] = response.iter_raw()
        body = read_body(place, pieces, headers.get("content-encoding", ""), self._limits.size, still_time)
        fetched = Fetched(
            url=ask.shown(ask.url),
            final_url=place,
            status=status,
            content_type=headers.get("content-type", ""),
            body=body,
            etag=headers.get("etag", ""),
            last_modified=headers.get("last-modified", ""),
            fetched_at=self._clock.now().isoformat(),
        )
        self._keep(ask, fetched)
        return fetched

    def _unchanged(self, ask: Ask, place: str, headers: Mapping[str, str]) -> Fetched:
        if ask.kept is not None:
            kept = ask.kept
            return Fetched(
                url=kept.url,
                final_url=kept.final_url,
                status=304,
                content_type=kept.content_type,
                body=kept.body,
                etag=headers.get("etag", kept.etag),
                last_modified=headers.get("last-modified", kept.last_modified),
                fetched_at=kept.fetched_at,
                not_modified=True,
                from_cache=True,
            )
        if not {"if-none-match", "if-modified-since"} & set(ask.headers):
            raise BadStatus(place, 304, "the server answered 'not modified' to a first question", _ASK_LATER)
        etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
        return Fetched(ask.shown(ask.url), place, 304, "", b"", etag, modified, not_modified=True)

    def _keep(self, ask: Ask, got: Fetched) -> None:
        if self._cache is None or ask.secret or not (got.etag or got.last_modified):
            return
        kept = Kept(got.url, got.final_url, got.content_type, got.etag, got.last_modified, got.fetched_at, got.body)
        self._cache.put(ask.key, kept)


class _Later(BadStatus):
    """A status that is worth another try; `after` is the wait in seconds that the server asks for."""

    def __init__(self, place: str, status: int, after: float | None) -> None:
        self.after = after
        asked = f" and asks to wait {after:.0f} s" if after is not None else ""
        super().__init__(place, status, f"the server answered with status {status}{asked}", _ASK_LATER)


def _target(ask: Ask, url: str) -> Target:
    """`target`, without secrets in its error."""
    try:
        return target(url)
    except Refused as error:
        raise Refused(printable(ask.shown(url)), ask.shown(error.cause), error.fix) from None


def _with_query(url: str, secret: Mapping[str, str]) -> str:
    if not secret:
        return url
    base, mark, fragment = url.partition("#")
    return f"{base}{'&' if '?' in base else '?'}{urlencode(secret)}{mark}{fragment}"


def _status_fix(status: int) -> str:
    if status in (401, 403):
        return "the source wants an account or refuses programs; see docs/sources.md"
    if status in (404, 410):
        return "check the number or the address; the document may have moved"
    if status == 202:
        return "the source asks for a browser check; use its data service instead (docs/sources.md)"
    return _ASK_LATER
