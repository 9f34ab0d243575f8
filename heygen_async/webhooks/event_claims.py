"""Deliveries and their claims: a delivery is claimed in the event store before it is acknowledged.

The problem: a store may be locked, full, read-only or silent at any moment, and HeyGen does not repeat a delivery that
was acknowledged. So the claim comes first: without it, HeyGen gets a 503 and delivers again.

Invariants:

* Each call of the store ends within `STORE_SECONDS`, with retries. A claim whose outcome is unknown is released.
* An event that was handled is never handled again in this process, also when the store could not record it. It is
  recorded as soon as the store works again.
* A claim that the store could not release is taken up by the next delivery of its event in this process.
* A claim is renewed before each attempt, so its lease needs to cover one attempt only.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Sequence
from itertools import count
from logging import getLogger
from math import inf
from typing import Any, TypeVar

import anyio

from .._http.backoff import Backoff
from .._http.retrying import retrying
from .._http.tasks import start_task
from ..errors import ConfigurationError
from ..types.webhooks import Event
from .event_stores import Claim, ClaimResult, EventStore, body_key, id_key
from .time_limits import within

T = TypeVar("T")

_log = getLogger("heygen_async.webhooks")

STORE_SECONDS = 5.0  # for a call of the store with its retries; HeyGen waits ten seconds for a response
RENEW_AFTER = 30.0  # seconds
_STORE_RETRY = Backoff(initial=0.05, maximum=1.0)
_CANCEL_SECONDS = 0.03  # that a cancelled task waits for the release of its claim
_MAX_REMEMBERED = 100_000  # keys that the store could not change
_MAX_SHOWN = 64  # characters of an id


class Delivery:
    """One event on its way through a receiver.

    Attributes:
        event: The event.
        claim: Its claim. Without keys, the event cannot be recognised, and every delivery of it is handled.
        claimed_at: The event loop's time of the claim or of its renewal; None without a claim.
        is_queued: Whether it is or was in the queue, so that it will be handled here.
        is_handled: Whether its handlers have succeeded.
        failure: Why it could not be claimed. A worker only reports it.
        result: Whether the event is done now; set at the end, if somebody waits for it.
    """

    __slots__ = ("claim", "claimed_at", "event", "failure", "is_handled", "is_queued", "result")

    def __init__(self, event: Event, claim: Claim) -> None:
        self.event: Event = event
        self.claim: Claim = claim
        self.claimed_at: float | None = None
        self.is_queued: bool = False
        self.is_handled: bool = False
        self.failure: Exception | None = None
        self.result: asyncio.Future[bool] | None = None

    def __str__(self) -> str:
        return event_name(self.event)

    def end(self, *, is_done: bool | None) -> None:
        """Set the result; None when it is unknown."""
        if self.result is not None and not self.result.done():
            if is_done is None:
                self.result.cancel()
            else:
                self.result.set_result(is_done)


class EventClaims:
    """The claims of one receiver in its event store.

    Args:
        store: The event store.
        lease: The seconds until a claim expires.
        dedupe_window: The seconds for which the body of a done event is remembered.
    """

    def __init__(self, store: EventStore, *, lease: float, dedupe_window: float) -> None:
        self._store = store
        self._lease = lease
        self._dedupe_window = dedupe_window
        self._owner = secrets.token_hex(8)
        self._numbers = count()
        self._unrecorded: dict[str, Claim] = {}  # by key; events that are done, which the store does not know
        self._unreleased: dict[str, str] = {}  # the owners of claims that the store may still hold, by key
        self._background: set[asyncio.Task[Any]] = set()
        self.is_open: bool = False

    def new_delivery(self, event: Event, body: bytes | None) -> Delivery:
        """Return the delivery of an event; `body` is what was delivered, or None for an event of HeyGen's log."""
        keys = {id_key(event.event_id): inf} if event.event_id else {}
        if body is not None and self._dedupe_window and event.job is not None:
            keys[body_key(body)] = self._dedupe_window
        owner = f"{self._owner}:{next(self._numbers)}"
        if self._unreleased:
            owner = next((self._unreleased[key] for key in keys if key in self._unreleased), owner)
        return Delivery(event, Claim(keys, owner, self._lease))

    async def open(self) -> None:
        """Open the store.

        Raises:
            ConfigurationError: The store cannot be used, or does not respond in time.
        """
        await within(STORE_SECONDS, self._store.open(), _silent)
        self.is_open = True

    async def acquire(self, delivery: Delivery) -> ClaimResult:
        """Claim the event of a delivery.

        Raises:
            Exception: The store's, when it failed in every attempt.
        """
        claim = delivery.claim
        if self._unrecorded and not self._unrecorded.keys().isdisjoint(claim.keys):
            return "done"
        delivery.claimed_at = asyncio.get_running_loop().time()
        if not claim.keys:
            return "new"
        try:
            result = await self._call(self._store.claim, claim)
        except BaseException:  # the store may have done it
            await self.release(delivery)
            raise
        if result != "new":
            delivery.claimed_at = None
        return result

    async def keep(self, delivery: Delivery) -> bool:
        """Renew a claim that is older than `RENEW_AFTER`. Return False if another process has the event now."""
        now = asyncio.get_running_loop().time()
        if now - (delivery.claimed_at or 0.0) < RENEW_AFTER or not delivery.claim.keys:
            return True
        try:
            is_ours = await self._call(self._store.claim, delivery.claim) == "new"
        except Exception as error:  # noqa: BLE001  a store may raise anything; the event is ours as far as we know
            _log.warning("The claim of the webhook event %s could not be renewed: %r", delivery, error)
            return True
        delivery.claimed_at = now if is_ours else None
        return is_ours

    async def finish(self, delivery: Delivery) -> None:
        """Record that the event was handled, now or as soon as the store works."""
        claim = delivery.claim
        delivery.is_handled, delivery.claimed_at = True, None
        if not claim.keys:
            return
        try:
            await self._call(self._store.mark_done, claim)
        except asyncio.CancelledError:
            self._unrecorded.update(dict.fromkeys(claim.keys, claim))
            await self._finish_briefly(self._record_all())
            raise
        except Exception as error:  # noqa: BLE001  a store may raise anything
            _log.error("The event store could not record that %s was handled. It is tried again: %r", delivery, error)
            self._unrecorded.update(dict.fromkeys(claim.keys, claim))
            _forget_oldest(self._unrecorded)
        else:
            if self._unrecorded and not self._background:
                self._start(self._record_all())

    async def release(self, *deliveries: Delivery) -> None:
        """Give up the claims; if the store fails, they expire."""
        held = [one for one in deliveries if one.claimed_at is not None and one.claim.keys]
        for delivery in held:
            delivery.claimed_at = None
        if held:
            await self._finish_briefly(self._release_all(held))

    async def aclose(self, timeout: float) -> None:
        """Record what could not be recorded before, and end the work in the background.

        Args:
            timeout: The maximum number of seconds; it takes no more than `STORE_SECONDS` anyway.
        """
        if self._unrecorded:
            self._start(self._record_all())
        if self._background:
            await asyncio.wait(set(self._background), timeout=min(timeout, STORE_SECONDS))
        if left := set(self._background):
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=_CANCEL_SECONDS)
        self.is_open = False

    async def _call(self, method: Callable[[Claim], Coroutine[Any, Any, T]], claim: Claim) -> T:
        """Call a method of the store, again after an error, until `STORE_SECONDS` have passed.

        Raises:
            Exception: The store's, of its last attempt, or a ConfigurationError if it did not respond.
        """
        errors: list[Exception] = []
        return await within(STORE_SECONDS, _attempt(method, claim, errors), lambda: errors[-1] if errors else _silent())

    async def _record_all(self) -> None:
        for claim in set(self._unrecorded.values()):
            await self._store.mark_done(claim)
            for key in claim.keys:
                self._unrecorded.pop(key, None)

    async def _release_all(self, deliveries: Sequence[Delivery]) -> None:
        owners = {key: delivery.claim.owner for delivery in deliveries for key in delivery.claim.keys}
        self._unreleased |= owners
        _forget_oldest(self._unreleased)
        await asyncio.gather(*(self._store.release(delivery.claim) for delivery in deliveries))
        for key in owners:
            self._unreleased.pop(key, None)

    def _start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[None]:
        async def run() -> None:
            try:
                await within(STORE_SECONDS, work, _silent)
            except Exception as error:  # noqa: BLE001  a store may raise anything
                _log.warning("The event store failed: %r", error)

        task = start_task(run())
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def _finish_briefly(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run the work in a task, and wait for it at most 30 ms, also in a cancelled task."""
        task = self._start(work)
        with anyio.CancelScope(shield=True):
            await asyncio.wait({task}, timeout=_CANCEL_SECONDS)


async def _attempt(method: Callable[[Claim], Coroutine[Any, Any, T]], claim: Claim, errors: list[Exception]) -> T:
    try:
        return await method(claim)
    except Exception as error:  # noqa: BLE001  a store may raise anything
        errors.append(error)
    attempts = retrying(_STORE_RETRY, deadline=asyncio.get_running_loop().time() + STORE_SECONDS)
    attempts.failed(errors[-1])
    async for _ in attempts:
        try:
            return await method(claim)
        except Exception as error:  # noqa: BLE001
            errors.append(error)
            attempts.failed(error)
    raise attempts.error


def _forget_oldest(by_key: dict[str, Any]) -> None:
    while len(by_key) > _MAX_REMEMBERED:
        del by_key[next(iter(by_key))]


def event_name(event: Event) -> str:
    """Return the name of an event for messages: the beginning of its id, or its type."""
    return (event.event_id or f"({event.event_type[:_MAX_SHOWN]}, without an id)")[:_MAX_SHOWN]


def _silent() -> ConfigurationError:
    return ConfigurationError(
        f"The event store did not respond within {STORE_SECONDS:g} s. Check that it is reachable."
    )
