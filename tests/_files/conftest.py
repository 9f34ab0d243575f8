"""Fixtures of the upload and download tests."""

from __future__ import annotations

import ssl
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from download_support import VIDEO_SIZE
from file_support import CONTENT
from internet_support import CERTIFIED, Internet
from network_support import Authority
from support import PNG

from heygen_async import AsyncHeyGen
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import AvatarVideo, Video


@pytest.fixture(params=["multipart", "direct"])
def upload_method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both upload methods; a lower multipart limit makes three million bytes a direct upload."""
    if request.param == "direct":
        monkeypatch.setattr("heygen_async._files.multipart.MULTIPART_LIMIT", 1000)
    return str(request.param)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("index.html", "<p>Hello.</p>")
    return path


@pytest.fixture
def large_path(tmp_path: Path) -> Path:
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.write(PNG)
        file.truncate((32 << 20) + 1)
    return path


@pytest.fixture
async def video(client: AsyncHeyGen, api: HeyGenEmulator) -> Video:
    """A finished video of three million bytes."""
    api.storage.large = VIDEO_SIZE
    return await client.videos.create_and_wait(AvatarVideo(avatar_id="avatar_1", script="Hello there."))


@pytest.fixture(autouse=True)
def small_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three million bytes are written in several steps."""
    monkeypatch.setattr("heygen_async._files.downloads._WRITE_SIZE", 1 << 18)


@pytest.fixture(scope="session")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The contexts of a server of the small internet, and of a client that trusts it."""
    return Authority(tmp_path_factory.mktemp("tls")).contexts(*CERTIFIED)


@pytest_asyncio.fixture
async def heygen(internet: Internet) -> AsyncIterator[AsyncHeyGen]:
    """A client of the public API on the small internet, which each module opens in its own way."""
    async with AsyncHeyGen("key") as client:
        yield client
