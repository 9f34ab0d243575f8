"""Server-sent events, parsed from bytes as they arrive.

See https://html.spec.whatwg.org/multipage/server-sent-events.html.

The work grows with the number of bytes, however the server cuts them into chunks. A chunk without the end of a line is
only appended to the line that has begun. Most events are one data line each, so a chunk is split between such events at
once; only other lines are read one by one. UTF-8 is decoded for whole events, since no multibyte character contains the
bytes that end a line. Secrets are searched for in whole chunks, and then only in the events of a chunk that may hold
one.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import TYPE_CHECKING

import msgspec

from ..types.redaction import NO_SECRETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..types.redaction import SecretMask
    from .limits import Limits

_LINE_FEED, _CARRIAGE_RETURN = b"\n\r"  # integers, since `bytes in bytes` is ten times slower
_DATA = b"data: "
_NEXT_DATA = b"\n\n" + _DATA  # between two events of one data line each


class Event(msgspec.Struct, frozen=True, gc=False):
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

    __slots__ = (
        "_data", "_event_type", "_has_secret", "_is_first_line", "_limits", "_line", "_mask", "_max_line",
        "_max_unchecked", "_more_data", "_skips_line_feed",
    )  # fmt: skip

    def __init__(self, limits: Limits, mask: SecretMask = NO_SECRETS) -> None:
        self._limits = limits
        self._max_line = limits.event_line
        self._max_unchecked = min(limits.event_line, limits.event)  # bytes without a line or an event over its limit
        self._mask = mask
        self._line = bytearray()  # the line that has begun; a list of small pieces would take many times their size
        self._event_type = b""
        self._data: bytes | None = None  # the first data line of the event that has begun
        self._more_data = bytearray()  # the other ones, each after a line feed
        self._has_secret = False  # whether a line of this event may hold a secret
        self._is_first_line = True
        self._skips_line_feed = False  # when it is the next byte, since a carriage return ended the line before it

    def feed(self, chunk: bytes) -> Iterable[Event]:
        """Return the events that end in these bytes. Read them before the next call.

        Raises:
            EventTooLargeError: A line or an event exceeds its limit; also while the events are read.
        """
        if self._skips_line_feed or _CARRIAGE_RETURN in chunk:
            chunk = self._with_line_feeds(chunk)
        if _LINE_FEED in chunk:
            return self._read(chunk)
        line = self._line
        line += chunk
        if len(line) > self._max_line:
            raise self._too_large("event_line", line)
        return ()

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """Return a chunk with a line feed at the end of each line. CR LF, LF and CR end one."""
        if self._skips_line_feed and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._skips_line_feed = False
        if b"\r" in chunk:
            self._skips_line_feed = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk

    def _read(self, chunk: bytes) -> Iterator[Event]:
        """Yield the events that end in a chunk. It ends at least one line."""
        events, blank_line, rest = chunk.rpartition(b"\n\n")
        first, *values = events.split(_NEXT_DATA) if blank_line else [chunk]
        line, self._line = self._line, bytearray()
        line += first
        if self._is_first_line:
            self._is_first_line = False
            if line.startswith(BOM_UTF8):
                del line[: len(BOM_UTF8)]
        has_secret = self._mask.is_in(chunk) or self._mask.is_in(line)
        if not blank_line or has_secret or len(line) + len(chunk) >= self._max_unchecked:
            line += chunk[len(first) :]
            yield from self._read_lines(bytes(line), has_secret=has_secret)
            return
        begins_event = self._data is None and not self._event_type
        if begins_event and line.startswith(_DATA) and _LINE_FEED not in first:
            del line[: len(_DATA)]
            yield Event("message", line.decode("utf-8", "replace"))
        else:
            line += b"\n\n"
            yield from self._read_lines(bytes(line))
        for value in values:
            if _LINE_FEED in value:
                yield from self._read_lines(_DATA + value + b"\n\n")
            else:
                yield Event("message", value.decode("utf-8", "replace"))
        yield from self._read_lines(rest)

    def _read_lines(self, lines: bytes, *, has_secret: bool = False) -> Iterator[Event]:
        """Yield the events that end in these lines, of which the last one has only begun."""
        *whole, rest = lines.split(b"\n")
        for line in whole:
            if not line:
                if self._data is not None:
                    yield self._end_event()
                self._event_type = b""
                continue
            if len(line) > self._max_line:
                raise self._too_large("event_line", line)
            self._has_secret = self._has_secret or has_secret
            if line.startswith(_DATA):
                self._add_data(line[len(_DATA) :])
            else:
                field, _, value = line.partition(b":")
                if field == b"data":
                    self._add_data(value)
                elif field == b"event":
                    self._event_type = value.removeprefix(b" ")
        self._line += rest
        if len(self._line) > self._max_line:
            raise self._too_large("event_line", self._line)

    def _add_data(self, value: bytes) -> None:
        if self._data is None:
            self._data = value
        else:
            self._more_data += b"\n" + value
        if len(self._data) + len(self._more_data) >= self._limits.event:
            raise self._too_large("event", self._data + self._more_data)

    def _end_event(self) -> Event:
        """Return the event that has ended."""
        content = self._data or b""
        if self._more_data:
            content += self._more_data
            self._more_data.clear()
        if self._has_secret and self._mask.is_in(content):
            content = self._mask.body(content)
        self._data, self._has_secret = None, False
        name = self._event_type.decode("utf-8", "replace") or "message"
        return Event(name, content.decode("utf-8", "replace"))

    def _too_large(self, limit: str, received: bytes | bytearray) -> EventTooLargeError:
        return EventTooLargeError(limit, bytes(memoryview(received)[: self._limits.error_body]))
