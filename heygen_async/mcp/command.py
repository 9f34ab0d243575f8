"""The command line of the MCP server.

The API key is read from the environment, because other processes can read arguments.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast, get_args

import click

from ..agents import Spending
from ..cli import exit_codes
from ..cli.flags import split_names
from ..cli.program import run_standalone
from ..cli.running import CREDENTIALS_HELP, require_credentials
from ..client import AsyncHeyGen
from ..errors import ConfigurationError
from .server import create_server
from .transports import serve_http, serve_stdio

_EXIT_CODES = exit_codes.describe_exit_codes(exit_codes.DONE, exit_codes.WRONG_USE, exit_codes.NOT_ALLOWED)


@click.command(
    context_settings={"show_default": True},
    epilog=f"{CREDENTIALS_HELP} {_EXIT_CODES}",
)
@click.option("--transport", type=click.Choice(["stdio", "http"]), default="stdio")
@click.option("--host", default="127.0.0.1", help="With http: the address, also in the server's URL.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="With http; 0 takes any free port.")
@click.option("--include", multiple=True, metavar="NAME", help="Serve these tools, separated by commas. Default: all.")
@click.option(
    "--spending",
    type=click.Choice(get_args(Spending)),
    default="confirm",
    help="Run billable and destructive tools, ask the person first, or deny them.",
)
@click.option(
    "--files",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of files that may be uploaded. Default: none.",
)
def serve(transport: str, host: str, port: int, include: tuple[str, ...], spending: str, files: Path | None) -> None:
    """Serve HeyGen as an MCP server."""
    require_credentials()
    try:
        server = create_server(
            AsyncHeyGen(), include=split_names(include) or None, spending=cast("Spending", spending), files=files
        )
        asyncio.run(serve_stdio(server) if transport == "stdio" else serve_http(server, host, port))
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from None


def run(arguments: list[str]) -> int:
    """Run a command line and return the exit code."""
    return run_standalone(serve, arguments, "python -m heygen_async.mcp")
