"""Tables for people, which `--human` prints. They need rich, of the extra `progress`."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import msgspec

if TYPE_CHECKING:
    from rich.text import Text

_MAX_COLUMNS = 6
_PIPE_WIDTH = 1000  # Characters of a line that is not printed to a terminal.
_TIME_FORMAT = "%Y-%m-%d %H:%M UTC"
_TIMESTAMP_FIELD = re.compile(r"(^|_)(at|since|until)$")
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S*$")
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_FIRST_COLUMNS = ("name", "title", "status", "type", "url", "created_at")
_STATUS_STYLES = {"completed": "green", "complete": "green", "failed": "red"}


def strip_control_characters(text: str) -> str:
    """Remove the characters that control a terminal, which a response could contain."""
    return _CONTROL_CHARACTERS.sub("", text)


def format_table(response: object) -> str:
    """Return a table with a row for each item of a list, or for each field of an object."""
    from rich.console import Console
    from rich.table import Table

    envelope = cast("dict[str, Any]", response) if isinstance(response, dict) else {}
    data = envelope.get("data", response)
    table = Table(box=None, pad_edge=False)
    if isinstance(data, list):
        _add_items(table, [_fields(item) for item in cast("list[object]", data)])
    else:
        _add_fields(table, _fields(data))
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    with console.capture() as captured:
        console.print(table)
        if envelope.get("has_more"):
            more = f"More with --token {envelope.get('next_token')}"
            console.print(strip_control_characters(more), style="dim", markup=False)
    return captured.get().removesuffix("\n")


def _add_items(table: Any, items: list[dict[str, Any]]) -> None:
    for number, column in enumerate(columns := _select_columns(items)):
        table.add_column(strip_control_characters(column).replace("_", " "), overflow="fold", no_wrap=number == 0)
    for item in items:
        table.add_row(*(_format_value(column, item.get(column)) for column in columns))


def _add_fields(table: Any, fields: dict[str, Any]) -> None:
    from rich.text import Text

    table.show_header = False
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in fields.items():
        table.add_row(Text(strip_control_characters(name), style="bold"), _format_value(name, value))


def _fields(item: object) -> dict[str, Any]:
    return cast("dict[str, Any]", item) if isinstance(item, dict) else {"": item}


def _select_columns(items: list[dict[str, Any]]) -> list[str]:
    """Return the id, then names and states, then other short fields, up to the maximum."""
    names = list(dict.fromkeys(name for item in items for name in item))
    plain = [name for name in names if not any(isinstance(item.get(name), dict | list) for item in items)]
    first = [name for name in plain if name == "id" or name.endswith("_id")][:1]
    first += [name for name in _FIRST_COLUMNS if name in plain]
    return (first + [name for name in plain if name not in first and not name.endswith("_url")])[:_MAX_COLUMNS]


def _format_value(name: str, value: Any) -> Text:
    from rich.text import Text

    with suppress(ValueError, OverflowError):  # A value that is not a valid time is printed unchanged.
        if isinstance(value, int) and _TIMESTAMP_FIELD.search(name):
            return Text(datetime.fromtimestamp(value, UTC).strftime(_TIME_FORMAT))
        if isinstance(value, str) and _ISO_TIME.match(value):
            return Text(datetime.fromisoformat(value).astimezone(UTC).strftime(_TIME_FORMAT))
    if value is None:
        return Text()
    if isinstance(value, str):
        return Text(strip_control_characters(value), style=_STATUS_STYLES.get(value, ""))
    return Text(strip_control_characters(msgspec.json.encode(value).decode()))
