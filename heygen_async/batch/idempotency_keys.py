"""The idempotency keys of a batch's rows: they depend on the row alone, so they survive the loss of the journal.

The problem: a random key is known to the journal only. When the journal is lost, the next run sends every row under a
new key, and pays for it again.

The scheme: a row's key is a digest of

- the batch's name: by default the journal's file name;
- the row's kind, key and content, local files included (`digests.py`);
- the number of the deliberate attempt. `retry_failed` counts up, because HeyGen would replay the failed job.

So a second run without the journal gets the same jobs for as long as HeyGen remembers the keys: 24 hours. Its rows that
such jobs answer are reported as `created_earlier`. `again=True` starts at a random attempt, which no earlier run had.

HeyGen never forgets the key of a background removal. There, a job that is older than a day does not answer the row. The
row is sent again under a key that also has this job's creation time in it. The next run finds the same way through the
jobs, because a replay is free.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from .._http.idempotency import new_key
from ..errors import InvalidInputError
from .digests import item_digest
from .rows import Item, check_item, item_from

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .journal_entries import Entry

_MAX_NAME_LENGTH = 255  # characters
_FIRST_ATTEMPT_AGAIN = 1 << 32  # no sequence of deliberate retries reaches it


def idempotency_key(row: Item | tuple[str, Any], *, batch: str, kind: str = "videos", attempt: int = 1) -> str:
    """Return the idempotency key that a batch sends for a row. Blocks while it reads local files.

    A program that creates jobs itself, on several machines, can use it: the same row of the same batch is charged once
    within 24 hours, whichever machine sends it.

    Args:
        row: An item, or a pair of a key and a request.
        batch: The batch's name, 1 to 255 characters.
        kind: The kind of a pair.
        attempt: The number of the deliberate attempt, from 1.

    Returns:
        52 characters of `A-Z a-z 0-9 -`.

    Raises:
        InvalidInputError: An argument is invalid, JSON cannot represent the request, or a file cannot be read.
    """
    check_name("batch", batch)
    if attempt < 1:
        raise InvalidInputError("attempt", attempt, "an integer, 1 or more")
    item = item_from(row, kind)
    check_item(item)
    return _row_key(batch, item.kind, item.key, item_digest(item), attempt)


def check_name(field: str, name: object) -> None:
    """Check the name of a batch.

    Raises:
        InvalidInputError: The name is invalid. The error names the field.
    """
    if not isinstance(name, str) or not 0 < len(name) <= _MAX_NAME_LENGTH or "\0" in name:
        raise InvalidInputError(field, name, f"1 to {_MAX_NAME_LENGTH} characters")


def batch_name(name: str | None, journal: str | PathLike[str] | None) -> str:
    """Return the name from which the keys of a batch are derived.

    Args:
        name: The name that the caller passed.
        journal: The path of the journal. Without a path and a name, the name is random.

    Raises:
        InvalidInputError: The name is invalid.
    """
    if name is not None:
        check_name("name", name)
        return name
    return new_key() if journal is None else Path(os.fsdecode(journal)).name


def key_of_entry(batch: str, entry: Entry, older_job: int | None = None) -> str:
    """Return the key of a row's request.

    Args:
        batch: The batch's name.
        entry: The row's entry.
        older_job: The creation time in Unix seconds of a job that is too old to answer the row; see above.
    """
    numbers = (entry.attempt,) if older_job is None else (entry.attempt, older_job)
    return _row_key(batch, entry.kind, entry.key, entry.digest, *numbers)


def key_of_rows(entries: Iterable[Entry]) -> str:
    """Return the key of a request for several rows, in this order."""
    return _derive("rows", *[entry.idempotency_key for entry in entries])


def random_attempt() -> int:
    """Return a number for an attempt that no earlier run had."""
    return _FIRST_ATTEMPT_AGAIN + secrets.randbelow(1 << 32)


def _row_key(batch: str, kind: str, key: str, digest: bytes, *numbers: int) -> str:
    return _derive("row", normalize("NFC", batch), kind, key, digest.hex(), *map(str, numbers))


def _derive(prefix: str, *parts: str) -> str:
    """Return a key for these parts, none of which contains a NUL."""
    content = "\0".join(parts).encode("utf-8", "surrogatepass")  # a file name may have undecodable bytes
    return f"{prefix}-{hashlib.sha256(content).hexdigest()[:48]}"
