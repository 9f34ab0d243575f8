"""The jobs of the local HeyGen: no request touches more of them than it returns."""

from __future__ import annotations

import pytest

from heygen_async import AsyncHeyGen, BadRequestError
from heygen_async.testing import HeyGenEmulator
from heygen_async.testing.job_table import JobTable
from heygen_async.testing.jobs import Job

STATES = [("processing", 60.0), ("completed", 0.0)]


def create(api: HeyGenEmulator, count: int) -> list[str]:
    return [api.state.create_job("video", "video", STATES, seconds=60.0).id for _ in range(count)]


async def touched(monkeypatch: pytest.MonkeyPatch, job_count: int) -> int:
    """Return the number of jobs that a get, two pages of a list and a bulk status touch."""
    count = 0
    newest, state = JobTable.newest, Job.state

    def count_newest(self: JobTable, kind: str, *, before: str | None = None):  # type: ignore[no-untyped-def]
        nonlocal count
        for job in newest(self, kind, before=before):
            count += 1
            yield job

    def count_state(self: Job, now: float) -> str:
        nonlocal count
        count += 1
        return state(self, now)

    async with HeyGenEmulator() as api, AsyncHeyGen(api.key, base_url=api.url) as client:
        ids = create(api, job_count)
        monkeypatch.setattr(JobTable, "newest", count_newest)
        monkeypatch.setattr(Job, "state", count_state)
        monkeypatch.setattr(JobTable, "values", None)
        monkeypatch.setattr(JobTable, "items", None)
        await client.videos.get(ids[0])
        page = await client.videos.list(limit=4)
        await client.videos.list(limit=4, token=page.next_token)
        monkeypatch.undo()
    return count


async def test_a_request_touches_no_more_of_many_jobs_than_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await touched(monkeypatch, 20_000) == await touched(monkeypatch, 20) < 25


async def test_pages_leave_deleted_jobs_out_and_end() -> None:
    async with HeyGenEmulator() as api, AsyncHeyGen(api.key, base_url=api.url) as client:
        ids = create(api, 7)
        await client.videos.delete(ids[3])
        page = await client.videos.list(limit=3)
        assert [video.id for video in page.data] == ids[:3:-1]
        rest = await client.videos.list(limit=3, token=page.next_token)
        assert [video.id for video in rest.data] == ids[2::-1]
        assert rest.next_token is None


async def test_a_token_of_no_list_is_refused() -> None:
    async with HeyGenEmulator() as api, AsyncHeyGen(api.key, base_url=api.url) as client:
        create(api, 2)
        with pytest.raises(BadRequestError, match="cursor"):
            await client.videos.list(token="bm9uZQ==")
