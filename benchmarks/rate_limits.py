"""Measure many waits against an API that allows a number of requests a second, in simulated time.

Time is simulated: the event loop jumps to its next timer, and the API is a token bucket in this process that responds
after a fixed latency. So every figure is exact and the same on every machine. The jobs end between 5 and 25 s, one
after the other. A refused request has no effect, and is answered with `Retry-After: 1`.

The floor of a scenario is the time in which the API can pass the requests that were sent, and 5 s until the first end.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import selectors
import statistics
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from rows import Row
from waits import POLL, end_time, respond
from yarl import URL

from heygen_async import AsyncHeyGen

LATENCY = 0.005  # seconds
EARLIEST, SPREAD = 5.0, 20.0  # seconds until the first job ends, and from there to the last end
#: (waits, kind, requests a second, burst, maximum ratio to the floor, maximum median lateness, maximum refusals)
SCENARIOS = (
    (10_000, "video", 600.0, 120, 1.15, 2.0, 150),
    (10_000, "video", 600.0, 600, 1.15, 2.0, 150),
    (2_000, "render", 300.0, 60, 1.15, 3.0, 60),
)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(JumpingSelector(self))

    def time(self) -> float:
        return self.now


class JumpingSelector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    """A selector that waits for nothing."""

    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0 if timeout is not None else None)
        if not ready and timeout:
            self._loop.now += timeout
        return ready


class LimitedApi:
    """An API that passes `rate` requests a second, and `burst` at once. It stands in for an aiohttp session."""

    trust_env = False
    closed = False
    connector = None

    def __init__(self, rate: float, burst: int, latency: float) -> None:
        self.rate, self.burst, self.latency = rate, burst, latency
        self.allowance, self.time = float(burst), 0.0
        self.accepted = self.refused = 0

    async def request(self, method: str, url: URL, **_: object) -> Response:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self.latency / 2)
        now = loop.time()
        self.allowance = min(self.burst, self.allowance + (now - self.time) * self.rate)
        self.time = now
        is_refused = self.allowance < 1.0
        if is_refused:
            self.refused += 1
            body = b'{"error":{"code":"rate_limit_exceeded","message":"Too many requests."}}'
        else:
            self.allowance -= 1.0
            self.accepted += 1
            body = respond(f"GET {url.raw_path_qs} HTTP/1.1".encode(), now)
        await asyncio.sleep(self.latency / 2)
        return Response(method, 429 if is_refused else 200, body)


class Response:
    """The part of aiohttp's response that the client reads, complete with its content."""

    reason = ""

    def __init__(self, method: str, status: int, body: bytes) -> None:
        self.method, self.status, self._body = method, status, body
        self.headers = {"Content-Type": "application/json"} | ({"Retry-After": "1"} if status == 429 else {})
        self.content = self
        self.total_bytes = len(body)

    def read_nowait(self) -> bytes:
        body, self._body = self._body, b""
        return body

    async def readany(self) -> bytes:
        return self.read_nowait()

    def is_eof(self) -> bool:
        return True

    def at_eof(self) -> bool:
        return not self._body

    def release(self) -> None: ...

    def close(self) -> None: ...


class Result(msgspec.Struct):
    """The result of one scenario: times in seconds."""

    requests: int
    refused: int
    seconds: float
    floor: float
    median: float


async def run(api: LimitedApi, ids: list[str], wait: Callable[[str], Awaitable[object]]) -> Result:
    loop = asyncio.get_running_loop()
    late: list[float] = []

    async def one(id: str) -> None:
        await wait(id)
        late.append(loop.time() - end_time(id))

    await asyncio.gather(*map(one, ids))
    floor = api.accepted / api.rate + EARLIEST
    return Result(api.accepted, api.refused, loop.time(), floor, statistics.median(late))


async def run_client(api: LimitedApi, ids: list[str], kind: str) -> Result:
    """Wait with the client."""
    async with AsyncHeyGen("key", base_url="https://api.test", poll=POLL, session=api) as heygen:  # type: ignore[arg-type]
        method = heygen.wait_for_video if kind == "video" else heygen.wait_for_render
        return await run(api, ids, lambda job_id: method(job_id, timeout=600))


async def run_loops(api: LimitedApi, ids: list[str], _: str) -> Result:
    """Wait with a polling loop in each task, which sleeps for Retry-After when it is refused."""

    async def wait(id: str) -> None:
        for step in range(100_000):
            response = await api.request("GET", URL(f"http://api.test/v3/videos/{id}"))
            if response.status == 200 and json.loads(await response.readany())["data"]["status"] == "completed":
                return
            await asyncio.sleep(1.0 if response.status == 429 else POLL.delay(step))

    return await run(api, ids, wait)


def simulate(
    program: Callable[[LimitedApi, list[str], str], Awaitable[Result]],
    waits: int, kind: str, rate: float, burst: int, latency: float = LATENCY, spread: float = SPREAD,
) -> Result:  # fmt: skip
    """Run one scenario in simulated time."""
    random.seed(1)
    logging.disable()
    ids = [f"v_{EARLIEST + spread * number / waits:.4f}_{number}" for number in range(waits)]
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(program(LimitedApi(rate, burst, latency), ids, kind))  # type: ignore[arg-type]


def measure() -> list[Row]:
    """Return three rows a scenario: the time, the lateness and the refusals."""
    rows = []
    for waits, kind, rate, burst, ratio, lateness, refusals in SCENARIOS:
        own, loops = (simulate(program, waits, kind, rate, burst) for program in (run_client, run_loops))
        name = f"{waits:,} waits for a {kind}, {rate:.0f} requests/s allowed, burst of {burst}"
        other = "a polling loop in each task"
        rows += [
            Row(f"{name}: time", "s", own.floor, own.seconds, ratio, {other: loops.seconds}),
            Row(f"{name}: median lateness", "s", lateness, own.median, 1.0, {other: loops.median}),
            Row(f"{name}: refusals", "", refusals, own.refused, 1.0, {other: loops.refused}),
        ]
    return rows


if __name__ == "__main__":
    for row in measure():
        print(row.line())
