"""PDF: text by pypdf in the order it is drawn, ruled tables by pdfplumber, pdfium where pypdf fails."""

import contextlib
import re
import time
from collections.abc import Iterator
from typing import Any

from ingest.document import Block, Document
from ingest.quality import garbled
from ingest.readers.pages import Line, Page, blocks_of
from ingest.readers.pdf_lines import Marks, lines_of, marks_of
from ingest.reasons import Quarantined, Reason
from ingest.text import clean, language, squeeze

_TABLE_SECONDS = 18.0  # of processor time for all tables of a file; pages beyond are read as text
_ACT = re.compile(
    r"^\W{0,2}[BMC]?\d{0,3}\s*(?:[A-Z]+ ){0,4}(?:REGULATION|DECISION|DIRECTIVE|ORDER|NOTICE|ACT|LAW|RULE)\b|(?:条例|办法|规定|公告|决定|管制法|令)(?:（.{1,20}）)?$"
)
MAX_PAGES = 5_000


def read(data: bytes, name: str = "", second: bool = False) -> Document:
    """The PDF's blocks with page numbers; `second` uses pdfium alone (for a file that broke the first reader).

    Running heads and page numbers are dropped, paragraphs and words cut at line ends made whole, rows of ruled tables
    are TABLE_ROW blocks. A file protected with an empty user password is opened. Raises Quarantined: ENCRYPTED, NO_TEXT,
    UNREADABLE, OVER_LIMIT.
    """
    warnings: list[str] = []
    metadata: dict[str, str] = {}
    pages: list[Page] = []
    failure: Exception | None = None
    if not second:
        try:
            pages, metadata, warnings = _first(data)
        except Quarantined:
            raise
        except (Exception, RecursionError) as cause:  # pypdf leaks built-in exceptions on damaged files
            failure = cause
            if isinstance(cause, MemoryError) or "Limit" in type(cause).__name__:
                raise _nothing(pages, failure) from cause  # pdfium gets its turn in a process of its own
    text = "\n".join(line.text for page in pages for line in page.lines)
    tabled = any(not isinstance(item, Line) for page in pages for item in page.items)
    if not tabled and (not text.strip() or garbled(text)):
        pages, failure = _fallback(data, pages, text, failure)
        warnings += (
            ["read by the second reader (pdfium): order and tables may differ"]
            if any(page.items for page in pages)
            else []
        )
    blocks = blocks_of(pages)
    if not blocks:
        raise _nothing(pages, failure)
    bare = [page.number for page in pages if not page.items]
    if bare:
        warnings.append(f"{len(bare)} of {len(pages)} pages hold no text (scanned or blank): {_span(bare)}")
    return Document(
        media_type="application/pdf",
        title=_title(metadata, blocks, name),
        language=language("\n".join(block.text for block in blocks[:300])),
        blocks=tuple(blocks),
        metadata=metadata,
        pages=len(pages),
        warnings=tuple(warnings),
    )


