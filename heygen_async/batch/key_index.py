"""The keys of a source's rows, so that a key of two rows is found. They are on the disk, because there may be millions.

A million keys in a set take a hundred MiB. This index is a temporary SQLite database: SQLite holds a few MiB of it in
memory, writes the rest into a file without a name, and removes the file. It stores a hash of 64 bits for each key.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple, Self

from ..errors import ConfigurationError

_CREATE = """
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
PRAGMA cache_size=-8192;
CREATE TABLE keys (hash INTEGER PRIMARY KEY, first_row INTEGER NOT NULL, count INTEGER NOT NULL);
BEGIN;
"""
_ADD = "INSERT OR IGNORE INTO keys VALUES (?, ?, 1)"


class Duplicate(NamedTuple):
    """A key that an earlier row has, too: the number of the first such row, and the number of occurrences so far."""

    first_row: int
    occurrences: int


class KeyIndex:
    """The keys of one source. All methods block; call them in a thread.

    Raises:
        ConfigurationError: While adding: the temporary file cannot be written.
    """

    def __init__(self) -> None:
        self._database: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Remove the temporary file."""
        if self._database is not None:
            self._database.close()

    def add(self, keys: Mapping[int, str]) -> dict[int, Duplicate]:
        """Add the keys of the next rows by the rows' numbers. Return the keys that earlier rows have, too."""
        hashes = [(hash(key), row) for row, key in keys.items()]
        try:
            database = self._database = self._database or _open()
            if database.executemany(_ADD, hashes).rowcount == len(hashes):
                return {}
            return {row: found for number, row in hashes if (found := _find_earlier(database, number, row))}
        except sqlite3.Error as error:
            raise ConfigurationError(
                f"The keys of the rows cannot be compared: SQLite cannot write a temporary file ({error}). Free some "
                "space, or name another folder in the environment variable SQLITE_TMPDIR."
            ) from None


def _open() -> sqlite3.Connection:
    database = sqlite3.connect("", isolation_level=None, check_same_thread=False)  # "" is a temporary file
    database.executescript(_CREATE)
    return database


def _find_earlier(database: sqlite3.Connection, number: int, row: int) -> Duplicate | None:
    """Count a key that may have been added before. Return None when this row is the first with it."""
    first_row, count = database.execute("SELECT first_row, count FROM keys WHERE hash = ?", (number,)).fetchone()
    if first_row == row:
        return None
    database.execute("UPDATE keys SET count = ? WHERE hash = ?", (count + 1, number))
    return Duplicate(first_row, count + 1)
