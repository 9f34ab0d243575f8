"""Lists that come a page at a time, by cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from .errors import PaginationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], kw_only=True):
    """One page: its items, whether more follow, and the cursor to them (`token=` of the same list method)."""

    data: list[T]
    has_more: bool = False
    next_token: str | None = None


class Pager(Generic[T]):
    """A list that has not been asked for yet.

    `async for item in pager` gives every item, `async for page in pager.pages()` every page, `await pager` the first
    page alone. One page is held at a time; each iteration asks anew.

    Raises:
        PaginationError: While iterating, when the API gives the same cursor again, or none where more should follow.
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

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Every page, from the cursor that the list was asked with."""
        token = self._token
        seen: set[str] = set()
        while True:
            page = await self._fetch(token)
            yield page
            if not page.has_more:
                return
            if not page.next_token or page.next_token in seen or page.next_token == self._token:
                raise PaginationError(self._path, page.next_token or "")
            token = page.next_token
            seen.add(token)

    async def collect(self, limit: int | None = None) -> list[T]:
        """All items as a list, or the first `limit` of them."""
        items: list[T] = []
        async for page in self.pages():
            items += page.data
            if limit is not None and len(items) >= limit:
                return items[:limit]
        return items
