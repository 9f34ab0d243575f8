"""A client in a process of its own that meets one hostile response, and prints what it cost as JSON.

`python endless_client.py URL CASE LIMIT`: all limits are LIMIT bytes. `growth` is the highest resident size above that
before the request, in bytes. `pause` is the longest time in seconds for which the event loop's thread computed without
serving other tasks.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import sys
import time
from pathlib import Path

from heygen_async import AsyncHeyGen, HeyGenError, Limits
from heygen_async.types.videos import AvatarVideo


def resident(name: str) -> int:
    """Return the resident size in bytes: the present one (`VmRSS`), or the highest (`VmHWM`)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (size,) = re.findall(rf"{name}:\s+(\d+)", status)
    return int(size) << 10


async def call(client: AsyncHeyGen, case: str) -> str:
    try:
        if case.startswith("stream"):
            async for _ in client.avatar_realtime.words("stream_1"):
                pass
        elif case.startswith("create"):
            await client.videos.create(AvatarVideo(avatar_id="avatar_1", script="Hello there."))
        else:
            await client.voices.list()
    except HeyGenError as error:
        return type(error).__name__
    return "no error"


async def longest_pause() -> float:
    """Return the longest CPU time of this thread between two turns of this task, until it is cancelled."""
    longest, before = 0.0, time.thread_time()
    try:
        while True:
            await asyncio.sleep(0.0005)
            now = time.thread_time()
            longest, before = max(longest, now - before), now
    except asyncio.CancelledError:
        return max(longest, time.thread_time() - before)


async def main(url: str, case: str, limit: int) -> None:
    limits = Limits(json_body=limit, error_body=min(limit, 1 << 20), event=limit, event_line=limit)
    async with AsyncHeyGen("key", base_url=url, limits=limits, max_retries=0) as client:
        for warm_up in ("small", "small error", "stream small", "create small"):
            await call(client.with_options(headers={"X-Case": warm_up}), warm_up)
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the highest size starts again
        before = resident("VmRSS")
        watch = asyncio.create_task(longest_pause())
        await asyncio.sleep(0.01)
        error = await call(client.with_options(headers={"X-Case": case}), case)
        growth = resident("VmHWM") - before
        watch.cancel()
        print(json.dumps({"error": error, "growth": growth, "pause": await watch}))


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
