"""Webhooks: HeyGen calls your program when an event occurs.

* `signature`: `verify` checks that HeyGen signed a delivery.
* `events`: `parse` turns a delivery into a typed event.
* `event_stores`: stores of handled events, in memory, SQLite or Redis, so that a repeated delivery is handled once.
* `event_handlers`: runs the handlers of an event once, with retries.
* `event_queue`: the queue of acknowledged events and its workers.
* `receiver`: `WebhookReceiver`, which joins all of these into an endpoint.
* `http_adapters`: the receiver as an ASGI application and as an aiohttp handler.

A delivery passes `http_adapters`, `receiver`, `signature`, `events`, `event_queue`, `event_handlers`, in this order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .event_stores import (
        EventStore as EventStore,
        MemoryEventStore as MemoryEventStore,
        RedisEventStore as RedisEventStore,
        SQLiteEventStore as SQLiteEventStore,
    )
    from .events import parse as parse
    from .receiver import WebhookReceiver as WebhookReceiver
    from .signature import verify as verify
else:
    from .._lazy import lazy_exports

    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "signature": "verify",
            "events": "parse",
            "event_stores": "EventStore MemoryEventStore SQLiteEventStore RedisEventStore",
            "receiver": "WebhookReceiver",
        },
    )
