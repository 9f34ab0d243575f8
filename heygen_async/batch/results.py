"""A sheet's results: the same rows with what became of them, in a file that appears when it is whole."""

from __future__ import annotations

import csv
import os
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, cast

import msgspec

from ..errors import ConfigurationError
from .items import Item
from .journal import Entry, Journal
from .sheet import Sheet

_AT_ONCE = 500  # rows looked up in one go


def try_out(target: Path) -> None:
    """Find out whether results can be written there. Runs in a thread.

    :raises ConfigurationError: they cannot
    """
    with _beside(target, newline=None):
        pass


def write(sheet: Sheet, target: Path, journal: Journal, failed: Mapping[str, str]) -> None:
    """Join the rows with what the journal knows, and with why rows have `failed` in this run. Runs in a thread.

    :raises ConfigurationError: the file cannot be written
    """
    work = sheet.work
    names = [work.id, "status", "audio_url" if work.kind is None else "video_url", "error"]
    names += [
        f"row_{name}" if name in sheet.columns else name for name in ("key", "paths" if sheet.is_json else "path")
    ]
    with _beside(target, newline=None if sheet.is_json else "") as (new, file), closing(sheet.rows()) as rows:
        table = csv.writer(file, delimiter=sheet.delimiter)
        if not sheet.is_json:
            table.writerow([*sheet.columns, *names])
        while some := list(islice(rows, _AT_ONCE)):
            entries = journal.read([item.key for _, item in some if isinstance(item, Item)])
            for row, item in some:
                ends, paths = ["", "not begun", "", str(item), ""], list[str]()
                if isinstance(item, Item):
                    entry = entries.get(item.key)
                    ends, paths = [*_ends(entry, failed.get(item.key)), item.key], _paths(entry)
                if sheet.is_json:
                    file.write(msgspec.json.encode(row | dict(zip(names, [*ends, paths], strict=True))).decode() + "\n")
                else:
                    table.writerow([*[row.get(name, "") for name in sheet.columns], *ends, ";".join(paths)])
        file.close()
        new.replace(target)


def _paths(entry: Entry | None) -> list[str]:
    """The files of a row's jobs that were fetched; those of other jobs it had before are left out."""
    if entry is None:
        return []
    return [path for path, file in (entry.paths or {}).items() if file.jobs in {"", " ".join(entry.ids or ())}]


def _ends(entry: Entry | None, failed: str | None) -> list[str]:
    """The id, status, URL and error of a row."""
    if entry is None or entry.state == "planned":
        return ["", "not begun" if failed is None else "failed", "", failed or ""]
    results = cast("list[dict[str, Any]]", msgspec.json.decode(entry.results)) if entry.results else []
    urls = [str(url) for one in results if (url := one.get("video_url") or one.get("audio_url"))]
    status = {"asked": "unclear", "submitted": "running"}.get(entry.state, entry.state)
    error = str((entry.error or {}).get("message") or "")
    if failed is not None:
        status, error = "failed", failed
    return [" ".join(entry.ids or ()), status, " ".join(urls), error]


@contextmanager
def _beside(target: Path, newline: str | None) -> Generator[tuple[Path, TextIO]]:
    """A new file beside it, which only its owner reads: presigned URLs stand in it. It goes away again."""
    try:
        if target.is_dir():
            raise ConfigurationError(f"--output {target} is a folder; name a file.")
        new = target.with_name(f".{target.name}.new")
        opened = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(opened, "w", encoding="utf-8", newline=newline) as file:
                yield new, file
        finally:
            new.unlink(missing_ok=True)
    except OSError as problem:
        raise ConfigurationError(
            f"{target} cannot be written ({problem.strerror or problem}). Name another --output."
        ) from None
