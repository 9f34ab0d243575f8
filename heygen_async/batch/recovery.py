"""A request whose answer was lost: HeyGen's list tells whether it made jobs, and which."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .._jobs.kinds import SESSION, VIDEO
from .._jobs.poller import PASSING
from ..types.base import get_field
from .outage import Outage

if TYPE_CHECKING:
    from ..client import AsyncHeyGen
    from ..pagination import Pager
    from ..types.video_agents import Session
    from .journal import Journal
    from .row import Row

_CLOCKS_DIFFER = 120.0  # seconds


class Unclear(Exception):  # noqa: N818  no error, but an answer
    """There may be a job, and nothing tells it from others."""


class Listed:
    """HeyGen's list of some rows' jobs, read once for all of them, when the first is searched for."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._since = min((row.entry.asked or 0.0 for row in rows), default=0.0)
        self._jobs: list[Any] | None = None
        self._reading = asyncio.Lock()

    async def jobs(self, heygen: AsyncHeyGen, row: Row) -> list[Any]:
        """All jobs since the first of these rows was asked for."""
        async with self._reading:
            if self._jobs is None:
                self._jobs = await _listed(heygen, row, self._since)
        return self._jobs


async def found(heygen: AsyncHeyGen, journal: Journal, row: Row, listed: Listed | None = None) -> list[str]:
    """The ids of the jobs that a row's request made; empty when it made none. An outage is ridden out.

    Args:
        listed: What to search; by default HeyGen is asked for this row alone.

    Raises:
        Unclear: There are jobs from then, and nothing tells whose they are.
    """
    outage = Outage()
    while True:
        try:
            return await _search(heygen, journal, row, listed)
        except PASSING as error:
            await outage.pause(error)


async def _listed(heygen: AsyncHeyGen, row: Row, since: float, title: str | None = None) -> list[Any]:
    """The jobs of a row's kind since then, the newest first."""
    lists = heygen.videos if row.work.kind is VIDEO else getattr(heygen, row.work.resource)
    pager: Pager[Any] = lists.list(limit=100) if title is None else lists.list(limit=100, title=title)
    jobs: list[Any] = []
    async for job in pager:
        if (job.created_at or since) < since - _CLOCKS_DIFFER:
            break
        jobs.append(job)
    return jobs


async def _search(heygen: AsyncHeyGen, journal: Journal, row: Row, listed: Listed | None) -> list[str]:
    work, kind, since = row.work, row.work.kind, row.entry.asked or 0.0
    if kind is None or not (work.echoes or work.titled or kind is SESSION):
        raise Unclear
    title = get_field(row.request, "title") if work.titled else None
    jobs = await (_listed(heygen, row, since, title) if listed is None else listed.jobs(heygen, row))
    ids: list[str] = []
    for job in jobs:
        if (job.created_at or since) < since - _CLOCKS_DIFFER:
            break
        may_be = job.callback_id == row.mark if work.echoes else title is None or job.title == title
        if may_be:
            ids.append(kind.id_of(job))
    ids.reverse()
    if work.echoes:
        return ids
    others = await journal.claimed(ids)
    ids = [id for id in ids if id not in others]
    if kind is SESSION:
        sessions = await asyncio.gather(*[heygen.video_agents.get(id) for id in ids])
        ids = [session.session_id for session in sessions if _asked(session) == row.item.request["prompt"]]
    elif ids and title != row.mark:  # a title of ours is nobody else's; any other tells nothing
        raise Unclear
    if len(ids) > 1:
        raise Unclear
    return ids


def _asked(session: Session) -> str | None:
    """What the person said first."""
    return next((message.content for message in session.conversation if message.role == "user"), None)
