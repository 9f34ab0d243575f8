"""The URL to download from, and its renewal: presigned URLs expire, and a new one is read from the resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from .._http.encoding import is_url, without_query
from .._http.transport import Transport
from .._jobs.kinds import JobKind, kind_named
from ..errors import InvalidInputError
from ..types.base import ResponseStruct

if TYPE_CHECKING:
    from ..types import (
        ai_clipping,
        assets,
        audio,
        avatars,
        background_removals,
        brand_kits,
        filler_word_removals,
        hyperframes,
        lipsyncs,
        models,
        podcasts,
        templates,
        video_agents,
        video_translations,
        videos,
        voices,
    )

    #: A struct with a URL in one of its fields, or a URL.
    Downloadable: TypeAlias = (
        ai_clipping.Clip | ai_clipping.Clipping | assets.Asset | assets.FoundAsset | assets.UploadedAsset | audio.Sound
        | avatars.Avatar | avatars.Look | background_removals.BackgroundRemoval | brand_kits.BrandKit
        | filler_word_removals.FillerWordRemoval | models.ModelImage | models.ModelImages | models.ModelSpeech
        | models.ModelVideo | podcasts.Podcast
        | hyperframes.Render | lipsyncs.Lipsync | templates.TemplateSummary | video_agents.SessionResource
        | video_agents.Style | video_translations.TranslationCaption | video_translations.ProofreadSrt
        | video_translations.Translation | videos.Video | voices.Speech | voices.Voice | voices.VoiceDetails | str
    )  # fmt: skip

#: The default URL of a resource is the first of these fields that is set.
_DEFAULT_FIELDS = (
    "video_url", "audio_url", "url", "srt_url", "caption_url", "image_url", "preview_video_url", "preview_audio_url",
)  # fmt: skip
#: Structs whose URLs expire, and the job kind by which such a struct is requested again.
_KINDS = {
    "BackgroundRemoval": "background_removals.REMOVAL", "Clipping": "ai_clipping.CLIPPING",
    "FillerWordRemoval": "filler_word_removals.REMOVAL", "Lipsync": "lipsyncs.LIPSYNC", "Look": "avatars.LOOK",
    "ModelImages": "models.IMAGES", "ModelVideo": "models.VIDEO", "Podcast": "podcasts.PODCAST",
    "Render": "hyperframes.RENDER", "Translation": "video_translations.TRANSLATION", "Video": "videos.VIDEO",
    "VoiceDetails": "voices.CLONE",
}  # fmt: skip


class RenewableUrl:
    """A URL and the resource that holds it; `str()` gives it without its query, which is a credential.

    Args:
        transport: The client's transport.
        resource: A struct with a URL in one of its fields, or a URL.
        url_field: The path of the field, such as `clips.0.video_url`; by default the first field with a URL.

    Raises:
        InvalidInputError: The resource has no URL in this field.
    """

    def __init__(self, transport: Transport, resource: Downloadable, url_field: str | None) -> None:
        self._transport = transport
        self._kind: JobKind[Any] | None = None
        if isinstance(resource, str) and is_url(resource):
            self.url: str = resource
            return
        if not isinstance(resource, msgspec.Struct):
            raise InvalidInputError("resource", resource, "an https URL, or a struct that HeyGen returned")
        if type(resource).__name__ in _KINDS:
            self._kind = kind_named(_KINDS[type(resource).__name__])
            self._id = self._kind.id_of(resource)
        set_fields = (name for name in _DEFAULT_FIELDS if getattr(resource, name, None))
        self._url_field = url_field or next(set_fields, _DEFAULT_FIELDS[0])
        self.url = self._read_url(resource)

    async def renew(self) -> bool:
        """Request the resource again and take its new URL; return False if there is no resource to request."""
        if self._kind is None:
            return False
        self.url = self._read_url(await self._kind.seen(self._transport, self._id))
        return True

    def __str__(self) -> str:
        return without_query(self.url)

    def _read_url(self, resource: ResponseStruct) -> str:
        value: Any = resource
        for name in self._url_field.split("."):
            value = _get(value, name)
        if isinstance(value, str) and is_url(value):
            return value
        expected = f"a URL; it has {', '.join(_url_fields(resource)) or 'none'}"
        if (status := getattr(resource, "status", None)) not in {None, "completed"}:
            expected += f", and its status is {status}: wait until it is completed"
        raise InvalidInputError(f"{type(resource).__name__.lower()}.{self._url_field}", value, expected)


def _get(value: Any, name: str) -> Any:
    """Return a field of a struct, a key of a mapping or an item of a list; None if there is none."""
    try:
        return value[int(name) if name.isdecimal() else name]
    except (TypeError, LookupError):
        return getattr(value, name, None)


def _url_fields(resource: ResponseStruct) -> list[str]:
    """Return the paths of the fields that hold a URL, for error messages."""
    fields = [name for name in resource.__struct_fields__ if name.endswith("url") and getattr(resource, name)]
    fields += [f"layers.{name}" for name in getattr(resource, "layers", None) or ()]
    fields += [f"clips.{index}.video_url" for index, _ in enumerate(getattr(resource, "clips", None) or ())]
    return fields + [f"images.{index}.image_url" for index, _ in enumerate(getattr(resource, "images", None) or ())]
