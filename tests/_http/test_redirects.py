"""Redirects: followed within the API, refused elsewhere."""

from __future__ import annotations

import pytest

from heygen_async import (
    AsyncHeyGen,
    DecodeError,
    Limits,
    RedirectError,
)
from heygen_async.testing import Fault, HeyGenEmulator


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_to_another_origin_is_refused(status: int, api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    async with HeyGenEmulator() as other:
        api.inject(Fault("redirect", status=status, headers={"Location": f"{other.url}/v3/users/me"}))
        with pytest.raises(RedirectError, match="Set base_url"):
            await client.users.me()
        assert other.requests == []


async def test_redirect_within_the_api_is_followed(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(Fault("redirect", status=307, path="/v3/videos", headers={"Location": "/v3/users/me"}))
    with pytest.raises(DecodeError):  # the account is no page of videos, so it was followed
        await client.videos.list()
    assert [request.path for request in api.requests] == ["/v3/videos", "/v3/users/me"]


@pytest.mark.parametrize("location", ["mailto:x", "about:blank", "https:///x", "http://[::1"])
async def test_redirect_to_an_invalid_address_is_an_error(
    location: str, api: HeyGenEmulator, client: AsyncHeyGen
) -> None:
    api.inject(Fault("redirect", headers={"Location": location}))
    with pytest.raises(RedirectError):
        await client.users.me()


@pytest.mark.parametrize("limit", [1, 5])
async def test_redirects_in_a_circle_end_at_the_limit(limit: int, api: HeyGenEmulator) -> None:
    api.inject(Fault("redirect", count=None, headers={"Location": "/v3/users/me"}))
    async with AsyncHeyGen(api.key, base_url=api.url, limits=Limits(redirects=limit)) as client:
        with pytest.raises(RedirectError):
            await client.users.me()
    assert len(api.requests) == limit + 1
