"""What a fetch takes and gives: limits, the way to the network, the document, the question."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

from ingest.fetch.addresses import Allow, Resolver
from ingest.fetch.cache import Kept
from ingest.fetch.lookup import system_resolver

USER_AGENT = "Navicert/0.1 (trade-compliance assistant; reads published regulations, one request at a time)"


@dataclass(frozen=True)
class Limits:
    """`size` in bytes, for the body as sent and as unpacked; `seconds` of wall clock for one try with its redirects;
    `silence` is the longest wait in seconds for the next byte."""

    size: int = 64 * 1024 * 1024
    seconds: float = 180.0
    silence: float = 30.0
    redirects: int = 5


@dataclass(frozen=True)
class Network:
    """How the network is reached.

    `allow` lets exact (address, port) pairs through the address check; only tests and the composition root set it.
    `proxy` is an http:// address of a proxy that the operator trusts: it looks names up itself, so then only the form of
    an address is checked here. Proxies in the environment are not used. `tls` replaces the default certificate check.
    """

    resolver: Resolver = system_resolver
    allow: Allow = frozenset()
    proxy: str = ""
    tls: ssl.SSLContext | None = None
    user_agent: str = USER_AGENT


@dataclass(frozen=True)
class Fetched:
    """A document as it came. `url` is what was asked for, `final_url` where it was found, both without secrets.

    `fetched_at` is an ISO 8601 time with zone: when these bytes were sent to us. `not_modified`: the server said that the
    kept copy still holds; `from_cache`: `body` is that copy (it is empty where only the caller had one).
    """

    url: str
    final_url: str
    status: int
    content_type: str
    body: bytes
    etag: str = ""
    last_modified: str = ""
    fetched_at: str = ""
    not_modified: bool = False
    from_cache: bool = False


@dataclass(frozen=True)
class Ask:
    """One question: where, with which headers, what must not be shown, and what is kept of an earlier answer."""

    url: str
    headers: Mapping[str, str]
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    key: str = ""
    kept: Kept | None = None

    def shown(self, text: str) -> str:
        for value in self.secret.values():
            for form in {value, quote(value, safe=""), quote(value), quote_plus(value)} if value else ():
                text = text.replace(form, "***")
        return text
