"""Batches: thousands of rows, one job for each, within the plan's limits, resumable after any interruption.

```python
from collections.abc import Iterable, Mapping

from heygen_async import AsyncHeyGen
from heygen_async.batch import run
from heygen_async.types.videos import AvatarVideo


async def welcome(heygen: AsyncHeyGen, people: Iterable[Mapping[str, str]]) -> list[str]:
    requests = (
        (person["id"], AvatarVideo(avatar_id="avatar_1", script=f"Hello {person['name']}, and welcome!"))
        for person in people
    )
    failed: list[str] = []
    async for outcome in run(requests, heygen=heygen, journal="welcome.journal", output_dir="videos", budget=500):
        if not outcome.succeeded:
            failed.append(f"{outcome.key}: {outcome.error}")
    return failed
```

`run` yields the outcome of each row when the row ends. A failure is one failed outcome. It runs as many jobs in
parallel as the plan allows, and detects that limit. When the process dies, the same call continues: the journal knows
which jobs exist, so no row is paid for twice, and the missing results are downloaded. Rows that an earlier run finished
are yielded again, without a request and with `resumed=True`. `spent` and `cost` include the earlier runs. `budget`
limits the cost in USD. `dry_run=True` estimates it. Without credit the batch pauses. `engine="api"` sends the rows in
HeyGen's own batches. In `output_dir` a file that this batch did not write is not overwritten; its row fails before its
job is created.

Progress
--------

```python
from heygen_async import AsyncHeyGen, AvatarVideo
from heygen_async.batch import Item, run
from heygen_async.progress import ProgressBars


async def with_a_bar(heygen: AsyncHeyGen, scripts: list[str]) -> None:
    rows = [Item(str(n), AvatarVideo(avatar_id="avatar_1", script=script)) for n, script in enumerate(scripts)]
    batch = run(rows, heygen=heygen, journal="welcome.journal")
    with ProgressBars() as bars:
        show = bars.rows(batch, total=len(rows))
        async for outcome in batch:
            show(outcome)
```

The bar counts the rows, and shows the running jobs, the failures and the cost. `batch.running_jobs`, `batch.counts` and
`batch.cost` are the same numbers for a display of your own.

At a terminal
-------------

```sh
heygen-async batch crm.csv --map avatar=avatar_id --set 'script=Hello {first_name}!' --dry-run
heygen-async batch crm.csv --map avatar=avatar_id --set 'script=Hello {first_name}!' --output-dir videos --watch
heygen-async batch bulk_translation_input.csv --resume
```

`python -m heygen_async.batch` is the same command with text instead of JSON Lines. The rows come from a CSV (with
commas, semicolons or tabs) or JSON Lines file, whose columns are fields. All rows and their local files are checked
before the first job is created. The file of results lists each row's key, status, error and files. With
`--engine temporal`, workers on other machines execute the rows; see `heygen_async.distributed.temporal`. The
documentation's translation sheet works unchanged. A later run recognises a row by its `key` or `id`, or else by the
content of its request. Cells name files as URLs or asset ids; with `--files FOLDER` (in Python `run(files=…)`) also
as paths below that folder.

Which files belong together: during a run and after a kill, the journal and the file beside it whose name ends in
`-wal`. Copy, move and back up both. After the end of a run, the journal is one file. A journal that is damaged or
incomplete is refused with a `JournalError`, which says which rows are safe. `recover=True` (`--recover`) rebuilds it
and keeps the damaged file as `JOURNAL.damaged`. Jobs of missing rows are found by their idempotency keys for 24 hours,
and in HeyGen's lists. Speech is in no list and takes no key, so the report counts the rows that may be charged twice.

What happens to a row whose response was lost, or whose journal was lost, depends on its kind:

| kind | with the journal | without the journal | with `recover=True` |
|---|---|---|---|
| `videos`, `templates` | repeated under its key for a day, then found by its title | the same job for a day | found |
| `video_translations`, `lipsyncs`, `hyperframes` | repeated, then by `callback_id` | the same job for a day | found |
| `avatars`, `video_quality` | repeated for a day, then ambiguous | the same job for a day | the same job for a day |
| `background_removals`, `workflow_runs` | repeated under its key | the same job for a day | the same job |
| `ai_clipping` | found by its `callback_id` | a new job | found |
| `video_agents` | found by its prompt | a new job | found, if it is less than a week old |
| `voices` (speech) | cannot be found again: ambiguous | new speech | new speech, counted as possibly charged |

HeyGen's own batches (`engine="api"`) are repeated under a key for a day, so a lost response creates no job twice. The
keys are derived from the batch's name, which is the journal's file name, and from the row. `idempotency_key` of this
package returns that of a row. The mark is the job's `callback_id` or title. It has the same origin, so a row never
takes a job of another batch. A row with a `callback_id` or title of the caller cannot be recognised by it, and is
ambiguous when such a job exists. A session with the same prompt that another program created in the same moment cannot
be distinguished either.

`run(...).report` and the log count the rows that were answered by jobs created earlier (`again=True` makes new ones),
and the rows that may have been charged without a result. Outcomes and the results file name these rows.

Files of the package
--------------------

A run reads rows from a source, compares each with the journal, and executes it.

- `runner.py`: `run`, the life of one run.
- `run_state.py`: the parts that all rows of a run share.
- `background_tasks.py`: the run's tasks.
- `rows.py`: the rows that a program passes in, and rows in progress.
- `kinds.py`: the kinds of jobs that a batch can create.
- `digests.py`: the digest of a row's content.
- `idempotency_keys.py`: the keys under which HeyGen recognises a row.
- `api_clock.py`: HeyGen's clock.
- `row_source.py`: reading rows from any iterable.
- `key_index.py`: finding keys of two rows.
- `resuming.py`: comparing rows with the journal of an earlier run.
- `row_executor.py`: one row from its submission to its outcome.
- `job_submission.py`: creating a row's job exactly once, if the budget allows it.
- `recovery.py`: finding the jobs of a request whose response was lost.
- `api_batches.py`: sending rows in HeyGen's own batches of a hundred.
- `api_batch_polling.py`: polling those batches.
- `capacity.py`: the number of jobs that the plan allows in parallel.
- `budget.py`: the budget in USD, and pausing without credit.
- `failures.py`: which errors end a run, and which may be retried.
- `output_files.py`: downloading results under unique names.
- `outcomes.py`: the outcomes, and their queue.
- `journal.py`, `journal_entries.py`: the SQLite file that makes a run resumable, and its rows.
- `journal_file.py`, `journal_recovery.py`: creating, checking and closing that file; rebuilding a damaged one.
- `sheet_rows.py`: a CSV or JSON Lines file as rows of a batch.
- `sheet_file.py`, `csv_syntax.py`: opening and parsing the file.
- `sheet_requests.py`: building a request from a row's cells.
- `row_types.py`: the types to which cells are converted.
- `sheet_check.py`: checking the whole sheet before the first job.
- `results_file.py`: writing the sheet's rows with their outcomes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_exports

if TYPE_CHECKING:
    from ..pricing import Estimate as Estimate, estimate as estimate
    from .idempotency_keys import idempotency_key as idempotency_key
    from .outcomes import Outcome as Outcome, RunReport as RunReport
    from .rows import Item as Item
    from .runner import Engine as Engine, Run as Run, run as run
else:
    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "rows": "Item",
            "outcomes": "Outcome RunReport",
            "runner": "Engine Run run",
            "idempotency_keys": "idempotency_key",
            ".pricing": "Estimate estimate",
        },
    )
