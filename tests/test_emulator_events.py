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

from heygen_async.testing import HeyGenEmulator

URL = {"type": "url", "url": "https://e.com/a.mp4"}
AVATAR: dict[str, Any] = {"type": "avatar", "avatar_id": "a", "script": "Hello there."}
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
        made.called.append((request.path, await request.json()))
        return web.Response()

    runner = web.ServerRunner(web.Server(take))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        made = Ask(api, session, f"http://127.0.0.1:{runner.addresses[0][1]}")
        yield made
    await runner.cleanup()


def zipped(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name in names:
            file.writestr(name, "<html></html>")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "composition", "valid"),
    [
        (zipped("index.html", "style.css"), None, True),
        (zipped("mine/index.html", "mine/style.css"), None, True),
        (zipped("mine/main.html"), "main.html", True),
        (zipped("mine/main.html", "other.css"), "mine/main.html", True),
        (zipped("mine/index.html", "yours/style.css"), None, False),
        (zipped("mine/deeper/index.html"), None, False),
        (zipped("index.html"), "main.html", False),
        (zipped(), None, False),
        (b"no zip at all", None, False),
    ],
)
async def test_a_project_is_a_zip_with_a_composition(
    content: bytes, composition: str | None, valid: bool, ask: Ask
) -> None:
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
