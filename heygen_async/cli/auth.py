"""`heygen-async auth status`: the account, and where its credentials come from."""

from __future__ import annotations

from typing import Any, cast

import click

from ..auth.credential_choice import describe_credentials
from ..client import AsyncHeyGen
from ..operations.text import to_json
from . import output
from .running import HUMAN, run


@click.group(no_args_is_help=False)
def auth() -> None:
    """Show the account of the credentials in use."""


@auth.command(params=[HUMAN])
def status(*, human: bool) -> int:
    """Print the account and its balance, the source of the credentials, and the end of the key or token.

    The source is HEYGEN_API_KEY, else HEYGEN_ACCESS_TOKEN, else the file of the stored sign-in. The exit code is 3 if
    there are no credentials, or HeyGen rejects them.
    """

    async def request() -> None:
        async with AsyncHeyGen() as heygen:
            user = cast("dict[str, Any]", to_json(await heygen.users.me()))
            source, hint = describe_credentials(heygen._transport)  # noqa: SLF001
        fields = {"authenticated": True, "source": source, "credential": hint, **user}
        output.print_response({"data": fields}, human=human)

    return run(request)
