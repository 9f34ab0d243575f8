"""Server-sent events, parsed from bytes as they arrive.

See https://html.spec.whatwg.org/multipage/server-sent-events.html.

The work grows with the number of bytes, however the server cuts them into chunks. Each byte is searched once for the
end of a line, and is copied only into the line and the event that it belongs to. UTF-8 is decoded for whole events,
since no multibyte character contains the bytes that end a line. Secrets are searched for in whole chunks, and then only
in the events of a chunk that may hold one.
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

    __slots__ = (
        "_data", "_event_type", "_has_secret", "_is_first_line", "_limits", "_line", "_mask", "_more_data",
        "_skips_line_feed",
    )  # fmt: skip

    def __init__(self, limits: Limits, mask: SecretMask = NO_SECRETS) -> None:
        self._limits = limits
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
        if self._skips_line_feed or b"\r" in chunk:
            chunk = self._with_line_feeds(chunk)
        if b"\n" not in chunk:
            self._begin_line(chunk)
            return ()
        first, *lines = chunk.split(b"\n")
        if self._line:
            self._begin_line(first)
            first = bytes(self._line)
            self._line.clear()
        lines.insert(0, first.removeprefix(BOM_UTF8) if self._is_first_line else first)
        self._is_first_line = False
        rest = lines.pop()
        return self._read_lines(lines, rest, has_secret=self._mask.is_in(first) or self._mask.is_in(chunk))

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """Return a chunk with a line feed at the end of each line. CR LF, LF and CR end one."""
        if self._skips_line_feed and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._skips_line_feed = False
        if b"\r" in chunk:
            self._skips_line_feed = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk

    def _begin_line(self, piece: bytes) -> None:
        """Add a piece to the line that has begun."""
        self._line += piece
        if len(self._line) > self._limits.event_line:
            raise self._too_large("event_line", self._line)

    def _read_lines(self, lines: list[bytes], rest: bytes, *, has_secret: bool) -> Iterator[Event]:
        """Yield the events of whole lines; `rest` begins the next line."""
        max_line = self._limits.event_line
        for line in lines:
            if not line:
                if self._data is not None:
                    yield self._end_event()
                self._event_type = b""
                continue
            if len(line) > max_line:
                raise self._too_large("event_line", line)
            self._has_secret = self._has_secret or has_secret
            if line.startswith(b"data: "):
                self._add_data(line[6:])
            else:
                field, _, value = line.partition(b":")
                if field == b"data":
                    self._add_data(value)
                elif field == b"event":
                    self._event_type = value.removeprefix(b" ")
        self._begin_line(rest)

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
