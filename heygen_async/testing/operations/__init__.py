"""The API's operations, one file a resource: what was asked for in, what the API would answer out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import assets, users, video_agents, videos, voices
from .call import Call, Listing, page_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HANDLERS", "Call", "Listing", "page_of"]

#: By the contract's name of the operation.
HANDLERS: dict[str, Callable[[Call], Any]] = {
    **users.HANDLERS,
    **videos.HANDLERS,
    **video_agents.HANDLERS,
    **voices.HANDLERS,
    **assets.HANDLERS,
}
