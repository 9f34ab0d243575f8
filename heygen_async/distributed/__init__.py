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

Every step may be interrupted anywhere, and repeated on any machine. Whatever dies, a row is charged once.

Which engine
------------

| engine | take it | when a worker dies for good | a row that waits for its job |
|---|---|---|---|
| none: `heygen_async.batch` | on one machine | the same call continues from the journal | is a task of the process |
| Temporal: `temporal/` | when rows must not wait for a person | others continue its rows | needs no worker |
| DBOS: `rows_on_dbos.py` | with Postgres or SQLite alone | its rows wait for `rescue` | is a task of a worker |
| streaq: `rows_on_streaq.py` | with Redis alone | others continue its rows | is a task of a worker |
| Celery: the recipe below | where Celery runs already | its tasks are delivered again | is a message |

The programs stand in `examples/`.

What each step promises
-----------------------

| step | interrupted and repeated |
|---|---|
| `prepare` | creates nothing; the engine should store its handle before the create |
| `create` | the same jobs: within a day by the idempotency key, later by their mark |
| `poll`, `wait` | only read |
| `fetch` | writes the same file again; it appears under its name when it is complete |

* **Age.** A row is recognised at any age, with a few exceptions. After a day, `create` raises an
  `AmbiguousRequestError` for avatars and comparisons, whose lists show no mark. A session has neither key nor mark. It
  is found by its prompt, so two rows of a batch should not have the same one. Speech has no job, and is refused.
* **Without a handle.** `create(row, batch=...)` searches HeyGen's list before it sends anything. A handle saves that
  request. `new_handle` makes one without a client; its time is unknown, so `create` searches too.
* **429.** `create` raises at once, and the error has `retry_after`. With a limiter, `ConcurrencyLimitError` comes first
  and costs no request: `Steps(heygen, limiter=RedisLimiter(redis, 20))` for a plan of 20 parallel jobs. The place of a
  row whose worker died comes back after `lifetime`, unless another worker continues the row.
* **Errors.** `errors.is_final(error)` is true when a repeated step would fail in the same way. An engine should repeat
  all others: an outage, missing credit, an invalid API key. `errors.to_json` stores an error.
* **Files.** `fetch` takes a folder, a file, or an async function for an object store. Local files of a row exist on one
  machine only: upload them first.

Celery
------

Three short tasks for each row. None waits, so no worker is occupied while HeyGen works.

```python
import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from celery import Celery, Task

from heygen_async import AsyncHeyGen, HeyGenError
from heygen_async.distributed import JobHandle, Steps, errors, new_handle

app = Celery("videos", broker="redis://localhost", backend="redis://localhost")
app.conf.task_acks_late = app.conf.task_reject_on_worker_lost = True
app.conf.broker_transport_options = {"visibility_timeout": 900}  # seconds


def run_step(task: Task, step: Callable[[Steps], Awaitable[Any]]) -> Any:
    async def call() -> Any:
        async with AsyncHeyGen() as heygen:
            return msgspec.to_builtins(await step(Steps(heygen)))

    try:
        return asyncio.run(call())
    except HeyGenError as error:
        if errors.is_final(error):
            raise
        raise task.retry(exc=error, countdown=errors.retry_after(error) or 10) from None


@app.task(bind=True, max_retries=None)
def create(self: Task, key: str, request: dict[str, Any], handle: dict[str, Any]) -> Any:
    return run_step(self, lambda steps: steps.create((key, request), msgspec.convert(handle, JobHandle)))


@app.task(bind=True, max_retries=None)
def poll(self: Task, handle: dict[str, Any]) -> Any:
    state = run_step(self, lambda steps: steps.poll(msgspec.convert(handle, JobHandle)))
    if not state["is_completed"]:
        raise self.retry(countdown=state["next_poll_in"])
    return handle


@app.task(bind=True, max_retries=None)
def fetch(self: Task, handle: dict[str, Any], folder: str) -> Any:
    return run_step(self, lambda steps: steps.fetch(msgspec.convert(handle, JobHandle), folder))


def submit(key: str, request: dict[str, Any], folder: str) -> Any:
    handle = new_handle((key, request), batch="welcome")
    return (create.s(key, request, msgspec.to_builtins(handle)) | poll.s() | fetch.s(folder)).delay()
```

With Redis or SQS, Celery delivers a task again that was not acknowledged within `visibility_timeout`. So it must be
longer than the longest task, which is a `fetch`, and than each `countdown`. A task that is delivered twice repeats its
step, and then the steps after it; a second video is not created.

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
