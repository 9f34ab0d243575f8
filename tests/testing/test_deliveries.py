"""What the local HeyGen tells of the ends of jobs, and what it counts and keeps while they run."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from heygen_async.testing import HeyGenEmulator, Plan

pytestmark = pytest.mark.slow

URL = {"type": "url", "url": "https://e.com/a.mp4"}
AVATAR: dict[str, Any] = {"type": "avatar", "avatar_id": "avatar_1", "script": "Hello there."}
LIPSYNC: dict[str, Any] = {"video": URL, "audio": URL}
TRANSLATION: dict[str, Any] = {"video": URL, "output_languages": ["German"]}


class Ask:
    """A client that knows nothing, and a server that is called: each call's path and body are in `called`."""

    def __init__(self, api: HeyGenEmulator, session: aiohttp.ClientSession, hooks: str) -> None:
        self.api = api
        self.session = session
        self.hooks = hooks
        self.called: list[tuple[str, Any]] = []

    async def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"X-Api-Key": self.api.key}
        async with self.session.request(method, self.api.url + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def post(self, path: str, body: Any) -> Any:
        status, answer = await self("POST", path, body)
        assert status < 300, answer
        return answer["data"]

    async def get(self, path: str) -> Any:
        status, answer = await self("GET", path)
        assert status == 200, answer
        return answer["data"]

    async def calls(self, count: int) -> list[tuple[str, Any]]:
        """So many calls of the hooks, and not one more in the hour after."""
        while len(self.called) < count:
            await asyncio.sleep(1)
        await asyncio.sleep(3600)
        assert len(self.called) == count, self.called
        return self.called


@pytest.fixture
async def ask(api: HeyGenEmulator) -> AsyncIterator[Ask]:
    async def take(request: web.BaseRequest) -> web.Response:
        created.called.append((request.path, await request.json()))
        return web.Response()

    runner = web.ServerRunner(web.Server(take))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        created = Ask(api, session, f"http://127.0.0.1:{runner.addresses[0][1]}")
        yield created
    await runner.cleanup()


@pytest.mark.parametrize(
    ("path", "items", "item", "field"),
    [
        ("/v3/videos/batches", "videos", AVATAR, "video_id"),
        ("/v3/lipsyncs/batches", "lipsyncs", LIPSYNC, "lipsync_id"),
        ("/v3/video-translations/batches", "video_translations", TRANSLATION, "video_translate_id"),
    ],
)
async def test_a_batch_calls_back_once_and_its_items_each_for_themselves(
    path: str, items: str, item: dict[str, Any], field: str, ask: Ask
) -> None:
    ask.api.plan(Plan(count=1, seconds=500))
    own = {**item, "callback_url": f"{ask.hooks}/item", "callback_id": "7"}
    body = {items: [item, own, {**item, "callback_id": "8"}], "callback_url": f"{ask.hooks}/batch"}
    batch_id = (await ask.post(path, body))["batch_id"]
    first, last = await ask.calls(2)
    assert (first[0], first[1]["event_data"]["callback_id"]) == ("/item", "7")
    assert first[1]["event_data"][field] in ask.api.state.batches[batch_id]["ids"]
    assert last == ("/batch", {"event_type": "batch.finished", "event_data": {"batch_id": batch_id}})


async def test_endpoints_hear_of_items_and_of_batches(ask: Ask) -> None:
    await ask.post("/v3/webhooks/endpoints", {"url": f"{ask.hooks}/all"})
    await ask.post("/v3/webhooks/endpoints", {"url": f"{ask.hooks}/batches", "events": ["batch.finished"]})
    await ask.post("/v3/videos/batches", {"videos": [{**AVATAR, "callback_id": "1"}, {**AVATAR, "callback_id": "2"}]})
    calls = await ask.calls(4)
    ids = [body["event_data"]["callback_id"] for _, body in calls if body["event_type"] == "avatar_video.success"]
    assert sorted(ids) == ["1", "2"]
    finished = [path for path, body in calls if body["event_type"] == "batch.finished"]
    assert sorted(finished) == ["/all", "/batches"]


async def test_uploads_in_a_batch_call_nobody(ask: Ask) -> None:
    await ask.post("/v3/webhooks/endpoints", {"url": f"{ask.hooks}/all"})
    file = {"filename": "a.png", "content_type": "image/png", "size_bytes": 4}
    body = {"files": [file], "callback_url": f"{ask.hooks}/batch"}
    batch_id = (await ask.post("/v3/assets/direct-uploads/batches", body))["batch_id"]
    await ask.post("/v3/assets/complete/batches", {"batch_id": batch_id})
    assert await ask.calls(0) == []


@pytest.mark.parametrize(
    ("path", "body", "kind", "field"),
    [
        ("/v3/lipsyncs", LIPSYNC, "lipsync", "lipsync_id"),
        (
            "/v3/models/videos",
            {"mode": "text_to_video", "model": "heygen-video-1", "prompt": "A walk", "aspect_ratio": "16:9"},
            "model_video",
            "video_id",
        ),
    ],
)
@pytest.mark.parametrize("end", ["success", "fail"])
async def test_lipsyncs_and_model_videos_call_back(
    path: str, body: dict[str, Any], kind: str, field: str, end: str, ask: Ask
) -> None:
    await ask.post("/v3/webhooks/endpoints", {"url": f"{ask.hooks}/all"})  # for which there are no such events
    if end == "fail":
        ask.api.plan(Plan(fail_message="It is broken."))
    created = await ask.post(path, {**body, "callback_url": f"{ask.hooks}/mine", "callback_id": "7"})
    ((where, delivered),) = await ask.calls(1)
    assert (where, delivered["event_type"]) == ("/mine", f"{kind}.{end}")
    reason = {"msg": "It is broken."} if end == "fail" else {}
    assert delivered["event_data"] == {field: created[field], "callback_id": "7", **reason}


async def test_events_of_a_video(ask: Ask) -> None:
    hook = {"callback_url": f"{ask.hooks}/mine", "callback_id": "7"}
    template = {"variables": {}, "folder_id": "folder_1", **hook}
    ids = [
        (await ask.post("/v3/videos", {**AVATAR, **hook}))["video_id"],
        (await ask.post("/v3/templates/template_0", template))["id"],
        (await ask.post("/v3/templates/template_0", {**template, "include_gif": True}))["id"],
    ]
    delivered = {body["event_data"]["video_id"]: body["event_data"] for _, body in await ask.calls(3)}
    plain, without_gif, with_gif = (delivered[id] for id in ids)
    names = {
        "video_id",
        "url",
        "gif_download_url",
        "video_page_url",
        "video_share_page_url",
        "folder_id",
        "callback_id",
    }
    assert set(plain) == names
    assert (plain["folder_id"], with_gif["folder_id"]) == (None, "folder_1")
    assert without_gif["gif_download_url"] is None
    for url in (plain["url"], plain["gif_download_url"], with_gif["gif_download_url"]):
        assert url.startswith(ask.api.storage_url)


@pytest.mark.parametrize("end", ["success", "fail"])
async def test_events_of_a_translation(end: str, ask: Ask) -> None:
    if end == "fail":
        ask.api.plan(Plan(fail_message="It is broken."))
    await ask.post("/v3/video-translations", {**TRANSLATION, "callback_url": f"{ask.hooks}/mine"})
    ((_, delivered),) = await ask.calls(1)
    assert delivered["event_type"] == f"video_translate.{end}"
    assert delivered["event_data"]["output_language"] == "German"
    assert delivered["event_data"].get("message") == ("It is broken." if end == "fail" else None)
    assert ("url" in delivered["event_data"]) == (end == "success")


@pytest.mark.parametrize("end", ["success", "fail"])
async def test_clips_are_reported_as_one_job(end: str, ask: Ask) -> None:
    if end == "fail":
        ask.api.plan(Plan(fail_message="It is broken."))
    body = {"video": URL, "callback_url": f"{ask.hooks}/mine", "callback_id": "7"}
    created = await ask.post("/v3/ai-clipping", body)
    ((_, delivered),) = await ask.calls(1)
    job = await ask.get(f"/v3/ai-clipping/{created['id']}")
    assert delivered["event_type"] == f"ai_clipping.{end}"
    assert set(delivered["event_data"]) == set(job)
    for name in ("id", "status", "progress", "title", "callback_id", "failure_message", "created_at"):
        assert delivered["event_data"][name] == job[name]
    assert [clip["status"] for clip in delivered["event_data"]["clips"]] == [clip["status"] for clip in job["clips"]]


async def test_an_endpoint_for_one_thing_hears_of_it_alone(ask: Ask) -> None:
    created = [await ask.post("/v3/videos", {**AVATAR, "callback_url": f"{ask.hooks}/any"}) for _ in range(2)]
    body = {"url": f"{ask.hooks}/one", "entity_id": created[1]["video_id"]}
    assert "entity_id" not in await ask.post("/v3/webhooks/endpoints", body)
    calls = await ask.calls(3)
    assert [delivered["event_data"]["video_id"] for where, delivered in calls if where == "/one"] == [
        created[1]["video_id"]
    ]
    ask.api.emit("personalized_video", {"video_id": "v"})
    ask.api.emit("personalized_video", {"video_id": "w"}, entity_id=created[1]["video_id"])
    assert [delivered["event_data"]["video_id"] for _, delivered in (await ask.calls(4))[3:]] == ["w"]


@pytest.mark.parametrize("end", ["success", "fail"])
async def test_a_session_calls_back_when_its_video_has_ended(end: str, ask: Ask) -> None:
    if end == "fail":
        ask.api.plan(Plan(kind="video", fail_message="It is broken."))
    body = {"prompt": "A tour", "callback_url": f"{ask.hooks}/mine", "callback_id": "7"}
    created = await ask.post("/v3/video-agents", body)
    while not ask.called:
        assert (await ask.get(f"/v3/video-agents/{created['session_id']}"))["status"] in {"thinking", "generating"}
        await asyncio.sleep(0.7)  # never at the very moment of the end
    ((_, delivered),) = await ask.calls(1)
    assert delivered["event_type"] == f"video_agent.{end}"
    assert (delivered["event_data"]["session_id"], delivered["event_data"]["callback_id"]) == (
        created["session_id"],
        "7",
    )


async def test_a_session_that_asks_calls_back_once_it_was_answered(ask: Ask) -> None:
    body = {"prompt": "A tour", "mode": "chat", "callback_url": f"{ask.hooks}/mine"}
    created = await ask.post("/v3/video-agents", body)
    assert await ask.calls(0) == []
    await ask.post(f"/v3/video-agents/{created['session_id']}", {"message": "The calm one."})
    ((_, delivered),) = await ask.calls(1)
    assert delivered["event_type"] == "video_agent.success"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v3/videos", AVATAR),
        ("/v3/video-agents", {"prompt": "A tour"}),
        ("/v3/video-agents", {"prompt": "A tour", "mode": "chat"}),
        ("/v3/video-translations", TRANSLATION),
    ],
)
async def test_sessions_videos_and_translations_take_a_slot_each(path: str, body: dict[str, Any], ask: Ask) -> None:
    ask.api.state.concurrency_limit = 2
    await ask.post(path, body)
    await ask.post("/v3/lipsyncs", LIPSYNC)  # which takes none
    await ask.post("/v3/videos", AVATAR)
    status, answer = await ask("POST", path, body)
    assert (status, answer["error"]["code"]) == (429, "rate_limit_exceeded")
    ask.api.clock.advance(120)
    await ask.post(path, body)


