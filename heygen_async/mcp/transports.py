"""Serve over stdio or streamable HTTP until a signal, then shut down cleanly.

At a signal, calls that still run would be cut off without a response. Over HTTP the server therefore cancels such calls
itself and sends a response before it closes the connections.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import contextmanager
from logging import getLogger
from typing import TYPE_CHECKING

import anyio
import uvicorn
from click import echo
from mcp import MCPError, stdio_server, types
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl

from ..cli.exit_codes import DONE
from ..cli.running import open_listener
from ..cli.signals import handle_signals

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from mcp.server.context import CallNext, HandlerResult
    from mcp.server.lowlevel.server import Server

    from ..client import AsyncHeyGen
    from .bearer_tokens import BearerTokens
    from .confirmation import Context

_CLOSE_SECONDS = 1  # Time that open connections have to finish.


async def serve_stdio(server: Server[AsyncHeyGen]) -> None:
    """Serve over stdin and stdout until a signal or the end of stdin."""
    loop, scope = asyncio.get_running_loop(), anyio.CancelScope()
    with handle_signals(lambda: loop.call_soon_threadsafe(scope.cancel), DONE):
        async with stdio_server() as (incoming, outgoing):
            with scope:
                await server.run(incoming, outgoing, server.create_initialization_options())
            if scope.cancel_called:
                os._exit(DONE)  # The client is closed. A thread still reads stdin, and nothing else can end it.


async def serve_http(
    server: Server[AsyncHeyGen],
    host: str,
    port: int,
    *,
    allowed_hosts: Sequence[str] = (),
    allowed_origins: Sequence[str] = (),
    tokens: BearerTokens | None = None,
) -> None:
    """Serve streamable HTTP at `/mcp` until a signal.

    Args:
        server: The server.
        host: The address to listen on. Its name, and those of this machine, may be the header `Host` of requests.
        port: The port; 0 takes any free one.
        allowed_hosts: More names for the header `Host`, with any port, such as `mcp.example.com`.
        allowed_origins: More values for the header `Origin`, such as `https://app.example.com`.
        tokens: The tokens, one of which each request must have. Default: no token is needed.
    """
    name = f"[{host}]" if ":" in host else host
    listener = open_listener(host, port)
    names = ("127.0.0.1", "localhost", "[::1]", name, *allowed_hosts)
    hosts = [f"{one}{any_port}" for one in names for any_port in ("", ":*")]
    origins = [*(f"http://{one}" for one in hosts), *(f"https://{one}" for one in allowed_hosts), *allowed_origins]
    security = TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)
    issuer = AnyHttpUrl(f"http://{name}:{listener.getsockname()[1]}")
    auth = None if tokens is None else AuthSettings(issuer_url=issuer, resource_server_url=None)
    app = server.streamable_http_app(transport_security=security, auth=auth, token_verifier=tokens)
    config = uvicorn.Config(app, ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=_CLOSE_SECONDS)
    http_server = _HTTPServer(config, server)
    with handle_signals(http_server.end, DONE):
        echo(f"HeyGen's tools are at http://{name}:{listener.getsockname()[1]}/mcp", err=True)
        await http_server.serve(sockets=[listener])


class _HTTPServer(uvicorn.Server):
    """Sends a response to every unfinished call before it closes."""

    def __init__(self, config: uvicorn.Config, server: Server[AsyncHeyGen]) -> None:
        super().__init__(config)
        self._loop = asyncio.get_running_loop()
        self._unfinished: set[anyio.CancelScope] = set()
        server.middleware.append(self._track)

    async def _track(self, ctx: Context, call_next: CallNext) -> HandlerResult:
        with anyio.CancelScope() as scope:
            self._unfinished.add(scope)
            try:
                return await call_next(ctx)
            finally:
                self._unfinished.discard(scope)
        raise MCPError(types.INTERNAL_ERROR, "The server ends. Created jobs continue at HeyGen; its lists show them.")

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals to the program. uvicorn's handlers would raise them again at the end."""
        yield

    def end(self) -> None:
        """Cancel unfinished calls, then close."""
        for scope in self._unfinished:
            self._loop.call_soon_threadsafe(scope.cancel)
        getLogger("uvicorn.error").setLevel("CRITICAL")  # uvicorn logs connections that it closes as errors.
        self.should_exit = True
