"""`heygen-async auth status`: the account of the API key."""

from __future__ import annotations

from typing import Any, cast

import click

from ..client import AsyncHeyGen
from ..operations.text import to_json
from . import output
from .running import HUMAN, run


@click.group(no_args_is_help=False)
def auth() -> None:
    """Show the account of the API key."""


@auth.command(params=[HUMAN])
def status(*, human: bool) -> int:
    """Print the account of HEYGEN_API_KEY and its balance. The exit code is 3 if HeyGen rejects the key."""

    async def request() -> None:
        async with AsyncHeyGen() as heygen:
            user = cast("dict[str, Any]", to_json(await heygen.users.me()))
        output.print_response({"data": {"authenticated": True, "source": "HEYGEN_API_KEY", **user}}, human=human)

    return run(request)
