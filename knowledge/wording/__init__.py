"""The sentences of an answer, by language. A test holds the two catalogues to the same keys and fields."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.rulefiles import parse

_FOLDER = Path(__file__).resolve().parent


@lru_cache(maxsize=4)
def catalogue(lang: str) -> Mapping[str, str]:
    """The messages of a language by dotted key: `en.yaml`, and a file a regime, `en-us.yaml`."""
    return read(_FOLDER, lang)


def read(folder: Path, lang: str) -> Mapping[str, str]:
    """The messages of a language in a folder of catalogues, by dotted key."""
    flat: dict[str, str] = {}

    def walk(prefix: str, node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                walk(f"{prefix}.{key}" if prefix else key, value)
        else:
            flat[prefix] = node

    for path in sorted(folder.glob(f"{lang}*.yaml")):
        walk("", parse(path.read_bytes(), f"{folder.name}/{path.name}"))
    return flat


def say(lang: str, key: str, **fields: object) -> str:
    """The message of that key with its fields filled in. Raises KeyError for a key that is not there."""
    return str(catalogue(lang)[key]).format(**fields)


def known(lang: str, key: str) -> bool:
    """Is there a message of that key?"""
    return key in catalogue(lang)
