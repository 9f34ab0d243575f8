"""A sheet's results: the same rows with what became of them, in a file that appears when it is whole."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, cast

import msgspec

from ..errors import ConfigurationError
from ..threads import finished
from .items import Item
from .journal import Entry, Journal
from .sheet import RowError, Sheet

_AT_ONCE = 500  # rows written in one go


def try_out(target: Path) -> None:
    """Find out whether results can be written there. Runs in a thread.

    :raises ConfigurationError: they cannot
    """
    try:
        if target.is_dir():
            raise ConfigurationError(f"--output {target} is a folder; name a file.")
        new = _new(target)
        _private(new, newline=None).close()
        new.unlink()
    except OSError as problem:
        raise _unwritable(target, problem) from None


async def write(sheet: Sheet, target: Path, journal: Journal) -> None:
    """Join the rows with what the journal knows.

    :raises ConfigurationError: the file cannot be written
    """
    kind = sheet.work.job_kind()
    names = [sheet.work.id, "status", "audio_url" if kind is None else "video_url", "error"]
    rows = sheet.items()
    new = _new(target)
    try:
        file = await finished(lambda: _private(new, newline=None if sheet.is_json else ""))
        try:
            if not sheet.is_json:
                await finished(csv.writer(file).writerow, [*sheet.columns, *names])
            while some := await finished(lambda: list(islice(rows, _AT_ONCE))):
                entries = await journal.entries([item.key for _, _, item in some if isinstance(item, Item)])
                await finished(_write, sheet, file, some, entries, names)
            await finished(file.close)
            await finished(new.replace, target)
        finally:
            try:
                await finished(file.close)
            finally:
                await finished(lambda: new.unlink(missing_ok=True))
    except OSError as problem:
        raise _unwritable(target, problem) from None
    finally:
        await finished(rows.close)


def _write(
    sheet: Sheet,
    file: TextIO,
    rows: Iterable[tuple[int, dict[str, Any], Item | RowError]],
    entries: Mapping[str, Entry],
    names: Sequence[str],
) -> None:
    for _, row, item in rows:
        entry = entries.get(item.key) if isinstance(item, Item) else None
        ends = _outcome_of(entry) if isinstance(item, Item) else ["", "not begun", "", str(item)]
        if sheet.is_json:
            file.write(msgspec.json.encode(row | dict(zip(names, ends, strict=True))).decode() + "\n")
        else:
            csv.writer(file).writerow([*[row.get(name, "") for name in sheet.columns], *ends])


def _outcome_of(entry: Entry | None) -> list[str]:
    """The id, status, URL and error of a row."""
    if entry is None or entry.state == "planned":
        return ["", "not begun", "", ""]
    results = cast("list[dict[str, Any]]", msgspec.json.decode(entry.results)) if entry.results else []
    urls = [str(url) for one in results if (url := one.get("video_url") or one.get("audio_url"))]
    status = "unclear" if entry.state == "asked" else "running" if entry.state == "submitted" else entry.state
    error = entry.error or {}
    return [" ".join(entry.ids or ()), status, " ".join(urls), str(error.get("message") or "")]


def _new(target: Path) -> Path:
    return target.with_name(f".{target.name}.new")


def _private(path: Path, newline: str | None) -> TextIO:
    """A new file that only its owner reads: presigned URLs stand in it."""
    return os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline=newline
    )


def _unwritable(target: Path, problem: OSError) -> ConfigurationError:
    return ConfigurationError(f"{target} cannot be written ({problem.strerror or problem}). Name another --output.")
