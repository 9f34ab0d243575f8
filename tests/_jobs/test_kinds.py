"""Every kind of job: creating, waiting, watching, failing, and resuming by its id."""

from __future__ import annotations

import asyncio
import itertools
import logging
import pickle
from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import Any, NamedTuple

import pytest
from support import PNG

from heygen_async import AsyncHeyGen, Backoff, InputRequiredError, InvalidInputError, JobFailedError, NotFoundError
from heygen_async.testing import HeyGenEmulator, Plan
from heygen_async.types.assets import CompletedAsset
from heygen_async.types.avatars import DigitalTwin, PhotoAvatar
from heygen_async.types.models import InstantVoice, TextToVideo
from heygen_async.types.videos import AvatarVideo
from heygen_async.types.voices import VoiceDetails

URL = "https://example.com/a.mp4"
VOICE = InstantVoice(name="Mine", audio=[URL])
SCRIPT = AvatarVideo(avatar_id="avatar_1", script="Hello there.")

TALK: Any = {
    "host_avatar_id": "avatar_1",
    "guest_avatar_id": "avatar_2",
    "host_voice_id": "voice_0001",
    "guest_voice_id": "voice_0002",
}


class Case(NamedTuple):
    wait: str
    kind: str  # the emulator's
    create: Callable[[AsyncHeyGen], Awaitable[Any]]
    create_and_wait: Callable[..., Awaitable[Any]]
    id: str = "id"
    done: str = "completed"
    failed: str = "failed"


CASES = [
    Case("video", "video", lambda c: c.videos.create(SCRIPT), lambda c, **w: c.videos.create_and_wait(SCRIPT, **w)),
    Case(
        "video",
        "video",
        lambda c: c.templates.generate("template_0", variables={}),
        lambda c, **w: c.templates.generate_and_wait("template_0", variables={}, **w),
    ),
    Case(
        "translation",
        "translation",
        lambda c: c.video_translations.create(video=URL, output_languages=["Spanish"]),
        lambda c, **w: c.video_translations.create_and_wait(video=URL, output_languages=["Spanish"], **w),
    ),
    Case(
        "proofread",
        "proofread",
        lambda c: c.video_translations.proofreads.create(video=URL, output_languages=["Spanish"], title="T"),
        lambda c, **w: c.video_translations.proofreads.create_and_wait(
            video=URL, output_languages=["Spanish"], title="T", **w
        ),
    ),
    Case(
        "lipsync",
        "lipsync",
        lambda c: c.lipsyncs.create(video=URL, audio=URL),
        lambda c, **w: c.lipsyncs.create_and_wait(video=URL, audio=URL, **w),
    ),
    Case(
        "avatar",
        "avatar",
        lambda c: c.avatars.create(PhotoAvatar(name="A", file=URL)),
        lambda c, **w: c.avatars.create_and_wait(PhotoAvatar(name="A", file=URL), **w),
    ),
    Case(
        "voice",
        "voice",
        lambda c: c.voices.clone(audio=URL, voice_name="V"),
        lambda c, **w: c.voices.clone_and_wait(audio=URL, voice_name="V", **w),
        id="voice_id",
        done="complete",
    ),
    Case(
        "render",
        "render",
        lambda c: c.hyperframes.create(project=URL),
        lambda c, **w: c.hyperframes.create_and_wait(project=URL, **w),
        id="render_id",
    ),
    Case(
        "background_removal",
        "background_removal",
        lambda c: c.background_removals.create(video=URL),
        lambda c, **w: c.background_removals.create_and_wait(video=URL, **w),
    ),
    Case(
        "filler_word_removal",
        "filler_word_removal",
        lambda c: c.filler_word_removals.create(video=URL),
        lambda c, **w: c.filler_word_removals.create_and_wait(video=URL, **w),
    ),
    Case(
        "podcast",
        "podcast",
        lambda c: c.podcasts.create(**TALK),
        lambda c, **w: c.podcasts.create_and_wait(**TALK, **w),
        id="podcast_id",
    ),
    Case(
        "model_voice",
        "model_voice",
        lambda c: c.models.voices.create(VOICE),
        lambda c, **w: c.models.voices.create_and_wait(VOICE, **w),
        id="voice_id",
        done="ACTIVE",
        failed="FAILED",
    ),
    Case(
        "model_image",
        "model_image",
        lambda c: c.models.images.create(identity_images=[URL], reference_images=[URL]),
        lambda c, **w: c.models.images.create_and_wait(identity_images=[URL], reference_images=[URL], **w),
        id="generation_id",
    ),
    Case(
        "model_video",
        "model_video",
        lambda c: c.models.videos.create(TextToVideo(prompt="A fox")),
        lambda c, **w: c.models.videos.create_and_wait(TextToVideo(prompt="A fox"), **w),
        id="video_id",
    ),
    Case(
        "clips",
        "ai_clipping",
        lambda c: c.ai_clipping.create(video=URL),
        lambda c, **w: c.ai_clipping.create_and_wait(video=URL, **w),
    ),
]
SESSION = Case(
    "session",
    "session",
    lambda c: c.video_agents.create(prompt="A tour"),
    lambda c, **w: c.video_agents.create_and_wait(prompt="A tour", **w),
)
every_kind = pytest.mark.parametrize("case", CASES, ids=lambda case: case.wait)


