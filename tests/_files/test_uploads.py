"""Uploads by either method: whatever breaks, exactly one asset becomes usable, and its bytes are those of the file."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from file_support import CONTENT, DIGEST, LARGE, stream_chunks, usable_assets
from support import PNG, open_files

from heygen_async import (
    AsyncHeyGen,
    HeyGenError,
    Timeout,
    UploadError,
)
from heygen_async.testing import Fault, HeyGenEmulator

pytestmark = pytest.mark.slow

FAULTS = [(kind, 0.0) for kind in ("reset_before", "lost_response", "silent", "status")]

FAULTS += [("reset_mid_request", position) for position in (0.0, 0.01, 0.5, 0.99)]

STEPS = [
    ("multipart", "AssetCreate"),
    *(("direct", step) for step in ("AssetDirectUploadsCreate", "PUT", "AssetCompleteCreate")),
]


@pytest.mark.parametrize(("kind", "position"), FAULTS)
@pytest.mark.parametrize(("upload_method", "step"), STEPS, indirect=["upload_method"])
async def test_every_fault_at_every_step_leaves_one_usable_asset(
    step: str, position: float, kind: Any, upload_method: str, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    origin: Any = "storage" if step == "PUT" else "api"
    operation, times = None if step == "PUT" else step, 1 if kind == "silent" else 2
    api.inject(Fault(kind, origin=origin, operation=operation, count=times, position=position, status=503))
    asset = await client.assets.upload(path)
    assert not [name for name in open_files() if "a.png" in name]
    (stored,) = usable_assets(api)
    assert (stored["sha256"], asset.size_bytes) == (DIGEST, len(CONTENT))


@pytest.mark.parametrize("seed", range(20))
async def test_random_faults_leave_one_asset_or_none(
    seed: int, upload_method: str, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    dice = random.Random(seed)
    for kind in ("reset_before", "reset_mid_request", "lost_response", "silent", "status"):
        for origin in ("api", "storage"):
            fault = Fault(
                kind, origin=origin, count=dice.choice([0, 1, 2]), position=dice.random(), probability=0.4, seed=seed,
                status=dice.choice([403, 409, 429, 500, 503]), code="resource_not_ready",
            )  # type: ignore[arg-type]  # fmt: skip
            api.inject(fault)
    try:
        await client.assets.upload(path)
    except HeyGenError:
        assert len(usable_assets(api)) <= 1
        assert not [name for name in open_files() if "a.png" in name]
    else:
        (stored,) = usable_assets(api)
        assert stored["sha256"] == DIGEST


async def test_broken_upload_of_a_stream_says_that_it_can_be_read_once(
    upload_method: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    origin: Any = "api" if upload_method == "multipart" else "storage"
    api.inject(Fault("reset_mid_request", origin=origin, method="POST" if upload_method == "multipart" else "PUT"))
    why = "was not uploaded completely" if upload_method == "multipart" else "did not reach HeyGen's storage: PUT"
    with pytest.raises(UploadError, match=rf"{why}.*read only once.*pass a path, bytes or a new iterator"):
        await client.assets.upload(stream_chunks(), size=len(CONTENT))
    assert usable_assets(api) == []


async def test_waits_for_a_slow_source(client: AsyncHeyGen, api: HeyGenEmulator, upload_method: str) -> None:
    async def camera() -> AsyncIterator[bytes]:
        async for chunk in stream_chunks(step=LARGE // 4):
            await asyncio.sleep(200)
            yield chunk

    await client.assets.upload(camera(), size=len(CONTENT))
    assert [asset["sha256"] for asset in usable_assets(api)] == [DIGEST]


@pytest.mark.parametrize("error", [ValueError("no more"), TimeoutError(), OSError("the log is full")])
@pytest.mark.parametrize("asynchronous", [False, True])
async def test_exception_of_the_progress_callback_stops_the_upload(
    asynchronous: bool, error: Exception, upload_method: str, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    def hook(done: int, total: int | None) -> None:
        raise error

    async def awaited(done: int, total: int | None) -> None:
        hook(done, total)

    with pytest.raises(type(error)) as caught:
        await client.assets.upload(path, on_progress=awaited if asynchronous else hook)
    assert caught.value is error
    assert usable_assets(api) == []
    assert len(api.requests_for("AssetCreate")) + len([one for one in api.requests if one.origin == "storage"]) <= 1


async def test_total_timeout_limits_the_whole_upload(
    upload_method: str, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    origin: Any = "api" if upload_method == "multipart" else "storage"
    api.inject(Fault("silent", origin=origin, method="POST" if upload_method == "multipart" else "PUT", count=None))
    began = api.clock.time()
    with pytest.raises(HeyGenError, match=r"within the timeout|client's timeout of 3 s"):
        await client.with_options(timeout=Timeout(total=3, read=1)).assets.upload(path)
    assert api.clock.time() - began < 3.2


async def test_gives_up_on_a_server_that_stops_reading(
    client: AsyncHeyGen, api: HeyGenEmulator, upload_method: str
) -> None:
    large = PNG + bytes(20_000_000)  # more than the sockets hold
    origin: Any = "api" if upload_method == "multipart" else "storage"
    api.inject(Fault("silent", origin=origin, method="POST" if upload_method == "multipart" else "PUT"))
    began = api.clock.time()
    await client.assets.upload(large)
    processing = 0 if upload_method == "multipart" else 60
    assert 60 <= api.clock.time() - began - processing < 90
    assert len(usable_assets(api)) == 1
