"""Idempotency keys: how a mutating request is repeated without being done, and paid for, twice.

The problem: after a reset or a timeout the client does not know whether HeyGen did the work. Only HeyGen can recognise
that a second request repeats the first one.

The rejected way: deduplicating in the client. A process that is killed between request and response forgets everything.

The scheme:

* HeyGen honours an `Idempotency-Key` header on some operations (`idempotency="header"`). It replays the first response
  to every further request with the same key.
* The transport creates one random key for a call of such an operation, unless the caller passes one. All attempts of
  the call carry the same key.
* When the outcome of the call is unknown in the end, the error carries the key (`error.idempotency_key`). Passing it to
  a new call, even in another process, is charged at most once.
* On any other operation a key from the caller is sent too, but no retry relies on it.
* A GET request carries no key.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import InvalidInputError

if TYPE_CHECKING:
    from multidict import CIMultiDict

    from .endpoint import Endpoint

_ALLOWED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:.-")
_MAX_LENGTH = 255


def check_key(key: str) -> None:
    """Check an idempotency key that a caller passed.

    Raises:
        InvalidInputError: It is empty, too long, or has a character that HeyGen does not accept.
    """
    if not 1 <= len(key) <= _MAX_LENGTH or not _ALLOWED.issuperset(key):
        raise InvalidInputError("idempotency_key", key, "1 to 255 characters of A-Z a-z 0-9 _ : . -")


def new_key() -> str:
    """Create a random idempotency key."""
    return os.urandom(16).hex()  # a fifth of the time of a UUID


def add_key(headers: CIMultiDict[str], endpoint: Endpoint, key: str | None) -> str | None:
    """Add the idempotency key of a call to its headers; a random one where HeyGen honours keys and the caller has none.

    Return the key when HeyGen honours it: the retries of the call rely on it.
    """
    is_honoured = endpoint.idempotency == "header"
    if key is None and is_honoured:
        key = new_key()
    if key is not None:
        headers["Idempotency-Key"] = key
    return key if is_honoured else None
