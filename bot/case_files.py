"""Files of evaluation cases: open questions with the passage that answers, and licence questions with their verdict.

Three formats, told apart by their keys: open sets (tests/open/README.md), sentence cases as in tests/rules and as
`navicert reviews export` writes them (YAML), and lines of JSON with `expected`. Whatever is wrong in a file is named with
its file, its item, the cause and the fix, before any question is asked.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.errors import BadInput, BadRule
from knowledge.model import Behaviour, Outcome
from knowledge.rulefiles import parse

KINDS = ("law", "definition", "procedure", "penalty", "enforcement", "change")
SPLITS = ("train", "dev", "held")
IGNORED_INJECTION = "ignore_injection"
"""A behaviour that case files name: the words that try to steer are passed over and the question is answered."""
_OPEN = {"id", "question", "lang", "answerable", "kind", "instrument", "provision", "answer_contains", "split", "why"}
_LISTS = ("entries", "not_entries", "cites", "missing")
_SENTENCE = {"id", "name", "question", "on", "verdict", "behaviour", "status", "lang", "split", *_LISTS}
_BEHAVIOURS = (*(str(b) for b in Behaviour), IGNORED_INJECTION)
_VERDICTS = tuple(str(o) for o in Outcome)


@dataclass(frozen=True)
class OpenCase:
    """A question about the law. `instruments`: id or part of the title of the texts that answer; `provisions`: the places
    in them; `fact`: a short piece of the passage. All three are empty where nothing held answers."""

    id: str
    question: str
    lang: str
    answerable: bool
    kind: str
    instruments: tuple[str, ...]
    provisions: tuple[str, ...]
    fact: str
    split: str
    why: str = ""
    on: date | None = None


@dataclass(frozen=True)
class SentenceCase:
    """A question about a transaction and what must come out; an empty value asks for nothing.

    `cites`: instruments, provisions or control codes that the answer must name; unless `exact`, a place below one or a
    title with it will do. `on`: the day the law is read at, None where the file leaves that to the command.
    """

    id: str
    question: str
    verdict: str
    behaviour: str = ""
    cites: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    not_entries: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    status: str = ""
    lang: str = ""
    split: str = ""
    exact: bool = False
    on: date | None = None


Case = OpenCase | SentenceCase


@dataclass(frozen=True)
class CaseFile:
    """The cases of one file, in their order."""

    name: str
    cases: tuple[Case, ...] = field(default=())


def load(path: Path) -> CaseFile:
    """The cases of a file. Raises BadInput with file, item, cause and fix."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"{path}: cannot be read: {error.strerror}. Name a file of cases (YAML or JSON lines)."
        ) from None
    rows = _json_lines(path, data) if path.suffix == ".jsonl" else _yaml(path, data)
    if not rows:
        raise BadInput(f"{path}: holds no case. Write a list of cases; tests/open/README.md shows one.")
    cases = tuple(_case(row, f"{path}: {where}") for where, row in rows)
    seen: dict[str, str] = {}
    for (where, _), case in zip(rows, cases, strict=True):
        if case.id in seen:
            raise BadInput(f"{path}: {where}: the id {case.id!r} is that of {seen[case.id]}. Give each case its own.")
        seen[case.id] = where
    return CaseFile(path.name, cases)


def _yaml(path: Path, data: bytes) -> list[tuple[str, Any]]:
    try:
        rows = parse(data, str(path))
    except BadRule as error:
        raise BadInput(str(error)) from None
    if not isinstance(rows, list):
        raise BadInput(f"{path}: is no list of cases. Begin each case with '- '.")
    return [(f"item {n}", row) for n, row in enumerate(rows, 1)]


def _json_lines(path: Path, data: bytes) -> list[tuple[str, Any]]:
    rows = []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{path}: is not UTF-8 text. Save it as UTF-8.") from None
    for n, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                rows.append((f"line {n}", json.loads(line)))
            except (ValueError, RecursionError):
                raise BadInput(f"{path}: line {n}: is no JSON. Write one JSON object a line.") from None
    return rows


