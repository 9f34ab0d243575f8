"""Media types: which files the API takes, and how their type is detected."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from file_support import CONTENT, AsyncReader, stream_chunks

from heygen_async import (
    AsyncHeyGen,
    InvalidInputError,
)
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.files import AssetFile


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (b"GIF89a not taken", {}), (b"", {}), (b"plain", {"filename": "a.txt"}),
        (CONTENT, {"media_type": "image/gif"}),
    ],
)  # fmt: skip
async def test_rejects_unsupported_types_before_any_request(
    content: bytes, options: dict[str, Any], client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    for source in (content, stream_chunks(content), io.BytesIO(content), AsyncReader(content)):
        with pytest.raises(InvalidInputError, match="file"):
            await client.assets.upload(source, **options)
    assert api.requests == []


async def test_zip_is_uploaded_directly(client: AsyncHeyGen, api: HeyGenEmulator, project: Path) -> None:
    asset = await client.assets.upload(project)
    (other,) = await client.assets.upload_many([await asyncio.to_thread(project.read_bytes)])
    assert isinstance(other, AssetFile)
    for id in (asset.asset_id, other.asset_id):
        await client.hyperframes.create(project=AssetFile(asset_id=id))
    assert api.requests_for("AssetCreate") == []
    assert {one["content_type"] for one in api.state.assets.values()} == {"application/zip"}
    with pytest.raises(InvalidInputError, match=r"assets\.upload\(\) sends it into the storage"):
        await client.assets.create(project)


async def test_rejects_a_document_whose_content_is_a_zip(client: AsyncHeyGen, project: Path) -> None:
    document = project.rename(project.with_suffix(".docx"))
    with pytest.raises(InvalidInputError, match="srt or zip file; this one is application/vnd.openxml"):
        await client.assets.upload(document)


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"\0\0\0\x20ftypisom", "video/mp4"), (b"\0\0\0\x20ftypmp41", "video/mp4"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "video/webm"), (b"ID3\x03", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"), (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"), (b"%PDF-1.7", "application/pdf"),
    ],
)  # fmt: skip
async def test_common_files_are_known_by_their_first_bytes(
    head: bytes, media_type: str, client: AsyncHeyGen, api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.assets.upload(b"%PDF-1.7")  # imports the detector

    def fail(_: bytes) -> object:
        raise AssertionError("the slow detection ran")

    monkeypatch.setattr("puremagic.magic_string", fail)
    asset = await client.assets.upload(head + bytes(100))
    assert api.state.assets[asset.asset_id]["content_type"] == media_type


async def test_rejects_a_picture_in_the_container_of_mp4(client: AsyncHeyGen) -> None:
    with pytest.raises(InvalidInputError, match="mp4, webm, mp3, wav"):
        await client.assets.upload(b"\0\0\0\x20ftypheic" + bytes(100))