async def test_every_language_takes_a_slot(ask: Ask) -> None:
    ask.api.state.concurrency_limit = 3
    two, four = (
        {**TRANSLATION, "output_languages": ["English", "French", "German", "Hindi"][:count]} for count in (2, 4)
    )
    await ask.post("/v3/video-translations", two)
    assert (await ask("POST", "/v3/video-translations", two))[0] == 429
    ask.api.clock.advance(120)
    await ask.post("/v3/video-translations", four)  # more than there are slots, which are all free
    assert (await ask("POST", "/v3/videos", AVATAR))[0] == 429


async def test_a_batch_of_translations_waits_for_its_turns(ask: Ask) -> None:
    ask.api.state.concurrency_limit = 2
    body = {"video_translations": [{**TRANSLATION, "output_languages": ["English", "French", "German"]}]}
    batch_id = (await ask.post("/v3/video-translations/batches", body))["batch_id"]
    ask.api.clock.advance(61)
    batch = await ask.get(f"/v3/video-translations/batches/{batch_id}")
    assert [item["status"] for item in batch["items"]] == ["completed", "completed", "queued"]


async def test_a_session_that_waits_for_a_person_takes_no_slot(ask: Ask) -> None:
    ask.api.state.concurrency_limit = 1
    chat = (await ask.post("/v3/video-agents", {"prompt": "A tour", "mode": "chat"}))["session_id"]
    ask.api.clock.advance(30)
    await ask.post("/v3/videos", AVATAR)
    assert (await ask("POST", f"/v3/video-agents/{chat}", {"message": "The calm one."}))[0] == 429
    ask.api.clock.advance(60)
    await ask.post(f"/v3/video-agents/{chat}", {"message": "The calm one."})
    assert [m["role"] for m in (await ask.get(f"/v3/video-agents/{chat}"))["messages"]].count("user") == 2


