"""What a method takes and gives, as JSON: schemas, and arguments read by them.

A parameter of a method is a field of its input, and so is each field of a `TypedDict` that it unpacks, or of the struct
that its body may be. msgspec makes the schemas and judges the values; those go on as they came, so that what only the
API can judge comes to it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from types import GenericAlias, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Required,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import msgspec
from docstring_parser import Docstring, DocstringStyle, parse
from msgspec import UNSET, UnsetType

from ..errors import InvalidInputError

if TYPE_CHECKING:
    from .._http.endpoint import Endpoint
    from ..types.base import JSONValue

_OF_PYTHON = {"self", "receiver", "grace"}  # what JSON cannot say, and the API does not know
_FOR_CHECKERS: dict[str, Any] = {"WebhookReceiver": object}  # imported for type checkers alone
_PROBLEM = re.compile(r"(?P<what>.*?)( - at `(key in )?\$\.?(?P<where>.*)`)?", re.DOTALL)
_TYPE = re.compile(r"`([a-z |]+)`")
_TYPES = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "array": "a list",
    "object": "an object", "null": "null",
}  # fmt: skip
#: Between sentences, and between their parts where what follows speaks of another field.
_PARTS = re.compile(r"(?<=\.) (?=[A-Z`])|[;:] (?=[^;:.]*`)")
_EXACT = 2**53  # from here on not every whole number is a float
_DEFS = "#/$defs/"
#: What fields mean wherever they stand, unless a docstring there says more.
_COMMON = {
    "aspect_ratio": "the shape of the picture",
    "asset_id": "an uploaded file, of `assets.create`",
    "asset_ids": "any number of ids",
    "avatar_id": "a look's id, of `avatars.looks.list`",
    "batch_id": "of what began the batch",
    "batch_ids": "those of whole batches",
    "brand_glossary_id": "of `brand_glossaries.list`",
    "brand_kit_id": "of `brand_kits.list`",
    "brand_voice_id": "an older name of `brand_glossary_id`",
    "callback_id": "comes back in the call to `callback_url`",
    "callback_url": "an https address that HeyGen calls at the end",
    "disable_music_track": "leave the music out",
    "enable_caption": "make captions",
    "enable_dynamic_duration": "let it become longer or shorter than the video (the default)",
    "enable_speech_enhancement": "clean the speech",
    "enable_watermark": "put HeyGen's watermark on it",
    "end_time": "where to end in the video, in seconds",
    "endpoint_id": "of `webhooks.endpoints.list`",
    "filler_word_removal_id": "of `filler_word_removals.create`",
    "folder_id": "the folder in which it stands",
    "generation_id": "of `models.images.create`",
    "group_id": "an identity's id, of `avatars.list`",
    "idempotency_key": "for 24 hours the same key gives the same answer, and nothing is done twice",
    "job_id": "of what began the job",
    "keep_the_same_format": "keep the video's resolution and bit rate",
    "limit": "how many items a page has at most",
    "lipsync_id": "of `lipsyncs.create`",
    "lipsync_ids": "any number of ids",
    "look_id": "of `avatars.looks.list`",
    "mode": "`speed` (the default), or `precision`: better lips, and slower",
    "podcast_id": "of `podcasts.create`",
    "proofread_id": "of `video_translations.proofreads.create`",
    "render_id": "of `hyperframes.create`",
    "resource_id": "one of a message's `resource_ids`",
    "resolution": "how fine the picture is",
    "session_id": "of `video_agents.create`",
    "speaker_num": "how many people speak, which helps to tell them apart",
    "start_time": "where to begin in the video, in seconds",
    "stream_id": "of `avatar_realtime.create`",
    "style_id": "of `video_agents.list_styles`",
    "template_id": "of `templates.list`",
    "title": "how HeyGen shows it",
    "token": "`next_token` of the page before",
    "video_id": "of what began the video",
    "video_ids": "any number of ids",
    "video_translation_id": "of `video_translations.create`",
    "video_translation_ids": "any number of ids",
    "voice_id": "of `voices.list`",
}


class Input:
    """What a method takes: path parameters, query and body side by side.

    `ids` are the names of what stands in the path, `about` says what the body is, `tag_field` where its kind stands.

    Args:
        route: What stands in its path is given by position; not all honour an `idempotency_key`.
        kind: The tag of the struct that its `request` is here, None for methods without one.
    """

    def __init__(self, method: Any, route: Endpoint, kind: str | None) -> None:
        self._kind = kind
        self._said: dict[str, str] = {}
        self._prose = _about(method)
        self.about: str = ""
        self.tag_field: str = "type"
        self.ids: list[str] = []
        #: Where a string can only be the path of a file of this machine, and no URL.
        self.paths: list[str] = [name for name, hint in method.__annotations__.items() if hint == "SourceInput"]
        hints = hints_of(method)
        fields: dict[str, tuple[Any, bool]] = {}
        for name, parameter in inspect.signature(method).parameters.items():
            if name in _OF_PYTHON or (name == "idempotency_key" and route.idempotency not in {"header", "body"}):
                continue
            if name == "request" and parameter.kind is parameter.VAR_KEYWORD:
                (shape,) = get_args(hints[name])
                self._said = _said(shape)
                for field, hint in get_type_hints(shape, include_extras=True).items():
                    required = get_origin(hint) is Required
                    fields[field] = (get_args(hint)[0] if required else hint), required
            elif name == "request":
                struct = next(one for one in _structs(hints[name]) if one.__struct_config__.tag == kind)
                self.about, self._said = _about(struct), _said(struct)
                self.tag_field = cast("str", struct.__struct_config__.tag_field)
                fields |= {one.encode_name: (one.type, one.required) for one in msgspec.structs.fields(struct)}
            else:
                if f"{{{name}}}" in route.path:
                    self.ids.append(name)
                fields[name] = hints[name], parameter.default is parameter.empty
        self._said |= _said(method)
        if "idempotency_key" in fields:
            fields["idempotency_key"] = fields.pop("idempotency_key")
        self._struct = msgspec.defstruct(
            "Input",
            [(name, _plain(hint)) for name, (hint, required) in fields.items() if required]
            + [(name, _plain(hint) | UnsetType, UNSET) for name, (hint, required) in fields.items() if not required],
            kw_only=True,
            forbid_unknown_fields=True,
        )

    @staticmethod
    def kinds(method: Any) -> list[str | None]:
        """The tags of the structs that a method's body may be; of what has one kind of body alone, None."""
        request = inspect.signature(method).parameters.get("request")
        if request is None or request.kind is request.VAR_KEYWORD:
            return [None]
        return [cast("str", one.__struct_config__.tag) for one in _structs(hints_of(method)["request"])]

    @cached_property
    def schema(self) -> dict[str, JSONValue]:
        """Its JSON Schema, with what the docstring says of each field."""
        schema = schema_of(self._struct)
        properties = cast("dict[str, dict[str, JSONValue]]", schema["properties"])
        _describe(properties, self._said, self._prose)
        if self._kind is not None:
            properties[self.tag_field] = {"const": self._kind}
        return schema

    def read(self, arguments: Mapping[str, JSONValue]) -> tuple[list[Any], dict[str, Any]]:
        """Positional and keyword arguments for the method.

        Raises:
            InvalidInputError: One is missing, unknown or of the wrong type.
        """
        given = {name: _whole(value) for name, value in arguments.items()}
        if self._kind is not None and (kind := given.pop(self.tag_field, self._kind)) != self._kind:
            raise InvalidInputError(self.tag_field, kind, f"{self._kind!r}, or nothing")
        try:
            msgspec.convert(given, self._struct)
        except msgspec.ValidationError as problem:
            raise self._refusal(str(problem), given) from None
        ids = [given.pop(name) for name in self.ids]
        if self._kind is None:
            return ids, given
        key = given.pop("idempotency_key", None)
        return [*ids, {self.tag_field: self._kind, **given}], {"idempotency_key": key}

    def _refusal(self, problem: str, given: Mapping[str, JSONValue]) -> InvalidInputError:
        found = _PROBLEM.fullmatch(problem)
        what, where = (found["what"], found["where"] or "") if found else (problem, "")
        if (named := re.search(r"required field `(\w+)`$", what)) is not None:
            return InvalidInputError(".".join(filter(None, [where, named[1]])), None, "a value")
        if (named := re.search(r"unknown field `(\w+)`$", what)) is not None:
            known = ", ".join(sorted(self._struct.__struct_fields__))
            return InvalidInputError(named[1], given.get(named[1]), f"one of {known}")
        allowed = _allowed(self.schema, where)
        expected = f"one of {', '.join(allowed)}" if allowed else re.sub("^Expected (.*), got.*$", r"\1", what)
        expected = _TYPE.sub(lambda named: " or ".join(_TYPES.get(one, one) for one in named[1].split(" | ")), expected)
        return InvalidInputError(where, _found(given, where), expected)


