"""The API's operations, one file a resource: what was asked for in, what the API would answer out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import (
    ai_clipping,
    assets,
    audio,
    avatar_realtime,
    avatars,
    background_removals,
    brands,
    filler_word_removals,
    folders,
    hyperframes,
    lipsyncs,
    models,
    podcasts,
    templates,
    users,
    video_agents,
    video_translations,
    videos,
    voices,
    webhooks,
)
from .call import Call, Events, Listing, page_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HANDLERS", "Call", "Events", "Listing", "page_of"]

#: By the contract's name of the operation.
HANDLERS: dict[str, Callable[[Call], Any]] = {
    name: handler
    for resource in (
        ai_clipping, assets, audio, avatar_realtime, avatars, background_removals, brands,
        filler_word_removals, folders, hyperframes, lipsyncs, models, podcasts, templates, users, video_agents, video_translations, videos, voices, webhooks,
    )
    for name, handler in resource.HANDLERS.items()
}  # fmt: skip
