"""Batches beyond one machine: the steps of a row, for any engine that repeats the steps of a worker that died.

```python
from pathlib import Path
from typing import Any

from heygen_async import AsyncHeyGen
from heygen_async.distributed import JobHandle, Steps


async def make_row(heygen: AsyncHeyGen, key: str, request: dict[str, Any], folder: Path) -> list[str]:
    steps = Steps(heygen)
    handle: JobHandle = await steps.prepare((key, request), batch="welcome")  # let the engine store the handle here
    handle = await steps.create((key, request), handle)
    await steps.wait(handle)
    return await steps.fetch(handle, folder)
```

Each step may be interrupted anywhere, and repeated on any machine at any time: a row is charged once.

Files of the package
--------------------

- `steps.py`: `Steps`: prepare, create, poll or wait, fetch.
- `handles.py`: the handle of a row before its job exists.
- `row_creation.py`: creating a row's job exactly once, without a journal.
- `row_polling.py`: one poll of a job.
- `row_files.py`: downloading a row's files.
- `limiters.py`, `redis_limiter.py`: sharing the plan's concurrency between workers.
- `errors.py`: which errors are final, and their JSON.
- `temporal/`: the same rows as workflows on Temporal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_exports

if TYPE_CHECKING:
    from ..batch.idempotency_keys import idempotency_key as idempotency_key
    from ..batch.rows import Item as Item
    from ..errors import ConcurrencyLimitError as ConcurrencyLimitError
    from ..types.job_handles import JobHandle as JobHandle
    from .handles import new_handle as new_handle
    from .limiters import Limiter as Limiter, LocalLimiter as LocalLimiter
    from .redis_limiter import RedisLimiter as RedisLimiter
    from .row_files import Store as Store
    from .steps import PollResult as PollResult, Steps as Steps
else:
    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "handles": "new_handle",
            "limiters": "Limiter LocalLimiter",
            "redis_limiter": "RedisLimiter",
            "row_files": "Store",
            "steps": "PollResult Steps",
            ".batch.idempotency_keys": "idempotency_key",
            ".batch.rows": "Item",
            ".errors": "ConcurrencyLimitError",
            ".types.job_handles": "JobHandle",
        },
    )
