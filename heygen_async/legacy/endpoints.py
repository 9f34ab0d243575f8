"""The base of the legacy resources: requests that warn of their end, with the successor of their endpoint."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, TypeVar

from .._files.file_inputs import SourceInput, open_source
from .._http.configuration import BASE_URL
from .._http.endpoint import Endpoint, Method
from .._http.streamed_body import Body
from .._http.transport import Transport
from ..errors import InvalidInputError
from ..types.tracebacks import strips_frames_of_methods

T = TypeVar("T")

END_OF_SUPPORT = "31 October 2026"
UPLOAD_URL = "https://upload.heygen.com"  # HeyGen's own, as the API's host is


def legacy_endpoint(method: Method, path: str, successor: str | None = None, *, billable: bool = False) -> Endpoint:
    """Return an endpoint of v1 or v2; `successor` is the v3 method that replaces it."""
    recovery = "Check the newest in HeyGen's list before you repeat the call: this endpoint honours no idempotency key."
    return Endpoint(method, path, billable=billable, recovery=recovery, successor=successor or "")


class LegacyResource:
    """A resource of v1 or v2."""

    def __init_subclass__(cls) -> None:
        strips_frames_of_methods(cls)

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def _call(
        self,
        route: Endpoint,
        response_type: type[T],
        *ids: str,
        query: Mapping[str, object] | None = None,
        body: object = None,
        stream: Body | None = None,
        stacklevel: int = 4,
    ) -> T:
        """Send the request, with a deprecation warning that names its successor in v3."""
        replacement = f"use heygen.{route.successor} instead" if route.successor else "v3 has no method for it"
        warnings.warn(
            f"{route.method} {route.path}: HeyGen ended v1 and v2 on {END_OF_SUPPORT}, except studio videos and "
            f"templates. This works only where an account still has it; {replacement}.",
            DeprecationWarning,
            stacklevel=stacklevel,
        )
        transport = self._transport
        if stream is not None and transport.options.base_url == BASE_URL:
            transport = Transport(transport.shared_state, transport.options.replace(base_url=UPLOAD_URL))
        return await transport.call(route, response_type, *ids, query=query, body=body, upload=stream)

    async def _upload(
        self, route: Endpoint, response_type: type[T], file: SourceInput, media_type: str | None, kinds: tuple[str, ...]
    ) -> T:
        """Upload the bytes of a file to the upload host."""
        async with open_source(file, media_type=media_type) as source:
            if not source.media_type.startswith(kinds):
                expected = " or ".join(kind.rstrip("/") for kind in kinds)
                raise InvalidInputError("file", source.name, f"{expected}; this is {source.media_type}")
            body = Body(length=source.size, content_type=source.media_type, read=source.read)
            return await self._call(route, response_type, stream=body, stacklevel=5)

    async def _call_without_result(
        self, route: Endpoint, *ids: str, query: Mapping[str, object] | None = None, body: Any = None
    ) -> None:
        """Send a request whose response has no data."""
        anything: Any = Any
        await self._call(route, anything, *ids, query=query, body=body, stacklevel=5)
