"""Rows of a CSV or JSON Lines file as requests: streamed, checked with line and column, and joined with their outcomes.

A column goes to the field of its name; `voice_settings.speed` reaches into a struct. `mapped` renames columns, `fixed`
gives fields for all rows, in which `{column}` stands for the row's own value. Cells that hold JSON objects or lists
are read as such; empty cells are left out. The documentation's sheet for translations (`title,output_language,url,
folder_id`) needs no mapping. Columns that are no fields are carried along, and not sent.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice, zip_longest
from os import PathLike
from pathlib import Path
from typing import Any, TextIO, cast

import msgspec

from ..errors import ConfigurationError, InvalidInputError
from ..prices import NOTHING, Estimate, estimate
from ..threads import finished
from .items import Item
from .kinds import Work, work_named

_AT_ONCE = 500  # rows read in one go
_ERRORS_KEPT = 50
_KEYS = ("key", "id")  # columns that name a row, when nothing else is said
_PLACE = re.compile(r"\{([^{}\"':,]+)\}")  # and no JSON object
_PATH = re.compile(r"`\$\.?([^`]*)`")
_MISSING = re.compile(r"required field `(\w+)`")
#: The columns of https://developers.heygen.com/docs/bulk-video-translation, and what they are in a request.
_DOCUMENTED = {"url": "video", "output_language": "output_languages"}


class RowError(msgspec.Struct, frozen=True):
    """What is wrong with a row: its line in the file (from 1), the column, and why."""

    line: int
    column: str | None
    problem: str

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"line {self.line}{column}: {self.problem}"


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at the whole file found, before anything is made; `errors` are the first of all that are `wrong`."""

    rows: int
    wrong: int
    errors: list[RowError]
    estimate: Estimate


