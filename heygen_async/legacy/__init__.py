"""Moving from v1 and v2 to v3, one call at a time: `heygen.legacy` calls the older endpoints.

```python
from heygen_async import AsyncHeyGen
from heygen_async.legacy import explain
from heygen_async.legacy.types.videos import AvatarCharacter, Scene, TextVoice, VideoRequest


async def as_ever(heygen: AsyncHeyGen) -> str:
    voice = TextVoice(voice_id="voice_0001", input_text="Good morning!")
    request = VideoRequest(video_inputs=[Scene(character=AvatarCharacter(avatar_id="avatar_1"), voice=voice)])
    print(explain(request))
    video = await heygen.wait_for_video(await heygen.legacy.videos.generate(request))
    return str(video.video_url)
```

The calls use the same transport as v3, with the same errors, retries, limits and waits. HeyGen ended v1 and v2 on 31
October 2026, except studio videos and templates. The calls stay here for accounts that still have them. Each call
warns (`DeprecationWarning`) and names its successor in v3. https://developers.heygen.com/endpoint-version-comparison

1. Replace HTTP calls by calls of `heygen.legacy`. Ids, waits and downloads are the same as in v3.
2. Run your tests with `-W error::DeprecationWarning`. Each failure names a call to move.
3. `explain(request)` prints the v3 call for a v2 request, or raises an `InvalidInputError` that names the field that
   v3 does not have.

Files of the package
--------------------

* `endpoints.py`: the base of the resources, which warns with the successor.
* `videos.py`: videos, templates and translations.
* `avatars.py`: avatars, voices, photo avatars and files.
* `account.py`: credits, users, speech, webhooks and streaming sessions.
* `explain.py`: the v3 call for a v2 request.
* `presets.py`: sizes, backgrounds, subtitles and credits by HeyGen's documentation.
* `types/`: the structs of requests and responses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .account import Audio, Streaming, Users, Webhooks
from .avatars import Assets, Avatars, PhotoAvatars, TalkingPhotos, Voices
from .explain import convert_to_v3, explain
from .presets import BACKGROUNDS, CAPTIONS, check_dimension, dimension, estimate_credits, speaking_time
from .videos import Templates, Translations, VideoAgent, Videos

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.transport import Transport
    from ..types.base import JSONValue
    from .types.videos import VideoRequest

__all__ = [
    "BACKGROUNDS",
    "CAPTIONS",
    "Legacy",
    "check_dimension",
    "convert_to_v3",
    "dimension",
    "estimate_credits",
    "explain",
    "speaking_time",
]  # fmt: skip


class Legacy:
    """The resources of v1 and v2: `heygen.legacy.videos.generate(…)`."""

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
        """Return the v3 call for the same video as Python code.

        Args:
            request: The v2 request.

        Raises:
            InvalidInputError: A field has no counterpart in v3; the error names it.
        """
        return explain(request)
