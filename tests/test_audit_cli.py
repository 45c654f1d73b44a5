"""`navicert audit` and what the chat says of a legal hold."""

import csv
import io
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from typer import Typer
from typer.testing import CliRunner

from bot import audit_cli
from bot.locales import say
from bot.roles import Role
from bot.serve import _remember
from bot.services import Services
from bot.telegram import mine
from bot.telegram.events import Chat, Event, Member, Person
from knowledge.errors import BadInput
from knowledge.settings import Settings
from knowledge.store.audit_heads import FILE
from knowledge.store.audit_holds import Holds
from knowledge.store.audit_schema import audit
from knowledge.store.database import Database, open_database
from tests.audit_world import ANN, BOB, World, lived


class Shell:
    """A data folder in which everything has happened, and the commands over it."""

    def __init__(self, home: Path) -> None:
        self.home, self.database = home, open_database(home)
        self.world: World = lived(self.database)
        self.app = Typer()
        audit_cli.register(self.app)

    def __call__(self, *arguments: str) -> Any:
        unset: dict[str, str | None] = {key: None for key in os.environ if key.startswith("NAVICERT_")}
        return CliRunner().invoke(self.app, ["audit", *arguments], env={**unset, "NAVICERT_HOME": str(self.home)})


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_a_bot_notes_the_head_and_goes_on_where_it_cannot(
    shell: Shell, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _remember(shell.home, shell.database)
    assert (shell.home / FILE).read_text().startswith("17 ")
    (tmp_path / "a file").touch()
    _remember(tmp_path / "a file", shell.database)
    assert "was not noted" in caplog.text


def alter(database: Database) -> None:
    with database.write() as connection:
        connection.execute(update(audit).where(audit.c.seq == 8).values(actor="x"))


def test_a_sound_trail_ends_with_0_and_remembers_its_head(shell: Shell) -> None:
    done = shell("verify")
    assert (done.exit_code, re.search(r"17 records, \d+ stored rows agree: sound", done.stdout) is not None) == (
        0,
        True,
    )
    assert (shell.home / FILE).read_text().startswith("17 ")
    said = json.loads(shell("verify", "--json").stdout)
    assert (said["sound"], said["records"], said["findings"]) == (True, 17, [])


def test_an_altered_trail_ends_with_1_and_names_the_place(shell: Shell) -> None:
    alter(shell.database)
    done = shell("verify")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0] == "record 8: altered: its fields do not give its hash"
    assert not (shell.home / FILE).exists()
    assert json.loads(shell("verify", "--json").stdout)["findings"][0]["where"] == "record 8"


def test_a_head_that_was_kept_elsewhere(shell: Shell) -> None:
    kept = shell("head").stdout.split()[0]
    assert shell("verify", "--head", kept).exit_code == 0
    wrong = kept[:-1] + ("0" if kept[-1] != "0" else "1")
    assert shell("verify", "--head", kept, "--head", wrong).exit_code == 1
    later = shell("verify", "--head", f"99:{'a' * 64}")
    assert "cut off: the head 99 that you gave remembers it" in later.stdout
    assert isinstance(shell("verify", "--head", "17").exception, BadInput)


def test_one_record_is_shown_with_what_is_sealed(shell: Shell) -> None:
    said = json.loads(shell("show", "7").stdout)
    assert (said["kind"], said["subject"]) == ("answer", "question:1")
    assert said["private"]["answer"]["question"] == "5 kg of dysprosium oxide"
    assert isinstance(shell("show", "99").exception, BadInput)


def test_the_export_as_lines(shell: Shell) -> None:
    rows = [json.loads(line) for line in shell("export").stdout.splitlines()]
    assert [r["seq"] for r in rows] == list(range(1, 18))
    assert "private" not in rows[6]
    only = [json.loads(line) for line in shell("export", "--kind", "answer", "--private").stdout.splitlines()]
    assert [r["private"]["answer"]["question"] for r in only][1] == "salt to Japan"
    later = shell("export", "--since", "2026-09-02").stdout.splitlines()
    assert [json.loads(line)["kind"] for line in later] == ["ingest", "ingest"]
    assert len(shell("export", "--since", "2026-09-01", "--until", "2026-09-01").stdout.splitlines()) == 15
    assert isinstance(shell("export", "--since", "soon").exception, BadInput)
    assert isinstance(shell("export", "--format", "xml").exception, BadInput)


