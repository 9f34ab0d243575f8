"""The tasks of one run. An error that no row handles ends the run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from .._http.tasks import start_task


class BackgroundTasks:
    """A set of tasks that end with the run.

    Args:
        on_error: Awaited with an exception that a task raised.
    """

    def __init__(self, on_error: Callable[[Exception], Awaitable[None]]) -> None:
        self._on_error = on_error
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, function: Callable[..., Coroutine[Any, Any, None]], *args: object) -> None:
        """Run the coroutine function in a task."""
        task = start_task(self._run(function, *args))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, function: Callable[..., Coroutine[Any, Any, None]], *args: object) -> None:
        try:
            await function(*args)
        except Exception as error:  # noqa: BLE001  raised again where the caller takes the outcomes
            await self._on_error(error)

    async def wait_for_one(self) -> None:
        """Wait until one of the other tasks has ended."""
        if others := self._tasks - {asyncio.current_task()}:
            await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)

    async def wait_for_all(self) -> None:
        """Wait until all other tasks have ended, including those that they start."""
        while others := self._tasks - {asyncio.current_task()}:
            await asyncio.wait(others)

    async def cancel(self) -> None:
        """Cancel all tasks, and wait for their end."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
