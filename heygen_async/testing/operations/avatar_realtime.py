"""Realtime streams: an avatar speaks the appended text, and its words are sent as server-sent events."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from ..api_errors import APIErrorResponse
from .call import Call, Events
from .prices import OWN_PRICES, WORD_SECONDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from ..jobs import State

__all__ = ["HANDLERS"]

PRICE = OWN_PRICES["AvatarRealtimeCreate"]
IDLE_SECONDS = 30.0
AUDIO_SECONDS = 10.0  # the length of every recording
_WORDS_A_FRAME = 10
_MAX_BUFFERED = 1 << 20


class Stream:
    """A realtime stream: its text, whether it is final, and an event for readers of its words."""

    def __init__(self, id: str, state: State, text: str, *, final: bool) -> None:
        self.id: str = id
        self.created_at: float = state.now()
        self.text: str = ""
        self.final: bool = False
        self.last_text: float = self.created_at
        self.cancelled: bool = False
        self.changed: asyncio.Event = asyncio.Event()
        self._state = state
        self.is_audio: bool = final and not text
        self.append(text, final=final)

    def append(self, text: str, *, final: bool) -> None:
        """Append text and wake the readers of the words."""
        self.text += text
        self.final = final
        self.last_text = self._state.now()
        self.wake()

    def wake(self) -> None:
        """Wake the readers of the words."""
        self.changed.set()
        self.changed = asyncio.Event()

    @property
    def words(self) -> list[dict[str, Any]]:
        """The words that can be spoken: without the last one while more letters may follow."""
        whole = self.final or not self.text or self.text[-1].isspace()
        words = self.text.split() if whole else self.text.split()[:-1]
        return [
            {"word": word, "start": round(n * WORD_SECONDS, 3), "end": round((n + 1) * WORD_SECONDS, 3)}
            for n, word in enumerate(words)
        ]

    @property
    def end_reason(self) -> str | None:
        """The reason why it ended; None while it is open."""
        if self.final or self.cancelled:
            return "final_marker"
        return "idle_timeout" if self._state.now() - self.last_text >= IDLE_SECONDS else None


def _create(call: Call) -> dict[str, Any]:
    body = call.body
    if body["type"] == "audio":
        call.check_files(body, "audio")
    elif not body["text"].strip():
        raise APIErrorResponse.invalid_parameter("text", "'text' must not be empty.")
    call.state.check_balance(PRICE)
    id = call.state.new_id("stream")
    stream = Stream(id, call.state, body.get("text", ""), final=body["type"] != "text_stream")
    call.state.streams[id] = stream
    call.state.charge(PRICE, call.operation, id, call.key)
    return {"stream_id": id}


def _find(call: Call) -> Any:
    stream = call.state.streams.get(call.ids["stream_id"])
    if not isinstance(stream, Stream):
        raise APIErrorResponse.not_found("stream", call.ids["stream_id"])
    return stream


def _get(call: Call) -> dict[str, Any]:
    stream = _find(call)
    ended = stream.end_reason is not None
    seconds = AUDIO_SECONDS if stream.is_audio else len(stream.words) * WORD_SECONDS
    speaking = stream.created_at + seconds > call.state.now() and not stream.cancelled
    status = "completed" if ended and not speaking else "streaming"
    return {
        "stream_id": stream.id,
        "status": status,
        "hls_url": f"{call.storage.url}/hls/{stream.id}.m3u8" if status == "streaming" else None,
        "end_reason": stream.end_reason if status == "completed" else None,
        "error_message": None,
    }


def _append(call: Call) -> dict[str, Any]:
    stream = _find(call)
    if stream.end_reason is not None:
        raise APIErrorResponse(410, "stream_closed", f"The stream takes no more text ({stream.end_reason}).")
    if len(stream.text) + len(call.body["delta"]) > _MAX_BUFFERED:
        raise APIErrorResponse.invalid_parameter("delta", "The stream's buffer is full.")
    stream.append(call.body["delta"], final=bool(call.get_field("final")))
    return {"ok": True, "buffered_bytes": len(call.body["delta"].encode())}


def _cancel(call: Call) -> dict[str, Any]:
    stream = _find(call)
    stream.cancelled = True
    stream.wake()
    return {"stream_id": stream.id}


def _words(call: Call) -> Events:
    return Events(_frames(call, _find(call)))


async def _frames(call: Call, stream: Any) -> AsyncIterator[bytes]:
    sent_count = 0
    while True:
        changed = stream.changed
        while sent_count < len(stream.words):
            words = stream.words[sent_count : sent_count + _WORDS_A_FRAME]
            sent_count += len(words)
            yield b"data: " + msgspec.json.encode({"words": words}) + b"\n\n"
        reason = stream.end_reason
        if reason is not None:
            yield b"event: end\ndata: " + msgspec.json.encode({"reason": reason}) + b"\n\n"
            return
        left = stream.last_text + IDLE_SECONDS - call.state.now()
        try:
            await asyncio.wait_for(changed.wait(), max(left, 0.001))
        except TimeoutError:
            continue


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "AvatarRealtimeCreate": _create,
    "AvatarRealtimeGet": _get,
    "AvatarRealtimeTextAppend": _append,
    "AvatarRealtimeCancel": _cancel,
    "AvatarRealtimeWords": _words,
}
