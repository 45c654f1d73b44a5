"""Any public address: one document."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from ingest.connectors.base import Item
from ingest.fetch import Fetcher


class Url:
    """`url:` an http or https address."""

    def items(self, spec: str, fetcher: Fetcher) -> Iterator[Item]:
        """The one document at the address."""
        parts = urlsplit(spec)
        name = PurePosixPath(unquote(parts.path)).name or (parts.hostname or "page")
        yield Item(f"url:{spec.partition('#')[0]}", spec, name, lambda: fetcher.get(spec), {"source": "url"})
