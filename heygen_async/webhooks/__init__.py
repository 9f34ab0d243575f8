"""Webhooks: HeyGen calls your program when an event occurs.

* `signature`: `verify` checks that HeyGen signed a delivery.
* `events`: `parse` turns a delivery into a typed event.
* `event_stores`: stores of handled events, in memory, SQLite or Redis, so that a repeated delivery is handled once.
* `sqlite_file`: the file of the SQLite store, written in groups.
* `time_limits`: a time limit whose timer starts at the first wait.
* `event_claims`: claims a delivery in the store, within a time limit, and records that its event was handled.
* `event_handlers`: runs the handlers of an event, each with its time limit and retries.
* `event_queue`: the queue of claimed events and its workers.
* `receiver`: `WebhookReceiver`, which joins all of these into an endpoint.
* `http_adapters`: the receiver as an ASGI application and as an aiohttp handler.

A delivery passes `http_adapters`, `receiver`, `signature`, `events`, `event_claims`, `event_queue`, `event_handlers`,
in this order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .event_stores import (
        Claim as Claim,
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
            "event_stores": "Claim EventStore MemoryEventStore SQLiteEventStore RedisEventStore",
            "receiver": "WebhookReceiver",
        },
    )
