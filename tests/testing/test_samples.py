"""The samples of the local HeyGen: avatars with faces, voices that differ, and a film."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import subprocess
import wave
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from heygen_async import AsyncHeyGen

FEMALE = {"Ada", "Chiara", "Elin", "Grace", "Ines", "Lena", "Abigail", "Carlotta", "Freja", "Georgia"}
MALE = {"Bruno", "Dario", "Farid", "Hugo", "Jonas", "Kaito", "Bryan", "Daniel", "Esmond", "Harold"}


def is_of_gender(name: str | None, gender: str | None) -> bool:
    return (name or "").split()[0] in {"female": FEMALE, "male": MALE}[gender or ""]


async def test_names_agree_with_genders(client: AsyncHeyGen) -> None:
    voices = await client.voices.list(limit=100)
    looks = await client.avatars.looks.list(limit=50)
    assert {one.gender for one in voices} == {one.gender for one in looks} == {"female", "male"}
    assert all(is_of_gender(one.name, one.gender) for one in [*voices, *looks])


async def test_every_avatar_has_a_portrait_of_its_own(client: AsyncHeyGen, tmp_path: Path) -> None:
    looks = (await client.avatars.looks.list(limit=50)).data[:12]
    pictures = [
        await asyncio.to_thread((await client.download(str(look.preview_image_url), tmp_path / look.id)).read_bytes)
        for look in looks
    ]
    assert len(set(pictures)) == len(pictures)
    assert all(ET.fromstring(one).tag.endswith("svg") for one in pictures)
    again = await client.download(str(looks[0].preview_image_url), tmp_path / "again")
    assert await asyncio.to_thread(again.read_bytes) == pictures[0]


async def test_every_voice_has_a_sample_of_its_own(client: AsyncHeyGen, tmp_path: Path) -> None:
    voices = (await client.voices.list(limit=10)).data
    samples = set()
    for voice in voices:
        path = await client.download(str(voice.preview_audio_url), tmp_path / f"{voice.voice_id}.wav")
        samples.add(await asyncio.to_thread(path.read_bytes))
    assert len(samples) == len(voices)
    for sample in samples:
        with wave.open(io.BytesIO(sample)) as file:
            assert 1 <= file.getnframes() / file.getframerate() <= 2


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe, of Debian's ffmpeg, is not installed")
def test_the_film_lasts_seconds_in_720p_with_sound() -> None:
    import heygen_async.testing

    film = Path(heygen_async.testing.__file__).parent / "media" / "video.mp4"
    probe = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_type,height,duration", "-of", "json", str(film)]
    streams = json.loads(subprocess.run(probe, capture_output=True, check=True).stdout)["streams"]
    assert {one["codec_type"] for one in streams} == {"audio", "video"}
    assert max(one.get("height", 0) for one in streams) == 720
    assert all(3 <= float(one["duration"]) <= 10 for one in streams)
