"""The emulator answers only requests to its own names."""

from __future__ import annotations

import aiohttp
import pytest

from heygen_async.testing import HeyGenEmulator


@pytest.mark.parametrize("port", ["api", "storage"])
@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("evil.example", False), ("evil.example:80", False), ("localhost.evil.example", False), ("127.0.0.1@evil", False),
        ("[", False), ("", False), ("localhost:1", True), ("a.localhost", True), ("127.0.0.1", True), ("[::1]:8", True),
        ("emulator:8080", True), ("EMULATOR", True),
    ],
)  # fmt: skip
async def test_refuses_a_foreign_host(host: str, is_own: bool, port: str) -> None:
    async with HeyGenEmulator(public_host="Emulator") as api, aiohttp.ClientSession() as session:
        url = (api.url if port == "api" else api.storage_url).replace("Emulator", "127.0.0.1")
        async with session.get(f"{url}/v3/users/me", headers={"Host": host, "X-Api-Key": api.key}) as response:
            is_refused = b"invalid_host" in await response.read()
            assert (is_refused, not is_refused or response.status in {400, 421}) == (not is_own, True)
