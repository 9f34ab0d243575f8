"""API keys that a function returns: called once for all requests, again after a 401, with typed errors."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from forged_api import forged_api
from support import tasks

from heygen_async import APITimeoutError, AsyncHeyGen, AuthenticationError, ConfigurationError
from heygen_async.testing import Fault, HeyGenEmulator

REJECTED = {"error": {"code": "unauthorized", "message": "The key is wrong."}}


def keys_of(api: HeyGenEmulator) -> list[str]:
    return [request.headers["X-Api-Key"] for request in api.requests]


@pytest.mark.parametrize("is_async", [True, False])
async def test_concurrent_requests_share_one_call(is_async: bool, api: HeyGenEmulator) -> None:
    calls: list[threading.Thread] = []

    def key() -> str:
        calls.append(threading.current_thread())
        return api.key

    async def key_later() -> str:
        await asyncio.sleep(0)
        return key()

    async with AsyncHeyGen(key_later if is_async else key, base_url=api.url) as client:
        await asyncio.gather(*(client.users.me() for _ in range(20)))
        await client.users.me()
    assert keys_of(api) == [api.key] * 21
    assert len(calls) == 1
    assert (calls[0] is threading.main_thread()) is is_async


async def test_function_that_returns_an_awaitable_is_awaited(api: HeyGenEmulator) -> None:
    async def key() -> str:
        return api.key

    async with AsyncHeyGen(lambda: key(), base_url=api.url) as client:
        await client.users.me()


async def test_rotated_key_is_taken_after_a_401_without_a_retry(api: HeyGenEmulator) -> None:
    keys = iter(["sk_rotated_out", api.key])
    async with AsyncHeyGen(lambda: next(keys), base_url=api.url, max_retries=0) as client:
        await asyncio.gather(client.users.me(), client.users.me())
        created = await client.video_agents.create(prompt="A tour")
    assert set(keys_of(api)) == {"sk_rotated_out", api.key}
    assert len(api.ledger) == 1, created


async def test_key_that_is_returned_again_after_a_401_is_not_sent_again() -> None:
    calls: list[int] = []
    async with forged_api() as (api, plain):
        api.give(REJECTED, status=401)

        def key() -> str:
            calls.append(len(calls))
            return "sk_wrong_key_0123456789"

        async with AsyncHeyGen(key, base_url=api.url) as client:
            for count in (1, 2):
                with pytest.raises(AuthenticationError, match="returned this key again") as caught:
                    await client.users.me()
                assert len(calls) == 1 + count
        assert "sk_wrong" not in str(caught.value)
        assert len(api.requests) == 1
        assert plain.tokens is None


def broken() -> str:
    raise LookupError("no such secret")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (broken, "function in api_key= failed: LookupError.'no such secret'"),
        (lambda: "", "result of the function in api_key= is empty"),
        (lambda: "a key", "cannot be a HeyGen API key: character 2 of 5"),
        (lambda: 7, "is a int"),
    ],
)
async def test_function_without_a_usable_key_is_a_configuration_error(
    function: Callable[[], str], message: str, api: HeyGenEmulator
) -> None:
    async with AsyncHeyGen(function, base_url=api.url) as client:
        for _ in range(2):
            with pytest.raises(ConfigurationError, match=message):
                await client.users.me()
    assert api.requests == []


async def test_slow_function_obeys_the_deadline_and_closing_ends_it(api: HeyGenEmulator) -> None:
    before = tasks()

    async def never() -> str:
        await asyncio.Event().wait()
        return api.key

    async with AsyncHeyGen(never, base_url=api.url, timeout=0.05) as client:
        with pytest.raises(APITimeoutError, match="returned no key in time"):
            await client.users.me()
    assert tasks() <= before


async def test_cancelled_request_does_not_end_the_call_of_others(api: HeyGenEmulator) -> None:
    started, release = asyncio.Event(), asyncio.Event()

    async def key() -> str:
        started.set()
        await release.wait()
        return api.key

    async with AsyncHeyGen(key, base_url=api.url) as client:
        first, second = (asyncio.create_task(client.users.me()) for _ in range(2))
        await started.wait()
        first.cancel()
        release.set()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert (await second).username == "local"


async def test_function_is_called_again_after_it_failed(api: HeyGenEmulator) -> None:
    results = iter([LookupError("busy"), api.key])

    def key() -> str:
        result = next(results)
        if isinstance(result, Exception):
            raise result
        return result

    async with AsyncHeyGen(key, base_url=api.url) as client:
        with pytest.raises(ConfigurationError):
            await client.users.me()
        api.inject(Fault("status", status=500, count=1))
        assert (await client.users.me()).username == "local"