def _case(row: Any, where: str) -> Case:
    if not isinstance(row, dict):
        raise BadInput(f"{where}: is no case. Write keys and values, such as 'question: ...'.")
    if "answerable" in row:
        return _open(row, where)
    if "expected" in row:
        return _expected(row, where)
    if "verdict" in row:
        return _sentence(row, where)
    raise BadInput(f"{where}: neither an open question nor a sentence case. Write 'answerable' or 'verdict'.")


def _open(row: Mapping[str, Any], where: str) -> OpenCase:
    _known(row, _OPEN | {"on"}, where)
    answerable = _choice(row, "answerable", ("true", "false"), where) == "true"
    case = OpenCase(
        id=_text(row, "id", where),
        question=_text(row, "question", where),
        lang=_choice(row, "lang", ("en", "zh"), where),
        answerable=answerable,
        kind=_choice(row, "kind", KINDS, where),
        instruments=_texts(row, "instrument", where),
        provisions=_texts(row, "provision", where),
        fact=_text(row, "answer_contains", where, needed=answerable),
        split=_choice(row, "split", SPLITS, where),
        why=_text(row, "why", where, needed=False),
        on=_day(row, where),
    )
    if answerable and not (case.instruments and case.provisions):
        raise BadInput(f"{where}: says not where the answer stands. Give 'instrument' and 'provision'.")
    if not answerable and (case.instruments or case.provisions or case.fact):
        raise BadInput(f"{where}: nothing answers it, yet it names a passage. Leave instrument and provision empty.")
    return case


def _expected(row: Mapping[str, Any], where: str) -> SentenceCase:
    expected = row["expected"]
    if not isinstance(expected, dict):
        raise BadInput(f'{where}: \'expected\' is no object. Write {{"verdict": ..., "must_cite": [...]}}.')
    return SentenceCase(
        id=_text(row, "id", where),
        question=_text(row, "question", where),
        verdict=_choice(expected, "verdict", _VERDICTS, where),
        behaviour=_choice(row, "behaviour", _BEHAVIOURS, where),
        cites=_texts(expected, "must_cite", where),
        on=_day(row, where),
    )


def _sentence(row: Mapping[str, Any], where: str) -> SentenceCase:
    _known(row, _SENTENCE, where)
    lists = {key: _texts(row, key, where) for key in _LISTS}
    return SentenceCase(
        id=_text(row, "id" if "id" in row else "name", where),
        question=_text(row, "question", where),
        verdict=_choice(row, "verdict", _VERDICTS, where),
        behaviour=_choice(row, "behaviour", _BEHAVIOURS, where) if "behaviour" in row else "",
        status=_text(row, "status", where, needed=False),
        lang=_text(row, "lang", where, needed=False),
        split=_choice(row, "split", SPLITS, where) if "split" in row else "",
        exact=True,
        on=_day(row, where),
        **lists,
    )


def _known(row: Mapping[str, Any], keys: set[str], where: str) -> None:
    if extra := sorted(str(k) for k in set(row) - keys):
        raise BadInput(f"{where}: unknown key {extra[0]!r}. Known are {', '.join(sorted(keys))}.")


def _text(row: Mapping[str, Any], key: str, where: str, *, needed: bool = True) -> str:
    value = row.get(key, "")
    if isinstance(value, bool):
        value = str(value).lower()  # JSON has truth values, YAML is read as text
    if not isinstance(value, str) or (needed and not value.strip()):
        raise BadInput(f"{where}: {key!r} is missing or no text. Write '{key}: ...'.")
    return value


def _texts(row: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = row.get(key) or ()
    found: Sequence[Any] = (value,) if isinstance(value, str) else value
    if not isinstance(found, list | tuple) or not all(isinstance(v, str) and v.strip() for v in found):
        raise BadInput(f"{where}: {key!r} is no list of texts. Write '{key}: [..., ...]'.")
    return tuple(found)


def _choice(row: Mapping[str, Any], key: str, choices: Sequence[str], where: str) -> str:
    value = _text(row, key, where)
    if value not in choices:
        raise BadInput(f"{where}: {key!r} is {value!r}. Write one of {', '.join(choices)}.")
    return value


def _day(row: Mapping[str, Any], where: str) -> date | None:
    text = _text(row, "on", where, needed=False)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(f"{where}: 'on' is {text!r}, which is no day. Write it as YYYY-MM-DD.") from None
