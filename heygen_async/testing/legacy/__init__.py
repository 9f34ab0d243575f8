"""The v1 and v2 endpoints, as their documents tell of them: other envelopes, other names, the same jobs and the same money."""

from __future__ import annotations

import re
from typing import Any

from ..api_errors import APIErrorResponse
from . import account, avatars, videos
from .handler import Handler

__all__ = ["Legacy", "body_of", "find"]

_RAW = frozenset({"/v1/asset", "/v1/talking_photo"})
_PATTERNS = [
    (method, re.compile(re.escape(path).replace(r"\{id\}", "(?P<id>[^/]+)")), path, handler)
    for part in (videos, avatars, account)
    for (method, path), handler in part.HANDLERS.items()
]


class Legacy:
    """One endpoint of the older API: its name in records, and how it answers."""

    __slots__ = ("handler", "ids", "name", "takes_json", "version")

    def __init__(self, method: str, path: str, handler: Handler, ids: dict[str, str]) -> None:
        self.name: str = f"{method} {path}"
        self.version: str = path[1:3]
        self.handler: Handler = handler
        self.ids: dict[str, str] = ids
        self.takes_json: bool = path not in _RAW

    def answer(self, data: Any) -> dict[str, Any]:
        """The envelope of a success."""
        if self.version == "v1":
            return {"code": 100, "data": data, "msg": None, "message": "Success"}
        return {"error": None, "data": data}


def find(method: str, path: str) -> Legacy | None:
    """The older endpoint at an address; None when there is none."""
    for verb, pattern, shape, handler in _PATTERNS:
        if verb == method and (found := pattern.fullmatch(path)):
            return Legacy(method, shape, handler, found.groupdict())
    return None


def body_of(refusal: APIErrorResponse, version: str) -> dict[str, Any]:
    """The envelope of an error: a number and a message in v1, an object beside `data` in v2."""
    if version == "v1":
        code = (
            int(refusal.code)
            if refusal.code.isdigit()
            else {401: 40102, 402: 40118, 429: 400123}.get(refusal.status, refusal.status * 100 + 1)
        )
        return {"code": code, "data": None, "msg": refusal.message, "message": refusal.message}
    return {"error": {"code": refusal.code, "message": refusal.message}, "data": None}
