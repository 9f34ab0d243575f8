"""What a hostile response costs a client in a process of its own: its memory, and the pauses of its event loop."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from endless_api import CHUNKED, GZIP, JSON, bomb, endless_api, endless_head, response

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="/proc shows the memory of a process"),
]

#: The MiB of the limits of a soak run, which meets every case and measures the pauses. Otherwise a test meets a few.
SIZE = os.environ.get("HEYGEN_ASYNC_LIMITS")
LIMIT = int(SIZE or 8) << 20
MAX_GROWTH = 2.2 * LIMIT
MAX_PAUSE = 0.05  # seconds; twice as much for a body that is decoded whole
STREAM = b"Content-Type: text/event-stream\r\n"
CREATED = b'{"data": {"video_id": "v_1", "title": "'


def page(item: bytes, size: int) -> bytes:
    """Return a page of items of about this size."""
    return b'{"data": [%b]}' % b", ".join([item] * (size // (len(item) + 2)))


def whole(body: bytes, *head: bytes, status: bytes = b"200 OK") -> Iterator[bytes]:
    return response(*head, b"Content-Length: %d\r\n" % len(body), status=status, begin=body)


SMALL: dict[str, Callable[[], Iterator[bytes]]] = {
    "small": lambda: whole(b'{"data": []}'),
    "small error": lambda: whole(b"{}", status=b"500 Bad"),
    "stream small": lambda: whole(b"event: end\ndata: a\n\n", STREAM),
    "create small": lambda: whole(CREATED + b'"}}'),
}
HOSTILE: dict[str, Callable[[], Iterator[bytes]]] = {
    "a bomb": lambda: response(JSON, GZIP, begin=bomb((2048 if SIZE else 64) << 20), repeat=b"\0"),
    "stream line": lambda: response(STREAM, begin=b"data: ", repeat=b"a"),
    "an endless body": lambda: response(JSON, repeat=b"a"),
    "a body of tiny chunks": lambda: response(JSON, CHUNKED, repeat=b"2\r\naa\r\n"),
    "an endless line of the head": lambda: iter([b"HTTP/1.1 200 OK\r\nX-A: ", *[b"a" * 65_536] * 4_000]),
    "an endless head": lambda: endless_head(b"X-A: a\r\n"),
    "create": lambda: response(JSON, begin=CREATED, repeat=b'"id":"a",'),
    "stream event": lambda: response(STREAM, repeat=b"data: a\n"),
    "stream of empty lines": lambda: response(STREAM, repeat=b"data\r"),
    "stream bomb": lambda: response(STREAM, GZIP, begin=bomb((2048 if SIZE else 64) << 20), repeat=b"\0"),
}
LARGE: dict[str, Callable[[], Iterator[bytes]]] = {
    "a page": lambda: whole(page(b'{"voice_id": "v_1", "name": "A voice", "language": "English"}', LIMIT), JSON),
    "a page of another form": lambda: whole(page(b'{"voice_id": 5, "name": ["A voice"]}', LIMIT), JSON),
    "text": lambda: whole(b"a" * LIMIT, JSON),
}
SERVER_ERROR = {"an endless error": lambda: response(status=b"500 Bad", repeat=b"<title>")}
CASES = [*HOSTILE, *SERVER_ERROR, *LARGE] if SIZE else [*HOSTILE][:2]


async def cost(case: str) -> dict[str, float]:
    """Let a client meet the response of this case."""
    makers = SMALL | HOSTILE | SERVER_ERROR | LARGE
    async with endless_api() as (api, _):

        def make() -> Iterator[bytes]:
            (name,) = re.findall(rb"X-Case: (.*?)\r\n", api.requests[-1])
            return makers[name.decode()]()

        api.make = make
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(Path(__file__).parent.parent / "endless_client.py"), api.url, case, str(LIMIT),
            stdout=subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        return json.loads(out)


@pytest.mark.parametrize("case", CASES)
async def test_a_hostile_response_costs_little(case: str) -> None:
    found = await cost(case)
    print(f"{case}: {found['error']}, {found['growth'] / LIMIT:.2f} limits, a pause of {found['pause'] * 1000:.0f} ms")
    if case not in LARGE:
        assert found["error"] == ("ServerError" if case in SERVER_ERROR else "ResponseTooLargeError")
        assert found["growth"] <= MAX_GROWTH
    if SIZE:
        assert found["pause"] <= MAX_PAUSE * (2 if case in LARGE else 1)
