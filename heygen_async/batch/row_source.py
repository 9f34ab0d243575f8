"""Reading a run's rows from its source: any iterable, read in chunks as the capacity allows."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import msgspec

from .._http.worker_threads import run_in_thread
from ..errors import InvalidInputError
from .digests import item_digest
from .items import Item, check_item, item_from
from .journal_entries import Entry
from .rows import Row

if TYPE_CHECKING:
    from .outcomes import OutcomeQueue
    from .resuming import Resumption

_CHUNK = 100  # rows


@runtime_checkable
class CheckedSource(Protocol):
    """A source that yields checked items with unique keys, in chunks."""

    def chunks(self) -> AsyncGenerator[Sequence[Item]]:
        """Yield the items."""
        ...


class RowSource:
    """The rows of one run.

    Args:
        requests: Items, or pairs of a key and a request.
        kind: The kind of the pairs.
        resumption: Compares the items with the journal.
        outcomes: Receives the outcomes of items with an invalid key.
    """

    def __init__(
        self,
        requests: Iterable[Any] | AsyncIterable[Any] | CheckedSource,
        kind: str,
        resumption: Resumption,
        outcomes: OutcomeQueue,
    ) -> None:
        self._requests = requests
        self._kind = kind
        self._resumption = resumption
        self._outcomes = outcomes
        self._rows_read = 0

    async def rows(self) -> AsyncGenerator[Row]:
        """Yield the rows that are unfinished. The outcomes of all others are reported immediately."""
        async for chunk in self._chunks():
            items = chunk if isinstance(self._requests, CheckedSource) else await self._checked(chunk)
            digests = await run_in_thread(_digests, items)
            entries = await self._resumption.entries(items)
            for item, digest in zip(items, digests, strict=True):
                row = await self._resumption.resume(item, digest, entries.get(item.key))
                if row is not None:
                    yield row

    async def _chunks(self) -> AsyncGenerator[Sequence[Any]]:
        if isinstance(self._requests, CheckedSource):
            async for chunk in self._requests.chunks():
                yield chunk
        elif isinstance(self._requests, AsyncIterable):
            async for request in self._requests:
                yield [request]
        else:
            iterator = iter(self._requests)
            while chunk := list(islice(iterator, _CHUNK)):
                yield chunk

    async def _checked(self, chunk: Sequence[Any]) -> list[Item]:
        """Return the items with a valid key and kind. The others fail, with their position in the source."""
        items: list[Item] = []
        for source_row in chunk:
            self._rows_read += 1
            item = item_from(source_row, self._kind)
            try:
                check_item(item)
            except InvalidInputError as error:
                position = f"{error.expected} (row {self._rows_read} of the source)"
                item = msgspec.structs.replace(item, key=str(item.key))
                row = Row(item=item, entry=Entry(key=item.key, kind=item.kind, digest=b""))
                error = InvalidInputError(error.field, error.value, position)
                await self._outcomes.report(row, "failed", error=error)
            else:
                items.append(item)
        return items


def _digests(items: Sequence[Item]) -> list[bytes | InvalidInputError]:
    digests: list[bytes | InvalidInputError] = []
    for item in items:
        try:
            digests.append(item_digest(item))
        except InvalidInputError as error:
            digests.append(error)
    return digests
