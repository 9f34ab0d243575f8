"""When jobs are looked at: one lookout for all waits of a client on one kind of job.

Ten thousand tasks may wait, and each knows only its own job. If each looked for itself, that would be ten thousand
requests a look. So they all stand in one queue, ordered by when each is due by its own backoff. When the first of them
is due, it takes along those that would be due soon anyway (a job may be looked at early by half its pause), and up to a
hundred share one bulk request. Nobody's task runs for it: a job that goes on is put back into the queue; a waiter is
woken when its job has ended, to fetch it, or when it wants to hear of every look.

The bulk answer is a hint, never a verdict. Whatever is not plainly going on (an end, an unknown state, an id that it
does not find) is settled by a look at the job itself. Where the API has no bulk operation, or refuses it, every look is
such a look. All looks of a client stand in its `PollLimiter`, so they go out one after the other while the API is strict, and
side by side while it keeps up.
"""

from __future__ import annotations

import asyncio
import itertools
import math
from heapq import heapify, heappop, heappush
from typing import Any, Literal, TypeAlias, cast

from .. import errors
from .._http.backoff import Backoff
from .._http.transport import Transport
from ..types.batches import MAX_IDS, JobStatus
from .kinds import JobKind

_GOING = frozenset({"queued", "pending", "waiting", "processing", "running"})
_SETTLED = frozenset({"completed", "failed", "not_found"})
_EXACT = 0.001  # seconds; a timer may come that much too early
#: What a look may fail with in passing: it costs the wait nothing but time.
PASSING = (errors.APIConnectionError, errors.RateLimitError, errors.ServerError, errors.DecodeError)


#: What one who waits is told: its time for a look of its own, what a shared look showed, or that its deadline has come.
Told: TypeAlias = JobStatus | Literal["late"] | None


class PollEntry:
    """One job that is waited for: when it is due, how long its pauses are, and what it has been through."""

    __slots__ = (
        "_failures", "_step", "alone", "answer", "at", "deadline", "doubted", "flying", "id", "lookout", "poll_count",
        "pause", "poll", "reached", "settling", "transport", "trouble", "unknown", "wants_news", "woken",
    )  # fmt: skip

    def __init__(self, transport: Transport, deadline: float, *, wants_news: bool) -> None:
        self.transport: Transport = transport
        self.id: str = ""
        self.deadline: float = deadline
        self.wants_news: bool = wants_news  # whether to be told of looks at which the job went on
        self.answer: asyncio.Future[Told] | None = None
        self.at: float | None = None  # its only valid place in the queue
        self.flying: bool = False  # whether a shared look at it is under way
        self.woken: bool = False  # whether an event asks for a look at once
        self.poll_count: int = 0
        self.reached: bool = False  # whether HeyGen answered any look
        self.trouble: errors.HeyGenError | None = None  # what the last failed look met

    def begin(self, lookout: Poller, id: str, poll: Backoff, *, new: bool) -> None:
        """Watch this from now on; a `new` job, which cannot have ended yet, is given a first pause."""
        self.lookout: Poller = lookout
        self.id = id
        self.poll: Backoff = poll
        self.alone: bool = False  # whether the bulk operation is of no use for it
        self.settling: bool = False  # whether a shared look told what a look of its own has to settle
        self.doubted: bool = False  # whether the bulk operation did not find it
        self.unknown: str | None = None  # a bulk state that ends nothing, as a look has shown
        self.pause: float = 0.0
        self._step = self._failures = 0
        if new:
            self.went_on()
            left = self.deadline - asyncio.get_running_loop().time()
            self.pause = min(self.pause, left / 2)  # so that the shortest wait sees it once

    def wake(self) -> None:
        """An event came: look at once."""
        self.lookout.wake(self)

    def went_on(self) -> None:
        """A look showed that it goes on: the next one comes after the next, longer pause."""
        self.pause = self.poll.delay(self._step)
        self._step += 1
        self._failures = 0
        self.settling = False

    def went_wrong(self, error: errors.HeyGenError) -> None:
        """A look failed in passing: the next comes soon while the client's retry budget affords it, else as ever."""
        self.trouble = error
        self.pause = self.poll.delay(self._step)
        self._failures += 1
        if self.transport.shared_state.retry_budget.spend():
            self.pause = min(self.pause, self.transport.options.retry.delay(self._failures))
        self.pause = max(self.pause, getattr(error, "retry_after", None) or 0.0)


