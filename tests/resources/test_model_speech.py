"""Streamed speech: each part arrives whole and once, and an early end is an error."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import wave
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from support import open_files, tasks

from heygen_async import (
    AmbiguousRequestError,
    APIConnectionError,
    APIError,
    APITimeoutError,
    AsyncHeyGen,
    ConfigurationError,
    DecodeError,
    HeyGenError,
    InvalidInputError,
    OAuthTokens,
    RateLimitError,
    ServerError,
    Timeout,
)
from heygen_async.testing import Fault, HeyGenEmulator, Plan
from heygen_async.types.models import SpeechAlignment, SpeechAudio, SpeechPart, SpokenWord, UnknownSpeechPart

TEXT = "Good morning to all of you. It is a fine day, so let us begin."
WORDS = TEXT.split()
PARTS = 6  # of the text: three of sound, each with its words; then comes the mark of the end
STREAM = "ModelSpeechStream"


async def heard(client: AsyncHeyGen, **request: Any) -> tuple[list[SpeechPart], HeyGenError | None]:
    """Return the received parts, and the error that ended the stream."""
    parts: list[SpeechPart] = []
    try:
        async for part in client.models.stream_speech(
            **{"text": TEXT, "voice_id": "voice_0001", "with_timestamps": True} | request
        ):
            parts.append(part)
    except HeyGenError as error:
        return parts, error
    return parts, None


async def test_yields_whole_audio_files_and_words_with_times(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    parts, error = await heard(client, seed=7)
    assert error is None
    sounds = [part for part in parts if isinstance(part, SpeechAudio)]
    assert [sound.part_index for sound in sounds] == [0, 1, 2]
    seconds = 0.0
    for sound in sounds:
        with wave.open(io.BytesIO(sound.audio)) as file:
            seconds += file.getnframes() / file.getframerate()
    words = [word for part in parts if isinstance(part, SpeechAlignment) for word in part.word_alignments]
    assert [word.text for word in words] == WORDS
    assert words[-1].end_time == pytest.approx(seconds)
    assert api.requests_for(STREAM)[0].json == {
        "text": TEXT,
        "voice_id": "voice_0001",
        "with_timestamps": True,
        "seed": 7,
    }
    assert str(len(sounds[0].audio)) in repr(sounds[0])
    assert len(repr(sounds[0])) < 100


async def test_yields_words_only_with_timestamps(client: AsyncHeyGen) -> None:
    parts, _ = await heard(client, with_timestamps=None)
    assert {type(part) for part in parts} == {SpeechAudio}


@pytest.mark.parametrize("kind", ["truncate", "reset_mid_body"])
@pytest.mark.parametrize("position", [half / 2 for half in range(2 * (PARTS + 1))] + [PARTS + 0.99])
async def test_a_cut_stream_yields_each_part_once_and_raises(
    position: float, kind: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    whole, _ = await heard(client)
    api.inject(Fault(kind, operation=STREAM, position=position))
    parts, error = await heard(client)
    assert parts == whole[: len(parts)]
    assert (
        len(parts) == int(position) if kind == "truncate" else len(parts) <= position
    )  # a reset discards what was not read yet
    assert isinstance(error, AmbiguousRequestError)
    assert isinstance(error, APIConnectionError)
    assert "users.me()" in str(error)
    assert getattr(error, "__notes__", []) == [f"{len(parts)} parts of the speech arrived whole before."] * bool(parts)
    assert len(api.requests_for(STREAM)) == len(api.ledger) == 2


async def test_a_stream_cut_after_its_last_event_is_complete(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("truncate", operation=STREAM, position=PARTS + 1))
    parts, error = await heard(client)
    assert (len(parts), error) == (PARTS, None)


async def test_silence_ends_the_stream(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("stall", operation=STREAM, position=2.5))
    parts, error = await heard(client.with_options(timeout=Timeout(read=5)))
    assert len(parts) == 2
    assert isinstance(error, AmbiguousRequestError)
    assert isinstance(error, APITimeoutError)


async def test_raises_an_error_event_within_the_stream(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(kind="model_speech", fail_message="The voice is gone.", count=1))
    parts, error = await heard(client)
    assert len(parts) == 2
    assert isinstance(error, APIError)
    assert not isinstance(error, AmbiguousRequestError)
    assert (error.status, error.message) == (200, "The voice is gone.")
    assert error.__notes__ == ["2 parts of the speech arrived whole before."]
    assert (await heard(client))[1] is None


@pytest.mark.parametrize("how", ["aclose", "cancel"])
async def test_leaving_speech_early_closes_the_connection(how: str, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    await client.users.me()
    before, files = tasks(), open_files()
    api.inject(Fault("stall", operation=STREAM, position=1))
    stream = client.models.stream_speech(text=TEXT, voice_id="voice_0001")
    assert isinstance(await anext(stream), SpeechAudio)
    if how == "cancel":
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await stream.aclose()
    session = client._transport.shared_state._session
    assert session is not None
    assert not session.connector._acquired  # at once: nothing is left to the garbage collector
    await asyncio.sleep(0.1)
    assert tasks() <= before
    assert len(open_files()) <= len(files)


@pytest.mark.parametrize(
    "fault", [Fault("status", status=429, retry_after=7), Fault("status", status=503, retry_after=7)]
)
async def test_retries_a_rejected_speech_request(fault: Fault, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    fault.operation, fault.hits = STREAM, 0
    api.inject(fault)
    parts, error = await heard(client)
    assert (len(parts), error) == (PARTS, None)
    first, second = api.requests_for(STREAM)
    assert second.time - first.time >= 7
    assert len(api.ledger) == 1


@pytest.mark.parametrize(
    ("fault", "wanted"), [(Fault("status", status=500), ServerError), (Fault("reset_before"), APIConnectionError)]
)
async def test_does_not_retry_speech_with_an_unknown_outcome(
    fault: Fault, wanted: type[Exception], client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    fault.operation, fault.hits = STREAM, 0
    api.inject(fault)
    parts, error = await heard(client)
    assert parts == []
    assert isinstance(error, AmbiguousRequestError)
    assert isinstance(error, wanted)
    assert len(api.requests_for(STREAM)) == 1


async def test_raises_a_lasting_rejection(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("status", status=429, retry_after=1, operation=STREAM, count=None))
    assert isinstance((await heard(client))[1], RateLimitError)
    assert len(api.requests_for(STREAM)) == 4


async def test_a_failed_connection_is_retried(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    await api.down()
    _, error = await heard(client)
    assert isinstance(error, APIConnectionError)
    assert not isinstance(error, AmbiguousRequestError)
    await api.up()


async def test_stream_speech_rejects_oauth(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=OAuthTokens(access_token="token"), base_url=api.url) as client:
        with pytest.raises(ConfigurationError, match="API key"):
            await anext(client.models.stream_speech(text=TEXT, voice_id="voice_0001"))
    assert api.requests == []


async def test_the_emulator_rejects_a_token_for_stream_speech(api: HeyGenEmulator) -> None:
    headers = {"Authorization": f"Bearer {api.oauth.issue()['access_token']}"}
    body = {"text": TEXT, "voice_id": "voice_0001"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for path, status in (("tts", 200), ("tts/stream", 401)):
            async with session.post(f"{api.url}/v3/models/audio/{path}", json=body) as respond:
                assert respond.status == status


@pytest.mark.parametrize("text", ["", " ", "x" * 5001])
async def test_rejects_an_invalid_text(text: str, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with pytest.raises(InvalidInputError, match="text"):
        await anext(client.models.stream_speech(text=text, voice_id="voice_0001"))
    assert api.requests == []


SOUND = b'data: {"type": "audio", "part_index": 0, "audio": "%s", "new": 1}\n\n' % base64.b64encode(b"RIFF")


async def forged(body: bytes) -> tuple[list[SpeechPart], HeyGenError | None]:
    async def respond(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/event-stream")

    app = web.Application()
    app.router.add_post("/v3/models/audio/tts/stream", respond)
    async with TestServer(app) as server, AsyncHeyGen("key", base_url=str(server.make_url(""))) as client:
        return await heard(client)


async def test_keeps_a_part_of_an_unknown_type() -> None:
    parts, error = await forged(SOUND + b': still here\n\ndata: {"type": "visemes", "v": [1]}\n\ndata: [DONE]\n\n')
    assert error is None
    assert parts == [
        SpeechAudio(audio=b"RIFF", part_index=0),
        UnknownSpeechPart(type="visemes", raw={"type": "visemes", "v": [1]}),
    ]


async def test_raises_an_error_in_the_usual_envelope() -> None:
    parts, error = await forged(SOUND + b'data: {"error": {"code": "quota_exceeded", "message": "No more."}}\n\n')
    assert len(parts) == 1
    assert isinstance(error, APIError)
    assert (error.code, error.message) == ("quota_exceeded", "No more.")


ODD_PARTS = [b'{"type": "audio", "audio": "\xff*"}', b'{"type": "alignment"}', b'{"type": 7}', b'{"audio": null}']


@pytest.mark.parametrize("data", ODD_PARTS)
async def test_a_part_of_another_form_is_kept_as_it_came(data: bytes) -> None:
    parts, error = await forged(SOUND + b"data: " + data + b"\n\n" + SOUND + b"data: [DONE]\n\n")
    assert error is None
    first, odd, last = parts
    assert isinstance(first, SpeechAudio)
    assert isinstance(odd, UnknownSpeechPart)
    assert odd.raw.keys() == json.loads(data.decode(errors="replace")).keys()
    assert isinstance(last, SpeechAudio)


async def test_converts_the_times_of_words_and_a_numeric_index() -> None:
    audio = base64.b64encode(b"RIFF").decode()
    sound = json.dumps({"type": "audio", "audio": audio, "part_index": "3"})
    words = json.dumps({"type": "alignment", "word_alignments": [{"text": "Hi", "start_time": "0.5"}, {"text": 7}]})
    parts, error = await forged(f"data: {sound}\n\ndata: {words}\n\ndata: [DONE]\n\n".encode())
    assert error is None
    assert parts == [
        SpeechAudio(audio=b"RIFF", part_index=3),
        SpeechAlignment(word_alignments=[SpokenWord(text="Hi", start_time=0.5), SpokenWord(text="7")]),
    ]


@pytest.mark.parametrize("invalid_data", [b"no JSON", b"[]"])
async def test_raises_for_a_part_that_cannot_be_decoded(invalid_data: bytes) -> None:
    parts, error = await forged(SOUND + b"data: " + invalid_data + b"\n\ndata: [DONE]\n\n")
    assert len(parts) == 1
    assert isinstance(error, DecodeError)
    assert isinstance(error, AmbiguousRequestError)