@cache
def hints_of(method: Any) -> dict[str, Any]:
    """The types of what a method takes and returns."""
    return get_type_hints(method, localns=_FOR_CHECKERS)


def schema_of(kind: Any, *, opened: bool = False) -> dict[str, JSONValue]:
    """The JSON Schema of a struct.

    Args:
        opened: Allow what an answer may be: enums with values that the API adds later, and without what is null.
    """
    (root,), parts = msgspec.json.schema_components([kind], ref_template=_DEFS + "{name}")
    shapes = {shape.__name__: shape for shape in _shapes(kind)}
    for name, part in parts.items():
        if opened and "enum" in part:
            parts[name] = {"type": "string", "examples": part["enum"]}
        elif opened and "required" in part:
            part["required"] = [name for name in part["required"] if not _nullable(part["properties"][name])]
        _tidy(parts[name], opened=opened)
        if (shape := shapes.get(name)) and (about := _about(shape)):
            part["description"] = about
            if not opened:
                _describe(part["properties"], _said(shape))
    whole = parts.pop(root["$ref"].removeprefix(_DEFS))
    return {**whole, "$defs": parts} if parts else whole


def _about(thing: Any) -> str:
    """What the docstring of a method or a shape says before it comes to the fields."""
    parsed = _parsed(thing)
    return " ".join(" ".join(filter(None, [parsed.short_description, parsed.long_description])).split())


