"""The rule files load into one book, and whatever is wrong with one is said with file, key and fix."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.errors import BadRule
from knowledge.rulebook import RuleBook, load
from knowledge.rulebook.load import RULES

FILE = "cn/instruments/CN-2025-18.yaml"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the rule files that a test may break."""
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder, ignore=shutil.ignore_patterns("corpus", "__pycache__", "*.py"))
    return folder


def refusal(rules: Path) -> BadRule:
    """The error that loading the folder raises, checked for having every part."""
    with pytest.raises(BadRule) as caught:
        load(rules)
    error = caught.value
    assert "\n" not in str(error)
    assert all((error.file, error.key, error.cause, error.fix))
    assert str(error) == f"{error.file}: {error.key}: {error.cause}. Fix: {error.fix}."
    return error


def test_the_copy_is_the_book(rules: Path, book: RuleBook) -> None:
    copy = load(rules)
    assert copy.hash == book.hash
    assert [e.code for e in copy.entries] == [e.code for e in book.entries]


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "cause"),
    [
        pytest.param(FILE, "kind: announcement", "kind: announcement\ncolour: red", "colour", "not permitted", id="unknown key"),
        pytest.param(FILE, "  - code: 1C902.a.1", "  - code: 1C902.a.1\n    floor: none", "entries.0.floor", "not permitted", id="unknown key of an entry"),
        pytest.param(FILE, "kind: announcement", "kind: announcement\nkind: list", "line", "comes twice", id="duplicate key"),
        pytest.param(FILE, "announced: 2025-04-04", "announced: 2025-04-31", "announced", "date", id="bad date"),
        pytest.param(FILE, "provision: effect", "provision: nowhere", "timeline", "CN-2025-18 nowhere, which is not there", id="dangling provision"),
        pytest.param(FILE, "instrument: CN-2025-18", "instrument: CN-2025-999", "timeline", "CN-2025-999 effect, which is not there", id="dangling instrument"),
        pytest.param(FILE, "{kind: smco_magnet}", "{kind: smco_magnett}", "entries.1C902.a.4.goods", "smco_magnett", id="unknown kind"),
        pytest.param(FILE, "{kind: smco_magnet}", "{sort: smco_magnet}", "entries.1C902.a.4.goods", "sort", id="unknown goods condition"),
        pytest.param(FILE, "{kind: smco_magnet}", "{kind: smco_magnet, contains: Sm}", "entries.1C902.a.4.goods", "one condition", id="two conditions in one"),
        pytest.param("cn/instruments/CN-2024-46.yaml", "{military: true}", "{martial: true}", "restrictions.CN-2024-46.1.when", "martial", id="unknown deal condition"),
        pytest.param("cn/instruments/CN-2024-46.yaml", 'provision: "1"', 'provision: "17"', "restrictions.CN-2024-46.1.provision", "CN-2024-46 17", id="restriction without its provision"),
        pytest.param(FILE, ', zh: "对部分中重稀土相关物项实施出口管制"', "", "title", "both languages", id="no Chinese text"),
        pytest.param(FILE, 'zh: "对部分中重稀土相关物项实施出口管制"', 'zh: ""', "title", "both languages", id="empty Chinese text"),
        pytest.param(FILE, "code: 1C902.a.2", "code: 1C902.a.1", "1C902.a.1", "twice", id="duplicate code"),
        pytest.param(FILE, "code: 1C905.b\n", "code: 3C001.a\n", "3C001.a", "two places", id="code of another instrument"),
        pytest.param(FILE, "id: CN-2025-18", "id: CN-2025-19", "id", "CN-2025-19", id="id is not the file's name"),
        pytest.param(FILE, "kind: announcement", "kind: [announcement", "line", "", id="not YAML"),
        pytest.param(FILE, "status: in_force", "status: in_farce", "timeline.0.status", "in_force", id="unknown status"),
        pytest.param("regimes.yaml", "CN-2023-23]", "CN-2023-24]", "cn-gallium-germanium", "CN-2023-24", id="coverage of an unknown instrument"),
        pytest.param("regimes.yaml", "coverage:", "cover:", "coverage", "missing", id="coverage missing"),
        pytest.param("cn/neighbours.yaml", "instrument: CN-2025-89", "instrument: CN-2025-90", "", "CN-2025-90", id="dangling neighbour"),
        pytest.param("topics.yaml", "instrument: CN-ECL-2020", "instrument: CN-ECL-2021", "", "CN-ECL-2021", id="dangling topic"),
        pytest.param("lexicon/kinds.yaml", "id: ferrite_magnet, parent: permanent_magnet", "id: ferrite_magnet, parent: nothing", "ferrite_magnet", "nothing", id="kind without its parent"),
    ],
)  # fmt: skip
def test_a_bad_file_is_named_with_key_and_fix(rules: Path, file: str, old: str, new: str, key: str, cause: str) -> None:
    path = rules / file
    text = path.read_text(encoding="utf-8")
    assert old in text, "the case no longer breaks anything"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    error = refusal(rules)
    assert Path(file).name in error.file
    assert key in error.key
    assert cause in error.cause


