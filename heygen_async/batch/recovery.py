"""Finding the jobs of a request whose response was lost, in HeyGen's lists.

A request carries a marker as `callback_id` and title: the row's key, and a digest of the batch, the content and the
attempt. Some lists contain the `callback_id`; others can be searched by title. A session has neither, so its prompt is
compared, and sessions of other rows are left out. When a job cannot be distinguished from those of other programs, the
row fails as ambiguous, because a guess could pay for a job twice. All times are HeyGen's; see `api_clock.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from .._jobs.poll_failures import TRANSIENT_ERRORS
from .._jobs.registry import SESSION, VIDEO
from ..types.base import get_field
from .api_clock import creation_time
from .failures import outage_attempts

if TYPE_CHECKING:
    from ..client import AsyncHeyGen
    from ..pagination import Pager
    from ..types.video_agents import Session
    from .journal import Journal
    from .rows import Row

#: Returns the job ids, of those passed, that belong to other rows.
Claimed: TypeAlias = Callable[[list[str]], Awaitable[Collection[str]]]
#: Seconds before each search for a job whose response was lost a moment ago.
SEARCH_DELAYS = (5.0, 15.0, 40.0)
_CLOCK_DIFFERENCE = 10.0  # seconds between the clocks of HeyGen's servers


class UnknownOriginError(Exception):
    """Jobs exist that the request may have created, and nothing shows which request created them."""


class JobList:
    """HeyGen's list of the jobs of several rows. It is read once, for the first row that needs it.

    Args:
        since: The time of the oldest job that is needed, in Unix seconds.
        title: The title of the jobs; None for any.
    """

    def __init__(self, since: float, title: str | None = None) -> None:
        self._since = since
        self._title = title
        self._jobs: list[Any] | None = None
        self._prompts: dict[str, str | None] = {}  # by session
        self._reading = asyncio.Lock()

    async def jobs(self, heygen: AsyncHeyGen, row: Row) -> list[Any]:
        """Return the jobs of the row's kind, the newest first."""
        async with self._reading:
            if self._jobs is None:
                self._jobs = await _list_jobs(heygen, row, self._since, self._title)
        return self._jobs

    async def sessions_with_prompt(self, heygen: AsyncHeyGen, ids: Iterable[str], prompt: str) -> list[str]:
        """Return the ids of the sessions that began with this prompt."""
        ids = list(ids)
        unknown = [id for id in ids if id not in self._prompts]
        sessions = await asyncio.gather(*[heygen.video_agents.get(id) for id in unknown])
        self._prompts |= dict(zip(unknown, map(_first_prompt, sessions), strict=True))
        return [id for id in ids if self._prompts[id] == prompt]


async def find_jobs(heygen: AsyncHeyGen, journal: Journal, row: Row, job_list: JobList | None = None) -> list[str]:
    """Return the ids of the jobs that a row's request created, or an empty list. Retries during an outage.

    Args:
        heygen: The client.
        journal: The journal, which knows the jobs of other rows.
        row: The row whose request was sent.
        job_list: The list to search; by default HeyGen's list is read for this row alone.

    Raises:
        UnknownOriginError: Jobs exist that may be the row's.
    """
    attempts = outage_attempts()
    async for _ in attempts:
        try:
            return await search_jobs(heygen, journal.claimed, row, job_list)
        except TRANSIENT_ERRORS as error:
            attempts.failed(error)
    raise attempts.error


async def _list_jobs(heygen: AsyncHeyGen, row: Row, since: float, title: str | None) -> list[Any]:
    """Return the jobs of the row's kind since then, the newest first."""
    resource = heygen.videos if row.kind.job_kind is VIDEO else getattr(heygen, row.kind.resource)
    pager: Pager[Any] = resource.list(limit=100) if title is None else resource.list(limit=100, title=title)
    jobs: list[Any] = []
    async for job in pager:
        if _is_older(job, since):
            break
        jobs.append(job)
    return jobs


def _is_older(job: Any, since: float) -> bool:
    time = creation_time(job)
    return time is not None and time < int(since) - _CLOCK_DIFFERENCE


async def search_jobs(
    heygen: AsyncHeyGen, claimed_by_others: Claimed, row: Row, job_list: JobList | None = None
) -> list[str]:
    """Return the ids of the jobs that a row's request created, or an empty list. See `find_jobs`.

    Raises:
        UnknownOriginError: Jobs exist that may be the row's.
    """
    kind, since = row.kind, row.entry.submitted_at or 0.0
    if kind.job_kind is None or not (kind.lists_callback_id or kind.lists_by_title or kind.job_kind is SESSION):
        raise UnknownOriginError
    mark_field = "callback_id" if kind.lists_callback_id else "title"
    mark = None if kind.job_kind is SESSION else get_field(row.request, mark_field)
    if job_list is None:
        job_list = JobList(since, mark if kind.lists_by_title else None)
    jobs = [job for job in reversed(await job_list.jobs(heygen, row)) if not _is_older(job, since)]
    ids = [kind.job_kind.id_of(job) for job in jobs if mark is None or getattr(job, mark_field) == mark]
    if kind.lists_callback_id and mark == row.marker:
        return ids
    claimed = await claimed_by_others(ids)
    ids = [id for id in ids if id not in claimed]
    if kind.job_kind is SESSION:
        ids = await job_list.sessions_with_prompt(heygen, ids, row.item.request["prompt"])
    elif ids and mark != row.marker:  # other programs may use the row's own callback_id or title
        raise UnknownOriginError
    if len(ids) > 1 and not row.is_sought:
        raise UnknownOriginError
    return ids[:1]


def _first_prompt(session: Session) -> str | None:
    return next((message.content for message in session.conversation if message.role == "user"), None)
