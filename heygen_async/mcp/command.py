"""The command line of the MCP server: `heygen-async mcp`.

API keys and tokens are read from the environment and a file, because other processes can read arguments.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import cast, get_args

import click

from .._http.configuration import is_loopback
from ..agents import Spending
from ..agents.toolset_names import Toolset
from ..cli import exit_codes
from ..cli.flags import split_names
from ..cli.program import run_standalone
from ..cli.running import CREDENTIALS_HELP, require_credentials
from ..client import AsyncHeyGen
from ..errors import ConfigurationError
from .bearer_tokens import BearerTokens, User, add_user, clients_of, read_users
from .server import MAX_WAIT, create_server
from .transports import serve_http, serve_stdio

_EXIT_CODES = exit_codes.describe_exit_codes(exit_codes.DONE, exit_codes.WRONG_USE, exit_codes.NOT_ALLOWED)
_TOKEN_VARIABLE = "HEYGEN_MCP_TOKEN"  # noqa: S105  its name
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(
    context_settings={"show_default": True},
    epilog=f"{CREDENTIALS_HELP} With --http, {_TOKEN_VARIABLE} may hold the token of a single user. {_EXIT_CODES}",
)
@click.option("--http", is_flag=True, help="Serve streamable HTTP at http://HOST:PORT/mcp instead of stdio.")
@click.option("--host", default="127.0.0.1", help="With --http: the address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="With --http; 0 takes any free port.")
@click.option("--allowed-host", multiple=True, metavar="NAME", help="With --http: a name of this server in URLs.")
@click.option("--allowed-origin", multiple=True, metavar="URL", help="With --http: a web page that may call.")
@click.option(
    "--tokens",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --http: a file with a line NAME:TOKEN or NAME:TOKEN:HEYGEN_API_KEY for each user.",
)
@click.option(
    "--toolset",
    multiple=True,
    metavar="NAME",
    help=f"Serve these toolsets, separated by commas: {', '.join(get_args(Toolset))}. "
    "Default: video, or with --include none.",
)
@click.option("--include", multiple=True, metavar="NAME", help="Serve these tools too, separated by commas.")
@click.option("--exclude", multiple=True, metavar="NAME", help="Leave out these tools, separated by commas.")
@click.option("--read-only", is_flag=True, help="Leave out the tools that change anything at HeyGen.")
@click.option(
    "--max-wait", type=click.FloatRange(1), default=MAX_WAIT, help="The maximum seconds of a call that waits."
)
@click.option(
    "--spending",
    type=click.Choice(get_args(Spending)),
    default="confirm",
    help="Run billable and destructive tools, ask the person first, or deny them.",
)
@click.option(
    "--budget",
    type=click.FloatRange(0),
    metavar="USD",
    help="The maximum that all tools together spend until the server ends. A user with a key of their own has a budget "
    "of their own. Default: no limit.",
)
@click.option("--allow-unpriced", is_flag=True, help="With --budget: run tools whose rate is not published, uncounted.")
@click.option("--files", type=_FOLDER, help="The folder of files that may be uploaded. Default: none.")
@click.option("--output-dir", type=_FOLDER, help="Offer tools that download into this folder. Default: none.")
def mcp(
    *,
    http: bool,
    host: str,
    port: int,
    allowed_host: tuple[str, ...],
    allowed_origin: tuple[str, ...],
    tokens: Path | None,
    toolset: tuple[str, ...],
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    read_only: bool,
    max_wait: float,
    spending: str,
    budget: float | None,
    allow_unpriced: bool,
    files: Path | None,
    output_dir: Path | None,
) -> None:
    """Serve HeyGen as an MCP server."""
    if allow_unpriced and budget is None:
        raise click.UsageError("--allow-unpriced needs --budget USD.")
    try:
        users = _users(tokens) if http else []
        if http:
            _check_address(host, allowed_host, users)
        uses_server_key = not users or any(user.api_key is None for user in users)
        if uses_server_key:
            require_credentials()
        client = AsyncHeyGen(None if uses_server_key else users[0].api_key)
        server = create_server(
            client, toolset=split_names(toolset) or None, include=split_names(include) or None,
            exclude=split_names(exclude), read_only=read_only, spending=cast("Spending", spending), files=files,
            output_dir=output_dir, budget=budget, allow_unpriced=allow_unpriced, max_wait=max_wait,
            users=clients_of(users, client),
        )  # fmt: skip
        if not http:
            asyncio.run(serve_stdio(server))
            return
        bearer = BearerTokens(users) if users else None
        asyncio.run(
            serve_http(
                server, host, port, allowed_hosts=allowed_host, allowed_origins=allowed_origin, tokens=bearer
            )
        )  # fmt: skip
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from None


def run(arguments: list[str]) -> int:
    """Run a command line and return the exit code."""
    return run_standalone(mcp, arguments, "python -m heygen_async.mcp")


def _users(path: Path | None) -> list[User]:
    users = [] if path is None else read_users(path)
    if token := os.environ.get(_TOKEN_VARIABLE):
        add_user(users, "default", token, None, _TOKEN_VARIABLE)
    return users


def _check_address(host: str, allowed_hosts: tuple[str, ...], users: list[User]) -> None:
    """Refuse an address that other machines reach, without a token or without a name for it.

    Raises:
        UsageError: One of them is missing.
    """
    if is_loopback(host):
        return
    if not users:
        raise click.UsageError(
            f"Other machines can reach {host}, and every call is charged to your HeyGen account: "
            f"pass --tokens FILE, or set {_TOKEN_VARIABLE}."
        )
    if host in {"0.0.0.0", "::"} and not allowed_hosts:  # noqa: S104  it is compared
        raise click.UsageError(
            f"--host {host} needs --allowed-host NAME: the name of this server in the clients' URLs."
        )