@every_kind
async def test_waits_for_watches_and_resumes_a_job(case: Case, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    wait, watch = getattr(client, f"wait_for_{case.wait}"), getattr(client, f"watch_{case.wait}")
    created = await case.create(client)
    updates = [update async for update in watch(created)]
    assert updates[-1].next_poll_in is None
    assert updates[-1].state == case.done
    done = await wait(created)
    assert (done.status, getattr(done, case.id)) == (case.done, updates[-1].id)
    assert await wait(updates[-1].id) == done
    requests_before = len(api.requests)
    assert await wait(done) is done
    assert len(api.requests) == requests_before


@every_kind
async def test_a_failed_job_raises_its_message(case: Case, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(kind=case.kind, fail_code="out_of_order", fail_message="It is broken."))
    created = await case.create(client)
    with pytest.raises(JobFailedError, match=r"It is broken\.") as caught:
        await getattr(client, f"wait_for_{case.wait}")(created)
    assert (caught.value.failure_message, caught.value.state) == ("It is broken.", case.failed)
    assert caught.value.id in str(caught.value)
    assert caught.value.failure_code in {None, "out_of_order"}
    assert caught.value.job.status == case.failed


@every_kind
async def test_create_and_wait_takes_the_options_of_both(case: Case, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    states: list[str] = []
    done = await case.create_and_wait(
        client,
        timeout=3000,
        poll=Backoff(initial=7, factor=1, maximum=7, jitter=0),
        on_update=lambda update: states.append(update.state),
        idempotency_key="mine",
    )
    for one in done if isinstance(done, list) else [done]:
        assert one.status == case.done
    assert states[-1] == case.done
    [sent] = [request for request in api.requests if request.method == "POST"]
    assert "mine" in {sent.headers.get("Idempotency-Key"), sent.json.get("request_id")}
    polls = [request for request in api.requests if request.method == "GET"]
    assert all(abs(b.time - a.time - 7) < 0.5 for a, b in itertools.pairwise(polls))


@pytest.mark.parametrize("case", [*CASES, SESSION], ids=lambda case: case.wait)
async def test_a_cancelled_create_and_wait_logs_the_id(
    case: Case, client: AsyncHeyGen, api: HeyGenEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    waiting = asyncio.create_task(case.create_and_wait(client))
    await asyncio.sleep(1)
    waiting.cancel()
    with caplog.at_level(logging.WARNING, "heygen_async"), pytest.raises(asyncio.CancelledError):
        await waiting
    [job] = api.state.jobs_of_kind(case.kind)
    assert job.id in caplog.text


@every_kind
async def test_an_unknown_or_invalid_id_ends_the_wait(case: Case, client: AsyncHeyGen) -> None:
    with pytest.raises(NotFoundError):
        await getattr(client, f"wait_for_{case.wait}")("nothing_of_that_name")
    for invalid_id in (None, 7, "  "):
        with pytest.raises(InvalidInputError, match="the id from the API"):
            await getattr(client, f"wait_for_{case.wait}")(invalid_id)


async def test_several_languages_are_several_jobs(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    languages = ["Spanish", "German", "French"]
    done = await client.video_translations.create_and_wait(video=URL, output_languages=languages)
    assert [translation.output_language for translation in done] == languages
    created = await client.video_translations.create(video=URL, output_languages=languages)
    with pytest.raises(InvalidInputError, match=r"wait for all of them with wait_for_all\(\[created\]\)"):
        await client.wait_for_translation(created)
    api.plan(Plan(fail_message="No.", count=1))
    with pytest.raises(JobFailedError) as caught:
        await client.video_translations.create_and_wait(video=URL, output_languages=languages)
    assert all(job.id in caught.value.__notes__[0] for job in list(api.state.jobs_of_kind("translation"))[:3])


@pytest.mark.parametrize("count", [1, 3])
async def test_create_and_wait_returns_a_list_in_the_order_of_the_request(count: int, client: AsyncHeyGen) -> None:
    languages = ["Spanish", "German", "French"][:count]
    for resource, options in ((client.video_translations, {}), (client.video_translations.proofreads, {"title": "T"})):
        done = await resource.create_and_wait(video=URL, output_languages=languages, **options)
        assert [one.status for one in done] == ["completed"] * count
        assert [one.output_language for one in done] == languages


@pytest.mark.parametrize("resource", ["video_translations", "video_translations.proofreads"])
async def test_a_failed_job_of_several_reports_the_ends_of_all(
    resource: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    options: dict[str, Any] = {"title": "T"} if "proofreads" in resource else {}
    for plan in (Plan(seconds=90_000), Plan(count=2, fail_message="No.", seconds=20), Plan(count=1, seconds=20)):
        api.plan(plan)  # the newest plan is used first
    with pytest.raises(JobFailedError, match="No") as caught:
        await attrgetter(resource)(client).create_and_wait(
            video=URL, output_languages=["Spanish", "German", "French", "Italian"], timeout=300, **options
        )
    error = caught.value
    ids = [job.id for job in api.state.jobs_of_kind("proofread" if options else "translation")][::-1]
    assert [job.id for job in error.finished] == ids[:1]
    assert [failure.id for failure in error.failed] == ids[1:3]
    assert (error.failed[0], error.id, error.pending) == (error, ids[1], ids[3:])
    assert pickle.loads(pickle.dumps(error)).failed[1].id == ids[2]


async def test_a_proofread_leads_to_a_translation(client: AsyncHeyGen) -> None:
    proofreads = client.video_translations.proofreads
    [proofread] = await proofreads.create_and_wait(video=URL, output_languages=["Spanish"], title="T")
    assert (await proofreads.get(proofread.id)).status == "completed"
    assert (await proofreads.get_srt(proofread.id)).srt_url.startswith("http")
    await proofreads.update_srt(proofread.id, srt="https://example.com/a.srt")
    translation = await proofreads.generate_and_wait(proofread.id)
    assert translation.output_language == "Spanish"


async def test_a_digital_twin_needs_consent(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with pytest.raises(InputRequiredError, match="create_consent") as caught:
        await client.avatars.create_and_wait(DigitalTwin(name="Me", file=URL))
    assert (caught.value.state, caught.value.job.status) == ("pending_consent", "pending_consent")
    look = await client.avatars.looks.get(caught.value.id)
    consent = await client.avatars.create_consent(str(look.group_id))
    assert consent.url is not None
    await client.avatars.create_consent(str(look.group_id), consent_video=URL)
    assert (await client.wait_for_avatar(look)).status == "completed"


async def test_a_public_look_or_voice_without_state_is_ready(client: AsyncHeyGen) -> None:
    public = (await client.avatars.looks.list(ownership="public")).data[0]
    assert (await client.wait_for_avatar(public.id)).id == public.id
    voice = (await client.voices.list()).data[0]
    details = await client.wait_for_voice(voice.voice_id)
    assert isinstance(details, VoiceDetails)
    assert (await client.wait_for_voice(details)).voice_id == voice.voice_id


async def test_waits_for_an_asset(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    uploaded = await client.assets.create(PNG)
    assert (await client.wait_for_asset(uploaded)).id == uploaded.asset_id
    place = await client.assets.create_direct_upload(filename="a.png", content_type="image/png", size_bytes=len(PNG))
    waiting = asyncio.create_task(client.wait_for_asset(place.asset_id, timeout=5))
    with pytest.raises(TimeoutError):
        await waiting
    completed = CompletedAsset(
        asset_id=uploaded.asset_id, mime_type="image/png", size_bytes=1, status="processing", url=""
    )
    states = [update.state async for update in client.watch_asset(completed)]
    assert states == ["completed"]
    with pytest.raises(NotFoundError):
        await client.wait_for_asset("asset_of_nobody")


@pytest.mark.parametrize("resource_name", ["videos", "lipsyncs", "video_translations"])
async def test_waits_for_a_batch(resource_name: Any, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    item = {
        "videos": SCRIPT,
        "lipsyncs": {"video": URL, "audio": URL},
        "video_translations": {"video": URL, "output_languages": ["Spanish"]},
    }[resource_name]
    resource = getattr(client, resource_name)
    created = await resource.create_batch(**{resource_name: [item, item]}, title="Two")
    assert created.resource == resource_name
    batch = await client.wait_for_batch(created)
    assert (batch.status, [entry.status for entry in batch.items]) == ("completed", ["completed"] * 2)
    assert (await client.wait_for_batch(batch.batch_id, kind=resource_name)).batch_id == batch.batch_id
    assert [update.state async for update in client.watch_batch(created)][-1] == "completed"
    with pytest.raises(InvalidInputError, match="the batch's resource"):
        await client.wait_for_batch(batch.batch_id)
    statuses = await resource.statuses(batch_ids=[batch.batch_id])
    assert [status.status for status in statuses] == ["completed"] * 2
