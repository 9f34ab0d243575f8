"""One operation of the API as a value: its method, its path, and the traits that decide how it may be sent.

What a failed exchange may be answered with depends on the operation, never on the place that calls it. So each
operation is a `Endpoint`, made once at import, and the transport reads its traits:

* `idempotency`: `"header"` when the API honours `Idempotency-Key` here, so that a repeat under the same key is done
  once; `"body"` when it deduplicates on `request_id` in the body; `"natural"` when a repeat changes nothing (every
  GET, PUT, PATCH and DELETE, and a few POSTs); `"none"` when a repeat may be a second job.
* `look`: for `"none"`, what a person does to find out whether a request with a lost answer was done.
* `instead`: what does the same where an account does not have this operation and it answers 404.
* `preview`: whether the API's reference calls it that; an account that does not have it answers 403 or 404.
* `successor`: the method that does the same in v3, for what is older.
* `spends`, `destroys`: whether it costs credit, or cannot be undone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from ..errors import InvalidInputError
from .encoding import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

_PLAIN = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9_.~-]*").fullmatch


class Endpoint(msgspec.Struct, eq=False):
    """One operation: `Endpoint("GET", "/v3/videos/{video_id}")`."""

    method: Method
    path: str
    idempotency: Literal["header", "body", "natural", "none"] | None = None
    billable: bool = False
    look: str = ""
    instead: str = ""
    preview: bool = False
    successor: str = ""
    _names: list[str] = []
    _pieces: list[str] = []

    def __post_init__(self) -> None:
        self.idempotency = self.idempotency or ("none" if self.method == "POST" else "natural")
        pieces = re.split(r"\{(\w+)\}", self.path)
        self._pieces, self._names = pieces[::2], pieces[1::2]

    @property
    def destructive(self) -> bool:
        """Whether it cannot be undone."""
        return self.method == "DELETE"

    def __repr__(self) -> str:
        return f"Endpoint({self.method} {self.path})"

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again when nobody knows if it was done."""
        return self.idempotency != "none"

    def fill(self, values: Sequence[str]) -> str:
        """The path with its ids in place, each exactly one segment whatever characters it holds."""
        filled = self._pieces[0]
        for name, value, piece in zip(self._names, values, self._pieces[1:], strict=True):
            if isinstance(value, str) and _PLAIN(value):
                filled += value + piece
            elif not isinstance(value, str) or not value.strip():
                raise InvalidInputError(name, value, "the id as the API gave it, a string that is not empty")
            elif value in {".", ".."}:
                raise InvalidInputError(name, value, "an id; this one would lead to another address")
            else:
                filled += quoted(name, value) + piece
        return filled
