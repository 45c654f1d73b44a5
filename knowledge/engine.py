"""Which engine answers: the version of Navicert, and a hash of everything in it that is no rule data."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from knowledge.rulefiles import facts, tree

PACKAGE = Path(__file__).resolve().parent
RULES = PACKAGE / "rules"


@dataclass(frozen=True)
class Engine:
    """`sha256` covers code, wording, models and word lists; the rule book has a hash of its own."""

    version: str
    sha256: str


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The engine of this process, about 0.1 s at the first call."""
    digest = hashlib.sha256()
    for path in engine_files():
        data = path.read_bytes()
        digest.update(f"{path.relative_to(PACKAGE).as_posix()}\0{len(data)}\0".encode())
        digest.update(data)
    try:
        named = version("navicert")
    except PackageNotFoundError:  # run from a folder that was never installed
        named = "unknown"
    return Engine(named, digest.hexdigest())


def engine_files() -> tuple[Path, ...]:
    """Every file of the package that the rule book's hash does not cover, in a steady order."""
    covered = {RULES / name for name in (*tree(RULES), *facts(RULES))}
    found = (p for p in PACKAGE.rglob("*") if p.is_file() and "__pycache__" not in p.parts and p not in covered)
    return tuple(sorted(found))
