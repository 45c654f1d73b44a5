"""What people write finds its connector; files, plain addresses and the registry of sources."""

from pathlib import Path

import pytest

from ingest.connectors import SCHEMES, resolve
from ingest.connectors.base import iso_date
from ingest.connectors.file import Files, is_law
from ingest.fetch import Fetcher, Refused, TooLarge
from ingest.sources import Sources, sources
from knowledge.errors import BadInput, BadRule
from knowledge.rulebook import RuleBook
from tests.replay import Answer, Replay, fetcher

EAR = "https://www.ecfr.gov/current/title-15/subtitle-B/chapter-VII/subchapter-C"
EURLEX = "https://eur-lex.europa.eu/legal-content"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ecfr:15/part-744", "ecfr:15/part-744"),
        (" ECFR:15/774/supp-1@2026-07-23 ", "ecfr:15/774/supp-1@2026-07-23"),
        (f"{EAR}/part-744/section-744.11", "ecfr:15/section-744.11"),
        (f"{EAR}/part-744", "ecfr:15/part-744"),
        (
            "https://www.ecfr.gov/on/2026-07-23/title-15/part-774/appendix-Supplement%20No.%201%20to%20Part%20774",
            "ecfr:15/part-774/appendix-Supplement No. 1 to Part 774@2026-07-23",
        ),
        ("https://www.ecfr.gov/search?q=x", "url:https://www.ecfr.gov/search?q=x"),
        ("fr:2025-19001", "fr:2025-19001"),
        ("https://www.federalregister.gov/documents/2025/09/30/2025-19001/a-rule", "fr:2025-19001"),
        ("https://www.federalregister.gov/d/E9-12345", "fr:E9-12345"),
        ("celex:32021R0821", "celex:32021R0821"),
        (f"{EURLEX}/EN/TXT/?uri=CELEX:32021R0821", "celex:32021R0821/en@original"),
        (f"{EURLEX}/DE/TXT/PDF/?uri=CELEX%3A02021R0821-20251115", "celex:02021R0821-20251115/de"),
        ("https://eur-lex.europa.eu/eli/reg/2021/821/oj", "celex:32021R0821@original"),
        ("https://eur-lex.europa.eu/eli/reg/2014/833/2024-06-25", "celex:32014R0833@2024-06-25"),
        ("http://publications.europa.eu/resource/celex/32014R0833", "celex:32014R0833@original"),
        (
            "https://www.mofcom.gov.cn/zwgk/zcfb/art/2025/art_ab.html",
            "mofcom:https://www.mofcom.gov.cn/zwgk/zcfb/art/2025/art_ab.html",
        ),
        ("http://english.mofcom.gov.cn/x.html", "mofcom:http://english.mofcom.gov.cn/x.html"),
        ("https://www.mofcom.gov.cn/files/list.pdf", "url:https://www.mofcom.gov.cn/files/list.pdf"),
        ("https://notmofcom.gov.cn/x.html", "url:https://notmofcom.gov.cn/x.html"),
        ("https://www.bis.gov/enforcement/export-violations/", "bis-violations:"),
        ("https://laws.e-gov.go.jp/law/324AC0000000228", "jp:324AC0000000228"),
        ("csl:", "csl:"),
        ("kr:대외무역법", "kr:대외무역법"),
        ("https://example.org/law.pdf", "url:https://example.org/law.pdf"),
        ("laws/missing.pdf", "file:laws/missing.pdf"),
        ("file:law.txt", "file:law.txt"),
    ],
)
def test_what_is_written_finds_its_source(text: str, normal: str) -> None:
    found = resolve(text)
    assert found.text == normal
    assert resolve(found.text).text == normal


@pytest.mark.parametrize(
    "text", ["", "hello", "foo:bar", "ecfr", "ftp://a.gov/x", "gopher:x", "\0", "what is dysprosium?"]
)
def test_what_names_no_source_is_told_what_does(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        resolve(text)
    for scheme in SCHEMES:
        assert scheme in str(caught.value)


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1/", "https://u:p@www.ecfr.gov/x", "url:http://localhost/", "url:file:///etc/hosts"]
)
def test_addresses_are_checked_when_they_are_named(text: str) -> None:
    if text == "http://127.0.0.1/":
        resolve(text)  # well formed: refused when it is fetched
        return
    with pytest.raises(Refused):
        resolve(text)


def test_a_chat_cannot_name_this_machines_files(tmp_path: Path) -> None:
    (tmp_path / "law.txt").write_text("law")
    for text in (str(tmp_path), f"file:{tmp_path}", f"file://{tmp_path}/law.txt", "../secret", "~/.ssh/id_rsa"):
        with pytest.raises(BadInput):
            resolve(text, local=False)
    assert resolve(str(tmp_path)).scheme == "file"


@pytest.mark.parametrize(
    "spec", ["15", "15/part-", "15/part-744/", "744", "15/774/supp-1@2026-13-01", "15/part-7 44", "99999/part-1"]
)
def test_a_wrong_ecfr_spec_says_what_is_right(spec: str) -> None:
    if spec == "15/part-744/":
        return
    with pytest.raises(BadInput, match="ecfr:15/part-744"):
        list(resolve(f"ecfr:{spec}").items(Fetcher()))


