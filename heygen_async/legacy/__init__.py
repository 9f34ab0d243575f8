"""`heygen.legacy`: the v1 and v2 endpoints, in a room of their own, for programs that move over one call at a time.

They go through the same transport: the same errors, retries, limits and waits. HeyGen supports them until 31 October
2026 (studio videos and templates until v3 has them for an account), so each call that has a successor in v3 warns of
it (`DeprecationWarning`), and `explain` tells the v3 call for a request.
https://developers.heygen.com/endpoint-version-comparison
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .account import Audio, Streaming, Users, Webhooks
from .avatars import Assets, Avatars, PhotoAvatars, TalkingPhotos, Voices
from .explain import explain, successor_of
from .presets import BACKGROUNDS, CAPTIONS, check_dimension, credits_of, dimension, speaking_time
from .videos import Templates, Translations, VideoAgent, Videos

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.transport import Transport
    from ..types.base import JSONValue
    from .types.videos import VideoRequest

__all__ = [
    "BACKGROUNDS", "CAPTIONS", "Legacy", "check_dimension", "credits_of", "dimension", "explain", "speaking_time",
    "successor_of",
]  # fmt: skip


class Legacy:
    """The older API: `heygen.legacy.videos.generate(…)`."""

    def __init__(self, transport: Transport) -> None:
        self.videos: Videos = Videos(transport)
        self.video_agent: VideoAgent = VideoAgent(transport)
        self.templates: Templates = Templates(transport)
        self.translations: Translations = Translations(transport)
        self.avatars: Avatars = Avatars(transport)
        self.voices: Voices = Voices(transport)
        self.photo_avatars: PhotoAvatars = PhotoAvatars(transport)
        self.talking_photos: TalkingPhotos = TalkingPhotos(transport)
        self.assets: Assets = Assets(transport)
        self.audio: Audio = Audio(transport)
        self.users: Users = Users(transport)
        self.webhooks: Webhooks = Webhooks(transport)
        self.streaming: Streaming = Streaming(transport)

    def explain(self, request: VideoRequest | Mapping[str, JSONValue]) -> str:
        """The v3 call that makes the same video as this request, as Python.

        Raises:
            InvalidInputError: Something in it has no counterpart in v3; the error names the field.
        """
        return explain(request)
