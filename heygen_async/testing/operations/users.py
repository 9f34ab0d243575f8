"""The account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .call import Call

__all__ = ["HANDLERS", "USERNAME"]

USERNAME = "local"


def _me(call: Call) -> dict[str, Any]:
    return {
        "username": USERNAME,
        "email": "local@example.com",
        "first_name": "Local",
        "last_name": None,
        "billing_type": "wallet",
        "wallet": {
            "currency": "usd",
            "remaining_balance": round(call.state.balance, 2),
            "auto_reload": {"enabled": False},
        },
    }


HANDLERS: dict[str, Callable[[Call], Any]] = {"UserMeGet": _me}
