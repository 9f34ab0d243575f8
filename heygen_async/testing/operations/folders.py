"""Folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .call import Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..jobs import Job

__all__ = ["HANDLERS"]


def _describe(folder: Job) -> dict[str, Any]:
    return {
        "folder_id": folder.id,
        "is_trash": False,
        "creator_username": "local",
        "created_at": int(folder.created_at),
        "updated_at": int(folder.created_at),
        **folder.details,
    }


def _create(call: Call) -> dict[str, Any]:
    details = {
        "name": call.get_field("name"),
        "parent_id": call.get_field("parent_id"),
        "type": call.get_field("type") or "mixed",
    }
    return _describe(call.state.add_resource("folder", "folder", **details))


def _get(call: Call) -> dict[str, Any]:
    id = call.ids["folder_id"]
    older = call.state.catalog["folder"].get(id)
    if older is not None and id not in call.state.jobs:
        details = {name: older[name] for name in ("name", "parent_id", "type")}
        call.state.add_resource("folder", "folder", id=id, **details)
    return _describe(call.state.find("folder", id))


HANDLERS: dict[str, Callable[[Call], Any]] = {"FolderCreate": _create, "FolderGet": _get}
