"""What a file is, from its bytes. Its name and the server's Content-Type are only ever overruled."""

import re
import zipfile
from io import BytesIO

PDF = "application/pdf"
HTML = "text/html"
XHTML = "application/xhtml+xml"
XML = "application/xml"
ECFR = "application/vnd.ecfr+xml"
FORMEX = "application/vnd.formex+xml"
WORD_XML = "application/vnd.ms-word.xml"  # Word 2003 and flat OPC: one XML file, not a zip
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
JSON = "application/json"
CSV = "text/csv"
MARKDOWN = "text/markdown"
TEXT = "text/plain"
ZIP = "application/zip"
EMPTY = "application/x-empty"
BINARY = "application/octet-stream"

_MAGIC = (
    (b"PK\x05\x06", ZIP),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/java-vm"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"%!PS", "application/postscript"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"(\xb5/\xfd", "application/zstd"),
    (b"7z\xbc\xaf'\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (b"OggS", "application/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
)
_OFFICE = (
    ("word/", DOCX),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("Payload/", "application/x-itunes-ipa"),
)
_HEAD = 65_536
_PDF_WITHIN = 1024  # where PDF readers look for the header (ISO 32000-1, Annex H, note 13)
_PDF_OBJECT = re.compile(rb"^\d+ \d+ obj\b", re.M)
_XML_SKIP = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE\s+[^<\[>]*(?:\[.*?\]\s*)?>\s*)*", re.S | re.I)
_TAG = re.compile(r"<([A-Za-z_][\w.:-]*)([^>]{0,2000})")
_HTML_SIGNS = re.compile(
    r"<!doctype\s+html|<(?:html|head|body|title|meta|table|div|p|h[1-6]|script|link|br|ul|ol|span|a)\b", re.I
)
_CLOSING = re.compile(r"</(?:html|head|body|title|table|div|p|h[1-6]|ul|ol|td)\s*>", re.I)
_ECFR_ROOT = re.compile(r"DIV[1-9]|DLPSTEXTCLASS|ECFR(?:BRWS)?|CFRGRANULE|CFRDOC", re.I)
_FORMEX_ROOT = re.compile(
    r"LEXP\.COMBINED|(?:CONS\.)?ACT|(?:CONS\.)?ANNEX|AGR|GENERAL|CONS\.(?:DOC|OTH|OTHER|LIST)|CORR|DECISION\.ECHR|OPINION|PROPOSAL|DOC|PUBLICATION|SE"
)
_MARKDOWN_SIGNS = (
    re.compile(r"(?:\A|\n\n)#{1,6} +\S[^\n]*(?:\n\n|\s*\Z)"),
    re.compile(r"^(?:---|\+\+\+)\n.*?^(?:---|\+\+\+)\s*$", re.M | re.S),
    re.compile(r"^\|?[ :|-]*-{3,}[ :|-]*\|[ :|-]*$", re.M),
    re.compile(r"\[[^\]\n]{1,200}\]\((?:https?:|/|#)[^)\n]*\)"),
    re.compile(r"\*\*[^*\n]{1,200}\*\*"),
    re.compile(r"^(?:=|-){3,}\s*$", re.M),
    re.compile(r"<!--.*?-->", re.S),
)


def sniff(data: bytes) -> str:
    """The media type of the bytes: one of the constants above, or another well-known type for what is not read.

    Text is decoded first, so an UTF-16 page or a GBK table is known too. A file with a PDF header in its first kilobyte
    is a PDF, unless what comes before the header is a page of HTML.
    """
    if not data.strip(b"\x00 \t\r\n\x0b\x0c"):
        return EMPTY
    head = data[:_PDF_WITHIN]
    at = head.find(b"%PDF-")
    if at == 0 or (at > 0 and not _HTML_SIGNS.search(head[:at].decode("latin-1"))):
        return PDF
    if _PDF_OBJECT.search(data[:_HEAD]) and (
        b"endobj" in data or b"trailer" in data
    ):  # the header is damaged, the objects are there
        return PDF
    if data.startswith(b"PK\x03\x04"):
        return _zip(data)
    if data.startswith(b"RIFF") and data[8:12] in {b"WEBP", b"WAVE", b"AVI "}:
        return "image/webp" if data[8:12] == b"WEBP" else "audio/video"
    for magic, media_type in _MAGIC:
        if data.startswith(magic) and not (magic == b"MZ" and _printable(data)):
            return media_type
    return _textual(data)


def _zip(data: bytes) -> str:
    """Which kind of zip, from the names in its directory; a broken directory is told by the names in the raw bytes."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()[:10_000]
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                named = archive.read("mimetype").decode("ascii", "replace").strip()
                return named if re.fullmatch(r"[\w-]+/[\w.+-]+", named) else ZIP
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        return DOCX if b"word/" in data or b"[Content_Types].xml" in data[:200] else ZIP
    if "[Content_Types].xml" in names or "_rels/.rels" in names:
        for folder, media_type in _OFFICE:
            if any(name.startswith(folder) for name in names):
                return media_type
    return DOCX if "word/document.xml" in names else ZIP


def _printable(data: bytes) -> bool:
    sample = data[:_HEAD]
    odd = sum(1 for byte in sample if byte < 9 or 13 < byte < 27 or 27 < byte < 32 or byte == 127)
    return odd <= 0.005 * len(sample)


def _textual(data: bytes) -> str:
    """Text of some kind, or BINARY where the bytes are no text in any encoding."""
    from ingest.text import clean, decode

    text, encoding, _ = decode(data[: _HEAD // 4 * 4])
    wide = encoding.startswith(("utf-16", "utf-32", "cp037", "cp500"))
    if not _printable(data) and not wide:
        lost = text.count("\ufffd") + sum(1 for char in text if char < " " and char not in "\t\n\r\f\v\x1b")
        if lost > 0.02 * len(text):
            return BINARY
    if not _printable(data) and text.count("\ufffd") > 0.1 * len(text):
        return BINARY
    return _marked_up(clean(text).lstrip()) if text.strip() else EMPTY


def _marked_up(text: str) -> str:
    rest = text[_skip_prolog(text) :]
    tag = _TAG.match(rest)
    html = _HTML_SIGNS.search(text[:4096])
    if tag:
        name, local = tag[1], tag[1].rpartition(":")[2]
        if local.lower() == "html":
            return XHTML if text.startswith("<?xml") and "w3.org/1999/xhtml" in tag[2] else HTML
        if re.search(r"<!DOCTYPE\s+html", text[:2048], re.I):
            return HTML
        if text.startswith(("<?xml", "<!DOCTYPE")) or not html or html.start() > text.find(rest[:50]) + 1:
            return _xml(name, rest)
    if text.startswith(("<?xml", "<!DOCTYPE")) and not html:
        return XML
    if html and (text.startswith("<") or len(_CLOSING.findall(text)) > 2):
        return HTML
    if text[0] in "{[" and _is_json(text):
        return JSON
    return _plain(text)


def _skip_prolog(text: str) -> int:
    found = _XML_SKIP.match(text[:_HEAD])
    return found.end() if found else 0


def _xml(name: str, rest: str) -> str:
    local = name.rpartition(":")[2]
    if local in {"wordDocument", "package"} and "schemas.microsoft.com/office" in rest[:4000]:
        return WORD_XML
    if _ECFR_ROOT.fullmatch(local):
        return ECFR
    if _FORMEX_ROOT.fullmatch(local) and re.search(
        r"formex|<(?:BIB\.INSTANCE|TITLE|TI\.|NP|P|GR\.SEQ|CONTENTS)\b", rest[:4000]
    ):
        return FORMEX
    return XML


def _is_json(text: str) -> bool:
    """The start of a JSON object or array that holds something: the whole is parsed by the reader."""
    return bool(
        re.match(
            r'\{\s*(?:"(?:[^"\\]|\\.){0,500}"\s*:|\})|\[\s*(?:[{"\]]|\[\s*["\d\[{]|-?\d+\s*,|(?:true|false|null)\b)',
            text,
        )
    )


def _plain(text: str) -> str:
    sample = text[:_HEAD]
    if _is_csv(sample):
        return CSV
    signs = sum(1 for pattern in _MARKDOWN_SIGNS if pattern.search(sample))
    return MARKDOWN if signs >= 2 or _MARKDOWN_SIGNS[0].search(sample) else TEXT


def _is_csv(sample: str) -> bool:
    """Whether the lines hold the same number (two or more) of separated fields."""
    import csv

    lines = sample.splitlines()[: -1 if len(sample) == _HEAD else None]
    for separator in ("\t", ",", ";"):
        if not lines or separator not in lines[0]:
            continue
        try:
            rows = [len(row) for row in csv.reader(lines[:300], delimiter=separator) if row]
        except csv.Error:
            continue
        usual = max(set(rows), key=rows.count)
        if len(rows) >= 2 and usual >= 2 and rows.count(usual) >= 0.9 * len(rows) and rows[0] == usual:
            return True
    return False
