"""The `navicert` command as a user meets it: a subprocess, its output, its exit status."""

import hashlib
import json
from pathlib import Path

import pytest

from knowledge.rulebook import RuleBook
from tests.conftest import TODAY, Command, Run

OXIDE = "5 kg dysprosium oxide from Shanghai to Stuttgart"
KEYS = [
    "id",
    "question",
    "lang",
    "on",
    "behaviour",
    "verdict",
    "determinations",
    "transaction",
    "red_flags",
    "missing",
    "citations",
    "text",
    "rulebook",
    "generation",
]
NESTED = {
    "determinations": {
        "regime",
        "outcome",
        "status",
        "entries",
        "instruments",
        "licence",
        "missing",
        "trace",
        "citations",
    },
    "missing": {"fact", "why", "ask"},
    "red_flags": {"id", "why", "citations"},
    "citations": {
        "n",
        "instrument",
        "provision",
        "title",
        "url",
        "quote",
        "sha256",
        "start",
        "end",
        "page",
        "effective_from",
        "effective_to",
    },
}
TRANSACTION = {"goods", "origin", "destination", "transit", "parties", "end_use", "date"}
GOOD = {"name", "materials", "form", "properties", "hs", "codes"}


def one_line(run: Run) -> str:
    """The one line on standard error of a command that was refused with status 2."""
    assert run.returncode == 2, run
    assert "Traceback" not in run.stderr
    lines = run.stderr.splitlines()
    assert len(lines) == 1, run.stderr
    return lines[0]


def test_the_verdict_comes_first(navicert: Command) -> None:
    run = navicert("ask", OXIDE, "--on", TODAY)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[0].strip() == "Licence required"
    assert "1C905.b" in run.stdout
    assert run.stderr == ""


def test_json_has_the_keys_of_the_contract(navicert: Command) -> None:
    run = navicert("ask", "--json", f"{OXIDE} via Singapore", "--on", TODAY)
    answer = json.loads(run.stdout)
    assert list(answer) == KEYS[1:]
    assert answer["verdict"] == "licence_required"
    for key, wanted in NESTED.items():
        assert answer[key], f"{key} is empty: nothing to check"
        for row in answer[key]:
            assert set(row) >= wanted, key
    assert set(answer["transaction"]) == TRANSACTION
    assert set(answer["transaction"]["goods"][0]) >= GOOD


@pytest.mark.parametrize(
    "question", [OXIDE, "5公斤氧化镝从上海到斯图加特", "how do I relabel dysprosium to avoid customs"]
)
def test_every_citation_can_be_checked(question: str, navicert: Command, book: RuleBook) -> None:
    answer = json.loads(navicert("ask", "--json", question, "--on", TODAY).stdout)
    assert answer["rulebook"] == book.hash
    assert [c["n"] for c in answer["citations"]] == list(range(1, len(answer["citations"]) + 1))
    assert answer["citations"]
    for citation in answer["citations"]:
        stored = book.provisions[citation["instrument"], citation["provision"]].text[answer["lang"]]
        assert stored[citation["start"] : citation["end"]] == citation["quote"]
        assert hashlib.sha256(stored.encode()).hexdigest() == citation["sha256"]
        assert f"[{citation['n']}]" in answer["text"]


def test_jsonl_keeps_order_and_ids(navicert: Command) -> None:
    questions = ["gallium metal to Hamburg", "氧化镝到韩国", "hello", "dishes to Paris"]
    rows = [{"id": f"q{i}" if i else 7, "question": q} for i, q in enumerate(questions)]
    text = "\n".join(json.dumps(r) for r in rows) + "\n\n"
    run = navicert("ask", "--jsonl", "--on", TODAY, stdin=text)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == 0
    assert [a["id"] for a in answers] == [7, "q1", "q2", "q3"]
    assert [a["question"] for a in answers] == questions
    assert all(list(a) == KEYS for a in answers)


def test_explain_shows_every_rule(navicert: Command, book: RuleBook) -> None:
    plain, explained = (navicert("ask", OXIDE, "--on", TODAY, *more).stdout for more in ((), ("--explain",)))
    tree = explained.removeprefix(plain)
    assert tree != explained
    assert all(f"{entry.code}:" in tree for entry in book.entries)


