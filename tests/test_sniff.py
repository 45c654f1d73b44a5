"""Types are told from bytes; names and endings do not matter."""

import io
import json
import zipfile

import pytest

from ingest.sniff import sniff


def _zip(**parts: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/").replace("--", "."), text)
    return stream.getvalue()


CASES = [
    (b"", "application/x-empty"),
    (b" \n\x00\t ", "application/x-empty"),
    (b"%PDF-1.7\n...", "application/pdf"),
    (b"\n\n junk %PDF-1.4\n", "application/pdf"),
    (b"%damaged\n1 0 obj\n<<>>\nendobj\n", "application/pdf"),
    (b"<html><head><title>403</title></head>%PDF-1.4 is what you asked for", "text/html"),
    (b"<!DOCTYPE html><p>x", "text/html"),
    (b"\n<!-- note --><html lang=en><body>x</body></html>", "text/html"),
    ("<!doctype html><p>\u4e2d\u6587</p>".encode("utf-16"), "text/html"),
    (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "application/xhtml+xml"),
    (b'<?xml version="1.0"?><DIV5 N="7" TYPE="PART"><HEAD>x</HEAD></DIV5>', "application/vnd.ecfr+xml"),
    (b"<ACT><BIB.INSTANCE/><TITLE><TI><P>Regulation</P></TI></TITLE></ACT>", "application/vnd.formex+xml"),
    (b"<feed><title>x</title></feed>", "application/xml"),
    (b'{"results": []}', "application/json"),
    (b'[{"a": 1}]', "application/json"),
    (b"[Reserved]\n\nNothing to see.", "text/plain"),
    (b"# Title\n\nText of the *law*.\n", "text/markdown"),
    (b"# a comment\nkey: value\nother: value\n", "text/plain"),
    (b"code,name\n1A,first\n2B,second\n", "text/csv"),
    (b"code\tname\n1A\tfirst\n2B\tsecond\n", "text/csv"),
    (b"Plain words, and more of them.\nA second line.\n", "text/plain"),
    (b"\x89PNG\r\n\x1a\n....", "image/png"),
    (b"MZ\x90\x00\x03\x00\x00\x00", "application/x-msdownload"),
    (b"MZ is how this sentence begins.", "text/plain"),
    (b"\x7fELF\x02\x01\x01", "application/x-executable"),
    (bytes(range(256)) * 8, "application/octet-stream"),
]


@pytest.mark.parametrize(("data", "expected"), CASES)
def test_types(data: bytes, expected: str) -> None:
    assert sniff(data) == expected


def test_zip_kinds() -> None:
    word = _zip(**{"[Content_Types]--xml": "<x/>", "word__document--xml": "<x/>"})
    assert sniff(word).endswith("wordprocessingml.document")
    sheet = _zip(**{"[Content_Types]--xml": "<x/>", "xl__workbook--xml": "<x/>"})
    assert sniff(sheet).endswith("spreadsheetml.sheet")
    assert sniff(_zip(**{"a--pdf": "x", "b--pdf": "y"})) == "application/zip"
    assert sniff(_zip(mimetype="<script>")) == "application/zip"


def test_json_in_another_encoding() -> None:
    assert sniff(json.dumps({"법령": {"조문": []}}, ensure_ascii=False).encode("cp949")) == "application/json"
