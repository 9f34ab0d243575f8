"""What a shell needs besides: whose key it is, any endpoint, completion."""

from __future__ import annotations

from typing import Any, cast

import click
from click.shell_completion import get_completion_class

from ..client import AsyncHeyGen
from ..operations.catalog import json_of
from . import flags, output
from .running import HUMAN, run

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@click.group(no_args_is_help=False)
def auth() -> None:
    """Whose key it is."""


@auth.command(params=[HUMAN])
def status(*, human: bool) -> int:
    """Whose key HEYGEN_API_KEY is, and what may still be spent; exit code 3 when HeyGen does not take it."""

    async def ask() -> None:
        async with AsyncHeyGen() as heygen:
            user = cast("dict[str, Any]", json_of(await heygen.users.me()))
        output.tell({"data": {"authenticated": True, "source": "HEYGEN_API_KEY", **user}}, human=human)

    return run(ask, human=human)


@click.command(params=[HUMAN])
@click.argument("method", metavar="METHOD", type=click.Choice(_METHODS, case_sensitive=False))
@click.argument("path")
@click.option(
    "-d", "--data", type=flags.json, shell_complete=flags.paths, help="The body as JSON: text, a file's path, or -."
)
@click.option("--idempotency-key", help="Where the endpoint honours one.")
@click.option("--force", is_flag=True, help="With DELETE: do not ask for confirmation.")
def api(method: str, path: str, data: Any, idempotency_key: str | None, *, force: bool, human: bool) -> int:
    """Ask any endpoint (`api GET /v3/users/me`), and print its answer whole, with what this version does not know."""

    async def ask() -> None:
        async with AsyncHeyGen() as heygen:
            answer = await heygen.request(method, path, json=data, idempotency_key=idempotency_key)
        output.tell(answer, human=human, of_change=method != "GET")

    return run(ask, human=human, destroys=f"DELETE {path}" if method == "DELETE" and not force else "")


@click.command()
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> int:
    """The script that completes commands: eval "$(heygen-async completion bash)"."""
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101  click has all three
    output.tell_text(kind(ctx.find_root().command, {}, output.PROGRAM, "_HEYGEN_ASYNC_COMPLETE").source())
    return output.DONE
