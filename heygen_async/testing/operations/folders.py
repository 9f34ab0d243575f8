"""Folders. A parent that was never made here is taken for an older one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .call import Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..state import Job

__all__ = ["HANDLERS"]


def _shown(folder: Job) -> dict[str, Any]:
    return {
        "folder_id": folder.id,
        "is_trash": False,
        "creator_username": "local",
        "created_at": int(folder.made),
        "updated_at": int(folder.made),
        **folder.facts,
    }


def _create(call: Call) -> dict[str, Any]:
    facts = {"name": call.given("name"), "parent_id": call.given("parent_id"), "type": call.given("type") or "mixed"}
    return _shown(call.state.keep("folder", "folder", **facts))


def _get(call: Call) -> dict[str, Any]:
    return _shown(call.state.find("folder", call.ids["folder_id"]))


HANDLERS: dict[str, Callable[[Call], Any]] = {"FolderCreate": _create, "FolderGet": _get}
