"""The results of a sheet: its rows in their order, each with its outcome, in a file that appears when it is complete.

The run reads the sheet through `ResultsFile.chunks`, which copies each row into a draft without a name. At the end
`write` reads the rows that the run did not reach, and completes the draft from the journal. So a sheet is parsed twice:
by the check and by the run. Writing a row when its outcome arrives would lose the sheet's order; keeping the rows in
memory would make it grow with the sheet.
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, TextIO, TypeAlias, cast

import msgspec

from .._http.file_writing import open_own_file, replacement_file
from .._http.worker_threads import run_in_thread
from ..errors import ConfigurationError
from .journal import Journal
from .journal_entries import Entry
from .rows import Item
from .sheet_rows import CHUNK, Sheet, SheetRow

Facts: TypeAlias = "dict[str, str | list[str]]"
#: The characters by which a spreadsheet takes a cell for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_STATUSES = {"submitting": "unknown", "queued": "running"}


_DraftRow: TypeAlias = tuple[dict[str, Any], str, str]  # the cells, the key, and the error of a row without a key


class ResultsFile:
    """The results of one run of a sheet. It is the run's source of items. Close it at the end.

    Args:
        sheet: The sheet.
        path: The file for the results.
        raw: Write cells that a spreadsheet would run as formulas without the apostrophe that prevents it.
    """

    def __init__(self, sheet: Sheet, path: Path, *, raw: bool = False) -> None:
        self._sheet = sheet
        self._path = path
        self._is_raw = raw
        self._rows = sheet.rows()
        self._draft: IO[bytes] | None = None

    async def chunks(self) -> AsyncGenerator[Sequence[Item]]:
        """Yield the items of all valid rows, in chunks that are read in a thread."""
        while chunk := await run_in_thread(self._read_chunk):
            yield [row.item for row in chunk if isinstance(row.item, Item)]

    def _read_chunk(self) -> list[SheetRow]:
        chunk = list(islice(self._rows, CHUNK))
        rows = [
            (row.cells, row.item.key, "") if isinstance(row.item, Item) else (row.cells, "", str(row.item))
            for row in chunk
        ]
        with _write_errors(self._path):
            self._open_draft().write(msgspec.json.Encoder().encode_lines(rows))
        return chunk

    def _open_draft(self) -> IO[bytes]:
        if self._draft is None:
            self._draft = tempfile.TemporaryFile(dir=self._path.parent)  # noqa: SIM115  `close` closes it
        return self._draft

    def close(self) -> None:
        """Remove the draft. Blocks; call it in a thread."""
        self._rows.close()
        if self._draft is not None:
            self._draft.close()

    def write(self, journal: Journal, failures: Mapping[str, str]) -> None:
        """Write the results. Blocks; call it in a thread.

        Args:
            journal: The run's journal.
            failures: The reasons of failures in this run by key, including those that a later run may repair.

        Raises:
            ConfigurationError: The file cannot be written.
        """
        while self._read_chunk():
            pass
        newline = None if self._sheet.is_json else ""
        with _write_errors(self._path), replacement_file(self._path, _temporary(self._path)) as file:
            text = io.TextIOWrapper(file, encoding="utf-8", newline=newline)
            self._write_rows(text, journal, failures)
            text.detach()

    def _write_rows(self, file: TextIO, journal: Journal, failures: Mapping[str, str]) -> None:
        sheet, names = self._sheet, _result_columns(self._sheet)
        table = csv.writer(file, delimiter=sheet.delimiter)
        if not sheet.is_json:
            table.writerow(self._safe([*sheet.columns, *names.values()]))
        for cells, facts in self._facts(journal, failures):
            results = {name: facts.get(fact, "") for fact, name in names.items()}
            if sheet.is_json:
                file.write(msgspec.json.encode(cells | results).decode() + "\n")
            else:
                values = [";".join(value) if isinstance(value, list) else value for value in results.values()]
                table.writerow(self._safe([*[cells.get(name, "") for name in sheet.columns], *values]))

    def _safe(self, cells: list[Any]) -> list[Any]:
        """Return the cells, each formula with an apostrophe before it: a spreadsheet then shows it as text."""
        if self._is_raw:
            return cells
        return [f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell for cell in cells]

    def _facts(self, journal: Journal, failures: Mapping[str, str]) -> Generator[tuple[dict[str, Any], Facts]]:
        """Yield the cells of each row in the draft, and the facts about its outcome."""
        draft, decode = self._open_draft(), msgspec.json.Decoder(_DraftRow).decode
        draft.seek(0)
        while rows := [decode(line) for line in islice(draft, CHUNK)]:
            entries = journal.read([key for _, key, _ in rows])
            for cells, key, error in rows:
                if key:
                    yield cells, _outcome_facts(key, entries.get(key), failures.get(key), self._sheet.kind.url_fields)
                else:
                    yield cells, {"status": "not started", "error": error}


def check_writable(path: Path) -> None:
    """Check that results can be written there. Blocks; call it in a thread.

    Raises:
        ConfigurationError: Results cannot be written there.
    """
    with _write_errors(path):
        if path.is_dir():
            raise ConfigurationError(f"--output {path} is a folder; name a file.")
        temporary = _temporary(path)
        os.close(open_own_file(temporary))
        temporary.unlink()


def _result_columns(sheet: Sheet) -> dict[str, str]:
    """Return the facts about a row, and the column of each."""
    names = {"ids": sheet.kind.id_field, "status": "status"}
    names["urls"] = next(iter(sheet.kind.url_fields), "video_url")
    names |= {"error": "error", "key": "key", "paths": "paths" if sheet.is_json else "path", "warning": "warning"}
    if sheet.key_column == "key":
        del names["key"]  # the sheet has it
    return {
        fact: f"row_{name}" if fact in {"key", "paths", "warning"} and name in sheet.columns else name
        for fact, name in names.items()
    }


def _outcome_facts(key: str, entry: Entry | None, failure: str | None, url_fields: Sequence[str]) -> Facts:
    """Return the facts about a row: the journal's, and the failure in this run."""
    if entry is None or entry.state == "planned":
        status = "not started" if failure is None else "failed"
        return {"status": status, "error": failure or "", "key": key, "paths": []}
    results = cast("list[dict[str, Any]]", msgspec.json.decode(entry.results)) if entry.results else []
    urls = [str(url) for result in results if (url := next(filter(None, map(result.get, url_fields)), None))]
    return {
        "ids": entry.joined_ids,
        "status": _STATUSES.get(entry.state, entry.state) if failure is None else "failed",
        "urls": " ".join(urls),
        "error": failure or str((entry.error or {}).get("message") or ""),
        "key": key,
        "warning": _warning(entry),
        "paths": [path for path, file in (entry.paths or {}).items() if file.jobs == entry.joined_ids],
    }


def _warning(entry: Entry) -> str:
    """Return the sentence about a row that may have cost more or less than its job."""
    if entry.possible_charges or entry.state == "submitting":
        return "A request may have been charged without a result."
    return "The job was created earlier." if entry.created_earlier else ""


def _temporary(path: Path) -> Path:
    """Return the name of the file while it is written. Its owner alone can read it: it contains presigned URLs."""
    return path.with_name(f".{path.name}.new")


@contextmanager
def _write_errors(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror or error}). Name another --output."
        ) from None
