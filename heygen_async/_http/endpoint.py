"""An endpoint of the API as a value: its method, its path, and the traits that decide how a request may be sent.

Whether a failed request may be repeated depends on the endpoint, not on the code that calls it. Each endpoint is
therefore one `Endpoint`, created at import, and the transport reads its traits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import msgspec

from ..errors import InvalidInputError
from .encoding import quoted
from .idempotency import REPEAT_RULES, Idempotency, RepeatRules

if TYPE_CHECKING:
    from collections.abc import Sequence

Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

_IS_PLAIN_SEGMENT = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9_.~-]*").fullmatch


class Endpoint(msgspec.Struct, eq=False):
    """One endpoint: `Endpoint("GET", "/v3/videos/{video_id}")`.

    Args:
        method: The HTTP method.
        path: The path, with its ids in braces.
        idempotency: The way in which the API recognises a repeat (`idempotency.py` explains each); default: `none`
            for POST, `natural` for other methods.
        billable: Whether a request costs credit.
        preview: Whether the API's reference calls it a preview. An account without the preview gets a 403 or 404.
        recovery: The advice after a lost response, if a repeat may create a second job: a way to find out whether a job
            exists.
        alternative: The advice in the 404 error of an account that lacks this endpoint.
        successor: The v3 method that replaces this older endpoint.
    """

    method: Method
    path: str
    idempotency: Idempotency | None = None
    billable: bool = False
    preview: bool = False
    recovery: str = ""
    alternative: str = ""
    successor: str = ""
    _start: str = ""
    _parameters: list[tuple[str, str]] = []

    def __post_init__(self) -> None:
        self.idempotency = self.idempotency or ("none" if self.method == "POST" else "natural")
        self._start, *parts = re.split(r"\{(\w+)\}", self.path)
        self._parameters = list(zip(parts[::2], parts[1::2], strict=True))

    def __repr__(self) -> str:
        return f"Endpoint({self.method} {self.path})"

    @property
    def repeat_rules(self) -> RepeatRules:
        """How the API treats a repeated request."""
        return REPEAT_RULES[cast("Idempotency", self.idempotency)]

    def fill(self, ids: Sequence[str]) -> str:
        """Return the path with these ids; each becomes exactly one segment, even if it contains a slash.

        Raises:
            InvalidInputError: An id is empty, is not a string, or is `.` or `..`.
        """
        if len(ids) != len(self._parameters):
            raise ValueError(f"{self.path} takes {len(self._parameters)} ids, not {len(ids)}")
        filled = self._start
        for (name, literal), value in zip(self._parameters, ids):  # noqa: B905  checked; `strict` costs more
            if isinstance(value, str) and _IS_PLAIN_SEGMENT(value):
                filled += value + literal
            elif not isinstance(value, str) or not value.strip():
                raise InvalidInputError(name, value, "the id that the API returned, a string that is not empty")
            elif value in {".", ".."}:
                raise InvalidInputError(name, value, "an id; this value would lead to another path")
            else:
                filled += quoted(name, value) + literal
        return filled


def endpoint_of(operation: Any) -> Endpoint:
    """Return the endpoint itself, or that of a method with `@operation`, bound or not."""
    return operation if isinstance(operation, Endpoint) else cast("Endpoint", operation.operation.endpoint)


def unknown_endpoint(method: str, path: str, *, honours_key: bool) -> Endpoint:
    """Return an endpoint that this version does not know.

    Raises:
        InvalidInputError: The method or the path is invalid.
    """
    if method not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
        raise InvalidInputError("method", method, "GET, POST, PUT, PATCH or DELETE")
    if not path.startswith("/") or not path.isascii() or not path.isprintable() or " " in path:
        raise InvalidInputError("path", path, "a path on the API's host, percent-encoded, beginning with /")
    recovery = "Check what this endpoint has created before you send the request again."
    return Endpoint(
        cast("Method", method), path, idempotency="header" if honours_key else None, recovery=recovery,
        alternative="Check the method and the path, and the ids in it.",
    )  # fmt: skip
