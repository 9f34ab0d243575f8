"""Server-sent events, parsed from bytes as they arrive.

See https://html.spec.whatwg.org/multipage/server-sent-events.html.

The work grows with the number of bytes, however the server cuts them into chunks. Each byte is searched once for the
end of a line, and is copied only into the line and the event that it belongs to. UTF-8 is decoded for whole events,
since no multibyte character contains the bytes that end a line.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import TYPE_CHECKING

import msgspec

from ..types.redaction import NO_SECRETS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..types.redaction import SecretMask
    from .limits import Limits


class Event(msgspec.Struct, frozen=True):
    """One event.

    Attributes:
        event: Its type; `message` when the server names none.
        data: Its data lines, joined by line feeds.
    """

    event: str
    data: str


class EventTooLargeError(Exception):
    """Private control flow: an event, or a line, exceeds its limit.

    Attributes:
        limit: The name of the limit, which is a field of `Limits`.
        beginning: The beginning of the event or line.
    """

    def __init__(self, limit: str, beginning: bytes) -> None:
        super().__init__(limit)
        self.limit: str = limit
        self.beginning: bytes = beginning


class EventParser:
    """The parser of one event stream. An event that is cut off at the end of the stream is dropped.

    Args:
        limits: The limits of a line and of an event.
        mask: Masks the client's secrets, in case the server repeats them.
    """

    __slots__ = ("_data", "_event_type", "_is_first_line", "_limits", "_line", "_mask", "_skips_line_feed")

    def __init__(self, limits: Limits, mask: SecretMask = NO_SECRETS) -> None:
        self._limits = limits
        self._mask = mask
        self._line = bytearray()  # the line that has begun
        self._event_type = b""
        self._data = bytearray()  # the data lines of the event that has begun, each with a line feed
        self._is_first_line = True
        self._skips_line_feed = False  # when it is the next byte, since a carriage return ended the line before it

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Yield the events that end in these bytes.

        Raises:
            EventTooLargeError: A line or an event exceeds its limit.
        """
        first, *others = self._split(chunk)
        self._line += first
        self._check("event_line", self._line, self._limits.event_line)
        if others:
            rest = others.pop()
            others.insert(0, bytes(self._line).removeprefix(BOM_UTF8 if self._is_first_line else b""))
            self._is_first_line = False
            self._line[:] = rest
            for line in others:
                if line:
                    self._take_field(line)
                elif (event := self._end_event()) is not None:
                    yield event
            self._check("event_line", rest, self._limits.event_line)

    def _split(self, chunk: bytes) -> list[bytes]:
        """Return the parts of a chunk between the ends of lines. CR LF, LF and CR end one."""
        if self._skips_line_feed and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._skips_line_feed = False
        if b"\r" in chunk:
            self._skips_line_feed = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk.split(b"\n")

    def _take_field(self, line: bytes) -> None:
        if len(line) > self._limits.event_line:
            self._check("event_line", line, self._limits.event_line)
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data += value.removeprefix(b" ") + b"\n"
            self._check("event", self._data, self._limits.event)
        elif field == b"event":
            self._event_type = value.removeprefix(b" ")

    def _end_event(self) -> Event | None:
        """Return the event that has ended; None when it has no data."""
        event_type, self._event_type = self._event_type, b""
        if not self._data:
            return None
        content = bytes(self._data)
        self._data.clear()
        data = (self._mask.body(content) if self._mask.is_in(content) else content).decode("utf-8", "replace")
        return Event(event_type.decode("utf-8", "replace") or "message", data[:-1])

    def _check(self, limit: str, received: bytes | bytearray, max_bytes: int) -> None:
        if len(received) > max_bytes:
            raise EventTooLargeError(limit, bytes(memoryview(received)[: self._limits.error_body]))
