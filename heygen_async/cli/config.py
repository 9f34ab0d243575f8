"""`heygen-async config`: settings of the command line for this user."""

from __future__ import annotations

import click

from . import output, settings


@click.group(no_args_is_help=False)
def config() -> None:
    """Set the output that commands print by default.

    The setting is `output`: `json` or `human`. The environment variable HEYGEN_OUTPUT comes before it, and the flag
    --human before both. `analytics`, a setting of HeyGen's own command line, is `false`: nothing is collected here.
    """


@config.command("set")
@click.argument("name", type=click.Choice(settings.NAMES), metavar="NAME")
@click.argument("value")
def set_value(name: str, value: str) -> int:
    """Store a setting."""
    settings.store(name, value)
    output.print_response({"data": settings.describe(name)}, mutating=True)
    return 0


@config.command("get")
@click.argument("name", type=click.Choice(settings.NAMES), metavar="NAME")
def get_value(name: str) -> int:
    """Print a setting and its source."""
    output.print_response({"data": settings.describe(name)})
    return 0


@config.command("list")
def list_values() -> int:
    """Print all settings and their sources."""
    output.print_response({"data": [settings.describe(name) for name in settings.NAMES]})
    return 0