async def listed(ask: Ask, path: str) -> dict[str, str]:
    """The states of a session's videos, each as `videos.get` tells it too."""
    states = {video["id"]: video["status"] for video in await ask.get(f"{path}/videos")}
    for id, state in states.items():
        assert (await ask.get(f"/v3/videos/{id}"))["status"] == state
    return states


async def test_stopping_keeps_started_jobs(ask: Ask) -> None:
    path = f"/v3/video-agents/{(await ask.post('/v3/video-agents', {'prompt': 'A tour'}))['session_id']}"
    assert list((await listed(ask, path)).values()) == ["pending"]
    ask.api.clock.advance(30)
    ((id, state),) = (await listed(ask, path)).items()
    assert state == "processing"
    await ask.post(f"{path}/stop", {})
    assert await listed(ask, path) == {id: "failed"}
    session = await ask.get(path)
    assert (session["status"], session["video_id"]) == ("failed", id)
    ask.api.clock.advance(600)
    assert await listed(ask, path) == {id: "failed"}


async def test_stopping_before_the_rendering_leaves_no_video(ask: Ask) -> None:
    ask.api.plan(Plan(kind="session", states=[("thinking", 6.0), ("generating", 0.0)]))
    path = f"/v3/video-agents/{(await ask.post('/v3/video-agents', {'prompt': 'A tour'}))['session_id']}"
    await ask.post(f"{path}/stop", {})
    session = await ask.get(path)
    assert (session["status"], session["video_id"]) == ("failed", None)
    assert await listed(ask, path) == {}
    assert await ask.get("/v3/videos") == []


