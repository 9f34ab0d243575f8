"""The deadline of a block, `async with heygen.deadline(60):`, for every call, wait and transfer inside it.

A context variable carries it, so that the tasks that start inside the block obey it too. Polls do not read it: several
waits share a poll, and each wait ends by its own deadline.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from .configuration import check_seconds

#: The event loop's time at which the innermost block ends; infinite outside of a block.
block_deadline: ContextVar[float] = ContextVar("heygen_async_deadline", default=math.inf)


@asynccontextmanager
async def limit_block(seconds: float) -> AsyncGenerator[None]:
    """Limit a block to this many seconds; an outer block's deadline stays in force.

    Raises:
        InvalidInputError: `seconds` is not a number above 0.
    """
    check_seconds("seconds", seconds)
    end = asyncio.get_running_loop().time() + seconds
    outer = block_deadline.set(min(end, block_deadline.get()))
    try:
        yield
    finally:
        block_deadline.reset(outer)


def seconds_allowed(seconds: float) -> float:
    """Return these seconds, or the seconds that are left of the block when they are fewer."""
    end = block_deadline.get()
    return seconds if end == math.inf else min(seconds, max(end - asyncio.get_running_loop().time(), 0.0))