def test_a_line_is_checked_without_navicert_as_the_docs_say(shell: Shell) -> None:
    page = (Path(__file__).parent.parent / "docs" / "audit.md").read_text(encoding="utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    given: dict[str, Any] = {}
    exec(code, given)  # the page is ours
    shell.world.asks(BOB, "磁铁 \u2028 \x7f")
    for option in ((), ("--private",)):
        lines = shell("export", *option).stdout.strip("\n").split("\n")
        assert [given["own_hash"](line) for line in lines] == [json.loads(line)["hash"] for line in lines]
        assert len(lines) == 18
    assert given["own_hash"](lines[3].replace("staff", "admin")) != json.loads(lines[3])["hash"]


def test_the_export_as_a_table_that_holds_no_formula(shell: Shell) -> None:
    shell.world.asks(BOB, '=HYPERLINK("https://evil.example")')
    log = shell.world.log
    shell.database.commit([log.append("memo", "=1+1", "@x", {}, at=shell.world.at)])
    file = shell.home / "out.csv"
    assert shell("export", "--format", "csv", "--private", "--out", str(file)).exit_code == 0
    text = file.read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [int(r["seq"]) for r in rows] == list(range(1, 20))
    assert (rows[-1]["actor"], rows[-1]["subject"]) == ("'=1+1", "'@x")
    assert not [c for r in rows for c in r.values() if c.startswith(("=", "@", "+", "-"))]
    assert isinstance(shell("export", "--out", str(file)).exception, BadInput)
    assert isinstance(shell("export", "--out", str(shell.home / "no" / "f")).exception, BadInput)


def test_holds_and_periods(shell: Shell) -> None:
    assert shell("hold", "list").stdout.strip() == "No legal holds."
    added = shell("hold", "add", "--question", "1", "--why", "Customs.", "--by", "Ada")
    assert added.stdout.startswith("Hold 1: question 1 is kept")
    assert json.loads(shell("hold", "list", "--json").stdout)[0]["why"] == "Customs."
    assert "Customs." in shell("hold", "list").stdout
    assert shell("hold", "lift", "1", "--why", "over", "--by", "Ada").exit_code == 0
    assert json.loads(shell("hold", "list", "--json").stdout) == []
    assert len(json.loads(shell("hold", "list", "--all", "--json").stdout)) == 1
    assert isinstance(shell("hold", "add", "--why", "x", "--by", "y").exception, BadInput)
    both = shell("hold", "add", "--why", "x", "--by", "y", "--case", "1", "--question", "1")
    assert isinstance(both.exception, BadInput)
    assert shell("retention", "set", "answer", "5", "--by", "Ada").exit_code == 0
    assert json.loads(shell("retention", "--json").stdout)["answer"] == 5
    assert shell("retention", "set", "ingest", "never", "--by", "Ada").exit_code == 0
    assert isinstance(shell("retention", "set", "answer", "soon", "--by", "Ada").exception, BadInput)
    assert "questions deleted" in shell("retention", "run").stdout
    assert shell("verify").exit_code == 0


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_who_asks_to_be_forgotten_is_told_what_stays_and_why(shell: Shell, lang: str) -> None:
    services = Services(Settings(shell.home, "CN"), shell.database, lambda: datetime(2026, 9, 2, tzinfo=UTC))
    person = Person(ANN, "Ann")
    member = Member(person, Role.EXPORTER, lang, consented=True)
    Holds(shell.database).add("case", 1, "Customs asked.", "Ada", shell.world.at)
    pressed = Event(1, "button", person, Chat(ANN), shell.world.at)
    turn = mine.ROOM.actions["mine.forget"].handle(services, pressed, member, {})
    shell.database.commit(turn.writes)
    words = turn.says[0].text.text
    assert words == say(lang, "mine.forgotten_but_held", n=1, why="Customs asked.")
    assert services.cases.question(1) is not None
    assert services.cases.question(3) is None
    other = Member(Person(BOB, "Bob"), Role.EXPORTER, lang, consented=True)
    free = mine.ROOM.actions["mine.forget"].handle(services, pressed, other, {})
    assert free.says[0].text.text == say(lang, "mine.forgotten")


@pytest.mark.parametrize(
    "words",
    [("hold", "lift", "9" * 20, "--by", "Ada", "--why", "over"), ("replay", "9" * 20), ("show", "9" * 20)],
    ids=lambda words: words[0],
)
def test_a_number_too_large_for_the_database_is_no_number_of_anything(shell: Shell, words: tuple[str, ...]) -> None:
    assert isinstance(shell(*words).exception, BadInput)


def test_the_last_day_of_all_can_be_exported_to(shell: Shell) -> None:
    assert len(shell("export", "--until", "9999-12-31").stdout.splitlines()) == 17