async def test_a_message_amid_the_rendering_hides_no_video(ask: Ask) -> None:
    path = f"/v3/video-agents/{(await ask.post('/v3/video-agents', {'prompt': 'A', 'mode': 'chat'}))['session_id']}"
    await ask.post(path, {"message": "The calm one."})
    ask.api.clock.advance(30)
    started_jobs = await listed(ask, path)
    await ask.post(path, {"message": "Quicker."})
    assert await listed(ask, path) == started_jobs
    await ask.post(f"{path}/stop", {})
    assert await listed(ask, path) == dict.fromkeys(started_jobs, "failed")


async def test_a_session_keeps_every_video_of_its_revisions(ask: Ask) -> None:
    path = f"/v3/video-agents/{(await ask.post('/v3/video-agents', {'prompt': 'A', 'mode': 'chat'}))['session_id']}"
    await ask.post(path, {"message": "The calm one."})
    ask.api.clock.advance(600)
    await ask.post(path, {"message": "Shorter."})
    ask.api.clock.advance(30)
    states = await listed(ask, path)
    assert list(states.values()) == ["processing", "completed"]
    await ask.post(f"{path}/stop", {})
    assert list((await listed(ask, path)).values()) == ["failed", "completed"]
    assert (await ask("DELETE", f"/v3/videos/{next(iter(states))}"))[0] == 200
    assert list((await listed(ask, path)).values()) == ["completed"]


def zipped(names: list[str]) -> bytes:
    created = io.BytesIO()
    with zipfile.ZipFile(created, "w") as file:
        for name in names:
            file.writestr(name, "<html></html>")
    return created.getvalue()


@pytest.mark.parametrize(
    ("names", "composition", "valid"),
    [
        (["index.html", "style.css"], None, True),
        (["mine/index.html", "mine/style.css"], None, True),
        (["mine/main.html"], "main.html", True),
        (["mine/main.html", "other.css"], "mine/main.html", True),
        (["mine/index.html", "yours/style.css"], None, False),
        (["mine/deeper/index.html"], None, False),
        (["index.html"], "main.html", False),
        ([], None, False),
        (None, None, False),
    ],
)
async def test_a_project_is_a_zip_with_a_composition(
    names: list[str] | None, composition: str | None, valid: bool, ask: Ask
) -> None:
    content = b"no zip at all" if names is None else zipped(names)
    file = {"filename": "p.zip", "content_type": "application/zip", "size_bytes": len(content)}
    place = await ask.post("/v3/assets/direct-uploads", file)
    async with ask.session.put(place["upload_url"], data=content, headers=place["upload_headers"]) as answer:
        assert answer.status == 200
    await ask.post(f"/v3/assets/{place['asset_id']}/complete", {})
    project = {"type": "asset_id", "asset_id": place["asset_id"]}
    status, body = await ask("POST", "/v3/hyperframes/renders", {"project": project, "composition": composition})
    if valid:
        assert status == 202
    else:
        assert (status, body["error"]["code"]) == (400, "hyperframes_project_invalid")
