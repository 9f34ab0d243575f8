"""A network on loopback: a certificate authority, forward proxies that record what they connect to, and a TLS emulator."""

from __future__ import annotations

import asyncio
import base64
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import trustme

from heygen_async.testing import HeyGenEmulator

HOST = "api.heygen.test"  # a name that only the proxies resolve


class ForwardProxy:
    """A proxy on loopback that tunnels by CONNECT and by SOCKS5, to loopback whatever the name.

    Attributes:
        connections: The hosts and ports that clients asked for.
        login: `name:password`, when it asks for them.
    """

    def __init__(self, login: str | None = None) -> None:
        self.connections: list[str] = []
        self.login = login
        self.port = 0
        self.status_line = ""  # a response to every CONNECT instead of a tunnel

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client: the first byte tells SOCKS from HTTP."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            first = await reader.readexactly(1)
            target = await (self._socks(reader, writer) if first == b"\x05" else self._connect(reader, writer))
            if target is not None:
                await tunnel(reader, writer, target)
        writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int | None:
        head = "C" + (await reader.readuntil(b"\r\n\r\n")).decode()
        token = base64.b64encode((self.login or "").encode()).decode()
        if self.login is not None and f"Proxy-Authorization: Basic {token}\r\n" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return None
        if self.status_line:
            writer.write(f"HTTP/1.1 {self.status_line}\r\nContent-Length: 6\r\n\r\n<html>".encode())
            return None
        target = head.split(" ", 2)[1]
        self.connections.append(target)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return int(target.rpartition(":")[2])

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int | None:
        (count,) = await reader.readexactly(1)
        methods = await reader.readexactly(count)
        method = 2 if self.login is not None else 0
        writer.write(bytes([5, method if method in methods else 0xFF]))
        if method == 2:
            _, length = await reader.readexactly(2)
            name = await reader.readexactly(length)
            password = await reader.readexactly((await reader.readexactly(1))[0])
            is_right = f"{name.decode()}:{password.decode()}" == self.login
            writer.write(bytes([1, 0 if is_right else 1]))
            if not is_right:
                return None
        _, _, _, kind = await reader.readexactly(4)
        length = (await reader.readexactly(1))[0] if kind == 3 else 4
        address = await reader.readexactly(length)
        (port,) = struct.unpack(">H", await reader.readexactly(2))
        host = address.decode() if kind == 3 else ".".join(map(str, address))
        self.connections.append(f"{host}:{port}")
        writer.write(b"\x05\x00\x00\x01" + b"\0" * 6)
        return int(port)


async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Pass bytes between a client and a port of loopback until one side ends."""
    upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await source.read(1 << 16):
                target.write(chunk)
                await target.drain()
        target.close()

    await asyncio.gather(copy(reader, upstream_writer), copy(upstream_reader, writer))


@asynccontextmanager
async def forward_proxy(login: str | None = None) -> AsyncIterator[ForwardProxy]:
    """Serve a proxy on a free port."""
    proxy = ForwardProxy(login)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()


class Authority:
    """A certificate authority whose certificate lies in a file."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.bundle = folder / "authority.pem"
        self.authority.cert_pem.write_to_path(self.bundle)

    def contexts(self, *names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
        """Return the context of a server with a certificate for these names, and of a client that trusts it."""
        return self.server_context(*names), ssl.create_default_context(cafile=self.bundle)

    def server_context(self, *names: str, asks_for_certificate: bool = False) -> ssl.SSLContext:
        """Return the context of a server with a certificate for these names; by default `HOST` and loopback."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.authority.issue_cert(*(names or (HOST, "127.0.0.1", "localhost"))).configure_cert(context)
        if asks_for_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            self.authority.configure_trust(context)
        return context

    def client_certificate(self, folder: Path) -> Path:
        """Write a client's certificate and key into one file."""
        certificate = self.authority.issue_cert("client@example.com")
        path = folder / "client.pem"
        certificate.private_key_and_cert_chain_pem.write_to_path(path)
        return path


@asynccontextmanager
async def tls_emulator(authority: Authority, host: str = HOST) -> AsyncIterator[HeyGenEmulator]:
    """Serve an emulator over https, under a name."""
    async with HeyGenEmulator(ssl_context=authority.server_context(), public_host=host, render_seconds=0.05) as api:
        yield api
