"""The URL to download from, and its renewal: presigned URLs expire, and a new one is read from the resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from .._http.misplaced_values import is_list
from .._http.transport import Transport
from .._jobs.registry import kind_of_result
from ..errors import InvalidInputError
from ..types.base import ResponseStruct
from ..types.file_fields import is_url
from ..types.redaction import without_query

if TYPE_CHECKING:
    from .._jobs.declared_waits import JobWithURL
    from ..types import ai_clipping, assets, audio, avatars, models, templates, video_agents, video_translations, voices

    #: A struct with a URL in one of its fields, or a URL.
    Downloadable: TypeAlias = (
        JobWithURL | ai_clipping.Clip | assets.FoundAsset | assets.UploadedAsset | audio.Sound | avatars.Avatar
        | models.ModelImage | models.ModelSpeech | templates.TemplateSummary | video_agents.SessionResource
        | video_agents.Style | video_translations.TranslationCaption | video_translations.ProofreadSrt
        | voices.Speech | voices.Voice | str
    )  # fmt: skip

#: The default URL of a resource that is no job is the first of these fields that is set.
_DEFAULT_FIELDS = ("url", "audio_url", "srt_url", "caption_url", "image_url", "preview_video_url", "preview_audio_url")


class RenewableUrl:
    """A URL and the resource that holds it; `str()` gives it without its query, which is a credential.

    Args:
        transport: The client's transport.
        resource: A struct with a URL in one of its fields, or a URL.
        url_field: The path of the field, such as `clips.0.video_url`; by default the first field with a URL.

    Attributes:
        is_from_program: Whether the program passed the URL itself, not a resource that came in a response.

    Raises:
        InvalidInputError: The resource has no URL in this field.
    """

    def __init__(self, transport: Transport, resource: Downloadable, url_field: str | None) -> None:
        self._transport = transport
        self.is_from_program: bool = isinstance(resource, str)
        self._kind = None if self.is_from_program else kind_of_result(type(resource).__name__)
        if isinstance(resource, str) and is_url(resource):
            self.url: str = resource
            return
        if not isinstance(resource, msgspec.Struct):
            raise InvalidInputError("resource", resource, "an https URL, or a struct that HeyGen returned")
        if self._kind is not None:
            self._id = self._kind.id_of(resource)
        defaults = (self._kind.url_fields if self._kind else ()) or _DEFAULT_FIELDS
        set_fields = (name for name in defaults if getattr(resource, name, None))
        self._url_field = url_field or next(set_fields, defaults[0])
        self.url = self._read_url(resource)

    async def renew(self) -> bool:
        """Request the resource again and take its new URL; return False if there is no resource to request."""
        if self._kind is None:
            return False
        self.url = self._read_url(await self._kind.fetch_final(self._transport, self._id))
        return True

    def __str__(self) -> str:
        return without_query(self.url)

    def _read_url(self, resource: ResponseStruct) -> str:
        value: Any = resource
        for name in self._url_field.split("."):
            value = _get(value, name)
        if isinstance(value, str) and is_url(value):
            return value
        expected = f"a URL; it has {', '.join(url_paths(resource)) or 'none'}"
        status = getattr(resource, "status", None)
        if status not in {None, "completed"} and not (self._kind and self._kind.is_completed(resource)):
            expected += f", and its status is {status}: wait until it is completed"
        raise InvalidInputError(f"{type(resource).__name__.lower()}.{self._url_field}", value, expected)


def _get(value: Any, name: str) -> Any:
    """Return a field of a struct, a key of a mapping, or an item of a list by index or name; None if there is none."""
    if (named := _find_named(value, name)) is not None:
        return named
    try:
        return value[int(name) if name.isdecimal() else name]
    except (TypeError, LookupError):
        return getattr(value, name, None)


def _find_named(items: Any, name: str) -> Any:
    """Return the item of a list that has this name; None if there is none."""
    return next((item for item in items if getattr(item, "name", None) == name), None) if is_list(items) else None


def url_paths(resource: ResponseStruct) -> list[str]:
    """Return the paths of the fields that hold a URL, an item of a list or mapping by its place or key."""
    fields = [name for name in resource.__struct_fields__ if name.endswith("url") and getattr(resource, name)]
    fields += [f"layers.{name}" for name in getattr(resource, "layers", None) or ()]
    outputs = getattr(resource, "outputs", None) or ()
    fields += [f"outputs.{output.name}.url" for output in outputs if output.url]
    fields += [f"clips.{index}.video_url" for index, _ in enumerate(getattr(resource, "clips", None) or ())]
    return fields + [f"images.{index}.image_url" for index, _ in enumerate(getattr(resource, "images", None) or ())]
