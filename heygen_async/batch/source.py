"""Where rows come from: read as there is room for them, and held against what the journal knows."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from itertools import islice
from logging import getLogger
from typing import TYPE_CHECKING

import msgspec

from .._http.worker_threads import run_in_thread
from ..errors import InvalidInputError
from ..pricing import estimate
from .items import Item, check, digest_of, error_from_facts, item_of
from .journal import MADE, Entry
from .kinds import WORKS
from .row import Row

if TYPE_CHECKING:
    from .row_executor import Making

_log = getLogger("heygen_async")
_READ_AT_ONCE = 100  # rows of a source


class Source:
    """The rows of one run."""

    def __init__(self, making: Making, requests: Iterable[object] | AsyncIterable[object], kind: str) -> None:
        self._making = making
        self._requests = requests
        self._kind = kind
        self._keys: set[int] = set()
        self._read = 0

    async def rows(self) -> AsyncGenerator[Row]:
        """The rows that have something left to do; those that have not are given out at once."""
        async for given in self._chunks():
            items = [item async for item in self._items(given)]
            digests = await run_in_thread(_digests, items)
            entries = await self._making.journal.entries([item.key for item in items])
            for item, digest in zip(items, digests, strict=True):
                row = await self._row(item, digest, entries.get(item.key))
                if row is not None:
                    yield row

    async def _chunks(self) -> AsyncGenerator[Sequence[object]]:
        in_chunks = getattr(self._requests, "chunks", None)
        if in_chunks is not None:  # a sheet, which is read in a thread
            async for some in in_chunks():
                yield some
            return
        if isinstance(self._requests, AsyncIterable):
            async for one in self._requests:
                yield [one]
            return
        rest = iter(self._requests)
        while some := list(islice(rest, _READ_AT_ONCE)):
            yield some

    async def _items(self, given: Sequence[object]) -> AsyncGenerator[Item]:
        """Those that a batch can know again; each other is a failed outcome, which tells its place."""
        for one in given:
            self._read += 1
            item = item_of(one, self._kind)
            try:
                check(item)
            except InvalidInputError as wrong:
                problem = InvalidInputError(
                    wrong.field, wrong.value, f"{wrong.expected} (row {self._read} of the source)"
                )
                nameless = msgspec.structs.replace(item, key=str(item.key))
                entry = Entry(key=nameless.key, kind=item.kind, digest=b"")
                await self._making.give(Row(item=nameless, entry=entry), "failed", error=problem)
            else:
                yield item

    async def _row(self, item: Item, digest: bytes | InvalidInputError, entry: Entry | None) -> Row | None:
        making = self._making
        if isinstance(digest, InvalidInputError) and entry is not None and entry.state in MADE:
            digest = entry.digest  # its files were needed once, and may be gone
        problem = self._problem(item, digest)
        new = Row(
            item=item, entry=Entry(key=item.key, kind=item.kind, digest=digest if isinstance(digest, bytes) else b"")
        )
        if problem is not None:
            await making.give(new, "failed", error=problem)
            return None
        if entry is None:
            return new
        new.changed = entry.digest != digest
        new.entry.paths = {  # which the new job's files may replace
            path: msgspec.structs.replace(file, jobs=file.jobs or " ".join(entry.ids or ["-"]))
            for path, file in (entry.paths or {}).items()
        }
        if new.changed:
            _log.warning("%r has another content than in the journal; a new job is made for it", item.key)
        elif entry.state != "failed":
            return Row(item=item, entry=entry, resumed=entry.state != "planned")
        elif not making.retry_failed:
            error = error_from_facts(entry.error or {"type": "", "message": "It failed.", "facts": {}})
            await making.give(Row(item=item, entry=entry, resumed=True), "failed", error=error)
            return None
        if not making.dry_run:
            await making.journal.put(new.entry, instead_of=entry)
        return new

    def _problem(self, item: Item, digest: bytes | InvalidInputError) -> InvalidInputError | None:
        """Why it can never be made."""
        number = hash(item.key)
        if number in self._keys:
            return InvalidInputError("key", item.key, "a key of its own for each row; this one is there twice")
        if not hasattr(self._requests, "chunks"):  # a sheet has seen to that
            self._keys.add(number)
        if isinstance(digest, InvalidInputError):
            return digest
        try:
            WORKS[item.kind].check(item.request)
            estimate(item.kind, item.request)
        except InvalidInputError as wrong:
            return wrong
        except (msgspec.ValidationError, TypeError, ValueError) as wrong:
            return InvalidInputError("request", item.request, f"what {item.kind} takes ({wrong})")
        return None


def _digests(items: Sequence[Item]) -> list[bytes | InvalidInputError]:
    found: list[bytes | InvalidInputError] = []
    for item in items:
        try:
            found.append(digest_of(item))
        except InvalidInputError as problem:
            found.append(problem)
    return found
