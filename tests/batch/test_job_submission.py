"""Creating a row's job exactly once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from batch_support import hello, lose_response, outcomes_by_key
from support import PNG

from heygen_async import AmbiguousRequestError, AsyncHeyGen, AuthenticationError
from heygen_async.batch import run
from heygen_async.batch.journal import Journal
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.videos import ImageVideo


async def test_uploads_a_file_of_several_rows_once(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(PNG)
    rows = [(f"row-{i}", ImageVideo(image=picture, script=f"Hello {i}.", voice_id="voice_0001")) for i in range(20)]
    outcomes = await outcomes_by_key(run(rows, heygen=client))
    assert all(outcome.succeeded for outcome in outcomes.values())
    assert len(api.requests_for("AssetCreate")) == 1


@pytest.mark.parametrize("created", [True, False])
async def test_repeats_a_request_without_response_under_its_key(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, created: bool
) -> None:
    await lose_response(client, api, hello(1), tmp_path / "j", "videos", created=created)
    outcomes = await outcomes_by_key(run(hello(1), heygen=client, journal=tmp_path / "j"))
    assert (outcomes["row-0"].succeeded, outcomes["row-0"].resumed) == (True, True)
    keys = {request.headers["Idempotency-Key"] for request in api.requests_for("VideoCreate")}
    assert (len(api.ledger), len(keys), len(api.requests_for("VideoCreate"))) == (1, 1, 2)


async def test_does_not_repeat_an_ambiguous_request(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("lost_response", operation="VoiceSpeechCreate"))
    speech = [("row-0", {"text": "Hello.", "voice_id": "voice_0000"})]
    outcomes = await outcomes_by_key(run(speech, heygen=client, kind="voices", retry_failed=True))
    assert isinstance(outcomes["row-0"].error, AmbiguousRequestError)
    assert len(api.ledger) == 1


async def test_gives_up_a_row_that_always_fails_without_a_trace(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    fault = api.inject(Fault("status", status=500, operation="VideoAgentCreate", count=None))
    outcomes = await outcomes_by_key(run([("row-0", {"prompt": "A tour"})], heygen=client, kind="video_agents"))
    assert isinstance(outcomes["row-0"].error, AmbiguousRequestError)
    assert outcomes["row-0"].possible_charges == 0  # HeyGen's list shows that no session exists
    assert fault.hits < 50


async def test_keeps_speech_that_was_paid_for(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heygen_async.batch.row_executor import RowExecutor

    async def dies(self: RowExecutor, row: Any) -> None:
        raise RuntimeError("the process dies here")

    speech = [("row-0", {"text": "Hello.", "voice_id": "voice_0000"})]
    monkeypatch.setattr(RowExecutor, "finish", dies)
    with pytest.raises(RuntimeError, match="dies here"):
        await outcomes_by_key(run(speech, heygen=client, kind="voices", journal=tmp_path / "j"))
    monkeypatch.undo()
    outcomes = await outcomes_by_key(
        run(speech, heygen=client, kind="voices", journal=tmp_path / "j", output_dir=tmp_path)
    )
    assert outcomes["row-0"].succeeded
    assert outcomes["row-0"].result.audio_url
    assert (len(api.ledger), outcomes["row-0"].path) == (1, tmp_path / "row-0.wav")


@pytest.mark.skipif(not hasattr(asyncio, "eager_task_factory"), reason="needs Python 3.12")
async def test_stores_no_row_after_a_rejected_key(api: HeyGenEmulator, tmp_path: Path) -> None:
    # An eager task of the next row runs before the task that takes the error.
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    async with AsyncHeyGen("wrong", base_url=api.url) as client:
        with pytest.raises(AuthenticationError):
            await outcomes_by_key(run(hello(5), heygen=client, journal=tmp_path / "j", concurrency=1))
    async with Journal(tmp_path / "j") as journal:
        assert await journal.is_untouched()
    assert len(api.requests_for("VideoCreate")) == 1
