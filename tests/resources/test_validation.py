"""Invalid arguments are rejected before a request is sent; the error names the field, the value and the valid values."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from support import PNG

from heygen_async import AsyncHeyGen, Backoff, BytesFile, ConfigurationError, HeyGenError, InvalidInputError, Timeout
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.models import InstantVoice, ProfessionalVoice, TextToVideo
from heygen_async.types.videos import (
    AvatarInput,
    AvatarScene,
    AvatarV,
    AvatarVideo,
    Background,
    CinematicVideo,
    ImageScene,
    ImageVideo,
    StudioVideo,
    Video,
    VideoStatus,
    VoiceSettings,
)

SPOKEN = AvatarVideo(avatar_id="avatar_1", script="Hello there.")


@pytest.mark.parametrize(
    "url",
    [
        "", "api.heygen.com", "ftp://api.heygen.com", "https://", "https://u:p@api.heygen.com", "https://h/?q=1",
        "http://api.heygen.com", "http://10.0.0.1", "https://h:port", "https://h/\n", "https://h/?", "https://h/a#", "https://h/a b", "https:// h", "https://api.heygen.com/v3/",
    ],
)  # fmt: skip
def test_rejects_an_invalid_base_url(url: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        AsyncHeyGen("key", base_url=url)


@pytest.mark.parametrize(
    "url", ["http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1", "https://h.example/api/"]
)
def test_accepts_a_valid_base_url(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_BASE_URL", url)
    assert url.rstrip("/") in repr(AsyncHeyGen("key"))


@pytest.mark.parametrize(
    ("environment", "argument", "address"),
    [
        ({}, None, "https://api.heygen.com"),
        ({"HEYGEN_API_BASE": "https://a.example"}, None, "https://a.example"),
        ({"HEYGEN_API_BASE": "https://a.example", "HEYGEN_BASE_URL": "https://b.example"}, None, "https://b.example"),
        ({"HEYGEN_API_BASE": "https://a.example", "HEYGEN_BASE_URL": " "}, None, "https://a.example"),
        ({"HEYGEN_API_BASE": "", "HEYGEN_BASE_URL": ""}, None, "https://api.heygen.com"),
        ({"HEYGEN_BASE_URL": "https://b.example"}, "https://c.example/", "https://c.example"),
    ],
)
def test_the_argument_precedes_the_environment(
    environment: dict[str, str], argument: str | None, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert f"base_url={address!r}" in repr(AsyncHeyGen("key", base_url=argument))


def test_plain_http_to_another_machine_needs_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="insecure_http=True or HEYGEN_INSECURE_HTTP=1"):
        AsyncHeyGen("key", base_url="http://emulator.internal")
    AsyncHeyGen("key", base_url="http://emulator.internal", insecure_http=True)
    monkeypatch.setenv("HEYGEN_INSECURE_HTTP", "1")
    AsyncHeyGen("key", base_url="http://emulator.internal")
    with pytest.raises(ConfigurationError, match="insecure_http"):
        AsyncHeyGen("key", base_url="http://emulator.internal", insecure_http=False)


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": 0}, {"timeout": -1.0}, {"timeout": "5"}, {"max_retries": -1}, {"headers": {"X": "a\nb"}},
        {"max_connections": 0}, {"wait_timeout": 0},
    ],
)  # fmt: skip
def test_rejects_invalid_options(options: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError, match=r"expected|Did you mean"):
        AsyncHeyGen("key", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", [{"initial": -1}, {"initial": 1, "factor": 0.5}, {"initial": 9, "maximum": 1}, {"initial": 1, "jitter": 2}]
)
def test_rejects_an_invalid_backoff(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidInputError, match="Backoff"):
        Backoff(**wrong)
    with pytest.raises(InvalidInputError, match=r"Timeout\.read"):
        Timeout(read=0)
    with pytest.raises(InvalidInputError, match=r"Timeout\.total is '5'"):
        Timeout(total="5")  # type: ignore[arg-type]


CALLS = {
    "idempotency_key": lambda c: c.videos.create(SPOKEN, idempotency_key="no spaces"),
    "idempotency_key ": lambda c: c.videos.create(SPOKEN, idempotency_key="k" * 256),
    "idempotency_key  ": lambda c: c.video_agents.create(prompt="A tour", idempotency_key=""),
    "video_id": lambda c: c.videos.get(""),
    "video_id ": lambda c: c.videos.get(".."),
    "session_id": lambda c: c.video_agents.stop("  "),
    "prompt": lambda c: c.video_agents.create(prompt=""),
    "prompt ": lambda c: c.video_agents.create(prompt="x" * 10_001),
    "prompt  ": lambda c: c.video_agents.create(),
    "promt": lambda c: c.video_agents.create(prompt="A tour", promt="A tour"),
    "message": lambda c: c.video_agents.send_message("s", message=" "),
    "files": lambda c: c.video_agents.create(prompt="A tour", files=["https://e.com/a.png"] * 21),
    "limit": lambda c: c.voices.list(limit=0),
    "limit  ": lambda c: c.voices.list(limit="10"),
    "files ": lambda c: c.video_agents.create(prompt="A tour", files="https://e.com/a.png"),
    "files  ": lambda c: c.video_agents.create(prompt="A tour", files=7),
    "limit ": lambda c: c.assets.search(query="pizza", type="icon", limit=51),
    "text": lambda c: c.voices.create_speech(text="", voice_id="voice_0001"),
    "speed": lambda c: c.voices.create_speech(text="Hi", voice_id="voice_0001", speed=3),
    "audio": lambda c: c.models.voices.create(mode="professional", audio=["https://e.com/a.wav"] * 11),
    "audio ": lambda c: c.models.voices.create(mode="instant", audio=[]),
    "request.audio": lambda c: c.models.voices.create(InstantVoice(name="Mine", audio=[])),
    "request.audio ": lambda c: c.models.voices.create(ProfessionalVoice(audio=["https://e.com/a.wav"] * 11)),
    "request.name": lambda c: c.models.voices.create({"mode": "instant", "audio": ["https://e.com/a.wav"]}),
    "request": lambda c: c.models.voices.create(InstantVoice(name="Mine", audio=["a"]), name="Yours"),
    "mode": lambda c: c.models.voices.create(audio=["https://e.com/a.wav"]),
    "request.mode ": lambda c: c.models.voices.create({"audio": ["https://e.com/a.wav"]}),
    "identity_images": lambda c: c.models.images.create(identity_images=[], reference_images=["https://e.com/a.png"]),
    "num_images": lambda c: c.models.images.create(identity_images=["a"], reference_images=["b"], num_images=6),
    "request.mode": lambda c: c.models.videos.create({"prompt": "A fox", "model": "heygen-video-1"}),
    "request.prompt": lambda c: c.models.videos.create(TextToVideo(prompt="")),
    "request.duration ": lambda c: c.models.videos.create({"mode": "text_to_video", "prompt": "A fox", "duration": 4}),
    "text ": lambda c: c.models.create_speech(text=" ", voice_id="voice_0001"),
    "voice_id": lambda c: c.models.create_speech(text="Hello."),
    "terms": lambda c: c.brand_glossaries.update("g", terms=None),
    "name": lambda c: c.brand_glossaries.update("g", name="x" * 65),
    "name ": lambda c: c.brand_glossaries.create(name=""),
    "color_roles": lambda c: c.brand_kits.update("b", color_roles=None),
    "videos": lambda c: c.videos.create_batch(videos=[]),
    "videos[1].script": lambda c: c.videos.create_batch(videos=[SPOKEN, AvatarVideo(avatar_id="avatar_1")]),
    "request.type": lambda c: c.videos.create({"avatar_id": "avatar_1"}),
    "request.audio_url": lambda c: c.videos.create(
        AvatarVideo(avatar_id="avatar_1", script="Hi.", audio_url="https://e.com")
    ),
    "request.expressiveness": lambda c: c.videos.create(
        AvatarVideo(avatar_id="avatar_1", script="Hi.", engine=AvatarV(), expressiveness="high")
    ),
    "request.background.asset_id": lambda c: c.videos.create(
        AvatarVideo(
            avatar_id="avatar_1", script="Hi.", background=Background(type="image", url="https://e.com", asset_id="x")
        )
    ),
    "request.voice_settings.pitch": lambda c: c.videos.create(
        AvatarVideo(avatar_id="avatar_1", script="Hi.", voice_settings=VoiceSettings(pitch=51))
    ),
    "request.avatar_id": lambda c: c.videos.create(CinematicVideo(prompt="A tour", avatar_id=["avatar_1"] * 4)),
    "request.duration": lambda c: c.videos.create(
        {"type": "cinematic_avatar", "prompt": "p", "avatar_id": ["avatar_1"], "duration": 5, "auto_duration": True}
    ),
    "request.voice_id": lambda c: c.videos.create(ImageVideo(image="https://e.com/a.png", script="Hi.")),
    "request.scenes[0].voice_id": lambda c: c.videos.create(
        StudioVideo(scenes=[ImageScene(source="https://e.com/a.png", script="Hi.")])
    ),
    "request.scenes[0].duration ": lambda c: c.videos.create(
        StudioVideo(scenes=[ImageScene(source="https://e.com/a.png", duration=0)])
    ),
    "request.prompt  ": lambda c: c.avatars.create({"type": "prompt", "name": "Ann", "prompt": "x" * 1_001}),
    "prompt   ": lambda c: c.voices.design(prompt="x" * 1_001),
    "consent_text": lambda c: c.avatars.create_consent("group", consent_text="<b>I allow it.</b>"),
    "video_translations": lambda c: c.video_translations.create_batch(
        video_translations=[{"video": "https://e.com/a.mp4", "output_languages": ["French", "German"]}] * 51
    ),
    "request.scenes": lambda c: c.videos.create(StudioVideo(scenes=[])),
    "request.scenes[0].input.script": lambda c: c.videos.create(
        StudioVideo(scenes=[AvatarScene(input=AvatarInput(avatar_id="avatar_1"))])
    ),
    "request.scenes[0].duration": lambda c: c.videos.create(
        StudioVideo(scenes=[ImageScene(source="https://e.com/a.png", duration=4, script="Hi.")])
    ),
    "resource": lambda c: c.download("no url", "x.mp4"),
    "video.video_url": lambda c: c.download(Video(id="v", status=VideoStatus.PENDING), "x.mp4"),
    "path": lambda c: c.download("https://e.com/v.mp4", "/no/such/folder/x.mp4"),
    "path ": lambda c: c.download("https://e.com/v.mp4", "/"),
    "method": lambda c: c.request("BREW", "/v3/pot"),
    "path  ": lambda c: c.request("GET", "v3/pot"),
    "file": lambda c: c.assets.create("/no/such/file.png"),
    "file ": lambda c: c.assets.create("/"),
    "file  ": lambda c: c.assets.create(b""),
    "file   ": lambda c: c.assets.create(7),
    "file    ": lambda c: c.assets.create(io.BytesIO(b"")),
    "file     ": lambda c: c.assets.create(io.StringIO("text")),
    "file      ": lambda c: c.assets.create(b"GIF89a not taken"),
    "file.media_type": lambda c: c.assets.create(BytesFile(content=b"x", media_type="image/gif")),
    "body": lambda c: c.voices.clone(audio={"type": "url", "url": object()}, voice_name="n"),
}


@pytest.mark.parametrize("field", CALLS)
async def test_rejects_invalid_arguments_before_sending(field: str, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with pytest.raises(InvalidInputError, match=r"expected|Did you mean") as caught:
        await CALLS[field](client)
    assert caught.value.field == field.strip()
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, HeyGenError)
    assert api.requests == []


async def test_rejects_files_that_cannot_be_uploaded(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    empty.touch()
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.write(PNG)
        file.truncate(33 << 20)
    text = tmp_path / "notes.txt"
    text.write_text("just words")
    for path, why in ((empty, "empty"), (large, "at most 32 MB"), (text, "png, jpeg, mp4")):
        with pytest.raises(InvalidInputError, match=why):
            await client.assets.create(path)
    assert api.requests == []


async def test_keeps_an_existing_download_target(client: AsyncHeyGen, tmp_path: Path) -> None:
    target = tmp_path / "tour.mp4"
    target.write_text("mine")
    with pytest.raises(InvalidInputError, match="overwrite=True"):
        await client.download("https://e.com/v.mp4", target)
    assert target.read_text() == "mine"
