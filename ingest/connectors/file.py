"""Documents on this machine: a file, or every document in a folder."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from ingest.connectors.base import Item, bad_spec
from ingest.fetch import Fetched, Fetcher, TooLarge
from knowledge.errors import BadInput

LARGEST = 256 * 1024 * 1024  # bytes of one file
_DEEPEST = 40  # folders inside folders

# Files that lie beside law and are not law. Compared in small letters, without the ending.
NOT_LAW = frozenset(
    {"readme", "license", "licence", "copying", "notes", "manifest", "changelog", "contributing", "authors"}
    | {"thumbs", "desktop", "sha256sums", "md5sums", "checksums", "index-of-files", "datapackage", "package", "sources"}
)
NOT_LAW_ENDINGS = frozenset(
    {".sha256", ".md5", ".sig", ".asc", ".part", ".tmp", ".bak", ".swp", ".lock", ".log", ".py", ".js", ".ts", ".css"}
    | {".db", ".sqlite", ".ini", ".cfg", ".toml"}
)


class Files:
    """`file:` a path. A folder gives its documents, sorted by path, those of its folders among them.

    Left out of a folder: hidden files, the files of NOT_LAW (LICENSE.name and name.README.txt
    too), symbolic links that lead
    out of the folder or in a circle, and what is no regular file. A file that is named itself is always taken.
    """

    def items(self, spec: str, fetcher: Fetcher) -> Iterator[Item]:
        """The file or the folder's files. Raises BadInput where there is none."""
        start = Path(spec).expanduser()
        try:
            real = start.resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            raise BadInput(f"{spec}: there is no such file or folder. Check the path.") from None
        if real.is_file():
            yield _item(real, real.parent)
        elif real.is_dir():
            for path in _walk(real, real, frozenset({real}), 0):
                yield _item(path, real)
        else:
            raise bad_spec("file", spec, "the path of a file or folder; devices and pipes are not read")


def _walk(folder: Path, root: Path, above: frozenset[Path], depth: int) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError:
        return
    for path in entries:
        if path.name.startswith((".", "~$")) or depth >= _DEEPEST:
            continue
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError):
            continue
        if not real.is_relative_to(root):
            continue
        if real.is_dir():
            if real not in above:
                yield from _walk(path, root, above | {real}, depth + 1)
        elif real.is_file() and is_law(path.name):
            yield path


def is_law(name: str) -> bool:
    """Whether a file of this name in a folder is taken for a document."""
    lower = name.lower()
    words = lower.split(".")
    beside = words[0] in NOT_LAW or {"readme", "license", "licence"} & set(words)  # table.README.txt
    return not beside and Path(lower).suffix not in NOT_LAW_ENDINGS


def _storable(name: str) -> str:
    """A path as text that a database takes: bytes that are no UTF-8, which Python keeps as lone surrogates, written out."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _item(path: Path, root: Path) -> Item:
    def read() -> Fetched:
        place = str(path)
        try:
            with path.open("rb") as file:
                body = file.read(LARGEST + 1)
        except OSError as error:
            raise BadInput(f"{place}: cannot be read ({error.strerror}). Check its permissions.") from None
        if len(body) > LARGEST:
            raise TooLarge(place, f"the file is larger than {LARGEST} bytes", "split it")
        digest = hashlib.sha256(body).hexdigest()
        return Fetched(path.as_uri(), path.as_uri(), 200, "", body, etag=digest)

    absolute = path.absolute()
    key = f"file:{_storable(absolute.as_posix())}"
    within = _storable(absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else path.name)
    return Item(key, "", within, read, {"source": "file"})
