"""`heygen.audio`: music and sound effects by description."""

from __future__ import annotations

from .._http.operation import operation
from ..pagination import Pager
from ..types.audio import Sound, SoundKind
from . import validation
from .base import Resource


class Audio(Resource):
    """HeyGen's library of sounds."""

    @operation("search_audio_sounds", "GET", "/v3/audio/sounds")
    def search_sounds(
        self,
        *,
        query: str,
        type: SoundKind | None = None,
        min_score: float | None = None,
        limit: int | None = None,
        token: str | None = None,
    ) -> Pager[Sound]:
        """Search for sounds by description, best match first.

        Args:
            query: The description.
            type: `music` (the default) or `sound_effects`.
            min_score: The minimum score of a match, 0 to 1; by default 0.7.
            limit: The number of items per page, 1 to 50; by default 10.
            token: The `next_token` of the previous page.
        """
        validation.check_number("min_score", min_score, 0, 1)
        return self._pager(
            self.search_sounds,
            Sound,
            limit=limit,
            token=token,
            max_limit=50,
            query=query,
            type=type,
            min_score=min_score,
        )
