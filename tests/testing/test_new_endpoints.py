"""Endpoints and fields that are newer than the contract: a test adds them to the local HeyGen."""

from __future__ import annotations

import pytest

from heygen_async import AsyncHeyGen, BadRequestError, NotFoundError
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

VIDEO = AvatarVideo(avatar_id="avatar_1", script="Hello.")
PATH = "/v3/models/audio/sts"


async def test_an_unknown_endpoint_gets_a_hint_and_then_a_response(
    api: HeyGenEmulator, client: AsyncHeyGen, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(NotFoundError, match=rf"no endpoint POST {PATH}\..*Check the method and the path"):
        await client.request("POST", PATH, json={"audio": "x"})
    assert f"api.inject(Fault('response', path='{PATH}', body={{'data': {{}}}}, count=None))" in caplog.text
    api.inject(Fault("response", path=PATH, body={"data": {"id": "sts_1"}}))
    assert await client.request("POST", PATH, json={"audio": "x"}) == {"data": {"id": "sts_1"}}
    assert api.requests[-1].json == {"audio": "x"}
    fault = {"kind": "response", "path": PATH, "status": 201, "body": {"data": [1]}}
    await client.request("POST", "/_emulator/faults", json=fault)
    assert await client.request("POST", PATH, json={}) == {"data": [1]}
    assert client.last_response is not None
    assert client.last_response.status == 201


async def test_new_fields_are_made_known() -> None:
    async with HeyGenEmulator(known_fields=["new_field"]) as api, AsyncHeyGen(api.key, base_url=api.url) as client:
        new = client.with_options(body={"new_field": {"any": 1}}, query={"new_field": "x"})
        assert (await new.videos.create(VIDEO)).video_id
        with pytest.raises(BadRequestError, match="Unknown field 'newer_field'"):
            await client.with_options(body={"newer_field": 1}).videos.create(VIDEO)
        api.add("field", "newer_field")
        assert (await client.with_options(body={"newer_field": 1}).videos.create(VIDEO)).video_id


@pytest.mark.parametrize("options", [{"body": {"new_field": 1}}, {"query": {"new_field": "1"}}])
async def test_an_unknown_field_gets_a_hint(
    client: AsyncHeyGen, caplog: pytest.LogCaptureFixture, options: dict[str, dict[str, str]]
) -> None:
    with pytest.raises(BadRequestError):
        await client.with_options(**options).videos.create(VIDEO)  # type: ignore[arg-type]
    assert "HeyGenEmulator(known_fields=['new_field'])" in caplog.text
