"""Multipart uploads."""

from __future__ import annotations

import asyncio
import hashlib
import io
from pathlib import Path

import pytest
from file_support import DIGEST, LARGE, usable_assets
from support import PNG, open_files

from heygen_async import (
    AsyncHeyGen,
    BytesFile,
)
from heygen_async.testing import Fault, HeyGenEmulator


async def test_multipart_upload_follows_redirect_within_the_host(
    client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    api.inject(Fault("redirect", status=307, operation="AssetCreate", headers={"Location": "/v3/assets"}))
    await client.assets.upload(path)
    assert [asset["sha256"] for asset in usable_assets(api)] == [DIGEST]


@pytest.mark.parametrize("turns", range(0, 60, 4))
async def test_cancelling_at_any_step_leaves_no_open_file(
    turns: int, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG + bytes(LARGE))
    files = open_files()
    upload = asyncio.create_task(client.assets.create(path))
    for _ in range(turns):
        await asyncio.sleep(0)
    if upload.cancel():  # else it was done before
        with pytest.raises(asyncio.CancelledError):
            await upload
    await asyncio.sleep(1)
    assert not [name for name in open_files() - files if "a.png" in name]


async def test_form_carries_every_byte_and_its_length(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    content = PNG + bytes(range(256)) * 5000
    path = tmp_path / 'odd "name"\n é.png'
    path.write_bytes(content)
    opened = await asyncio.to_thread(path.open, "rb")
    shifted = io.BytesIO(b"before" + content)
    shifted.seek(6)
    for source in (path, opened, shifted, content, BytesFile(content=content, media_type="image/png")):
        uploaded = await client.assets.create(source)
        stored = api.state.assets[uploaded.asset_id]
        assert (stored["sha256"], uploaded.size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))
        assert uploaded.mime_type == "image/png"
    opened.close()
    for request in api.requests_for("AssetCreate"):
        assert request.headers["Content-Length"] == str(len(request.body))
        assert "Transfer-Encoding" not in request.headers


async def test_lost_response_stores_the_file_once(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("lost_response"))
    await client.assets.create(PNG)
    assert len(api.state.assets) == 1
