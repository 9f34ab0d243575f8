"""The handle of a row, before its job exists: everything in it follows from the row, but the time."""

from __future__ import annotations

from typing import Any

from .._jobs.registry import SESSION
from ..batch.idempotency_keys import idempotency_key
from ..batch.journal_entries import Entry
from ..batch.kinds import kind_named
from ..batch.rows import Item, Row, check_request, item_from
from ..errors import InvalidInputError
from ..types.job_handles import JobHandle


def new_handle(
    row: Item | tuple[str, Any], *, batch: str, requested_at: float = 0.0, kind: str = "videos", attempt: int = 1
) -> JobHandle:
    """Check a row, and return its handle without ids. Blocks while it reads local files. Needs no client.

    Args:
        row: An item, or a pair of a key and a request.
        batch: The batch's name, 1 to 255 characters. A row of another batch is another job.
        requested_at: A time before the first create in Unix seconds, by HeyGen's clock, as `prepare` notes it. 0 if it
            is not known: then `create` searches for the row's jobs first.
        kind: The kind of a pair.
        attempt: The number of the deliberate attempt, from 1. Each creates another job.

    Raises:
        InvalidInputError: The row or an argument is invalid, or a local file cannot be read.
    """
    item = item_from(row, kind)
    key = idempotency_key(item, batch=batch, attempt=attempt)
    if kind_named(item.kind).job_kind is None:
        raise InvalidInputError("kind", item.kind, "a kind with jobs; create_speech returns the finished speech")
    check_request(item)
    mark = row_in_progress(item, key, requested_at).marker
    return JobHandle(kind=item.kind, key=item.key, idempotency_key=key, mark=mark, requested_at=requested_at)


def row_in_progress(item: Item, key: str, requested_at: float) -> Row:
    """Return an item as a row of a batch, as the mechanisms of batches take it."""
    entry = Entry(key=item.key, kind=item.kind, digest=b"", idempotency_key=key, submitted_at=requested_at)
    row = Row(item=item, entry=entry)
    row.is_sought = row.kind.job_kind is not SESSION  # a mark is the row's own; rows may have the same prompt
    return row
