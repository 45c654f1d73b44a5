"""A compiled list as JSON and back: one entry a line, what has its default left out, locators shortened by the entry's."""

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, fields
from functools import lru_cache
from typing import Any, cast

from knowledge.controllists.model import (
    Asks,
    CompiledEntry,
    ControlList,
    Item,
    ListException,
    Requirement,
    Row,
    Scope,
)

_Json = dict[str, Any]
FORMAT = 1
"""Raised when the layout changes; a file of another format is refused."""


class BadCompiledList(ValueError):
    """Data that is no compiled list of this format."""


def dumps(compiled: ControlList) -> str:
    """The list as JSON text: a head, then one line an entry; the same list always gives the same text."""
    head = {
        "format": FORMAT,
        "source": compiled.source,
        "version": compiled.version,
        "reviewed_by": compiled.reviewed_by,
        "bundled": compiled.bundled,
        "issues": [list(issue) for issue in compiled.issues],
    }
    lines = ",\n".join(_compact(_entry_out(entry)) for entry in compiled.entries)
    return f'{_compact(head)[:-1]},"entries":[\n{lines}\n]}}\n'


def loads(text: str) -> ControlList:
    """The list back. Raises BadCompiledList where the text is no JSON or of another format."""
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise BadCompiledList(f"format {data['format']!r}, expected {FORMAT}")
        return ControlList(
            source=data["source"],
            version=data["version"],
            entries=tuple(_entry_in(entry) for entry in data["entries"]),
            issues=tuple((where, why, said) for where, why, said in data["issues"]),
            reviewed_by=data["reviewed_by"],
            bundled=data["bundled"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise error if isinstance(error, BadCompiledList) else BadCompiledList(str(error)) from error


def _compact(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=16)
def _defaults(kind: Hashable) -> Mapping[str, object]:
    """Field names with their defaults; MISSING for those that have none."""
    return {
        f.name: f.default_factory() if f.default_factory is not MISSING else f.default
        for f in fields(kind)  # type: ignore[arg-type]
    }


def _out(value: object, special: Mapping[str, Callable[[Any], object]]) -> _Json:
    """A dataclass as the fields that are not at their default."""
    found: _Json = {}
    for name, default in _defaults(cast(Hashable, type(value))).items():
        held = getattr(value, name)
        if held == default or (default is MISSING and held in ("", (), None)):
            continue
        found[name] = special[name](held) if name in special else list(held) if isinstance(held, tuple) else held
    return found


def _in(kind: type, data: _Json) -> Any:
    """The dataclass of such fields; lists come back as tuples."""
    given = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
    for name, default in _defaults(kind).items():
        if default is MISSING and name not in given:
            given[name] = "" if name != "items" else ()
    return kind(**given)


def _scope_out(scope: Scope) -> _Json:
    return _out(scope, {})


def _requirement_out(requirement: Requirement) -> _Json:
    return _out(requirement, {"asks": str})


def _entry_out(entry: CompiledEntry) -> _Json:
    def short(locator: str) -> str:
        return locator.removeprefix(f"{entry.locator}/")

    def row(value: Row) -> _Json:
        return _out(value, {"scope": _scope_out, "requirement": _requirement_out, "locator": short})

    def exception(value: ListException) -> _Json:
        return _out(value, {"scope": _scope_out, "locator": short, "values": dict})

    def items(tree: tuple[Item, ...]) -> list[object]:
        return [_item_out(item, entry.locator) for item in tree]

    return _out(
        entry,
        {
            "rows": lambda held: [row(value) for value in held],
            "exceptions": lambda held: [exception(value) for value in held],
            "exempted": lambda held: [row(value) for value in held],
            "items": items,
        },
    )


def _item_out(item: Item, entry: str) -> object:
    """Just the path where that says it all; "!" behind it marks a reserved one."""
    usual = item.locator == f"{entry}/{item.path.replace('.', '/')}"
    name = item.path + ("!" if item.reserved else "")
    return name if usual and not item.text else [name, "" if usual else item.locator, item.text]


def _entry_in(data: _Json) -> CompiledEntry:
    code, at = data["code"], data.get("locator", "")
    known: _Json = {k: v for k, v in data.items() if k not in ("rows", "exceptions", "exempted", "items")}
    known.setdefault("heading", "")
    known.setdefault("reasons", [])
    entry: CompiledEntry = _in(
        CompiledEntry,
        {
            **known,
            "code": code,
            "rows": [_row_in(row, at) for row in data.get("rows", ())],
            "exceptions": [_exception_in(exception, at) for exception in data.get("exceptions", ())],
            "exempted": [_row_in(row, at) for row in data.get("exempted", ())],
            "items": [_item_in(item, at) for item in data.get("items", ())],
        },
    )
    return entry


def _tuples(data: _Json) -> _Json:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}


def _long(locator: str, entry: str) -> str:
    return locator if locator == entry or not locator else f"{entry}/{locator}"


def _row_in(data: _Json, entry: str) -> Row:
    asked = _tuples(data["requirement"])
    return Row(
        reason=data.get("reason", ""),
        scope=Scope(**_tuples(data.get("scope", {}))),
        requirement=Requirement(**{**asked, "asks": Asks(asked["asks"])}),
        control=data.get("control", ""),
        where=data.get("where", ""),
        locator=_long(data.get("locator", ""), entry),
        read=data.get("read", True),
        why=data.get("why", ""),
    )


def _exception_in(data: _Json, entry: str) -> ListException:
    given = _tuples(data)
    given["scope"] = Scope(**_tuples(data.get("scope", {})))
    given["locator"] = _long(data.get("locator", ""), entry)
    given.setdefault("available", False)
    return ListException(**given)


def _item_in(data: Any, entry: str) -> Item:
    name, locator, text = (data, "", "") if isinstance(data, str) else data
    path = name.removesuffix("!")
    return Item(path, locator or f"{entry}/{path.replace('.', '/')}", text, name.endswith("!"))
