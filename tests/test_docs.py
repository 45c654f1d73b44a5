"""The documentation is tested: every command in a fenced sh block of README.md and docs/ runs."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, environment, home

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """The pages that hold commands."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands(page: Path) -> list[str]:
    """The `make` and `navicert` lines of its sh blocks; a prompt and a comment are left out, a continued line is joined."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip().removeprefix("$ ") for block in _BLOCK.findall(text) for line in block.splitlines()]
    return [line for line in lines if re.match(r"(?:\w+=\S+ )*(?:make|navicert)\b|.*\|\s*navicert\b", line)]


def found() -> list[tuple[str, str]]:
    """(page, command) over all pages."""
    return [(page.name, command) for page in pages() for command in commands(page)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a reader types: a folder with a `regulations` folder in it, and a data folder of its own."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "regulations").mkdir()
    articles = "".join(f"第{n}条 最终用户证明第{n}条的文字，供试验用。\n\n" for n in range(1, 49))
    law = f"# 中华人民共和国出口管制法\n\n{articles}第49条 本法自2020年12月1日起施行。\n"
    (folder / "regulations" / "law.md").write_text(law, encoding="utf-8")
    (folder / "home").mkdir()
    (folder / "home" / "cache").symlink_to(home() / "cache")  # place names are not made again
    return folder


LONG = ("ingest.md", "open-questions.md", "operating.md", "watches.md")
"""Pages whose commands take longest: with the slow tests."""


@pytest.mark.parametrize(
    "page", [pytest.param(p.name, marks=pytest.mark.slow if p.name in LONG else ()) for p in pages()]
)
def test_every_command_of_a_page_runs_in_its_order(page: str, place: Path) -> None:
    for command in [command for name, command in found() if name == page]:
        words = shlex.split(command, comments=True)
        at_home = words[0] == "make"
        if at_home and words[1] != "ask":
            command = "make -n " + shlex.join(words[1:])
        run = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=ROOT if at_home else place,
            env=environment() if at_home else environment(NAVICERT_HOME=str(place / "home")),
            input="/quit\n",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert run.returncode == 0, f"{page}: {command}\n{run.stdout[-500:]}{run.stderr[-500:]}"


def test_the_readme_begins_with_asking_and_testing() -> None:
    first = [command.split()[:2] for command in commands(ROOT / "README.md")][:2]
    assert first == [["make", "ask"], ["make", "test"]]


def test_links_to_files_lead_somewhere() -> None:
    dead = [
        f"{page.name}: {target}"
        for page in pages()
        for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert dead == []
