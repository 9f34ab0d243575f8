"""Systems that lack what Linux has: links that are not followed, folders as descriptors, SIGHUP, hints to the disk."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from support import PNG

PROGRAM = """
import os
import signal

for name in ("O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC", "O_PATH", "posix_fadvise"):
    if hasattr(os, name):
        delattr(os, name)
os.supports_dir_fd = os.supports_follow_symlinks = frozenset()
if hasattr(signal, "SIGHUP"):
    del signal.SIGHUP

import asyncio
import sys
from pathlib import Path

from heygen_async import AsyncHeyGen, AvatarVideo, FileTokenStore, OAuthTokens
from heygen_async.batch import run
from heygen_async.cli.signals import run_until_signal
from heygen_async.testing import HeyGenEmulator

async def main():
    folder = Path(sys.argv[1])
    async with HeyGenEmulator(autojump=True) as api, AsyncHeyGen(api.key, base_url=api.url) as heygen:
        await heygen.assets.upload(folder / "logo.png")
        video = await heygen.videos.create_and_wait(AvatarVideo(avatar_id="avatar_1", script="Hello.", voice_id="voice_0001"))
        await heygen.download(video, folder / "film.mp4")
        store = FileTokenStore(folder / "tokens.json")
        await store.save(OAuthTokens(access_token="token"))
        assert await store.load() == OAuthTokens(access_token="token")
        request = AvatarVideo(avatar_id="avatar_1", script="Hello.", voice_id="voice_0001")
        batch = run([("1", request)], heygen=heygen, journal=folder / "rows.journal", output_dir=folder / "films")
        outcomes = [outcome async for outcome in batch]
        assert [outcome.succeeded for outcome in outcomes] == [True], outcomes
        names = sorted(path.name for path in folder.rglob("*.mp4") if path.stat().st_size)
        assert len(names) == 2 and "film.mp4" in names, names

run_until_signal(main)
"""


@pytest.mark.slow
async def test_files_are_read_and_written_without_the_calls_of_linux(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(PNG)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-c", PROGRAM, str(tmp_path),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    output = (await process.communicate())[0].decode()
    assert (process.returncode, output) == (0, "")
