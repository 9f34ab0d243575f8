"""Every operation of every resource against the emulator, as a program uses it."""

from __future__ import annotations

import copy
import pickle
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from forged_api import forged_api
from hypothesis import given, strategies as st
from support import PNG

from heygen_async import (  # fmt: skip
    AmbiguousRequestError,
    AsyncHeyGen,
    BadRequestError,
    BytesFile,
    ConflictError,
    InvalidInputError,
    JobFailedError,
    NotFoundError,
    Page,
    Pager,
    PaginationError,
    PermissionDeniedError,
    ResourceNotReadyError,
    UrlFile,
)
from heygen_async.testing import Fault, HeyGenEmulator, Plan
from heygen_async.types.ai_clipping import ClipSettings
from heygen_async.types.avatars import PhotoAvatar
from heygen_async.types.base import OpenEnum
from heygen_async.types.brand_glossaries import ForcedTranslation, KeptTerm, Pronunciation
from heygen_async.types.brand_kits import ColorRoles, FontRole, FontRoles, LogoRoles
from heygen_async.types.models import ImageToVideo, InstantVoice, ProfessionalVoice, ReferenceToVideo, TextToVideo
from heygen_async.types.templates import (  # fmt: skip
    AudioVariable,
    CharacterProperties,
    CharacterVariable,
    FileProperties,
    ImageVariable,
    TextProperties,
    TextVariable,
    VideoVariable,
    VoiceProperties,
    VoiceVariable,
)
from heygen_async.types.videos import AvatarVideo, CinematicVideo, ImageVideo, StudioVideo, Video, VideoScene

FILE = "https://example.com/a.mp4"
PNG_FILE = BytesFile(content=PNG, media_type="image/png")
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
            ImageVideo(image="https://example.com/a.png", script="Hello there.", voice_id="voice_0001"),
            CinematicVideo(prompt="A walk", avatar_id=["avatar_1", "avatar_2"]),
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


