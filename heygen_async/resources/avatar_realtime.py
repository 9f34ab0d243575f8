"""`heygen.avatar_realtime`: an avatar that speaks while it is being made.

Text goes in as it comes (an LLM's tokens, say): `speak` gathers it into pieces worth a request. Words come out with
their times: `words` follows them as server-sent events.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping
from contextlib import aclosing
from functools import partial

import msgspec

from .. import errors
from .._http import event_stream as sse
from .._http.endpoint import Endpoint
from .._http.retrying import retrying
from .._jobs.waiting import stopping_on_cancel
from ..types import avatar_realtime as models
from ..types.base import JSONValue, Word
from .base import Resource

_RECOVERY = "A stream that nobody knows of ends by itself after 30 s without text."
_CREATE = Endpoint("POST", "/v3/avatar-realtime", billable=True, recovery=_RECOVERY)
_GET = Endpoint("GET", "/v3/avatar-realtime/{stream_id}")
_APPEND = Endpoint(
    "POST",
    "/v3/avatar-realtime/{stream_id}/text",
    recovery="The text may have been taken; append what follows, not the same again.",
)
_WORDS = Endpoint("GET", "/v3/avatar-realtime/{stream_id}/words")
_CANCEL = Endpoint("POST", "/v3/avatar-realtime/{stream_id}/cancel", idempotency="natural")


_GATHER = 0.1  # seconds
_ENOUGH = 200  # characters
_SENTENCE_ENDS = (".", "!", "?", "…", ":", ";", "\n", "。", "！", "？")
_WORD_EVENTS = {"message", "words", "word"}


class AvatarRealtime(Resource):
    """Realtime streams."""

    async def create(
        self, request: models.StreamRequest | Mapping[str, JSONValue], *, idempotency_key: str | None = None
    ) -> models.StreamCreated:
        """Begin a stream of an avatar that speaks. It is charged for.

        Args:
            request: A `TtsStream`, `AudioStream` or `TextStream`, or an equal mapping.

        Raises:
            AmbiguousRequestError: The answer was lost; the API honours no idempotency key here.
        """
        return await self._call(_CREATE, models.StreamCreated, body=await self._files(request), key=idempotency_key)

    async def get(self, stream_id: str) -> models.Stream:
        """A stream as it stands; `hls_url` is there while it is streaming."""
        return await self._call(_GET, models.Stream, stream_id)

    async def append_text(
        self, stream_id: str, *, delta: str, final: bool | None = None, idempotency_key: str | None = None
    ) -> models.TextAppended:
        """Append text to a stream that takes it as it comes. After 30 s without text the stream ends.

        Args:
            delta: What follows.
            final: It is the last.

        Raises:
            GoneError: 410, the text was closed before, or the stream has ended.
        """
        body = {"delta": delta, "final": final}
        return await self._call(_APPEND, models.TextAppended, stream_id, body=body, key=idempotency_key)

    async def cancel(self, stream_id: str, *, idempotency_key: str | None = None) -> models.StreamCancelled:
        """End a stream; ending it twice is ending it once."""
        return await self._call(_CANCEL, models.StreamCancelled, stream_id, body={}, key=idempotency_key)

    async def speak(
        self, stream_id: str, text: str | Iterable[str] | AsyncIterable[str], *, stop_on_cancel: bool = False
    ) -> None:
        """Append a text as it comes, such as an LLM's tokens, to a `TextStream`; at its end the stream is closed.

        What comes within 0.1 s goes in one request, sooner at the end of a sentence or with 200 characters. When the
        source fails, what it gave is spoken, the stream is closed, and its error is raised.

        Args:
            stop_on_cancel: End the stream at HeyGen, in mid-sentence, when this call is cancelled.

        Raises:
            StreamEndedError: The stream had ended; it tells why, and holds the text that was not taken.
            AmbiguousRequestError: An answer was lost, and the piece in `unsent_text` of its notes may have been taken.
        """
        pieces = _pieces(text)
        clock = asyncio.get_running_loop().time
        coming = asyncio.ensure_future(anext(pieces, None))
        gathered, due, more = "", 0.0, True
        async with stopping_on_cancel(
            f"stream {stream_id}", partial(self.cancel, stream_id) if stop_on_cancel else None
        ):
            try:
                while more:
                    await asyncio.wait({coming}, timeout=max(due - clock(), 0.0) if gathered else None)
                    if coming.done():
                        try:
                            piece = coming.result()
                        except Exception:
                            await self._append(stream_id, gathered, final=True)
                            raise
                        due = due if gathered else clock() + _GATHER
                        if piece is None:
                            more = False
                        else:
                            gathered += piece
                            coming = asyncio.ensure_future(anext(pieces, None))
                    said = len(gathered) >= _ENOUGH or gathered.endswith(_SENTENCE_ENDS) or clock() >= due
                    if not more or (gathered and said):
                        await self._append(stream_id, gathered, final=not more)
                        gathered = ""
            finally:
                coming.cancel()
                await asyncio.wait({coming})

    async def words(self, stream_id: str) -> AsyncGenerator[Word]:
        """The words of a stream as they are spoken, from the first, until the stream ends.

        A connection that breaks is opened again, and no word comes twice.

        Raises:
            APIConnectionError: It broke `max_retries` times without a word in between, or was silent too long.
        """
        transport, options = self._transport.without_retries, self._transport.options
        attempts = retrying(options.retry, max_retries=options.max_retries)
        received = 0
        async for _ in attempts:
            position = 0
            error: errors.HeyGenError = errors.APIConnectionError(
                f"The words of {stream_id} broke off before their end.", method="GET", path=_WORDS.path
            )
            try:
                async with aclosing(transport.stream(_WORDS, stream_id)) as chunks:
                    async for event in sse.events(chunks):
                        if event.event == "end":
                            return
                        for word in _frame(event.data).words if event.event in _WORD_EVENTS else ():
                            position += 1
                            if position > received:
                                received = position
                                attempts.progressed()
                                yield word
            except (errors.APIConnectionError, errors.ServerError, errors.RateLimitError) as problem:
                error = problem
            except msgspec.DecodeError:
                pass
            retry_after = error.retry_after if isinstance(error, errors.APIError) else None
            is_affordable = isinstance(error, errors.RateLimitError) or transport.shared_state.retry_budget.spend()
            attempts.failed(error, retry_after=retry_after, retryable=is_affordable)
        raise attempts.error

    async def _append(self, stream_id: str, text: str, *, final: bool) -> None:
        try:
            await self.append_text(stream_id, delta=text, final=final or None)
        except errors.GoneError:
            try:
                stream = await self.get(stream_id)
                # While it still speaks it gives no reason; but then it is the text that was closed.
                reason = stream.end_reason or ("final_marker" if stream.status == "streaming" else None)
            except errors.HeyGenError:
                reason = None
            why = {"idle_timeout": "no text came for 30 s", "final_marker": "it was closed or cancelled"}
            raise errors.StreamEndedError(
                f"The stream {stream_id} takes no more text: {why.get(reason or '', reason or 'it has ended')}. "
                f"{len(text)} characters were not taken (.unsent_text); begin another stream for them.",
                stream_id=stream_id,
                end_reason=reason,
                unsent_text=text,
            ) from None
        except errors.AmbiguousRequestError as error:
            error.add_note(f"It may have been taken or not: {text!r}")
            raise


class _Frame(msgspec.Struct):
    words: list[Word] = []


_frame = msgspec.json.Decoder(_Frame).decode


async def _pieces(text: str | Iterable[str] | AsyncIterable[str]) -> AsyncGenerator[str]:
    if isinstance(text, AsyncIterable):
        async for piece in text:
            yield piece
    else:
        for piece in [text] if isinstance(text, str) else text:
            yield piece
