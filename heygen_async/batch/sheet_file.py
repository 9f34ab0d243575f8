"""A sheet's file: opening it in its encoding, its columns, and its raw rows. CSV is parsed in `csv_syntax.py`.

The encoding is UTF-8 or, with a byte order mark, UTF-16.
"""

from __future__ import annotations

import codecs
import stat
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

import msgspec

from .._files.local_files import open_regular_file
from .._http.limits import DEFAULT_LIMITS, Limits
from ..errors import ConfigurationError
from .csv_syntax import read_header, read_lines, read_records

_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class RowError(msgspec.Struct, frozen=True):
    """A problem of one row: its line in the file (from 1), its column if one is at fault, and the reason."""

    line: int
    column: str | None
    problem: str

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"line {self.line}{column}: {self.problem}"


class SheetFile:
    """A CSV or JSON Lines file. All methods block; call them in a thread.

    Args:
        path: The file. Its suffix decides: `.jsonl`, `.ndjson` and `.json` are JSON Lines, all others CSV.
        delimiter: The delimiter between a CSV file's cells; by default it is detected.
        limits: The limits; `sheet_line` and `sheet_cell` count here.

    Raises:
        ConfigurationError: The file cannot be read, or its first line names no columns.
    """

    def __init__(self, path: Path, delimiter: str | None = None, limits: Limits = DEFAULT_LIMITS) -> None:
        self.path = path
        self._limits = limits
        self.is_json: bool = path.suffix.lower() in {".jsonl", ".ndjson", ".json"}
        self.delimiter: str = delimiter or ","
        with self._open() as file:
            names = self._read_json_names(file) if self.is_json else self._read_csv_names(file, delimiter)
        self._max_cells = len(names)
        while not self.is_json and names and not names[-1].strip():
            names.pop()
        if not names or len(set(names)) != len(names):
            raise ConfigurationError(f"The first line of {path} must name the columns, each of them once.")
        self.columns: list[str] = names

    def _read_json_names(self, file: TextIO) -> list[str]:
        try:
            line = next(read_lines(file, self._limits.sheet_line), "").strip()
            return list(msgspec.json.decode(line, type=dict[str, Any])) if line else []
        except UnicodeError:
            raise
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(f"{self.path}, line 1 is not a JSON object ({error}).") from None

    def _read_csv_names(self, file: TextIO, delimiter: str | None) -> list[str]:
        try:
            names, self.delimiter = read_header(file, delimiter, self._limits.sheet_line)
        except UnicodeError:
            raise
        except ValueError as error:
            raise ConfigurationError(f"{self.path}, line 1: {error}.") from None
        return names

    def rows(self) -> Generator[tuple[int, dict[str, Any] | RowError]]:
        """Yield each row with the line on which it starts. Blank rows are left out."""
        with self._open() as file:
            lines = read_lines(file, self._limits.sheet_line)
            if self.is_json:
                records = _read_objects(lines)
            else:
                records = read_records(lines, self.delimiter, self.columns, self._max_cells)
            for line, record in records:
                yield line, RowError(line, None, record) if isinstance(record, str) else self._checked(line, record)

    def _checked(self, line: int, record: dict[str, Any]) -> dict[str, Any] | RowError:
        """Return a record, or the error of a cell over the limit."""
        max_length = self._limits.sheet_cell
        if not self.is_json and max(map(len, record.values())) <= max_length:
            return record
        for column, cell in record.items():
            if isinstance(cell, str) and len(cell) > max_length:
                return RowError(line, column, f"the cell has more than {max_length:,} characters (limits.sheet_cell)")
        return record

    @contextmanager
    def _open(self) -> Generator[TextIO]:
        try:
            if stat.S_ISFIFO(self.path.stat().st_mode):
                raise ConfigurationError(
                    f"{self.path} is a pipe, and a sheet is read twice. Save it in a file and pass the file."
                )
            with BufferedReader(open_regular_file(self.path)) as file:
                encoding = "utf-16" if file.read(2) in _UTF_16_MARKS else "utf-8-sig"
                file.seek(0)
                yield TextIOWrapper(file, encoding, newline=None if self.is_json else "")
        except OSError as error:
            raise ConfigurationError(f"{self.path} cannot be read ({error.strerror}).") from None
        except UnicodeError as error:
            advice = "" if self.is_json else ': in Excel, save it as "CSV UTF-8"'
            raise ConfigurationError(f"{self._position(error)} is not UTF-8. Save it as UTF-8{advice}.") from None

    def _position(self, error: UnicodeError) -> str:
        """Return the file, and the line that is not UTF-8."""
        if not isinstance(error, UnicodeDecodeError) or error.encoding.startswith("utf-8"):
            with self.path.open("rb") as file:
                for number, line in enumerate(file, 1):
                    try:
                        line.decode()
                    except UnicodeDecodeError as invalid:
                        return f"{self.path}, line {number} (byte 0x{line[invalid.start]:02x})"
        return str(self.path)


def _read_objects(lines: Iterator[str]) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield the object of each line, or a message that says why it is none."""
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    number = 0
    try:
        for number, text in enumerate(lines, 1):
            if text.strip():
                yield number, _decode_object(decode, text)
    except UnicodeError:
        raise
    except ValueError as error:
        yield number + 1, f"{error}. Nothing after it was read"


def _decode_object(decode: Callable[[str], dict[str, Any]], text: str) -> dict[str, Any] | str:
    try:
        return decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        return f"not a JSON object ({error})"
