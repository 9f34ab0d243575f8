"""Webhooks: HeyGen calls your program when an event occurs.

```python
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.routing import Route

from heygen_async import AsyncHeyGen, WebhookReceiver
from heygen_async.types.webhooks import VideoSuccessEvent
from heygen_async.webhooks.event_stores import SQLiteEventStore


def app_of(secret: str) -> FastAPI:
    event_store = SQLiteEventStore("events.db")
    receiver = WebhookReceiver(secret, event_store=event_store)
    heygen = AsyncHeyGen(events=receiver)

    @receiver.on("avatar_video.success")
    async def on_success(event: VideoSuccessEvent) -> None:
        video = await heygen.wait_for_video(event.event_data.video_id or "")
        await heygen.download(video, Path("videos") / f"{video.id}.mp4", overwrite=True)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, AsyncHeyGen]]:
        async with aclosing(event_store), heygen, receiver:  # closed in the opposite order, the receiver first
            yield {"heygen": heygen}

    return FastAPI(lifespan=lifespan, routes=[Route("/webhooks/heygen", receiver)])
```

A `WebhookReceiver` is the endpoint that HeyGen calls. It verifies signatures, responds before its handlers run, and
retries a failed handler.

| framework | endpoint |
|---|---|
| FastAPI, Starlette | `Route("/webhooks/heygen", receiver)`, or `add_route`; `mount` redirects the path itself |
| aiohttp | `app.router.add_route("*", "/webhooks/heygen", receiver.aiohttp_handler)` |
| any other | `verify` and `parse`, the receiver's first two steps |

* **Secret.** `await heygen.webhooks.endpoints.create(url=…, events=[…])` registers the endpoint and returns its
  `secret`. A program that registers its endpoint at its start creates `WebhookReceiver(None)` and passes the secret to
  `add_secret`. Until then the receiver accepts unsigned events and marks them as not verified.
* **Handlers.** A handler may be called again after a failure, so it must be able to repeat its work. The example
  downloads with `overwrite=True` for that reason.
* **Lifespan.** Open and close the receiver in the app's lifespan. Closing handles all acknowledged events first;
  `aclose(timeout=)` returns those that are left. A process that ends without closing loses them, unless
  `acknowledge="after_handlers"` responds only after the handlers.
* **Repeats.** The receiver recognises repeated deliveries by their id and, for a day, by their signed body. It
  remembers them in memory, or with `SQLiteEventStore` and `RedisEventStore` of `event_stores`. A store that cannot be
  used is an error when the receiver starts. When it fails later, HeyGen gets a 503 and delivers again.
* **Waits.** Pass the receiver to a client as `events`, and an event wakes the waits for its job, which then poll
  rarely. An event wakes only the process that receives it. The waits of other workers learn of the end at their next
  poll.
* **Missed events.** `heygen.webhooks.replay` passes events that were delivered while the receiver was down.
* **Tests.** The local HeyGen delivers signed events to your endpoint; see `heygen_async.testing`. Its clock may be
  ahead of the system's, by the seconds of each wait with autojump. A receiver rejects timestamps that differ by more
  than 300 s, so pass that clock: `WebhookReceiver(secret, clock=api.clock.time)`.

Files of the package
--------------------

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
