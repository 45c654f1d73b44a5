"""The registry of official sources: sources.yaml, read and checked.

It says where each source is, how often to look, and how many provisions a known text has, so that half a document or a
page about a document is noticed before it is let in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from knowledge.errors import BadRule

_T = TypeVar("_T")
FILE = Path(__file__).with_name("sources.yaml")
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Kind = Annotated[
    str, StringConstraints(pattern=r"^(law|regulation|announcement|list|enforcement_notice|guidance|news)$")
]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Provisions(_Strict):
    """Between how many provisions a document is expected to have."""

    least: int = Field(ge=1)
    most: int = Field(ge=1)

    @model_validator(mode="after")
    def _in_order(self) -> "Provisions":
        if self.least > self.most:
            raise ValueError("least is more than most")
        return self


class Source(_Strict):
    """An official source. `spec` is what resolve() takes; `check_days` how often to look for something new."""

    id: Id
    spec: str = Field(min_length=1)
    regime: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    kind: Kind
    url: Url
    check_days: int = Field(ge=1, le=366)
    provisions: Provisions | None = None
    notes: str = ""


class Expected(_Strict):
    """A known text by the rule book's id. `basis` says what was counted."""

    instrument: str = Field(min_length=3)
    provisions: Provisions
    basis: str = Field(min_length=3)


class _Registry(_Strict):
    sources: tuple[Source, ...]
    documents: tuple[Expected, ...]


@dataclass(frozen=True)
class Sources:
    """The registry, by id."""

    by_id: Mapping[str, Source]
    documents: Mapping[str, Expected]

    def expected(self, instrument: str) -> tuple[int, int] | None:
        """Least and most provisions of a known instrument; None where nothing was counted."""
        found = self.documents.get(instrument)
        return (found.provisions.least, found.provisions.most) if found else None

    @classmethod
    def load(cls, file: Path = FILE) -> "Sources":
        """Read the registry. Raises BadRule naming the file, the key and the fix."""
        try:
            rows = yaml.load(file.read_bytes(), Loader=_Loader)  # noqa: S506 - a BaseLoader: text only
            registry = TypeAdapter(_Registry).validate_python(rows)
        except OSError as error:
            raise BadRule(file.name, "file", f"cannot be read ({error.strerror})", "install Navicert again") from None
        except yaml.YAMLError as error:
            raise BadRule(file.name, "yaml", " ".join(str(error).split()), "correct the YAML") from None
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"]) or "file"
            raise BadRule(file.name, key, first["msg"].lower(), "correct the value or remove the key") from None
        by_id = _unique(file, "sources", [(row.id, row) for row in registry.sources])
        documents = _unique(file, "documents", [(row.instrument, row) for row in registry.documents])
        return cls(by_id, documents)


@lru_cache(maxsize=1)
def sources() -> Sources:
    """The bundled registry, read once."""
    return Sources.load()


def _unique(file: Path, key: str, rows: list[tuple[str, _T]]) -> Mapping[str, _T]:
    found: dict[str, _T] = {}
    for name, row in rows:
        if name in found:
            raise BadRule(file.name, f"{key}.{name}", "is there twice", "keep one")
        found[name] = row
    return found


class _Loader(yaml.BaseLoader):
    """All scalars as text, as in the rule data; a key twice in a mapping is an error."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[object, object]:
    keys = [key.value for key, _ in node.value]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise yaml.constructor.ConstructorError(None, None, f"the key {twice!r} is there twice", node.start_mark)
    return dict(loader.construct_pairs(node, deep=True))


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
