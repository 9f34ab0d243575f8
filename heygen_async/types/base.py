"""The base of all structs: open enums, requests and responses, field types that several bodies share, JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias, TypedDict, cast

import msgspec
from msgspec import Meta

from .redaction import SECRET_FIELDS, redact_urls

if TYPE_CHECKING:
    #: Any value of JSON.
    JSONValue: TypeAlias = "bool | int | float | str | list[JSONValue] | dict[str, JSONValue] | None"
else:
    JSONValue = Any  # msgspec decodes no recursive alias


def deprecated(advice: str) -> Meta:
    """Return the description of a field that HeyGen has deprecated. A client warns once when a request sets it."""
    return Meta(description=f"Deprecated. {advice}", extra_json_schema={"deprecated": True})


AvatarId: TypeAlias = Annotated[str, Meta(description="The id of an avatar look, from `avatars.looks.list`.")]
VoiceId: TypeAlias = Annotated[str, Meta(description="The id of a voice, from `voices.list`.")]
Title: TypeAlias = Annotated[str | None, Meta(description="The name that HeyGen shows.")]
FolderId: TypeAlias = Annotated[str | None, Meta(description="The folder for the result, from `folders.create`.")]
CallbackUrl: TypeAlias = Annotated[
    str | None, Meta(description="A public https URL that HeyGen calls when the job ends.")
]
CallbackId: TypeAlias = Annotated[
    str | None, Meta(description="A value of your own that HeyGen sends to `callback_url`.")
]
BrandGlossaryId: TypeAlias = Annotated[
    str | None, Meta(description="The id of a brand glossary, from `brand_glossaries.list`.")
]
BrandVoiceId: TypeAlias = Annotated[str | None, deprecated("Use `brand_glossary_id`, its new name.")]
SpeakerCount: TypeAlias = Annotated[
    int | None, Meta(description="The number of speakers, which helps HeyGen to distinguish them.")
]


class Problem(msgspec.Struct, frozen=True):
    """A rule that a part of an input breaks.

    Attributes:
        where: The part, such as `scenes[2].voiceover`.
        why: The rule.
    """

    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


class OpenEnum(StrEnum):
    """An enum that the API may extend. A value without a member is kept.

    Such a value compares equal to its string, its `is_known` is False, and it is no member of the class.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = value
        unknown._value_ = value
        return unknown

    __repr__ = str.__repr__

    @property
    def is_known(self) -> bool:
        """Whether this version of the SDK knows the value."""
        return self._value_ in type(self)._value2member_map_


class RunStatus(OpenEnum):
    """The state of a translation, a lipsync or a filler-word removal; the last two are final."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class Shape(OpenEnum):
    """The orientation of a picture."""

    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"
    SQUARE = "square"


class _Struct(msgspec.Struct, kw_only=True):
    def __repr__(self) -> str:
        # The query of a presigned URL is a credential, and reprs end up in logs.
        fields = (
            f"{name}='…'" if name in SECRET_FIELDS else f"{name}={redact_urls(repr(value))}"
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not None
        )
        return f"{type(self).__name__}({', '.join(fields)})"

    def to_dict(self) -> dict[str, JSONValue]:
        """Return the fields as JSON types, for example for the response of a web application."""
        return cast("dict[str, JSONValue]", msgspec.to_builtins(self))

    def to_json(self) -> str:
        """Return the fields as a JSON text."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> Any:
        """Let pydantic models have it as a field, and FastAPI accept and return it."""
        from .pydantic_hooks import struct_core_schema  # noqa: PLC0415  only pydantic calls this

        return struct_core_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, _: object, handler: Any) -> dict[str, JSONValue]:
        from .pydantic_hooks import struct_json_schema  # noqa: PLC0415

        return struct_json_schema(cls, handler)


class ResponseStruct(_Struct, kw_only=True):
    """The data of a response.

    Fields that the API may leave out are None. Fields that it adds later are ignored; `client.last_response` has them.
    A repr shows the fields that are set, without the queries of presigned URLs.
    """


class RequestStruct(_Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The body of a request, or a part of one. Fields that are None are not sent."""


class CreatedAtStruct(ResponseStruct, kw_only=True):
    """A response with its creation time; `created_at` is in unix seconds."""

    created_at: int | None = None

    @property
    def created(self) -> datetime | None:
        """`created_at` as an aware datetime."""
        return as_datetime(self.created_at)


class CompletedAtStruct(CreatedAtStruct, kw_only=True):
    """A response with optional creation and completion times; both are in unix seconds."""

    completed_at: int | None = None

    @property
    def completed(self) -> datetime | None:
        """`completed_at` as an aware datetime."""
        return as_datetime(self.completed_at)


class Word(ResponseStruct, kw_only=True):
    """A spoken word. `start` and `end` are in seconds from the start of the audio."""

    word: str
    start: float | None = None
    end: float | None = None


class Deleted(ResponseStruct, kw_only=True):
    """The id of a deleted object."""

    id: str
    deleted: bool | None = True


DubbingMode = Literal["speed", "precision"]


class Dubbing(TypedDict, total=False):
    """The arguments that translations and lipsyncs share."""

    mode: Annotated[DubbingMode | None, Meta(description="`speed` (the default), or `precision` for better lips.")]
    title: Title
    start_time: Annotated[float | None, Meta(description="The start in the video, in seconds.")]
    end_time: Annotated[float | None, Meta(description="The end in the video, in seconds.")]
    folder_id: FolderId
    keep_the_same_format: Annotated[bool | None, Meta(description="Whether to keep the resolution and bit rate.")]
    disable_music_track: Annotated[bool | None, Meta(description="Whether to leave the music out.")]
    enable_dynamic_duration: Annotated[bool | None, Meta(description="Whether the length may change; by default true.")]
    enable_speech_enhancement: Annotated[bool | None, Meta(description="Whether to clean the speech.")]
    enable_watermark: Annotated[bool | None, Meta(description="Whether to add HeyGen's watermark.")]
    callback_url: CallbackUrl
    callback_id: CallbackId


def get_field(body: object, name: str) -> Any:
    """Return a field of a body, a struct or an equal mapping; None when the body has no such field."""
    if type(body) is dict:  # the check for any `Mapping` takes ten times longer
        return body.get(name)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  a cast takes as long
    if body is None or isinstance(body, msgspec.Struct) or not isinstance(body, Mapping):
        return getattr(body, name, None)
    return cast("Mapping[str, object]", body).get(name)


def fields_of(body: object) -> Mapping[str, Any]:
    """Return the fields of a body, a struct or an equal mapping; for several fields this is faster than `get_field`."""
    if type(body) is dict:
        return cast("dict[str, Any]", body)
    if isinstance(body, msgspec.Struct):
        return msgspec.structs.asdict(body)
    return cast("Mapping[str, Any]", body) if isinstance(body, Mapping) else {}


def get_tag(body: object) -> object:
    """Return the discriminator of a body: the tag of a struct, or the `type` of a mapping."""
    if isinstance(body, msgspec.Struct) and (tag := body.__struct_config__.tag) is not None:
        return tag
    return get_field(body, "type")


def as_datetime(time: float | str | None) -> datetime | None:
    """Return a time of the API, in unix seconds or as RFC 3339, as an aware datetime; None when it is neither."""
    try:
        if isinstance(time, str) and not time.isdecimal():
            parsed = datetime.fromisoformat(time.upper())
            return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return None if time is None else datetime.fromtimestamp(float(time), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
