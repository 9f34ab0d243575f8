"""HeyGen's clock in a batch: this machine's clock may be wrong, or jump."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from batch_support import CLIP, hello, lose_response, outcomes_by_key

from heygen_async import AsyncHeyGen, Response
from heygen_async.batch import run
from heygen_async.batch.api_clock import APIClock
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

_real_time = time.time
TOUR: list[Any] = [("row-0", {"prompt": "A tour"}), ("row-1", {"prompt": "Another tour"})]


def set_clock(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Set this machine's clock ahead of HeyGen's."""
    monkeypatch.setattr(time, "time", lambda: _real_time() + seconds)


@pytest.mark.parametrize("difference", [600.0, -600.0, 86_400.0])
async def test_a_wrong_clock_is_no_reason_to_pay(
    client: AsyncHeyGen, api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch, difference: float
) -> None:
    set_clock(monkeypatch, difference)
    api.inject(Fault("lost_response", operation="VideoAgentCreate"))
    outcomes = await outcomes_by_key(run(TOUR, heygen=client, kind="video_agents"))
    assert all(outcome.succeeded for outcome in outcomes.values()), [o.error for o in outcomes.values()]
    assert len(api.ledger) == 2


@pytest.mark.parametrize("jump", [-7200.0, 7200.0, 2 * 86_400.0])
@pytest.mark.parametrize("kind", ["video_agents", "videos", "ai_clipping"])
async def test_a_clock_that_jumps_between_two_runs_is_no_reason_to_pay(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: float, kind: str
) -> None:
    own_title = AvatarVideo(avatar_id="avatar_1", script="Hello.", title="Mine")
    rows = {"video_agents": TOUR[:1], "videos": [("row-0", own_title)], "ai_clipping": [("row-0", {"video": CLIP})]}[
        kind
    ]
    await lose_response(client, api, rows, tmp_path / "j", kind)
    set_clock(monkeypatch, jump)
    outcomes = await outcomes_by_key(run(rows, heygen=client, kind=kind, journal=tmp_path / "j"))
    assert outcomes["row-0"].succeeded, outcomes["row-0"].error
    assert outcomes["row-0"].id == api.ledger[0].id or kind == "video_agents"
    assert len(api.ledger) == 1


async def test_without_a_date_this_machines_clock_counts(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    api.inject(Fault("status", status=500, operation="UserMeGet", count=None, headers={"Date": "soon"}))
    outcomes = await outcomes_by_key(run(hello(1), heygen=client, journal=tmp_path / "j"))
    assert outcomes["row-0"].succeeded


async def test_the_clock_is_read_once(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    await outcomes_by_key(run(hello(9), heygen=client, journal=tmp_path / "j"))
    assert len(api.requests_for("UserMeGet")) == 1
    await outcomes_by_key(run(hello(9), heygen=client, journal=tmp_path / "j"))
    assert len(api.requests_for("UserMeGet")) == 1  # finished rows need no clock


async def test_the_clock_survives_an_outage(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("reset_before", operation="UserMeGet", count=5))
    outcomes = await outcomes_by_key(run(hello(3), heygen=client))
    assert (len(outcomes), len(api.ledger)) == (3, 3)


async def test_a_hook_of_the_client_sees_every_response(api: HeyGenEmulator) -> None:
    paths: list[str] = []
    async with AsyncHeyGen(
        api.key, base_url=api.url, on_response=lambda response: paths.append(response.path)
    ) as client:
        await outcomes_by_key(run(hello(1), heygen=client))
    assert paths.count("/v3/videos") == len(api.requests_for("VideoCreate")) == 1
    assert len(paths) == len(api.requests)


async def test_the_date_of_a_file_store_does_not_set_the_clock(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    times: list[float] = []

    def read_clock(response: Response) -> None:
        if response.is_transfer:
            times.append(clock.now())

    clock = APIClock(client._view(on_response=read_clock))
    video = await clock.heygen.videos.create_and_wait(AvatarVideo(avatar_id="avatar_1", script="Hello."))
    api.inject(Fault("status", status=503, origin="storage", headers={"Date": "Thu, 01 Jan 2099 00:00:00 GMT"}))
    await clock.heygen.download(video, tmp_path / "a.mp4")
    assert len(times) == 2
    assert max(times) < 4_000_000_000
