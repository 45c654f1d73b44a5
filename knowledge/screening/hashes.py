"""Keys of listed names as hashes: whether a text may have one, told without the lists; and whose key it is."""

from array import array
from base64 import b64decode, b64encode
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import accumulate, pairwise
from zlib import compress, crc32, decompress


def packed(keys: Iterable[tuple[str, int, str]]) -> dict[str, str]:
    """Keys with the position of the listed name and the sort of key, as texts to keep: `sight`, `keys`, `at`, `sorts`."""
    rows = sorted({(hashed(key), position, sort) for key, position, sort in keys})
    hashes = sorted({row[0] for row in rows})
    steps = array("I", [b - a for a, b in pairwise([0, *hashes])]).tobytes()
    planes = b"".join(steps[n::4] for n in range(4))  # bytes of one weight together: half the size
    return {
        "sight": b64encode(compress(planes, 9)).decode("ascii"),
        "scan_keys": _text(array("I", [row[0] for row in rows])),
        "scan_at": _text(array("I", [row[1] for row in rows])),
        "scan_sorts": "".join(row[2] for row in rows),
    }


def hashed(key: str) -> int:
    """32 bits of a key: two of the lists' keys seldom share them, and a shared one is found out when the name is read."""
    return crc32(key.encode("utf-8", "replace"))


def sighted(text: str) -> frozenset[int]:
    """The hashes of all keys, from `sight`."""
    planes = decompress(b64decode(text))
    flat = bytearray(len(planes))
    count = len(planes) // 4
    for n in range(4):
        flat[n::4] = planes[n * count : (n + 1) * count]
    steps: array[int] = array("I")
    steps.frombytes(bytes(flat))
    return frozenset(accumulate(steps))


class Keys:
    """Whose key a hash is."""

    def __init__(self, data: Mapping[str, str]) -> None:
        self._keys, self._at = (_array(data[k]) for k in ("scan_keys", "scan_at"))
        self._sorts = data["scan_sorts"]

    def of(self, number: int) -> list[tuple[int, str]]:
        """Positions of listed names with the sort of key, for a hash."""
        first = bisect_left(self._keys, number)
        rows = []
        while first < len(self._keys) and self._keys[first] == number:
            rows.append((self._at[first], self._sorts[first]))
            first += 1
        return rows


def _text(values: "array[int]") -> str:
    return b64encode(values.tobytes()).decode("ascii")


def _array(text: str) -> "array[int]":
    values: array[int] = array("I")
    values.frombytes(b64decode(text))
    return values
