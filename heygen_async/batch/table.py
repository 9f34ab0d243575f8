"""A sheet's file: its columns, and its rows as they stand in it, each with the line that it begins on.

A CSV file may have commas, semicolons or tabs between its cells, which its first line tells, and be in UTF-8 or, with a
byte order mark, in UTF-16. What cannot be read as CSV ends it: nothing tells which cells of the rest belong together.
"""

from __future__ import annotations

import codecs
import csv
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any, TextIO

import msgspec

from ..errors import ConfigurationError

_DELIMITERS = (",", ";", "\t")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class RowError(msgspec.Struct, frozen=True):
    """What is wrong with a row: its line in the file (from 1), the column, and why."""

    line: int
    column: str | None
    problem: str

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"line {self.line}{column}: {self.problem}"


class Table:
    """A CSV or JSON Lines file.

    Args:
        delimiter: What stands between cells; by default what the first line has most of.

    Raises:
        ConfigurationError: It cannot be read.
    """

    def __init__(self, path: Path, delimiter: str | None = None) -> None:
        self.path = path
        self.is_json: bool = path.suffix.lower() in {".jsonl", ".ndjson", ".json"}
        self.delimiter: str = delimiter or ","
        with self._opened() as file:
            found = self._keys(file) if self.is_json else self._header(file, delimiter)
        self._width = len(found)
        while not self.is_json and found and not found[-1].strip():
            found.pop()
        if not found or len(set(found)) != len(found):
            raise ConfigurationError(f"{path} begins with no row of column names, each there once.")
        self.columns: list[str] = found

    def _keys(self, file: TextIO) -> list[str]:
        first = file.readline().strip()
        try:
            return list(msgspec.json.decode(first, type=dict[str, Any])) if first else []
        except msgspec.DecodeError as problem:
            raise ConfigurationError(f"{self.path}, line 1 is no JSON object ({problem}).") from None

    def _header(self, file: TextIO, delimiter: str | None) -> list[str]:
        """The cells of the first line, read in the way that gives the most of them."""
        found: list[str] = []
        wrong: csv.Error | None = None
        for one in (delimiter,) if delimiter else _DELIMITERS:
            file.seek(0)
            try:
                cells = next(csv.reader(file, delimiter=one, strict=True), list[str]())
            except csv.Error as problem:
                wrong = wrong or problem
                continue
            if len(cells) > len(found):
                found, self.delimiter = cells, one
        if wrong is not None and len(found) <= 1:
            raise ConfigurationError(f"{self.path}, line 1: {_told(wrong)}.")
        return found

    @contextmanager
    def _opened(self) -> Generator[TextIO]:
        try:
            if stat.S_ISFIFO(self.path.stat().st_mode):  # whose reader would wait, and which can be read once
                raise ConfigurationError(
                    f"{self.path} is a pipe, and a sheet is read more than once: save it in a file."
                )
            with self.path.open("rb") as begins:
                encoding = "utf-16" if begins.read(2) in _UTF_16 else "utf-8-sig"
            with self.path.open(encoding=encoding, newline="" if not self.is_json else None) as file:
                yield file
        except OSError as problem:
            raise ConfigurationError(f"{self.path} cannot be read ({problem.strerror}).") from None
        except UnicodeError as problem:
            how = "" if self.is_json else ': in Excel, save it as "CSV UTF-8"'
            raise ConfigurationError(
                f"{self._undecoded(problem)} is no text in UTF-8. Save it as UTF-8{how}."
            ) from None

    def _undecoded(self, problem: UnicodeError) -> str:
        """The file, and the line that could not be decoded."""
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    line.decode()
                except UnicodeDecodeError as wrong:
                    if not isinstance(problem, UnicodeDecodeError) or problem.encoding.startswith("utf-8"):
                        return f"{self.path}, line {number} (byte 0x{line[wrong.start]:02x})"
                    break
        return str(self.path)

    def rows(self) -> Generator[tuple[int, dict[str, Any] | RowError]]:
        """The rows, and the lines that they begin on; blank ones are left out."""
        with self._opened() as file:
            yield from self._objects(file) if self.is_json else self._records(file)

    def _records(self, file: TextIO) -> Iterator[tuple[int, dict[str, Any] | RowError]]:
        reader = csv.reader(file, delimiter=self.delimiter, strict=True)
        next(reader, None)
        columns = self.columns
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as problem:
                yield line, RowError(line, None, f"{_told(problem)}. Nothing after it was read")
                return
            if cells is None:
                return
            if len(cells) > self._width or any(cells[len(columns) :]):
                yield line, RowError(line, None, f"{len(cells)} cells, but there are {len(columns)} columns")
            elif any(cell.strip() for cell in cells):
                yield line, dict(zip_longest(columns, cells[: len(columns)], fillvalue=""))

    def _objects(self, file: TextIO) -> Iterator[tuple[int, dict[str, Any] | RowError]]:
        decode = msgspec.json.Decoder(dict[str, Any]).decode
        for line, text in enumerate(file, 1):
            if not text.strip():
                continue
            try:
                yield line, decode(text)
            except msgspec.DecodeError as problem:
                yield line, RowError(line, None, f"no JSON object ({problem})")


def _told(problem: csv.Error) -> str:
    """What the reader found, in words."""
    said = str(problem)
    if "end of data" in said:
        return 'a quotation mark (") opens in this row and is never closed'
    if "field limit" in said:
        return f'a cell has more than {csv.field_size_limit():,} characters; is a quotation mark (") left open in it?'
    return f'a quotation mark (") stands where none can ({said}); within quotes it is written twice'
