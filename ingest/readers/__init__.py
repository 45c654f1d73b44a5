"""Readers: bytes of an official document to `ingest.document.Document`. Each module is one format; nothing heavy is imported here."""

import importlib
import re
from typing import cast

from ingest import sniff
from ingest.document import Document
from ingest.quality import check
from ingest.reasons import Quarantined, Reason

_READERS = {
    sniff.PDF: "pdf",
    sniff.HTML: "html",
    sniff.XHTML: "html",
    sniff.ECFR: "ecfr_xml",
    sniff.FORMEX: "formex",
    sniff.XML: "xml",
    sniff.WORD_XML: "docx",
    sniff.DOCX: "docx",
    sniff.JSON: "json_records",
    sniff.CSV: "csv_table",
    sniff.MARKDOWN: "markdown",
    sniff.TEXT: "text",
}
_ENDINGS = {
    "pdf": sniff.PDF,
    "docx": sniff.DOCX,
    "html": sniff.HTML,
    "htm": sniff.HTML,
    "xhtml": sniff.HTML,
    "xml": sniff.XML,
    "json": sniff.JSON,
}
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")  # BCP 47; a file may claim anything
_TITLE, _FACT, _FACTS = 600, 4_000, 500  # characters of a title and of a fact about a document, and how many facts
_WHAT = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (
        "an Excel workbook",
        "save each sheet as CSV, or the whole as PDF",
    ),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": (
        "PowerPoint slides",
        "save it as PDF",
    ),
    "application/vnd.oasis.opendocument.text": ("an OpenDocument text", "save it as .docx or PDF"),
    "application/epub+zip": ("an e-book", "save it as PDF, or send the HTML files inside it"),
    "application/gzip": ("a compressed file", "unpack it and send what is inside"),
    "application/x-bzip2": ("a compressed file", "unpack it and send what is inside"),
    "application/x-xz": ("a compressed file", "unpack it and send what is inside"),
    "application/x-7z-compressed": ("an archive", "unpack it and send the files inside it one by one"),
    "application/vnd.rar": ("an archive", "unpack it and send the files inside it one by one"),
    sniff.ZIP: ("an archive of several files", "send the files inside it one by one"),
    "application/x-ole-storage": (
        "an old Office file (.doc, .xls) or a protected one",
        "save it as .docx or PDF without a password",
    ),
    "application/rtf": ("rich text", "save it as .docx or PDF"),
    "application/postscript": ("PostScript", "send it as PDF"),
    sniff.BINARY: ("binary data of no known kind", "send the PDF, HTML, XML or Word version"),
}


def read(data: bytes, name: str = "", declared: str | None = None, second: bool = False) -> Document:
    """The document in `data`, of whatever type the bytes themselves show, past the quality gate.

    `name` and `declared` (the charset that came with the bytes) only help: a wrong ending is overruled with a warning.
    `second` reads a PDF by pdfium alone. Runs in the calling process; strangers' files go through
    `ingest.worker.read_isolated`. Raises Quarantined with the reason and a sentence for the admin.
    """
    media_type = sniff.sniff(data)
    if media_type == sniff.EMPTY:
        raise Quarantined(Reason.EMPTY, "the file is empty: check that it was saved or downloaded whole")
    claimed = _ENDINGS.get(name.rpartition(".")[2].lower(), "")
    module = _READERS.get(media_type)
    if module is None:
        raise _unread(media_type, claimed, data)
    reader = importlib.import_module(f"ingest.readers.{module}")
    try:
        if module == "pdf":
            document = reader.read(data, name, second=second)
        elif module == "html":
            document = reader.read(data, name, declared, media_type=media_type)
        else:
            document = reader.read(data, name, declared)
        return _warned(_bounded(check(cast(Document, document))), claimed, media_type)
    except Quarantined as cause:
        if claimed == sniff.PDF and media_type != sniff.PDF:
            detail = f"named as a PDF, and the bytes are {media_type} that cannot be read ({cause.detail})"
            raise Quarantined(Reason.WRONG_TYPE, detail) from cause
        raise
    except RecursionError as cause:
        raise Quarantined(Reason.OVER_LIMIT, "the file is nested too deeply to be a document") from cause


def _bounded(document: Document) -> Document:
    """Title and metadata on one line each and of a length that a listing can show; they come from strangers too."""
    from dataclasses import replace

    from ingest.text import language, squeeze

    metadata = {squeeze(key)[:100]: squeeze(value)[:_FACT] for key, value in list(document.metadata.items())[:_FACTS]}
    said = document.language if _LANGUAGE.fullmatch(document.language) else language(document.text[:100_000])
    return replace(document, title=squeeze(document.title)[:_TITLE], language=said, metadata=metadata)


def _unread(media_type: str, claimed: str, data: bytes) -> Quarantined:
    what, instead = _WHAT.get(media_type, (media_type, "send the PDF, HTML, XML or Word version of the document"))
    protected = media_type == "application/x-ole-storage" and "EncryptedPackage".encode("utf-16-le") in data
    if protected:
        return Quarantined(Reason.ENCRYPTED, "the Office file asks for a password; send a copy saved without one")
    if claimed:
        return Quarantined(Reason.WRONG_TYPE, f"its name says {claimed} and its bytes are {what}; {instead}")
    return Quarantined(Reason.UNSUPPORTED, f"it is {what}, which is not read; {instead}")


def _warned(document: Document, claimed: str, media_type: str) -> Document:
    """A warning where the name's ending says another type than the bytes; the XML kinds and XHTML are no contradiction."""
    from dataclasses import replace

    kin = {sniff.XML: {sniff.ECFR, sniff.FORMEX, sniff.WORD_XML, sniff.XHTML, sniff.HTML}, sniff.HTML: {sniff.XHTML}}
    if not claimed or claimed == media_type or media_type in kin.get(claimed, set()):
        return document
    return replace(
        document, warnings=(*document.warnings, f"the name says {claimed}, the bytes are {media_type}: read as that")
    )
