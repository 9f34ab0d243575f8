"""`heygen.audio`: music and sound effects by description."""

from __future__ import annotations

from ..models.audio import Sound, SoundKind
from ..pagination import Pager
from ..route import Route
from . import checks
from .base import Resource

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
        """Sounds that fit a description, best first; `limit` from 1 to 50, by default 10.

        :param query: the description
        :param type: `music` (the default) or `sound_effects`
        :param min_score: how well they must fit, from 0 to 1, by default 0.7
        """
        checks.number("min_score", min_score, 0, 1)
        return self._list(
            _SEARCH, Sound, limit=limit, token=token, most=50, query=query, type=type, min_score=min_score
        )
