"""Which addresses may be fetched: public ones, named plainly. Everything here runs before a connection is opened.

`ipaddress.is_global` of Python 3.11 is not enough (it takes NAT64, 6to4, IPv4-compatible and multicast addresses for
global), so the special ranges are listed here, after the IANA special-purpose registries (RFC 6890 and later).
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit, urlunsplit

from ingest.fetch.errors import Refused, Unreachable

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]  # host, port -> IP addresses in text
Allow = frozenset[tuple[str, int]]  # exact (address, port) pairs

_IPV4_SPECIAL = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_IPV6_PUBLIC = IPv6Network("2000::/3")  # the only block of global unicast addresses that is handed out
_IPV6_SPECIAL = tuple(
    IPv6Network(net)
    for net in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address inside
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_LOCAL_NAMES = ("localhost", "local", "internal", "localdomain", "intranet", "lan", "home.arpa", "onion")
_PLAIN = "use an http or https address of a public server, written plainly"
_NOT_IN_URLS = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff]")
_NUMBER = re.compile(r"(?:[0-9]+|0[xX][0-9a-fA-F]*)\Z")


@dataclass(frozen=True)
class Target:
    """Where a URL leads: `host` in ASCII without a final dot, or an IP literal; `url` is the URL with that host."""

    url: str
    scheme: str
    host: str
    port: int
    literal: bool


def printable(url: str) -> str:
    """A URL for a message: without control characters and passwords, and not without end."""
    return re.sub(r"//[^/@]*@", "//***@", _NOT_IN_URLS.sub("\ufffd", url[:200]))


def target(url: str) -> Target:
    """Read a URL. Raises Refused for anything but a plain http(s) URL, before any look-up."""
    place = printable(url)
    if _NOT_IN_URLS.search(url):
        raise Refused(place, "the address has a space, control character or backslash in it", _PLAIN)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(place, f"the address cannot be read ({error})", _PLAIN) from None
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https"):
        raise Refused(place, f"the scheme {scheme or 'missing'!r} is not fetched", _PLAIN)
    if parts.username is not None or parts.password is not None:
        raise Refused(place, "the address carries a user name or password", _PLAIN)
    host, literal = _host(parts.hostname or "", "[" in parts.netloc, place)
    if port == 0:
        raise Refused(place, "port 0 does not exist", _PLAIN)
    number = port or (443 if scheme == "https" else 80)
    shown = f"[{host}]" if ":" in host else host
    network = shown if port is None or port == (443 if scheme == "https" else 80) else f"{shown}:{port}"
    clean = urlunsplit((scheme, network, _quoted(parts.path) or "/", _quoted(parts.query), ""))
    return Target(clean, scheme, host, number, literal)


def _quoted(text: str) -> str:
    """Percent-encode what is not ASCII; leave the rest as it was written."""
    from urllib.parse import quote

    return quote(text, safe="%/:?#[]@!$&'()*+,;=~-._|{}^`\"<>")


def _host(host: str, bracketed: bool, place: str) -> tuple[str, bool]:
    """The host in ASCII and whether it is an IP literal."""
    import idna

    if not host or "%" in host:
        raise Refused(place, "the host is missing or percent-encoded", _PLAIN)
    if bracketed or ":" in host:
        try:
            return str(IPv6Address(host)), True
        except ValueError:
            raise Refused(place, f"{host!r} is no IPv6 address", _PLAIN) from None
    name = unicodedata.normalize("NFKC", host).replace("\u3002", ".").lower().removesuffix(".")
    if name.endswith("."):
        raise Refused(place, f"{host!r} is no host name", _PLAIN)
    if _NUMBER.match(name.rpartition(".")[2]):  # a last label that is a number makes it an IPv4 address (WHATWG URL)
        try:
            return str(IPv4Address(name)), True
        except ValueError:
            raise Refused(place, f"{host!r} is an IPv4 address in an unusual form", _PLAIN) from None
    try:
        ascii_name = idna.encode(name, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise Refused(place, f"{host!r} is no host name", _PLAIN) from None
    if "." not in ascii_name or _NUMBER.match(ascii_name.rpartition(".")[2]):
        raise Refused(place, f"{host!r} is a name of the local network", _PLAIN)
    if any(ascii_name == local or ascii_name.endswith(f".{local}") for local in _LOCAL_NAMES):
        raise Refused(place, f"{host!r} is a name of the local network", _PLAIN)
    return ascii_name, False


def is_public(address: Address) -> bool:
    """Whether the address is a public unicast address of the Internet."""
    if isinstance(address, IPv4Address):
        return not any(address in net for net in _IPV4_SPECIAL)
    return address in _IPV6_PUBLIC and not any(address in net for net in _IPV6_SPECIAL)


def checked(where: Target, resolver: Resolver, allow: Allow) -> tuple[str, ...]:
    """The addresses that may be connected to, looked up once.

    One refused address among them refuses the host: a name that answers with a public and a private address is an
    attack or a mistake. `allow` holds exact (address, port) pairs that are let through; it is given by the composition
    root and by tests, never read from a URL. Raises Refused, or Unreachable where the name has no address.
    """
    answers = (where.host,) if where.literal else tuple(resolver(where.host, where.port))
    if not answers:
        raise Unreachable(where.url, f"the name {where.host} has no address", "check the name and the network")
    for answer in answers:
        try:
            address = ip_address(answer)
        except ValueError:
            raise Refused(where.url, f"the look-up gave {answer!r}, no address", _PLAIN) from None
        if not is_public(address) and (str(address), where.port) not in allow:
            raise Refused(where.url, f"{where.host} is at {address}, which is not a public address", _PLAIN)
    return tuple(dict.fromkeys(answers))