@pytest.mark.parametrize(
    "text",
    [
        "fr:",
        "fr:19001",
        "fr:bis",
        "fr:bis@2026-99-01",
        "celex:",
        "celex:2021/821",
        "celex:32021R0821/xx",
        "celex:02021R0821-20251115@original",
        "celex:32021R0821@2026-02-30",
        "mofcom:18",
        "csl:x",
        "bis-violations:x",
        "kr:law",
        "jp:324AC",
        "jp:324AC0000000228@soon",
    ],
)
def test_a_wrong_spec_is_an_error_before_anything_is_fetched(text: str) -> None:
    with pytest.raises(BadInput):
        list(resolve(text, law_go_kr_account="x").items(Fetcher()))


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2025-04-04", "2025-04-04"),
        ("2025年4月4日", "2025-04-04"),
        ("２０２５年１１月７日", "2025-11-07"),
        ("20251001", "2025-10-01"),
        ("04/25/2025", "2025-04-25"),
        ("2026-03-02 08:45:07", "2026-03-02"),
        ("2025.4.4", "2025-04-04"),
        ("2025-02-30", ""),
        ("no", ""),
    ],
)
def test_dates(text: str, date: str) -> None:
    assert iso_date(text) == date


def names(folder: Path) -> list[str]:
    return [item.name for item in Files().items(str(folder), Fetcher())]


def test_a_folder_gives_its_documents_in_order(tmp_path: Path) -> None:
    for name in (
        "b.txt",
        "a/2.md",
        "a/1.md",
        ".hidden",
        ".git/x.txt",
        "README.md",
        "LICENSE",
        "LICENSE.data",
        "MANIFEST.tsv",
        "a/~$x.docx",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    assert names(tmp_path) == ["a/1.md", "a/2.md", "b.txt"]
    assert names(tmp_path / "README.md") == ["README.md"]


def test_links_do_not_lead_out_or_round_in_circles(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "law.txt").write_text("law")
    (outside / "secret.txt").write_text("secret")
    (inside / "again.txt").symlink_to(inside / "law.txt")
    (inside / "leak.txt").symlink_to(outside / "secret.txt")
    (inside / "leaks").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    (inside / "dangling.txt").symlink_to(inside / "nothing")
    (inside / "self.txt").symlink_to(inside / "self.txt")
    assert names(inside) == ["again.txt", "law.txt"]


def test_a_file_is_read_when_it_is_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "law 1.txt"
    path.write_text("one")
    (item,) = resolve(str(path)).items(Fetcher())
    path.write_text("two")
    assert item.fetch() == b"two"
    assert item.key == f"file:{path}"
    monkeypatch.setattr("ingest.connectors.file.LARGEST", 2)
    with pytest.raises(TooLarge):
        item.fetch()
    path.unlink()
    with pytest.raises(BadInput):
        item.fetch()


@pytest.mark.parametrize("spec", ["nothing/here", "/dev/null", "a\0b"])
def test_what_is_no_file_is_an_error(spec: str) -> None:
    with pytest.raises(BadInput):
        list(Files().items(spec, Fetcher()))


def test_side_files_are_not_law() -> None:
    for name in (
        "readme.txt",
        "LICENSE",
        "License.lanthanides",
        "notes.md",
        "MANIFEST.tsv",
        "x.sha256",
        "datapackage.json",
    ):
        assert not is_law(name)
    for name in ("licensing-rules.pdf", "export-control-law.zh.md", "notice-18-2025.html", "manifesto.txt", "ccl.xml"):
        assert is_law(name)


def test_any_address_is_one_document() -> None:
    with Replay(lambda _: Answer(body=b"%PDF-1.7")) as server:
        (item,) = resolve(server.url("/laws/a%20b.pdf?x=1")).items(fetcher(server))
        assert (item.name, item.fetch()) == ("a b.pdf", b"%PDF-1.7")
        assert item.url == server.url("/laws/a%20b.pdf?x=1")


def test_every_registered_source_is_one_that_can_be_named() -> None:
    registry = sources()
    assert len(registry.by_id) > 10
    for source in registry.by_id.values():
        assert resolve(source.spec).text == source.spec


def test_every_known_document_of_the_rule_book_is_named_as_there(book: RuleBook) -> None:
    registry = sources()
    assert registry.expected("CN-ECL-2020") == (49, 70)
    assert registry.expected("CN-NOTHING") is None
    numbered = {name for name in registry.documents if name.startswith("CN-") and name.isascii() and "-SC-" not in name}
    assert numbered <= set(book.instruments)


def registry(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sources.yaml"
    path.write_text(text)
    return path


SOURCE = (
    "sources: [{id: a, spec: 'csl:', regime: US, kind: list, url: 'https://a.gov/', check_days: 1%s}]\ndocuments: []\n"
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (SOURCE % ", colour: red", "colour"),
        (SOURCE.replace("kind: list", "kind: song") % "", "kind"),
        (SOURCE.replace("check_days: 1", "check_days: 0") % "", "check_days"),
        (SOURCE.replace("regime: US", "regime: usa") % "", "regime"),
        (SOURCE % ", provisions: {least: 9, most: 3}", "least"),
        (SOURCE % ", id: b", "twice"),
        ("sources: []\n", "documents"),
        ("sources: [\n", "yaml"),
        ("- x\n", "file"),
        (
            "sources: []\ndocuments: [{instrument: CN-1, provisions: {least: 1, most: 2}, basis: one}, {instrument: CN-1, provisions: {least: 1, most: 2}, basis: one}]\n",
            "CN-1",
        ),
    ],
)
def test_a_wrong_registry_says_where(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(BadRule, match=key) as caught:
        Sources.load(registry(tmp_path, text))
    assert "Fix:" in str(caught.value)


def test_a_right_registry_loads(tmp_path: Path) -> None:
    assert list(Sources.load(registry(tmp_path, SOURCE % ", provisions: {least: 3, most: 9}")).by_id) == ["a"]