def test_on_reads_the_law_of_that_day(navicert: Command) -> None:
    verdicts = [
        json.loads(navicert("ask", "--json", OXIDE, "--on", day).stdout)["verdict"]
        for day in ("2025-04-03", "2025-04-04")
    ]
    assert verdicts == ["no_licence_found", "licence_required"]


def test_lang_overrides_the_language_of_the_question(navicert: Command) -> None:
    run = navicert("ask", OXIDE, "--lang", "zh", "--on", TODAY)
    assert "中国" in run.stdout.splitlines()[1]
    run = navicert("ask", "5公斤氧化镝从上海到斯图加特", "--lang", "en", "--on", TODAY)
    assert run.stdout.splitlines()[0].strip() == "Licence required"


def test_file(navicert: Command, tmp_path: Path) -> None:
    path = tmp_path / "question.txt"
    path.write_text("5公斤氧化镝从上海到斯图加特\n", encoding="utf-8")
    answer = json.loads(navicert("ask", "--json", "--file", str(path), "--on", TODAY).stdout)
    assert (answer["verdict"], answer["lang"]) == ("licence_required", "zh")


@pytest.mark.parametrize("question", ["", "   ", "\t\n", "\u200b\u200f"])
def test_an_empty_question(question: str, navicert: Command) -> None:
    assert "empty" in one_line(navicert("ask", question))


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "21.11.2026", ""])
def test_a_bad_date(day: str, navicert: Command) -> None:
    line = one_line(navicert("ask", OXIDE, "--on", day))
    assert "--on" in line
    assert "YYYY-MM-DD" in line


def test_a_bad_language(navicert: Command) -> None:
    assert "--lang" in one_line(navicert("ask", OXIDE, "--lang", "fr"))


def test_an_unreadable_file(navicert: Command, tmp_path: Path) -> None:
    binary = tmp_path / "binary.txt"
    binary.write_bytes(b"\xff\xfe\x00\x9d")
    for path in (tmp_path / "absent.txt", tmp_path, binary):
        line = one_line(navicert("ask", "--file", str(path)))
        assert "--file" in line
        assert path.name in line


@pytest.mark.parametrize(
    "bad", ["not json", "[]", "{}", '{"id": 1}', '{"question": 3}', '{"question": ""}', "null", "[" * 9000]
)
def test_a_bad_line_is_named_and_those_before_it_are_answered(bad: str, navicert: Command) -> None:
    good = json.dumps({"id": "a", "question": OXIDE})
    run = navicert("ask", "--jsonl", stdin=f"{good}\n{bad}\n{good}\n")
    assert "line 2" in one_line(run)
    assert [json.loads(line)["id"] for line in run.stdout.splitlines()] == ["a"]


def test_the_home_country_is_where_unnamed_origins_are(navicert: Command) -> None:
    answer = json.loads(navicert("ask", "--json", "dysprosium oxide to Japan", NAVICERT_HOME_COUNTRY="de").stdout)
    assert answer["transaction"]["origin"] == {"country": "DE", "name": "", "assumed": True}
    assert "NAVICERT_HOME_COUNTRY" in one_line(navicert("ask", OXIDE, NAVICERT_HOME_COUNTRY="Germany"))


def test_a_refusal_is_an_answer(navicert: Command) -> None:
    run = navicert("ask", "--json", "help me relabel dysprosium oxide so that customs does not notice")
    assert run.returncode == 0
    assert json.loads(run.stdout)["behaviour"] == "refuse_evasion"


@pytest.mark.slow
def test_a_home_that_cannot_be_written_still_answers(navicert: Command, tmp_path: Path) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("", encoding="utf-8")
    run = navicert("ask", "--json", OXIDE, NAVICERT_HOME=str(blocked / "home"))
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["verdict"] == "licence_required"
    assert "Traceback" not in run.stderr
    assert blocked.read_text(encoding="utf-8") == ""


def test_help_names_the_commands(navicert: Command) -> None:
    run = navicert("--help")
    assert run.returncode == 0
    assert all(word in run.stdout for word in ("ask", "chat", "rules"))


@pytest.mark.parametrize("arguments", [("fly",), ("ask", "--fly"), ("rules", "fly"), ("rules", "show"), ()])
def test_wrong_usage_is_told_without_a_traceback(arguments: tuple[str, ...], navicert: Command) -> None:
    run = navicert(*arguments)
    assert "Traceback" not in run.stderr
    assert run.returncode == 2
