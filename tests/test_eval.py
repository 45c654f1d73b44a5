"""`navicert eval`: case files read strictly, answers measured, a report that shows each failure."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from bot import eval_cli
from bot.case_files import Case, OpenCase, SentenceCase, load
from bot.eval_judge import judge
from bot.eval_report import markdown, split, table
from bot.evaluation import Judge, Scored, figures, folded, place, right, score
from knowledge.answer import Advisor
from knowledge.errors import BadInput
from knowledge.model import Answer, Behaviour, Citation, Confidence, Outcome, Section
from knowledge.store.database import open_database
from knowledge.store.library import Library
from tests.conftest import ROOT, Command, ask

SETS = ("en.yaml", "zh.yaml")
FOLDER = Path(__file__).parent / "open"
ON = date(2026, 11, 21)


def citation(n: int, instrument: str, provision: str, quote: str = "a quote", **more: Any) -> Citation:
    return Citation(
        n=n, instrument=instrument, provision=provision, title=f"Title of {instrument}", url="", quote=quote, sha256="",
        start=0, end=len(quote), effective_from=None, effective_to=None, confidence=Confidence.CONFIRMED, **more,
    )  # fmt: skip


def answered(*citations: Citation, text: str = "Five years [1].") -> Answer:
    """An answer about the law with these citations."""
    base = ask("hi there, good evening")
    return replace(
        base,
        behaviour=Behaviour.ANSWER,
        intent="law",
        citations=citations,
        text=text,
        sections=(Section("law", (text,)),),
    )


def declined() -> Answer:
    return ask("hi there, good evening")


def silent(_answer: Answer) -> tuple[str, ...]:
    return ()


CASE = OpenCase(
    "c-1", "how long must we keep papers?", "en", True, "law", ("US-EAR-762",), ("sec-762.6/a",), "five years", "dev"
)
NOTHING = OpenCase("c-2", "fee in Australia?", "en", False, "law", (), (), "", "held", "no Australian text is held")


# ------------------------------------------------------------ places


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sec-764.3/b/1", "§ 764.3(b)(1)"),
        ("764.3(b)(1)", "Section 764.3(b)(1)"),
        ("art-34", "第三十四条"),
        ("34", "Article 34"),
        ("art-3h/par-2", "Article 3h(2)"),
        ("art-1/point-p", "Article 1(p)"),
        ("art-19-4", "제19조의4"),
        ("annex-VII", "Annex VII"),
    ],
)
def test_a_place_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert place(one) == place(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("art-9", "recital-9"), ("art-7", "annex-7"), ("art-3", "art-3h"), ("sec-764.3", "sec-764.30"), ("p-3", "art-3")],
)
def test_places_that_only_look_alike_differ(one: str, other: str) -> None:
    assert place(one) != place(other)


@pytest.mark.parametrize(
    ("cited", "good"),
    [
        ("sec-762.6/a", True),
        ("sec-762.6/a/1", True),  # inside
        ("sec-762.6", True),  # around
        ("762.6(a)", True),
        ("sec-762.6/b", False),
        ("sec-762.60", False),
        ("sec-762.7", False),
    ],
)
def test_the_place_named_what_is_inside_and_what_is_around_it_count(cited: str, good: bool) -> None:
    assert right(CASE, citation(1, "US-EAR-762", cited)) is good


def test_an_instrument_is_named_by_its_id_whole_or_by_a_part_of_its_title() -> None:
    assert not right(CASE, citation(1, "US-EAR-764", "sec-762.6/a"))
    criminal = replace(CASE, instruments=("CN-CRIM",), provisions=("art-3",))
    assert right(criminal, citation(1, "CN-CRIM", "art-3"))
    assert not right(criminal, citation(1, "CN-CRIM-INT", "art-3"))
    titled = replace(CASE, instruments=("title of  us-ear",))
    assert right(titled, citation(1, "US-EAR-762", "sec-762.6"))
    several = replace(CASE, instruments=("EU-833-2014", "US-EAR-762"))
    assert right(several, citation(1, "US-EAR-762", "sec-762.6"))


def test_the_label_of_a_definition_does_not_make_every_other_one_right() -> None:
    wanted = replace(CASE, instruments=("US-EAR-772",), provisions=("sec-772.1/p-127",))
    assert not right(wanted, citation(1, "US-EAR-772", "sec-772.1/p-90", label="§ 772.1"))


# ------------------------------------------------------------ scores


def test_the_right_passage_counts_among_the_first_three_only() -> None:
    wrong = [citation(n, "US-EAR-748", f"sec-748.{n}") for n in range(1, 4)]
    good = citation(4, "US-EAR-762", "sec-762.6/a", "kept for FIVE  years from the export")
    third = score(CASE, answered(*wrong[:2], replace(good, n=3)), silent)
    fourth = score(CASE, answered(*wrong, good), silent)
    assert (third.passed, third.quoted) == (True, True)
    assert (fourth.passed, fourth.quoted) == (False, False)
    assert not score(CASE, declined(), silent).passed


def test_abstention_means_declined_and_no_source_shown() -> None:
    assert score(NOTHING, declined(), silent).passed
    assert not score(NOTHING, answered(citation(1, "US-EAR-762", "sec-762.6")), silent).passed
    with_source = replace(declined(), citations=(citation(1, "US-EAR-762", "sec-762.6"),))
    assert not score(NOTHING, with_source, silent).passed
    assert not score(NOTHING, replace(declined(), verdict=Outcome.NEEDS_MORE_INFO), silent).passed


def test_what_is_unsupported_fails_a_case_that_is_right_otherwise() -> None:
    found = score(CASE, answered(citation(1, "US-EAR-762", "sec-762.6/a")), lambda _: ("number: 10: Ten years [1].",))
    assert found.checks == {"cited": True}
    assert not found.passed


def test_a_false_clearance_is_seen_and_never_passes() -> None:
    case = SentenceCase("s-1", "?", "licence_required")
    cleared = replace(declined(), verdict=Outcome.NO_LICENCE_FOUND)
    found = score(case, cleared, silent)
    assert found.false_clearance
    assert not found.passed
    assert not score(replace(case, verdict="no_licence_found"), cleared, silent).false_clearance


def test_a_sentence_case_is_measured_on_everything_it_names(advisor: Advisor) -> None:
    answer = advisor.ask("5 kg dysprosium metal from Shanghai to Stuttgart", ON)
    case = SentenceCase("s-2", answer.question, "licence_required", "answer", ("CN-2025-18", "1C905"))
    assert score(case, answer, silent).passed
    assert score(replace(case, behaviour="ignore_injection"), answer, silent).passed
    for wrong in (
        replace(case, verdict="prohibited"),
        replace(case, behaviour="ask"),
        replace(case, cites=("CN-2025-19",)),
        replace(case, cites=("1C905",), exact=True),
        replace(case, entries=("1C905.a.9",)),
        replace(case, not_entries=("1C905.a.1",)),
        replace(case, missing=("contains:Tb",)),
        replace(case, status="suspended"),
        replace(case, lang="zh"),
    ):
        assert not score(wrong, answer, silent).passed, wrong


# ------------------------------------------------------------ case files


GOOD = {
    "id": "c-1", "question": "how long?", "lang": "en", "answerable": "true", "kind": "law", "instrument": "US-EAR-762",
    "provision": ["sec-762.6"], "answer_contains": "five years", "split": "dev",
}  # fmt: skip


def yaml_of(**changes: Any) -> str:
    rows = {**GOOD, **changes}
    return "- " + "\n  ".join(f"{key}: {json.dumps(value)}" for key, value in rows.items() if value is not None) + "\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no list"),
        ("[]\n", "holds no case"),
        ("question: x\n", "is no list"),
        ("- just words\n", "item 1: is no case"),
        ("- {question: x}\n", "neither an open question nor a sentence case"),
        ("- {id: a\n", "line 2"),
        ("- {id: a, id: b}\n", "comes twice"),
        (yaml_of(colour="red"), "unknown key 'colour'"),
        (yaml_of(question=""), "'question' is missing"),
        (yaml_of(question=None), "'question' is missing"),
        (yaml_of(kind="poem"), "Write one of law,"),
        (yaml_of(split="test"), "Write one of train, dev, held"),
        (yaml_of(lang="de"), "Write one of en, zh"),
        (yaml_of(answerable="maybe"), "Write one of true, false"),
        (yaml_of(provision=[]), "says not where the answer stands"),
        (yaml_of(provision={"a": "b"}), "'provision' is no list of texts"),
        (yaml_of(provision=[["a"]]), "'provision' is no list of texts"),
        (yaml_of(answer_contains=""), "'answer_contains' is missing"),
        (yaml_of(answerable="false"), "nothing answers it, yet it names a passage"),
        (yaml_of(on="soon"), "which is no day"),
        (yaml_of() + yaml_of(), "item 2: the id 'c-1' is that of item 1"),
        ("- {name: a, question: x, verdict: fine}\n", "'verdict' is 'fine'"),
        ("- {name: a, question: x, verdict: prohibited, behaviour: sing}\n", "'behaviour' is 'sing'"),
    ],
)
def test_what_is_wrong_in_a_case_file_is_said_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(text)
    with pytest.raises(BadInput, match=re.escape(said)) as caught:
        load(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{}\n", "line 1: neither"),
        (b'{"id": "a"\n', "line 1: is no JSON"),
        (b"\n[1]\n", "line 2: is no case"),
        (b"[" * 200_000, "is no JSON"),
        (b"\xff\xfe", "is not UTF-8"),
        (b'{"id": "a", "question": "x", "behaviour": "answer", "expected": "licence"}', "'expected' is no object"),
        (
            b'{"id": 7, "question": "x", "behaviour": "answer", "expected": {"verdict": "prohibited"}}',
            "'id' is missing",
        ),
    ],
)
def test_lines_of_json_are_read_as_strictly(data: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(data)
    with pytest.raises(BadInput, match=re.escape(said)):
        load(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        load(tmp_path / "none.yaml")


def test_open_questions_may_stand_in_lines_of_json_too(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps({**GOOD, "answerable": True}) + "\n")
    (case,) = load(path).cases
    assert isinstance(case, OpenCase)
    assert case.answerable


def test_the_sentence_cases_of_the_project_are_all_read() -> None:
    for path in [*(ROOT / "tests/rules").glob("*.yaml"), *(ROOT / "tests/heldout").glob("*.jsonl")]:
        assert load(path).cases, path


# ------------------------------------------------------------ report


def scored(*cases: Case) -> list[Scored]:
    answers: dict[str, Answer] = {"c-1": answered(citation(1, "US-EAR-748", "sec-748.1", "x | <b>*y*</b>"))}
    return [score(case, answers.get(case.id, declined()), silent) for case in cases]


def test_the_table_keeps_splits_apart_and_adds_all() -> None:
    sets = split("en.yaml", scored(CASE, NOTHING))
    head, rows = table(sets)
    assert [row[0] for row in rows] == ["en.yaml dev", "en.yaml held", "all"]
    assert rows[0][head.index("cited in first 3")] == "0 of 1 (0 %)"
    assert rows[1][head.index("abstained")] == "1 of 1 (100 %)"
    assert rows[1][head.index("cited in first 3")] == ""
    assert rows[2][-1] == "1 of 2 (50 %)"


def test_the_report_shows_each_failure_and_nothing_in_it_can_pass_for_markup() -> None:
    text = markdown(split("en.yaml", scored(CASE, NOTHING)), {"day": "2026-11-21"})
    assert "### c-1: cited" in text
    assert "c-2" not in text  # it passed
    assert "how long must we keep papers?" in text
    assert "US-EAR-762 sec-762.6/a, with 'five years'" in text
    assert "sec-748.1" in text
    assert "<b>" not in text.replace("\\<b\\>", "")
    assert "    Five years [1]." in text


def test_figures_count_answered_apart_from_right() -> None:
    found = figures(scored(CASE, replace(CASE, id="c-3"), NOTHING))
    assert (found.cases, found.passed) == (3, 1)
    assert (found.held["answered"], found.asked["answered"]) == (1, 2)
    assert (found.held["cited"], found.asked["cited"]) == (0, 2)
    assert found.asked["abstained"] == 1
    assert (found.held["let_through"], found.asked["let_through"]) == (3, 3)
    refused = score(CASE, replace(declined(), behaviour=Behaviour.REFUSE_EVASION), silent)
    assert figures([refused]).held["let_through"] == 0


# ------------------------------------------------------------ the command


class Canned:
    """Answers from a list; remembers the days asked for."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers, self.days = answers, list[date]()

    def ask(self, question: str, on: date) -> Answer:
        self.days.append(on)
        if not question.strip("?"):
            raise BadInput("The question is empty.")
        return self.answers.get(question, declined())


