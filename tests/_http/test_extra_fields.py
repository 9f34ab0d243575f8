"""`with_options(query=…, body=…, headers=…)`: fields that the SDK does not know."""

from __future__ import annotations

import pytest

from heygen_async import AsyncHeyGen, AvatarVideo, BadRequestError
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.users import User

SPOKEN = AvatarVideo(avatar_id="avatar_1", script="Hello.", voice_id="voice_0001")


async def test_fields_of_the_body_are_merged_into_a_struct(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    view = client.with_options(body={"new_field": {"a": 1}, "cleared": None})
    with pytest.raises(BadRequestError, match="new_field"):  # the emulator knows no new field either
        await view.videos.create(SPOKEN)
    sent = {"type": "avatar", "avatar_id": "avatar_1", "script": "Hello.", "voice_id": "voice_0001"}
    assert api.requests[-1].json == sent | {"new_field": {"a": 1}, "cleared": None}


async def test_fields_of_the_body_are_merged_into_keywords_and_unknown_endpoints(
    client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    view = client.with_options(body={"new_field": 1})
    with pytest.raises(BadRequestError, match="new_field"):
        await view.video_agents.create(prompt="A tour")
    assert api.requests[-1].json == {"prompt": "A tour", "new_field": 1}
    with pytest.raises(BadRequestError, match="new_field"):
        await view.request("POST", "/v3/video-agents", json={"prompt": "B"})
    assert api.requests[-1].json == {"prompt": "B", "new_field": 1}


async def test_parameters_are_merged_into_each_page(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    view = client.with_options(query={"added": "x", "removed": 1}).with_options(query={"removed": None, "more": [1, 2]})
    with pytest.raises(BadRequestError, match="added"):
        await view.voices.list(limit=5)
    assert api.requests[-1].query == {"limit": "5", "added": "x", "more": "1,2"}
    with pytest.raises(BadRequestError, match="added"):
        await view.users.me()
    assert api.requests[-1].query == {"added": "x", "more": "1,2"}


async def test_the_polls_of_a_wait_have_no_extra_fields(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.videos.create(SPOKEN)
    await client.with_options(query={"new": 1}, body={"new": 1}).wait_for_video(created)
    assert {"new"} & {name for request in api.requests for name in request.query} == set()


@pytest.mark.parametrize("body", [{"script": "Bye."}, {"title": "A"}])
async def test_a_field_that_the_struct_has_is_refused(
    body: dict[str, object], client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    with pytest.raises(TypeError, match=r"Videos\.create\(\) has '(script|title)' itself: pass it there"):
        await client.with_options(body=body).videos.create(SPOKEN)
    assert api.requests == []


async def test_a_name_that_the_method_has_is_refused(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with pytest.raises(TypeError, match=r"VideoAgents\.create\(\) has 'avatar_id' itself"):
        await client.with_options(body={"avatar_id": "avatar_1"}).video_agents.create(prompt="A tour")
    with pytest.raises(TypeError, match=r"Voices\.list\(\) has 'gender' itself"):
        await client.with_options(query={"gender": "female"}).voices.list()
    with pytest.raises(TypeError, match="The request has 'prompt' itself"):
        await client.with_options(body={"prompt": 1}).request("POST", "/v3/video-agents", json={"prompt": "A"})
    with pytest.raises(TypeError, match="needs a JSON object"):
        await client.with_options(body={"prompt": 1}).request("POST", "/v3/video-agents", json=["A"])
    assert api.requests == []


async def test_none_removes_a_header_of_the_client(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(api.key, base_url=api.url, headers={"X-Team": "red", "X-App": "film"}) as client:
        await client.with_options(headers={"X-Team": None, "X-Trace": "7"}).users.me()
    headers = api.requests[-1].headers
    assert [headers.get(name) for name in ("X-Team", "X-App", "X-Trace")] == [None, "film", "7"]


async def test_a_view_may_have_another_address(client: AsyncHeyGen) -> None:
    async with HeyGenEmulator() as other:
        view = client.with_options(base_url=other.url, headers={"X-Api-Key": other.key})
        assert isinstance(await view.users.me(), User)
        assert len(other.requests) == 1
