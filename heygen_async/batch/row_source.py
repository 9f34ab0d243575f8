"""Reading a run's rows from its source: any iterable, read in chunks as the capacity allows."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import msgspec

from .._files.request_files import join_paths
from .._http.worker_threads import run_in_thread
from ..errors import InvalidInputError
from .digests import item_digest
from .journal_entries import Entry
from .key_index import KeyIndex
from .resuming import Resumption
from .rows import Item, Row, check_item, item_from

if TYPE_CHECKING:
    from .run_state import RunState

_CHUNK = 100  # rows


@runtime_checkable
class CheckedSource(Protocol):
    """A source that yields checked items with unique keys, in chunks."""

    def chunks(self) -> AsyncGenerator[Sequence[Item]]:
        """Yield the items."""
        ...


Requests: TypeAlias = Iterable[Any] | AsyncIterable[Any] | CheckedSource


async def read_rows(requests: Requests, kind: str, state: RunState) -> AsyncGenerator[Row]:
    """Yield the rows that are unfinished. The outcomes of all others are reported immediately.

    Args:
        requests: Items, or pairs of a key and a request.
        kind: The kind of the pairs.
        state: The run's shared parts.
    """
    are_checked = isinstance(requests, CheckedSource)
    resumption, rows_read = Resumption(state, are_checked=are_checked), 0
    with KeyIndex() as index:
        async for chunk in _chunks(requests):
            items = list(chunk) if are_checked else await _valid_items(chunk, kind, rows_read, index, state)
            rows_read += len(chunk)
            prepared = await run_in_thread(lambda: [_prepare(item, state.files) for item in items])  # noqa: B023  awaited here
            entries = await state.journal.entries([item.key for item in items])
            for item, digest in prepared:
                row = await resumption.resume(item, digest, entries.get(item.key))
                if row is not None:
                    yield row


async def _chunks(requests: Requests) -> AsyncGenerator[Sequence[Any]]:
    if isinstance(requests, CheckedSource):
        async for chunk in requests.chunks():
            yield chunk
    elif isinstance(requests, AsyncIterable):
        async for request in requests:
            yield [request]
    else:
        iterator = iter(requests)
        while chunk := list(islice(iterator, _CHUNK)):
            yield chunk


async def _valid_items(chunk: Sequence[Any], kind: str, rows_read: int, index: KeyIndex, state: RunState) -> list[Item]:
    """Return the items with a unique, valid key and a valid kind. The others fail, with their place in the source."""
    items: dict[int, Item] = {}
    for number, source_row in enumerate(chunk, rows_read + 1):
        item = item_from(source_row, kind)
        try:
            check_item(item)
        except InvalidInputError as error:
            position = f"{error.expected} (row {number} of the source)"
            item = msgspec.structs.replace(item, key=str(item.key))
            row = Row(item=item, entry=Entry(key=item.key, kind=item.kind, digest=b""))
            await state.outcomes.report(row, "failed", error=InvalidInputError(error.field, error.value, position))
        else:
            items[number] = item
    for number, duplicate in (await run_in_thread(index.add, {row: item.key for row, item in items.items()})).items():
        item = items.pop(number)
        expected = f"a unique key; row {duplicate.first_row} of the source has the same one (row {number})"
        row = Row(item=item, entry=Entry(key=item.key, kind=item.kind, digest=b""))
        await state.outcomes.report(row, "failed", error=InvalidInputError("key", item.key, expected))
    return list(items.values())


def _prepare(item: Item, files: Path | None) -> tuple[Item, bytes | InvalidInputError]:
    """Return the item with its local files, and its digest or the reason why it has none."""
    try:
        if files is not None:
            item = msgspec.structs.replace(item, request=join_paths(item.request, files))
        return item, item_digest(item)
    except InvalidInputError as error:
        return item, error
