"""The rows of a journal: one entry for each key, and how an entry is stored in SQLite."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from .. import errors
from ..errors import HeyGenError
from ..types.pickling import rebuild_exception

#: States of rows whose jobs HeyGen has accepted.
ACCEPTED = frozenset({"queued", "running", "completed"})
_JSON_FIELDS = frozenset({"ids", "paths", "error"})
_REAL_FIELDS = frozenset({"submitted_at", "usd"})
_BOOL_FIELDS = frozenset({"created_earlier"})


class StoredFile(msgspec.Struct, frozen=True, array_like=True):
    """A file that a row's download wrote: the ids of its jobs, separated by spaces, and its content's fingerprint."""

    jobs: str
    fingerprint: str


class Entry(msgspec.Struct, kw_only=True):
    """One key's entry in the journal.

    Attributes:
        key: The item's key.
        kind: The item's kind.
        digest: The digest of the item's content.
        state: See `journal.py`.
        idempotency_key: The key of the newest request.
        submitted_at: The time of the newest request's first attempt by HeyGen's clock, in Unix seconds.
        batch: The row's batch at HeyGen: the request's idempotency key until the response arrives, then HeyGen's id.
        position: The row's position in that batch.
        ids: The ids of the row's jobs.
        results: The finished structs as the API's JSON.
        paths: The files that the row's downloads wrote.
        error: The reason of the failure, as `error_to_facts` returns it.
        usd: The estimated cost of the jobs.
        attempt: The number of the deliberate attempt, from 1. Each has an idempotency key of its own.
        created_earlier: Whether HeyGen responded with a job that existed before the row was submitted.
        possible_charges: The number of requests that may have been charged without a result.
    """

    key: str
    kind: str
    digest: bytes
    state: str = "planned"
    idempotency_key: str = ""
    submitted_at: float | None = None
    batch: str | None = None
    position: int | None = None
    ids: list[str] | None = None
    results: bytes | None = None
    paths: Mapping[str, StoredFile] | None = None
    error: dict[str, Any] | None = None
    usd: float = 0.0
    attempt: int = 1
    created_earlier: bool = False
    possible_charges: int = 0

    @property
    def mark(self) -> str:
        """The text that distinguishes the row's job from those of other batches, contents and attempts."""
        prefix, _, digest = self.idempotency_key.partition("-")
        return digest[:12] if prefix == "row" else self.digest.hex()[:8]  # older journals have random keys

    @property
    def joined_ids(self) -> str:
        """The ids of the row's jobs, separated by spaces."""
        return " ".join(self.ids or ())


FIELDS = Entry.__struct_fields__
#: The columns that a row's checksum covers, in the order of its values.
CHECKED_COLUMNS = ", ".join(FIELDS)
#: The positions and names of the fields that SQLite stores in another form.
_ENCODED = [
    (position, name) for position, name in enumerate(FIELDS) if name in _JSON_FIELDS | _REAL_FIELDS | _BOOL_FIELDS
]


def encode_json(value: object) -> str:
    """Return the value as JSON text."""
    return msgspec.json.encode(value).decode()


def encode_field(name: str, value: Any) -> Any:
    """Return an entry's field as SQLite stores it."""
    if value is None:
        return None
    if name in _JSON_FIELDS:
        return encode_json(value)
    return float(value) if name in _REAL_FIELDS else int(value) if name in _BOOL_FIELDS else value


def encode_entry(entry: Entry) -> list[Any]:
    """Return an entry's values as SQLite stores them, in the order of `FIELDS`, and their checksum."""
    values = list[Any](msgspec.structs.astuple(entry))
    for position, name in _ENCODED:
        if values[position] is not None:
            values[position] = encode_field(name, values[position])
    return [*values, checksum(values)]


def checksum(values: Sequence[Any]) -> bytes:
    """Return the checksum of a row's values. It shows damage, and is no protection against an attacker."""
    try:
        return hashlib.blake2b(msgspec.msgpack.encode(list(values)), digest_size=8).digest()
    except (ValueError, OverflowError, TypeError):  # no entry has such a value
        return b""


def entry_from_row(row: Sequence[Any]) -> Entry:
    """Return the entry for a row of the table, in the order of `FIELDS`.

    Raises:
        ValueError: A value is not one that a run stores.
    """
    values = {
        name: msgspec.json.decode(value) if name in _JSON_FIELDS and value is not None else value
        for name, value in zip(FIELDS, row, strict=True)
    }
    return msgspec.convert(values, Entry, strict=False)  # SQLite has no booleans


def error_to_facts(error: BaseException) -> dict[str, Any]:
    """Return an error's type, message and simple attributes, for the journal."""
    facts = {
        name: value
        for name, value in vars(error).items()
        if isinstance(value, str | int | float | bool | None) and name not in {"body", "url"}
    }
    return {"type": type(error).__name__, "message": str(error.args[0] if error.args else error), "facts": facts}


def error_from_facts(stored: Mapping[str, Any]) -> HeyGenError:
    """Rebuild the error, with the attributes that the journal stored. The others are None."""
    found: Any = getattr(errors, stored["type"], HeyGenError)
    cls: type[HeyGenError] = found if isinstance(found, type) and issubclass(found, HeyGenError) else HeyGenError
    attributes = dict.fromkeys(name for name in inspect.signature(cls).parameters if not hasattr(cls, name))
    return rebuild_exception(cls, (stored["message"],), {**attributes, **stored["facts"]})
