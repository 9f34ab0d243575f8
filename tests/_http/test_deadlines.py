"""`heygen.deadline(seconds)`: one deadline for everything inside a block, on the turned clock."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from heygen_async import APITimeoutError, AsyncHeyGen, DownloadError, InvalidInputError, UploadError, WaitTimeoutError
from heygen_async.testing import Fault, HeyGenEmulator, Plan
from heygen_async.types.videos import AvatarVideo

ZIP = b"PK\x05\x06" + b"\0" * 18
SPOKEN = AvatarVideo(avatar_id="avatar_1", script="Hello.", voice_id="voice_0001")


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_the_calls_of_a_block_share_its_deadline(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("silent", operation="UserMeGet", after=1, count=None))
    started = now()
    async with client.deadline(9):
        await client.users.me()
        with pytest.raises(APITimeoutError):
            await client.users.me()
        with pytest.raises(APITimeoutError, match="no time was left"):
            await client.users.me()
        assert now() - started == pytest.approx(9, abs=0.1)
    assert len(api.requests_for("UserMeGet")) == 2


async def test_the_calls_after_a_block_have_their_own_timeout(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    async with client.deadline(1):
        pass
    api.clock.advance(2)
    await client.users.me()


async def test_an_outer_block_ends_an_inner_one(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("silent", operation="UserMeGet", count=None))
    started = now()
    async with client.deadline(3), client.deadline(100):
        with pytest.raises(APITimeoutError):
            await client.users.me()
    assert now() - started == pytest.approx(3, abs=0.1)


async def test_a_wait_in_a_block_ends_with_its_job(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(seconds=600))
    created = await client.videos.create(SPOKEN)
    started = now()
    with pytest.raises(WaitTimeoutError) as caught:
        async with client.deadline(20):
            await client.wait_for_video(created, timeout=900)
    assert caught.value.id == created.video_id
    assert now() - started == pytest.approx(20, abs=0.1)


async def test_a_block_does_not_end_the_polls_that_another_wait_shares(
    client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    api.plan(Plan(seconds=100))
    created = [await client.videos.create(SPOKEN) for _ in range(3)]
    async with client.deadline(20):
        waits = [asyncio.create_task(client.wait_for_video(job)) for job in created[:2]]
        await asyncio.sleep(0)
    patient = asyncio.create_task(client.wait_for_video(created[2]))
    ends = await asyncio.gather(*waits, return_exceptions=True)
    assert [type(end) for end in ends] == [WaitTimeoutError, WaitTimeoutError]
    assert (await patient).status == "completed"


async def test_a_transfer_in_a_block_ends_at_its_deadline(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    video = await client.videos.create_and_wait(SPOKEN)
    api.inject(Fault("silent", origin="storage", count=None))
    started = now()
    async with client.deadline(5):
        with pytest.raises(DownloadError):
            await client.download(video, tmp_path / "a.mp4")
    assert now() - started == pytest.approx(5, abs=0.1)
    async with client.deadline(5):
        with pytest.raises(UploadError, match="not uploaded within the timeout of 5 s"):
            await client.assets.upload(ZIP)  # goes directly into the storage
    assert now() - started == pytest.approx(10, abs=0.1)


@pytest.mark.parametrize("seconds", [0, -1, "5", float("nan")])
async def test_an_invalid_deadline_is_refused(seconds: float, client: AsyncHeyGen) -> None:
    with pytest.raises(InvalidInputError, match="a number of seconds above 0"):
        async with client.deadline(seconds):
            pass
