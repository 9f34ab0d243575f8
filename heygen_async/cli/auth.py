"""`heygen-async auth`: the stored API key, the account, and where its credentials come from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

import click

from .._http.worker_threads import run_in_thread
from ..auth.credential_choice import describe_credentials
from ..auth.key_file import key_file_path, store_key
from ..auth.token_file import token_file_path
from ..client import AsyncHeyGen
from ..operations.text import to_json
from . import output
from .running import HUMAN, run

_MAX_KEY_LENGTH = 10_000  # characters


@click.group(no_args_is_help=False)
def auth() -> None:
    """Sign in and out, and show the account of the credentials in use."""


@auth.command()
def login() -> int:
    """Store an API key for this user, after HeyGen has accepted it.

    The key is read from the terminal without being shown, or from standard input. It is stored in a file that only this
    user can read. HEYGEN_API_KEY and HEYGEN_ACCESS_TOKEN come before it. Create a key at
    https://app.heygen.com/settings?nav=API
    """
    key = _read_key()

    async def check_and_store() -> None:
        async with AsyncHeyGen(key) as heygen:
            user = cast("dict[str, Any]", to_json(await heygen.users.me()))
        path = await run_in_thread(store_key, key)
        output.print_response({"data": {"authenticated": True, "source": str(path), **user}}, mutating=True)

    return run(check_and_store, needs_key=False)


@auth.command()
def logout() -> int:
    """Remove the stored API key and the stored OAuth tokens of this user. The key itself stays valid at HeyGen."""

    async def remove() -> None:
        paths = (key_file_path(), token_file_path())
        removed = [str(path) for path in paths if await run_in_thread(_remove, path)]
        output.print_response({"data": {"authenticated": False, "removed": removed}})

    return run(remove, needs_key=False)


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


def _read_key() -> str:
    """Return the key that the person types or pastes, or that standard input holds."""
    if sys.stdin.isatty():
        key: str = click.prompt("API key", hide_input=True, err=True)
        return key.strip()
    key = sys.stdin.read(_MAX_KEY_LENGTH).strip()
    if not key:
        raise click.UsageError("Standard input is empty; expected an API key.", click.get_current_context())
    return key


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True
