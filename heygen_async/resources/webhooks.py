"""`heygen.webhooks`: the endpoints that HeyGen calls, the events that it delivered, and their replay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType

from .._http.operation import operation
from ..pagination import Pager
from ..types import webhooks as models
from ..types.base import JSONValue
from ..webhooks.events import build_event
from . import validation
from .base import Resource

if TYPE_CHECKING:
    from ..webhooks.receiver import WebhookReceiver


class Endpoints(Resource):
    """The endpoints that HeyGen calls."""

    @operation("create_webhook_endpoint", "POST", "/v3/webhooks/endpoints", idempotency="header")
    async def create(
        self,
        *,
        url: str,
        events: Sequence[models.EventName] | UnsetType | None = UNSET,
        entity_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Endpoint:
        """Register an endpoint. Only this response contains the endpoint's `secret`.

        Args:
            url: A public `https` URL.
            events: The types of events that HeyGen sends; None or UNSET for all.
            entity_id: Only events about this object.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
        """
        body = {"url": url, "events": events, "entity_id": UNSET if entity_id is None else entity_id}
        return await self._call(self.create, models.Endpoint, body=validation.keep_nulls(body), key=idempotency_key)

    @operation("list_webhook_endpoints", "GET", "/v3/webhooks/endpoints")
    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.Endpoint]:
        """List all endpoints.

        Args:
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.Endpoint, limit=limit, token=token)

    @operation("update_webhook_endpoint", "PATCH", "/v3/webhooks/endpoints/{endpoint_id}")
    async def update(
        self,
        endpoint_id: str,
        *,
        url: str | UnsetType | None = UNSET,
        events: Sequence[models.EventName] | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.Endpoint:
        """Change an endpoint: its URL, its list of types, or both; HeyGen refuses a request without a change.

        Args:
            endpoint_id: The id of the endpoint, from `webhooks.endpoints.list`.
            url: The new public `https` URL.
            events: The new list of types, which replaces the old one; None for all types.
            idempotency_key: Sent as `Idempotency-Key`; a repeat is safe without it.
        """
        body = validation.keep_nulls({"url": url, "events": events})
        return await self._call(self.update, models.Endpoint, endpoint_id, body=body, key=idempotency_key)

    @operation("delete_webhook_endpoint", "DELETE", "/v3/webhooks/endpoints/{endpoint_id}")
    async def delete(self, endpoint_id: str, *, idempotency_key: str | None = None) -> dict[str, JSONValue]:
        """Delete an endpoint. The API does not document the response, which is mostly empty.

        Args:
            endpoint_id: The id of the endpoint, from `webhooks.endpoints.list`.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.
        """
        return await self._call(self.delete, dict[str, JSONValue], endpoint_id, key=idempotency_key)

    @operation(
        "rotate_webhook_endpoint_secret",
        "POST",
        "/v3/webhooks/endpoints/{endpoint_id}/rotate-secret",
        idempotency="header",
    )
    async def rotate_secret(
        self,
        endpoint_id: str,
        *,
        receiver: WebhookReceiver | None = None,
        grace: float = 86_400.0,
        idempotency_key: str | None = None,
    ) -> models.RotatedSecret:
        """Create a new secret. Only this response contains it. HeyGen stops signing with the old one immediately.

        Args:
            endpoint_id: The id of the endpoint, from `webhooks.endpoints.list`.
            receiver: A receiver that gets the new secret and accepts the old one for `grace` seconds more, for events
                that are still in transit.
            grace: Seconds that `receiver` accepts the old secret; by default one day.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
        """
        rotated = await self._call(self.rotate_secret, models.RotatedSecret, endpoint_id, key=idempotency_key)
        if receiver is not None:
            receiver.add_secret(rotated.secret, grace=grace)
        return rotated


class Webhooks(Resource):
    """Webhooks. https://developers.heygen.com/docs/webhooks"""

    @property
    def endpoints(self) -> Endpoints:
        """The endpoints that HeyGen calls."""
        return Endpoints(self._transport)

    @operation("list_webhook_event_types", "GET", "/v3/webhooks/event-types")
    async def list_event_types(self) -> Sequence[models.EventType]:
        """Return all types of events."""
        return await self._call(self.list_event_types, list[models.EventType])

    @operation("list_webhook_events", "GET", "/v3/webhooks/events")
    def list_events(
        self,
        *,
        event_type: models.EventName | None = None,
        entity_id: str | None = None,
        limit: int | None = None,
        token: str | None = None,
    ) -> Pager[models.DeliveredEvent]:
        """List delivered events, newest first.

        Args:
            event_type: Only events of this type.
            entity_id: Only events about this object.
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(
            self.list_events,
            models.DeliveredEvent,
            limit=limit,
            token=token,
            event_type=event_type,
            entity_id=entity_id,
        )

    async def replay(
        self, receiver: WebhookReceiver, *, since: datetime | float, event_type: models.EventName | None = None
    ) -> int:
        """Pass the events that were delivered since a time to a receiver that was down, oldest first.

        The receiver ignores events that it has handled already.

        Args:
            receiver: The receiver.
            since: An aware datetime, or unix seconds.
            event_type: Only events of this type.

        Returns:
            The number of events.
        """
        start = since.timestamp() if isinstance(since, datetime) else since
        missed: list[models.DeliveredEvent] = []
        async for event in self.list_events(event_type=event_type, limit=100):
            if event.created is not None and event.created.timestamp() < start:
                break
            missed.append(event)
        for event in reversed(missed):
            await receiver.enqueue(build_event(msgspec.to_builtins(event), event.event_id, verified=True))
        return len(missed)
