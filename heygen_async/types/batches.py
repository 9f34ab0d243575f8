"""Batches and bulk statuses, which all kinds of job share."""

from __future__ import annotations

import msgspec

from .base import CreatedAtStruct, JSONValue, OpenEnum, ResponseStruct

#: The maximum number of ids in one bulk status request.
MAX_IDS = 100


class ItemStatus(OpenEnum):
    """The state of one job of several. `not_found`: the id is unknown or belongs to another account."""

    QUEUED = "queued"
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    NOT_FOUND = "not_found"


class BatchStatus(OpenEnum):
    """The state of a whole batch."""

    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class JobStatus(ResponseStruct):
    """The bulk status of one job. `video_id` is its id, for every kind of job.

    `batch_id` and `item_index` are set when the request named the job's batch.
    """

    status: ItemStatus | None = None
    video_id: str | None = None
    batch_id: str | None = None
    item_index: int | None = None
    error: dict[str, JSONValue] | None = None


class BatchCreated(CreatedAtStruct):
    """A batch that was accepted.

    `resource` is set by the SDK, not by the API: the resource whose `get_batch` fetches this batch.
    """

    batch_id: str
    resource: str | None = msgspec.field(default=None, name="_resource")
    status: BatchStatus | None = None
    total_items: int | None = None
    title: str | None = None


class BatchItem(ResponseStruct):
    """One item of a batch. `item_index` counts from 0 in the order of the request.

    `video_id` is the id of the item's job, once it has one.
    """

    item_index: int | None = None
    status: ItemStatus | None = None
    video_id: str | None = None
    error: dict[str, JSONValue] | None = None


class Batch(CreatedAtStruct):
    """A batch and one page of its items. `next_token` leads to the next page while `has_more` is true."""

    batch_id: str
    status: BatchStatus | None = None
    total_items: int | None = None
    counts_by_status: dict[str, int] | None = None
    items: list[BatchItem] | None = None
    has_more: bool | None = None
    next_token: str | None = None
    title: str | None = None
