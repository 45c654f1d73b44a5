"""What is private in the audit trail is sealed: each record under a key of its own, that key under its person's. Without the
person's key nothing of it can be read, and the chain still holds.
"""

import base64
import hashlib
import hmac
import secrets
import zlib
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Row, insert, select

from knowledge.errors import StoreError
from knowledge.store.audit_schema import audit_person_keys, audit_record_keys

NOBODY = 0
"""Whose key seals a record that is no person's."""
_NONCE = 12


@dataclass(frozen=True)
class Person:
    """A person by Telegram's number; the chain has a pseudonym in its place, which dies with the person's key."""

    id: int


@dataclass(frozen=True)
class PersonKey:
    """A person's key and the name they have in the chain."""

    person: int
    pseudonym: str
    key: bytes


class Unreadable(StoreError):
    """A sealed part or its key is not what was put in."""


def person_key(connection: Connection, person: int) -> PersonKey:
    """The key of a person, made now where there is none. Only in a transaction that writes."""
    if (found := known_key(connection, person)) is not None:
        return found
    made = PersonKey(person, f"p-{secrets.token_hex(8)}", AESGCM.generate_key(256))
    row = {"person": person, "pseudonym": made.pseudonym, "key": _text(made.key), "forget_asked_at": None}
    connection.execute(insert(audit_person_keys).values(**row))
    return made


def known_key(connection: Connection, person: int) -> PersonKey | None:
    """The key of a person; None where they have none or it was destroyed."""
    row = connection.execute(select(audit_person_keys).where(audit_person_keys.c.person == person)).first()
    return key_in(row) if row is not None else None


def key_in(row: Row[Any]) -> PersonKey:
    """The key in a row of the table `audit_person_keys`. Raises Unreadable."""
    try:
        return PersonKey(row.person, row.pseudonym, _bytes(row.key))
    except ValueError:
        raise Unreadable(f"the key of {row.pseudonym} was altered") from None


def new_record_key(connection: Connection, seq: int, person: int) -> bytes:
    """Make and keep the key of record `seq`, sealed under the key of `person`."""
    key = AESGCM.generate_key(256)
    owner = person_key(connection, person)
    wrapped = _lock(owner.key, f"{seq} {owner.pseudonym}", key)
    connection.execute(insert(audit_record_keys).values(seq=seq, person=person, wrapped=wrapped))
    return key


def record_key(connection: Connection, seq: int) -> bytes | None:
    """The key of record `seq`; None where it was destroyed or never made. Raises Unreadable."""
    row = connection.execute(select(audit_record_keys).where(audit_record_keys.c.seq == seq)).first()
    if row is None:
        return None
    owner = known_key(connection, row.person)
    if owner is None:
        raise Unreadable(
            f"record {seq}: the key that its own key is sealed under is gone. See `navicert audit verify`."
        )
    return unwrap(owner, seq, row.wrapped)


def unwrap(owner: PersonKey, seq: int, wrapped: str) -> bytes:
    """The key of record `seq` out of its sealed form. Raises Unreadable."""
    try:
        return _unlock(owner.key, f"{seq} {owner.pseudonym}", wrapped)
    except ValueError:
        raise Unreadable(f"record {seq}: its key, or the key that seals it, was altered") from None


def seal(key: bytes, seq: int, said: bytes) -> str:
    """The private part of record `seq`, compressed and sealed."""
    return _lock(key, str(seq), zlib.compress(said, 6))


def unseal(key: bytes, seq: int, sealed: str) -> bytes:
    """The private part of record `seq` again. Raises Unreadable where either was altered."""
    try:
        return zlib.decompress(_unlock(key, str(seq), sealed))
    except (ValueError, zlib.error):
        raise Unreadable(f"record {seq}: its sealed part was altered") from None


def mac(key: bytes, said: bytes) -> str:
    """A keyed hash of a row that a record stands for: without the record's key nobody can try guesses against it."""
    return hmac.new(hashlib.sha256(b"row" + key).digest(), said, hashlib.sha256).hexdigest()


def _lock(key: bytes, place: str, said: bytes) -> str:
    nonce = secrets.token_bytes(_NONCE)
    return _text(nonce + AESGCM(key).encrypt(nonce, said, place.encode()))


def _unlock(key: bytes, place: str, locked: str) -> bytes:
    try:
        raw = _bytes(locked)
        return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], place.encode())
    except InvalidTag:
        raise ValueError from None


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
