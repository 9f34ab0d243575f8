"""Requests to the local HeyGen by a client that knows nothing."""

from __future__ import annotations

import io
import json
from typing import Any

import aiohttp

from heygen_async.testing import HeyGenEmulator


async def post(
    api: HeyGenEmulator, session: aiohttp.ClientSession, path: str, body: Any
) -> tuple[int, dict[str, Any], str]:
    """Return the status, the error and the emulator's hint."""
    content = io.BytesIO(json.dumps(body).encode())
    headers = {"X-Api-Key": api.key, "Content-Type": "application/json"}
    async with session.post(api.url + path, data=content, headers=headers) as response:
        return response.status, (await response.json()).get("error") or {}, response.headers.get("X-Emulator-Hint", "")


class PlainClient:
    """A client that knows nothing: the status and the JSON of each response, with the `Retry-After` header in it."""

    def __init__(self, api: HeyGenEmulator, session: aiohttp.ClientSession) -> None:
        self.api = api
        self.session = session

    async def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        headers = {"X-Api-Key": self.api.key}
        async with self.session.request(method, self.api.url + path, json=body, headers=headers) as response:
            return response.status, await response.json() | {"retry_after": response.headers.get("Retry-After")}
