"""The API key of the emulator, which has every scope and does not expire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from .call import Call

__all__ = ["HANDLERS"]

_CREATED = datetime(2026, 1, 1, tzinfo=UTC).isoformat().replace("+00:00", "Z")


def _get_self(call: Call) -> dict[str, Any]:
    if "X-Api-Key" not in call.request.headers:
        raise APIErrorResponse(401, "unauthorized", "This operation describes API keys, not access tokens.")
    return {
        "key_id": "key_local",
        "key_name": "Local",
        "status": "active",
        "scope_mode": "full",
        "scopes": ["*:*"],
        "created_at": _CREATED,
        "updated_at": _CREATED,
        "expires_at": None,
        "expires_in_seconds": None,
    }


HANDLERS: dict[str, Callable[[Call], Any]] = {"ApiKeySelfGet": _get_self}
