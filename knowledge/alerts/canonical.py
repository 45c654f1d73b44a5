"""A short digest of frozen rule data, the same in every process: sets have no order, so `repr` would not do."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from hashlib import blake2b


def digest(value: object) -> str:
    """Sixteen hexadecimal letters that change with the value."""
    return blake2b(_told(value).encode(), digest_size=8).hexdigest()


def _told(value: object) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        inner = ",".join(_told(getattr(value, f.name)) for f in fields(value) if f.compare)
        return f"{type(value).__name__}({inner})"
    if isinstance(value, Mapping):
        return "{" + ",".join(sorted(f"{_told(k)}:{_told(v)}" for k, v in value.items())) + "}"
    if isinstance(value, frozenset | set):
        return "{" + ",".join(sorted(map(_told, value))) + "}"
    if isinstance(value, tuple | list):
        return "[" + ",".join(map(_told, value)) + "]"
    return repr(str(value)) if value is not None else "-"
