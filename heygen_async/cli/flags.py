"""Flags of a command, made of its schema, and the values that they give."""

from __future__ import annotations

import re
import sys
from codecs import BOM_UTF8
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import click
import msgspec
from click.shell_completion import CompletionItem

_JSON = re.compile(r"\s*([{\[\"]|true$|false$|null$|-?\d)")
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")


def duration(value: str) -> float:
    """`90`, `90s`, `10m`, `1h30m` as seconds."""
    found = _DURATION.fullmatch(f"{value}s" if re.fullmatch(r"[\d.]+", value) else value)
    hours, minutes, seconds = (float(part or 0) for part in (found.groups() if found else (0, 0, 0)))
    if not (total := hours * 3600 + minutes * 60 + seconds):
        raise click.BadParameter(f"{value!r} is no time above 0; expected seconds, or such as 90s, 10m, 1h30m.")
    return total


def text(value: str) -> str:
    """A text; `-` reads it from standard input."""
    return _stdin().decode("utf-8", "replace").rstrip("\n") if value == "-" else value


def json(value: str) -> Any:
    """JSON, as text, as a file's path, or with `-` on standard input."""
    content: str | bytes = value
    if value == "-":
        content = _stdin()
    elif not _JSON.match(value):
        try:
            content = Path(value).read_bytes()
        except FileNotFoundError:
            raise click.BadParameter(
                f"{value!r} is neither JSON nor a file; expected JSON, a file of it, or - for standard input."
            ) from None
        except (OSError, ValueError) as problem:
            raise click.BadParameter(f"{value!r} cannot be read ({getattr(problem, 'strerror', problem)}).") from None
    try:
        return msgspec.json.decode(content.removeprefix(BOM_UTF8) if isinstance(content, bytes) else content)
    except (msgspec.DecodeError, UnicodeError) as problem:
        raise click.BadParameter(f"It is no JSON ({problem}).") from None


def body(value: str) -> Any:
    """A JSON object."""
    if not isinstance(content := json(value), dict):
        raise click.BadParameter("expected a JSON object.")
    return cast("object", content)


def file(value: str) -> Any:
    """A file: a path, an https URL, or JSON such as `{"type": "asset_id", "asset_id": "…"}`."""
    return json(value) if value.startswith("{") else value


def _stdin() -> bytes:
    """All of standard input, which two flags cannot both have."""
    if not (content := sys.stdin.buffer.read()):
        raise click.BadParameter("Standard input is empty, or another flag has read it.")
    return content


def paths(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """A shell completes the names of files."""
    return [CompletionItem(incomplete, type="file")]


def option(name: str, schema: Mapping[str, Any]) -> click.Option:
    """The flag of a field; None is its value when it is not given."""
    kind = _without_null(schema)
    flag = name.replace("_", "-")
    about = str(schema.get("description", ""))
    if kind.get("type") == "boolean":
        return click.Option([f"--{flag}/--no-{flag}", name], default=None, help=about)
    reader, several, how = _reader(kind), None, ""
    if kind.get("type") == "array":
        item = _reader(_without_null(kind.get("items", {})))
        if item is file:
            reader, several, how = file, _listed, "May be repeated."
        elif item is not json:
            reader, several, how = text, _separated, "Several are separated by commas, or repeated."
        if how:
            about = f"{about.rstrip('.')}. {how}" if about else how
    return click.Option(
        [f"--{flag}", name],
        type=reader,
        multiple=several is not None,
        callback=several,
        help=about,
        shell_complete=paths if reader in {file, json} else None,
    )


def _listed(_: click.Context, __: click.Parameter, given: tuple[Any, ...]) -> list[Any] | None:
    return list(given) or None


def _separated(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> list[str] | None:
    return [part.strip() for one in given for part in one.split(",") if part.strip()] or None


def _without_null(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else {**schema, "anyOf": kinds} if kinds else schema


def _reader(schema: Mapping[str, Any]) -> Any:
    """What reads a value of this schema."""
    if "enum" in schema:
        return click.Choice([str(value) for value in schema["enum"]])
    if any(one.get("type") == "string" for one in schema.get("anyOf", ())):
        return file
    return {"string": text, "integer": int, "number": float}.get(str(schema.get("type")), json)
