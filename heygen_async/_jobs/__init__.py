"""Waiting: polling jobs until they end. A job is work that HeyGen continues after its response, such as a video.

```python
from pathlib import Path

from heygen_async import AsyncHeyGen, DownloadError, JobFailedError, WaitTimeoutError


async def patient(heygen: AsyncHeyGen, video_id: str, folder: Path) -> str:
    try:
        video = await heygen.wait_for_video(video_id, timeout=600, download_to=folder)
    except WaitTimeoutError as late:
        return f"resume later with {late.id}"
    except JobFailedError as failed:
        return f"{failed.failure_code}: {failed.failure_message} {failed.advice}"
    except DownloadError as failed:
        return f"{failed.job} is finished; the same call again continues its download"
    return f"{folder / video.id}.mp4"
```

Every kind of job has a method of the client:

| method | takes, besides an id | returns |
|---|---|---|
| `wait_for_video` | the result of `videos.create`, or a session | the finished video |
| `wait_for_session` | the result of `video_agents.create` | the session, with its question or its video |
| `wait_for_translation`, `wait_for_proofread`, `wait_for_lipsync` | the result of `create` | the finished struct |
| `wait_for_avatar`, `wait_for_voice`, `wait_for_asset`, `wait_for_render` | the same | the same |
| `wait_for_background_removal`, `wait_for_filler_word_removal` | the same | the same |
| `wait_for_clips`, `wait_for_podcast`, `wait_for_brand_kit` | the same | the same |
| `wait_for_model_voice`, `wait_for_model_image`, `wait_for_model_video` | the same | the same |
| `wait_for_workflow_run`, `wait_for_comparison`, `wait_for_comparison_batch`, `wait_for_batch` | the same | the same |

* `timeout` is in seconds, 1200 by default. The `WaitTimeoutError` has `id`, `job` (the last struct), `state`,
  `elapsed`, `poll_count`, and `history` (each new state with its seconds). Its text says what the failed polls got.
* A wait polls with growing pauses, survives outages of minutes, and obeys `Retry-After`.
* `on_update` is called with a `JobUpdate` after every poll; `watch_…` yields the same as an async iterator.
* `download_to` saves the finished job's file too: pass a file, or an existing folder. A path that is no folder is the
  name of the file. A job with several files (clips, model images, a workflow run) needs a folder.
* A wait with `download_to` can be repeated: a file with the same bytes is kept, and another file is never replaced.
  `create_and_wait` rejects an existing file before it creates the job.
* `create_and_wait` of a resource does both steps. When a create starts several jobs, such as a translation into three
  languages, it returns all results. `wait_for_translation` takes one id at a time; `wait_for_all([created])` waits
  for every job of a create.
* Cancelling a wait does not stop the job at HeyGen, unless `stop_on_cancel=True`.

Many waits
----------

```python
from collections.abc import Sequence

from heygen_async import AsyncHeyGen
from heygen_async.types.videos import VideoCreated


async def in_the_order_of_their_ends(heygen: AsyncHeyGen, created: Sequence[VideoCreated]) -> list[str]:
    return [video_id async for video_id, video in heygen.as_completed(created)]
```

Ten thousand tasks may wait on one client. Jobs whose kind has a bulk status endpoint share their status requests, a
hundred jobs to a request: videos, translations, lipsyncs, assets. No status request is sent before HeyGen's last
`Retry-After` has passed. `wait_for` takes a job of any kind, and `wait_for_all` jobs of several kinds. `as_completed`
yields each job when it ends; the result of a failed job is its error.

`AsyncHeyGen(events=receiver)` wakes the waits by webhook events, so they poll rarely; see `heygen_async.webhooks`.
`HEYGEN_LOG=debug` logs each poll with its state or error, each pause and the end of a wait; see `heygen_async._http`.

Files of the package
--------------------

- `kinds.py`: `JobKind`, the facts of one kind of job.
- `registry.py`: one entry for each kind; waits, batches, downloads, tools and the command line read it.
- `wait_methods.py`: the client's `wait_for_…` and `watch_…`, built from the entries.
- `declared_waits.py`: the same methods for type checkers, written from the entries.
- `wait_protocols.py`: the types of those methods.
- `awaited_jobs.py`: the jobs behind an argument of a wait.
- `wait_options.py`: the options of a wait, and the updates that it reports.
- `waiting.py`: which job a wait polls, and how the wait ends.
- `poll_entry.py`: the state of one wait.
- `states.py`: the words for the state of a job, and the meaning of each word.
- `poll_failures.py`: the failed polls that end a wait.
- `poll_log.py`: the log of a wait.
- `poller.py`: when each job is polled, and which jobs share a bulk status request.
- `webhook_wake_up.py`: immediate polls after webhook events.

A call of `wait_for_video` opens a poll entry (`waiting`), which enters the queue of the poller for videos. The poller
wakes the wait when its job needs its own status request, or has ended.
"""