async def test_bulk_statuses_send_a_request_for_each_hundred_ids(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
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
    assert len(await client.video_agents.list_resources(created.session_id).collect(limit=2)) == 2
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


async def test_an_error_of_the_api_keeps_all_its_fields(client: AsyncHeyGen) -> None:
    with pytest.raises(BadRequestError) as caught:
        await client.videos.create({"type": "avatar", "avatar_id": "avatar_1", "script": "Hi.", "prompt": "A tour"})
    assert (caught.value.param, caught.value.code) == ("prompt", "invalid_parameter")


@given(
    sizes=st.lists(st.integers(0, 4), min_size=1, max_size=6),
    wrong=st.sampled_from(["fine", "repeated", "empty", "the first"]),
)
async def test_a_pager_yields_every_item_once_or_raises(sizes: list[int], wrong: str) -> None:
    requested_ids: list[str | None] = []

    async def fetch(token: str | None) -> Page[tuple[int, int]]:
        requested_ids.append(token)
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
    assert len(requested_ids) <= 2 * len(sizes)


@given(value=st.text(max_size=20))
def test_an_open_enum_keeps_an_unknown_value(value: str) -> None:
    class State(OpenEnum):
        DONE = "done"

    state = State(value)
    assert state == value
    assert state.is_known == (value == "done")
    with pytest.raises(ValueError, match="7"):
        State(7)  # type: ignore[arg-type]


def test_a_struct_becomes_json_and_is_copied() -> None:
    video = Video(id="v", status="completed", created_at=0)  # type: ignore[arg-type]
    assert msgspec.json.decode(video.to_json()) == video.to_dict()
    assert pickle.loads(pickle.dumps(video)) == copy.deepcopy(video) == video


def test_datetimes_are_aware() -> None:
    video = Video(id="v", status="completed", created_at=0, completed_at=60)  # type: ignore[arg-type]
    assert video.created is not None
    assert video.completed is not None
    assert (video.completed - video.created).seconds == 60
    assert Video(id="v", status="pending").created is None  # type: ignore[arg-type]
    assert Video(id="v", status="pending").completed is None  # type: ignore[arg-type]


async def test_a_pager_sends_nothing_before_its_first_use(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    assert repr(client.voices.list()) == "Pager(GET /v3/voices)"
    api.inject(Fault("status", status=500, after=2))
    assert len(await client.voices.list(limit=100).collect()) == 250


async def test_a_page_is_a_sequence_of_its_items(client: AsyncHeyGen) -> None:
    page = await client.voices.list(limit=3)
    assert isinstance(page, Sequence)
    assert (len(page), list(page), page[0], page[1:]) == (3, page.data, page.data[0], page.data[1:])
    assert list(reversed(page)) == page.data[::-1]
    assert (page.data[2] in page, page.index(page.data[2]), page.count(page.data[2])) == (True, 2, 1)
    assert "a voice" not in page


async def test_the_first_item_of_a_pager_takes_one_request(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    voice = await client.voices.list().first()
    assert voice == (await client.voices.list(limit=1)).data[0]
    assert await client.video_translations.list().first() is None
    assert len(api.requests_for("VoiceList")) == 2


async def test_avatars(client: AsyncHeyGen) -> None:
    look = await client.avatars.create_and_wait(PhotoAvatar(name="Ada", file="https://example.com/a.png"))
    group = str(look.group_id)
    assert (await client.avatars.get(group)).looks_count == 1
    assert [avatar.id async for avatar in client.avatars.list(ownership="private")] == [group]
    look_list = client.avatars.looks
    assert [one.id async for one in look_list.list(group_id=group)] == [look.id]
    assert (await look_list.get(look.id)).supported_api_engines
    assert (await look_list.update(look.id, name="Ada II")).name == "Ada II"
    assert len(await client.avatars.list(ownership="public", limit=30).collect()) == 40
    assert (await look_list.delete(look.id)).id == look.id
    with pytest.raises(NotFoundError):
        await look_list.get(look.id)
    other = await client.avatars.create({"type": "prompt", "name": "B", "prompt": "a baker"})
    assert other.avatar_group is not None
    assert (await client.avatars.delete(other.avatar_group.id)).id == other.avatar_group.id


async def test_a_default_voice_is_set_kept_and_removed(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.avatars.create(PhotoAvatar(name="Ada", file="https://example.com/a.png"))
    assert created.avatar_group is not None
    group = created.avatar_group.id
    assert (await client.avatars.update(group, default_voice_id="voice_0001")).default_voice_id == "voice_0001"
    assert (await client.avatars.update(group)).default_voice_id == "voice_0001"
    assert (await client.avatars.get(group)).default_voice_id == "voice_0001"
    assert (await client.avatars.update(group, default_voice_id=None)).default_voice_id is None
    assert [request.json for request in api.requests_for("AvatarUpdate")] == [
        {"default_voice_id": "voice_0001"}, {}, {"default_voice_id": None},
    ]  # fmt: skip
    public = (await client.avatars.list(ownership="public")).data[0]
    with pytest.raises(PermissionDeniedError):
        await client.avatars.update(public.id, default_voice_id="voice_0001")


async def test_returns_the_scenes_of_a_finished_video(client: AsyncHeyGen) -> None:
    request = StudioVideo(scenes=[VideoScene(source=UrlFile(url=FILE)), VideoScene(source=UrlFile(url=FILE))])
    created = await client.videos.create(request)
    with pytest.raises(ResourceNotReadyError):
        await client.videos.get_scenes(created.video_id)
    await client.wait_for_video(created)
    video_scenes = await client.videos.get_scenes(created.video_id)
    assert (video_scenes.video_id, len(video_scenes.scenes)) == (created.video_id, 2)
    [clip] = video_scenes.scenes[0].elements
    assert (clip.type, clip.url, clip.playback) == ("video", FILE, "full_video")


async def test_lipsyncs(client: AsyncHeyGen) -> None:
    done = await client.lipsyncs.create_and_wait(video=FILE, audio=FILE, title="One", mode="speed")
    assert done.video_url is not None
    assert (await client.lipsyncs.update(done.id, title="Two")).title == "Two"
    assert [one.title async for one in client.lipsyncs.list()] == ["Two"]
    assert (await client.lipsyncs.statuses(lipsync_ids=[done.id]))[0].status == "completed"
    assert (await client.lipsyncs.delete(done.id)).id == done.id
    assert await client.lipsyncs.list().collect() == []


async def test_video_translations(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    translations = client.video_translations
    assert "Spanish (Spain)" in (await translations.list_languages()).languages
    [done] = await translations.create_and_wait(video=FILE, output_languages=["Spanish"])
    assert (await translations.get_caption(done.id, format="srt")).caption_url
    assert (await translations.update(done.id, title="Charla")).title == "Charla"
    assert [one.id async for one in translations.list()] == [done.id]
    assert (await translations.statuses(video_translation_ids=[done.id]))[0].status == "completed"
    api.inject(Fault("status", status=404, code="not_found", operation="VideoTranslateCaptionGet"))
    with pytest.raises(NotFoundError, match="srt_caption_url"):
        await translations.get_caption(done.id, format="vtt")
    await translations.delete(done.id)
    with pytest.raises(NotFoundError):
        await translations.get(done.id)


async def test_a_list_that_some_accounts_lack(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("status", status=404, code="not_found", path="/v3/video-agents/sessions/*"))
    with pytest.raises(NotFoundError, match=r"get_resource\(\) fetches each"):
        await client.video_agents.list_resources("session_1")


async def test_a_conversation_is_oldest_first(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(kind="session", question="Which voice?"))
    created = await client.video_agents.create(prompt="A tour", mode="chat")
    asks = await client.wait_for_session(created)
    assert [message.content for message in asks.conversation] == ["A tour", "Which voice?"]
    sent = await client.video_agents.send_message(created.session_id, message="The calm one.", files=[PNG_FILE])
    done = await client.wait_for_session(sent)
    assert [message.content for message in done.conversation][:3] == ["A tour", "Which voice?", "The calm one."]
    assert done.created.timestamp() == done.created_at


async def test_templates(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    first = (await client.templates.list(limit=2)).data[0]
    template = await client.templates.get(first.id)
    assert template.scenes is not None
    assert [scene.scene_id for scene in template.scenes] == template.scene_ids
    await client.templates.generate(first.id, variables=template.variables or {})
    assert api.requests_for("TemplateGenerate")[0].json["variables"] == template.variables
    clip = await client.assets.upload(PNG)
    api.add("asset", "music_1")
    await client.templates.generate(
        first.id,
        variables={
            "first_name": TextVariable(name="first_name", properties=TextProperties(content="Ada")),
            "picture": ImageVariable(name="picture", properties=FileProperties(url="https://example.com/a.png")),
            "clip": VideoVariable(name="clip", properties=FileProperties(asset_id=clip.asset_id)),
            "music": AudioVariable(name="music", properties=FileProperties(asset_id="music_1")),
            "presenter": CharacterVariable(name="presenter", properties=CharacterProperties(character_id="avatar_2")),
            "speaker": VoiceVariable(name="speaker", properties=VoiceProperties(voice_id="voice_0001")),
        },
        dimension={"width": 1280, "height": 720},
        scene_ids=["scene_2", "scene_1"],
    )


async def test_a_plain_string_fills_a_text_variable(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    first = (await client.templates.list(limit=1)).data[0]
    await client.templates.generate(first.id, variables={"first_name": "Ada"})
    assert api.requests_for("TemplateGenerate")[0].json["variables"] == {
        "first_name": {"name": "first_name", "type": "text", "properties": {"content": "Ada"}}
    }


async def test_background_removals_differ_by_their_request_id(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    one = await client.background_removals.create(video=FILE, request_id="mine")
    again = await client.background_removals.create(video=FILE, request_id="mine")
    other = await client.background_removals.create(video=FILE)
    assert one.id == again.id != other.id
    done = await client.wait_for_background_removal(one)
    assert done.layers is not None
    assert [job.id async for job in client.background_removals.list()] == [other.id, one.id]
    assert (await client.background_removals.delete(one.id)).deleted


async def test_clips_and_renders(client: AsyncHeyGen) -> None:
    clips = await client.ai_clipping.create_and_wait(
        video=FILE, output_settings=ClipSettings(aspect_ratio="square", duration_types=["30", "60", "180"])
    )
    assert [clip.aspect_ratio for clip in clips.clips or ()] == ["square"] * 3
    assert [job.id async for job in client.ai_clipping.list()] == [clips.id]
    assert (await client.ai_clipping.delete(clips.id)).id == clips.id
    render = await client.hyperframes.create_and_wait(project=FILE, fps=24, format="webm", variables={"a": {"b": 1}})
    assert (render.fps, render.format) == (24, "webm")
    assert [one.render_id async for one in client.hyperframes.list()] == [render.render_id]
    assert (await client.hyperframes.delete(render.render_id)).render_id == render.render_id


async def test_filler_word_removals(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    created = await client.filler_word_removals.create(video=PNG_FILE, title="Talk", callback_id="c")
    assert api.requests_for("FillerWordRemovalCreate")[0].json["video"]["type"] == "asset_id"
    started = await client.filler_word_removals.get(created.filler_word_removal_id)
    assert (started.status, started.progress, started.title, started.callback_id) == ("pending", 0, "Talk", "c")
    done = await client.wait_for_filler_word_removal(created)
    assert (done.num_cuts, done.reduction_pct, done.output_duration) == (2, 20.0, 1.0)
    await client.download(done, tmp_path / "talk.mp4")


async def test_folders(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    top = await client.folders.create(name="Talks", idempotency_key="once")
    assert (top.type, top.parent_id) == ("mixed", None)
    assert await client.folders.create(name="Talks", idempotency_key="once") == top
    inner = await client.folders.create(name="2026", parent_id=top.folder_id, type="video")
    assert (inner.type, inner.parent_id) == ("video", top.folder_id)
    assert await client.folders.get(inner.folder_id) == inner
    with pytest.raises(NotFoundError):
        await client.folders.get("folder_of_nobody")


TALK: Any = {
    "host_avatar_id": "avatar_1",
    "guest_avatar_id": "avatar_2",
    "host_voice_id": "voice_0001",
    "guest_voice_id": "voice_0002",
}


async def test_podcasts(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    podcast = await client.podcasts.create_and_wait(
        **TALK, topic="Tea", source_files=[PNG_FILE, FILE], layout="portrait", duration="1min"
    )
    assert (podcast.title, podcast.duration) == ("Tea", 60)
    files = api.requests_for("PodcastCreate")[0].json["source_files"]
    assert [file["type"] for file in files] == ["asset_id", "url"]
    await client.download(podcast, tmp_path / "tea.mp4")
    assert [one.podcast_id async for one in client.podcasts.list()] == [podcast.podcast_id]
    assert await client.podcasts.delete(podcast.podcast_id) == {}
    assert await client.podcasts.list().collect() == []


async def test_podcasts_and_filler_word_removals_send_events_at_their_end(client: AsyncHeyGen) -> None:
    nobody = "http://127.0.0.1:9/hook"
    podcast = await client.podcasts.create_and_wait(**TALK, callback_url=nobody, callback_id="mine")
    removal = await client.filler_word_removals.create_and_wait(video=FILE, callback_url=nobody)
    second, first = await client.webhooks.list_events().collect()
    assert (first.event_type, first.event_data) == (
        "podcast.success", {"podcast_id": podcast.podcast_id, "callback_id": "mine"},
    )  # fmt: skip
    assert second.event_type == "filler_word_removal.success"
    assert second.event_data["filler_word_removal_id"] == removal.id


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [(404, "not_found", "Check the id"), (403, "forbidden", "Use a key of the workspace"),
     (403, "insufficient_api_key_scope", "that scope")],
)  # fmt: skip
async def test_a_preview_that_the_account_lacks(
    status: int, code: str, advice: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    api.inject(Fault("status", status=status, code=code, path="/v3/podcasts*", count=None))
    for call in (
        client.podcasts.create(**TALK),
        client.podcasts.get("p"),
        client.podcasts.list(),
        client.podcasts.delete("p"),
        client.wait_for_podcast("p"),
    ):
        with pytest.raises(NotFoundError if status == 404 else PermissionDeniedError, match=advice) as caught:
            await call
        assert "This operation is a preview, which may not be enabled for this account." in str(caught.value)


KEYED = {
    "BrandGlossaryCreate": lambda c: c.brand_glossaries.create(name="Ours"),
    "FillerWordRemovalCreate": lambda c: c.filler_word_removals.create(video=FILE),
    "FolderCreate": lambda c: c.folders.create(name="Talks"),
    "ModelImageCreate": lambda c: c.models.images.create(identity_images=[FILE], reference_images=[FILE]),
    "ModelVideoCreate": lambda c: c.models.videos.create(TextToVideo(prompt="A fox")),
    "ModelVoiceCreate": lambda c: c.models.voices.create(InstantVoice(name="Mine", audio=[FILE])),
}


@pytest.mark.parametrize("operation", KEYED)
async def test_retries_a_lost_response_under_the_same_key(
    operation: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    api.inject(Fault("lost_response", operation=operation))
    await KEYED[operation](client)
    first, second = (request.headers["Idempotency-Key"] for request in api.requests_for(operation))
    assert first == second
    assert len(api.ledger) <= 1


async def test_does_not_repeat_a_podcast_after_a_lost_response(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("lost_response", operation="PodcastCreate"))
    with pytest.raises(AmbiguousRequestError, match=r"podcasts\.list\(\)"):
        await client.podcasts.create(**TALK)
    assert len(api.requests_for("PodcastCreate")) == len(api.ledger) == 1


async def test_model_voices(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    voices = client.models.voices
    voice = await voices.create_and_wait(ProfessionalVoice(audio=[FILE, PNG_FILE], name="Mine", language="en"))
    assert (voice.status, voice.name, voice.mode, voice.language) == ("ACTIVE", "Mine", "professional", "en")
    assert [file["type"] for file in api.requests_for("ModelVoiceCreate")[0].json["audio"]] == ["url", "asset_id"]
    again = await voices.create(ProfessionalVoice(audio=[FILE], voice_id=voice.voice_id))
    retrained = await voices.get(voice.voice_id)
    assert (again.voice_id, retrained.status, retrained.name) == (voice.voice_id, "PENDING", "Mine")
    assert [one.voice_id async for one in voices.list()] == [voice.voice_id]
    with pytest.raises(ConflictError, match="is being trained"):
        await voices.delete(voice.voice_id)
    await client.wait_for_model_voice(again)
    assert (await voices.delete(voice.voice_id)).status == "ok"
    with pytest.raises(NotFoundError):
        await voices.get(voice.voice_id)


async def test_model_speech(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    speech = await client.models.create_speech(text="Good morning", voice_id="voice_0001", language="en", seed=7)
    assert speech.duration == 0.8
    await client.download(speech, tmp_path / "speech.wav")
    api.inject(Fault("lost_response", operation="ModelSpeechCreate"))
    with pytest.raises(AmbiguousRequestError, match=r"users\.me"):
        await client.models.create_speech(text="Good morning", voice_id="voice_0001")
    assert len(api.requests_for("ModelSpeechCreate")) == 2


async def test_model_images(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    images = client.models.images
    generation = await images.create_and_wait(identity_images=[PNG_FILE], reference_images=[FILE], num_images=2, seed=5)
    assert [image.seed for image in generation.images or ()] == [5, 6]
    sent = api.requests_for("ModelImageCreate")[0].json
    assert sent["model"] == "heygen-image-1"
    assert (sent["identity_images"][0]["type"], sent["reference_images"][0]["type"]) == ("asset_id", "url")
    await client.download(generation, tmp_path / "one.jpg", url_field="images.1.image_url")
    assert generation.images is not None
    await client.download(generation.images[0], tmp_path / "two.jpg")
    with pytest.raises(InvalidInputError, match=r"images\.0\.image_url, images\.1\.image_url"):
        await client.download(generation, tmp_path / "three.jpg")
    with pytest.raises(BadRequestError, match="reference_images"):
        await images.create(identity_images=[FILE], reference_images=[FILE, FILE])


async def test_model_videos(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    video = await client.models.videos.create_and_wait(TextToVideo(prompt="A fox", duration=9, aspect_ratio="21:9"))
    assert (video.status, video.duration) == ("completed", 9)
    await client.download(video, tmp_path / "fox.mp4")
    await client.models.videos.create(ImageToVideo(prompt="It runs", image=PNG_FILE))
    await client.models.videos.create(
        ReferenceToVideo(prompt="It runs", reference_images=[FILE], reference_videos=[FILE], reference_audio=[FILE])
    )
    await client.models.videos.create({"mode": "text_to_video", "prompt": "A fox"})
    first, second, third, last = (request.json for request in api.requests_for("ModelVideoCreate"))
    model = {"model": "heygen-video-1"}
    assert first == model | {"mode": "text_to_video", "prompt": "A fox", "duration": 9, "aspect_ratio": "21:9"}
    assert (second["mode"], second["image"]["type"]) == ("image_to_video", "asset_id")
    url = {"type": "url", "url": FILE}
    assert third == model | {
        "mode": "reference_to_video", "prompt": "It runs",
        "reference_images": [url], "reference_videos": [url], "reference_audio": [url],
    }  # fmt: skip
    assert last == model | {"mode": "text_to_video", "prompt": "A fox"}


async def test_a_cancelled_job_is_a_failed_one(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.models.videos.create(TextToVideo(prompt="A fox"))
    api.state.jobs[created.video_id].end(api.clock.time(), "cancelled")
    with pytest.raises(JobFailedError, match="cancelled"):
        await client.wait_for_model_video(created)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda c: c.filler_word_removals.create_and_wait(video=FILE), None),
        (lambda c: c.podcasts.create_and_wait(**TALK), None),
        (lambda c: c.models.videos.create_and_wait(TextToVideo(prompt="A fox")), None),
        (
            lambda c: c.models.images.create_and_wait(identity_images=[FILE], reference_images=[FILE]),
            "images.0.image_url",
        ),
    ],
)
async def test_renews_an_expired_url(
    make: Any, field: str | None, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    job = await make(client)
    api.clock.advance(4000)
    await client.download(job, tmp_path / "file", url_field=field)


async def test_webhooks(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    endpoints = client.webhooks.endpoints
    endpoint = await endpoints.create(url="https://example.com/hook", events=["avatar_video.success"])
    assert endpoint.secret is not None
    assert endpoint.secret not in repr(endpoint)
    assert [one.endpoint_id async for one in endpoints.list()] == [endpoint.endpoint_id]
    assert (await endpoints.update(endpoint.endpoint_id, url="https://example.com/b")).events == [
        "avatar_video.success"
    ]
    assert (await endpoints.update(endpoint.endpoint_id, events=None)).events is None
    assert [request.json for request in api.requests_for("WebhookEndpointsUpdate")] == [
        {"url": "https://example.com/b"}, {"events": None},
    ]  # fmt: skip
    with pytest.raises(BadRequestError, match="at least one of url or events"):
        await endpoints.update(endpoint.endpoint_id)
    assert (await endpoints.rotate_secret(endpoint.endpoint_id)).secret != endpoint.secret
    assert len(await client.webhooks.list_event_types()) > 10
    await client.webhooks.list_events(event_type="avatar_video.success").collect()
    await endpoints.delete(endpoint.endpoint_id)
    assert await endpoints.list().collect() == []


async def test_brand_kits(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    kits = client.brand_kits
    kit = await client.wait_for_brand_kit((await kits.list(limit=1)).data[0])
    assert (kit.status, kit.color_roles) == ("completed", ColorRoles(primary="#1A2B3C"))
    both = FontRoles(title_text=FontRole(font_id="font_0"), body_text=FontRole(font_id="font_0", weight=400))
    assert (await kits.update(kit.brand_kit_id, name="Ours", font_roles=both)).font_roles == both
    cleared = await kits.update(kit.brand_kit_id, color_roles=ColorRoles(), logo_roles=LogoRoles(primary="logo_1"))
    assert (cleared.name, cleared.color_roles, cleared.logo_roles) == (
        "Ours",
        ColorRoles(),
        LogoRoles(primary="logo_1"),
    )
    assert cleared == await kits.get(kit.brand_kit_id)
    await kits.update(kit.brand_kit_id, color_roles=cleared.color_roles)
    assert [request.json for request in api.requests_for("BrandKitUpdate")] == [
        {"name": "Ours", "font_roles": {
            "title_text": {"font_id": "font_0"}, "body_text": {"font_id": "font_0", "weight": 400}}},
        {"color_roles": {}, "logo_roles": {"primary": "logo_1"}},
        {"color_roles": {}},
    ]  # fmt: skip
    assert (await kits.delete(kit.brand_kit_id)).brand_kit_id == kit.brand_kit_id
    with pytest.raises(NotFoundError):
        await kits.get(kit.brand_kit_id)


async def test_a_brand_kit_fails_when_its_website_cannot_be_read(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(kind="brand_kit", fail_message="No."))
    kit = (await client.brand_kits.list()).data[0]
    states = []
    with pytest.raises(JobFailedError) as caught:
        async for update in client.watch_brand_kit(kit):
            states.append(update.state)
    assert (states[0], caught.value.state, caught.value.kind) == ("loading", "error", "brand kit")


async def test_brand_glossaries(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    glossaries = client.brand_glossaries
    glossary = await glossaries.create(
        name="Ours",
        terms=[Pronunciation(term="SQL", pronunciation="sequel")],
        do_not_translate_terms=[KeptTerm(term="HeyGen")],
        forced_translations=[ForcedTranslation(term="cloud", translation="Wolke")],
    )
    id = glossary.brand_glossary_id
    renamed = await glossaries.update(id, name="Mine")
    assert (renamed.name, renamed.terms) == ("Mine", [Pronunciation(term="SQL", pronunciation="sequel")])
    cleared = await glossaries.update(id, terms=[], do_not_translate_terms=[KeptTerm(term="MCP")])
    assert (cleared.terms, cleared.do_not_translate_terms) == ([], [KeptTerm(term="MCP")])
    assert cleared.forced_translations == glossary.forced_translations
    assert await glossaries.get(id) == cleared
    assert [request.json for request in api.requests_for("BrandGlossaryUpdate")] == [
        {"name": "Mine"}, {"terms": [], "do_not_translate_terms": [{"term": "MCP"}]},
    ]  # fmt: skip
    with pytest.raises(ConflictError, match="mINE"):
        await glossaries.create(name="mINE")
    assert (await glossaries.delete(id)).brand_glossary_id == id
    with pytest.raises(NotFoundError):
        await glossaries.get(id)


async def test_brands_and_sounds(client: AsyncHeyGen) -> None:
    assert len(await client.brand_kits.list(limit=10).collect()) == 25
    assert len(await client.brand_glossaries.list().collect()) == 12
    assert {sound.type async for sound in client.audio.search_sounds(query="rain", type="sound_effects")} == {
        "sound_effects"
    }
    for bad in ({"limit": 51}, {"min_score": 1.5}):
        with pytest.raises(InvalidInputError):
            await client.audio.search_sounds(query="rain", **bad)


@pytest.mark.parametrize("length", [7, 1 << 20])
async def test_a_project_is_uploaded_directly(
    length: int, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    path = tmp_path / "project.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("index.html", "x" * length)
    await client.hyperframes.create(project=path)
    await client.hyperframes.create(project=BytesFile(content=path.read_bytes(), media_type="application/zip"))
    assert len(api.requests_for("AssetDirectUploadsCreate")) == 2
    for wrong in (PNG_FILE, tmp_path / "none.zip"):
        with pytest.raises(InvalidInputError, match="project"):
            await client.hyperframes.create(project=wrong)
    with pytest.raises(InvalidInputError, match=r"this one is application/(zip|x-zip)"):
        await client.lipsyncs.create(video=path, audio=FILE)
    assert len(api.requests_for("AssetDirectUploadsCreate")) == len(api.requests_for("HyperframesRenderCreate")) == 2
    assert api.requests_for("LipsyncCreate") == api.requests_for("AssetCreate") == []


async def test_deleting_the_last_look_deletes_its_identity(client: AsyncHeyGen) -> None:
    created = await client.avatars.create(PhotoAvatar(name="Ada", file=FILE))
    await client.avatars.looks.delete(created.avatar_item.id)
    with pytest.raises(NotFoundError):
        await client.avatars.get(created.avatar_group.id)


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_a_create_may_answer_any_status_of_success(status: int) -> None:
    async with forged_api() as (forged, heygen):
        forged.give({"data": {"video_id": "v"}}, status=status)
        assert (await heygen.videos.create(AvatarVideo(avatar_id="avatar_1", script="Hello."))).video_id == "v"


async def test_a_message_may_be_files_alone(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    session = await client.video_agents.create(prompt="A tour", mode="chat", brand_glossary_id=None)
    await client.video_agents.send_message(session.session_id, files=[FILE])
    assert api.requests_for("VideoAgentSend")[0].json == {"files": [{"type": "url", "url": FILE}]}


async def test_a_video_batch_is_not_started_twice(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("lost_response", operation="VideoBatchesCreate"))
    look = (await client.avatars.looks.list(ownership="public")).data[0].id
    await client.videos.create_batch(videos=[AvatarVideo(avatar_id=look, script="Hello.")])
    first, second = (request.headers["Idempotency-Key"] for request in api.requests_for("VideoBatchesCreate"))
    assert (first, len(api.ledger)) == (second, 1)
