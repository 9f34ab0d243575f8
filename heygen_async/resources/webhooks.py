"""`heygen.webhooks`: the addresses that HeyGen calls when something happened, and what it called them with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType

from .._http.endpoint import Endpoint
from ..pagination import Pager
from ..types import webhooks as models
from ..types.base import JSONValue
from ..webhooks.events import build_event
from . import validation as checks
from .base import Resource

if TYPE_CHECKING:
    from ..webhooks.receiver import WebhookReceiver

_CREATE = Endpoint("POST", "/v3/webhooks/endpoints", idempotency="header")
_LIST = Endpoint("GET", "/v3/webhooks/endpoints")
_UPDATE = Endpoint("PATCH", "/v3/webhooks/endpoints/{endpoint_id}")
_DELETE = Endpoint("DELETE", "/v3/webhooks/endpoints/{endpoint_id}")
_ROTATE = Endpoint("POST", "/v3/webhooks/endpoints/{endpoint_id}/rotate-secret", idempotency="header")
_EVENT_TYPES = Endpoint("GET", "/v3/webhooks/event-types")
_EVENTS = Endpoint("GET", "/v3/webhooks/events")


class Endpoints(Resource):
    """The addresses that HeyGen calls."""

    async def create(
        self,
        *,
        url: str,
        events: Sequence[models.EventName] | UnsetType | None = UNSET,
        entity_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Endpoint:
        """Register an address; its `secret` is told this once.

        Args:
            url: Public, and `https`.
            events: The types to be called for; None, or nothing, for all.
            entity_id: To be called for one thing alone.
        """
        body = {"url": url, "events": events, "entity_id": UNSET if entity_id is None else entity_id}
        return await self._call(_CREATE, models.Endpoint, body=checks.with_nulls(body), key=idempotency_key)

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.Endpoint]:
        """All endpoints; `limit` from 1 to 100, by default 10."""
        return self._list(_LIST, models.Endpoint, limit=limit, token=token)

    async def update(
        self,
        endpoint_id: str,
        *,
        url: str | UnsetType | None = UNSET,
        events: Sequence[models.EventName] | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.Endpoint:
        """Change an endpoint.

        Args:
            url: The new address, public and `https`.
            events: Replaces the whole list; None subscribes to all, left out leaves it.
        """
        body = checks.with_nulls({"url": url, "events": events})
        return await self._call(_UPDATE, models.Endpoint, endpoint_id, body=body, key=idempotency_key)

    async def delete(self, endpoint_id: str, *, idempotency_key: str | None = None) -> dict[str, JSONValue]:
        """Call this address no more. What the API answers is open, and mostly empty."""
        return await self._call(_DELETE, _Open, endpoint_id, key=idempotency_key)

    async def rotate_secret(
        self,
        endpoint_id: str,
        *,
        receiver: WebhookReceiver | None = None,
        grace: float = 86_400.0,
        idempotency_key: str | None = None,
    ) -> models.RotatedSecret:
        """Make a new secret, which is told this once; the old one ends at once.

        Args:
            receiver: It takes the new secret up, and accepts the old one for `grace` seconds more, since what was
                signed with it may still be on its way.
        """
        rotated = await self._call(_ROTATE, models.RotatedSecret, endpoint_id, key=idempotency_key)
        if receiver is not None:
            receiver.add_secret(rotated.secret, grace=grace)
        return rotated


class Webhooks(Resource):
    """Webhooks. https://developers.heygen.com/docs/webhooks"""

    @property
    def endpoints(self) -> Endpoints:
        """The addresses that HeyGen calls."""
        return Endpoints(self._transport)

    async def list_event_types(self) -> Sequence[models.EventType]:
        """All types of events."""
        return await self._call(_EVENT_TYPES, _EventTypes)

    def list_events(
        self,
        *,
        event_type: models.EventName | None = None,
        entity_id: str | None = None,
        limit: int | None = None,
        token: str | None = None,
    ) -> Pager[models.DeliveredEvent]:
        """What was delivered; `limit` from 1 to 100, by default 10.

        Args:
            event_type: Of one type alone.
            entity_id: For one thing alone.
        """
        return self._list(
            _EVENTS, models.DeliveredEvent, limit=limit, token=token, event_type=event_type, entity_id=entity_id
        )

    async def replay(
        self, receiver: WebhookReceiver, *, since: datetime | float, event_type: models.EventName | None = None
    ) -> int:
        """Hand what was delivered since then on to a receiver that was down; how many events that were.

        The oldest comes first, and what the receiver has seen it does not handle again.

        Args:
            since: An aware datetime, or unix seconds.
        """
        begin = since.timestamp() if isinstance(since, datetime) else since
        missed: list[models.DeliveredEvent] = []
        async for event in self.list_events(event_type=event_type, limit=100):
            if datetime.fromisoformat(event.created_at).timestamp() < begin:
                break
            missed.append(event)
        for event in reversed(missed):
            await receiver.enqueue(build_event(msgspec.to_builtins(event), event.event_id, verified=True))
        return len(missed)


_EventTypes = list[models.EventType]
_Open = dict[str, JSONValue]
