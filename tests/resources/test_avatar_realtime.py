"""Realtime streams: text that is sent as it arrives, and words that are received with their times."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest
from support import tasks

from heygen_async import (
    AmbiguousRequestError,
    APIConnectionError,
    AsyncHeyGen,
    GoneError,
    NotFoundError,
    StreamEndedError,
)
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.avatar_realtime import AudioStream, TextStream, TtsStream

TEXT = "Good morning to all of you. It is a fine day, and there is much to tell about it, so let us begin."


async def opened(client: AsyncHeyGen, text: str = "Well. ") -> str:
    stream = await client.avatar_realtime.create(TextStream(avatar_id="avatar_1", voice_id="voice_0001", text=text))
    return stream.stream_id


async def tokens(text: str, pause: float = 0.02) -> AsyncIterator[str]:
    for start in range(0, len(text), 4):
        await asyncio.sleep(pause)
        yield text[start : start + 4]


async def test_creates_the_three_kinds_of_stream(client: AsyncHeyGen) -> None:
    for request in (
        TtsStream(avatar_id="avatar_1", voice_id="voice_0001", text="Hello."),
        AudioStream(avatar_id="avatar_1", audio="https://example.com/a.mp3"),
        {"type": "text_stream", "avatar_id": "avatar_1", "voice_id": "voice_0001", "text": "Hello."},
    ):
        created = await client.avatar_realtime.create(request)
        assert (await client.avatar_realtime.get(created.stream_id)).hls_url is not None


async def test_gathers_text_appends_it_in_order_and_closes_the_stream(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    id = await opened(client)
    await client.avatar_realtime.speak(id, tokens(TEXT))
    said = [request.json for request in api.requests_for("AvatarRealtimeTextAppend")]
    assert "".join(piece["delta"] for piece in said) == TEXT
    assert [piece.get("final") for piece in said] == [None] * (len(said) - 1) + [True]
    assert 3 <= len(said) <= 10
    assert [word.word async for word in client.avatar_realtime.words(id)] == ["Well.", *TEXT.split()]


@pytest.mark.parametrize("text", ["All at once.", ["In ", "three ", "pieces"], []])
async def test_speaks_a_text_that_is_complete(text: object, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    id = await opened(client)
    await client.avatar_realtime.speak(id, text)
    said = [request.json for request in api.requests_for("AvatarRealtimeTextAppend")]
    assert "".join(piece["delta"] for piece in said) == "".join(text)
    assert said[-1]["final"] is True


async def test_sends_the_pieces_of_a_slow_source_without_delay(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    id = await opened(client)
    loop = asyncio.get_running_loop()

    async def slow() -> AsyncIterator[str]:
        yield "One "
        await asyncio.sleep(5)
        yield "two "

    started = loop.time()
    speaking = asyncio.create_task(client.avatar_realtime.speak(id, slow()))
    while not api.requests_for("AvatarRealtimeTextAppend"):
        await asyncio.sleep(0.05)
    assert loop.time() - started < 1
    await speaking


async def test_reports_a_stream_that_ended_without_text(client: AsyncHeyGen) -> None:
    id = await opened(client)

    async def thinks() -> AsyncIterator[str]:
        yield "Let me think. "
        await asyncio.sleep(40)
        yield "I have it now."

    with pytest.raises(StreamEndedError, match="it received no text for 30 s") as caught:
        await client.avatar_realtime.speak(id, thinks())
    assert (caught.value.stream_id, caught.value.end_reason) == (id, "idle_timeout")
    assert caught.value.unsent_text == "I have it now."


async def test_reports_a_stream_that_was_closed(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    id = await opened(client)
    await client.avatar_realtime.speak(id, "That is all.")
    with pytest.raises(StreamEndedError, match="closed or cancelled") as caught:
        await client.avatar_realtime.speak(id, "One more thing.")
    assert caught.value.unsent_text == "One more thing."
    with pytest.raises(GoneError, match="410"):
        await client.avatar_realtime.append_text(id, delta="x")
    api.inject(Fault("status", status=500, operation="AvatarRealtimeGet", count=None))
    with pytest.raises(StreamEndedError, match="it has ended") as caught:
        await client.with_options(max_retries=0).avatar_realtime.speak(id, "One more thing.")
    assert caught.value.end_reason is None


async def test_closes_the_stream_when_the_source_fails(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    id = await opened(client)

    async def breaks() -> AsyncIterator[str]:
        yield "The answer is"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await client.avatar_realtime.speak(id, breaks())
    assert [request.json for request in api.requests_for("AvatarRealtimeTextAppend")] == [
        {"delta": "The answer is", "final": True}
    ]


async def test_does_not_repeat_a_piece_after_a_lost_response(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    id = await opened(client)
    api.inject(Fault("lost_response", operation="AvatarRealtimeTextAppend"))
    with pytest.raises(AmbiguousRequestError) as caught:
        await client.avatar_realtime.speak(id, "Once only.")
    assert "Once only." in caught.value.__notes__[0]
    assert len(api.requests_for("AvatarRealtimeTextAppend")) == 1


@pytest.mark.parametrize("stop", [False, True])
async def test_cancelling_speak_stops_the_stream_on_request(
    stop: bool, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    id = await opened(client)
    before = tasks()
    speaking = asyncio.create_task(client.avatar_realtime.speak(id, tokens(TEXT, 1.0), stop_on_cancel=stop))
    await asyncio.sleep(10)
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await speaking
    assert tasks() == before
    assert len(api.requests_for("AvatarRealtimeCancel")) == stop
    api.inject(Fault("status", status=500, operation="AvatarRealtimeCancel", count=None))
    again = asyncio.create_task(client.avatar_realtime.speak(await opened(client), tokens(TEXT), stop_on_cancel=True))
    await asyncio.sleep(0.1)
    again.cancel()
    with pytest.raises(asyncio.CancelledError):
        await again


@pytest.mark.parametrize("kind", ["reset_mid_body", "truncate", "reset_before"])
async def test_resumes_words_after_a_break_without_duplicates(
    kind: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    id = await opened(client)
    await client.avatar_realtime.speak(id, TEXT)
    api.inject(Fault(kind, operation="AvatarRealtimeWords", count=2, position=0.6))
    words = [word async for word in client.avatar_realtime.words(id)]
    assert [word.word for word in words] == ["Well.", *TEXT.split()]
    assert all(one.end <= two.start for one, two in itertools.pairwise(words))
    assert len(api.requests_for("AvatarRealtimeWords")) == 3


@pytest.mark.parametrize(
    "fault", [Fault("status", status=503), Fault("status", status=429, retry_after=7), Fault("truncate", position=0.3)]
)
async def test_words_raise_when_the_api_does_not_recover(
    fault: Fault, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    id = await opened(client)
    await client.avatar_realtime.speak(id, "Hm.")
    fault.operation, fault.count, fault.hits = "AvatarRealtimeWords", None, 0
    api.inject(fault)
    with pytest.raises(Exception, match="AvatarRealtimeWords|words") as caught:
        _ = [word async for word in client.avatar_realtime.words(id)]
    assert isinstance(caught.value, APIConnectionError) or caught.value.status in {429, 503}
    assert fault.hits == 4


async def test_a_retry_after_of_words_pauses_the_whole_client(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    id = await opened(client)
    await client.avatar_realtime.speak(id, "Hm.")
    api.inject(Fault("status", status=429, retry_after=20, operation="AvatarRealtimeWords"))
    words = asyncio.create_task(anext(client.avatar_realtime.words(id)))
    while not (refused := api.requests_for("AvatarRealtimeWords")):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    await client.users.me()
    assert api.requests_for("UserMeGet")[0].time >= refused[0].time + 20
    assert (await words).word == "Well."


async def test_words_raise_for_an_unknown_stream(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with pytest.raises(NotFoundError):
        _ = [word async for word in client.avatar_realtime.words("stream_none")]
    assert len(api.requests_for("AvatarRealtimeWords")) == 1


async def test_leaving_words_early_closes_the_connection(client: AsyncHeyGen) -> None:
    id = await opened(client, "One two three ")
    before = tasks()
    words = client.avatar_realtime.words(id)
    async for word in words:
        assert word.word == "One"
        break
    await words.aclose()
    await asyncio.sleep(60)
    assert tasks() <= before
