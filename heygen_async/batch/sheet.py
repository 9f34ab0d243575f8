"""Rows of a CSV or JSON Lines file as requests: streamed, checked with line and column, and joined with their outcomes.

A column goes to the field of its name; `voice_settings.speed` reaches into a struct. `mapped` renames columns, `fixed`
gives fields for all rows, in which `{column}` stands for the row's own value. Cells that hold JSON objects or lists
are read as such; empty cells are left out. The documentation's sheet for translations (`title,output_language,url,
folder_id`) needs no mapping. Columns that are no fields are carried along, and not sent; a field that a struct has
not is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any, Literal, cast

import msgspec

from .._files import request_files
from .._http.worker_threads import run_in_thread
from ..errors import InvalidInputError
from ..pricing import NOTHING, Estimate, estimate
from .items import Item, check_file, check_key, digest_of, unreadable
from .journal import MADE, Entry, Journal
from .kinds import Work, work_named
from .table import RowError, Table

_AT_ONCE = 500  # rows read in one go
_ERRORS_KEPT = 50
_KEYS = ("key", "id")  # columns that name a row, when nothing else is said
_PLACE = re.compile(r"\{([^{}\"':,]+)\}")  # and no JSON object
_PATH = re.compile(r"`\$\.?([^`]*)`")
_MISSING = re.compile(r"required field `(\w+)`")
#: The columns of https://developers.heygen.com/docs/bulk-video-translation, and what they are in a request.
_DOCUMENTED = {"url": "video", "output_language": "output_languages"}


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at the whole file found, before anything is made; `errors` are the first of all that are `wrong`.

    `begun` are the rows that an earlier run took up, `gone` its rows that are not in the file; `estimate` is what the
    rest costs.
    """

    rows: int
    wrong: int
    errors: list[RowError]
    estimate: Estimate
    begun: int = 0
    gone: int = 0


