"""A sheet's results: the same rows with what became of them, in a file that appears when it is whole."""

from __future__ import annotations

import csv
import os
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, TypeAlias, cast

import msgspec

from ..errors import ConfigurationError
from .items import Item
from .journal import Entry, Journal
from .sheet import Sheet

Facts: TypeAlias = "dict[str, str | list[str]]"
_AT_ONCE = 500  # rows looked up in one go


def try_out(target: Path) -> None:
    """Find out whether results can be written there. Runs in a thread.

    Raises:
        ConfigurationError: They cannot.
    """
    with _beside(target, newline=None):
        pass


def write(sheet: Sheet, target: Path, journal: Journal, failed: Mapping[str, str]) -> None:
    """Join the rows with what the journal knows, and with why rows have `failed` in this run. Runs in a thread.

    Raises:
        ConfigurationError: The file cannot be written.
    """
    names = _names(sheet)
    with _beside(target, newline=None if sheet.is_json else "") as (new, file), closing(sheet.rows()) as rows:
        table = csv.writer(file, delimiter=sheet.delimiter)
        if not sheet.is_json:
            table.writerow([*sheet.columns, *names.values()])
        while some := list(islice(rows, _AT_ONCE)):
            entries = journal.read([item.key for _, item in some if isinstance(item, Item)])
            for row, item in some:
                facts: Facts = {"status": "not begun", "error": str(item)}
                if isinstance(item, Item):
                    facts = _facts(item.key, entries.get(item.key), failed.get(item.key))
                ends = {name: facts.get(fact, "") for fact, name in names.items()}
                if sheet.is_json:
                    file.write(msgspec.json.encode(row | ends).decode() + "\n")
                else:
                    cells = [";".join(end) if isinstance(end, list) else end for end in ends.values()]
                    table.writerow([*[row.get(name, "") for name in sheet.columns], *cells])
        file.close()
        new.replace(target)


def _names(sheet: Sheet) -> dict[str, str]:
    """What is told of each row, and the column in which it stands."""
    work = sheet.work
    names = {"ids": work.id, "status": "status", "urls": "audio_url" if work.kind is None else "video_url"}
    names |= {"error": "error", "key": "key", "paths": "paths" if sheet.is_json else "path"}
    if sheet.key == "key":
        del names["key"]  # the sheet has it
    return {
        fact: f"row_{name}" if fact in {"key", "paths"} and name in sheet.columns else name
        for fact, name in names.items()
    }


def _facts(key: str, entry: Entry | None, failed: str | None) -> Facts:
    """What became of a row: what the journal knows, unless it has `failed` in a way that a later run may set right."""
    if entry is None or entry.state == "planned":
        return {"status": "not begun" if failed is None else "failed", "error": failed or "", "key": key, "paths": []}
    results = cast("list[dict[str, Any]]", msgspec.json.decode(entry.results)) if entry.results else []
    urls = [str(url) for one in results if (url := one.get("video_url") or one.get("audio_url"))]
    status = {"asked": "unclear", "submitted": "running"}.get(entry.state, entry.state)
    ids = " ".join(entry.ids or ())
    return {
        "ids": ids,
        "status": status if failed is None else "failed",
        "urls": " ".join(urls),
        "error": failed or str((entry.error or {}).get("message") or ""),
        "key": key,
        "paths": [path for path, file in (entry.paths or {}).items() if file.jobs in {"", ids}],
    }


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
