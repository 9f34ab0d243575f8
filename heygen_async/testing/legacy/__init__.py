"""The v1 and v2 endpoints. They have other names and envelopes than v3, and share its jobs and its balance.

| file | subject |
|---|---|
| `videos.py` | videos, templates, translations |
| `avatars.py` | avatars, voices, photo avatars, files |
| `account.py` | credits, the user, webhooks, speech, streaming sessions |
| `handler.py` | the type of a handler, and the validation that all of them use |
"""

from __future__ import annotations

import re
from typing import Any

from ..api_errors import APIErrorResponse
from . import account, avatars, videos
from .handler import Handler

__all__ = ["LegacyEndpoint", "build_error_body", "find_endpoint"]

_RAW = frozenset({"/v1/asset", "/v1/talking_photo"})
_PATTERNS = [
    (method, re.compile(re.escape(path).replace(r"\{id\}", "(?P<id>[^/]+)")), path, handler)
    for resource in (videos, avatars, account)
    for (method, path), handler in resource.HANDLERS.items()
]


class LegacyEndpoint:
    """An endpoint of v1 or v2: its name in recorded requests, its handler, and the ids in its path."""

    __slots__ = ("handler", "ids", "name", "takes_json", "version")

    def __init__(self, method: str, path: str, handler: Handler, ids: dict[str, str]) -> None:
        self.name: str = f"{method} {path}"
        self.version: str = path[1:3]
        self.handler: Handler = handler
        self.ids: dict[str, str] = ids
        self.takes_json: bool = path not in _RAW

    def build_body(self, data: Any) -> dict[str, Any]:
        """Return the JSON body of a success."""
        if self.version == "v1":
            return {"code": 100, "data": data, "msg": None, "message": "Success"}
        return {"error": None, "data": data}


def find_endpoint(method: str, path: str) -> LegacyEndpoint | None:
    """Return the endpoint at an address; None if there is none."""
    for verb, pattern, template, handler in _PATTERNS:
        if verb == method and (match := pattern.fullmatch(path)):
            return LegacyEndpoint(method, template, handler, match.groupdict())
    return None


def build_error_body(error: APIErrorResponse, version: str) -> dict[str, Any]:
    """Return the JSON body of an error: a number and a message in v1, an object beside `data` in v2."""
    if version == "v1":
        code = (
            int(error.code)
            if error.code.isdigit()
            else {401: 40102, 402: 40118, 429: 400123}.get(error.status, error.status * 100 + 1)
        )
        return {"code": code, "data": None, "msg": error.message, "message": error.message}
    return {"error": {"code": error.code, "message": error.message}, "data": None}