class Sheet:
    """A file of rows.

    :param of: the resource that they are for; by default translations for the documentation's sheet, else videos
    :param key: the column by which a row is known again; by default `key` or `id`, else the row's whole content
    :raises ConfigurationError: it cannot be read
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        of: str | None = None,
        key: str | None = None,
        mapped: Mapping[str, str] | None = None,
        fixed: Mapping[str, str] | None = None,
    ) -> None:
        self.path: Path = Path(path)
        self.is_json: bool = self.path.suffix.lower() in {".jsonl", ".ndjson", ".json"}
        self.columns: list[str] = self._columns()
        documented = {"output_language", "url"} <= set(self.columns)
        self.work: Work = work_named(of or ("video_translations" if documented else "videos"))
        if key is not None and key not in self.columns:
            raise InvalidInputError("--key", key, f"a column of {self.path.name}: {', '.join(self.columns)}")
        self._key = key or next((name for name in _KEYS if name in self.columns), None)
        known = _DOCUMENTED if documented and self.work.of == "video_translations" else {}
        self._field_of: dict[str, str] = {name: name for name in self.columns} | known | dict(mapped or {})
        self._fixed = dict(fixed or {})
        self._shapes = _shapes_of(self.work.takes)
        self._fields = {field for fields in self._shapes.values() for field in fields}
        for name in mapped or {}:
            if name not in self.columns:
                raise InvalidInputError("--map", name, f"a column of {self.path.name}: {', '.join(self.columns)}")
        for flag, fields in (("--map", (mapped or {}).values()), ("--set", self._fixed)):
            for field in fields:
                if not self._is_sent(field):
                    raise InvalidInputError(
                        flag, field, f"a field of {self.work.of}: {', '.join(sorted(self._fields))}"
                    )

    def _is_sent(self, field: str) -> bool:
        return field.partition(".")[0] in self._fields

    @property
    def unsent(self) -> list[str]:
        """The columns that are no fields."""
        return [name for name in self.columns if not self._is_sent(self._field_of[name]) and name != self._key]

    def _columns(self) -> list[str]:
        found: list[str] = []
        with self._opened() as file:
            if not self.is_json:
                found += next(csv.reader(file), ())
            elif first := file.readline().strip():
                try:
                    found = list(msgspec.json.decode(first, type=dict[str, Any]))
                except msgspec.DecodeError as problem:
                    raise ConfigurationError(f"{self.path}, line 1 is no JSON object ({problem}).") from None
        if not found or len(set(found)) != len(found):
            raise ConfigurationError(f"{self.path} begins with no row of column names, each there once.")
        return found

    @contextmanager
    def _opened(self) -> Generator[TextIO]:
        try:
            with self.path.open(encoding="utf-8-sig", newline="" if not self.is_json else None) as file:
                yield file
        except OSError as problem:
            raise ConfigurationError(f"{self.path} cannot be read ({problem.strerror}).") from None
        except (UnicodeDecodeError, csv.Error) as problem:
            raise ConfigurationError(f"{self.path} cannot be read as text in UTF-8: {problem}.") from None

    def _records(self, file: TextIO) -> Iterator[tuple[int, dict[str, Any] | RowError]]:
        reader = csv.reader(file)
        next(reader, None)
        columns, line = self.columns, reader.line_num + 1
        for cells in reader:
            if len(cells) > len(columns):
                yield line, RowError(line, None, f"{len(cells)} cells, but there are {len(columns)} columns")
            elif cells:
                yield line, dict(zip_longest(columns, cells, fillvalue=""))
            line = reader.line_num + 1

    def _objects(self, file: TextIO) -> Iterator[tuple[int, dict[str, Any] | RowError]]:
        decode = msgspec.json.Decoder(dict[str, Any]).decode
        for line, text in enumerate(file, 1):
            if not text.strip():
                continue
            try:
                yield line, decode(text)
            except msgspec.DecodeError as problem:
                yield line, RowError(line, None, f"no JSON object ({problem})")

    def rows(self) -> Generator[tuple[dict[str, Any], Item | RowError]]:
        """Each row, and what is asked for by it."""
        times: dict[int, int] = {}
        with self._opened() as file:
            for line, row in self._objects(file) if self.is_json else self._records(file):
                if isinstance(row, RowError):
                    yield {}, row
                    continue
                try:
                    key = self._key_of(row, times)
                    yield row, Item(key, self._request(row), self.work.of)
                except InvalidInputError as wrong:
                    yield row, self._refused(line, wrong)
                except msgspec.ValidationError as wrong:
                    yield row, self._misfit(line, str(wrong))

    def _refused(self, line: int, wrong: InvalidInputError) -> RowError:
        if wrong.value is None or wrong.value == "":
            return self._absent(line, wrong.field, f"expected {wrong.expected}")
        return RowError(line, self._column_of(wrong.field), f"{wrong.value!r}; expected {wrong.expected}")

    def _misfit(self, line: int, said: str) -> RowError:
        path, missing = _PATH.search(said), _MISSING.search(said)
        field = ".".join(found[1] for found in (path, missing) if found)
        if missing:
            return self._absent(line, field, "it is required")
        return RowError(line, self._column_of(field) if field else None, said)

    def _absent(self, line: int, field: str, why: str) -> RowError:
        """A row without what it needs: in an empty cell, or because no column holds it."""
        column = self._column_of(field)
        if column in self.columns:
            return RowError(line, column, f"it is empty; {why}")
        unused = f" (not used: {', '.join(self.unsent)})" if self.unsent else ""
        return RowError(
            line,
            None,
            f"there is no column {column}; {why}. Name the one that holds it with --map COLUMN={column}{unused}, or "
            f"give it for all rows with --set {column}=VALUE",
        )

    def _key_of(self, row: Mapping[str, Any], times: dict[int, int]) -> str:
        """By what it is known again; `times` counts, by their hashes, how often each key was there."""
        if self._key is not None:
            key = str(row.get(self._key) or "").strip()
            if not key:
                raise InvalidInputError(self._key, key, "a key; each row needs one of its own")
        else:
            key = hashlib.blake2b(msgspec.json.encode(row), digest_size=10).hexdigest()
        number = hash(key)
        times[number] = times.get(number, 0) + 1
        if times[number] == 1:
            return key
        if self._key is not None:
            raise InvalidInputError(self._key, key, "a key of its own for each row; this one was there before")
        return f"{key}-{times[number]}"

    def _request(self, row: Mapping[str, Any]) -> Any:
        given = {
            field: value
            for column, value in row.items()
            if value is not None and value != "" and self._is_sent(field := self._field_of.get(column, column))
        }
        for field, template in self._fixed.items():
            given[field] = _PLACE.sub(lambda found: _value(row, found[1]), template)
        kind = None
        if None not in self._shapes:
            kind = given.setdefault("type", "image" if "image" in given else "avatar")
        fields = self._shapes.get(kind)
        if fields is None:
            raise InvalidInputError("type", kind, f"one of {', '.join(map(str, self._shapes))}")
        request: dict[str, Any] = {}
        for field, value in given.items():
            name = field.partition(".")[0]
            if name not in fields:
                raise InvalidInputError(field, value, f"nothing: it is no field of type {kind}")
            _put(request, field, _cell(value, is_list=fields[name]) if isinstance(value, str) else value)
        made = msgspec.convert(request, self.work.takes, strict=False)
        self.work.check(made)
        return made

    def _column_of(self, field: str) -> str:
        """The column that a field came from."""
        name = field.removeprefix("request.")
        for column, to in self._field_of.items():
            if to == name or name.startswith((f"{to}.", f"{to}[")):
                return column
        return name

    def check(self) -> Checked:
        """Look at every row. Runs in a thread."""
        rows = wrong = 0
        errors: list[RowError] = []
        total = NOTHING
        for _, item in self.rows():
            rows += 1
            if isinstance(item, RowError):
                wrong += 1
                if len(errors) < _ERRORS_KEPT:
                    errors.append(item)
            else:
                total += estimate(item.of, item.request)
        return Checked(rows=rows, wrong=wrong, errors=errors, estimate=total)

    async def __aiter__(self) -> AsyncGenerator[Item]:
        """All requests, those that are wrong left out."""
        async for some in self.chunks():
            for item in some:
                yield item

    async def chunks(self) -> AsyncGenerator[Sequence[Item]]:
        """The same, some at a time."""
        rows = (item for _, item in self.rows() if isinstance(item, Item))
        try:
            while some := await finished(lambda: list(islice(rows, _AT_ONCE))):
                yield some
        finally:
            await finished(rows.close)


def _shapes_of(shape: Any) -> dict[str | None, dict[str, bool]]:
    """The fields that a request may have, and whether each is a list; by its `type`, where that decides."""
    members = getattr(shape, "__args__", None)
    if members:
        return {member.__struct_config__.tag: {**_fields_of(member), "type": False} for member in members}
    return {None: _fields_of(shape)}


def _fields_of(shape: Any) -> dict[str, bool]:
    described = cast("msgspec.inspect.StructType", msgspec.inspect.type_info(shape))
    return {field.encode_name: _is_list(field.type) for field in described.fields}


def _is_list(kind: Any) -> bool:
    if isinstance(kind, msgspec.inspect.UnionType):
        return any(_is_list(one) for one in kind.types)
    return isinstance(kind, msgspec.inspect.ListType | msgspec.inspect.CollectionType)


def _cell(text: str, *, is_list: bool) -> Any:
    """A cell as JSON, if it is some; as the parts between semicolons, where a list is wanted."""
    if text.startswith(("[", "{")):
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(text)
    return [part.strip() for part in text.split(";") if part.strip()] if is_list else text


def _put(request: dict[str, Any], field: str, value: Any) -> None:
    *above, name = field.split(".")
    for part in above:
        request = request.setdefault(part, {})
    request[name] = value


def _value(row: Mapping[str, Any], column: str) -> str:
    if column not in row:
        raise InvalidInputError("--set", f"{{{column}}}", "the name of a column in braces")
    return str(row[column])