class Poller:
    """The queue of those who wait for one kind of job."""

    def __init__(self, kind: JobKind[Any]) -> None:
        self._kind = kind
        self._queue: list[tuple[float, int, PollEntry]] = []
        self._numbers = itertools.count()
        self._waiting = 0
        self._timer: asyncio.Handle | None = None
        self._timer_at = math.inf
        self._flights: set[asyncio.Task[None]] = set()
        self._shares = kind.bulk_endpoint is not None

    async def next(self, watched: PollEntry) -> JobStatus | None:
        """Wait until there is something to do for this one: a look of its own, or (a status) to hear of a shared one.

        Raises:
            TimeoutError: Its deadline has come.
        """
        loop = asyncio.get_running_loop()
        if watched.woken:
            watched.woken = False
            return None
        answer = watched.answer = loop.create_future()
        self._waiting += 1
        self._put(watched, loop.time() + watched.pause)
        try:
            told = await answer
        finally:
            watched.answer = watched.at = None
            watched.flying = False
            self._waiting -= 1
            if not self._waiting:
                await self._rest()
        if told == "late":
            raise TimeoutError
        return cast("JobStatus | None", told)

    def wake(self, watched: PollEntry) -> None:
        """An event came: look at it at once."""
        watched.woken = watched.answer is None or watched.answer.done()
        self._tell(watched, None)

    async def _rest(self) -> None:
        """Nobody waits any more: leave no timer and no request behind."""
        self._queue.clear()
        self._set_timer()
        under_way = [flight for flight in self._flights if not flight.done()]
        for flight in under_way:
            flight.cancel()
        if under_way:
            await asyncio.wait(under_way)

    def _put(self, watched: PollEntry, at: float) -> None:
        if len(self._queue) > 2 * self._waiting + MAX_IDS:  # mostly places that nobody stands in any more
            self._queue = [place for place in self._queue if place[2].at == place[0]]
            heapify(self._queue)
        watched.at = min(at, watched.deadline)
        heappush(self._queue, (watched.at, next(self._numbers), watched))
        self._set_timer()

    def _set_timer(self) -> None:
        """Call when the first is due. (Not every loop's timers know when they are.)"""
        at = self._queue[0][0] if self._queue else math.inf
        if at == self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(at, self._due) if self._queue else None
        self._timer_at = at

    def _due(self) -> None:
        """Somebody's time has come."""
        self._timer, self._timer_at = None, math.inf
        now = asyncio.get_running_loop().time() + _EXACT
        ready: list[PollEntry] = []
        while self._queue and self._queue[0][0] <= now:
            at, _, watched = heappop(self._queue)
            if watched.at != at:
                continue  # it was put elsewhere meanwhile
            if now >= watched.deadline:
                self._tell(watched, "late")
            elif watched.alone or watched.settling or not self._shares:
                self._tell(watched, None)
            else:
                ready.append(watched)
        if ready:
            self._look_together(ready, now)
        self._set_timer()

    def _look_together(self, ready: list[PollEntry], now: float) -> None:
        """Send the ready ones off by the hundred, the last hundred filled up with those that are due soon."""
        together: dict[str, list[PollEntry]] = {}
        for watched in ready:
            together.setdefault(watched.id, []).append(watched)
        while self._queue and len(together) % MAX_IDS:
            at, _, watched = self._queue[0]
            if watched.at == at:
                if watched.alone or watched.settling or at - watched.pause / 2 > now:
                    break
                together.setdefault(watched.id, []).append(watched)
            heappop(self._queue)
        if len(together) == 1:
            for watched in next(iter(together.values())):
                self._tell(watched, None)
            return
        ids = list(together)
        for start in range(0, len(ids), MAX_IDS):
            some = {id: together[id] for id in ids[start : start + MAX_IDS]}
            for watched in itertools.chain(*some.values()):
                watched.flying = True
                watched.at = None
            flight = asyncio.get_running_loop().create_task(self._fly(some))
            self._flights.add(flight)
            flight.add_done_callback(self._flights.discard)

    async def _fly(self, some: dict[str, list[PollEntry]]) -> None:
        """One bulk look, and what it means for each of those who share it."""
        everybody = [watched for several in some.values() for watched in several]
        transport, loop = everybody[0].transport, asyncio.get_running_loop()
        timer: asyncio.TimerHandle | None = None

        def watch_deadlines() -> None:
            nonlocal timer
            now = loop.time() + _EXACT
            for watched in everybody:
                if watched.flying and watched.deadline <= now:
                    self._tell(watched, "late")
            left = [watched.deadline for watched in everybody if watched.flying]
            timer = loop.call_at(min(left), watch_deadlines) if left else None

        watch_deadlines()
        try:
            found = await transport.shared_state.poll_limiter.run(lambda: self._ask(transport, some), priority=True)
        except PASSING as error:
            for watched in everybody:
                if watched.flying:
                    watched.went_wrong(error)
                    self._land(watched)
        except errors.HeyGenError as error:
            self._shares = self._shares and not isinstance(error, errors.NotFoundError | errors.PermissionDeniedError)
            for watched in everybody:  # a look of its own tells each what is wrong, if anything is
                watched.alone = True
                self._tell(watched, None)
        except Exception as bug:  # noqa: BLE001  a waiter must not wait for ever
            for watched in everybody:
                if watched.flying and watched.answer is not None and not watched.answer.done():
                    watched.answer.set_exception(bug)
        else:
            for id, several in some.items():
                for watched in several:
                    if watched.flying:
                        self._take(watched, found.get(id))
        finally:
            if timer is not None:
                timer.cancel()

    async def _ask(self, transport: Transport, some: dict[str, list[PollEntry]]) -> dict[str | None, JobStatus]:
        """The bulk request, for those who still wait when its turn has come."""
        there = {id: left for id, several in some.items() if (left := [one for one in several if one.flying])}
        if self._kind.bulk_endpoint is None or not there:
            return {}
        for watched in itertools.chain(*there.values()):
            watched.poll_count += 1
        query = {self._kind.bulk_id_parameter: list(there)}
        found = await transport.call(self._kind.bulk_endpoint, list[JobStatus], query=query)
        return {status.video_id: status for status in found}

    def _take(self, watched: PollEntry, status: JobStatus | None) -> None:
        """What a shared look showed of this one."""
        watched.reached = True
        state = "not_found" if status is None else str(status.status)
        if state in _GOING or state == watched.unknown:
            watched.went_on()
            if watched.wants_news:
                self._tell(watched, status)
            else:
                self._land(watched)
            return
        if self._kind.endpoint is self._kind.bulk_endpoint and state in _SETTLED and state != "not_found":
            self._tell(watched, status)  # no other look could say it better
            return
        watched.settling = True
        watched.doubted = state == "not_found"
        watched.unknown = None if state in _SETTLED else state
        self._tell(watched, None)

    def _land(self, watched: PollEntry) -> None:
        watched.flying = False
        self._put(watched, asyncio.get_running_loop().time() + watched.pause)

    def _tell(self, watched: PollEntry, told: Told) -> None:
        if watched.answer is not None and not watched.answer.done():
            watched.answer.set_result(told)
            watched.at = None
            watched.flying = False