def test_a_date_out_of_order(rules: Path) -> None:
    path = rules / "cn/instruments/CN-2025-61.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("from: 2026-11-11", "from: 2025-10-01", 1), encoding="utf-8")
    error = refusal(rules)
    assert (error.file, error.key) == ("cn/instruments/CN-2025-61.yaml", "timeline")
    assert "2025-10-01 comes after 2025-11-07" in error.cause


def _broken_sign(rules: Path) -> str:
    path = rules / "red_flags" / "signs.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("instrument: CN-", "instrument: XX-", 1), encoding="utf-8")
    return "signs.yaml"


def _wrong_count(rules: Path) -> str:
    path = rules / "cn" / "parties" / "CN-UEL-2025-4.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("expected_count: 2", "expected_count: 3"), encoding="utf-8"
    )
    return path.name


def _dangling_party(rules: Path) -> str:
    path = rules / "cn" / "parties" / "CN-UEL-2025-4.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("by: CN-UEL-2025-4", "by: CN-UEL-2025-99"), encoding="utf-8"
    )
    return path.name


def _party_dates(rules: Path) -> str:
    path = rules / "cn" / "parties" / "CN-UEL-2025-4.yaml"
    line = "  - {from: 2025-02-04, status: in_force, by: CN-UEL-2025-4}\n"
    text = path.read_text(encoding="utf-8")
    assert line in text
    path.write_text(text.replace(line, line + line.replace("2025-02-04", "2025-01-04")), encoding="utf-8")
    return path.name


def _unknown_element(rules: Path) -> str:
    path = rules / "cn" / "instruments" / "CN-2025-18.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("{kind: smco_magnet}", "{contains: Xx}"), encoding="utf-8")
    return path.name


@pytest.mark.parametrize("spoil", [_broken_sign, _wrong_count, _dangling_party, _party_dates, _unknown_element])
def test_what_the_loader_checks_beyond_the_shape(spoil: Callable[[Path], str], rules: Path) -> None:
    """References of warning signs and parties, counts of lists, dates of parties, symbols of elements."""
    assert spoil(rules) in refusal(rules).file


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(BadRule, match="no rule file"):
        load(tmp_path)


def test_the_hash_follows_every_file(rules: Path, book: RuleBook) -> None:
    seen = {book.hash}
    files = sorted(rules.rglob("*.yaml"))
    assert len(files) > 50
    for path in files[:: len(files) // 6]:
        path.write_bytes(path.read_bytes() + b"\n")
        load.cache_clear()
        seen.add(load(rules).hash)
    assert len(seen) == 1 + len(files[:: len(files) // 6])
    (rules / "cn" / "extra.yaml").write_text("{}\n", encoding="utf-8")
    load.cache_clear()
    assert load(rules).hash not in seen


def test_scalars_stay_text(book: RuleBook) -> None:
    """BaseLoader: NO is Norway, "1.1" a provision, a tariff line keeps its digits."""
    countries = {p.country for p in book.parties}
    assert all(isinstance(c, str) and len(c) == 2 for c in countries)
    assert ("CN-2025-61", "1.1") in book.provisions
    assert all(number.isdigit() and len(number) >= 4 for e in book.entries for number in e.hs_reference)


def test_norway_is_no_boolean(rules: Path) -> None:
    path = rules / "cn" / "parties" / "CN-UEL-2025-4.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("country: US", "country: NO"), encoding="utf-8")
    listed = [p.country for p in load(rules).parties if p.instrument == "CN-UEL-2025-4"]
    assert listed == ["NO", "NO"]
