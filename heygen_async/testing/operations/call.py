"""The argument of an operation's handler, its special results, and helpers for pages, batches and titled jobs."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from aiohttp import web

    from ..jobs import Job, State
    from ..storage import Storage

__all__ = [
    "Call",
    "Events",
    "JobListing",
    "Listing",
    "WithStatus",
    "build_batch_page",
    "build_job_handlers",
    "build_page",
    "create_batch",
    "list_statuses",
]


@dataclass(frozen=True, slots=True)
class Call:
    """A request for an operation, which was checked against the contract.

    Args:
        state: The emulator's state.
        storage: The server behind presigned URLs.
        operation: The operation's name in the contract.
        ids: The ids in the path.
        query: The query parameters.
        body: The decoded JSON body; None for an operation without one.
        raw: The bytes of the body.
        request: The request.
        key: The `Idempotency-Key`.
    """

    state: State
    storage: Storage
    operation: str
    ids: dict[str, str]
    query: dict[str, str]
    body: Any
    raw: bytes
    request: web.BaseRequest
    key: str | None

    def get_field(self, name: str) -> Any:
        """Return a field of the body; None if it is missing."""
        return self.body.get(name)

    def check_files(self, request: dict[str, Any], *names: str) -> None:
        """Check that the assets in these fields are uploaded.

        Raises:
            APIErrorResponse: 409: one is not uploaded yet.
        """
        for name in names:
            files: list[dict[str, Any]] | dict[str, Any] = request.get(name) or []
            for file in [files] if isinstance(files, dict) else files:
                id = file.get("asset_id")
                asset = self.state.assets.get(str(id))
                if asset is not None and not asset["usable"]:
                    raise APIErrorResponse(
                        409, "resource_not_ready", f"The asset '{id}' is not uploaded yet.", param=name
                    )


@dataclass(frozen=True, slots=True)
class Listing:
    """A whole list, newest first, from which the response gets one page.

    Args:
        items: The entries.
        id: The field with an entry's id.
        limit: The default length of a page.
        shape: The envelope of the page: `data` or `resources`.
    """

    items: Sequence[dict[str, Any]]
    id: str
    limit: int = 20
    shape: str = "data"

    def page(self, after: str | None, limit: int) -> tuple[Sequence[dict[str, Any]], str | None]:
        """Return the entries after an id, and the id of the last one if more follow.

        Raises:
            KeyError: There is no such id.
        """
        start = 0
        if after is not None:
            places = [place for place, item in enumerate(self.items) if str(item[self.id]) == after]
            if not places:
                raise KeyError(after)
            start = places[0] + 1
        items = self.items[start : start + limit]
        return items, str(items[-1][self.id]) if start + limit < len(self.items) else None


@dataclass(frozen=True, slots=True)
class JobListing:
    """All jobs of a kind, newest first. Only those of the page are looked up and described.

    Args:
        state: The emulator's state.
        kind: The kind of jobs.
        describe: Builds the JSON of a job.
        limit: The default length of a page.
        matches: Whether a job belongs to the list.
    """

    state: State
    kind: str
    describe: Callable[[Job], dict[str, Any]]
    limit: int = 10
    matches: Callable[[Job], bool] | None = None

    def page(self, after: str | None, limit: int) -> tuple[list[dict[str, Any]], str | None]:
        """Return the entries after an id, and the id of the last one if more follow.

        Raises:
            KeyError: There is no such id.
        """
        deleted, matches = self.state.deleted, self.matches
        jobs = (
            job
            for job in self.state.jobs.newest(self.kind, before=after)
            if job.id not in deleted and (matches is None or matches(job))
        )
        found = list(islice(jobs, limit))
        has_more = next(jobs, None) is not None
        return [self.describe(job) for job in found], found[-1].id if has_more and found else None


@dataclass(frozen=True, slots=True)
class WithStatus:
    """The `data` of a response with a status that depends on the request.

    Args:
        data: The data.
        status: The HTTP status.
    """

    data: Any
    status: int


@dataclass(frozen=True, slots=True)
class Events:
    """Server-sent events, each sent as soon as it is produced."""

    frames: AsyncIterator[bytes]


def build_page(listing: Listing | JobListing, query: dict[str, str]) -> dict[str, Any]:
    """Return one page of a list. The cursor names the last entry of the page, so new entries before it change nothing."""
    token, limit = query.get("token"), int(query.get("limit", listing.limit))
    try:
        after = base64.urlsafe_b64decode(token.encode()).decode() if token else None
        items, last = listing.page(after, limit)
    except (KeyError, ValueError, binascii.Error):
        raise APIErrorResponse.invalid_parameter("token", "'token' is not a cursor of this list.") from None
    cursor = None if last is None else base64.urlsafe_b64encode(last.encode()).decode()
    if isinstance(listing, Listing) and listing.shape == "resources":
        return {"data": {"resources": items, "next_cursor": cursor}}
    return {"data": items, "has_more": last is not None, "next_token": cursor}


def list_statuses(call: Call, kind: str, states: dict[str, str]) -> list[dict[str, Any]]:
    """Return the bulk statuses of ids and batches.

    Args:
        call: The call.
        kind: The kind of jobs.
        states: The bulk status for each state of a job that differs from it.
    """
    found: list[dict[str, Any]] = []
    now = call.state.now()
    ids = next((value for name, value in call.query.items() if name != "batch_ids"), "")
    for id in filter(None, ids.split(",")):
        job = call.state.jobs.get(id)
        exists = (
            job is not None
            and job.kind == kind
            and id not in call.state.deleted
            and id not in call.state.hidden_from_bulk
        )
        state = states.get(job.state(now), job.state(now)) if exists and job is not None else "not_found"
        found.append({"video_id": id, "status": state, "error": _error(job) if state == "failed" else None})
    for batch_id in filter(None, call.query.get("batch_ids", "").split(",")):
        batch = call.state.batches.get(batch_id)
        for index, id in enumerate(batch["ids"] if batch else ()):
            job = call.state.jobs[id]
            state = states.get(job.state(now), job.state(now))
            found.append({"video_id": id, "batch_id": batch_id, "item_index": index, "status": state})
    return found


def create_batch(call: Call, kind: str, ids: list[str]) -> dict[str, Any]:
    """Register the ids of a batch and return the response."""
    batch_id = call.state.new_id("batch")
    call.state.batches[batch_id] = {
        "ids": ids, "kind": kind, "title": call.get_field("title"), "created_at": int(call.state.now()),
        "callback_url": call.get_field("callback_url"),
    }  # fmt: skip
    return {"batch_id": batch_id, "status": "processing"}


def build_batch_page(call: Call, kind: str, states: dict[str, str]) -> dict[str, Any]:
    """Return a batch with one page of its items inside `data`."""
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
    unfinished = counts.get("queued", 0) + counts.get("processing", 0)
    whole = "processing" if unfinished else "failed" if counts.get("failed") == len(items) else "completed"
    page = build_page(Listing(items, "item_index", 100), call.query)
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


def build_job_handlers(
    operation: str, kind: str, id_name: str, describe: Callable[[Call, Job], dict[str, Any]]
) -> dict[str, Callable[[Call], Any]]:
    """Return the handlers of jobs that can be read, listed, renamed and deleted.

    Args:
        operation: The prefix of the operations' names.
        kind: The kind of jobs.
        id_name: The name of the id in the path.
        describe: Builds the JSON of a job.
    """

    def find(call: Call) -> Job:
        return call.state.find(kind, call.ids[id_name])

    def list_(call: Call) -> JobListing:
        return JobListing(call.state, kind, partial(describe, call))

    def update(call: Call) -> dict[str, Any]:
        job = find(call)
        job.details["title"] = call.body["title"]
        return describe(call, job)

    def delete(call: Call) -> dict[str, Any]:
        job = find(call)
        call.state.deleted.add(job.id)
        return {"id": job.id}

    return {
        f"{operation}Get": lambda call: describe(call, find(call)),
        f"{operation}List": list_,
        f"{operation}Update": update,
        f"{operation}Delete": delete,
    }
