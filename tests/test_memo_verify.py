"""A memo is verified to its last byte, by file and by code, with the database and with the key alone."""

import hashlib
import random
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from bot.memo import seal
from bot.memo.issue import Issued, Order, Verdict, issue, verify_code, verify_file
from bot.memo.model import FORMATS
from knowledge.errors import BadInput
from knowledge.store.cases import Cases
from knowledge.store.chat_schema import questions, reviews
from knowledge.store.database import Database
from knowledge.store.memo_schema import memos as table
from knowledge.store.memos import IssuedMemo, Memos
from tests.conftest import Command, ask
from tests.conftest import home as the_home
from tests.memos import AT, DAY, QUESTIONS, decided, filled, kept

SECRET = "11" * 32


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, dict[str, int]]]:
    database, numbers = filled(tmp_path_factory.mktemp("verify"))
    yield database, numbers
    database.close()


def given_out(database: Database, number: int, format_: str = "md", later: int = 0) -> Issued:
    """A memo that was issued."""
    made = issue(database, Order(number, format_, AT + timedelta(seconds=later)))
    database.commit([made.keep])
    return made


def first(verdict: Verdict) -> str:
    return verdict.said[0].split(":")[0]


# ---------------------------------------------------------------- a file


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("name", ["licence", "prohibited"])
def test_any_changed_byte_is_found(world: tuple[Database, dict[str, int]], name: str, format_: str) -> None:
    database, numbers = world
    data = given_out(database, numbers[name], format_).data
    assert verify_file(database, data).good
    chosen = random.Random(7)
    places = [*chosen.sample(range(len(data)), 300), *range(40), *range(len(data) - 420, len(data))]
    for at in places:
        for byte in {data[at] ^ 1, data[at] ^ 0x20, chosen.randrange(256)} - {data[at]}:
            found = verify_file(database, data[:at] + bytes([byte]) + data[at + 1 :])
            assert not found.good, (at, byte)
            assert "NOT VALID" in found.said[0] or "NOT KNOWN" in found.said[0]


def test_no_byte_of_a_whole_file_is_left_out(world: tuple[Database, dict[str, int]]) -> None:
    database, numbers = world
    data = given_out(database, numbers["law"], "md").data
    passed = []
    for at in range(len(data)):
        seen = seal.read(data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :])
        passed += [at] if seen is not None and seen.holds else []
    assert len(data) > 2000
    assert passed == []


