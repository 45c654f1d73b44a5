"""How well open questions are answered from the real texts: `make bench-open`. Needs the shared data beside the checkout.

Brings the texts in that the questions of tests/open were written from (`--home DIR` keeps the library between runs, so that
only the first one embeds; `--all` brings in everything of regulations/, which makes the haystack larger), then runs both
sets. `held` questions are counted and never looked at while working.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import ROOT, SHARED, TODAY, environment

SETS = ("tests/open/en.yaml", "tests/open/zh.yaml")
TEXTS = (
    "regulations/cn/laws",
    "regulations/us/ecfr/title15_chapterVII_parts745-791.md",
    "regulations/eu/02014R0833-20220604_consolidated_EN.pdf",
    "regulations/eu/32022R0576_OJ_EN.pdf",
    "regulations/kr/korean-law.json",
    "facts/news",
)


def needed(shared: Path) -> list[Path]:
    """The files that the questions were written from."""
    found = [shared / text for text in TEXTS]
    return [file for path in found for file in (sorted(path.iterdir()) if path.is_dir() else [path])]


def main() -> int:
    """Ingest what is missing, then evaluate; the status is that of `navicert eval`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--all", action="store_true", help="bring in all of regulations/")
    parser.add_argument("--report", type=Path, help="write a Markdown report with each failure of the dev split")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        own = environment(NAVICERT_HOME=str(given.home or passing))
        for name in ("NAVICERT_LLM", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
            if name in os.environ:
                own[name] = os.environ[name]
        paths = [SHARED / "regulations", SHARED / "facts/news"] if given.all else needed(SHARED)
        brought = _navicert(own, "ingest", *map(str, paths))
        if brought.returncode not in (0, 1):  # 1: some file was set aside; the rest answers
            return brought.returncode
        if given.report is not None:
            dev = ("--split", "dev", "--report", str(given.report.resolve()))
            _navicert(own, "eval", *SETS, "--on", TODAY, "--min", "0", *dev)
        return _navicert(own, "eval", *SETS, "--on", TODAY, "--min", "0").returncode


def _navicert(own: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = Path(sys.executable).parent / "navicert"
    return subprocess.run([str(command), *arguments], cwd=ROOT, env=own, check=False)


if __name__ == "__main__":
    if not SHARED.is_dir():
        sys.exit("make bench-open needs the shared regulations beside the checkout")
    sys.exit(main())
