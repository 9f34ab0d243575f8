"""What the API's structs stand on: open enums, requests and answers, JSON as a type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, TypedDict, cast

import msgspec

if TYPE_CHECKING:
    JSONValue: TypeAlias = "bool | int | float | str | list[JSONValue] | dict[str, JSONValue] | None"
else:
    JSONValue = Any  # msgspec decodes no recursive alias

_QUERY = re.compile(r"(https?://[^\s?'\"]+\?)[^\s'\"]+", re.IGNORECASE)
_MAX_SHOWN = 200  # characters of a value in a message
_SECRET_FIELDS = frozenset({"secret", "access_token", "refresh_token"})


def redact_queries(text: str) -> str:
    """A text as it may be shown: the query of a presigned URL is a credential."""
    return _QUERY.sub(r"\1…", text)


def format_value(value: object) -> str:
    """A value as messages tell it: of a long one the beginning."""
    text = repr(redact_queries(value) if isinstance(value, str) else value)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}… ({len(text)} characters)"


class OpenEnum(StrEnum):
    """An enum that the API may extend: a value that is not among its members is kept as it came.

    Such a value compares equal to its string, `is_known` is False, and it is not a member of the class.
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
    """The state of a translation, a lipsync or a filler-word removal; the last two are ends."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class Shape(OpenEnum):
    """The shape of a picture."""

    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"
    SQUARE = "square"


class _Struct(msgspec.Struct, kw_only=True):
    def __repr__(self) -> str:
        # A presigned URL's query is a credential, and a repr ends in logs.
        fields = (
            f"{name}='…'" if name in _SECRET_FIELDS else f"{name}={redact_queries(repr(value))}"
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not None
        )
        return f"{type(self).__name__}({', '.join(fields)})"

    def to_dict(self) -> dict[str, JSONValue]:
        """Its fields as JSON has them, such as a web app answers with."""
        return cast("dict[str, JSONValue]", msgspec.to_builtins(self))

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> Any:
        """A model of pydantic may have it as a field, and FastAPI take and answer it."""
        from pydantic_core import core_schema  # noqa: PLC0415  whoever calls this has it

        def read(value: object) -> object:
            try:
                return value if isinstance(value, cls) else msgspec.convert(value, cls)
            except msgspec.ValidationError as problem:
                raise ValueError(str(problem)) from None  # which is what pydantic tells of

        written = core_schema.plain_serializer_function_ser_schema(msgspec.to_builtins)
        return core_schema.no_info_plain_validator_function(read, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(cls, *_: object) -> dict[str, JSONValue]:
        return {"title": cls.__name__, "type": "object"}


class ResponseStruct(_Struct, kw_only=True):
    """What the API answers. Fields that it may leave out are None; fields that it adds later are ignored here and
    can be read from `client.last_response`. A repr shows only what is set, and no presigned query.
    """


class RequestStruct(_Struct, kw_only=True, omit_defaults=True):
    """What is sent to the API: fields left at None are not sent."""


class CreatedAtStruct(ResponseStruct, kw_only=True):
    """What has a beginning; `created_at` is in unix seconds."""

    created_at: int

    @property
    def created(self) -> datetime:
        """`created_at` as an aware time."""
        return datetime.fromtimestamp(self.created_at, UTC)


class OptionalCreatedAtStruct(ResponseStruct, kw_only=True):
    """What may tell its beginning; `created_at` is in unix seconds."""

    created_at: int | None = None

    @property
    def created(self) -> datetime | None:
        """`created_at` as an aware time."""
        return _time(self.created_at)


class CompletedAtStruct(OptionalCreatedAtStruct, kw_only=True):
    """What may tell its end, too; `completed_at` is in unix seconds."""

    completed_at: int | None = None

    @property
    def completed(self) -> datetime | None:
        """`completed_at` as an aware time."""
        return _time(self.completed_at)


class Word(ResponseStruct, kw_only=True):
    """A word that is spoken, with its times in seconds from the start of the audio."""

    word: str
    start: float
    end: float


class Deleted(ResponseStruct, kw_only=True):
    """The id of what was deleted."""

    id: str
    deleted: bool = True


DubbingMode = Literal["speed", "precision"]


class Dubbing(TypedDict, total=False):
    """What translations and lipsyncs take alike."""

    mode: DubbingMode | None
    title: str | None
    start_time: float | None
    end_time: float | None
    folder_id: str | None
    keep_the_same_format: bool | None
    disable_music_track: bool | None
    enable_caption: bool | None
    enable_dynamic_duration: bool | None
    enable_speech_enhancement: bool | None
    enable_watermark: bool | None
    callback_url: str | None
    callback_id: str | None


def get_field(thing: object, name: str) -> Any:
    """A field of a body, which may be a struct or an equal mapping; None when it is not there."""
    if not isinstance(thing, msgspec.Struct) and isinstance(thing, Mapping):
        return cast("Mapping[str, object]", thing).get(name)
    return getattr(thing, name, None)


def get_tag(thing: object) -> object:
    """The discriminator of a body, which a struct holds as its tag."""
    if isinstance(thing, msgspec.Struct) and thing.__struct_config__.tag is not None:
        return thing.__struct_config__.tag
    return get_field(thing, "type")


def _time(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
