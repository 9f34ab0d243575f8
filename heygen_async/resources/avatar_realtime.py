"""`heygen.avatar_realtime`: an avatar that speaks while its video is generated.

```python
from collections.abc import AsyncIterator

from heygen_async import AsyncHeyGen
from heygen_async.types.avatar_realtime import TextStream


async def speak(heygen: AsyncHeyGen, tokens: AsyncIterator[str]) -> str:
    stream = await heygen.avatar_realtime.create(TextStream(avatar_id="avatar_1", voice_id="voice_0001", text="Well, "))
    await heygen.avatar_realtime.speak(stream.stream_id, tokens)
    return " ".join([word.word async for word in heygen.avatar_realtime.words(stream.stream_id)])
```

`speak` sends text as it arrives, for example the tokens of an LLM. It joins short pieces, to save requests. `words`
yields the spoken words with their times, from server-sent events.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping, Sequence
from contextlib import aclosing
from functools import partial

import msgspec

from .. import errors
from .._http.argument_checks import check_mappings
from .._http.drift import convert_event_data
from .._http.endpoint import endpoint_of
from .._http.lenient_decoding import parse_json
from .._http.misplaced_values import find_object
from .._http.operation import operation
from .._http.retrying import retrying
from .._jobs.waiting import stopping_on_cancel
from ..types import avatar_realtime as models
from ..types.base import JSONValue, Word
from .base import Resource

_MAX_GATHERING_TIME = 0.1  # seconds
_MAX_GATHERED = 200  # characters
_SENTENCE_ENDS = (".", "!", "?", "…", ":", ";", "\n", "。", "！", "？")
_WORD_EVENTS = {"message", "words", "word"}
_END_REASONS = {"idle_timeout": "it received no text for 30 s", "final_marker": "it was closed or cancelled"}


class AvatarRealtime(Resource):
    """Realtime streams."""

    @operation(
        {
            "tts": "create_avatar_realtime_from_tts",
            "audio": "create_avatar_realtime_from_audio",
            "text_stream": "create_avatar_realtime_from_text_stream",
        },
        "POST",
        "/v3/avatar-realtime",
        billable=True,
        recovery="A stream whose id is lost ends by itself after 30 s without text.",
    )
    async def create(
        self, request: models.StreamRequest | Mapping[str, JSONValue], *, idempotency_key: str | None = None
    ) -> models.StreamCreated:
        """Start a stream of an avatar that speaks.

        Costs credit. A local file is uploaded first.

        Args:
            request: A `TtsStream`, `AudioStream` or `TextStream`, or an equal mapping.
            idempotency_key: Sent as `Idempotency-Key`; the API does not honour it here.

        Raises:
            AmbiguousRequestError: The response was lost, so the stream may have been started.
        """
        check_mappings(self.create, request=request)
        body = await self._upload_files(request)
        return await self._call(self.create, models.StreamCreated, body=body, key=idempotency_key)

    @operation("get_avatar_realtime", "GET", "/v3/avatar-realtime/{stream_id}")
    async def get(self, stream_id: str) -> models.Stream:
        """Return a stream. `hls_url` is set while it is streaming.

        Args:
            stream_id: The id that `create` returned.
        """
        return await self._call(self.get, models.Stream, stream_id)

    @operation(
        "append_avatar_realtime_text",
        "POST",
        "/v3/avatar-realtime/{stream_id}/text",
        recovery="The text may have been accepted. Continue with the text that follows it.",
    )
    async def append_text(
        self, stream_id: str, *, delta: str, final: bool | None = None, idempotency_key: str | None = None
    ) -> models.TextAppended:
        """Append text to a `TextStream`. After 30 s without text the stream ends.

        Args:
            stream_id: The id that `create` returned.
            delta: The next piece of the text.
            final: Whether it is the last piece.
            idempotency_key: Sent as `Idempotency-Key`; the API does not honour it here.

        Raises:
            GoneError: The text was closed before, or the stream has ended (410).
        """
        body = {"delta": delta, "final": final}
        return await self._call(self.append_text, models.TextAppended, stream_id, body=body, key=idempotency_key)

    @operation("cancel_avatar_realtime", "POST", "/v3/avatar-realtime/{stream_id}/cancel", idempotency="natural")
    async def cancel(self, stream_id: str, *, idempotency_key: str | None = None) -> models.StreamCancelled:
        """End a stream. Ending it twice is safe.

        Args:
            stream_id: The id that `create` returned.
            idempotency_key: Sent as `Idempotency-Key`; a repeat is safe without it.
        """
        return await self._call(self.cancel, models.StreamCancelled, stream_id, body={}, key=idempotency_key)

    async def speak(
        self, stream_id: str, text: str | Iterable[str] | AsyncIterable[str], *, stop_on_cancel: bool = False
    ) -> None:
        """Append a text as it arrives to a `TextStream`, and close the stream at its end.

        A request contains the pieces of 0.1 s. It is sent earlier after the end of a sentence, or with 200 characters.
        When the source raises an error, the pieces before it are spoken, the stream is closed, and the error is raised.

        Args:
            stream_id: The id that `create` returned.
            text: The text, or its pieces.
            stop_on_cancel: Whether cancelling this call ends the stream at HeyGen immediately.

        Raises:
            StreamEndedError: The stream had ended. The error has the reason and the text that was not sent.
            AmbiguousRequestError: A response was lost. A note contains the piece that may have been accepted.
        """
        pieces = _pieces(text)
        clock = asyncio.get_running_loop().time
        next_piece = asyncio.ensure_future(anext(pieces, None))
        gathered, due, is_open = "", 0.0, True
        async with stopping_on_cancel(
            f"stream {stream_id}", partial(self.cancel, stream_id) if stop_on_cancel else None
        ):
            try:
                while is_open:
                    await asyncio.wait({next_piece}, timeout=max(due - clock(), 0.0) if gathered else None)
                    if next_piece.done():
                        try:
                            piece = next_piece.result()
                        except Exception:
                            await self._append(stream_id, gathered, final=True)
                            raise
                        due = due if gathered else clock() + _MAX_GATHERING_TIME
                        if piece is None:
                            is_open = False
                        else:
                            gathered += piece
                            next_piece = asyncio.ensure_future(anext(pieces, None))
                    if not is_open or (gathered and (_is_worth_sending(gathered) or clock() >= due)):
                        await self._append(stream_id, gathered, final=not is_open)
                        gathered = ""
            finally:
                next_piece.cancel()
                await asyncio.wait({next_piece})
                await pieces.aclose()

    @operation("stream_avatar_realtime_words", "GET", "/v3/avatar-realtime/{stream_id}/words")
    async def words(self, stream_id: str) -> AsyncGenerator[Word]:
        """Yield the words of a stream as they are spoken, from the first one, until the stream ends.

        A broken connection is opened again. Every connection repeats the words from the first one; each word is yielded
        once.

        Args:
            stream_id: The id that `create` returned.

        Raises:
            APIConnectionError: The connection broke more than `max_retries` times without a new word, or was silent too
                long.
        """
        transport, options = self._transport.without_retries, self._transport.options
        attempts = retrying(options.retry, max_retries=options.max_retries)
        yielded = 0
        async for _ in attempts:
            error: errors.HeyGenError = errors.APIConnectionError(
                f"The words of stream {stream_id} ended before its last event.",
                method="GET",
                path=endpoint_of(self.words).path,
            )
            position = 0
            try:
                async with aclosing(transport.stream(self.words, stream_id)) as events:
                    async for event in events:
                        if event.event == "end":
                            return
                        for word in self._words_in(event.data) if event.event in _WORD_EVENTS else ():
                            position += 1
                            if position > yielded:
                                yielded = position
                                attempts.progressed()
                                yield word
            except (msgspec.DecodeError, ValueError):
                pass  # A broken event is a broken connection.
            except (errors.APIConnectionError, errors.ServerError, errors.RateLimitError) as failure:
                error = failure
            retry_after = error.retry_after if isinstance(error, errors.APIError) else None
            is_affordable = isinstance(error, errors.RateLimitError) or transport.shared_state.retry_budget.spend()
            attempts.failed(error, retry_after=retry_after, retryable=is_affordable)
        raise attempts.error

    def _words_in(self, data: str) -> Sequence[Word]:
        """Return the words in the data of one event.

        Raises:
            ValueError: The data is not JSON, or the client is strict and the data deviates from the documented form.
        """
        try:
            words = _decode_words(data).words
        except msgspec.DecodeError:
            if self._transport.options.strict:
                raise
        else:
            if words or self._transport.options.strict or '"word"' not in data:
                return words
        tree = parse_json(data.encode())
        found = find_object(tree, "words") or find_object(tree, "word")
        items: object = list[object]() if found is None else found.get("words", found)
        return convert_event_data(items, list[Word], endpoint_of(self.words), self._transport.options)

    async def _append(self, stream_id: str, text: str, *, final: bool) -> None:
        try:
            await self.append_text(stream_id, delta=text, final=final or None)
        except errors.GoneError:
            reason = await self._end_reason(stream_id)
            raise errors.StreamEndedError(
                f"Stream {stream_id} accepts no more text: {_END_REASONS.get(reason or '', reason or 'it has ended')}. "
                f"{len(text)} characters were not sent (.unsent_text). Create another stream for them.",
                stream_id=stream_id,
                end_reason=reason,
                unsent_text=text,
            ) from None
        except errors.AmbiguousRequestError as error:
            error.add_note(f"This piece may have been accepted: {text!r}")
            raise

    async def _end_reason(self, stream_id: str) -> str | None:
        """Return the reason why a stream accepts no text; None if its text was closed but it still plays."""
        try:
            stream = await self.get(stream_id)
        except errors.HeyGenError:
            return None
        return stream.end_reason or ("final_marker" if stream.status == "streaming" else None)


class _WordsFrame(msgspec.Struct):
    words: list[Word] = []


_decode_words = msgspec.json.Decoder(_WordsFrame).decode


def _is_worth_sending(text: str) -> bool:
    return len(text) >= _MAX_GATHERED or text.endswith(_SENTENCE_ENDS)


async def _pieces(text: str | Iterable[str] | AsyncIterable[str]) -> AsyncGenerator[str]:
    if isinstance(text, AsyncIterable):
        try:
            async for piece in text:
                yield piece
        except GeneratorExit:  # `speak` failed, and the program may send the rest; or it was cancelled
            task = asyncio.current_task()
            if isinstance(text, AsyncGenerator) and task is not None and task.cancelling():
                await text.aclose()
            raise
    else:
        for piece in [text] if isinstance(text, str) else text:
            yield piece
