"""`python -m heygen_async.testing --port 8080`: a local HeyGen for any client in any language."""

from __future__ import annotations

import argparse
import asyncio
import signal

from .emulator import KEY, HeyGenEmulator


async def serve(arguments: argparse.Namespace) -> None:
    """Serve until a signal comes."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    emulator = HeyGenEmulator(
        host=arguments.host,
        port=arguments.port,
        api_key=arguments.key,
        render_seconds=arguments.render_seconds,
        rate_limit=arguments.rate_limit,
        concurrency_limit=arguments.concurrency_limit,
        balance=arguments.balance,
        record_requests=False,
    )
    async with emulator:
        print(f"HEYGEN_API_URL={emulator.url} HEYGEN_API_KEY={emulator.key}", flush=True)  # noqa: T201  its one line
        await stop.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m heygen_async.testing", description="A local HeyGen on loopback.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--key", default=KEY, help="the API key that it accepts (default: %(default)s)")
    parser.add_argument("--render-seconds", type=float, default=60.0, help="how long a video takes (default: 60)")
    parser.add_argument("--rate-limit", type=float, help="requests a second, above which 429 comes (default: none)")
    parser.add_argument("--concurrency-limit", type=int, default=10, help="video-making jobs at once (default: 10)")
    parser.add_argument("--balance", type=float, default=100.0, metavar="USD", help="the wallet (default: 100)")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
