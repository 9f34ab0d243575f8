"""What every resource stands on: the transport, and ids by the hundred."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..route import Route
    from ..transport import Transport

__all__ = ["Resource"]

T = TypeVar("T")

_MOST_IDS = 100  # in one bulk status request, by the API's reference


class Resource:
    """One noun of the API. It holds nothing but the way to send."""

    __slots__ = ("_transport",)

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def _files(self, body: T) -> T:
        """The body with its local files uploaded and its URLs in the API's form."""
        from ..uploads import with_files_uploaded  # noqa: PLC0415  most requests carry no file

        return cast("T", await with_files_uploaded(self._transport, body))

    async def _by_hundreds(self, route: Route, into: type[T], **ids: Sequence[str] | None) -> list[T]:
        """Bulk statuses for any number of ids: at most a hundred a request, put together in the order asked."""
        wanted = [(name, id) for name, given in ids.items() for id in given or ()]
        found: list[T] = []
        for start in range(0, max(len(wanted), 1), _MOST_IDS):
            query: dict[str, list[str]] = {}
            for name, id in wanted[start : start + _MOST_IDS]:
                query.setdefault(name, []).append(id)
            found += await self._transport.call(route, list[into], query=query)  # type: ignore[valid-type]  # a type at run time only
        return found