def _first(data: bytes) -> tuple[list[Page], dict[str, str], list[str]]:
    """Pages by pypdf, with pdfplumber's tables. Raises whatever pypdf raises, and Quarantined."""
    from io import BytesIO

    import pypdf

    reader = pypdf.PdfReader(BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise pypdf.errors.FileNotDecryptedError("a password is needed")
    if len(reader.pages) > MAX_PAGES:
        raise _too_many(len(reader.pages))
    warnings: list[str] = []
    pages: list[Page] = []
    marks: list[Marks] = []
    for number, page in enumerate(reader.pages, 1):
        try:
            lines = lines_of(page)
        except (Exception, RecursionError) as cause:  # one broken page does not lose the others
            if isinstance(cause, MemoryError):
                raise
            lines = []
            warnings.append(f"page {number} could not be read ({type(cause).__name__})")
        pages.append(Page(number, tuple(lines)))
        marks.append(marks_of(page))
    if pages and len(warnings) == len(pages):
        raise ValueError(warnings[0])
    wanted = [page.number for page, mark in zip(pages, marks, strict=True) if page.items and mark.may_hold_table]
    if wanted:
        tabled, left = _tables(data, wanted)
        pages = [Page(page.number, tuple(tabled.get(page.number, page.items))) for page in pages]
        if left:
            warnings.append(f"tables on {len(left)} pages read as text, for time: {_span(left)}")
    return pages, _metadata(reader), warnings


def _too_many(pages: int) -> Quarantined:
    return Quarantined(Reason.OVER_LIMIT, f"{pages} pages, more than {MAX_PAGES}; send it in parts")


def _tables(data: bytes, wanted: list[int]) -> tuple[dict[int, list[Any]], list[int]]:
    """Page items (lines and rows) by page for the pages that hold tables, and the pages that time did not allow."""
    from ingest.readers.pdf_tables import TableReader

    found: dict[int, list[Any]] = {}
    start = time.process_time()
    try:
        reader = TableReader(data)
    except Exception:  # pdfminer fails on files that pypdf reads; the text stays
        return found, wanted
    with contextlib.closing(reader):
        for index, number in enumerate(wanted):
            if time.process_time() - start > _TABLE_SECONDS:
                return found, wanted[index:]
            try:
                items = reader.items(number)
            except (Exception, RecursionError) as cause:
                if isinstance(cause, MemoryError):
                    raise
                continue
            if items:
                found[number] = items
    return found, []


def _metadata(reader: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    with contextlib.suppress(Exception):  # a damaged information dictionary is no reason to lose the text
        for key, value in (reader.metadata or {}).items():
            said = squeeze(str(value))[:500]
            if said:
                found[str(key).lstrip("/").lower()] = said
    return found


def _fallback(
    data: bytes, pages: list[Page], text: str, failure: Exception | None
) -> tuple[list[Page], Exception | None]:
    """pdfium's pages where it reads what pypdf could not; else what there was."""
    try:
        other = list(_pdfium(data))
    except Quarantined:
        raise
    except Exception as cause:
        return pages, failure or cause
    said = "\n".join(line.text for page in other for line in page.lines)
    better = said.strip() and (not text.strip() or not garbled(said))
    return (other, None) if better or not pages else (pages, failure)


def _pdfium(data: bytes) -> Iterator[Page]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as cause:
        if "password" in str(cause).lower():
            detail = "the PDF asks for a password; send a copy saved without one"
            raise Quarantined(Reason.ENCRYPTED, detail) from cause
        raise
    with contextlib.closing(document):
        if len(document) > MAX_PAGES:
            raise _too_many(len(document))
        for index in range(len(document)):
            with contextlib.suppress(pypdfium2.PdfiumError):
                text = clean(document[index].get_textpage().get_text_bounded())
                # pdfium marks a hyphen at a line's end with U+FFFE, which `clean` drops with the break kept
                yield Page(index + 1, tuple(Line(squeeze(line)) for line in text.split("\n") if line.strip()))
                continue
            yield Page(index + 1)


def _nothing(pages: list[Page], failure: Exception | None) -> Quarantined:
    name = type(failure).__name__
    if failure is not None and (
        "Decrypt" in name or "password" in str(failure).lower() or "decrypt" in str(failure).lower()
    ):
        return Quarantined(Reason.ENCRYPTED, "the PDF asks for a password; send a copy saved without one")
    if failure is not None and ("Limit" in name or isinstance(failure, MemoryError)):
        return Quarantined(
            Reason.OVER_LIMIT, f"the PDF needs more than is allowed ({str(failure)[:120]}); send a plain copy"
        )
    if failure is not None or not pages:
        why = f"{name}: {str(failure)[:120]}" if failure is not None else "it has no pages"
        return Quarantined(
            Reason.UNREADABLE, f"neither PDF reader could read it ({why}); download it again from its source"
        )
    detail = f"{len(pages)} pages and no text: scanned or drawn; run text recognition (OCR) on it, or send the HTML or Word version"
    return Quarantined(Reason.NO_TEXT, detail)


def _title(metadata: dict[str, str], blocks: list[Block], name: str) -> str:
    """The title in the metadata where the first pages say the same words; else the first block that names an act."""
    opening = " ".join(block.text for block in blocks[:40]).casefold()
    claimed = metadata.get("title", "")
    words = re.findall(r"[^\W\d_]{3,}", claimed.casefold())
    if len(claimed) > 8 and words and sum(word in opening for word in words) > 0.7 * len(words):
        return claimed
    named = next((block.text for block in blocks[:40] if len(block.text) < 400 and _ACT.search(block.text)), "")
    return (
        named
        or next((block.text for block in blocks[:8] if 8 < len(block.text) < 300), "")
        or blocks[0].text[:120]
        or name
    )


def _span(numbers: list[int]) -> str:
    """1, 2, 3, 7 as "1-3, 7", cut after ten parts."""
    parts: list[str] = []
    start = last = numbers[0]
    for number in [*numbers[1:], -1]:
        if number == last + 1:
            last = number
            continue
        parts.append(str(start) if start == last else f"{start}-{last}")
        start = last = number
    return ", ".join(parts[:10]) + (", ..." if len(parts) > 10 else "")
