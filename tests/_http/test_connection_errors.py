"""Connections that fail: what is retried, and what the error says."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from internet_support import CERTIFIED, PUBLIC, Internet, small_internet
from network_support import Authority
from support import QUICK

from heygen_async import APIConnectionError, AsyncHeyGen, ConfigurationError, InvalidInputError
from heygen_async.testing.clock import Clock


@pytest_asyncio.fixture
async def internet(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Internet]:
    contexts = Authority(tmp_path_factory.mktemp("tls")).contexts(*CERTIFIED)
    with Clock().autojump():
        async with small_internet(contexts, monkeypatch) as internet:
            internet.names["wrong.example"] = [[PUBLIC]]
            yield internet


async def test_untrusted_certificate_of_the_api_is_a_configuration_error(internet: Internet) -> None:
    async with AsyncHeyGen("key", base_url="https://wrong.example") as client:
        for work in (client.users.me(), client.wait_for_video("v"), client.videos.delete("v")):
            with pytest.raises(ConfigurationError, match=r"certificate of wrong\.example is not trusted \(") as caught:
                await work
            assert not isinstance(caught.value, InvalidInputError)
    assert internet.connections == [PUBLIC] * 3


async def test_unknown_host_of_the_api_is_looked_up_three_times(internet: Internet) -> None:
    async with AsyncHeyGen("key", base_url="https://nowhere.example", max_retries=9) as client:
        with pytest.raises(APIConnectionError, match=r"the host nowhere\.example was not found") as caught:
            await client.users.me()
    assert caught.value.is_unknown_host
    assert internet.lookups == ["nowhere.example"] * 3


async def test_host_of_the_api_that_was_reached_before_is_retried_as_in_an_outage(internet: Internet) -> None:
    internet.names["api.example"] = [[PUBLIC], []]
    async with AsyncHeyGen("key", base_url="https://api.example", max_retries=9, retry=QUICK) as client:
        await client.videos.get("v")
        await client.aclose()  # forgets the address
        async with client:
            with pytest.raises(APIConnectionError) as caught:
                await client.videos.get("v")
    assert not caught.value.is_unknown_host
    assert internet.lookups == ["api.example"] * 11


async def test_certificate_that_fails_after_a_lost_response_keeps_the_idempotency_key(
    internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(request: Any) -> None:
        request.transport.abort()
        monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", ssl.create_default_context())

    internet.answer = lose
    async with AsyncHeyGen("key") as client:
        with pytest.raises(APIConnectionError, match="certificate of api.heygen.com is not trusted") as caught:
            await client.request("POST", "/v3/new", json={}, idempotency_key="k")
    assert caught.value.idempotency_key == "k"
