"""The second pass over a response: build the struct although the JSON deviates from the documented form.

The problem. HeyGen changes fields without notice: a number arrives as text, a time as RFC 3339, a list as a single
item, a required field not at all. A typed decoder refuses the whole response for one such field. After a paid create
the caller would lose the id of the job.

Rejected ways. Loose types everywhere (`str | int | float | None`) make every program check every field. Converting in
every decoder hook slows the responses that fit. Dropping the values that do not fit loses data that the caller may
need.

The way. The typed decode of msgspec stays the only work on a response that fits. Only when it raises, `convert` walks
the parsed JSON and the type side by side:

* msgspec converts each part that fits.
* A value of another type is converted when the conversion is certain. Text becomes a number, RFC 3339 becomes seconds
  since the epoch, a single item becomes a list of one, and the reverse.
* A value that cannot be converted stays in its field unchanged. A missing field is None.
* Every list keeps all its items.

Invariants: the result is always an instance of the expected struct. Nothing that was received is dropped from a known
field. Every deviation is one `Drift` with the path to the field and never its value.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin

import msgspec

from .blank_structs import blank_check
from .misplaced_values import find_fields, has_id, is_list, is_object, items_in

_MAX_DIGITS = 400  # of a number; the largest float has 309
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d([Tt ].+)?")
_KINDS: dict[type, str] = {
    bool: "boolean", int: "number", float: "number", str: "text", list: "list", dict: "object", NoneType: "null",
}  # fmt: skip


class Drift(msgspec.Struct, frozen=True):
    """One place where a response deviates from the documented form.

    Attributes:
        struct: The struct that has the field.
        field: The name of the field.
        path: The place in the response, such as `data[3].created_at`.
        expected: The documented type.
        received: The type that was received; never a value.
    """

    struct: str
    field: str
    path: str
    expected: str
    received: str

    def __str__(self) -> str:
        return f"{self.struct}.{self.field} at {self.path}: expected {self.expected}, received {self.received}"


def parse_json(body: bytes) -> Any:
    """Parse JSON as it really arrives: with a byte order mark, NaN, Infinity, control characters or invalid UTF-8.

    NaN and infinite numbers become None. Invalid UTF-8 is replaced. The last of equal keys counts.

    Raises:
        ValueError: The body is not JSON, or is nested too deeply.
    """
    encoding = "utf-16" if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    text = body.decode(encoding, "replace")
    try:
        value = json.loads(text, strict=False, parse_constant=_no_number, parse_int=_integer, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return _without_surrogates(value) if "\\ud" in text.lower() else value


def _no_number(_: str) -> None:
    return None


def _integer(digits: str) -> int | str:
    try:
        return int(digits)
    except ValueError:  # more digits than Python converts
        return digits


def _finite(text: str) -> float | None:
    number = float(text)
    return number if abs(number) != float("inf") else None


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("�", value)
    if is_list(value):
        return [_without_surrogates(item) for item in value]
    if is_object(value):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


def convert(value: object, kind: Any, *, path: str = "$") -> tuple[Any, list[Drift]]:
    """Convert parsed JSON of any form to a type; also return each place where the form deviates.

    Args:
        value: Parsed JSON.
        kind: The type, such as a struct or a list of structs.
        path: The path to the value in the response.
    """
    conversion = _Conversion()
    return conversion.convert(value, kind, _Place("Response", "data", path)), conversion.drifts


class _Place(msgspec.Struct, frozen=True):
    """A field: the struct that has it, its name, and the path to it."""

    struct: str
    field: str
    path: str

    def item(self, index: int | str) -> _Place:
        return _Place(self.struct, self.field, f"{self.path}[{index!r}]" if self.path else str(index))


class _Conversion:
    """One pass over one response."""

    def __init__(self) -> None:
        self.drifts: list[Drift] = []

    def convert(self, value: Any, kind: Any, place: _Place) -> Any:
        try:
            result = msgspec.convert(value, kind)
        except (msgspec.ValidationError, RecursionError):
            pass
        else:
            has_blank = blank_check(kind)
            if has_blank is None or not has_blank(result):
                return result
        try:
            return self._convert_parts(value, _unwrap(kind), place)
        except RecursionError:  # too many objects inside each other
            return self._keep(value, kind, place)

    def _convert_parts(self, value: Any, kind: Any, place: _Place) -> Any:
        if kind in _SCALARS or _is_enum(kind) or get_origin(kind) is Literal:
            return self._scalar(value, kind, place)
        if _struct_of(kind) is not None:
            return self._struct(value, kind, place)
        origin = get_origin(kind) or kind
        if origin in {Union, UnionType}:
            return self._union(value, get_args(kind), place)
        if origin in {list, Sequence, tuple} or (isinstance(origin, type) and issubclass(origin, list)):
            return self._list(value, (get_args(kind) or (Any,))[0], place)
        if origin in {dict, Mapping}:
            return self._dict(value, (get_args(kind) or (str, Any))[1], place)
        return self._keep(value, kind, place)

    def _keep(self, value: Any, kind: Any, place: _Place) -> Any:
        self._report(value, kind, place)
        return value

    def _report(self, value: object, kind: Any, place: _Place, received: str | None = None) -> None:
        received = received or _KINDS.get(type(value), type(value).__name__)
        self.drifts.append(Drift(place.struct, place.field, place.path, _name_of(kind), received))

    def _scalar(self, value: Any, kind: Any, place: _Place) -> Any:
        self._report(value, kind, place)
        if is_list(value) and len(value) == 1:
            value = value[0]
        for candidate in _candidates(value, kind, place.field):
            try:
                return msgspec.convert(candidate, kind)
            except msgspec.ValidationError:
                continue
        return value

    def _struct(self, value: Any, kind: Any, place: _Place) -> Any:
        if is_list(value) and len(value) == 1 and is_object(value[0]):
            self._report(value, kind, place)
            value = value[0]
        if not is_object(value):
            return self._keep(value, kind, place)
        mapping = find_fields(value, names_of(kind))
        if mapping is None:
            if has_id(value) or any(field.required for field in _fields_of(kind)):
                return self._keep(value, kind, place)
            mapping = value = {}  # only fields that this version does not know
        if mapping is not value:
            self._report(value, kind, place, received="another nesting")
        return self._build_struct(mapping, kind, place)

    def _build_struct(self, mapping: dict[str, Any], kind: Any, place: _Place) -> Any:
        struct = cast("type[msgspec.Struct]", _struct_of(kind))
        fields: dict[str, Any] = {}
        for field in _fields_of(kind):
            field_place = _Place(struct.__name__, field.name, f"{place.path}.{field.encode_name}")
            if field.encode_name in mapping:
                fields[field.name] = self.convert(mapping[field.encode_name], field.type, field_place)
            elif field.required:
                self._report(None, field.type, field_place, received="nothing")
                fields[field.name] = None
        return struct(**fields)

    def _union(self, value: Any, members: Sequence[Any], place: _Place) -> Any:
        structs = [member for member in members if _struct_of(member) is not None]
        if is_object(value) and len(structs) > 1:  # its tag is missing or unknown
            return self._keep(value, members[0], place)
        if value is None:
            return self._keep(value, members[0], place)
        for member in members:
            if member is not NoneType and member is not msgspec.UnsetType:
                return self.convert(value, member, place)
        return self._keep(value, members[0], place)

    def _list(self, value: Any, item: Any, place: _Place) -> Any:
        if is_object(value):
            self._report(value, list, place)
            value = items_in(value, names_of(item))
        elif value is None:
            return self._keep(value, list, place)
        elif not is_list(value):
            self._report(value, list, place)
            value = [value]
        return [self.convert(one, item, place.item(index)) for index, one in enumerate(value)]

    def _dict(self, value: Any, item: Any, place: _Place) -> Any:
        if not is_object(value):
            return self._keep(value, dict, place)
        return {key: self.convert(one, item, place.item(key)) for key, one in value.items()}


_SCALARS = frozenset({str, int, float, bool})


def _candidates(value: Any, kind: Any, field: str) -> Iterator[Any]:
    """Yield the possible conversions of a value."""
    if isinstance(value, str):
        text = value.strip()
        if kind is bool:
            yield {"true": True, "false": False}.get(text.lower())
        elif kind in {int, float}:
            yield from _numbers(text)
        else:
            yield text
    elif isinstance(value, bool):
        yield str(value).lower()
    elif isinstance(value, int | float):
        if kind is bool and value in {0, 1}:
            yield bool(value)
        elif kind is int and isinstance(value, float):
            yield int(value) if value.is_integer() or field.endswith("_at") else value
        elif field.endswith("_at") and kind is str:
            yield from _timestamps(value)
        yield str(value)


def _numbers(text: str) -> Iterator[int | float]:
    if len(text) > _MAX_DIGITS:
        return
    try:
        number = float(text)
    except ValueError:
        if _RFC_3339.fullmatch(text):
            yield from _seconds(text)
        return
    if isfinite(number):
        yield int(text) if text.lstrip("+-").isdecimal() else int(number) if number.is_integer() else number
        yield number


def _seconds(text: str) -> Iterator[int | float]:
    """Yield the seconds since the epoch of an RFC 3339 time; a time without a zone is UTC."""
    try:
        time = datetime.fromisoformat(text.upper())
    except ValueError:
        return
    seconds = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    yield int(seconds)
    yield seconds


def _timestamps(seconds: float) -> Iterator[str]:
    try:
        yield datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return


def _unwrap(kind: Any) -> Any:
    """Return the type without an alias or annotations around it."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif hasattr(kind, "__value__"):
            kind = kind.__value__
        elif isinstance(kind, TypeVar):
            kind = kind.__bound__ or Any
        else:
            return kind


@cache
def _struct_of(kind: Any) -> type[msgspec.Struct] | None:
    origin = get_origin(kind) or kind
    return origin if isinstance(origin, type) and issubclass(origin, msgspec.Struct) else None


@cache
def _fields_of(kind: Any) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Return the fields of a struct, and none of other types. To inspect a struct takes longer than to convert it."""
    return () if _struct_of(kind) is None else msgspec.structs.fields(kind)


@cache
def names_of(kind: Any) -> frozenset[str]:
    """Return the names of a struct's fields in JSON."""
    return frozenset(field.encode_name for field in _fields_of(kind))


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _name_of(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind))
