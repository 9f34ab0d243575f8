"""Idempotency keys: how a mutating request is repeated without being done, and paid for, twice.

The problem: after a reset or a timeout the client does not know whether HeyGen did the work. Only HeyGen can recognise
that a second request repeats the first one.

The rejected way: deduplicating in the client. A process that is killed between request and response forgets everything.

Each operation declares how HeyGen recognises a repeat. `REPEAT_RULES` has this table as values:

| `idempotency=` | the key is in | HeyGen keeps the key for | another body under the same key |
|---|---|---|---|
| `none` | no key | | a second job |
| `header` | `Idempotency-Key` | 24 hours | is ignored: the first response is sent again |
| `guarded` | `Idempotency-Key` | 24 hours | 409 `conflict` |
| `permanent` | `Idempotency-Key`, which is required | ever | 409 `conflict` |
| `body` | `request_id` in the body | ever | is ignored: the first job is returned |

Operations whose repeat changes nothing, such as GET and DELETE, are `natural` and need no key.

The scheme:

* The transport creates one random key for a call of an operation whose key is in the header, unless the caller passes
  one. All attempts of the call carry the same key and the same body.
* When the outcome of the call is unknown in the end, the error carries the key (`error.idempotency_key`). Passing it to
  a new call, even in another process, is charged at most once.
* On any other operation a key from the caller is sent too, but no retry relies on it.
* A GET request carries no key.
"""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from ..errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multidict import CIMultiDict

    from .endpoint import Endpoint

#: The way in which the API recognises a repeat; the module's docstring explains each.
Idempotency: TypeAlias = Literal["none", "header", "guarded", "permanent", "body", "natural"]

_ALLOWED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:.-")
_MAX_LENGTH = 255
_DAY = 86_400.0


class RepeatRules(msgspec.Struct, frozen=True):
    """The rules of one kind of idempotency.

    Attributes:
        key_place: Where the API reads the key; None for an operation without keys.
        key_lifetime: The seconds for which the API keeps a key.
        repeatable: Whether a request may be sent again when its outcome is unknown.
    """

    key_place: Literal["header", "body"] | None = None
    key_lifetime: float = 0.0
    repeatable: bool = True


REPEAT_RULES: Mapping[Idempotency, RepeatRules] = {
    "none": RepeatRules(repeatable=False),
    "header": RepeatRules("header", _DAY),
    "guarded": RepeatRules("header", _DAY),
    "permanent": RepeatRules("header", math.inf),
    "body": RepeatRules("body", math.inf),
    "natural": RepeatRules(),
}


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
    is_honoured = endpoint.repeat_rules.key_place == "header"
    if key is None and is_honoured:
        key = new_key()
    if key is not None:
        headers["Idempotency-Key"] = key
    return key if is_honoured else None
