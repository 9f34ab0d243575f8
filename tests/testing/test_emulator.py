"""The local HeyGen, by a plain aiohttp client: its truth is the contract, not the SDK."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from heygen_async.testing import Clock, Fault, HeyGenEmulator, Plan

VIDEO: dict[str, Any] = {"type": "avatar", "avatar_id": "avatar_1", "script": "Hello there."}


class Plain:
    """A client that knows nothing."""

    def __init__(self, api: HeyGenEmulator, session: aiohttp.ClientSession) -> None:
        self.api = api
        self.session = session

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        all_headers = {"X-Api-Key": self.api.key, **headers}
        url = path if path.startswith("http") else self.api.url + path
        async with self.session.request(method, url, json=body, headers=all_headers) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def ask(api: HeyGenEmulator) -> AsyncIterator[Plain]:
    async with aiohttp.ClientSession() as session:
        yield Plain(api, session)


async def test_a_session_in_the_mode_generate_has_its_video_at_once(ask: Plain) -> None:
    for body in ({"prompt": "A tour"}, {"prompt": "A tour", "mode": "generate"}):
        _, answer = await ask("POST", "/v3/video-agents", body)
        session = answer["data"]
        assert session["status"] == "generating"
        assert (await ask("GET", f"/v3/videos/{session['video_id']}"))[1]["data"]["status"] == "pending"
    _, answer = await ask("POST", "/v3/video-agents", {"prompt": "A tour", "mode": "chat"})
    assert (answer["data"]["status"], answer["data"]["video_id"]) == ("thinking", None)


async def test_stop_and_cancel_take_an_empty_body_and_other_requests_do_not(ask: Plain) -> None:
    _, session = await ask("POST", "/v3/video-agents", {"prompt": "A tour"})
    _, stream = await ask(
        "POST", "/v3/avatar-realtime", {"type": "tts", "avatar_id": "avatar_1", "text": "Hi.", "voice_id": "voice_0001"}
    )
    stop = f"/v3/video-agents/{session['data']['session_id']}/stop"
    cancel = f"/v3/avatar-realtime/{stream['data']['stream_id']}/cancel"
    assert [(await ask("POST", path))[0] for path in (stop, cancel, "/v3/videos")] == [200, 202, 400]


async def test_an_endpoint_is_changed_in_at_least_one_field(ask: Plain) -> None:
    body = {"url": "https://example.com/hook", "events": ["avatar_video.success"]}
    _, endpoint = await ask("POST", "/v3/webhooks/endpoints", body)
    path = f"/v3/webhooks/endpoints/{endpoint['data']['endpoint_id']}"
    status, answer = await ask("PATCH", path, {})
    assert (status, answer["error"]["message"]) == (400, "Give at least one of url or events.")
    assert (await ask("PATCH", path, {"events": None}))[0] == 200


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        (
            "/v3/background-removals",
            {"video": {"type": "url", "url": "https://e.com/a.mp4"}, "layers": ["mask", "sky"]},
            "layers[1]",
        ),
        ("/v3/templates/template_1", {"variables": {}, "fps": 24}, "fps"),
    ],
)
async def test_values_that_the_prose_lists_are_enforced(path: str, body: Any, param: str, ask: Plain) -> None:
    status, answer = await ask("POST", path, body)
    assert (status, answer["error"]["param"]) == (400, param)


@pytest.mark.parametrize(
    "path",
    [
        "/v3/webhooks/event-types", "/v3/videos/statuses?video_ids=v",
        "/v3/webhooks/events", "/v3/videos", "/v3/voices",
    ],
)  # fmt: skip
async def test_every_list_says_whether_another_page_follows(path: str, ask: Plain) -> None:
    status, answer = await ask("GET", path)
    assert (status, set(answer)) == (200, {"data", "has_more", "next_token"}), answer


async def test_the_request_id_has_the_header_of_the_real_api(ask: Plain) -> None:
    async with ask.session.get(ask.api.url + "/v3/users/me") as answer:
        assert answer.headers["x-amzn-request-id"].startswith("req_")
        assert "X-Request-Id" not in answer.headers


async def test_keys(ask: Plain) -> None:
    for key in ("", "wrong"):
        status, body = await ask("GET", "/v3/users/me", **{"X-Api-Key": key})
        assert (status, body["error"]["code"]) == (401, "unauthorized")
    for token, expected in ((ask.api.key, 401), (ask.api.oauth.issue()["access_token"], 200)):
        status, _ = await ask("GET", "/v3/users/me", **{"X-Api-Key": "", "Authorization": f"Bearer {token}"})
        assert status == expected


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"type": None}, "type"),
        ({"type": "film"}, "type"),
        ({"type": 7}, "type"),
        ({"avatar_id": 7}, "avatar_id"),
        ({"avatar_id": None}, "avatar_id"),
        ({"avatar_id": ...}, "avatar_id"),
        ({"script": ...}, "script"),
        ({"audio_url": "https://e.com/a.mp3"}, "audio_url"),
        ({"aspect_ratio": "3:2"}, "aspect_ratio"),
        ({"surprise": 1}, "surprise"),
        ({"engine": {"type": "avatar_v"}, "expressiveness": "high"}, "expressiveness"),
        ({"engine": {"type": "avatar_ix"}}, "engine.type"),
        ({"engine": "avatar_v"}, "engine"),
        ({"voice_settings": {"speed": 9}}, "voice_settings.speed"),
        ({"voice_settings": {"volume": 2}}, "voice_settings.volume"),
        ({"voice_settings": {"pitch": True}}, "voice_settings.pitch"),
        ({"background": {"type": "color", "value": "#000000"}, "output_format": "webm"}, "background"),
        ({"watermark": {"image": {"type": "url"}}}, "watermark.image.url"),
        ({"type": "cinematic_avatar", "avatar_id": [], "prompt": "p", "script": ...}, "avatar_id"),
        ({"type": "cinematic_avatar", "avatar_id": ["avatar_1", 1], "prompt": "p", "script": ...}, "avatar_id[1]"),
        (
            {"type": "cinematic_avatar", "avatar_id": ["avatar_1"], "prompt": "p", "script": ..., "duration": 99},
            "duration",
        ),
        (
            {
                "type": "cinematic_avatar",
                "avatar_id": ["avatar_1"],
                "prompt": "p",
                "script": ...,
                "duration": 5,
                "auto_duration": True,
            },
            "duration",
        ),
        ({"type": "studio", "avatar_id": ..., "script": ..., "scenes": []}, "scenes"),
        (
            {
                "type": "studio",
                "avatar_id": ...,
                "script": ...,
                "scenes": [{"type": "image", "source": {"type": "url", "url": "https://e.com/a.png"}}],
            },
            "scenes[0].script",
        ),
    ],
)
async def test_a_body_outside_the_contract_names_its_field(change: dict[str, Any], param: str, ask: Plain) -> None:
    body = {name: value for name, value in (VIDEO | change).items() if value is not ...}
    status, answer = await ask("POST", "/v3/videos", body)
    assert (status, answer["error"]["code"], answer["error"]["param"]) == (400, "invalid_parameter", param)
    assert ask.api.ledger == []


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("/v3/voices?limit=0", "limit"),
        ("/v3/voices?limit=many", "limit"),
        ("/v3/voices?type=mine", "type"),
        ("/v3/voices?colour=red", "colour"),
        ("/v3/voices?token=%25", "token"),
        ("/v3/voices?token=bm9uZQ==", "token"),
        ("/v3/assets", "username"),
        ("/v3/videos/statuses?video_ids=" + "a," * 101, "video_ids"),
    ],
)
async def test_a_query_outside_the_contract_names_its_field(path: str, param: str, ask: Plain) -> None:
    status, answer = await ask("GET", path)
    assert (status, answer["error"]["param"]) == (400, param)


async def test_what_is_not_there(ask: Plain) -> None:
    assert (await ask("GET", "/v3/teapots"))[1]["error"]["code"] == "not_found"
    assert (await ask("GET", "/v3/lipsyncs/none"))[0] == 404
    assert (await ask("POST", "/v3/videos", []))[0] == 400
    async with ask.session.post(f"{ask.api.url}/v3/videos", data=b"{", headers={"X-Api-Key": ask.api.key}) as answer:
        assert answer.status == 400
    for body in (b"", b"no form"):
        async with ask.session.post(
            f"{ask.api.url}/v3/assets", data=body, headers={"X-Api-Key": ask.api.key}
        ) as answer:
            assert answer.status == 400
    for name, content in (("other", b"x"), ("file", b"unknown bytes")):
        form = aiohttp.FormData()
        form.add_field(name, content, filename="a.bin")
        async with ask.session.post(
            f"{ask.api.url}/v3/assets", data=form, headers={"X-Api-Key": ask.api.key}
        ) as answer:
            assert answer.status == 400


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("a", b"\xff\xd8\xff", "image/jpeg"),
        ("a", b"\0\0\0\x18ftypmp42", "video/mp4"),
        ("a", b"\x1aE\xdf\xa3", "video/webm"),
        ("a", b"ID3", "audio/mpeg"),
        ("a", b"RIFF\0\0\0\0WAVE", "audio/wav"),
        ("a", b"%PDF-1.7", "application/pdf"),
        ("a.srt", b"1\n00:00 --> 00:01\n", "application/x-subrip"),
    ],
)
async def test_media_types_are_detected_from_the_bytes(name: str, content: bytes, kind: str, ask: Plain) -> None:
    form = aiohttp.FormData()
    form.add_field("file", content, filename=name)
    async with ask.session.post(f"{ask.api.url}/v3/assets", data=form, headers={"X-Api-Key": ask.api.key}) as answer:
        assert (await answer.json())["data"]["mime_type"] == kind


async def test_the_same_key_replays_the_first_answer_for_a_day(ask: Plain) -> None:
    first = await ask("POST", "/v3/videos", VIDEO, **{"Idempotency-Key": "k"})
    other = await ask("POST", "/v3/videos", {**VIDEO, "script": "Another one."}, **{"Idempotency-Key": "k"})
    assert first == other
    assert len(ask.api.ledger) == 1
    ask.api.clock.advance(86_401)
    assert await ask("POST", "/v3/videos", VIDEO, **{"Idempotency-Key": "k"}) != first
    assert (await ask("POST", "/v3/videos", VIDEO, **{"Idempotency-Key": "no spaces"}))[0] == 400


async def test_a_key_that_is_not_honoured_makes_a_second_job(ask: Plain) -> None:
    body = {"prompt": "A tour"}
    first = await ask("POST", "/v3/video-agents", body, **{"Idempotency-Key": "k"})
    assert await ask("POST", "/v3/video-agents", body, **{"Idempotency-Key": "k"}) != first
    assert len(ask.api.ledger) == 2


async def test_a_key_counts_for_one_path(ask: Plain) -> None:
    paths = [f"/v3/templates/{template['id']}" for template in (await ask("GET", "/v3/templates?limit=2"))[1]["data"]]
    answers = [await ask("POST", path, {"variables": {}}, **{"Idempotency-Key": "k"}) for path in [*paths, *paths]]
    assert answers[:2] == answers[2:]
    assert answers[0] != answers[1]
    assert len(ask.api.ledger) == 2


async def test_a_request_id_of_a_background_removal_is_never_forgotten(ask: Plain) -> None:
    body = {"video": {"type": "url", "url": "https://e.com/a.mp4"}, "request_id": "r"}
    first = (await ask("POST", "/v3/background-removals", body, **{"Idempotency-Key": "k"}))[1]["data"]["id"]
    ask.api.clock.advance(30 * 86_400)
    again = await ask("POST", "/v3/background-removals", {**body, "layers": ["mask"]})
    other = await ask("POST", "/v3/background-removals", {**body, "request_id": "s"}, **{"Idempotency-Key": "k"})
    assert again[1]["data"]["id"] == first != other[1]["data"]["id"]
    assert len(ask.api.ledger) == 2


async def test_a_blank_idempotency_key_is_refused(ask: Plain) -> None:
    status, answer = await ask("POST", "/v3/folders", {"name": "Talks"}, **{"Idempotency-Key": ""})
    assert (status, answer["error"]["param"]) == (400, "Idempotency-Key")


@pytest.mark.parametrize(
    "fault", [None, Fault("status", status=500), Fault("html"), Fault("redirect", status=302), Fault("corrupt")]
)
async def test_every_response_has_the_date_of_the_clock(ask: Plain, fault: Fault | None) -> None:
    ask.api.clock.advance(86_400)
    video = await ask("POST", "/v3/videos", VIDEO)
    ask.api.clock.advance(600)
    url = (await ask("GET", f"/v3/videos/{video[1]['data']['video_id']}"))[1]["data"]["video_url"]
    if fault is not None:
        ask.api.inject(fault)
    for address in (f"{ask.api.url}/v3/videos", f"{ask.api.url}/nowhere", url):
        async with ask.session.get(address, headers={"X-Api-Key": ask.api.key}, allow_redirects=False) as answer:
            date = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        assert date == int(ask.api.clock.time())


async def test_slots_and_money_run_out(ask: Plain) -> None:
    ask.api.state.concurrency_limit = 2
    answers = [(await ask("POST", "/v3/videos", VIDEO))[0] for _ in range(3)]
    assert answers == [200, 200, 429]
    ask.api.clock.advance(60)
    ask.api.state.balance = 0.05  # two words cost 0.8 s at 0.0667 USD
    status, body = await ask("POST", "/v3/videos", VIDEO)
    assert (status, body["error"]["code"]) == (402, "insufficient_credit")


async def test_a_rate_limit_lets_through_what_it_says() -> None:
    async with HeyGenEmulator(autojump=True, rate_limit=5) as api, aiohttp.ClientSession() as session:
        ask = Plain(api, session)
        assert [(await ask("GET", "/v3/users/me"))[0] for _ in range(7)].count(429) == 2
        api.clock.advance(1)
        assert (await ask("GET", "/v3/users/me"))[0] == 200


async def test_jobs_go_by_the_clock(ask: Plain) -> None:
    _, created = await ask("POST", "/v3/videos", VIDEO)
    path = f"/v3/videos/{created['data']['video_id']}"
    states = []
    for _ in range(13):
        states.append((await ask("GET", path))[1]["data"]["status"])
        ask.api.clock.advance(5)
    assert list(dict.fromkeys(states)) == ["pending", "processing", "completed"]
    ask.api.plan(Plan(count=1, fail_code="bad"))
    _, created = await ask("POST", "/v3/videos", VIDEO)
    ask.api.clock.advance(60)
    assert (await ask("GET", f"/v3/videos/{created['data']['video_id']}"))[1]["data"]["failure_code"] == "bad"
    _, created = await ask("POST", "/v3/videos", VIDEO)
    ask.api.finish(created["data"]["video_id"])
    assert (await ask("GET", f"/v3/videos/{created['data']['video_id']}"))[1]["data"]["status"] == "completed"
    _, created = await ask("POST", "/v3/videos", VIDEO)
    ask.api.fail(created["data"]["video_id"])
    _, answer = await ask("GET", f"/v3/videos/statuses?video_ids={created['data']['video_id']}")
    assert answer["data"][0]["status"] == "failed"


async def test_messages_go_to_chats_alone(ask: Plain) -> None:
    _, created = await ask("POST", "/v3/video-agents", {"prompt": "A tour"})
    path = f"/v3/video-agents/{created['data']['session_id']}"
    assert (await ask("POST", path, {"message": "Hi"}))[0] == 400
    assert (await ask("GET", f"{path}/resources/none"))[0] == 404
    assert (await ask("GET", path.replace("/v3/video-agents/", "/v3/video-agents/sessions/") + "/resources?type=voice&source=generated"))[1]["data"]["resources"]  # fmt: skip


async def test_cursors_hold_while_items_come(ask: Plain) -> None:
    for _ in range(3):
        await ask("POST", "/v3/videos", VIDEO)
    _, first = await ask("GET", "/v3/videos?limit=2")
    await ask("POST", "/v3/videos", VIDEO)
    _, rest = await ask("GET", f"/v3/videos?limit=2&token={first['next_token']}")
    ids = [video["id"] for video in first["data"] + rest["data"]]
    assert len(ids) == len(set(ids)) == 3
    assert not rest["has_more"]


async def test_storage(ask: Plain) -> None:
    _, created = await ask("POST", "/v3/videos", VIDEO)
    ask.api.clock.advance(60)
    _, video = await ask("GET", f"/v3/videos/{created['data']['video_id']}")
    url = video["data"]["video_url"]
    assert url.startswith(ask.api.storage_url)

    async def get(url: str, method: str = "GET", **headers: str) -> tuple[int, bytes, Any]:
        async with ask.session.request(
            method, url, headers={k.replace("_", "-"): v for k, v in headers.items()}
        ) as answer:
            return answer.status, await answer.read(), answer.headers

    status, whole, head = await get(url)
    assert (status, len(whole)) == (200, int(head["Content-Length"]))
    assert (await get(url, "HEAD"))[1] == b""
    status, part, head = await get(url, Range="bytes=10-19")
    assert (status, part, head["Content-Range"]) == (206, whole[10:20], f"bytes 10-19/{len(whole)}")
    assert (await get(url, Range="bytes=10-", If_Range='"other"'))[0] == 200
    assert (await get(url, Range="bytes=999999-"))[0] == 416
    assert (await get(url, X_Api_Key=ask.api.key))[0] == 400
    assert (await get(url + "0"))[0] == 403
    for name in ("thumbnail_url", "gif_url", "subtitle_url", "captioned_video_url"):
        assert (await get(video["data"][name]))[0] == 200
    ask.api.clock.advance(3601)
    assert (await get(url))[0] == 403


async def test_the_storage_takes_what_was_signed(ask: Plain) -> None:
    file = {"filename": "a.png", "content_type": "image/png", "size_bytes": 4, "checksum_sha256": "0" * 64}

    async def put(url: str, body: Any, **headers: str) -> int:
        async with ask.session.put(url, data=body, headers=headers) as answer:
            return answer.status

    async def chunked() -> AsyncIterator[bytes]:
        yield b"abcd"

    _, created = await ask("POST", "/v3/assets/direct-uploads", file)
    place = created["data"]
    head, url = place["upload_headers"], place["upload_url"]
    assert await put(url, b"abc", **head) == 403
    assert await put(url, b"abcd") == 403
    assert await put(url, chunked(), **head) == 411
    assert await put(url, b"abcd", **head) == 400  # the digest is another
    assert await put(url.replace("/uploads/", "/uploads/x"), b"abcd", **head) == 403
    _, created = await ask("POST", "/v3/assets/direct-uploads", {**file, "checksum_sha256": None})
    place = created["data"]
    complete = f"/v3/assets/{place['asset_id']}/complete"
    assert (await ask("POST", complete, {}))[1]["error"]["code"] == "resource_not_ready"
    assert await put(place["upload_url"], b"abcd", **place["upload_headers"]) == 200
    assert (await ask("POST", complete, {"checksum_sha256": "1" * 64}))[0] == 400
    first = (await ask("POST", complete, {}))[1]["data"]
    assert first["status"] == "processing"
    ask.api.clock.advance(60)
    assert (await ask("POST", complete, {}))[1]["data"]["status"] == "completed"
    for wrong in ({"content_type": "text/html"}, {"size_bytes": 0}):
        assert (await ask("POST", "/v3/assets/direct-uploads", {**file, **wrong}))[0] == 400
    assert (await ask("POST", "/v3/assets/complete/batches", {"batch_id": "none"}))[0] == 404
    assert (await ask("GET", "/v3/assets/batches/none"))[0] == 404


async def test_a_batch_of_uploads(ask: Plain) -> None:
    file = {"filename": "a.png", "content_type": "image/png", "size_bytes": 4}
    _, created = await ask("POST", "/v3/assets/direct-uploads/batches", {"files": [file, file]})
    place = created["data"]["items"][0]
    async with ask.session.put(place["upload_url"], data=b"abcd", headers=place["upload_headers"]) as answer:
        assert answer.status == 200
    batch_id = created["data"]["batch_id"]
    await ask("POST", "/v3/assets/complete/batches", {"batch_id": batch_id})
    ask.api.clock.advance(60)
    _, batch = await ask("GET", f"/v3/assets/batches/{batch_id}")
    assert (batch["data"]["status"], batch["data"]["counts_by_status"]) == ("completed", {"completed": 1, "failed": 1})
    _, by_batch = await ask("GET", f"/v3/assets/statuses?batch_ids={batch_id}")
    assert [entry["item_index"] for entry in by_batch["data"]] == [0, 1]


def test_a_clock_goes_forward_only() -> None:
    with pytest.raises(ValueError, match="cannot go back"):
        Clock().advance(-1)


async def test_autojump_passes_over_sleep_and_not_over_threads(api: HeyGenEmulator) -> None:
    import time

    began = time.monotonic()
    await asyncio.sleep(3600)
    assert time.monotonic() - began < 3600
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    started = loop.time()
    thread = loop.run_in_executor(None, lambda: (time.sleep(0.05), loop.call_soon_threadsafe(event.set)))
    async with asyncio.timeout(60):
        await event.wait()
    await thread
    assert loop.time() - started < 60


async def test_autojump_needs_a_selector_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "get_running_loop", object)
    with pytest.raises(RuntimeError, match="selector loop"), Clock().autojump():
        pass


def test_faults_choose_what_they_meet() -> None:
    fault = Fault("status", method="GET", path="/v3/videos/*", after=1, count=1)
    assert not fault.meets("storage", "GET", "/v3/videos/a", None)
    assert not fault.meets("api", "POST", "/v3/videos/a", None)
    assert not fault.meets("api", "GET", "/v3/voices", None)
    assert [fault.meets("api", "GET", "/v3/videos/a", None) for _ in range(3)] == [False, True, False]
    assert repr(fault) == "Fault('status', hits=1)"
    dice = Fault("status", probability=0.5, count=None, seed=1)
    assert 20 < sum(dice.meets("api", "GET", "/", None) for _ in range(100)) < 80


async def test_it_is_served_from_the_command_line(tmp_path: Path) -> None:
    account = tmp_path / "voices.json"
    account.write_text('{"voice_id": "v_1", "name": "Ada"}', encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "heygen_async.testing", "--port", "0", "--key", "k", "--balance", "2.5",
        "--known-voices", "v_2", "--known-voices", "v_3", "--account", account,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=dict(os.environ),
    )  # fmt: skip
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    url = line.split()[0].removeprefix("HEYGEN_BASE_URL=")
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/v3/users/me", headers={"X-Api-Key": "k"}) as answer,
    ):
        assert answer.status == 200
        assert (await answer.json())["data"]["wallet"]["remaining_balance"] == 2.5
        for id, status in (("v_1", 200), ("v_2", 200), ("v_3", 200), ("voice_0001", 404)):
            async with session.get(f"{url}/v3/voices/{id}", headers={"X-Api-Key": "k"}) as answer:
                assert answer.status == status
    process.send_signal(signal.SIGINT)
    _, log = await process.communicate()
    assert process.returncode == 0
    assert b"GET /v3/voices/voice_0001: The emulator has no voice 'voice_0001'." in log


async def test_rejects_what_is_too_deep_or_too_long(ask: Plain, api: HeyGenEmulator) -> None:
    headers = {"X-Api-Key": api.key, "Content-Type": "application/json"}
    for path in ("/v3/videos", "/v2/video/generate"):
        for body in (b'{"type":' + b"[" * 20_000 + b"]" * 20_000 + b"}", b"[" * 20_000, b'{"a": "\xff"}'):
            async with ask.session.post(api.url + path, data=body, headers=headers) as answer:
                assert answer.status == 400
    for limit in ("9" * 5000, "-" + "9" * 5000, "\u0661"):
        status, answer = await ask("GET", f"/v3/videos?limit={limit}")
        assert (status, answer["error"]["code"]) == (400, "invalid_parameter")
