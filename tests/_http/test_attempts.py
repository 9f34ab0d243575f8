"""The attempt loop over real HTTP: faults of network and server, deadlines, hooks."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from support import QUICK

from heygen_async import (
    AmbiguousRequestError,
    APIConnectionError,
    APITimeoutError,
    AsyncHeyGen,
    NotFoundError,
    ServerError,
    Timeout,
)
from heygen_async.testing import Fault, HeyGenEmulator


async def test_unreachable_server_is_a_connection_error(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    await api.down()
    with pytest.raises(APIConnectionError, match="no connection to 127.0.0.1") as caught:
        await client.users.me()
    assert not isinstance(caught.value, AmbiguousRequestError)


async def test_streamed_body_is_read_anew_after_a_reset(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(Fault("reset_mid_request", operation="AssetCreate"))
    uploaded = await client.assets.create(b"\x89PNG\r\n\x1a\n" + bytes(3_000_000))
    assert uploaded.size_bytes == 3_000_008
    assert len([asset for asset in api.state.assets.values() if asset["usable"]]) == 1


async def test_silent_server_ends_with_the_deadline(api: HeyGenEmulator) -> None:
    api.inject(Fault("silent", count=None))
    loop = asyncio.get_running_loop()
    async with AsyncHeyGen(api.key, base_url=api.url, timeout=5) as client:
        started = loop.time()
        with pytest.raises(APITimeoutError, match="no response within the timeout"):
            await client.users.me()
        assert loop.time() - started == pytest.approx(5, abs=0.1)
        with pytest.raises(AmbiguousRequestError) as caught:
            await client.video_agents.create(prompt="A tour")
        assert isinstance(caught.value, APITimeoutError)


async def test_silent_attempt_is_followed_by_another(api: HeyGenEmulator) -> None:
    api.inject(Fault("silent"))
    async with AsyncHeyGen(api.key, base_url=api.url, timeout=Timeout(total=30, read=4)) as client:
        assert (await client.users.me()).username == "local"


async def test_call_ends_with_its_deadline_also_while_waiting_for_a_connection(api: HeyGenEmulator) -> None:
    loop = asyncio.get_running_loop()
    api.inject(Fault("silent", count=None))
    async with AsyncHeyGen(api.key, base_url=api.url, timeout=3, max_connections=1) as client:
        started = loop.time()
        ends = await asyncio.gather(*(client.users.me() for _ in range(3)), return_exceptions=True)
        assert loop.time() - started == pytest.approx(3, abs=0.1)
    assert [isinstance(end, APITimeoutError) for end in ends] == [True] * 3
    assert [("all connections allowed by max_connections were in use" in str(end)) for end in ends] == [
        False,
        True,
        True,
    ]


async def test_nothing_is_sent_when_no_time_is_left(api: HeyGenEmulator) -> None:
    async def slow(_: object) -> None:
        api.clock.advance(5)

    async with AsyncHeyGen(api.key, base_url=api.url, timeout=2, on_request=slow) as client:
        with pytest.raises(APITimeoutError) as caught:
            await client.video_agents.create(prompt="A tour")
    assert not isinstance(caught.value, AmbiguousRequestError)
    assert api.requests == []


async def test_hooks_see_every_attempt_that_reaches_the_server(api: HeyGenEmulator) -> None:
    attempts = []
    api.inject(Fault("reset_before", count=None))
    async with AsyncHeyGen(api.key, base_url=api.url, retry=QUICK, on_request=attempts.append) as client:
        for _ in range(5):
            with pytest.raises(APIConnectionError):
                await client.users.me()
    assert len(api.requests) == len(attempts)


async def test_server_error_keeps_the_response(api: HeyGenEmulator) -> None:
    api.inject(Fault("html", count=None))
    async with AsyncHeyGen(api.key, base_url=api.url, max_retries=0) as client:
        with pytest.raises(ServerError, match="502 Bad Gateway") as caught:
            await client.users.me()
    assert (caught.value.status, caught.value.code, caught.value.path) == (502, None, "/v3/users/me")
    assert "<title>" in str(caught.value.body)


async def test_hooks_get_the_number_of_each_attempt(api: HeyGenEmulator) -> None:
    requests, responses = [], []

    async def on_response(response: object) -> None:
        responses.append(response)

    api.inject(Fault("status", status=500))
    async with AsyncHeyGen(
        api.key, base_url=api.url, retry=QUICK, on_request=requests.append, on_response=on_response
    ) as c:
        await c.users.me()
    assert [info.attempt for info in requests] == [1, 2]
    assert [response.status for response in responses] == [500, 200]
    assert requests[0].url == f"{api.url}/v3/users/me"


async def test_failed_calls_keep_no_memory(api: HeyGenEmulator) -> None:
    api.inject(Fault("status", status=500, count=None))
    errors_alive = weakref.WeakSet[ServerError]()
    async with AsyncHeyGen(api.key, base_url=api.url, retry=QUICK) as client:
        for _ in range(20):
            try:
                await client.users.me()
            except ServerError as error:
                errors_alive.add(error)
    gc.collect()
    assert len(errors_alive) == 0


async def test_a_large_json_body_is_sent_in_pieces(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    """aiohttp warns of a large body that it gets as bytes, and the tests turn warnings into errors."""
    with pytest.raises(NotFoundError):
        await client.request("POST", "/v3/unknown", json={"text": "a" * 3_000_000}, idempotency_key="k")
    assert len(api.requests) == 1
