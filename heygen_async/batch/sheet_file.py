"""A sheet's file: opening it in its encoding, its columns, and its raw rows. CSV is parsed in `csv_syntax.py`.

The encoding is UTF-8 or, with a byte order mark, UTF-16.
"""

from __future__ import annotations

import codecs
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import msgspec

from ..errors import ConfigurationError
from .csv_syntax import read_header, read_records

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

    Raises:
        ConfigurationError: The file cannot be read, or its first line names no columns.
    """

    def __init__(self, path: Path, delimiter: str | None = None) -> None:
        self.path = path
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
        line = file.readline().strip()
        try:
            return list(msgspec.json.decode(line, type=dict[str, Any])) if line else []
        except (msgspec.DecodeError, RecursionError) as error:
            raise ConfigurationError(f"{self.path}, line 1 is not a JSON object ({error}).") from None

    def _read_csv_names(self, file: TextIO, delimiter: str | None) -> list[str]:
        try:
            names, self.delimiter = read_header(file, delimiter)
        except UnicodeError:
            raise
        except ValueError as error:
            raise ConfigurationError(f"{self.path}, line 1: {error}.") from None
        return names

    def rows(self) -> Generator[tuple[int, dict[str, Any] | RowError]]:
        """Yield each row with the line on which it starts. Blank rows are left out."""
        with self._open() as file:
            if self.is_json:
                yield from _read_objects(file)
                return
            for line, record in read_records(file, self.delimiter, self.columns, self._max_cells):
                yield line, RowError(line, None, record) if isinstance(record, str) else record

    @contextmanager
    def _open(self) -> Generator[TextIO]:
        try:
            if stat.S_ISFIFO(self.path.stat().st_mode):
                raise ConfigurationError(
                    f"{self.path} is a pipe, and a sheet is read twice. Save it in a file and pass the file."
                )
            with self.path.open("rb") as file:
                encoding = "utf-16" if file.read(2) in _UTF_16_MARKS else "utf-8-sig"
            with self.path.open(encoding=encoding, newline=None if self.is_json else "") as text:
                yield text
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


def _read_objects(file: TextIO) -> Iterator[tuple[int, dict[str, Any] | RowError]]:
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    for line, text in enumerate(file, 1):
        if not text.strip():
            continue
        try:
            yield line, decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            yield line, RowError(line, None, f"not a JSON object ({error})")
