"""Building a request from a sheet's row: columns to fields, cells to values.

A column fills the field of its name. A dotted name such as `voice_settings.speed` fills a field of a nested struct.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast, get_args

import msgspec

from .._files.request_files import join_paths
from .._http.argument_checks import UnknownKey, unknown_keys
from ..errors import InvalidInputError
from .kinds import BatchKind
from .row_types import convertible_type

#: The columns of https://developers.heygen.com/docs/bulk-video-translation, and their fields in a request.
TRANSLATION_SHEET = {"url": "video", "output_language": "output_languages"}
_MAX_DEPTH = 100  # levels of the JSON in a cell
_MAX_BRACKETS = 100  # in a cell whose depth needs no count
_BRACKET = re.compile(r"[\[\]{}]")
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_JSON_SCALAR = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_TEXT = frozenset({str})
_PLACEHOLDER = re.compile(r"\{([^{}\"':,]+)\}")  # does not match a JSON object


class RequestBuilder:
    """Builds the requests of one sheet.

    Args:
        kind: The kind of the requests.
        columns: The sheet's columns.
        column_fields: The field of each column whose name differs from its field.
        constants: The values of fields for all rows. `{column}` in a value is replaced by the row's cell.
        files: The folder of the local files that cells may name; None if they may name none.

    Raises:
        InvalidInputError: A constant or a column field is not a field of this kind.
    """

    def __init__(
        self,
        kind: BatchKind,
        columns: Iterable[str],
        column_fields: Mapping[str, str],
        constants: Mapping[str, str],
        files: Path | None = None,
    ) -> None:
        self._kind = kind
        self._constants = constants
        self._files = files
        self._request_type = kind.request_type
        self._row_type = convertible_type(self._request_type)
        self._structs = _structs_by_type(self._row_type)
        self._fields_by_type = _fields_by_type(self._row_type)
        self._fields = {field for fields in self._fields_by_type.values() for field in fields}
        documented = (
            TRANSLATION_SHEET if kind.resource == "video_translations" and is_translation_sheet(columns) else {}
        )
        self._field_of = {name: name for name in columns} | documented | dict(column_fields)
        for option, fields in (("--map", column_fields.values()), ("--set", constants)):
            for field in fields:
                if not self._is_field(field):
                    unknown = UnknownKey(field, None, sorted(self._fields))
                    raise InvalidInputError(option, field, f"a field of {kind.resource}, {unknown.expected}")
        self._sent_fields = {
            column: field if self._is_field(field) else None for column, field in self._field_of.items()
        }
        self._own_paths = self._texts_of_constants()

    def _texts_of_constants(self) -> frozenset[str]:
        """Return the texts of the constants without placeholders: the person named a path among them."""
        parsed = [
            _parse_cell(field, value, is_list=is_list)
            for field, value in self._constants.items()
            if not _PLACEHOLDER.search(value)
            for is_list in (False, True)
        ]
        return frozenset(_texts_in(parsed))

    def _is_field(self, field: str) -> bool:
        return field.partition(".")[0] in self._fields

    def is_sent(self, column: str) -> bool:
        """Return whether a column fills a field, or is a placeholder of a constant."""
        placeholders = (name for template in self._constants.values() for name in _PLACEHOLDER.findall(template))
        return self._is_field(self._field_of[column]) or column in placeholders

    def column_of(self, field: str) -> str:
        """Return the column that fills a field, or the field itself."""
        name = field.removeprefix("request.")
        for column, target in self._field_of.items():
            if target == name:
                return column
        for column, target in self._field_of.items():
            if name.startswith((f"{target}.", f"{target}[")):
                return column
        return name

    def build(self, row: Mapping[str, Any]) -> Any:
        """Return the request for a row. Empty cells are left out.

        Raises:
            InvalidInputError: A value is invalid, or a field does not exist.
            msgspec.ValidationError: A value has a wrong type.
        """
        values = self._values(row)
        fields = self._fields_for(values)
        self._check_clashes(values)
        fields_of_request: dict[str, Any] = {}
        for field, value in values.items():
            name = field.partition(".")[0]
            if name not in fields:
                raise InvalidInputError(field, value, f"no value: type {values.get('type')} has no such field")
            cell = _parse_cell(field, value, is_list=fields[name]) if isinstance(value, str) else value
            if name == field:
                fields_of_request[field] = cell
            else:
                _set_nested(fields_of_request, field, cell)
        if not _TEXT.issuperset(map(type, fields_of_request.values())):
            for unknown in unknown_keys(fields_of_request, self._request_type, ""):
                raise InvalidInputError(unknown.path, unknown.value, unknown.expected)
        row_type = self._structs[values["type"]] if self._structs else self._row_type
        request = msgspec.convert(fields_of_request, row_type, strict=False)
        if isinstance(request, msgspec.Struct) and not self._kind.takes_struct:
            request = msgspec.to_builtins(request)
        request = join_paths(request, self._files, self._own_paths)
        self._kind.check(request)
        return request

    def _values(self, row: Mapping[str, Any]) -> dict[str, Any]:
        values = {
            field: value
            for column, value in row.items()
            if value is not None and value != "" and (field := self._sent_field(column)) is not None
        }
        for field, template in self._constants.items():
            values[field] = _filled(template, row)
        return values

    def _sent_field(self, column: str) -> str | None:
        """Return the field that a column fills; None if it fills none. A row of JSON Lines may have any columns."""
        if column in self._sent_fields:
            return self._sent_fields[column]
        return column if self._is_field(column) else None

    def _check_clashes(self, values: Mapping[str, Any]) -> None:
        for field, value in values.items():
            if "." not in field:
                continue
            parts = field.split(".")
            for end in range(1, len(parts)):
                if (parent := ".".join(parts[:end])) in values:
                    expected = f"no value, because column {self.column_of(parent)} fills all of {parent}"
                    raise InvalidInputError(field, value, expected)

    def _fields_for(self, values: dict[str, Any]) -> dict[str, bool]:
        """Return the fields of the request's type, and whether each is a list. A missing type is derived and added."""
        type_name = None
        if None not in self._fields_by_type:
            type_name = values.setdefault("type", "image" if "image" in values else "avatar")
        fields = self._fields_by_type.get(type_name)
        if fields is None:
            raise InvalidInputError("type", type_name, f"one of {', '.join(map(str, self._fields_by_type))}")
        return fields


