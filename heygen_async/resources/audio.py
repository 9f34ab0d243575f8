"""`heygen.audio`: music and sound effects by description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models.audio import Sound, SoundKind
from ..route import Route
from . import checks
from .base import Resource

if TYPE_CHECKING:
    from ..pagination import Pager

_SEARCH = Route("GET", "/v3/audio/sounds")


class Audio(Resource):
    """The catalogue of sounds."""

    def search_sounds(
        self,
        *,
        query: str,
        type: SoundKind | None = None,
        min_score: float | None = None,
        limit: int | None = None,
        token: str | None = None,
    ) -> Pager[Sound]:
        """Sounds that fit a description, best first.

        `type` is `music` (the default) or `sound_effects`; `min_score` from 0 to 1, by default 0.7; `limit` from 1 to
        50, by default 10.
        """
        checks.number("min_score", min_score, 0, 1)
        asked = {"query": query, "type": type, "min_score": min_score, "limit": checks.limit(limit, 50), "token": token}
        return self._pager(_SEARCH, Sound, query=asked)
