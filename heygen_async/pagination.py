"""`Page` and `Pager`: lists that the API returns a page at a time, by cursor.

```python
from heygen_async import AsyncHeyGen


async def english(heygen: AsyncHeyGen) -> list[str]:
    return [voice.name async for voice in heygen.voices.list(language="English", gender="female")]
```

`async for` yields every item of all pages. `await` returns the first page, a sequence with `next_token` for the next.
"""

from __future__ import annotations

import sys
from abc import ABCMeta
from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, TypeVar, cast, overload

import msgspec

from .errors import PaginationError
from .types.redaction import redact_urls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], kw_only=True):
    """One page of a list, and a sequence of its items: `len(page)`, `page[0]`, `for item in page`.

    Args:
        data: The items.
        has_more: Whether another page follows.
        next_token: The cursor of the next page, for `token=` of the same list method.
    """

    data: list[T]
    has_more: bool = False
    next_token: str | None = None

    def __repr__(self) -> str:
        return redact_urls(f"Page(data={self.data!r}, has_more={self.has_more}, next_token={self.next_token!r})")

    def __len__(self) -> int:
        return len(self.data)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        return self.data[index]

    def __iter__(self) -> Iterator[T]:
        return iter(self.data)

    def __reversed__(self) -> Iterator[T]:
        return reversed(self.data)

    def __contains__(self, item: object) -> bool:
        return item in self.data

    def index(self, item: T, start: int = 0, stop: int = sys.maxsize) -> int:
        """Return the position of an item; `ValueError` if it is not on the page.

        Args:
            item: The item.
            start: The first position that is searched.
            stop: The position at which the search stops.
        """
        return self.data.index(item, start, stop)

    def count(self, item: T) -> int:
        """Return how often an item is on the page.

        Args:
            item: The item.
        """
        return self.data.count(item)


ABCMeta.register(cast("ABCMeta", Sequence), Page)  # a msgspec struct cannot inherit from an abstract class


class _Cursor:
    """The cursors of one iteration. A traceback with local variables shows none of them."""

    __slots__ = ("_used", "token")

    def __init__(self, token: str | None) -> None:
        self._used = {token}
        self.token = token

    def advance(self, token: str | None) -> bool:
        """Take the next cursor; return whether it is a new one."""
        if not token or token in self._used:
            return False
        self._used.add(token)
        self.token = token
        return True


class Pager(Generic[T]):
    """A list that is requested when it is iterated or awaited.

    `async for item in pager` yields every item, `async for page in pager.pages()` every page, and `await pager` returns
    the first page. The pager holds one page at a time. Each iteration requests the list again.

    Raises:
        PaginationError: During iteration, if the API repeats a cursor, or sends none although another page follows.
    """

    __slots__ = ("_fetch", "_path", "_token")

    def __init__(self, fetch: Callable[[str | None], Awaitable[Page[T]]], path: str, token: str | None) -> None:
        self._fetch = fetch
        self._path = path
        self._token = token

    def __repr__(self) -> str:
        return f"Pager(GET {self._path})"

    def __await__(self) -> Generator[object, None, Page[T]]:
        return self._fetch(self._token).__await__()

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.data:
                yield item
            item = cast("T", None)  # a traceback with local variables must not show the last item

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Yield every page, from the cursor that the list method received.

        Raises:
            PaginationError: The API repeats a cursor, or sends none although another page follows.
        """
        cursor = _Cursor(self._token)
        while True:
            page = await self._fetch(cursor.token)
            yield page
            if not page.has_more:
                return
            if not cursor.advance(page.next_token):
                raise PaginationError(self._path, page.next_token or "")

    async def first(self) -> T | None:
        """Return the first item, or None for an empty list. Only the pages before it are requested."""
        items = await self.collect(limit=1)
        return items[0] if items else None

    async def collect(self, limit: int | None = None) -> list[T]:
        """Return all items as a list, or the first `limit` of them.

        Args:
            limit: The maximum number of items; by default all.
        """
        items: list[T] = []
        async for page in self.pages():
            items += page.data
            if limit is not None and len(items) >= limit:
                return items[:limit]
        return items
