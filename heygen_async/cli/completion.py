"""`heygen-async completion SHELL`: the script that completes commands in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from . import exit_codes, output
from .command_names import PROGRAM


@click.command()
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> int:
    """Print the script that completes commands: eval "$(heygen-async completion bash)"."""
    completer = get_completion_class(shell)
    assert completer is not None  # noqa: S101  click supports all three shells
    output.print_text(completer(ctx.find_root().command, {}, PROGRAM, "_HEYGEN_ASYNC_COMPLETE").source())
    return exit_codes.DONE
