"""Progress bars at a terminal for waits, uploads, downloads and batches. Needs the extra `progress` (rich).

```python
from heygen_async import AsyncHeyGen
from heygen_async.progress import ProgressBars


async def with_bars(heygen: AsyncHeyGen, session_id: str) -> None:
    session = await heygen.video_agents.get(session_id)
    with ProgressBars() as bars:
        video = await heygen.wait_for_video(session, on_update=bars.update)
        await heygen.download(video, "tour.mp4", on_progress=bars.bytes("tour.mp4"))
```

An upload takes both: `on_progress=bars.bytes(name)` for the bytes, and `on_update=bars.update` for the processing after
them. `bars.rows(batch)` shows the rows of a batch; see `heygen_async.batch`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

try:
    from rich import progress as rich_progress
    from rich.console import Console, Group
    from rich.live import Live
except ImportError as _missing:
    raise ImportError("heygen_async.progress needs rich: pip install 'heygen-async[progress]'") from _missing

if TYPE_CHECKING:
    from ._jobs.wait_options import JobUpdate
    from .batch import Outcome, Run


class ProgressBars:
    """A bar for each job, transfer and batch. Any number of waits in any number of tasks may share one `update`.

    Args:
        console: The rich console that shows the bars; by default standard error, so that standard output stays clean.
        transient: Whether the bars disappear at the end.
    """

    def __init__(self, console: Console | None = None, *, transient: bool = False) -> None:
        name = rich_progress.TextColumn("{task.description}")
        self._jobs = rich_progress.Progress(
            name, rich_progress.BarColumn(), rich_progress.TextColumn("{task.fields[state]}")
        )
        self._batches = rich_progress.Progress(
            rich_progress.BarColumn(), rich_progress.MofNCompleteColumn(), name, rich_progress.TimeRemainingColumn()
        )
        self._transfers = rich_progress.Progress(
            name,
            rich_progress.BarColumn(),
            rich_progress.DownloadColumn(),
            rich_progress.TransferSpeedColumn(),
            rich_progress.TimeRemainingColumn(),
        )
        bars = Group(self._batches, self._jobs, self._transfers)
        self._live = Live(bars, console=console or Console(stderr=True), transient=transient)
        self._bars: dict[tuple[str, str], rich_progress.TaskID] = {}

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def update(self, update: JobUpdate[Any]) -> None:
        """Show a job's state, its percentage if the API reports one, the elapsed time and the time until the next poll.

        Pass this method as `on_update=` to a wait.

        Args:
            update: The state after a poll.
        """
        key = (update.kind, update.id)
        if key not in self._bars:
            self._bars[key] = self._jobs.add_task(f"{update.kind} {update.id}", total=None, state="")
        ended = update.next_poll_in is None
        next_poll_in = "" if ended else f", next poll in {update.next_poll_in:.0f} s"
        self._jobs.update(
            self._bars[key],
            total=None if update.progress is None and not ended else 100,
            completed=100 if ended else update.progress or 0,
            state=f"{update.state}, {update.elapsed:.0f} s{next_poll_in}",
        )

    def bytes(self, name: str) -> Callable[[int, int | None], None]:
        """Return a callback that shows one transfer under this name: its amount, its rate and the time left.

        Pass the callback as `on_progress=` to an upload or a download.

        Args:
            name: The name beside the bar.
        """
        task = self._transfers.add_task(name, total=None)

        def show(done: int, total: int | None) -> None:
            self._transfers.update(task, completed=done, total=total)

        return show

    def rows(self, batch: Run, total: int | None = None) -> Callable[[Outcome], None]:
        """Return a callback that shows the rows of a batch: running jobs, failures and the cost so far.

        Call the callback with each outcome. The error of a failed row is printed above the bars.

        Args:
            batch: The run of the batch.
            total: The number of rows; None if it is not known.
        """
        task = self._batches.add_task("", total=total)

        def show(outcome: Outcome) -> None:
            limit = "" if batch.plan_limit is None else f" of {batch.plan_limit}"
            state = f"{batch.running_jobs}{limit} running, {batch.counts['failed']} failed, {batch.cost}"
            self._batches.update(task, advance=1, description=state)
            if outcome.error is not None:
                self._live.console.print(f"{outcome.key}: {outcome.error}", markup=False, highlight=False)

        return show