Runs = Callable[..., Any]


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """Runs the command on a file of two cases, one of which passes."""
    path = tmp_path / "cases.yaml"
    path.write_text(
        yaml_of()
        + yaml_of(
            id="c-2", question="fee?", answerable="false", instrument="", provision=[], answer_contains="", split="held"
        )
    )

    def run(*arguments: str, advisor: Any = None, file: Path = path) -> Any:
        app = typer.Typer()
        app.callback()(lambda: None)
        good = answered(citation(1, "US-EAR-748", "sec-748.1"))
        eval_cli.register(app, lambda: advisor or Canned({"how long?": good}), lambda: silent)
        return CliRunner().invoke(app, ["eval", str(file), "--on", "2026-11-21", *arguments])

    return run


def test_the_command_prints_a_table_and_ends_with_one_below_the_share(runs: Runs, tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    run = runs("--report", str(report))
    assert run.exit_code == 1
    assert "cases.yaml dev" in run.stdout
    assert "c-1" in report.read_text()
    assert runs("--min", "0.5").exit_code == 0
    assert runs("--split", "held").exit_code == 0
    assert runs("--split", "dev").exit_code == 1


def test_the_command_prints_json(runs: Runs) -> None:
    said = json.loads(runs("--json", "--min", "0").stdout)
    assert said["sets"]["cases.yaml dev"]["checks"]["cited"] == {"held": 0, "asked": 1}
    assert [case["passed"] for case in said["cases"]] == [False, True]


def test_a_false_clearance_fails_the_run_whatever_the_share(runs: Runs, tmp_path: Path) -> None:
    path = tmp_path / "more.yaml"
    path.write_text("- {name: a, question: x, verdict: prohibited}\n")
    cleared = Canned({"x": replace(declined(), verdict=Outcome.NO_LICENCE_FOUND)})
    assert runs("--min", "0", advisor=cleared, file=path).exit_code == 1
    assert runs("--min", "0", file=path).exit_code == 0  # declined: wrong, yet not cleared


def test_the_day_of_a_case_goes_before_the_day_of_the_command(runs: Runs, tmp_path: Path) -> None:
    path = tmp_path / "days.yaml"
    path.write_text(
        "- {name: a, question: x, verdict: prohibited, on: 2025-04-01}\n- {name: b, question: y, verdict: prohibited}\n"
    )
    advisor = Canned({})
    runs(advisor=advisor, file=path)
    assert advisor.days == [date(2025, 4, 1), ON]


def test_what_cannot_be_asked_names_its_case(runs: Runs, tmp_path: Path) -> None:
    path = tmp_path / "empty.yaml"
    path.write_text('- {name: nothing in it, question: "??", verdict: prohibited}\n')
    run = runs(file=path)
    assert isinstance(run.exception, BadInput)
    assert "empty.yaml: nothing in it: The question is empty." in str(run.exception)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--split", "test"), "--split: 'test' is none"),
        (("--report", "/nowhere/at/all.md"), "--report: cannot write"),
    ],
)
def test_options_that_cannot_be_used_say_why(runs: Runs, arguments: tuple[str, ...], said: str) -> None:
    run = runs(*arguments)
    assert isinstance(run.exception, BadInput)
    assert said in str(run.exception)


