"""The marks by which a memo is told from a forged or changed one: a code on the paper and a signature at the file's end.

The secret is kept in the database. The code is an HMAC of the record, so that only this Navicert can make one. The signature
is Ed25519 over every byte before it, so that whoever has the public key can check a file without the database.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no letter that reads as another
_STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BITS = 80
_DOMAIN = b"navicert memo 1\0"
_WRAPPED = {"pdf": (b"%", b"\n"), "html": (b"<!-- ", b" -->\n"), "md": (b"<!-- ", b" -->\n"), "docx": (b"", b"")}
"""What makes the seal a comment that a reader of the format passes over; in a DOCX it is the comment of the ZIP file."""
_SEAL = re.compile(
    rb"(?P<open>%|<!-- |)navicert-memo (?P<format>pdf|html|md|docx) (?P<number>[1-9][0-9]{0,9}) (?P<code>[0-9A-Z-]{19}) "
    rb"(?P<key>[0-9a-f]{64}) (?P<signature>[0-9a-f]{128})(?P<close> -->\n|\n|)\Z"
)
_LONGEST = 400
_END_OF_ZIP = b"PK\x05\x06"


@dataclass(frozen=True)
class Seal:
    """What the end of a file says: which memo it is, whose key signed it, and whether the signature holds for every byte."""

    format: str
    number: int
    code: str
    key: str
    holds: bool


def new_secret() -> str:
    """A fresh secret in hex."""
    return secrets.token_hex(32)


def public_key(secret: str) -> str:
    """The public key in hex, for whoever is to check memos elsewhere."""
    return _signer(secret).public_key().public_bytes_raw().hex()


def code(secret: str, record: bytes) -> str:
    """ "K7QF-2M9C-XXXX-XXXX": 80 bits of an HMAC-SHA256 of the record, to be typed from paper."""
    digest = hmac.new(_derived(secret, b"code"), record, hashlib.sha256).digest()[: _BITS // 8]
    letters = base64.b32encode(digest).decode().translate(str.maketrans(_STANDARD, _ALPHABET))
    return "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))


def typed_code(text: str) -> str | None:
    """The code as it was typed, with O for 0 and I or L for 1 put right; None where it is none."""
    letters = re.sub(r"[\s-]", "", text.upper()).translate(str.maketrans("OIL", "011"))
    if len(letters) != _BITS // 5 or set(letters) - set(_ALPHABET):
        return None
    return "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))


def sealed(data: bytes, format_: str, number: int, code_: str, secret: str) -> bytes:
    """The file with its seal at the end."""
    opening, closing = _WRAPPED[format_]
    signer = _signer(secret)
    key = signer.public_key().public_bytes_raw().hex()
    begun = opening + f"navicert-memo {format_} {number} {code_} {key} ".encode()
    if format_ == "docx":
        data = _with_comment(data, len(begun) + 128 + len(closing))
    signature = signer.sign(_DOMAIN + data + begun)
    return data + begun + signature.hex().encode() + closing


def read(data: bytes) -> Seal | None:
    """What the file's end says of it; None where there is no seal, or not one as it is written here."""
    tail = data[-_LONGEST:]
    found = _SEAL.search(tail)
    if found is None:
        return None
    format_ = found["format"].decode()
    if (found["open"], found["close"]) != _WRAPPED[format_]:
        return None
    signed = data[: len(data) - len(tail) + found.start("signature")]
    key = found["key"].decode()
    holds = _verified(key, bytes.fromhex(found["signature"].decode()), _DOMAIN + signed)
    return Seal(format_, int(found["number"]), found["code"].decode(), key, holds)


def _verified(key: str, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _signer(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_derived(secret, b"signature"))


def _derived(secret: str, purpose: bytes) -> bytes:
    return hmac.new(bytes.fromhex(secret), b"navicert memo " + purpose, hashlib.sha256).digest()


def _with_comment(data: bytes, length: int) -> bytes:
    """The ZIP file with the length of a comment that is to follow."""
    end = data.rfind(_END_OF_ZIP)
    if end != len(data) - 22:
        raise ValueError("a ZIP file without a comment was expected")
    return data[:-2] + length.to_bytes(2, "little")
