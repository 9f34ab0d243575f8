"""The plan's limit for parallel jobs. No endpoint returns it; only a 429 shows that it is reached.

The problem: a batch should use the whole capacity of the plan, and must not send requests that the plan rejects. The
limit is unknown, other programs share it, and the plan may change during the run.

Rejected ways:

- A fixed number: one that is too low wastes capacity, one that is too high costs a 429 for every job.
- Retrying each row on its own after a 429: a hundred waiting rows each send a request that is rejected.
- TCP-like growth and halving: jobs last minutes, so halving leaves half the plan unused for minutes.

Invariants:

- Up to the number of jobs that ran in parallel before, submissions are parallel. Beyond it they are sent one by one, so
  that the plan rejects one request and not many.
- After a 429 the number of running jobs is the ceiling. The next submission starts when a job has ended. When none of
  the running jobs is ours, it starts after the delay that the server requested.
- When as many jobs have ended as the ceiling allows, one submission above the ceiling is tried, because other programs
  may have finished. After each rejected trial, twice as many jobs must end before the next one.
"""

from __future__ import annotations

import asyncio

from .._http.concurrency_limiter import ConcurrencyLimiter

_MAX_PATIENCE = 16
_MAX_PARALLEL_SUBMISSIONS = 16


class JobCapacity:
    """The capacity for jobs of one run.

    Args:
        max_jobs: The caller's limit for unfinished jobs; None for the plan's limit.

    Attributes:
        running_jobs: Jobs that HeyGen has accepted and that are unfinished.
        ceiling: The number of jobs above which the plan rejected a submission; None before a rejection.
    """

    def __init__(self, max_jobs: int | None = None) -> None:
        self.running_jobs: int = 0
        self.ceiling: int | None = None
        self._max_jobs = max_jobs
        self._submissions = ConcurrencyLimiter(1)
        self._proven_jobs = 0  # the number of jobs that ran in parallel
        self._ended_jobs = 0  # since the last rejection
        self._patience = 1  # a submission above the ceiling is tried after this multiple of it in ended jobs
        self._is_full = False
        self._resize()

    @property
    def submissions(self) -> int:
        """The number of submissions in flight."""
        return self._submissions.in_use

    async def acquire(self, *, priority: bool = False) -> None:
        """Wait until a job may be submitted; with `priority`, before all others that wait."""
        await self._submissions.acquire(priority=priority)

    def release(self) -> None:
        """End a submission that created no job."""
        self._submissions.release()

    def accepted(self, jobs: int) -> None:
        """End a submission that created jobs."""
        self.resumed(jobs)
        self._submissions.release()

    def resumed(self, jobs: int) -> None:
        """Count jobs that an earlier run or a batch created."""
        self.running_jobs += jobs
        self._proven_jobs = max(self._proven_jobs, self.running_jobs)
        if self.ceiling is not None and self.running_jobs > self.ceiling:
            self.ceiling = self.running_jobs
            self._patience = 1
        self._resize()

    def rejected(self, delay: float) -> None:
        """End a submission that HeyGen rejected with a 429.

        When no job is running, the next one may start after `delay` seconds.
        """
        if self.ceiling is not None and self.running_jobs >= self.ceiling:
            self._patience = min(self._patience * 2, _MAX_PATIENCE)
        self.ceiling = max(self.running_jobs, 1)
        self._proven_jobs = min(self._proven_jobs, self.ceiling)
        self._ended_jobs = 0
        self._is_full = True
        self._resize()
        self._submissions.release()
        if self.running_jobs == 0:
            asyncio.get_running_loop().call_later(delay, self.ended, 0)

    def ended(self, jobs: int) -> None:
        """Count jobs that have ended."""
        self.running_jobs -= jobs
        self._ended_jobs += jobs
        self._is_full = False
        self._resize()

    def _resize(self) -> None:
        self._submissions.resize(self._max_submissions())

    def _max_submissions(self) -> int:
        """Return the maximum number of submissions in flight."""
        if self._is_full:
            return 0
        if self.ceiling is None:
            allowed = max(self._proven_jobs - self.running_jobs, 1)
        else:
            tries_more = self._ended_jobs >= self.ceiling * self._patience
            allowed = max(self.ceiling - self.running_jobs, int(tries_more))
        if self._max_jobs is not None:
            allowed = min(allowed, self._max_jobs - self.running_jobs)
        return min(allowed, _MAX_PARALLEL_SUBMISSIONS)
