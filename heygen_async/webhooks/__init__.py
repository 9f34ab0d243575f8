"""Webhooks: checking signatures, reading events, receiving them once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .event_stores import (
        EventStore as EventStore,
        MemoryEventStore as MemoryEventStore,
        RedisEventStore as RedisEventStore,
        SQLiteEventStore as SQLiteEventStore,
    )
    from .receiver import WebhookReceiver as WebhookReceiver
    from .signature import parse as parse, verify as verify
else:
    from .._lazy import lazy_exports

    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "signature": "verify parse",
            "event_stores": "EventStore MemoryEventStore SQLiteEventStore RedisEventStore",
            "receiver": "WebhookReceiver",
        },
    )
