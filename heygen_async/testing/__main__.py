"""`python -m heygen_async.testing --port 8080`: a local HeyGen for any client in any language.

The exit codes are in `heygen_async.cli.exit_codes`: 0 after a signal, 2 for wrong use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import IO, Any

import click
import msgspec

from ..cli.exit_codes import DONE, FAILED
from ..cli.signals import exit_at_signals, handle_signals
from ..cli.tables import strip_control_characters

if __name__ == "__main__":
    exit_at_signals()  # The imports take a second.

from .contract_diff import Comparison, compare
from .emulator import KEY, HeyGenEmulator
from .known_ids import OPTIONS
from .openapi import build_document
from .plan_checks import PLANS

_PORT = 8080
_MAX_REQUESTS = 1000
_MAX_DOCUMENT_BYTES = 16 << 20
_DIFF_HELP = "An OpenAPI document of HeyGen in JSON, or - for standard input."
_TOKEN_HELP = (
    "The token of the control endpoints. Default: none on loopback; on other addresses a new one, which is printed."  # noqa: S105
)
_PUBLIC_HOST_HELP = "The name of the host in its URLs, if clients use another one than --host."

_ACCOUNT_HELP = "A file with what the list commands of a real account print. May be repeated."


def _known_id_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each kind of resource."""
    for kind, option in reversed([*OPTIONS.items()]):
        noun = "look" if kind == "avatar" else kind.replace("_", " ")
        text = f"A further {noun} that requests may name. May be repeated."
        command = click.option(f"--{option.replace('_', '-')}", multiple=True, metavar="ID", help=text)(command)
    return command


@click.group(
    invoke_without_command=True,
    context_settings={"show_default": True},
    epilog="Exit codes: 0 done (stopped by a signal), 2 wrong use.",
)
@click.option("--host", default="127.0.0.1", help="The address to listen on.")
@click.option("--port", default=_PORT, type=click.IntRange(0, 65535), help="0 takes any free port.")
@click.option("--storage-port", default=0, type=click.IntRange(0, 65535), help="The port of presigned URLs.")
@click.option("--public-host", help=_PUBLIC_HOST_HELP)
@click.option("--key", "api_key", default=KEY, help="The API key that it accepts.")
@click.option("--control-token", envvar="HEYGEN_EMULATOR_TOKEN", show_envvar=True, help=_TOKEN_HELP)
@click.option("--render-seconds", default=60.0, help="Duration of each job of any kind in seconds.")
@click.option("--rate-limit", type=float, help="Requests per second before it responds with 429. Default: no limit.")
@click.option("--plan", type=click.Choice([*PLANS]), help="The plan of the account. Default: no limit of a plan.")
@click.option(
    "--concurrency-limit", type=int, help="Maximum of unfinished video jobs. Default: 20 for enterprise, else 10."
)
@click.option("--balance", default=100.0, metavar="USD", help="The initial balance of the wallet.")
@click.option("--account", multiple=True, type=click.Path(exists=True, dir_okay=False), help=_ACCOUNT_HELP)
@_known_id_options
@click.option("--lenient", is_flag=True, help="Accept any id of these kinds, and exceed the limits of plans and files.")
def main(**options: Any) -> None:
    """Serve a local HeyGen on loopback until a signal. Print its address and key as environment variables."""
    if click.get_current_context().invoked_subcommand is not None:
        return
    try:
        emulator = HeyGenEmulator(**options, max_requests=_MAX_REQUESTS)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None
    try:
        asyncio.run(serve(emulator, given_token=options["control_token"]))
    except OSError as problem:
        advice = "Choose another --port or --storage-port."
        raise click.UsageError(f"Cannot listen on {options['host']} ({problem.strerror}). {advice}") from None


@main.command("contract", epilog="Exit codes: 0 done (nothing differs), 1 failed (there are differences), 2 wrong use.")
@click.option("--diff", "document", type=click.File("rb"), help=_DIFF_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
def print_contract(document: IO[bytes] | None, *, as_json: bool) -> None:
    """Print the operations that the local HeyGen serves, as an OpenAPI 3.1 document; or compare them with another one.

    Each line of a comparison is an operation, a field or a value. It starts with + if only the other document has it,
    with - if the other document lacks it, and with ~ if the two differ.
    """
    if document is None:
        _print_json(build_document(f"http://127.0.0.1:{_PORT}"))
        return
    comparison = _compare(document)
    if as_json:
        _print_json(comparison)
    else:
        for change in comparison.changes:
            click.echo(strip_control_characters(str(change)))
        counts = f"{len(comparison.changes)} differences in {comparison.compared} operations of both documents."
        click.echo(f"{counts} {comparison.skipped} operations are not of v3.")
    click.get_current_context().exit(FAILED if comparison.changes else DONE)


def _compare(document: IO[bytes]) -> Comparison:
    content = document.read(_MAX_DOCUMENT_BYTES + 1)
    try:
        if len(content) > _MAX_DOCUMENT_BYTES:
            raise ValueError(f"it is larger than {_MAX_DOCUMENT_BYTES >> 20} MiB")
        return compare(msgspec.json.decode(content))
    except (ValueError, RecursionError) as problem:
        raise click.UsageError(f"Cannot read {document.name} as an OpenAPI document: {problem}.") from None


def _print_json(value: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


async def serve(emulator: HeyGenEmulator, *, given_token: str | None) -> None:
    """Serve until a signal."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    with handle_signals(lambda: loop.call_soon_threadsafe(stopped.set), DONE):
        async with emulator:
            token = emulator.control_token if given_token is None else None
            variables = {"BASE_URL": emulator.url, "API_KEY": emulator.key} | (
                {"EMULATOR_TOKEN": token} if token else {}
            )
            click.echo(" ".join(f"HEYGEN_{name}={value}" for name, value in variables.items()))
            await stopped.wait()


if __name__ == "__main__":
    main(prog_name="python -m heygen_async.testing")
