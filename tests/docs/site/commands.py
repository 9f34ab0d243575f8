"""The pages of the command-line reference, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import click

from heygen_async.cli.program import Program
from heygen_async.operations.names import COMMANDS

PROGRAM = "heygen-async"


def command_pages() -> Iterator[tuple[str, str]]:
    """Yield a page for the program, and one for each of its commands, with the commands below it."""
    program = Program(PROGRAM, help="Every operation of the API as a command, and a few commands more.")
    context = click.Context(program, info_name=PROGRAM)
    rows: dict[bool, list[str]] = {True: [], False: []}
    for name in program.list_commands(context):
        command = program.get_command(context, name)
        assert command is not None
        about = _cell(command.get_short_help_str(200))
        rows[name in COMMANDS].append(f"| [`{name}`]({name}.md) | {about} |")
        yield f"commands/{name}.md", f"# {PROGRAM} {name}\n\n" + "\n".join(_describe(command, context, name, 1))
    yield (
        "commands/index.md",
        "\n".join(
            [
                "# All commands",
                "",
                f"`{PROGRAM}` alone prints the commands that matter most. `-h` after a command prints its help.",
                "The guide is [the command line](../guides/cli.md).",
                "",
                *("| command | what it does |", "|---|---|", *rows[True], ""),
                *("## Operations of the API", "", "| command | what it is about |", "|---|---|", *rows[False], ""),
            ]
        ),
    )


def _describe(command: click.Command, parent: click.Context, name: str, level: int) -> Iterator[str]:
    """Yield the lines about a command: its help, its usage, its options, and the commands below it."""
    context = click.Context(command, info_name=name, parent=parent)
    if level > 1:
        yield f"\n{'#' * min(level, 6)} {context.command_path.removeprefix(PROGRAM + ' ')}\n"
    about = _text(command.help or "")
    if isinstance(command, click.Group):
        if level == 1:
            yield f"{about[:1].upper()}{about[1:]}{'' if about.endswith('.') else '.'}"
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            yield from _describe(found, context, inner, level + 1)
        return
    yield about
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"\n```text\n{context.command_path} {usage}\n```\n"
    records = [record for one in command.get_params(context) if (record := one.get_help_record(context)) is not None]
    if records:
        yield "| option | meaning |\n|---|---|"
        yield from (f"| {_code(names)} | {_cell(about)} |" for names, about in records)
        yield ""


def _text(text: str) -> str:
    """Return help as Markdown: a paragraph that click must not wrap becomes a block of code."""
    parts = []
    for part in text.split("\n\n"):
        lines = part.splitlines()
        verbatim = bool(lines) and lines[0].strip() == "\b"
        parts.append("```text\n" + "\n".join(lines[1:]) + "\n```" if verbatim else part)
    return "\n\n".join(parts)


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def _cell(text: str) -> str:
    return escape(" ".join(text.split()), quote=False).replace("|", "\\|")
