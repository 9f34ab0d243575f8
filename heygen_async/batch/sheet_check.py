"""The check of a whole sheet before the first job is created: every row, the local files, and the price."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from itertools import islice
from os.path import normpath

import msgspec

from .._files import request_files
from ..errors import InvalidInputError
from ..pricing import NOTHING, Estimate, estimate, total
from .digests import check_file, encode_file, is_digest_of
from .journal import Journal
from .journal_entries import ACCEPTED, Entry
from .rows import Item
from .sheet_file import RowError
from .sheet_rows import CHUNK, Sheet, SheetRow

_MAX_ERRORS = 50
_MAX_KNOWN_FILES = 10_000  # checked files that later rows may name, too


class SheetCheck(msgspec.Struct, kw_only=True):
    """The result of a check.

    Attributes:
        rows: The number of rows.
        invalid_rows: The number of invalid rows.
        errors: The first 50 errors.
        estimate: The expected cost of the rows without a job.
        started_rows: The number of rows for which an earlier run created a job.
        missing_rows: The number of the journal's rows that are not in the sheet.
    """

    rows: int = 0
    invalid_rows: int = 0
    errors: list[RowError] = []
    estimate: Estimate = NOTHING
    started_rows: int = 0
    missing_rows: int = 0


def check_sheet(
    sheet: Sheet, journal: Journal | None = None, *, retry_failed: bool = False, again: bool = False
) -> SheetCheck:
    """Check every row of a sheet and the local files that it names. Blocks; call it in a thread.

    Args:
        sheet: The sheet.
        journal: The journal of an earlier run. Rows whose jobs it knows cost nothing and need no files.
        retry_failed: Whether failed rows need new jobs.
        again: Whether rows that were answered by jobs created earlier need new jobs.
    """
    result = SheetCheck()
    result.missing_rows = 0 if journal is None else journal.row_count()
    file_errors: dict[object, InvalidInputError | None] = {}
    estimates: list[Estimate] = []
    for row, entry in _with_entries(sheet, journal):
        result.rows += 1
        error = row.item if isinstance(row.item, RowError) else None
        if isinstance(row.item, Item):
            result.missing_rows -= entry is not None
            is_new = entry is None or (entry.created_earlier and again)
            if entry is not None and not is_new and _is_started(entry, row.item, retry_failed=retry_failed):
                result.started_rows += 1
                continue
            estimates.append(estimate(row.item.kind, row.item.request))
            if len(estimates) == CHUNK:
                result.estimate, estimates = total([result.estimate, *estimates]), []
            error = _file_error(sheet, row, row.item, file_errors)
        if error is not None:
            result.invalid_rows += 1
            if len(result.errors) < _MAX_ERRORS:
                result.errors.append(error)
    result.estimate = total([result.estimate, *estimates])
    return result


def _with_entries(sheet: Sheet, journal: Journal | None) -> Generator[tuple[SheetRow, Entry | None]]:
    """Yield the rows with their journal entries, which are read in chunks."""
    with closing(sheet.rows()) as rows:
        while chunk := list(islice(rows, CHUNK)):
            keys = [row.item.key for row in chunk if isinstance(row.item, Item)]
            entries = {} if journal is None else journal.read(keys)
            for row in chunk:
                yield row, entries.get(row.item.key) if isinstance(row.item, Item) else None


def _is_started(entry: Entry, item: Item, *, retry_failed: bool) -> bool:
    """Return whether no new job is needed: the row's content is the same, and HeyGen has accepted or rejected it."""
    if entry.state not in ACCEPTED and (entry.state != "failed" or retry_failed):
        return False
    return bool(request_files.local_paths(item.request)) or is_digest_of(entry.digest, item)


def _file_error(
    sheet: Sheet, row: SheetRow, item: Item, file_errors: dict[object, InvalidInputError | None]
) -> RowError | None:
    """Return the error of a local file that cannot be uploaded. A file of several rows is checked once."""
    if len(file_errors) > _MAX_KNOWN_FILES:
        file_errors.clear()
    for path, field in request_files.local_paths(item.request):
        if path not in file_errors:
            file_errors[path] = None
            try:
                check_file(path, field)
            except InvalidInputError as error:
                file_errors[path] = error
        if (problem := file_errors[path]) is not None:
            named = (
                name
                for name, cell in row.cells.items()
                if isinstance(cell, str) and normpath(cell) == encode_file(path)
            )
            column = next(named, sheet.column_of(field))
            return RowError(row.line, column, f"{problem.value!r}; expected {problem.expected}")
    return None
