"""A CSV or JSON Lines file as rows of a batch: an item for each row, or an error with line and column.

Columns that are no fields are kept for the results, and not sent. The documentation's sheet for translations
(`title,output_language,url,folder_id`) works unchanged. A later run recognises a row by its key column, or by a digest
of its request.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any, cast

import msgspec

from .._http.limits import DEFAULT_LIMITS, Limits
from .._http.worker_threads import run_in_thread
from ..errors import InvalidInputError
from ..types.redaction import format_value
from .digests import encode_file
from .key_index import Duplicate, KeyIndex
from .kinds import BatchKind, kind_named
from .rows import Item, check_key
from .sheet_file import RowError, SheetFile
from .sheet_requests import RequestBuilder, is_translation_sheet

CHUNK = 500  # rows
_KEY_COLUMNS = ("key", "id")
_ERROR_PATH = re.compile(r"`\$\.?([^`]*)`")
_ERROR_MISSING = re.compile(r"required field `(\w+)`")


class SheetRow(msgspec.Struct, frozen=True):
    """One row of a sheet: its line, its cells by column, and its item or its error."""

    line: int
    cells: Mapping[str, Any]
    item: Item | RowError


class Sheet:
    """A file of rows. `chunks` is for a run; all other methods block.

    Args:
        path: The file; see `SheetFile`.
        kind: The kind of the rows; by default translations for the documentation's sheet, otherwise videos.
        key: The column that identifies a row; by default `key` or `id`, otherwise a digest of the row's request.
        column_fields: The field of each column whose name differs from its field.
        constants: The values of fields for all rows. `{column}` in a value is replaced by the row's cell.
        delimiter: The delimiter between a CSV file's cells; by default it is detected.
        files: The folder of the local files that cells may name; None if they may name none.
        limits: The limits; `sheet_line` and `sheet_cell` count here.

    Attributes:
        key_column: The column that identifies a row; None for a digest.

    Raises:
        ConfigurationError: The file cannot be read.
        InvalidInputError: An argument names no column or no field.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        kind: str | None = None,
        key: str | None = None,
        column_fields: Mapping[str, str] | None = None,
        constants: Mapping[str, str] | None = None,
        delimiter: str | None = None,
        files: str | PathLike[str] | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.path: Path = Path(path)
        self._file = SheetFile(self.path, delimiter, limits)
        self.is_json: bool = self._file.is_json
        self.delimiter: str = self._file.delimiter
        self.columns: list[str] = self._file.columns
        default_kind = "video_translations" if is_translation_sheet(self.columns) else "videos"
        self.kind: BatchKind = kind_named(kind or default_kind)
        for option, names in (("--key", [] if key is None else [key]), ("--map", column_fields or {})):
            for name in names:
                if name not in self.columns:
                    raise InvalidInputError(option, name, f"a column of {self.path.name}: {', '.join(self.columns)}")
        self.key_column: str | None = key or next((name for name in _KEY_COLUMNS if name in self.columns), None)
        folder = None if files is None else Path(files)
        self._builder = RequestBuilder(self.kind, self.columns, column_fields or {}, constants or {}, folder)

    @property
    def unsent_columns(self) -> list[str]:
        """The columns that are not sent, without the key column."""
        return [name for name in self.columns if name != self.key_column and not self._builder.is_sent(name)]

    def column_of(self, field: str) -> str:
        """Return the column that fills a field, or the field itself."""
        return self._builder.column_of(field)

    def rows(self) -> Generator[SheetRow]:
        """Yield the rows."""
        with closing(self._file.rows()) as rows, KeyIndex() as index:
            while chunk := list(islice(rows, CHUNK)):
                built = [self._row(line, cells) for line, cells in chunk]
                duplicates = index.add({row.line: row.item.key for row in built if isinstance(row.item, Item)})
                for row in built:
                    duplicate = duplicates.get(row.line)
                    yield row if duplicate is None else self._with_other_key(row, duplicate)

    def _row(self, line: int, cells: Mapping[str, Any] | RowError) -> SheetRow:
        if isinstance(cells, RowError):
            return SheetRow(line, {}, cells)
        return SheetRow(line, cells, self._item(line, cells))

    def _with_other_key(self, row: SheetRow, duplicate: Duplicate) -> SheetRow:
        """Return a row whose key an earlier row has: with an error, or with a number after its digest."""
        item = cast("Item", row.item)
        if self.key_column is None:
            other: Item | RowError = msgspec.structs.replace(item, key=f"{item.key}-{duplicate.occurrences}")
        else:
            expected = f"a unique key; line {duplicate.first_row} has the same one"
            other = RowError(row.line, self.key_column, f"{format_value(item.key)}; expected {expected}")
        return msgspec.structs.replace(row, item=other)

    def _item(self, line: int, cells: Mapping[str, Any]) -> Item | RowError:
        try:
            request = self._builder.build(cells)
            return Item(self._key(cells, request), request, self.kind.resource)
        except InvalidInputError as error:
            if error.value is None or error.value == "":
                return self._missing_value(line, error.field, f"expected {error.expected}")
            shown = format_value(error.value)
            return RowError(line, self.column_of(error.field), f"{shown}; expected {error.expected}")
        except RecursionError:  # of a JSON value in a JSON Lines file
            return RowError(line, None, "a value has too many levels")
        except msgspec.ValidationError as error:
            return self._wrong_type(line, str(error))

    def _key(self, cells: Mapping[str, Any], request: Any) -> str:
        if self.key_column is None:
            content = msgspec.json.encode(request, enc_hook=encode_file, order="sorted")
            return hashlib.blake2b(content, digest_size=10).hexdigest()
        cell = cells.get(self.key_column)
        key = "" if cell is None else str(cell).strip()
        if not key:
            raise InvalidInputError(self.key_column, key, "a key; each row needs a unique one")
        check_key(self.key_column, key)
        return key

    def _wrong_type(self, line: int, message: str) -> RowError:
        path, missing = _ERROR_PATH.search(message), _ERROR_MISSING.search(message)
        field = ".".join(match[1] for match in (path, missing) if match)
        if missing:
            return self._missing_value(line, field, "it is required")
        return RowError(line, self.column_of(field) if field else None, message)

    def _missing_value(self, line: int, field: str, reason: str) -> RowError:
        column = self.column_of(field)
        if column in self.columns:
            return RowError(line, column, f"the cell is empty; {reason}")
        unsent = f" (not used: {', '.join(self.unsent_columns)})" if self.unsent_columns else ""
        return RowError(
            line,
            None,
            f"there is no column {column}; {reason}. Name the column for it with --map COLUMN={column}{unsent}, or "
            f"set it for all rows with --set {column}=VALUE",
        )

    async def __aiter__(self) -> AsyncGenerator[Item]:
        """Yield the items of all valid rows."""
        async for chunk in self.chunks():
            for item in chunk:
                yield item

    async def chunks(self) -> AsyncGenerator[Sequence[Item]]:
        """Yield the items of all valid rows, in chunks that are read in a thread."""
        rows = self.rows()
        try:
            while chunk := await run_in_thread(lambda: list(islice(rows, CHUNK))):
                yield [row.item for row in chunk if isinstance(row.item, Item)]
        finally:
            await run_in_thread(rows.close)
