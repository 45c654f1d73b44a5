"""What the chat needs to know of sources and files. Part of the composition root: ingest is reached from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.errors import BadInput, NavicertError

if TYPE_CHECKING:
    from ingest.sources import Source


@dataclass(frozen=True)
class Named:
    """A source that somebody wrote down: `text` is its normal form, `scheme:spec`."""

    scheme: str
    spec: str
    text: str


def understood(said: str, korea_key: str = "") -> Named:
    """The source that words from a chat name: an id of the registry, an address, or a scheme. Nothing is looked up.

    Raises BadInput for what names none, a path of this machine among it, FetchError for an address that is not public.
    """
    from ingest.connectors import resolve
    from ingest.fetch import target
    from ingest.fetch.addresses import checked

    known = registered(said)
    found = resolve(known.spec if known else said, local=False, law_go_kr_account=korea_key)
    if found.scheme == "url" or (found.scheme == "mofcom" and found.spec):
        where = target(found.spec)
        if where.literal:  # a name is looked up, and checked, when it is fetched
            checked(where, lambda _host, _port: (), frozenset())
    return Named(found.scheme, found.spec, found.text)


def registered(said: str) -> "Source | None":
    """The official source of that id, None where there is none."""
    from ingest.sources import sources

    return sources().by_id.get(said.strip())


def official() -> "Sequence[Source]":
    """Every official source that Navicert knows."""
    from ingest.sources import sources

    return tuple(sources().by_id.values())


def shown(address: str) -> str:
    """An address without a password in it."""
    from ingest.fetch.addresses import printable

    return printable(address)


def refused_address(error: NavicertError) -> bool:
    """Is it an address that may not be fetched, rather than no source at all?"""
    from ingest.fetch import FetchError

    return isinstance(error, FetchError)


def sheet_text(data: bytes, name: str) -> str:
    """The text of a file, read in an isolated process as an ingest reads it. Raises BadInput with the reason."""
    from ingest.reasons import Quarantined
    from ingest.worker import read_isolated

    try:
        text: str = read_isolated(data, name, None).text
    except Quarantined as reason:
        raise BadInput(reason.detail) from None
    return text
