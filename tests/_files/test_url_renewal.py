"""URLs of resources, and the renewal of expired ones."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from download_support import requested_ranges, video_content

from heygen_async import AsyncHeyGen, BytesFile, DownloadError, InvalidInputError
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.testing.storage import media
from heygen_async.types.videos import AvatarVideo, Caption, Video

URL = "https://example.com/a.mp4"


def zip_file() -> BytesFile:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("index.html", "<p>Hello.</p>")
    return BytesFile(content=content.getvalue(), media_type="application/zip")


async def test_renews_an_expired_url_of_a_resource(
    client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.clock.advance(7200)
    assert (await client.download(video, tmp_path / "a")).read_bytes() == video_content()
    with pytest.raises(DownloadError, match="expired; request the resource again") as caught:
        await client.download(video.video_url or "", tmp_path / "b")
    assert caught.value.status == 403
    assert "Signature" not in str(caught.value) + repr(caught.value) + caught.value.url
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (None, "video.mp4"), ("captioned_video_url", "video.mp4"), ("subtitle_url", "subtitles.srt"),
        ("thumbnail_url", "thumbnail.jpg"), ("gif_url", "preview.gif"),
    ],
)  # fmt: skip
async def test_renews_every_url_of_a_video(
    field: str | None, name: str, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    video = await client.videos.create_and_wait(
        AvatarVideo(avatar_id="avatar_1", script="Hello there.", caption=Caption())
    )
    api.clock.advance(7200)
    assert (await client.download(video, tmp_path / "a", url_field=field)).read_bytes() == media(name)


async def create_result(client: AsyncHeyGen, kind: str) -> tuple[Any, str | None, str]:
    """Return a finished result of this kind, one of its URL fields, and the name of the file behind it."""
    match kind:
        case "lipsync":
            result: Any = await client.lipsyncs.create_and_wait(video=URL, audio="https://example.com/a.mp3")
            return result, None, "video.mp4"
        case "translation":
            (result,) = await client.video_translations.create_and_wait(video=URL, output_languages=["German"])
            return result, "audio_url", "speech.wav"
        case "render":
            return await client.hyperframes.create_and_wait(project=zip_file()), "thumbnail_url", "thumbnail.jpg"
        case "removal":
            return await client.background_removals.create_and_wait(video=URL), "layers.mask", "video.mp4"
        case "clips":
            return await client.ai_clipping.create_and_wait(video=URL), "clips.0.video_url", "video.mp4"
    return await client.voices.create_speech(voice_id="voice_0001", text="Hello."), None, "speech.wav"


@pytest.mark.parametrize("kind", ["lipsync", "translation", "render", "removal", "clips", "speech"])
async def test_downloads_and_renews_urls_of_every_kind(
    kind: str, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    result, field, name = await create_result(client, kind)
    if kind != "speech":
        api.clock.advance(7200)  # a speech cannot be requested again
    assert (await client.download(result, tmp_path / "a", url_field=field)).read_bytes() == media(name)


@pytest.mark.parametrize("field", ["clips.7.video_url", "clips.x.video_url", "nothing", "id", None])
async def test_field_without_a_url_is_an_input_error(field: str | None, client: AsyncHeyGen, tmp_path: Path) -> None:
    clipping = await client.ai_clipping.create_and_wait(video=URL)
    with pytest.raises(
        InvalidInputError, match=rf"clipping\.{field or 'video_url'} is .*; expected a URL; it has clips"
    ):
        await client.download(clipping, tmp_path / "a", url_field=field)


async def test_error_lists_the_fields_that_have_a_url(client: AsyncHeyGen, tmp_path: Path) -> None:
    removal = await client.background_removals.create_and_wait(video=URL)
    with pytest.raises(InvalidInputError, match=r"it has layers\.foreground, layers\.mask, layers\.background"):
        await client.download(removal, tmp_path / "a")
    clipping = await client.ai_clipping.create_and_wait(video=URL)
    with pytest.raises(InvalidInputError, match=r"it has clips\.0\.video_url"):
        await client.download(clipping, tmp_path / "a")


async def test_renews_a_url_that_expires_during_the_download(
    client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.inject(Fault("truncate", origin="storage", position=0.5))
    path = await client.download(video, tmp_path / "a", on_progress=lambda *_: api.clock.advance(7200))
    assert path.read_bytes() == video_content()
    first, refused, rest = requested_ranges(api)
    assert first is None
    assert refused == rest != "bytes=0-"
