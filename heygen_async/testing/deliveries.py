"""Webhook deliveries: signed, logged, and repeated until the endpoint responds with a 2xx status.

The end of every job and batch becomes an event. Each event is sent to the endpoints registered for its type, and to the
`callback_url` of its job.
"""

from __future__ import annotations

import asyncio
import hmac
import math
import time
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from logging import getLogger
from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec

from .events import CALLBACK_ONLY_KINDS, EVENT_TYPES, build_batch_event, build_job_event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .jobs import Job, State
    from .storage import Storage

__all__ = ["Deliveries"]

_log = getLogger(__name__)
_RESPONSE_SECONDS = 10.0  # that an endpoint has to respond
_RETRY_SECONDS = 86_400.0  # for which a delivery is repeated
_CLOCK_PRECISION = 0.001  # seconds
_MAX_PAUSE = 3600.0  # seconds between two attempts
_TIMESTAMP_TOLERANCE = 300.0  # seconds; HeyGen's advice to receivers
_KINDS_WITHOUT_BATCH_EVENTS = frozenset({"asset", "comparison"})


class Deliveries:
    """Sends the events of an emulator's jobs to webhook endpoints and callback URLs.

    Attributes:
        duplicate_share: The share of deliveries that are sent twice, from 0 to 1.
        forged_share: The share of deliveries with an additional copy that has a wrong signature, from 0 to 1.
        delivery_count: The number of requests that were sent.
        max_response_seconds: The longest time that an endpoint took to respond.
    """

    def __init__(self, state: State, storage: Storage) -> None:
        self.duplicate_share: float = 0.0
        self.forged_share: float = 0.0
        self.delivery_count: int = 0
        self.max_response_seconds: float = 0.0
        self._state = state
        self._storage = storage
        self._changed = asyncio.Event()
        self._clock_difference = 0.0  # between the emulator's clock and the event loop's
        self._tasks: set[asyncio.Task[Any]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._has_explained = False  # whether the log has the hint on the clock

    def follow_new(self, jobs: int, batches: int, body: Any) -> None:
        """Follow the jobs and batches that a request started.

        Args:
            jobs: The number of jobs before the request.
            batches: The number of batches before the request.
            body: The request's body; None for a request without one.
        """
        for job in map(self._state.jobs.__getitem__, _newest_ids(self._state.jobs, jobs)):
            self._follow(job, (job.request if job.request is not None else body) or {})
        for batch_id in _newest_ids(self._state.batches, batches):
            batch = self._state.batches[batch_id]
            if batch["kind"] not in _KINDS_WITHOUT_BATCH_EVENTS and (batch["callback_url"] or self._state.endpoints):
                self._start(self._report_batch(batch_id, batch))
        if body is not None:
            self.wake()

    def _follow(self, job: Job, request: Mapping[str, Any]) -> None:
        address = request.get("callback_url")
        address = address if isinstance(address, str) else None  # v1 and v2 have no schema that demands it
        if job.kind in EVENT_TYPES and (address or (self._state.endpoints and job.kind not in CALLBACK_ONLY_KINDS)):
            self._start(self._report_job(job, address, request.get("callback_id")))

    def wake_after_jump(self) -> None:
        """Recompute the time until the end of each job if the clock was advanced since the last call."""
        difference = self._state.now() - asyncio.get_running_loop().time()
        if abs(difference - self._clock_difference) > _CLOCK_PRECISION:
            self._clock_difference = difference
            self.wake()

    def wake(self) -> None:
        """Recompute the time until the end of each job, after a change of the clock or of a job."""
        if self._tasks:
            self._changed.set()
            self._changed = asyncio.Event()

    async def _report_job(self, job: Job, address: str | None, callback_id: str | None) -> None:
        await self._wait_for_end(lambda: self._state.end_time(job))
        type, data = build_job_event(job, callback_id, self._state, self._storage)
        if job.kind not in CALLBACK_ONLY_KINDS:
            self.emit(type, data, entity_id=job.id)
        if address:
            self._call_back(address, type, data)

    async def _report_batch(self, batch_id: str, batch: dict[str, Any]) -> None:
        items = [self._state.jobs[id] for id in batch["ids"]]
        await self._wait_for_end(lambda: max(self._state.end_time(job) for job in items))
        type, data = build_batch_event(batch_id)
        self.emit(type, data, entity_id=batch_id)
        if batch["callback_url"]:
            self._call_back(batch["callback_url"], type, data)

    async def _wait_for_end(self, end_time: Callable[[], float]) -> None:
        """Wait until the emulator's clock reaches a time; both may change meanwhile."""
        while (left := end_time() - self._state.now()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), None if math.isinf(left) else left)

    def _call_back(self, address: str, event_type: str, event_data: dict[str, Any]) -> None:
        body = msgspec.json.encode({"event_type": event_type, "event_data": event_data})
        self._start(self._deliver(address, body, None, self._state.new_id("evt")))

    def emit(self, event_type: str, event_data: dict[str, Any], *, entity_id: str | None = None) -> str:
        """Log an event and deliver it to the matching endpoints; return its id."""
        id = self._state.new_id("evt")
        created_at = datetime.fromtimestamp(self._state.now(), UTC).isoformat()
        event = {"event_id": id, "event_type": event_type, "event_data": event_data, "created_at": created_at}
        self._state.events.append({**event, "entity_id": entity_id})
        body = msgspec.json.encode({"event_type": event_type, "event_data": event_data})
        for endpoint in list(self._state.endpoints.values()):
            if endpoint["events"] is not None and event_type not in endpoint["events"]:
                continue
            if endpoint["entity_id"] not in {None, entity_id}:
                continue
            for _ in range(2 if self._state.random.random() < self.duplicate_share else 1):
                self._start(self._deliver(endpoint["url"], body, endpoint["endpoint_id"], id))
            if self._state.random.random() < self.forged_share:
                headers = self._headers("whsec_of_another_account", body, self._state.new_id("forged"))
                self._start(self._send(endpoint["url"], body, headers))
        return id

    def _headers(self, secret: str, body: bytes, id: str) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "Heygen-Signature": hmac.digest(secret.encode(), body, "sha256").hex(),
            "Heygen-Timestamp": str(int(self._state.now())),
            "Heygen-Event-Id": id,
        }

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, url: str, body: bytes, endpoint_id: str | None, id: str) -> None:
        """Send a delivery until it is accepted: with growing pauses, for at most a day."""
        end, pause = self._state.now() + _RETRY_SECONDS, 1.0
        while self._state.now() < end:
            headers = {"Content-Type": "application/json"}
            if endpoint_id is not None:
                endpoint = self._state.endpoints.get(endpoint_id)
                if endpoint is None:
                    return
                headers = self._headers(endpoint["secret"], body, id)
            if await self._send(url, body, headers):
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, _MAX_PAUSE)

    async def _send(self, url: str, body: bytes, headers: dict[str, str]) -> bool:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_RESPONSE_SECONDS))
        self.delivery_count += 1
        start = self._state.now()
        try:
            async with self._session.post(url, data=body, headers=headers) as response:
                self._explain(response.status, url)
                return response.status < 300
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
        finally:
            self.max_response_seconds = max(self.max_response_seconds, self._state.now() - start)

    def _explain(self, status: int, url: str) -> None:
        """Write a hint to the log, once, if an endpoint seems to reject deliveries for the turned clock."""
        ahead = self._state.now() - time.time()
        if status != 401 or ahead <= _TIMESTAMP_TOLERANCE or self._has_explained:
            return
        self._has_explained = True
        message = (
            "%s responded with 401. The clock of the local HeyGen is %.0f s ahead of the system's, and receivers reject "
            "such timestamps. Pass its clock to the receiver: WebhookReceiver(…, clock=api.clock.time)."
        )
        _log.warning(message, url, ahead, extra={"is_hint": True})

    async def stop(self) -> None:
        """Cancel every delivery."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None


def _newest_ids(table: dict[str, Any], count_before: int) -> list[str]:
    """Return the ids that were added to a dictionary since it had `count_before` entries, oldest first."""
    return list(islice(reversed(table), len(table) - count_before))[::-1]
