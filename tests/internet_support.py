"""A small internet: names with addresses, and one TLS server of this machine behind some addresses."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp.web
import pytest

PUBLIC = "93.184.216.34"
PUBLIC_V6 = "2606:2800:220:1::1"
TUNNEL = "198.18.0.7"
INNER = "10.9.9.9"
#: The names of the server's certificate.
CERTIFIED = (
    "api.heygen.com", "api.example", "files.example", "b.example", "inner.example", PUBLIC, PUBLIC_V6,
)  # fmt: skip
FILE = b"the file"


class Internet:
    """Gives names their addresses, and leads each connection to one of the addresses above to the server.

    Attributes:
        names: The addresses of each name, for one lookup after the other; the last ones remain. Without any, the name
            is not found.
        lookups: The names that were looked up.
        connections: The addresses to which a connection was opened.
        requests: The requests that the server got: host, method and path.
        upload_url: The URL that the API gives for an upload.
        answer: Called with each request for its response, when it is set.
    """

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {"api.heygen.com": [[PUBLIC]], "files.example": [[PUBLIC]]}
        self.lookups: list[str] = []
        self.connections: list[str] = []
        self.requests: list[str] = []
        self.headers: list[Any] = []
        self.upload_url = ""
        self.answer: Any = None
        self._ports: dict[int, int] = {}

    async def serve(self, context: ssl.SSLContext) -> aiohttp.web.AppRunner:
        app = aiohttp.web.Application()
        app.router.add_route("*", "/{path:.*}", self._respond)
        runner = aiohttp.web.AppRunner(app, access_log=None)
        await runner.setup()
        for host, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
            await aiohttp.web.TCPSite(runner, host, 0, ssl_context=context).start()
            self._ports[family] = runner.addresses[-1][1]
        return runner

    async def _respond(self, request: aiohttp.web.Request) -> aiohttp.web.Response:
        await request.read()
        self.requests.append(f"{request.host} {request.method} {request.path}")
        self.headers.append(request.headers)
        if self.answer is not None:
            return self.answer(request)
        if request.path.startswith("/v3/videos/"):
            video = {"id": "v", "status": "completed", "video_url": "https://files.example/a"}
            return aiohttp.web.json_response({"data": video})
        if request.path.startswith("/v3/"):
            asset = {"asset_id": "asset_1", "upload_url": self.upload_url, "status": "completed", "url": "https://a"}
            return aiohttp.web.json_response({"data": asset})
        location = "/circle" if request.path == "/circle" else request.query.get("to")
        if location is not None:
            return aiohttp.web.Response(status=307, headers={"Location": location})
        return aiohttp.web.Response(body=FILE)

    def resolve(self, real: Any, host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        """Replace `socket.getaddrinfo`."""
        name = host.decode() if isinstance(host, bytes) else host
        if name == "localhost" or not name.strip("0123456789abcdef:.x%"):
            return real(host, port, *arguments, **options)
        self.lookups.append(name)
        rounds = self.names.get(name, [[]])
        addresses = rounds.pop(0) if len(rounds) > 1 else rounds[0]
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    async def connect(self, real: Any, loop: Any, sock: socket.socket, address: Any) -> Any:
        """Replace `sock_connect` of event loops."""
        self.connections.append(address[0])
        if address[0] in {PUBLIC, PUBLIC_V6, TUNNEL, INNER}:
            address = ("127.0.0.1" if sock.family == socket.AF_INET else "::1", self._ports[sock.family])
        return await real(loop, sock, address)


@asynccontextmanager
async def small_internet(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Internet]:
    """Serve the small internet; this process resolves names, connects and trusts certificates as it says."""
    internet = Internet()
    runner = await internet.serve(contexts[0])
    loop_type = type(asyncio.get_running_loop())
    resolve, connect = socket.getaddrinfo, loop_type.sock_connect

    async def getaddrinfo(_: object, host: str, port: int, **options: Any) -> Any:
        return internet.resolve(resolve, host, port, **options)

    async def sock_connect(loop: Any, sock: Any, address: Any) -> Any:
        return await internet.connect(connect, loop, sock, address)

    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: internet.resolve(resolve, *args, **options))
    monkeypatch.setattr(loop_type, "getaddrinfo", getaddrinfo)  # uvloop resolves by itself
    monkeypatch.setattr(loop_type, "sock_connect", sock_connect)
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", contexts[1])
    try:
        yield internet
    finally:
        await runner.cleanup()
