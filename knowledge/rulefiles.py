"""YAML as text: every scalar stays a string ("NO" is Norway, "2846.90" a tariff line), no key comes twice."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from knowledge.errors import BadRule

try:
    from yaml import CBaseLoader as _Base
except ImportError:  # PyYAML built without libyaml: slower, the same result
    from yaml import BaseLoader as _Base  # type: ignore[assignment]


class _Loader(_Base):
    """BaseLoader that refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} comes twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def parse(data: bytes, name: str) -> Any:
    """The file's data with all scalars as text. Raises BadRule where it is not YAML or has a key twice."""
    try:
        return yaml.load(data, Loader=_Loader)  # noqa: S506 - a BaseLoader builds nothing but text, lists and mappings
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "the file"
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise BadRule(name, where, problem, "write it as YAML with each key once") from error


_APART = frozenset({"eccn", "compiled", "classify"})
"""Folders of facts that are read only where a question needs them (`knowledge.controllists`)."""


def tree(root: Path) -> dict[str, bytes]:
    """Every rule file below `root` by its path from there, in a stable order."""
    return {n: p.read_bytes() for n, p in _files(root, "*.yaml") if p.parent.name not in _APART}


def facts(root: Path) -> dict[str, bytes]:
    """The compiled facts and names that stand beside the rules: part of what answered, so part of its hash."""
    found = [*_files(root, "*.yaml"), *_files(root, "*.json"), *_files(root, "*.tsv")]
    return {n: p.read_bytes() for n, p in found if p.parent.name in _APART}


def _files(root: Path, pattern: str) -> list[tuple[str, Path]]:
    return [(p.relative_to(root).as_posix(), p) for p in sorted(root.rglob(pattern))]
