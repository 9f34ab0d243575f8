"""Toolsets: groups of tools that fit into a model's context.

The guide of `heygen_async.agents` has the table of toolsets.

`video` is a list of names, so it does not grow. The others name resources of the client, and have every operation of
these, with the waits and downloads of their jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from ..operations.operation import Operation
    from .actions import Action

Toolset: TypeAlias = Literal[
    "video", "translation", "avatars", "audio", "assets", "workflows", "admin", "all", "search"
]

VIDEO_TOOLS = (
    "create_video_agent",
    "send_video_agent_message",
    "create_video_from_avatar",
    "create_video_from_image",
    "wait_for_video",
    "download_video",
    "get_video",
    "list_videos",
    "list_avatar_looks",
    "list_voices",
    "list_video_agent_styles",
    "create_asset",
    "get_current_user",
)

#: The resources of each toolset, as paths on the client. `video` has only some operations of its resources.
RESOURCES: Mapping[str, tuple[str, ...]] = {
    "video": ("users", "video_agents", "videos", "voices", "assets", "avatars"),
    "translation": ("video_translations", "lipsyncs", "brand_glossaries"),
    "avatars": ("avatars", "avatar_realtime"),
    "audio": ("voices", "audio", "podcasts", "models.voices", "models.create_speech"),
    "assets": ("assets", "folders", "brand_kits"),
    "workflows": (
        "workflows",
        "workflow_runs",
        "video_quality",
        "templates",
        "hyperframes",
        "ai_clipping",
        "background_removals",
        "filler_word_removals",
        "models.images",
        "models.videos",
    ),
    "admin": ("users", "api_keys", "webhooks"),
}
#: Tools that other toolsets than their own need.
_UPLOADS = ("create_asset", "wait_for_asset")
_WITH_UPLOADS = frozenset({"translation", "avatars", "audio", "workflows"})

#: The tools of the toolset `search`.
SEARCH_TOOLS = ("search_tools", "call_tool")
#: Tools that lead nowhere for a model: it cannot send bytes to a storage, and it must not see a secret.
DEAD_ENDS = frozenset(
    {
        "create_asset_direct_upload",
        "create_asset_direct_upload_batch",
        "complete_asset",
        "complete_asset_batch",
        "create_webhook_endpoint",
        "rotate_webhook_endpoint_secret",
    }
)


def resources_of(toolset: str) -> set[str]:
    """Return the resources of the client whose operations a toolset has."""
    paths = (*RESOURCES[toolset], *(["assets"] if toolset in _WITH_UPLOADS else []))
    return {path.partition(".")[0] for path in paths}


def names_of(
    toolset: str, known: Mapping[str, Operation | Action], is_useful: Callable[[Operation | Action], bool]
) -> list[str]:
    """Return the names of the useful tools in a toolset, in their order.

    Args:
        toolset: The name of the toolset.
        known: Every tool by its name.
        is_useful: Whether a tool leads somewhere. It reads the arguments of the tool, so it is called for few.
    """
    if toolset == "search":
        return list(SEARCH_TOOLS)
    if toolset == "all":
        return [name for name, one in known.items() if is_useful(one)]
    if toolset == "video":
        return [name for name in VIDEO_TOOLS if name in known and is_useful(known[name])]
    paths = RESOURCES[toolset]
    names = [name for name, one in known.items() if _belongs(one.path, paths) and is_useful(one)]
    waits = dict.fromkeys(wait for name in names if (wait := known[name].wait))
    jobs = [name for wait in waits for name in (wait, wait.replace("wait_for_", "download_", 1))]
    uploads: Iterable[str] = _UPLOADS if toolset in _WITH_UPLOADS else ()
    others = [name for name in (*jobs, *uploads) if name in known and is_useful(known[name])]
    return list(dict.fromkeys([*names, *others]))


def leads_somewhere(operation: Operation | Action, *, files_allowed: bool) -> bool:
    """Return whether a model can use the result of a tool."""
    return operation.name not in DEAD_ENDS and (files_allowed or not operation.input.paths)


def _belongs(path: str, resources: Iterable[str]) -> bool:
    return any(path == resource or path.startswith(f"{resource}.") for resource in resources)
