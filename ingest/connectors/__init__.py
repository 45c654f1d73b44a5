"""Sources of documents: what a person writes (a path, an address, `ecfr:15/part-744`) to the connector that brings it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ingest.connectors import cellar, ecfr, federal_register
from ingest.connectors.base import Connector, Item, SourceError
from ingest.connectors.bis_violations import BisViolations
from ingest.connectors.cellar import Cellar
from ingest.connectors.csl import ScreeningList
from ingest.connectors.ecfr import Ecfr
from ingest.connectors.egov_jp import EGovJp
from ingest.connectors.federal_register import FederalRegister
from ingest.connectors.file import Files
from ingest.connectors.law_go_kr import LawGoKr
from ingest.connectors.mofcom import Mofcom
from ingest.connectors.notices import notice_key
from ingest.connectors.url import Url
from ingest.fetch import Fetcher, target
from knowledge.errors import BadInput

__all__ = ["SCHEMES", "Connector", "Item", "Resolved", "SourceError", "notice_key", "resolve"]

SCHEMES: Mapping[str, str] = {
    "file": "a file or folder on this machine",
    "url": "any public address",
    "ecfr": ecfr.ACCEPTED,
    "fr": federal_register.ACCEPTED,
    "celex": cellar.ACCEPTED,
    "mofcom": "mofcom: and the address of an announcement of China's Ministry of Commerce, or mofcom: alone for the newest",
    "csl": "csl: the US Consolidated Screening List",
    "bis-violations": "bis-violations: BIS's enforcement cases, or bis-violations:2025",
    "kr": "kr:대외무역법 (law.go.kr; needs NAVICERT_LAW_GO_KR_OC)",
    "jp": "jp:324AC0000000228 (laws.e-gov.go.jp)",
}
"""Every scheme and what it takes, for the help text."""


@dataclass(frozen=True)
class Resolved:
    """A connector and what to ask of it. `text` is the same in its normal form ("ecfr:15/part-744")."""

    scheme: str
    spec: str
    connector: Connector

    @property
    def text(self) -> str:
        """The normal form, which `resolve` takes again."""
        return f"{self.scheme}:{self.spec}"

    def items(self, fetcher: Fetcher) -> Iterator[Item]:
        """The documents, lazily. Raises BadInput, FetchError or SourceError."""
        return self.connector.items(self.spec, fetcher)


def resolve(text: str, *, local: bool = True, law_go_kr_account: str = "") -> Resolved:
    """The source that `text` names: a path, an address, or `scheme:spec` (SCHEMES).

    An address of a known source goes to its connector, which knows more of the document than its page does. Nothing is
    fetched or looked up here. `local` off refuses paths: for text from a chat, whose writer may not read this machine's
    files. Raises BadInput for what names no source, Refused for an address that may not be fetched.
    """
    text = text.strip()
    made: Mapping[str, Callable[[], Connector]] = {
        "file": Files,
        "url": Url,
        "ecfr": Ecfr,
        "fr": FederalRegister,
        "celex": Cellar,
        "mofcom": Mofcom,
        "csl": ScreeningList,
        "bis-violations": BisViolations,
        "kr": lambda: LawGoKr(law_go_kr_account),
        "jp": EGovJp,
    }
    scheme, spec = _split(text, local)
    if scheme in ("http", "https"):
        scheme, spec = _address(text)
    if scheme not in made or (scheme == "file" and not local):
        raise BadInput(f"{text[:200]!r} names no source. Write a path, an address, or one of: {_accepted()}.")
    if scheme == "url":
        target(spec)
    return Resolved(scheme, spec, made[scheme]())


def _accepted() -> str:
    return "; ".join(f"{name}: {words}" if ":" not in words else words for name, words in SCHEMES.items())


def _split(text: str, local: bool) -> tuple[str, str]:
    """Scheme and rest. A path has none: what exists is a path, and so is C:\\laws or ./name:with:colons."""
    if local and text and "\0" not in text and _exists(text):
        return "file", text
    found = re.match(r"([A-Za-z][A-Za-z-]+):(.*)", text, re.DOTALL)
    if found:
        scheme, rest = found[1].lower(), found[2].strip()
        if scheme == "file":  # file:///law.pdf and file:law.pdf
            from urllib.request import url2pathname

            return scheme, url2pathname(rest.removeprefix("//")) if rest.startswith("///") else rest
        return scheme, rest
    if text and ("/" in text or "\\" in text or "." in text) and "\0" not in text:
        return "file", text
    return "", text


def _exists(text: str) -> bool:
    try:
        return Path(text).expanduser().exists()
    except (OSError, ValueError, RuntimeError):
        return False


def _address(url: str) -> tuple[str, str]:
    """The connector for an address: its own where the host is a known source's, else the plain one."""
    where = target(url)
    parts = urlsplit(where.url)
    spec: str | None = None
    if where.host in ("www.ecfr.gov", "ecfr.gov"):
        spec = ecfr.from_url(parts.path)
        return ("ecfr", spec) if spec else ("url", url)
    if where.host in ("www.federalregister.gov", "federalregister.gov"):
        spec = federal_register.from_url(parts.path)
        return ("fr", spec) if spec else ("url", url)
    if where.host in ("eur-lex.europa.eu", "data.europa.eu", "publications.europa.eu"):
        spec = cellar.from_url(where.url)
        return ("celex", spec) if spec else ("url", url)
    if where.host == "mofcom.gov.cn" or where.host.endswith(".mofcom.gov.cn"):
        is_file = re.search(r"\.(?:pdf|docx?|xlsx?|wps|zip)\Z", parts.path, re.IGNORECASE)
        return ("url" if is_file else "mofcom"), url
    if where.host == "www.bis.gov" and parts.path.rstrip("/") == "/enforcement/export-violations":
        return "bis-violations", ""
    law = re.match(r"/law/([0-9A-Z]{15})", parts.path)
    if where.host == "laws.e-gov.go.jp" and law:
        return "jp", law[1]
    return "url", url
