"""Server-sent events, read from bytes as they come. https://html.spec.whatwg.org/multipage/server-sent-events.html"""

from __future__ import annotations

import codecs
from contextlib import aclosing
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class Event(msgspec.Struct, frozen=True):
    """One event: its kind (`message` when the server names none) and its data."""

    event: str
    data: str


async def events(chunks: AsyncGenerator[bytes]) -> AsyncGenerator[Event]:
    """The events in these bytes; one that is cut off at the end is none."""
    decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
    rest, kind, data = "", "", list[str]()
    async with aclosing(chunks):
        async for chunk in chunks:
            text = rest + decode(chunk)
            held = text[-1:] if text.endswith("\r") else ""  # its line feed may come with the next bytes
            *lines, rest = text.removesuffix(held).replace("\r\n", "\n").replace("\r", "\n").split("\n")
            rest += held
            for line in lines:
                field, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if not line:
                    if data:
                        yield Event(kind or "message", "\n".join(data))
                    kind, data = "", []
                elif field == "event":
                    kind = value
                elif field == "data":
                    data.append(value)
