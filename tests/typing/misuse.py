"""What an editor must underline. Every line that ends in `# wrong` is an error to mypy and to pyright, and no other."""

from __future__ import annotations

from pathlib import Path

from aiohttp import BodyPartReader
from aiohttp.web import FileField
from starlette.datastructures import UploadFile

from heygen_async import AsyncHeyGen, JobUpdate, UrlFile
from heygen_async.types.avatars import PhotoAvatar
from heygen_async.types.brand_kits import ColorRoles
from heygen_async.types.lipsyncs import LipsyncCreated
from heygen_async.types.models import SpeechAudio, TextToVideo
from heygen_async.types.video_agents import Session
from heygen_async.types.videos import AvatarIV, AvatarVideo, Background, CinematicVideo, StudioVideo, Video, VideoScene

IMAGE = "https://example.com/a.png"


def structs() -> None:
    AvatarVideo(avatar_id="avatar_1", script="Hello.", engine=AvatarIV(), background=Background(type="color"))
    AvatarVideo(avatar_id="avatar_1", scripts="Hello.")  # wrong
    AvatarVideo(script="Hello.")  # wrong
    AvatarVideo(avatar_id=7, script="Hello.")  # wrong
    AvatarVideo(avatar_id="avatar_1", engine="avatar_iv")  # wrong
    AvatarVideo(avatar_id="avatar_1", aspect_ratio="17:9")  # wrong
    AvatarVideo(avatar_id="avatar_1", background=Background(type="colour"))  # wrong
    CinematicVideo(prompt="A walk", avatar_id=["avatar_1"])
    CinematicVideo(prompt="A walk", avatar_id="avatar_1")  # wrong
    StudioVideo(scenes=[VideoScene(source=UrlFile(url=IMAGE))])
    StudioVideo(scenes=[AvatarVideo(avatar_id="avatar_1")])  # wrong
    PhotoAvatar(name="Ada", file=IMAGE, prompt="x")  # wrong


async def uploads(heygen: AsyncHeyGen, field: FileField, part: BodyPartReader, file: UploadFile) -> None:
    await heygen.assets.upload_many([field, part, file, b"", Path("a.png")])
    await heygen.assets.upload(7)  # wrong


async def requests(heygen: AsyncHeyGen) -> None:
    await heygen.videos.create(AvatarVideo(avatar_id="avatar_1", script="Hello."))
    await heygen.videos.create(PhotoAvatar(name="Ada", file=IMAGE))  # wrong
    await heygen.avatars.create(AvatarVideo(avatar_id="avatar_1"))  # wrong
    await heygen.video_agents.create(prompt="A tour", mode="chat")
    await heygen.video_agents.create(promt="A tour")  # wrong
    await heygen.video_agents.create(mode="chat")  # wrong
    await heygen.video_agents.create(prompt="A tour", mode="talk")  # wrong
    await heygen.voices.create_speech(text="Hello.")  # wrong
    await heygen.lipsyncs.create_and_wait(video=IMAGE, audio=IMAGE, timeout=60)
    await heygen.lipsyncs.create_and_wait(video=IMAGE, audio=IMAGE, timeout="1m")  # wrong
    await heygen.lipsyncs.create_and_wait(video=IMAGE)  # wrong
    await heygen.brand_kits.update("k", name="Ours", color_roles=ColorRoles())
    await heygen.brand_kits.update("k", color_roles=None)  # wrong
    await heygen.brand_glossaries.update("g", terms=None)  # wrong
    await heygen.avatars.update("a", default_voice_id=None)
    await heygen.models.videos.create(TextToVideo(prompt="A fox", duration="5"))  # wrong
    await heygen.lipsync.create(video=IMAGE, audio=IMAGE)  # wrong
    heygen.videos.delete("v")  # wrong


async def lists(heygen: AsyncHeyGen) -> None:
    async for voice in heygen.voices.list(limit=10):
        print(voice.voice_id)
        print(voice.id)  # wrong
    for _ in heygen.voices.list():  # wrong
        pass
    print((await heygen.voices.list()).data)
    print(heygen.voices.list().data)  # wrong
    async for _ in await heygen.voices.list():  # wrong
        pass
    heygen.voices.list(limits=10)  # wrong


async def streams(heygen: AsyncHeyGen) -> None:
    async for part in heygen.models.stream_speech(text="Hello.", voice_id="voice_0001"):
        print(part.audio)  # wrong
        if isinstance(part, SpeechAudio):
            print(len(part.audio))
    await heygen.models.stream_speech(text="Hello.", voice_id="voice_0001")  # wrong


async def answers(heygen: AsyncHeyGen, session: Session, lipsync: LipsyncCreated) -> str | None:
    video = await heygen.wait_for_video(session, timeout=60, on_update=show)
    print(video.video_urls)  # wrong
    print(heygen.videos.get("v").status)  # wrong
    await heygen.wait_for_lipsync(lipsync)
    await heygen.wait_for_lipsync(session)  # wrong
    await heygen.wait_for_video(session, timeout="5m")  # wrong
    await heygen.download(lipsync, "a.mp4")  # wrong
    return video.duration  # wrong


def show(update: JobUpdate[Video]) -> None:
    print(update.state, update.job.title, update.percent)  # wrong


def closed() -> None:
    with AsyncHeyGen():  # wrong
        pass
