"""`python -m heygen_async.testing --port 8080`: a local HeyGen for any client in any language.

The exit codes are in `heygen_async.cli.exit_codes`: 0 after a signal, 2 for wrong use.
"""

from __future__ import annotations

import asyncio
from typing import Any

import click

from ..cli.exit_codes import DONE
from ..cli.signals import exit_at_signals, handle_signals

if __name__ == "__main__":
    exit_at_signals()  # The imports take a second.

from .emulator import KEY, HeyGenEmulator

_MAX_REQUESTS = 1000
_TOKEN_HELP = (
    "The token of the control endpoints. Default: none on loopback; on other addresses a new one, which is printed."  # noqa: S105
)
_PUBLIC_HOST_HELP = "The name of the host in its URLs, if clients use another one than --host."


@click.command(context_settings={"show_default": True}, epilog="Exit codes: 0 done (stopped by a signal), 2 wrong use.")
@click.option("--host", default="127.0.0.1", help="The address to listen on.")
@click.option("--port", default=8080, type=click.IntRange(0, 65535), help="0 takes any free port.")
@click.option("--storage-port", default=0, type=click.IntRange(0, 65535), help="The port of presigned URLs.")
@click.option("--public-host", help=_PUBLIC_HOST_HELP)
@click.option("--key", "api_key", default=KEY, help="The API key that it accepts.")
@click.option("--control-token", envvar="HEYGEN_EMULATOR_TOKEN", show_envvar=True, help=_TOKEN_HELP)
@click.option("--render-seconds", default=60.0, help="Duration of each job of any kind in seconds.")
@click.option("--rate-limit", type=float, help="Requests per second before it responds with 429. Default: no limit.")
@click.option("--concurrency-limit", default=10, help="Maximum of unfinished video jobs.")
@click.option("--balance", default=100.0, metavar="USD", help="The initial balance of the wallet.")
def main(**options: Any) -> None:
    """Serve a local HeyGen on loopback until a signal. Print its address and key as environment variables."""
    try:
        asyncio.run(serve(**options))
    except OSError as problem:
        address = f"{options['host']}:{options['port']}"
        raise click.UsageError(f"Cannot listen on {address} ({problem.strerror}). Choose another --port.") from None


async def serve(**options: Any) -> None:
    """Serve until a signal."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    with handle_signals(lambda: loop.call_soon_threadsafe(stopped.set), DONE):
        async with HeyGenEmulator(**options, max_requests=_MAX_REQUESTS) as emulator:
            token = emulator.control_token if options["control_token"] is None else None
            variables = {"BASE_URL": emulator.url, "API_KEY": emulator.key} | (
                {"EMULATOR_TOKEN": token} if token else {}
            )
            click.echo(" ".join(f"HEYGEN_{name}={value}" for name, value in variables.items()))
            await stopped.wait()


if __name__ == "__main__":
    main(prog_name="python -m heygen_async.testing")