class Sheet:
    """A file of rows.

    Args:
        kind: The resource that they are for; by default translations for the documentation's sheet, else videos.
        key: The column by which a row is known again; by default `key` or `id`, else what is sent for it.
        delimiter: What stands between a CSV file's cells; by default its first line tells.

    Raises:
        ConfigurationError: It cannot be read.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        kind: str | None = None,
        key: str | None = None,
        mapped: Mapping[str, str] | None = None,
        fixed: Mapping[str, str] | None = None,
        delimiter: str | None = None,
    ) -> None:
        self.path: Path = Path(path)
        self._table = Table(self.path, delimiter)
        self.is_json: bool = self._table.is_json
        self.delimiter: str = self._table.delimiter
        self.columns: list[str] = self._table.columns
        documented = {"output_language", "url"} <= set(self.columns)
        self.work: Work = work_named(kind or ("video_translations" if documented else "videos"))
        if key is not None and key not in self.columns:
            raise InvalidInputError("--key", key, f"a column of {self.path.name}: {', '.join(self.columns)}")
        self.key: str | None = key or next((name for name in _KEYS if name in self.columns), None)
        self._known: frozenset[str] = frozenset()  # the keys of an earlier run
        known = _DOCUMENTED if documented and self.work.resource == "video_translations" else {}
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
                        flag, field, f"a field of {self.work.resource}: {', '.join(sorted(self._fields))}"
                    )

    def _is_sent(self, field: str) -> bool:
        return field.partition(".")[0] in self._fields

    @property
    def unsent(self) -> list[str]:
        """The columns that are no fields, and stand in none."""
        used = {self.key, *(name for template in self._fixed.values() for name in _PLACE.findall(template))}
        return [name for name in self.columns if not self._is_sent(self._field_of[name]) and name not in used]

    def rows(self) -> Generator[tuple[dict[str, Any], Item | RowError]]:
        """Each row, and what is asked for by it."""
        with closing(self._numbered()) as rows:
            for _, row, item in rows:
                yield row, item

    def _numbered(self) -> Generator[tuple[int, dict[str, Any], Item | RowError]]:
        """The same, with their lines."""
        times: dict[int, int] = {}
        with closing(self._table.rows()) as rows:
            for line, row in rows:
                if isinstance(row, RowError):
                    yield line, {}, row
                    continue
                try:
                    request = self._request(row)
                    yield line, row, Item(self._key_of(row, request, times), request, self.work.resource)
                except InvalidInputError as wrong:
                    yield line, row, self._refused(line, wrong)
                except msgspec.ValidationError as wrong:
                    yield line, row, self._misfit(line, str(wrong))

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

    def _key_of(self, row: Mapping[str, Any], request: Any, times: dict[int, int]) -> str:
        """By what it is known again; `times` counts, by their hashes, how often each key was there."""
        if self.key is not None:
            given = row.get(self.key)
            key = "" if given is None else str(given).strip()
            if not key:
                raise InvalidInputError(self.key, key, "a key; each row needs one of its own")
            check_key(self.key, key)
            if _counted(key, times) > 1:
                raise InvalidInputError(self.key, key, "a key of its own for each row; this one was there before")
            return key
        key = _numbered(_hashed(request), times)
        if self._known and key not in self._known:  # the first versions went by all cells, sent or not
            earlier = _numbered(_hashed(row, order=None), times)
            return earlier if earlier in self._known else key
        return key

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
        for field, value, known in _strays(request, made):
            raise InvalidInputError(field, value, f"nothing: it is no field; there are {', '.join(known)}")
        self.work.check(made)
        return made

    def _column_of(self, field: str) -> str:
        """The column that a field came from."""
        name = field.removeprefix("request.")
        for column, to in self._field_of.items():
            if to == name or name.startswith((f"{to}.", f"{to}[")):
                return column
        return name

    def check(self, journal: Journal | None = None, *, retry_failed: bool = False) -> Checked:
        """Look at every row, and at the files that it names. Runs in a thread.

        Args:
            journal: An earlier run's; what it has begun is not paid for again, and needs no files.
        """
        gone: set[str] = set() if journal is None else set(journal.keys())
        self._known = frozenset(gone)
        rows = wrong = begun = 0
        errors: list[RowError] = []
        total = NOTHING
        files: dict[str, InvalidInputError | None] = {}
        for line, row, found, entry in self._entered(journal):
            rows += 1
            item: Item | RowError = found
            if isinstance(item, Item):
                gone.discard(item.key)
                if entry is not None and _is_begun(entry, item, retry_failed=retry_failed):
                    begun += 1
                    continue
                total += estimate(item.kind, item.request)
                item = self._without_file(line, row, item, files) or item
            if isinstance(item, RowError):
                wrong += 1
                if len(errors) < _ERRORS_KEPT:
                    errors.append(item)
        return Checked(rows=rows, wrong=wrong, errors=errors, estimate=total, begun=begun, gone=len(gone))

    def _entered(
        self, journal: Journal | None
    ) -> Iterator[tuple[int, Mapping[str, Any], Item | RowError, Entry | None]]:
        """The rows with their lines, and with what a journal knows of them."""
        with closing(self._numbered()) as rows:
            while some := list(islice(rows, _AT_ONCE)):
                keys = [item.key for _, _, item in some if isinstance(item, Item)]
                entries = {} if journal is None else journal.read(keys)
                for line, row, item in some:
                    yield line, row, item, entries.get(item.key) if isinstance(item, Item) else None

    def _without_file(
        self, line: int, row: Mapping[str, Any], item: Item, seen: dict[str, InvalidInputError | None]
    ) -> RowError | None:
        """What is wrong when a local file of the request cannot be sent."""
        for path, field in request_files.local_paths(item.request).items():
            if path not in seen:
                seen[path] = None
                try:
                    check_file(path)
                except (OSError, ValueError) as problem:
                    seen[path] = unreadable(field, path, problem)
            if (wrong := seen[path]) is not None:
                column = next((name for name, cell in row.items() if cell == path), self._column_of(field))
                return RowError(line, column, f"{wrong.value!r}; expected {wrong.expected}")
        return None

    async def __aiter__(self) -> AsyncGenerator[Item]:
        """All requests, those that are wrong left out."""
        async for some in self.chunks():
            for item in some:
                yield item

    async def chunks(self) -> AsyncGenerator[Sequence[Item]]:
        """The same, some at a time."""
        rows = (item for _, item in self.rows() if isinstance(item, Item))
        try:
            while some := await run_in_thread(lambda: list(islice(rows, _AT_ONCE))):
                yield some
        finally:
            await run_in_thread(rows.close)


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


def _strays(given: Any, made: Any, where: str = "") -> Iterator[tuple[str, Any, list[str]]]:
    """What was given and is not in what was made of it: its place, its value, and what there could be."""
    if isinstance(given, dict):
        fields: dict[str, Any] = {}
        if isinstance(made, msgspec.Struct):
            fields = dict(zip(made.__struct_encode_fields__, msgspec.structs.astuple(made), strict=True))
            fields[made.__struct_config__.tag_field or ""] = None
        elif isinstance(made, Mapping):
            fields = dict(cast("Mapping[str, Any]", made))
        for name, value in cast("dict[str, Any]", given).items():
            place = f"{where}.{name}" if where else name
            if name in fields:
                if isinstance(value, dict | list):
                    yield from _strays(value, fields[name], place)
            elif value is not None:
                yield place, value, sorted(filter(None, fields))
    elif isinstance(given, list) and isinstance(made, list):
        pairs = zip(cast("Sequence[Any]", given), cast("Sequence[Any]", made), strict=True)
        for number, (one, other) in enumerate(pairs):
            yield from _strays(one, other, f"{where}[{number}]")


def _is_begun(entry: Entry, item: Item, *, retry_failed: bool) -> bool:
    """Whether nothing more is paid for, unless HeyGen never took it; a changed row is a new one."""
    if entry.state not in MADE and (entry.state != "failed" or retry_failed):
        return False
    return bool(request_files.local_paths(item.request)) or digest_of(item) == entry.digest


def _hashed(content: Any, order: Literal["sorted"] | None = "sorted") -> str:
    return hashlib.blake2b(msgspec.json.encode(content, order=order), digest_size=10).hexdigest()


def _counted(key: str, times: dict[int, int]) -> int:
    number = hash(key)
    times[number] = times.get(number, 0) + 1
    return times[number]


def _numbered(key: str, times: dict[int, int]) -> str:
    """The key, and which of those with the same one it is."""
    count = _counted(key, times)
    return key if count == 1 else f"{key}-{count}"


def _value(row: Mapping[str, Any], column: str) -> str:
    if column not in row:
        raise InvalidInputError("--set", f"{{{column}}}", "the name of a column in braces")
    return str(row[column])
