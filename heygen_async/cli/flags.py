"""Command-line flags built from JSON Schemas, and the parsers of their values."""

from __future__ import annotations

import re
import sys
from codecs import BOM_UTF8
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
import msgspec

from ..types.file_fields import is_path, is_url

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_JSON_START = re.compile(r"\s*([{\[\"]|true$|false$|null$|-?\d)")
_HEADER = re.compile(r"([\w!#$%&'*+.^`|~-]+)\s*[:=]\s*(.*)")
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")


def parse_duration(value: str) -> float:
    """Return `90`, `90s`, `10m` or `1h30m` in seconds."""
    match = _DURATION.fullmatch(f"{value}s" if re.fullmatch(r"[\d.]+", value) else value)
    hours, minutes, seconds = (float(part or 0) for part in (match.groups() if match else (0, 0, 0)))
    if not (total := hours * 3600 + minutes * 60 + seconds):
        raise click.BadParameter(f"{value!r} is not a duration above 0; expected for example 90, 90s, 10m or 1h30m.")
    return total


def parse_text(value: str) -> str:
    """Return a text; `-` reads it from standard input."""
    return _read_stdin().decode("utf-8", "replace").rstrip("\n") if value == "-" else value


def parse_json(value: str) -> Any:
    """Decode JSON from the value itself, from the file that it names, or with `-` from standard input."""
    content: str | bytes = value
    if value == "-":
        content = _read_stdin()
    elif not _JSON_START.match(value):
        try:
            content = Path(value).read_bytes()
        except FileNotFoundError:
            raise click.BadParameter(
                f"{value!r} is neither JSON nor a file; expected JSON, a JSON file, or - for standard input."
            ) from None
        except (OSError, ValueError) as problem:
            raise click.BadParameter(f"{value!r} cannot be read ({getattr(problem, 'strerror', problem)}).") from None
    try:
        return msgspec.json.decode(content.removeprefix(BOM_UTF8) if isinstance(content, bytes) else content)
    except (msgspec.DecodeError, UnicodeError) as problem:
        raise click.BadParameter(f"The value is not valid JSON ({problem}).") from None


def parse_json_object(value: str) -> Any:
    """Decode a JSON object as `parse_json` does."""
    if not isinstance(content := parse_json(value), dict):
        raise click.BadParameter("expected a JSON object.")
    return cast("object", content)


def parse_file_input(value: str) -> Any:
    """Return a URL or an asset id unchanged, decode JSON such as `{"type": "url", "url": "…"}`, or return a `Path`."""
    if value.startswith("{"):
        return parse_json(value)
    return Path(value) if is_path(value) else value


def parse_local_file(value: str) -> Any:
    """Return a `Path`; a URL stays a text, which the operation refuses with a hint."""
    return value if is_url(value) else Path(value)


def _read_stdin() -> bytes:
    if not (content := sys.stdin.buffer.read()):
        raise click.BadParameter("Standard input is empty, or another flag has read it.")
    return content


def complete_paths(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete file names."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


_FLAG_VALUES = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
_METAVARS = {
    parse_text: "TEXT",
    parse_json: "JSON",
    parse_file_input: "FILE",
    parse_local_file: "FILE",
}  # click would use the functions' names


def option_from_schema(name: str, schema: Mapping[str, Any], *, is_local_file: bool = False) -> click.Option:
    """Return the flag of a field. Without the flag its value is None.

    Args:
        name: The name of the field.
        schema: Its JSON Schema.
        is_local_file: Whether its text is always the path of a local file.
    """
    flag = name.replace("_", "-")
    spaced = re.sub(r"([a-z])(\d)", r"\1-\2", flag)  # HeyGen's own command line: `--checksum-sha-256`
    description = str(schema.get("description", ""))
    schema = _without_null(schema)
    if schema.get("type") == "boolean":
        return click.Option([f"--{flag}/--no-{flag}", name], default=None, help=description)
    parser, collect, note = parse_local_file if is_local_file else _parser(schema), None, ""
    if schema.get("type") == "array":
        item_parser = _parser(_without_null(schema.get("items", {})))
        if item_parser is parse_file_input:
            parser, collect, note = parse_file_input, _collect, "May be repeated."
        elif item_parser is not parse_json:
            parser, collect, note = parse_text, _collect_separated, "Separate several by commas, or repeat the flag."
        if note:
            description = f"{description.rstrip('.')}. {note}" if description else note
    return click.Option(
        [*dict.fromkeys((f"--{flag}", f"--{spaced}")), name],
        type=parser,
        metavar=_METAVARS.get(parser),
        multiple=collect is not None,
        callback=collect,
        help=description,
        shell_complete=complete_paths if parser in {parse_file_input, parse_local_file, parse_json} else None,
    )


def parse_headers(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Return `Name: value` or `Name=value` as headers."""
    headers: dict[str, str] = {}
    for value in values:
        match = _HEADER.fullmatch(value)
        if match is None:
            raise click.BadParameter(f"{value!r} is not a header; expected for example 'X-Trace: 1'.")
        headers[match[1]] = match[2]
    return headers


class FlagValueCommand(click.Command):
    """A command whose flags may also be written `--flag=true` and `--flag=false`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments."""
        flags = {
            name: option
            for option in self.get_params(ctx)
            if isinstance(option, click.Option) and option.is_flag
            for name in option.opts
        }
        end = args.index("--") if "--" in args else len(args)
        plain = [plain for one in args[:end] for plain in _plain_flag(one, flags)]
        return super().parse_args(ctx, [*plain, *args[end:]])


def _plain_flag(argument: str, flags: Mapping[str, click.Option]) -> list[str]:
    """Return the flag for `--flag=true`, its opposite or nothing for `--flag=false`; else the argument."""
    name, equals, value = argument.partition("=")
    if not equals or name not in flags or (is_on := _FLAG_VALUES.get(value.lower())) is None:
        return [argument]
    return [name] if is_on else flags[name].secondary_opts[:1]


def _collect(_: click.Context, __: click.Parameter, values: tuple[Any, ...]) -> list[Any] | None:
    return list(values) or None


def _collect_separated(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> list[str] | None:
    return split_names(values) or None


def split_names(values: tuple[str, ...]) -> list[str]:
    """Return the comma-separated names of a repeatable flag."""
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _without_null(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    alternatives = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(alternatives) == 1:
        return cast("Mapping[str, Any]", alternatives[0])
    return {**schema, "anyOf": alternatives} if alternatives else schema


def _parser(schema: Mapping[str, Any]) -> Any:
    """Return the click type that reads a value of this schema."""
    if "enum" in schema:
        return click.Choice([str(value) for value in schema["enum"]])
    if any(one.get("type") == "string" for one in schema.get("anyOf", ())):
        return parse_file_input
    return {"string": parse_text, "integer": int, "number": float}.get(str(schema.get("type")), parse_json)
