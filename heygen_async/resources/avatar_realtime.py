"""`heygen.avatar_realtime`: an avatar that speaks while it is being made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..models import avatar_realtime as models
from ..route import Route
from .base import Resource

if TYPE_CHECKING:
    from ..models.base import JSONValue

__all__ = ["AvatarRealtime"]

_LOOK = "A stream that nobody knows of ends by itself after 30 s without text."
_CREATE = Route("POST", "/v3/avatar-realtime", spends=True, look=_LOOK)
_GET = Route("GET", "/v3/avatar-realtime/{stream_id}")
_APPEND = Route(
    "POST",
    "/v3/avatar-realtime/{stream_id}/text",
    look="The text may have been taken; append what follows, not the same again.",
)
_CANCEL = Route("POST", "/v3/avatar-realtime/{stream_id}/cancel", idempotency="natural")


class AvatarRealtime(Resource):
    """Realtime streams."""

    __slots__ = ()

    async def create(
        self, request: models.StreamRequest | Mapping[str, JSONValue], *, idempotency_key: str | None = None
    ) -> models.StreamCreated:
        """Begin a stream: a `TtsStream`, `AudioStream` or `TextStream`, or an equal mapping. It is charged for.

        :raises AmbiguousRequestError: the answer was lost; the API honours no idempotency key here
        """
        return await self._transport.call(
            _CREATE, models.StreamCreated, body=await self._files(request), idempotency_key=idempotency_key
        )

    async def get(self, stream_id: str) -> models.Stream:
        """A stream as it stands; `hls_url` is there while it is streaming."""
        return await self._transport.call(_GET, models.Stream, stream_id)

    async def append_text(
        self, stream_id: str, *, delta: str, final: bool | None = None, idempotency_key: str | None = None
    ) -> models.TextAppended:
        """Append text to a `TextStream`; with `final` it is the last. After 30 s without text the stream ends.

        :raises EndpointSunsetError: 410, the text was closed before
        """
        body = {"delta": delta, "final": final}
        return await self._transport.call(
            _APPEND, models.TextAppended, stream_id, body=body, idempotency_key=idempotency_key
        )

    async def cancel(self, stream_id: str, *, idempotency_key: str | None = None) -> models.StreamCancelled:
        """End a stream; ending it twice is ending it once."""
        return await self._transport.call(
            _CANCEL, models.StreamCancelled, stream_id, body={}, idempotency_key=idempotency_key
        )