@pytest.mark.parametrize("format_", FORMATS)
def test_bytes_added_or_cut_off_are_found(world: tuple[Database, dict[str, int]], format_: str) -> None:
    database, numbers = world
    data = given_out(database, numbers["law"], format_).data
    other = given_out(database, numbers["nothing"], format_).data
    for changed in (
        data + b"\n", data + b" ", b"\n" + data, data[:-1], data[1:], data[: len(data) // 2], b"", data + data,
        data[: len(data) // 2] + b"x" + data[len(data) // 2 :], data[:-300] + other[-300:], other[:-420] + data[-420:],
    ):  # fmt: skip
        assert not verify_file(database, changed).good


def test_what_changed_is_said(world: tuple[Database, dict[str, int]]) -> None:
    database, numbers = world
    made = given_out(database, numbers["licence"], "html")
    found = verify_file(database, made.data.replace(b"Licence required", b"No licence needed", 1))
    assert not found.good
    assert f"memo of answer {numbers['licence']}, html, code {made.memo.code}" in found.said[0]
    assert any(hashlib.sha256(made.data).hexdigest() in line for line in found.said)


def test_a_forged_memo_is_not_known(world: tuple[Database, dict[str, int]]) -> None:
    database, numbers = world
    made = given_out(database, numbers["licence"])
    forged = seal.sealed(b"# No licence needed\n", "md", numbers["licence"], made.memo.code, SECRET)
    seen = seal.read(forged)
    assert seen is not None and seen.holds
    found = verify_file(database, forged)
    assert not found.good
    assert first(found) == "NOT KNOWN"
    assert verify_file(None, forged, seal.public_key(SECRET)).good  # with that key it is what it says
    assert not verify_file(None, made.data, seal.public_key(SECRET)).good


def test_the_key_alone_verifies_elsewhere(world: tuple[Database, dict[str, int]]) -> None:
    database, numbers = world
    data = given_out(database, numbers["licence"], "pdf").data
    key = seal.public_key(Memos(database).known_secret() or "")
    assert verify_file(None, data, key).good
    assert not verify_file(None, data).good  # nobody said whose key it should be
    assert not verify_file(None, data[:-200] + bytes([data[-200] ^ 1]) + data[-199:], key).good


def test_a_memo_from_before_a_backup_is_still_ours(world: tuple[Database, dict[str, int]]) -> None:
    database, numbers = world
    made = issue(database, Order(numbers["flags"], "md", AT + timedelta(hours=5)))  # never kept
    found = verify_file(database, made.data)
    assert found.good
    assert "not in the list" in found.said[1]


# ---------------------------------------------------------------- a code


def test_a_code_tells_its_answer_and_whether_it_stands(tmp_path: Path) -> None:
    database, numbers = filled(tmp_path)
    made = given_out(database, numbers["flags"], "pdf")
    code = made.memo.code
    for typed in (code, code.lower(), code.replace("-", " "), f" {code} ", code.replace("0", "o").replace("1", "l")):
        found = verify_code(database, typed)
        assert found.good, typed
        assert f"answer {numbers['flags']}" in found.said[0]
    decided(database, numbers["flags"], "confirmed", "end user named")
    for found in (verify_code(database, code), verify_file(database, made.data)):
        assert not found.good
        assert found.said[-1].startswith("SUPERSEDED")
        assert "confirmed" in found.said[-1]
    again = given_out(database, numbers["flags"], "pdf", 1)
    assert again.memo.code != code
    assert verify_code(database, again.memo.code).good
    with database.write() as connection:
        connection.execute(delete(reviews).where(reviews.c.question == numbers["flags"]))
        connection.execute(delete(questions).where(questions.c.id == numbers["flags"]))
    assert "NO LONGER ON RECORD" in verify_code(database, again.memo.code).said[-1]
    database.close()


def test_an_answer_that_somebody_edits_no_longer_stands(tmp_path: Path) -> None:
    database, _ = filled(tmp_path)
    for column, value in (
        ("text", "other goods"), ("verdict", "no_licence_found"), ("on", DAY.replace(year=2025)), ("rulebook", "0" * 64),
        ("generation", "77"), ("answer", '{"verdict": "no_licence_found"}'), ("undone", 1), ("person", 9),
    ):  # fmt: skip
        number = kept(database, ask(QUESTIONS["licence"], DAY), 500 + len(column) * 7 + len(str(value)))
        made = given_out(database, number)
        with database.write() as connection:
            connection.execute(update(questions).where(questions.c.id == number).values({column: value}))
        found = verify_code(database, made.memo.code)
        assert not found.good, column
    database.close()


def test_an_unknown_code_and_no_code(world: tuple[Database, dict[str, int]]) -> None:
    database, _ = world
    assert first(verify_code(database, "AAAA-BBBB-CCCC-DDDD")) == "NOT VALID"
    for typed in ("AAAA", "memo.pdf", "UUUU-UUUU-UUUU-UUUU", ""):
        with pytest.raises(BadInput, match="neither a file nor a code"):
            verify_code(database, typed)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_codes_differ_with_record_and_secret(one: bytes, other: bytes) -> None:
    code = seal.code(SECRET, one)
    assert seal.typed_code(code.lower()) == code
    assert (seal.code(SECRET, other) == code) == (one == other)
    assert seal.code("22" * 32, one) != code


# ---------------------------------------------------------------- the store


def test_memos_are_kept_with_the_audit_trail(database: Database) -> None:
    from knowledge.store.audit_schema import audit

    number = kept(database, ask(QUESTIONS["licence"], DAY), 1)
    held = Memos(database)
    memo = IssuedMemo(number, "pdf", "en", "ab" * 32, "AAAA-BBBB-CCCC-DDDD", AT, 8)
    database.commit([held.keep(memo)])
    assert held.with_sha256("ab" * 32) == held.with_code("AAAA-BBBB-CCCC-DDDD")
    (row,) = held.with_sha256("ab" * 32)
    assert (row.question, row.issued_by, row.issued_at) == (number, 8, AT)
    with database.read() as connection:
        subjects = connection.execute(select(audit.c.subject).where(audit.c.kind == "memo")).scalars().all()
        assert subjects == [f"question:{number}"]
        assert connection.execute(select(table.c.id)).scalars().all() == [row.id]


def test_the_secret_is_made_once(database: Database) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(Memos(database).secret(seal.new_secret()))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert Memos(database).known_secret() == found[0]


def test_a_kill_before_the_commit_leaves_no_memo(tmp_path: Path) -> None:
    database, numbers = filled(tmp_path)
    made = issue(database, Order(numbers["licence"], "md", AT))
    assert Memos(database).with_code(made.memo.code) == ()
    with pytest.raises(RuntimeError), database.write() as connection:
        made.keep(connection)
        raise RuntimeError
    assert Memos(database).with_code(made.memo.code) == ()
    assert Cases(database).question(numbers["licence"]) is not None
    database.close()


# ---------------------------------------------------------------- the command


@pytest.mark.slow
def test_the_command_writes_and_verifies(navicert: Command, tmp_path: Path) -> None:
    home = tmp_path / "home"
    database, numbers = filled(home)
    database.close()
    run = {"NAVICERT_HOME": str(home), "NAVICERT_EMBEDDER": "none"}
    number = str(numbers["licence"])
    for format_ in ("pdf", "docx"):
        out = tmp_path / f"memo.{format_}"
        made = navicert("memo", number, "--format", format_, "--out", str(out), **run)
        assert (made.returncode, made.stderr) == (0, "")
        code = made.stdout.split()[-1]
        good = navicert("memo", "verify", str(out), **run)
        assert good.returncode == 0, good.stdout
        assert "VALID" in good.stdout and "STANDS" in good.stdout
        out.write_bytes(out.read_bytes().replace(b"a", b"b", 1))
        bad = navicert("memo", "verify", str(out), **run)
        assert (bad.returncode, "NOT VALID" in bad.stdout) == (1, True)
    assert navicert("memo", "verify", code, **run).returncode == 0
    key = navicert("memo", "key", **run).stdout.strip()
    navicert("memo", number, "--out", str(out), "--format", "html", **run)
    elsewhere = {"NAVICERT_HOME": str(tmp_path / "elsewhere")}
    assert navicert("memo", "verify", str(out), "--key", key, **elsewhere).returncode == 0
    assert navicert("memo", "verify", str(out), **elsewhere).returncode == 1
    assert not (tmp_path / "elsewhere" / "navicert.db").exists()


def test_the_command_speaks_the_other_language(navicert: Command, tmp_path: Path) -> None:
    home = tmp_path / "home"
    database, numbers = filled(home)
    database.close()
    (home / "cache").symlink_to(the_home() / "cache")  # else the place names are made anew
    out = tmp_path / "memo.md"
    run = {"NAVICERT_HOME": str(home), "NAVICERT_EMBEDDER": "none"}
    made = navicert("memo", str(numbers["licence"]), "--format", "md", "--lang", "zh", "--out", str(out), **run)
    assert made.returncode == 0, made.stderr
    text = out.read_text(encoding="utf-8")
    assert "需要许可证" in text
    assert "文字以本语言按相同的规则" in text
    assert "Apply to MOFCOM" not in text
    assert navicert("memo", "verify", str(out), **run).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [("x",), ("0",), ("99999",), ("1", "--format", "odt"), ("1", "--lang", "fr"), ("verify",), ("verify", "nothing.pdf"),
     ("verify", "x", "--key", "zz"), ("1", "--out", "/no/such/folder/x.pdf"), ("-1",)],
)  # fmt: skip
def test_the_command_says_what_is_wrong(navicert: Command, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    home = tmp_path / "home"
    database, _ = filled(home)
    database.close()
    done: subprocess.CompletedProcess[str] = navicert("memo", *arguments, NAVICERT_HOME=str(home))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and done.stderr.strip()
