"""`heygen.audio`: music and sound effects by description."""

from __future__ import annotations

from .._http.endpoint import Endpoint
from ..pagination import Pager
from ..types.audio import Sound, SoundKind
from . import validation as checks
from .base import Resource

_SEARCH = Endpoint("GET", "/v3/audio/sounds")


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
        """Sounds that fit a description, best first; `limit` from 1 to 50, by default 10.

        Args:
            query: The description.
            type: `music` (the default) or `sound_effects`.
            min_score: How well they must fit, from 0 to 1, by default 0.7.
        """
        checks.number("min_score", min_score, 0, 1)
        return self._list(
            _SEARCH, Sound, limit=limit, token=token, most=50, query=query, type=type, min_score=min_score
        )
