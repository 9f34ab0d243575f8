"""Rebuilding a damaged journal from the rows that can be read.

The damaged files are copied beside the journal first, as `JOURNAL.damaged`. The new file replaces the journal in one
step. A process that dies before that step leaves the damaged journal, which the next run refuses again.

A row is taken over if its checksum is right. All others are missing from the new journal. A recovering run searches for
their jobs at HeyGen before it creates any; see `resuming.py`.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from logging import getLogger
from pathlib import Path
from typing import Any

import msgspec

from .._http.file_writing import check_own_file, create_own_file, flush_folder
from .journal_entries import FIELDS
from .journal_file import LOG_SUFFIXES, connect, create_file, create_tables, set_recovering, stored_row

_log = getLogger("heygen_async.batch")
_PUT = f"INSERT OR IGNORE INTO rows VALUES ({', '.join('?' * (len(FIELDS) + 1))})"  # noqa: S608  our names
_IDS = FIELDS.index("ids")


def rebuild_file(path: Path, max_value: int) -> None:
    """Replace a damaged journal by one with the rows that can be read, and mark it as recovering.

    Args:
        path: The journal.
        max_value: The maximum size of a value in bytes.

    Raises:
        sqlite3.Error: Another run uses the journal, or the new file cannot be written.
        OSError: A file cannot be copied, written or replaced.
    """
    new_path = path.with_name(f"{path.name}.recovered")
    if check_own_file(new_path) is not None:  # a recovery was killed
        new_path.unlink()
    kept = _keep_copies(path)
    create_file(new_path)
    with closing(connect(new_path, max_value)) as target:
        rows = _copy_rows(path, target, max_value)
        set_recovering(target, recovering=True)
    for suffix in LOG_SUFFIXES:
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    new_path.replace(path)
    flush_folder(path.parent)
    _log.warning("The journal %s was rebuilt with the %d rows that could be read; %s is the old one.", path, rows, kept)


def _keep_copies(path: Path) -> Path:
    """Copy the damaged files to names that are free."""
    names = (path.with_name(f"{path.name}.damaged{number or ''}") for number in itertools.count())
    kept = next(name for name in names if not any(os.path.lexists(f"{name}{suffix}") for suffix in ("", *LOG_SUFFIXES)))
    for suffix in ("", *LOG_SUFFIXES):
        source = Path(f"{path}{suffix}")
        if check_own_file(source) is not None:
            with os.fdopen(create_own_file(f"{kept}{suffix}"), "wb") as target, source.open("rb") as file:
                shutil.copyfileobj(file, target)
    return kept


def _copy_rows(path: Path, target: sqlite3.Connection, max_value: int) -> int:
    """Copy the rows that can be read; return their number."""
    if not os.path.lexists(path):
        return 0
    with closing(connect(path, max_value)) as source, target:
        with suppress(sqlite3.DatabaseError):
            source.execute("BEGIN EXCLUSIVE")
            source.execute("ROLLBACK")
            create_tables(source)  # of an older format
        target.execute("BEGIN IMMEDIATE")
        for row in _whole_rows(source):
            target.execute(_PUT, row)
            ids = msgspec.json.decode(row[_IDS] or "[]", type=list[str])
            target.executemany("INSERT OR IGNORE INTO jobs VALUES (?, ?)", [(id, row[0]) for id in ids])
        for table, columns in (("jobs", 2), ("replaced", 5), ("replaced_costs", 2)):
            with suppress(sqlite3.Error):
                for row in source.execute(f"SELECT * FROM {table}"):  # noqa: S608  our names
                    target.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * columns)})", row)  # noqa: S608
        ((count,),) = target.execute("SELECT count(*) FROM rows").fetchall()
    return int(count)


def _whole_rows(source: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    """Yield the undamaged rows; those before and those after a damaged page."""
    for order in ("ASC", "DESC"):
        try:
            for (key,) in source.execute(f"SELECT key FROM rows ORDER BY key {order}"):  # noqa: S608  our names
                if (row := stored_row(source, key)) is not None:
                    yield row
        except sqlite3.DatabaseError:
            continue
        return
