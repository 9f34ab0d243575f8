"""Parsing CSV: the delimiter, the header, and the records with the lines on which they start.

Parsing is strict. After a misplaced quotation mark the ends of the cells are unknown, so nothing after it is read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TextIO

_DELIMITERS = (",", ";", "\t")


def read_lines(file: TextIO, max_length: int) -> Iterator[str]:
    """Yield each line of a file with its end, without reading a longer one into memory.

    Raises:
        ValueError: A line has more characters than allowed.
    """
    while line := file.readline(max_length + 1):
        if len(line) > max_length:
            raise ValueError(f"a line has more than {max_length:,} characters (limits.sheet_line)")
        yield line


def read_header(file: TextIO, delimiter: str | None, max_length: int) -> tuple[list[str], str]:
    """Return the cells of the first line, and the delimiter between them.

    Args:
        file: The file, opened with `newline=""`.
        delimiter: The delimiter; by default comma, semicolon or tab: the one that yields the largest number of cells.
        max_length: The maximum number of characters in a line.

    Raises:
        ValueError: The first line is invalid. The message says why.
    """
    header: list[str] = []
    header_delimiter = delimiter or ","
    first_error: csv.Error | None = None
    for candidate in (delimiter,) if delimiter else _DELIMITERS:
        file.seek(0)
        try:
            cells = next(csv.reader(read_lines(file, max_length), delimiter=candidate, strict=True), list[str]())
        except csv.Error as error:
            first_error = first_error or error
            continue
        if len(cells) > len(header):
            header, header_delimiter = cells, candidate
    if first_error is not None and len(header) <= 1:
        raise ValueError(_describe(first_error))
    return header, header_delimiter


def read_records(
    lines: Iterator[str], delimiter: str, columns: Sequence[str], max_cells: int
) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Yield each record's line number, and its cells by column or a message that says why it is invalid.

    Blank records are left out. Cells after the last column must be empty.

    Args:
        lines: The lines of the file with their ends, from its start.
        delimiter: The delimiter between cells.
        columns: The names of the columns.
        max_cells: The number of cells in the header, including those without a name.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    next(reader, None)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield line, f"{_describe(error)}. Nothing after it was read"
            return
        except UnicodeError:
            raise
        except ValueError as error:
            yield line, f"{error}. Nothing after it was read"
            return
        if cells is None:
            return
        if len(cells) == len(columns):
            if any(map(str.strip, cells)):
                yield line, dict(zip(columns, cells, strict=True))
        elif len(cells) > max_cells or any(cells[len(columns) :]):
            yield line, f"{len(cells)} cells, but there are {len(columns)} columns"
        elif any(map(str.strip, cells)):
            yield line, dict(zip_longest(columns, cells[: len(columns)], fillvalue=""))


def _describe(error: csv.Error) -> str:
    message = str(error)
    if "end of data" in message:
        return 'a quotation mark (") opens in this row and is never closed'
    if "field limit" in message:
        return f'a cell has more than {csv.field_size_limit():,} characters; is a quotation mark (") left open in it?'
    return f'a quotation mark (") is misplaced ({message}); within quotes it is written twice'
