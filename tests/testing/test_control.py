"""The control endpoints, over plain HTTP: what a program in another language does with them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from forged_api import served

from heygen_async.testing import Fault, HeyGenEmulator

VIDEO = {"type": "avatar", "avatar_id": "avatar_1", "script": "Hello there."}
Send = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
async def emulator() -> AsyncIterator[HeyGenEmulator]:
    async with HeyGenEmulator() as emulator:
        yield emulator


def sender(emulator: HeyGenEmulator, session: aiohttp.ClientSession) -> Send:
    async def send(method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        keyed = {"X-Api-Key": emulator.key} if path.startswith("/v3") else {}
        url = f"{emulator.url.replace('0.0.0.0', '127.0.0.1')}{path}"
        data = io.BytesIO(body) if isinstance(body, bytes) else None
        json = None if data is not None else body
        async with session.request(method, url, json=json, data=data, headers=keyed | headers) as response:
            assert "Access-Control-Allow-Origin" not in response.headers
            return response.status, await response.json()

    return send


@pytest.fixture
async def send(emulator: HeyGenEmulator) -> AsyncIterator[Send]:
    async with aiohttp.ClientSession() as session:
        yield sender(emulator, session)


async def create_video(send: Send, **fields: Any) -> str:
    status, response = await send("POST", "/v3/videos", VIDEO | fields)
    assert status == 200, response
    return str(response["data"]["video_id"])


async def test_advancing_the_clock_ends_jobs(send: Send) -> None:
    video_id = await create_video(send)
    _, before = await send("POST", "/_emulator/clock/freeze")
    _, after = await send("POST", "/_emulator/clock/advance", {"seconds": 3600})
    assert after == {"data": {"time": before["data"]["time"] + 3600, "frozen": True}}
    assert (await send("GET", "/_emulator/clock"))[1] == after
    assert (await send("GET", f"/v3/videos/{video_id}"))[1]["data"]["status"] == "completed"
    status, running = await send("POST", "/_emulator/clock/run")
    assert (status, running["data"]["frozen"]) == (200, False)
    assert 0 <= running["data"]["time"] - after["data"]["time"] < 600


async def test_advancing_the_clock_delivers_events(send: Send) -> None:
    received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def receive(request: web.Request) -> web.Response:
        await received.put(await request.json())
        return web.Response()

    async with served(receive) as url:
        video_id = await create_video(send, callback_url=url)
        await send("POST", "/_emulator/clock/advance", {"seconds": 3600})
        event = await received.get()
        assert (event["event_type"], event["event_data"]["video_id"]) == ("avatar_video.success", video_id)
        events = {"url": url, "events": ["avatar_video.fail"]}
        await send("POST", "/v3/webhooks/endpoints", events)
        status, sent = await send(
            "POST", "/_emulator/events", {"event_type": "avatar_video.fail", "event_data": {"a": 1}}
        )
        assert (status, await received.get()) == (200, {"event_type": "avatar_video.fail", "event_data": {"a": 1}})
        _, log = await send("GET", "/v3/webhooks/events")
        assert sent["data"]["event_id"] in [one["event_id"] for one in log["data"]]
        status, _ = await send("POST", "/_emulator/events", {"event_type": "of.tomorrow", "unknown": True})
        assert status == 200


async def test_faults_are_added_listed_and_removed(send: Send) -> None:
    fault = {"kind": "status", "operation": "VideoList", "status": 503, "count": None, "retry_after": 2}
    _, added = await send("POST", "/_emulator/faults", fault)
    assert (await send("GET", "/v3/videos"))[0] == 503
    _, listed = await send("GET", "/_emulator/faults")
    assert listed == {"data": [added["data"] | {"hits": 1}]}
    assert fault.items() <= listed["data"][0].items()
    assert await send("DELETE", "/_emulator/faults") == (200, {"data": []})
    assert (await send("GET", "/v3/videos"))[0] == 200


async def test_no_fault_limit_or_missing_key_stops_the_control(emulator: HeyGenEmulator, send: Send) -> None:
    emulator.inject(Fault("status", count=None))
    assert (await send("GET", "/_emulator/faults"))[0] == 200
    assert emulator.requests == []


async def test_the_ledger_and_the_requests_are_read(emulator: HeyGenEmulator, send: Send) -> None:
    video_id = await create_video(send, title="A tour")
    await send("GET", "/v3/videos?limit=3", Authorization="Bearer planted_token")
    _, ledger = await send("GET", "/_emulator/ledger")
    charge = emulator.ledger[0]
    assert ledger["data"]["charges"][0].items() >= {"id": video_id, "amount_usd": charge.amount_usd}.items()
    assert ledger["data"]["balance_usd"] == emulator.state.balance
    _, requests = await send("GET", "/_emulator/requests")
    created, listed = requests["data"]
    assert (created["operation"], created["json"]["title"], created["status"]) == ("VideoCreate", "A tour", 200)
    assert (listed["query"], listed["json"], listed["body_bytes"]) == ({"limit": "3"}, None, 0)
    assert {listed["headers"][name] for name in ("X-Api-Key", "Authorization")} == {"***"}
    _, selected = await send("GET", "/_emulator/requests?operation=VideoList")
    assert selected["data"] == [listed]


async def test_only_the_newest_requests_are_kept() -> None:
    async with HeyGenEmulator(max_requests=2) as emulator, aiohttp.ClientSession() as session:
        for limit in range(1, 5):
            await sender(emulator, session)("GET", f"/v3/videos?limit={limit}")
        assert [request.query["limit"] for request in emulator.requests] == ["3", "4"]


async def test_reset_removes_everything_that_was_created(emulator: HeyGenEmulator, send: Send) -> None:
    video_id = await create_video(send)
    await send("POST", "/_emulator/faults", {"kind": "status", "operation": "VideoList"})
    await send("POST", "/_emulator/clock/freeze")
    assert (await send("POST", "/_emulator/reset"))[0] == 200
    assert (emulator.requests, emulator.ledger, emulator.faults, emulator.clock.is_frozen) == ([], [], [], False)
    assert (await send("GET", f"/v3/videos/{video_id}"))[0] == 404
    assert await create_video(send) == video_id  # the same seed
    await send("POST", "/_emulator/clock/advance", {"seconds": 3600})
    _, video = await send("GET", f"/v3/videos/{video_id}")
    async with aiohttp.ClientSession() as session, session.get(video["data"]["video_url"]) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    ("path", "body", "param", "message"),
    [
        ("clock/advance", {"second": 1}, "second", "Did you mean 'seconds'?"),
        ("clock/advance", {"seconds": "1"}, "seconds", "Expected `float`, got `str`."),
        ("clock/advance", {}, None, "Object missing required field `seconds`."),
        ("clock/advance", {"seconds": -1}, "seconds", "must be 0 or more"),
        ("clock/advance", {"seconds": 1e15}, "seconds", "must not pass"),
        ("clock/advance", b"{", None, "not valid JSON"),
        ("clock/advance", b"[" * 20_000, None, "not valid JSON"),
        ("clock/advance", [1], None, "must be a JSON object"),
        ("events", {"event_type": "avatar_video.succes"}, "event_type", "Did you mean 'avatar_video.success'?"),
        ("events", {"event_typ": "avatar_video.success"}, "event_typ", "Did you mean 'event_type'?"),
        ("faults", {}, None, "Object missing required field `kind`."),
        ("faults", {"kind": "statsu"}, None, "Did you mean 'status'?"),
        ("faults", {"kind": "status", "operation": "VideoCreat"}, None, "Did you mean 'VideoCreate'?"),
        ("faults", {"kind": "status", "staus": 500}, "staus", "Did you mean 'status'?"),
        ("faults", {"kind": "status", "status": "500"}, "status", "Expected `int | null`, got `str`."),
        ("faults", {"kind": "status", "status": 42}, None, "status is 42; expected 100 to 599"),
        ("faults", {"kind": "status", "headers": {"A": "b\r\nc"}}, None, "'A' has a character"),
    ],
)  # fmt: skip
async def test_a_wrong_body_is_refused_with_the_nearest_name(
    path: str, body: Any, param: str | None, message: str, send: Send
) -> None:
    status, response = await send("POST", f"/_emulator/{path}", body)
    assert (status, response["error"]["code"], response["error"].get("param")) == (400, "invalid_parameter", param)
    assert message in response["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/_emulator", 404, "The known ones are: /clock"),
        ("GET", "/_emulator/clok", 404, "Did you mean '/clock'?"),
        ("PUT", "/_emulator/faults", 405, "takes GET and POST and DELETE, not PUT"),
        ("OPTIONS", "/_emulator/clock", 405, "takes GET, not OPTIONS"),
        ("GET", "/_emulator/requests?operation=VideoGett", 400, "Did you mean 'VideoGet'?"),
        ("GET", "/_emulator/requests?opration=VideoGet", 400, "Did you mean 'operation'?"),
        ("POST", "/_emulator/reset?", 200, ""),
    ],
)
async def test_a_wrong_request_is_refused(method: str, path: str, status: int, message: str, send: Send) -> None:
    got, response = await send(method, path)
    assert (got, message in response.get("error", {"message": ""})["message"]) == (status, True)


async def test_a_body_is_limited_in_size(send: Send) -> None:
    assert (await send("POST", "/_emulator/faults", b" " * ((1 << 20) + 1)))[0] == 413


async def test_a_path_that_is_no_regular_expression_is_a_glob(send: Send) -> None:
    await send("POST", "/_emulator/faults", {"kind": "status", "path": "*eos"})
    assert [(await send("GET", path))[0] for path in ("/v3/users/me", "/v3/videos", "/v3/videos")] == [200, 500, 200]


@pytest.mark.parametrize("header", ["Origin", "Sec-Fetch-Site"])
async def test_no_page_of_another_origin_controls_it(header: str, emulator: HeyGenEmulator, send: Send) -> None:
    own = {"Origin": emulator.url, "Sec-Fetch-Site": "same-origin"}[header]
    foreign = {
        "Origin": ["null", "https://evil.example", "http://127.0.0.1:1", emulator.url.replace("http", "https")],
        "Sec-Fetch-Site": ["cross-site", "same-site"],
    }[header]
    for value in foreign:
        status, response = await send("POST", "/_emulator/reset", **{header: value})
        assert (status, response["error"]["code"]) == (403, "invalid_origin")
    assert (await send("POST", "/_emulator/reset", **{header: own}))[0] == 200
    assert (await send("POST", "/_emulator/reset", Host="evil.example", Origin="http://evil.example"))[0] == 421


@pytest.mark.parametrize(("host", "token"), [("0.0.0.0", None), ("127.0.0.1", "planted"), ("localhost", None)])
async def test_other_machines_need_a_token(host: str, token: str | None) -> None:
    async with HeyGenEmulator(host=host, control_token=token) as emulator, aiohttp.ClientSession() as session:
        send = sender(emulator, session)
        expected = 200 if host == "localhost" else 401
        for wrong in ({}, {"X-Emulator-Token": "wrong"}, {"X-Api-Key": emulator.key}):
            assert (await send("GET", "/_emulator/clock", **wrong))[0] == expected
        if emulator.control_token is not None:
            right = {"X-Emulator-Token": emulator.control_token}
            assert (await send("GET", "/_emulator/clock", **right))[0] == 200


async def test_a_jumping_clock_cannot_be_frozen(api: HeyGenEmulator) -> None:
    async with aiohttp.ClientSession() as session:
        send = sender(api, session)
        assert (await send("POST", "/_emulator/clock/freeze"))[0] == 409
        assert (await send("POST", "/_emulator/clock/run"))[1]["data"]["frozen"] is True
