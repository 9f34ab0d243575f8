"""`download_to`: create, wait and download in one call."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from download_support import requested_ranges

from heygen_async import AsyncHeyGen, DownloadError, HeyGenError, InvalidInputError
from heygen_async._http.signatures import keywords_of, unpacked_keywords
from heygen_async._jobs.registry import KINDS
from heygen_async._jobs.wait_options import AndWait
from heygen_async.operations import operations
from heygen_async.testing import Fault, HeyGenEmulator, Plan
from heygen_async.testing.storage import media
from heygen_async.types.videos import AvatarVideo, Video

URL = "https://example.com/a.mp4"
REQUEST = AvatarVideo(avatar_id="avatar_1", script="Hello there.")


async def test_creates_waits_and_downloads(client: AsyncHeyGen, tmp_path: Path) -> None:
    video = await client.videos.create_and_wait(REQUEST, download_to=tmp_path / "tour.mp4")
    assert video.status == "completed"
    assert (tmp_path / "tour.mp4").read_bytes() == media("video.mp4")


async def test_waits_and_downloads(client: AsyncHeyGen, tmp_path: Path) -> None:
    session = await client.video_agents.create(prompt="A tour.")
    video = await client.wait_for_video(session, download_to=str(tmp_path / "tour.mp4"))
    lipsync = await client.lipsyncs.create(video=URL, audio="https://example.com/a.mp3")
    await client.wait_for_lipsync(lipsync, download_to=tmp_path)
    assert video.status == "completed"
    assert {path.name for path in tmp_path.iterdir()} == {"tour.mp4", f"{lipsync.lipsync_id}.mp4"}


async def test_finished_job_is_downloaded_without_a_poll(client: AsyncHeyGen, video: Video, tmp_path: Path) -> None:
    assert await client.wait_for_video(video, download_to=tmp_path) is video
    assert [path.name for path in tmp_path.iterdir()] == [f"{video.id}.mp4"]


async def test_every_file_of_a_job_goes_into_the_folder(client: AsyncHeyGen, tmp_path: Path) -> None:
    clips = await client.ai_clipping.create_and_wait(video=URL, download_to=tmp_path)
    removal = await client.background_removals.create_and_wait(video=URL, download_to=tmp_path)
    expected = {f"{clips.id}-{number}.mp4" for number in range(1, len(clips.clips or ()) + 1)}
    expected |= {f"{removal.id}-{name}.mp4" for name in removal.layers or ()}
    assert {path.name for path in tmp_path.iterdir()} == expected


async def test_every_language_goes_into_the_folder(client: AsyncHeyGen, tmp_path: Path) -> None:
    create = client.video_translations.create_and_wait
    translations = await create(video=URL, output_languages=["German", "French"], download_to=tmp_path)
    assert {path.stem for path in tmp_path.iterdir()} == {one.id for one in translations}
    await create(video=URL, output_languages=["German"], download_to=tmp_path / "german.mp4")
    assert (tmp_path / "german.mp4").read_bytes() == media("video.mp4")


async def test_destination_is_checked_before_anything_is_sent(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    (tmp_path / "taken.mp4").write_bytes(b"mine")
    translate = client.video_translations.create_and_wait
    for call, reason in (
        (client.videos.create_and_wait(REQUEST, download_to=tmp_path / "taken.mp4"), "an unused name"),
        (client.wait_for_video("v", download_to=tmp_path / "no" / "a.mp4"), "existing folder; create"),
        (translate(video=URL, output_languages=["German", "French"], download_to=tmp_path / "a"), "existing folder"),
        (client.ai_clipping.create_and_wait(video=URL, download_to=tmp_path / "a.mp4"), "for several files"),
        (client.wait_for_model_voice("v", download_to=tmp_path), "a model voice has no file to download"),
    ):
        with pytest.raises(InvalidInputError, match=f"download_to is .*{reason}"):
            await call
    assert api.requests == []
    assert (tmp_path / "taken.mp4").read_bytes() == b"mine"


async def test_failed_download_carries_the_finished_job_and_is_resumed(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    api.storage.large = 3_000_000
    api.inject(Fault("truncate", origin="storage"))
    api.inject(Fault("status", status=404, origin="storage", count=None))
    with pytest.raises(DownloadError) as caught:
        await client.videos.create_and_wait(REQUEST, download_to=tmp_path / "tour.mp4")
    video = caught.value.job
    assert isinstance(video, Video)
    assert video.status == "completed"
    assert not (tmp_path / "tour.mp4").exists()
    api.clear_faults()
    await client.wait_for_video(video, download_to=tmp_path / "tour.mp4")
    assert (requested_ranges(api)[-1] or "").startswith("bytes=")
    assert [path.name for path in tmp_path.iterdir()] == ["tour.mp4"]
    assert len(api.ledger) == 1


@pytest.mark.parametrize("name", ["tour.mp4", ""], ids=["file", "folder"])
async def test_a_wait_with_the_file_of_an_earlier_one_returns(
    name: str, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    await client.wait_for_video(video.id, download_to=tmp_path / name)
    (file,) = tmp_path.iterdir()
    written_at = file.stat().st_mtime_ns
    assert (await client.wait_for_video(video.id, download_to=tmp_path / name)).id == video.id
    assert list(tmp_path.iterdir()) == [file]
    assert file.stat().st_mtime_ns == written_at
    assert len(api.ledger) == 1


@pytest.mark.parametrize("change", [lambda _: b"mine", lambda data: data[:-1] + b"x", lambda data: data[:-1]])
async def test_another_file_is_not_replaced(
    change: Callable[[bytes], bytes], client: AsyncHeyGen, video: Video, tmp_path: Path
) -> None:
    file = tmp_path / "tour.mp4"
    await client.wait_for_video(video.id, download_to=file)
    file.write_bytes(other := change(file.read_bytes()))
    reason = rf"The video {video.id} is finished, but .*tour\.mp4 exists and is another file, which was not changed\. "
    with pytest.raises(DownloadError, match=rf"{reason}.* wait again: wait_for_video\('{video.id}'\)") as caught:
        await client.wait_for_video(video.id, download_to=file)
    assert isinstance(caught.value.job, Video)
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_bytes() == other


async def test_a_link_is_no_file_of_an_earlier_wait(client: AsyncHeyGen, video: Video, tmp_path: Path) -> None:
    await client.wait_for_video(video.id, download_to=tmp_path / "tour.mp4")
    (tmp_path / "link.mp4").symlink_to(tmp_path / "tour.mp4")
    with pytest.raises(DownloadError, match="exists and is another file"):
        await client.wait_for_video(video.id, download_to=tmp_path / "link.mp4")


async def test_a_path_that_ends_with_a_slash_is_a_folder(
    client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.requests.clear()
    folder = f"{tmp_path / 'new'}/"
    for call, reason in (
        (
            client.wait_for_video(video.id, download_to=folder),
            f"download_to is .*folder; create {tmp_path / 'new'} first",
        ),
        (client.videos.create_and_wait(REQUEST, download_to=folder), "download_to is .*or remove the slash"),
        (client.download(video, folder), "path is .*a name of a file, or remove the slash at the end"),
    ):
        with pytest.raises(InvalidInputError, match=reason):
            await call
    assert api.requests == []
    assert list(tmp_path.iterdir()) == []


async def test_id_of_a_response_never_leaves_the_folder(client: AsyncHeyGen, video: Video, tmp_path: Path) -> None:
    video.id = "../../evil"
    (tmp_path / "in").mkdir()
    await client.wait_for_video(video, download_to=tmp_path / "in")
    (file,) = (tmp_path / "in").iterdir()
    assert file.name.startswith("_.._evil-")


async def test_cancelled_download_names_the_finished_job(
    client: AsyncHeyGen, api: HeyGenEmulator, video: Video, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    api.inject(Fault("stall", origin="storage", count=None))
    call = asyncio.ensure_future(client.wait_for_video(video, download_to=tmp_path / "a.mp4"))
    while not requested_ranges(api):
        await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert "It is finished; download it again." in caplog.text


async def test_failed_job_is_no_download_error(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    api.plan(Plan(fail_code="internal_error"))
    with pytest.raises(HeyGenError) as caught:
        await client.videos.create_and_wait(REQUEST, download_to=tmp_path)
    assert not isinstance(caught.value, DownloadError)
    assert list(tmp_path.iterdir()) == []


def test_no_option_has_the_name_of_a_body_field() -> None:
    """The options of `create_and_wait` stand beside the fields of the body."""
    options = set(keywords_of(AndWait))
    assert "download_to" in options
    checked = 0
    for operation in operations().values():
        fields = set(unpacked_keywords(operation.method)) if operation.wait else set()
        checked += bool(fields)
        assert not fields & (options - {"idempotency_key"}), operation.name
    assert checked > 10


def test_every_wait_for_a_file_takes_it() -> None:
    for kind in KINDS:
        parameters: Any = inspect.signature(getattr(AsyncHeyGen, f"wait_for_{kind.wait}")).parameters
        assert ("download_to" in parameters) >= bool(kind.url_fields), kind.name
