"""What the chat says, by language. A test holds the two catalogues to the same keys and fields."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from knowledge.wording import read

_FOLDER = Path(__file__).resolve().parent


@lru_cache(maxsize=4)
def catalogue(lang: str) -> Mapping[str, str]:
    """The messages of a language by dotted key: `en.yaml` and one file a room, `en-staff.yaml`."""
    return read(_FOLDER, lang)


def say(lang: str, key: str, **fields: object) -> str:
    """The message of that key with its fields filled in. Raises KeyError for a key that is not there."""
    return catalogue(lang)[key].format(**fields)
