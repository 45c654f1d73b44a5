"""Every file of the bad-input collection ends as a document with text or in quarantine with a true reason."""

import csv
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest.quality import garbled
from ingest.reasons import Quarantined, Reason
from ingest.text import decode, language
from ingest.worker import Limits, read_isolated

pytestmark = [pytest.mark.shared, pytest.mark.slow]
ENCODINGS = {
    "Big5": "big5hkscs",
    "EUC-KR": "cp949",
    "GB2312": "gb18030",
    "SHIFT_JIS": "cp932",
    "windows-1251-russian": "cp1251",
}
TRUTH: list[tuple[str, set[str]]] = [  # a part of the path, and the ends that are true of it
    (
        r"encryption/r[1-5].*user-password|r6-both-passwords|testUnicodePassword|libreoffice-writer-password",
        {Reason.ENCRYPTED},
    ),
    (r"encryption/r\d-(?:aes-)?owner-password|r5-empty-password|_owner_empty|unencrypted\.pdf", {"text"}),
    (r"protected_upper_case\.docx", {Reason.ENCRYPTED}),
    (r"bitmap-|colorspace_|gradientfill|imagemagick-CCITTFaxDecode", {Reason.NO_TEXT}),
    (r"bombs/html_named_pdf", {"text", Reason.WRONG_TYPE}),
    (r"bombs/empty\.pdf|__init__\.py|py\.typed", {Reason.EMPTY}),
    (r"bombs/(?:random_1MB|magic_only)", {Reason.UNREADABLE}),
    (r"bombs/(?:flate_|nested_q|textops_70MB)", {Reason.OVER_LIMIT}),
    (r"\.zip$", {Reason.UNSUPPORTED}),
    (r"testWORD_truncated", {Reason.UNREADABLE}),
    (r"headerPic\.docx", {Reason.NO_TEXT}),
    (r"xml/defusedxml/(?:cyclic|xmlbomb|external_file)|testXXE", {Reason.UNREADABLE, Reason.EMPTY, Reason.NO_TEXT}),
    (r"txt/apache|html/apache\+tika/(?!test_ignore)|encodings/", {"text"}),
    (r"crazyones-pdfa|004-pdflatex-4-pages|unencrypted\.pdf|simple1\.pdf", {"text"}),
]


def _end(path: Path) -> tuple[str, str, float]:
    """How the file ends ("text" or a reason), what is said of it, and the seconds it took."""
    start = time.monotonic()
    try:
        document = read_isolated(path.read_bytes(), path.name)
    except Quarantined as cause:
        return cause.reason, cause.detail, time.monotonic() - start
    assert sum(map(str.isalnum, document.text)) >= 2, path
    assert not garbled(document.text), path
    return "text", document.text[:200], time.monotonic() - start


@pytest.fixture(scope="module")
def ends(shared: Path) -> dict[str, tuple[str, str, float]]:
    """The end of every listed file. An exception other than Quarantined fails the tests here."""
    root = shared / "badinput"
    with (root / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        names = [row["path"] for row in csv.DictReader(file, delimiter="\t") if not row["path"].startswith("ssrf/")]
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(lambda name: _end(root / name), names), strict=True))


def test_every_file_has_an_end_within_the_limits(ends: dict[str, tuple[str, str, float]]) -> None:
    assert len(ends) > 600
    slow = {name: seconds for name, (_, _, seconds) in ends.items() if seconds > Limits().wall_seconds}
    assert not slow
    assert all(len(detail) > 10 for end, detail, _ in ends.values() if end != "text")


def test_the_reasons_are_true(ends: dict[str, tuple[str, str, float]]) -> None:
    wrong: list[str] = []
    for pattern, true in TRUTH:
        found = {name: end for name, end in ends.items() if re.search(pattern, name)}
        assert found, pattern
        wrong += [f"{name}: {end[0]} ({end[1]})" for name, end in found.items() if end[0] not in true]
    assert not wrong


def test_where_both_pdf_readers_agree(shared: Path, ends: dict[str, tuple[str, str, float]]) -> None:
    agreed = {
        "pypdf=encrypted;pdfium=raise": {Reason.ENCRYPTED},
        "pypdf=no-text;pdfium=no-text": {Reason.NO_TEXT, Reason.OVER_LIMIT},
    }
    with (shared / "badinput/MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        rows = [(row["path"], agreed.get(row["note"])) for row in csv.DictReader(file, delimiter="\t")]
    wrong = [f"{name}: {ends[name][:2]}" for name, true in rows if true and ends[name][0] not in true]
    assert not wrong


def test_text_that_both_pdf_readers_find_is_found(shared: Path, ends: dict[str, tuple[str, str, float]]) -> None:
    with (shared / "badinput/MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        both = [row["path"] for row in csv.DictReader(file, delimiter="\t") if row["note"] == "pypdf=text;pdfium=text"]
    lost = [f"{name}: {ends[name][:2]}" for name in both if ends[name][0] != "text"]
    # Pages that hold a sign or their own number alone, and fonts without a character map: looked at one by one.
    assert len(lost) <= 0.08 * len(both), lost


@pytest.mark.parametrize("declared", [True, False])
def test_encodings(shared: Path, declared: bool) -> None:
    files = sorted((shared / "badinput/encodings/chardet").glob("*/*"))
    wrong = []
    for path in files:
        data = path.read_bytes()
        if not declared:
            data = re.sub(rb"""(?:encoding|charset)=["']?[\w-]+["']?""", b"", data)
        text, encoding, _ = decode(data)
        if text != data.decode(ENCODINGS.get(path.parent.name, path.parent.name), "replace"):
            wrong.append((path.name, encoding))
    assert len(files) >= 31
    assert not wrong


def test_the_regulations(shared: Path) -> None:
    """What each official document has to give, and how fast."""
    root = shared / "regulations"
    control_list = read_isolated((root / "us/ecfr/ccl_part774_supp1.xml").read_bytes())
    assert "Reason for Control: NS, RS, FC, UN, AT" in control_list.text
    rows = read_isolated((root / "us/bis/ccats-website-table-april-2018.pdf").read_bytes()).blocks
    assert any(row.attributes.get("cell:Company Name") == "Avtech Corporation" and row.page == 3 for row in rows)
    journal = read_isolated((root / "eu/32022R0576_OJ_EN.pdf").read_bytes())
    assert "EN Official Journal of the European Union" not in journal.text
    assert any(row.attributes.get("cell:CN code") == "2509 00" for row in journal.blocks)
    for path in sorted(root.glob("cn/laws/*.md")):
        document = read_isolated(path.read_bytes(), path.name)
        assert (document.language, "<!--" in document.text) == ("zh", False)
        assert language(document.text) == "zh"