def _said(thing: Any) -> dict[str, str]:
    """What the docstring of a method or a shape, and of what a shape is made of, says of each field."""
    docs = [_parsed(one) for one in reversed(getattr(thing, "__mro__", (thing,)))]
    return {one.arg_name: " ".join((one.description or "").split()) for doc in docs for one in doc.params}


def _parsed(thing: Any) -> Docstring:
    return parse(thing.__doc__ or "", style=DocstringStyle.GOOGLE)


def _describe(properties: dict[str, dict[str, JSONValue]], said: Mapping[str, str], prose: str = "") -> None:
    """Say what each field is, where it does not say so itself."""
    for name, field in properties.items():
        about = said.get(name) or _words_of(name, prose)
        if about and "$ref" not in field:
            properties[name] = {"description": about, **field}


def _tidy(part: dict[str, Any], *, opened: bool) -> None:
    """Leave out what tells a reader nothing: names, defaults of null."""
    part.pop("title", None)
    for field in part.get("properties", {}).values():
        if field.get("default", ...) is None:
            del field["default"]
        if opened or "$ref" in field:
            field.pop("description", None)


def _shapes(hint: Any) -> Iterator[Any]:
    """The structs and mappings of which a type is made."""
    inner: Iterable[Any] = get_args(hint)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint
        inner = [field.type for field in msgspec.structs.fields(hint)]
    elif is_typeddict(cast("object", hint)):
        yield hint
        inner = get_type_hints(cast("type", hint)).values()
    for one in inner:
        yield from _shapes(one)


def _nullable(schema: Mapping[str, Any]) -> bool:
    return {"type": "null"} in schema.get("anyOf", ())


def _plain(hint: Any) -> Any:
    """A type as msgspec reads it: a mapping that may stand for a struct is left out, it has the struct's own form."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return Annotated[(_plain(inner[0]), *inner[1:])]
    if origin in {Union, UnionType}:
        kept = [one for one in inner if get_origin(one) is not Mapping or not _typed(inner)]
        return Union[tuple(_plain(one) for one in kept)]  # noqa: UP007  of a number that is not known
    if origin is Sequence:
        return GenericAlias(list, (_plain(inner[0]),))
    return hint


def _typed(kinds: Sequence[Any]) -> bool:
    return any(isinstance(one, type) and (issubclass(one, msgspec.Struct | dict)) for one in kinds)


def _structs(hint: Any) -> list[type[msgspec.Struct]]:
    return [one for one in get_args(hint) if isinstance(one, type) and issubclass(one, msgspec.Struct)]


def _words_of(name: str, prose: str) -> str:
    """What a field means everywhere, and what this text says of it."""
    said = [part.rstrip(".") for part in _PARTS.split(prose) if re.search(f"`{name}[`=]", part)]
    return ". ".join(filter(None, [_COMMON.get(name), *said]))


def _whole(value: Any) -> Any:
    """A value in which 10.0 is 10, as it is in JSON Schema."""
    match value:
        case float():
            return int(value) if value.is_integer() and abs(value) < _EXACT else value
        case list():
            return [_whole(inner) for inner in cast("list[object]", value)]
        case dict():
            return {name: _whole(inner) for name, inner in cast("dict[str, object]", value).items()}
        case _:
            return value


def _found(value: Any, where: str) -> object:
    """What stands at a place such as `scenes[0].input`."""
    for step in re.findall(r"\w+", where):
        match value:
            case dict():
                value = cast("dict[str, object]", value).get(step)
            case list() if step.isdecimal():
                value = cast("list[object]", value)[int(step)]
            case _:
                return None
    return cast("object", value)


def _allowed(schema: Mapping[str, Any], where: str) -> list[str]:
    """The values that the field at a place may have, where they are few."""
    nodes = _unfolded(schema, schema)
    for step in re.findall(r"[^\W\d]\w*", where):
        nodes = [inner for one in nodes for inner in _unfolded(schema, one.get("properties", {}).get(step, {}))]
    return list(dict.fromkeys(repr(value) for one in nodes for value in one.get("enum", ())))


def _unfolded(whole: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A schema, and all that it may stand for: what it refers to, its alternatives, the items of a list."""
    if "$ref" in schema:
        return _unfolded(whole, whole["$defs"][schema["$ref"].removeprefix(_DEFS)])
    inner = [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]
    return [schema, *(one for part in inner for one in _unfolded(whole, part))]
