"""Complete the arguments of prompts: the names of voices, avatars and languages.

A client asks at every keystroke. So each list is read once, and its names are kept for some minutes.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from mcp import types

from .protocol_errors import protocol_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..client import AsyncHeyGen
    from .confirmation import Context

_ARGUMENTS = frozenset({"voice", "avatar", "language"})
_MAX_VALUES = 100  # The protocol allows no more.
_MAX_NAMES = 1000  # of each list; further pages are not read
_KEEP_SECONDS = 300.0


class _Names(NamedTuple):
    names: list[str]
    are_all: bool
    read_at: float


class Completion:
    """The handler of `completion/complete`.

    Args:
        client_of: Returns the client of a request.
    """

    def __init__(self, client_of: Callable[[Context], AsyncHeyGen]) -> None:
        self._client_of = client_of
        self._names: dict[tuple[AsyncHeyGen, str], _Names] = {}
        self._locks: defaultdict[tuple[AsyncHeyGen, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def complete(self, context: Context, params: types.CompleteRequestParams) -> types.CompleteResult:
        """Return the names of voices, avatars or languages that contain the text."""
        if params.argument.name not in _ARGUMENTS:
            return types.CompleteResult(completion=types.Completion(values=[], total=0))
        with protocol_errors():
            known = await self._read(self._client_of(context), params.argument.name)
        typed = params.argument.value.casefold()
        matching = [name for name in known.names if typed in name.casefold()]
        completion = types.Completion(
            values=matching[:_MAX_VALUES],
            total=len(matching) if known.are_all else None,
            has_more=len(matching) > _MAX_VALUES or not known.are_all,
        )
        return types.CompleteResult(completion=completion)

    async def _read(self, client: AsyncHeyGen, argument: str) -> _Names:
        """Return the names for an argument, which were read in the last minutes."""
        key, now = (client, argument), asyncio.get_running_loop().time()
        async with self._locks[key]:  # Keystrokes in quick succession wait for one list.
            if (kept := self._names.get(key)) is None or kept.read_at + _KEEP_SECONDS < now:
                names = await _fetch(client, argument)
                kept = _Names(sorted(set(filter(None, names))), len(names) < _MAX_NAMES, now)
                self._names[key] = kept
        return kept


async def _fetch(client: AsyncHeyGen, argument: str) -> list[str]:
    if argument == "voice":
        return [voice.name or "" for voice in await client.voices.list(limit=100).collect(_MAX_NAMES)]
    if argument == "avatar":
        return [avatar.name or "" for avatar in await client.avatars.list(limit=50).collect(_MAX_NAMES)]
    return (await client.video_translations.list_languages()).languages or []