# ------------------------------------------------------------ what is unsupported


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """The judge where no document is held."""
    monkeypatch.setenv("NAVICERT_HOME", str(tmp_path))
    return judge()


def test_what_the_engine_composed_is_borne_out_and_what_is_altered_is_not(judged: Judge) -> None:
    answer = ask("5 kg dysprosium metal from Shanghai to Stuttgart")
    assert judged(answer) == ()
    lines = [line for section in answer.sections for line in section.lines if "[1]" in line]
    altered = replace(answer, sections=(Section("why", (f"{lines[0]} It ends on 3 May 1998 [1].",)),))
    (found,) = judged(altered)
    assert "1998" in found


def test_a_sentence_of_a_language_model_is_judged_without_a_mark_too(judged: Judge) -> None:
    answer = ask("5 kg dysprosium metal from Shanghai to Stuttgart")
    invented = Section("summary", ("The fine is 800 million euros under the Utrecht Act of 1879.",))
    found = judged(replace(answer, sections=(*answer.sections, invented)))
    assert found
    assert "800" in found[0] or "1879" in found[0]


RULES = """<html><head><title>Rules on Widgets</title></head><body><h1>Rules on Widgets</h1>
<h2>Article 1 Scope</h2><p>These rules apply to widgets of zirconium.</p>
<h2>Article 2 Licence</h2><p>An export of zirconium widgets needs a licence for 30 days.</p></body></html>"""


