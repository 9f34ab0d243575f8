"""Starting tasks that are stored: in an attribute, a dict or a set.

The problem: under `asyncio.eager_task_factory` (Python 3.12), `create_task` runs the coroutine's first step before it
returns. The step may need the place in which the caller is about to store the task. It may also end the task, and clear
the place before the caller fills it.

Rejected ways:

- `await asyncio.sleep(0)` as the coroutine's first step: every such coroutine must remember it.
- Storing a counter or a future first: each place needs a form of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def start_task(coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Return a task whose first step runs after the caller, under any task factory."""
    return asyncio.Task(coroutine, loop=asyncio.get_running_loop())
