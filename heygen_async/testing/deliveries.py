"""Webhooks, as HeyGen calls them: signed, logged, and delivered again until they are taken."""

from __future__ import annotations

import asyncio
import hmac
import math
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec

from .events import TYPES, UNLISTED, of_batch, of_job

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .state import Job, State
    from .storage import Storage

__all__ = ["Deliveries"]

_WITHIN = 10.0  # seconds for an answer
_FOR = 86_400.0  # seconds of trying
_LONGEST = 3600.0  # seconds between two tries


class Deliveries:
    """What happens to the world is told to its endpoints, and to the `callback_url` of a job.

    `duplicated` and `forged` are the shares of deliveries that come twice, and beside which one comes that somebody
    else signed; `sent` counts all, and `slowest` is the longest time, in seconds, that an answer took.
    """

    def __init__(self, state: State, storage: Storage) -> None:
        self.duplicate_share: float = 0.0
        self.forged_share: float = 0.0
        self.delivery_count: int = 0
        self.max_response_seconds: float = 0.0
        self._state = state
        self._storage = storage
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._session: aiohttp.ClientSession | None = None

    def watch_new(self, jobs: int, batches: int, body: Any) -> None:
        """Tell of the ends of what a request began, when they come: of all but the first so many jobs and batches."""
        for job in islice(self._state.jobs.values(), jobs, None):
            self._watch(job, (job.asked if job.asked is not None else body) or {})
        for batch_id, batch in islice(self._state.batches.items(), batches, None):
            if batch["kind"] != "asset" and (batch["callback_url"] or self._state.endpoints):
                self._begin(self._batch_told(batch_id, batch))
        if body is not None:
            self.look()

    def _watch(self, job: Job, asked: Mapping[str, Any]) -> None:
        address = asked.get("callback_url")
        if job.kind in TYPES and (address or (self._state.endpoints and job.kind not in UNLISTED)):
            self._begin(self._told(job, address, asked.get("callback_id")))

    def look(self) -> None:
        """The clock was turned, or a job goes another way than it did."""
        if self._tasks:
            self._news.set()
            self._news = asyncio.Event()

    async def _told(self, job: Job, address: str | None, callback_id: str | None) -> None:
        await self._over(lambda: self._state.ends(job))
        type, data = of_job(job, callback_id, self._state, self._storage)
        if job.kind not in UNLISTED:
            self.emit(type, data, entity_id=job.id)
        if address:
            self._call_back(address, type, data)

    async def _batch_told(self, batch_id: str, batch: dict[str, Any]) -> None:
        items = [self._state.jobs[id] for id in batch["ids"]]
        await self._over(lambda: max(self._state.ends(job) for job in items))
        type, data = of_batch(batch_id)
        self.emit(type, data, entity_id=batch_id)
        if batch["callback_url"]:
            self._call_back(batch["callback_url"], type, data)

    async def _over(self, ends: Callable[[], float]) -> None:
        """Until an end has come, wherever it moves meanwhile."""
        while (left := ends() - self._state.now()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), None if math.isinf(left) else left)

    def _call_back(self, address: str, event_type: str, event_data: dict[str, Any]) -> None:
        body = msgspec.json.encode({"event_type": event_type, "event_data": event_data})
        self._begin(self._deliver(address, body, None, self._state.new_id("evt")))

    def emit(self, event_type: str, event_data: dict[str, Any], *, entity_id: str | None = None) -> str:
        """Something happened: it is logged, and delivered to every endpoint that wants such events of such a thing."""
        id = self._state.new_id("evt")
        made = datetime.fromtimestamp(self._state.now(), UTC).isoformat()
        event = {"event_id": id, "event_type": event_type, "event_data": event_data, "created_at": made}
        self._state.events.append({**event, "entity_id": entity_id})
        body = msgspec.json.encode({"event_type": event_type, "event_data": event_data})
        for endpoint in list(self._state.endpoints.values()):
            if endpoint["events"] is not None and event_type not in endpoint["events"]:
                continue
            if endpoint["entity_id"] not in {None, entity_id}:
                continue
            for _ in range(2 if self._state.random.random() < self.duplicate_share else 1):
                self._begin(self._deliver(endpoint["url"], body, endpoint["endpoint_id"], id))
            if self._state.random.random() < self.forged_share:
                headers = self._headers("whsec_of_somebody_else", body, self._state.new_id("forged"))
                self._begin(self._taken(endpoint["url"], body, headers))
        return id

    def _headers(self, secret: str, body: bytes, id: str) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "Heygen-Signature": hmac.digest(secret.encode(), body, "sha256").hex(),
            "Heygen-Timestamp": str(int(self._state.now())),
            "Heygen-Event-Id": id,
        }

    def _begin(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, url: str, body: bytes, endpoint_id: str | None, id: str) -> None:
        """Until it is taken, with growing pauses, for a day at most."""
        end, pause = self._state.now() + _FOR, 1.0
        while self._state.now() < end:
            headers = {"Content-Type": "application/json"}
            if endpoint_id is not None:
                endpoint = self._state.endpoints.get(endpoint_id)
                if endpoint is None:
                    return
                headers = self._headers(endpoint["secret"], body, id)
            if await self._taken(url, body, headers):
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST)

    async def _taken(self, url: str, body: bytes, headers: dict[str, str]) -> bool:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_WITHIN))
        self.delivery_count += 1
        began = self._state.now()
        try:
            async with self._session.post(url, data=body, headers=headers) as answer:
                return answer.status < 300
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
        finally:
            self.max_response_seconds = max(self.max_response_seconds, self._state.now() - began)

    async def stop(self) -> None:
        """Deliver nothing any more."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None
