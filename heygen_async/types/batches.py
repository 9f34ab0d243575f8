"""Many at once: a batch and its items, and the bulk statuses, which all kinds of job share."""

from __future__ import annotations

import msgspec

from .base import CreatedAtStruct, JSONValue, OpenEnum, OptionalCreatedAtStruct, ResponseStruct

MAX_IDS = 100  # in one bulk status request, by the API's reference


class ItemStatus(OpenEnum):
    """The state of one job among many; `not_found` for an id that is unknown or another account's."""

    QUEUED = "queued"
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    NOT_FOUND = "not_found"


class BatchStatus(OpenEnum):
    """The state of a batch as a whole."""

    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class JobStatus(ResponseStruct):
    """What a bulk status says of one job. The id is called `video_id` for every kind of job.

    `batch_id` and `item_index` are set for what was asked for by its batch.
    """

    status: ItemStatus
    video_id: str | None = None
    batch_id: str | None = None
    item_index: int | None = None
    error: dict[str, JSONValue] | None = None


class BatchCreated(OptionalCreatedAtStruct):
    """A batch that was taken; its items are made one after the other.

    `of` is set here, not by the API: the resource whose `get_batch` tells of it, which `wait_for_batch` needs to know.
    """

    batch_id: str
    of: str | None = msgspec.field(default=None, name="_of")
    status: BatchStatus | None = None
    total_items: int | None = None
    title: str | None = None


class BatchItem(ResponseStruct):
    """One item, by its place (from 0) in what was submitted. `video_id` is its job's id, once there is a job."""

    item_index: int
    status: ItemStatus
    video_id: str | None = None
    error: dict[str, JSONValue] | None = None


class Batch(CreatedAtStruct):
    """A batch and one page of its items; `next_token` leads to the next page while `has_more`."""

    batch_id: str
    status: BatchStatus
    total_items: int
    counts_by_status: dict[str, int]
    items: list[BatchItem]
    has_more: bool
    next_token: str | None = None
    title: str | None = None
