"""Batches that survive: thousands of rows, each made once, under the plan's limits, on a machine that may be closed.

`async for outcome in run(requests, journal="tour.db")` gives each row's end as it comes. The journal makes it
resumable: the same call again goes on, whatever became of the process. `python -m heygen_async.batch` does the same
for a CSV or JSON Lines file.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from os import PathLike
from typing import TYPE_CHECKING, Any

from ..errors import InsufficientCreditError
from ..prices import Estimate, estimate
from .items import Item, Outcome
from .runner import Engine, Run

if TYPE_CHECKING:
    from ..client import AsyncHeyGen

__all__ = ["Engine", "Estimate", "Item", "Outcome", "Run", "estimate", "run"]


def run(
    requests: Iterable[Item | tuple[str, Any]] | AsyncIterable[Item | tuple[str, Any]],
    *,
    heygen: AsyncHeyGen | None = None,
    of: str = "videos",
    journal: str | PathLike[str] | None = None,
    concurrency: int | None = None,
    download_to: str | PathLike[str] | None = None,
    downloads: int = 4,
    engine: Engine = "jobs",
    budget: float | None = None,
    dry_run: bool = False,
    retry_failed: bool = False,
    timeout: float | None = 7200.0,
    on_pause: Callable[[InsufficientCreditError], Awaitable[object] | object] | None = None,
) -> Run:
    """Many things at once: the outcome of each is given as it ends, by `async for outcome in …`.

    Rows are read as there is room for them, so a source may be of any length. One that fails is one failed outcome; a
    refused key or a locked journal ends the run. With a `journal`, a second run goes on where the first one stopped:
    what is finished is not asked for again, what runs is waited for, and what was asked for without an answer is asked
    for under the same idempotency key, or searched for first where HeyGen takes none or 24 hours have passed.

    :param requests: `Item`s, or pairs of a key and a request for the resource `of`
    :param heygen: the client; by default one is made from the environment, and closed
    :param of: `videos`, `video_agents`, `video_translations`, `lipsyncs`, `hyperframes`, `background_removals`,
        `ai_clipping`, `templates`, `avatars` or `voices` (speech)
    :param journal: a file for what was done; one run at a time may use it
    :param concurrency: at most so many unfinished jobs; by default what the plan allows, which is found out
    :param download_to: a folder for the results, named by their keys
    :param downloads: at most so many downloads at once
    :param engine: `jobs` asks for each row by itself, `api` for a hundred at a time by HeyGen's own batches (of videos
        but studio ones, translations of one language, and lipsyncs)
    :param budget: USD; rows that do not fit, by estimates or by the balance, are not begun, and `BudgetError` says so
        when all others have ended
    :param dry_run: nothing is made: outcomes of state `planned` tell what would be, with an estimate
    :param retry_failed: rows that failed in an earlier run are made again
    :param timeout: seconds that the wait for one job may take; what goes on is taken up by the next run
    :param on_pause: called when the account's credit is used up: the batch pauses until the balance rises
    """
    return Run(
        requests,
        heygen,
        of=of,
        journal=journal,
        concurrency=concurrency,
        download_to=download_to,
        downloads=downloads,
        engine=engine,
        budget=budget,
        dry_run=dry_run,
        retry_failed=retry_failed,
        timeout=timeout,
        on_pause=on_pause,
    )
