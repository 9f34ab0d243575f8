"""The behaviour of the v3 operations, one file a resource.

* `call.py`: the parts that all of them use.
* `brands.py`: brand kits and brand glossaries.
* `prices.py`: the price of each job, and the length of its result.
* `template_authoring.py`: the requests that create, change and delete templates.
* `workflow_node_types.py`, `workflow_graphs.py`: the types of nodes, and the check of a graph.
* `video_requests.py`: rules for the fields of a video's request that its schema does not express.
* `video_scenes.py`: the scenes of a finished video.

A handler takes a `Call`, which was checked against the contract, and returns the `data` of the response as a JSON
value. It returns a `Listing` or `JobListing` for a page, `WithStatus` for another status than 200, and `Events` for a
stream. It raises `APIErrorResponse` for an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import (
    ai_clipping,
    api_keys,
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
    template_authoring,
    templates,
    users,
    video_agents,
    video_quality,
    video_translations,
    videos,
    voices,
    webhooks,
    workflow_runs,
    workflows,
)
from .call import Call, Events, JobListing, Listing, WithStatus, build_page

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HANDLERS", "Call", "Events", "JobListing", "Listing", "WithStatus", "build_page"]

#: The handlers, by the operation's name in the contract.
HANDLERS: dict[str, Callable[[Call], Any]] = {
    name: handler
    for resource in (
        ai_clipping, api_keys, assets, audio, avatar_realtime, avatars, background_removals, brands,
        filler_word_removals, folders, hyperframes, lipsyncs, models, podcasts, template_authoring, templates, users, video_agents, video_quality, video_translations, videos, voices, webhooks,
        workflow_runs, workflows,
    )
    for name, handler in resource.HANDLERS.items()
}  # fmt: skip
