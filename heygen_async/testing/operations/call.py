"""What an operation is given, and the lists that it may give back."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from aiohttp import web

    from ..state import Job, State
    from ..storage import Storage

__all__ = ["Call", "Events", "Listing", "batch_page", "begin_batch", "page_of", "statuses", "titled"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an operation: checked against the contract, and not yet done."""

    state: State
    storage: Storage
    operation: str
    ids: dict[str, str]
    query: dict[str, str]
    body: Any
    raw: bytes
    request: web.BaseRequest
    key: str | None

    def given(self, name: str) -> Any:
        """A field of the body; None when it was left out."""
        return self.body.get(name)

    def check_files(self, request: dict[str, Any], *names: str) -> None:
        """Refuse an asset whose bytes are not there yet. An id that was never made here is taken for an older one."""
        for name in names:
            given: list[dict[str, Any]] | dict[str, Any] = request.get(name) or []
            for file in [given] if isinstance(given, dict) else given:
                id = file.get("asset_id")
                asset = self.state.assets.get(str(id))
                if asset is not None and not asset["usable"]:
                    raise APIErrorResponse(
                        409, "resource_not_ready", f"The asset '{id}' is not uploaded yet.", param=name
                    )


@dataclass(frozen=True, slots=True)
class Listing:
    """A whole list, newest first, of which one page is given; `id` names an entry's id."""

    items: Sequence[dict[str, Any]]
    id: str
    limit: int = 20
    shape: str = "data"


@dataclass(frozen=True, slots=True)
class Events:
    """Server-sent events, sent as they come."""

    frames: AsyncIterator[bytes]


def page_of(listing: Listing, query: dict[str, str]) -> dict[str, Any]:
    """One page. The cursor names the last entry given, so that new ones before it change nothing."""
    start = 0
    token = query.get("token")
    if token:
        try:
            last = base64.urlsafe_b64decode(token.encode()).decode()
        except (ValueError, binascii.Error):
            raise APIErrorResponse.invalid_parameter("token", "'token' is not a cursor of this list.") from None
        places = [index for index, item in enumerate(listing.items) if str(item[listing.id]) == last]
        if not places:
            raise APIErrorResponse.invalid_parameter("token", "'token' is not a cursor of this list.")
        start = places[0] + 1
    limit = int(query.get("limit", listing.limit))
    items = listing.items[start : start + limit]
    more = start + limit < len(listing.items)
    cursor = base64.urlsafe_b64encode(str(items[-1][listing.id]).encode()).decode() if more else None
    if listing.shape == "resources":
        return {"data": {"resources": items, "next_cursor": cursor}}
    return {"data": items, "has_more": more, "next_token": cursor}


def statuses(call: Call, kind: str, states: dict[str, str]) -> list[dict[str, Any]]:
    """Bulk statuses by ids and by batches; `states` turns a job's state into the bulk word for it."""
    found: list[dict[str, Any]] = []
    now = call.state.now()
    ids = next((value for name, value in call.query.items() if name != "batch_ids"), "")
    for id in filter(None, ids.split(",")):
        job = call.state.jobs.get(id)
        there = job is not None and job.kind == kind and id not in call.state.deleted | call.state.hidden_from_bulk
        state = states.get(job.state(now), job.state(now)) if there and job is not None else "not_found"
        found.append({"video_id": id, "status": state, "error": _error(job) if state == "failed" else None})
    for batch_id in filter(None, call.query.get("batch_ids", "").split(",")):
        batch = call.state.batches.get(batch_id)
        for index, id in enumerate(batch["ids"] if batch else ()):
            job = call.state.jobs[id]
            state = states.get(job.state(now), job.state(now))
            found.append({"video_id": id, "batch_id": batch_id, "item_index": index, "status": state})
    return found


def begin_batch(call: Call, kind: str, ids: list[str]) -> dict[str, Any]:
    """Remember what belongs together."""
    batch_id = call.state.new_id("batch")
    call.state.batches[batch_id] = {
        "ids": ids, "kind": kind, "title": call.given("title"), "created_at": int(call.state.now()),
        "callback_url": call.given("callback_url"),
    }  # fmt: skip
    return {"batch_id": batch_id, "status": "processing"}


def batch_page(call: Call, kind: str, states: dict[str, str]) -> dict[str, Any]:
    """A batch with one page of its items inside `data`."""
    batch_id = call.ids["batch_id"]
    batch = call.state.batches.get(batch_id)
    if batch is None or batch["kind"] != kind:
        raise APIErrorResponse.not_found("resource", batch_id)
    now = call.state.now()
    items: list[dict[str, Any]] = []
    for index, id in enumerate(batch["ids"]):
        job = call.state.jobs[id]
        state = states.get(job.state(now), job.state(now))
        items.append(
            {"item_index": index, "video_id": id, "status": state, "error": _error(job) if state == "failed" else None}
        )
    counts: dict[str, int] = {}
    for item in items:
        counts[item["status"]] = counts.get(item["status"], 0) + 1
    going = counts.get("queued", 0) + counts.get("processing", 0)
    whole = "processing" if going else "failed" if counts.get("failed") == len(items) else "completed"
    page = page_of(Listing(items, "item_index", 100), call.query)
    return {
        "batch_id": batch_id,
        "title": batch["title"],
        "status": whole,
        "created_at": batch["created_at"],
        "total_items": len(items),
        "counts_by_status": counts,
        "items": page["data"],
        "has_more": page["has_more"],
        "next_token": page["next_token"],
    }


def _error(job: Any) -> dict[str, Any]:
    return {"code": job.fail_code or "internal_error", "message": job.fail_message or "It failed."}


def titled(
    operation: str, kind: str, id_name: str, shown: Callable[[Call, Job], dict[str, Any]]
) -> dict[str, Callable[[Call], Any]]:
    """The handlers of jobs that can be got, listed, renamed and deleted."""

    def find(call: Call) -> Job:
        return call.state.find(kind, call.ids[id_name])

    def list_(call: Call) -> Listing:
        return Listing([shown(call, job) for job in call.state.jobs_of_kind(kind)], "id", 10)

    def update(call: Call) -> dict[str, Any]:
        job = find(call)
        job.facts["title"] = call.body["title"]
        return shown(call, job)

    def delete(call: Call) -> dict[str, Any]:
        job = find(call)
        call.state.deleted.add(job.id)
        return {"id": job.id}

    return {
        f"{operation}Get": lambda call: shown(call, find(call)),
        f"{operation}List": list_,
        f"{operation}Update": update,
        f"{operation}Delete": delete,
    }
