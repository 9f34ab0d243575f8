"""Server-sent events, parsed from bytes as they arrive.

See https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

from __future__ import annotations

import codecs
from contextlib import aclosing
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class Event(msgspec.Struct, frozen=True):
    """One event.

    Attributes:
        event: Its type; `message` when the server names none.
        data: Its data lines, joined by line feeds.
    """

    event: str
    data: str


async def events(chunks: AsyncGenerator[bytes]) -> AsyncGenerator[Event]:
    """Yield the events in the bytes, and close `chunks` at the end. An event that is cut off is dropped."""
    decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
    rest, event_type, data = "", "", list[str]()
    async with aclosing(chunks):
        async for chunk in chunks:
            text = rest + decode(chunk)
            pending = text[-1:] if text.endswith("\r") else ""  # its line feed may be in the next chunk
            *lines, rest = text.removesuffix(pending).replace("\r\n", "\n").replace("\r", "\n").split("\n")
            rest += pending
            for line in lines:
                field, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if not line:
                    if data:
                        yield Event(event_type or "message", "\n".join(data))
                    event_type, data = "", []
                elif field == "event":
                    event_type = value
                elif field == "data":
                    data.append(value)