def is_translation_sheet(columns: Iterable[str]) -> bool:
    """Return whether a sheet has the columns of the documentation's translation sheet."""
    return TRANSLATION_SHEET.keys() <= set(columns)


def _fields_by_type(request_type: Any) -> dict[str | None, dict[str, bool]]:
    """Return a request's fields and whether each is a list, by the request's `type`; by None when it has no `type`."""
    described: Any = msgspec.inspect.type_info(request_type)
    fields_by_type: dict[str | None, dict[str, bool]] = {}
    for member in getattr(described, "types", (described,)):
        fields = {field.encode_name: _is_list(field.type) for field in member.fields}
        type_name = getattr(member, "tag", None)
        fields_by_type[type_name] = fields if type_name is None else {**fields, "type": False}
    return fields_by_type


def _structs_by_type(request_type: Any) -> dict[object, Any]:
    """Return the structs of a union by their tags. Of a union, msgspec derives the members at each conversion."""
    structs = get_args(request_type)
    tags = [getattr(getattr(struct, "__struct_config__", None), "tag", None) for struct in structs]
    return {} if None in tags else dict(zip(tags, structs, strict=True))


def _is_list(field_type: Any) -> bool:
    if isinstance(field_type, msgspec.inspect.Metadata):  # of `Annotated`
        return _is_list(field_type.type)
    if isinstance(field_type, msgspec.inspect.UnionType):
        return any(_is_list(member) for member in field_type.types)
    return isinstance(field_type, msgspec.inspect.ListType | msgspec.inspect.CollectionType)


def _parse_cell(field: str, text: str, *, is_list: bool) -> Any:
    """Return a cell's JSON object or list, the values between semicolons if the field is a list, or the text."""
    if text.startswith(("[", "{")):
        if text.count("[") + text.count("{") > _MAX_BRACKETS and _depth(text) > _MAX_DEPTH:
            raise InvalidInputError(field, text, f"JSON with at most {_MAX_DEPTH} levels")
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(text)
    return [part.strip() for part in text.split(";") if part.strip()] if is_list else text


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        inner = cast("dict[str, object]", value).values() if isinstance(value, dict) else cast("list[object]", value)
        for item in inner:
            yield from _texts_in(item)


def _set_nested(request: dict[str, Any], field: str, value: Any) -> None:
    *parents, name = field.split(".")
    for parent in parents:
        request = request.setdefault(parent, {})
    request[name] = value


def _depth(text: str) -> int:
    """Return the number of levels of a JSON text, also of an invalid one."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(_JSON_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _filled(template: str, row: Mapping[str, Any]) -> str:
    """Return a template with its placeholders replaced by cells; in a JSON template, each cell is one JSON value."""
    if not template.startswith(("[", "{")) or _PLACEHOLDER.match(template):
        return _PLACEHOLDER.sub(lambda match: _cell(row, match[1]), template)

    def value(match: re.Match[str]) -> str:
        cell, before = _cell(row, match[1]), _JSON_STRING.sub("", template[: match.start()])
        if '"' in before:  # the placeholder is inside a string
            return msgspec.json.encode(cell).decode()[1:-1]
        return cell if _JSON_SCALAR.fullmatch(cell) else msgspec.json.encode(cell).decode()

    return _PLACEHOLDER.sub(value, template)


def _cell(row: Mapping[str, Any], column: str) -> str:
    if column not in row:
        raise InvalidInputError("--set", f"{{{column}}}", "the name of a column in braces")
    return str(row[column])
