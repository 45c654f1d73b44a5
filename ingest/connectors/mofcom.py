"""Announcements of China's Ministry of Commerce, from whichever of its hosts and paths they are found under.

Known of the pages: the body often opens with a head of 【发布单位】, 【发布文号】 and 【发文日期】. List pages are drawn by JavaScript,
but for the front page of the export-control bureau.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from ingest.connectors.article import Page, one_line, page
from ingest.connectors.base import Item, SourceError, bad_spec, iso_date, known, read_html
from ingest.connectors.notices import notice, notice_key
from ingest.fetch import Fetched, Fetcher, FetchError

BUREAU = "https://aqygzj.mofcom.gov.cn/"
ACCEPTED = "mofcom: and the address of an announcement, or mofcom: alone for the newest of the export-control bureau"
_ARTICLE = re.compile(
    r"/art/\d{4}/art_[0-9a-f]+\.html|/article/.+/\d+\.s?html|/\d{6}/\d+(?:_\d+)?\.s?html|clawContent\.shtml"
)
_LIST = re.compile(r"(?:/|/index\w*\.s?html?)\Z")


@dataclass(frozen=True)
class Mofcom:
    """`mofcom:` see ACCEPTED."""

    bureau: str = BUREAU

    def items(self, spec: str, fetcher: Fetcher) -> Iterator[Item]:
        """The announcement, or those that a list page links to; one item an announcement and language."""
        address = spec or self.bureau
        if urlsplit(address).scheme not in ("http", "https"):
            raise bad_spec("mofcom", spec, ACCEPTED)
        got = fetcher.get(address)
        links = announcements(got) if _LIST.search(urlsplit(got.final_url).path) else ()
        if not links:
            yield item(got, address)
            return
        seen: set[str] = set()
        for link in links:
            try:
                found = item(fetcher.get(link), link)
            except (FetchError, SourceError) as error:
                found = _broken(link, error)
            if found.key not in seen:
                seen.add(found.key)
                yield found


def announcements(got: Fetched) -> tuple[str, ...]:
    """The addresses of the announcements that a list page links to, in its order."""
    links = []
    for anchor in read_html(got).iter("a"):
        address = urljoin(got.final_url, (anchor.get("href") or "").strip())
        words = anchor.get("title") or one_line("".join(anchor.itertext()))
        if _ARTICLE.search(address) and notice(one_line(words)):
            links.append(address)
    return tuple(dict.fromkeys(links))


def item(got: Fetched, address: str) -> Item:
    """The item of a page that was fetched. Raises SourceError for a page without an article."""
    read = page(got)
    found, key = notice(read.head), notice_key(read.head)
    language = "zh" if sum("\u4e00" <= char <= "\u9fff" for char in read.head) > len(read.head) / 10 else "en"
    metadata = known(
        source="mofcom",
        regime="CN",
        kind="announcement" if found else _kind(read.title),
        language=language,
        instrument=key,
        title=read.title,
        number=_printed(read),
        issuers="; ".join(found.issuers) if found else "MOFCOM",
        announced=_announced(read),
        attachments=" ".join(read.attached),
    )
    stable = key or urlsplit(address)._replace(scheme="", fragment="").geturl().removeprefix("//")
    return Item(f"mofcom:{stable}/{language}", address, f"{key or 'page'}.{language}.html", lambda: got, metadata)


def _printed(read: Page) -> str:
    """The number as the page prints it, where it stands alone in a field or line."""
    for line in (*read.lines[:12], read.title):
        field = re.search(r"文号[】\]]?\s*[:：]?\s*(.{4,80})", line)
        words = field[1] if field else line
        if len(words) <= 80 and notice(words):
            number = re.match(r".*?号|.*?of \d{4}", words)
            return number[0] if number else words
    return ""


def _announced(read: Page) -> str:
    """The date of issue: of the head's field, else the signature's (a date alone at the end), else of publication."""
    for line in read.lines[:12]:
        dated = re.search(r"[【\[]发[文布]日期[】\]](.*)|^发[文布]日期(.*)", line)
        if dated:
            return iso_date(dated[0]) or read.published
    for line in reversed(read.lines[-15:]):
        if len(line) <= 16 and iso_date(line):
            return iso_date(line)
    return read.published


def _kind(title: str) -> str:
    if re.search(r"答记者问|发言人|谈话", title):
        return "news"
    return "guidance" if re.search(r"解读|问答|指南", title) else ""


def _broken(link: str, error: FetchError | SourceError) -> Item:
    """An item for a link that does not lead to an article: fetching it says why, and the others go on."""

    def get() -> Fetched:
        raise error

    return Item(f"mofcom:{link}", link, "page.html", get, {"source": "mofcom", "regime": "CN"})