def test_a_quote_must_stand_in_the_library_at_its_offsets(
    navicert: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = {"NAVICERT_HOME": str(tmp_path / "home"), "NAVICERT_EMBEDDER": "none"}
    page = tmp_path / "rules.html"
    page.write_text(RULES)
    assert navicert("ingest", "--instrument", "XX-WIDGETS", str(page), **home).returncode == 0
    monkeypatch.setenv("NAVICERT_HOME", home["NAVICERT_HOME"])
    held = Library(open_database(Path(home["NAVICERT_HOME"]))).find("XX-WIDGETS", "art-2")
    assert held is not None
    start = held.text.index("An export")
    quote = held.text[start:]
    cited = replace(citation(1, "XX-WIDGETS", "art-2", quote, stored=held.id), start=start, end=start + len(quote))
    judged = judge()
    line = f"\u201c{quote}\u201d [1]"
    assert judged(answered(cited, text=line)) == ()
    for wrong in (
        replace(cited, quote=quote.replace("30", "90")),
        replace(cited, start=start + 1, end=start + 1 + len(quote)),
        replace(cited, stored="no such passage"),
    ):
        assert any("as quoted" in said for said in judged(answered(wrong, text=line))), wrong


def test_the_command_runs_as_typed(navicert: Command, tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(
        "- {name: dysprosium, question: 5 kg dysprosium metal from Shanghai to Stuttgart, verdict: licence_required}\n"
        "- {name: greeting, question: hi there, verdict: prohibited}\n"
    )
    run = navicert("eval", str(path), "--on", "2026-11-21", "--json")
    assert run.returncode == 1
    assert [case["passed"] for case in json.loads(run.stdout)["cases"]] == [True, False]
    bad = navicert("eval", str(tmp_path / "none.yaml"))
    assert bad.returncode == 2
    assert bad.stderr.startswith("navicert: ")
    assert bad.stderr.count("\n") == 1


# ------------------------------------------------------------ the sets themselves


@pytest.fixture(scope="module", params=SETS)
def cases(request: pytest.FixtureRequest) -> list[OpenCase]:
    found = load(FOLDER / request.param).cases
    assert all(isinstance(case, OpenCase) for case in found)
    return [case for case in found if isinstance(case, OpenCase)]


def test_every_kind_is_split_about_in_half(cases: list[OpenCase]) -> None:
    kinds = Counter((case.kind, case.split) for case in cases)
    for kind in {case.kind for case in cases}:
        dev, held = kinds[kind, "dev"], kinds[kind, "held"]
        assert abs(dev - held) <= 2 + (dev + held) // 4, (kind, dev, held)


def test_no_question_is_put_twice_and_the_unanswerable_say_why() -> None:
    both = [case for name in SETS for case in load(FOLDER / name).cases if isinstance(case, OpenCase)]
    twice = [q for q, count in Counter(folded(case.question) for case in both).items() if count > 1]
    assert not twice
    assert all(case.why for case in both if not case.answerable)
    assert sum(case.answerable for case in both) >= 150
    assert sum(not case.answerable for case in both) >= 40
    assert len({case.id for case in both}) == len(both)


@pytest.mark.slow
@pytest.mark.shared
def test_each_fact_stands_in_a_passage_named(cases: list[OpenCase], shared: Path, texts: dict[str, Any]) -> None:
    wrong = [case.id for case in cases if case.answerable and not _stands(case, texts)]
    assert not wrong


def _stands(case: OpenCase, texts: dict[str, Any]) -> bool:
    """Does a provision at, inside or around a place of the case hold its fact?"""
    for instrument, title, locator, text in texts["rows"]:
        held = citation(1, instrument, locator)
        if right(case, replace(held, title=title)) and folded(case.fact) in folded(text):
            return True
    return False


@pytest.fixture(scope="module")
def texts(shared: Path) -> dict[str, Any]:
    """Every provision of the shared texts: instrument, title, locator, text."""
    from ingest.readers import read
    from ingest.structure.assemble import structure
    from knowledge.rulebook import load as book
    from tests.bench_open import needed

    known = book().instruments
    rows = []

    for path in needed(shared):
        for record in structure(read(path.read_bytes(), path.name), {"name": path.name}, known):
            rows += [(record.id, record.title, p.locator, p.text) for p in record.provisions]
    return {"rows": rows}
