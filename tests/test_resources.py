"""Every operation of the five resources, against the local HeyGen, as a program uses it."""

from __future__ import annotations

import pytest
from conftest import PNG
from hypothesis import given, strategies as st

from heygen_async import AsyncHeyGen, BadRequestError, NotFoundError, Page, Pager, PaginationError, UrlFile
from heygen_async.models.base import OpenEnum
from heygen_async.models.videos import AvatarVideo, CinematicVideo, ImageVideo, StudioVideo, Video, VideoScene
from heygen_async.testing import Fault, HeyGenEmulator

SCRIPT = AvatarVideo(avatar_id="avatar_1", script="Hello there.", title="Hello")


async def test_users(client: AsyncHeyGen) -> None:
    me = await client.users.me()
    assert me.wallet is not None
    assert me.wallet.remaining_balance == 100.0


async def test_videos(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    source = UrlFile(url="https://example.com/a.mp4")
    ids = [
        (await client.videos.create(request)).video_id
        for request in (
            SCRIPT,
            ImageVideo(image="https://example.com/a.png", script="Hello there."),
            CinematicVideo(prompt="A walk", avatar_id=["a", "b"]),
            StudioVideo(scenes=[VideoScene(source=source)]),
        )
    ]
    assert [video.id async for video in client.videos.list(limit=2)] == ids[::-1]
    assert [video.id async for video in client.videos.list(title="Hel")] == ids[:1]
    statuses = await client.videos.statuses(video_ids=[*ids, "none"])
    assert [status.status for status in statuses] == ["queued"] * 4 + ["not_found"]
    assert (await client.videos.delete(ids[0])).deleted
    with pytest.raises(NotFoundError):
        await client.videos.get(ids[0])
    batch = await client.videos.create_batch(videos=[SCRIPT, SCRIPT], title="Two")
    page = await client.videos.get_batch(batch.batch_id, limit=1)
    assert (page.total_items, page.has_more, page.counts_by_status) == (2, True, {"queued": 2})
    rest = await client.videos.get_batch(batch.batch_id, token=page.next_token)
    assert rest.items[0].item_index == 1


async def test_bulk_statuses_go_by_the_hundred(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    ids = [f"id_{number}" for number in range(250)]
    found = await client.videos.statuses(video_ids=ids)
    assert [status.video_id for status in found] == ids
    assert [len(request.query["video_ids"].split(",")) for request in api.requests] == [100, 100, 50]


async def test_video_agents(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.video_agents.create(prompt="A tour", mode="chat", orientation="portrait")
    session = await client.wait_for_session(created)
    assert session.created.timestamp() == session.created_at
    sent = await client.video_agents.send_message(created.session_id, message="The calm one.")
    assert sent.session_id == created.session_id
    await client.wait_for_video(created)
    assert [one.session_id async for one in client.video_agents.list()] == [created.session_id]
    assert len([style async for style in client.video_agents.list_styles(limit=7)]) == 30
    assert len(await client.video_agents.list_videos(created.session_id)) == 1
    resources = await client.video_agents.list_resources(created.session_id, limit=2).collect()
    assert [one.resource_type for one in resources] == ["avatar", "voice", "draft"]
    assert len(await client.video_agents.list_resources(created.session_id).collect(most=2)) == 2
    first = await client.video_agents.get_resource(created.session_id, resources[0].resource_id)
    assert first == resources[0]
    assert (await client.video_agents.stop(created.session_id)).session_id == created.session_id


async def test_voices(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    assert len(await client.voices.list(limit=100).collect()) == 250
    assert {voice.language async for voice in client.voices.list(language="German")} == {"German"}
    voice = (await client.voices.list()).data[0]
    assert (await client.voices.get(voice.voice_id)).name == voice.name
    designed = await client.voices.design(prompt="A calm narrator", gender="female", seed=1)
    assert len(designed.voices) == 3
    clone = await client.voices.clone(audio="https://example.com/a.mp3", voice_name="Mine")
    assert (await client.voices.get(clone.voice_clone_id)).status == "processing"
    api.clock.advance(60)
    assert (await client.voices.get(clone.voice_clone_id)).status == "complete"
    assert [voice.name async for voice in client.voices.list(type="private")] == ["Mine"]
    speech = await client.voices.create_speech(text="Good morning", voice_id=voice.voice_id)
    assert [word.word for word in speech.word_timestamps or ()] == ["Good", "morning"]
    await client.voices.delete(clone.voice_clone_id)
    with pytest.raises(NotFoundError):
        await client.voices.delete(clone.voice_clone_id)


async def test_assets(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    uploaded = await client.assets.create(PNG)
    asset = await client.assets.get(uploaded.asset_id)
    assert asset.type == "image"
    assert [one.id async for one in client.assets.list(username=asset.owner)] == [asset.id]
    assert len(await client.assets.search(query="pizza", type="icon").collect()) == 60
    assert (await client.assets.statuses(asset_ids=[asset.id]))[0].status == "completed"
    file = {"filename": "a.png", "content_type": "image/png", "size_bytes": len(PNG)}
    batch = await client.assets.create_direct_upload_batch(files=[file, file])  # type: ignore[list-item]
    assert len(batch.items) == 2
    await client.assets.complete_batch(batch_id=batch.batch_id)
    assert (await client.assets.get_batch(batch.batch_id)).status == "failed"
    assert (await client.assets.delete(asset.id)).id == asset.id


async def test_what_the_api_alone_can_judge_comes_back_whole(client: AsyncHeyGen) -> None:
    with pytest.raises(BadRequestError) as caught:
        await client.videos.create({"type": "avatar", "avatar_id": "a", "script": "Hi.", "volume": 1})
    assert (caught.value.param, caught.value.code) == ("volume", "invalid_parameter")


@given(
    sizes=st.lists(st.integers(0, 4), min_size=1, max_size=6),
    wrong=st.sampled_from(["fine", "repeated", "empty", "the first"]),
)
async def test_a_pager_gives_every_item_once_or_says_why_not(sizes: list[int], wrong: str) -> None:
    asked: list[str | None] = []

    async def fetch(token: str | None) -> Page[tuple[int, int]]:
        asked.append(token)
        page = int(token or 0)
        items = [(page, number) for number in range(sizes[page])]
        last = page == len(sizes) - 1
        if not last or wrong == "fine":
            return Page(data=items, has_more=not last, next_token=None if last else str(page + 1))
        return Page(data=items, has_more=True, next_token={"empty": "", "repeated": str(page), "the first": "0"}[wrong])

    pager = Pager(fetch, "/v3/things", "0")
    wanted = [(page, number) for page, size in enumerate(sizes) for number in range(size)]
    found: list[tuple[int, int]] = []
    if wrong == "fine":
        assert await pager.collect() == wanted
        assert [page.data for page in [page async for page in pager.pages()]] == [
            [item for item in wanted if item[0] == page] for page in range(len(sizes))
        ]
    else:
        with pytest.raises(PaginationError, match="/v3/things"):
            async for item in pager:
                found.append(item)
        assert found == wanted
    assert len(asked) <= 2 * len(sizes)


@given(value=st.text(max_size=20))
def test_an_open_enum_keeps_what_it_does_not_know(value: str) -> None:
    class State(OpenEnum):
        DONE = "done"

    state = State(value)
    assert state == value
    assert state.is_known == (value == "done")
    with pytest.raises(ValueError, match="7"):
        State(7)  # type: ignore[arg-type]


def test_times_are_aware() -> None:
    video = Video(id="v", status="completed", created_at=0, completed_at=60)  # type: ignore[arg-type]
    assert video.created is not None
    assert video.completed is not None
    assert (video.completed - video.created).seconds == 60
    assert Video(id="v", status="pending").created is None  # type: ignore[arg-type]
    assert Video(id="v", status="pending").completed is None  # type: ignore[arg-type]


async def test_nothing_is_sent_before_a_pager_is_used(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    assert repr(client.voices.list()) == "Pager(GET /v3/voices)"
    api.fault(Fault("status", status=500, after=2))
    assert len(await client.voices.list(limit=100).collect()) == 250
