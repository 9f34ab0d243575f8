"""The connections of a client: aiohttp's connector, with the client's proxies, which closes without a loop."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    import asyncio

    from aiohttp.client_proto import ResponseHandler
    from aiohttp.client_reqrep import ConnectionKey

    from .proxies import Proxies


class Connector(aiohttp.TCPConnector):
    """A connector without aiohttp's warning about unclosed connectors; the client itself warns once.

    Attributes:
        proxies: The proxies for the requests through it.
    """

    def __init__(self, proxies: Proxies, **options: Any) -> None:
        super().__init__(**options)  # pyright: ignore[reportUnknownMemberType]  aiohttp's own types
        self.proxies: Proxies = proxies

    def __del__(self, _: object = None) -> None:
        if not self.closed:
            self.release()

    async def close(self, *, abort_ssl: bool = False) -> None:
        """Close the connections; those of unfinished requests without sending what is left of the request.

        Otherwise a server that does not read would delay the closing without limit.
        """
        for protocol in self._acquired:
            _drop_unsent(protocol, should_close=True)
        await super().close(abort_ssl=abort_ssl)

    def _release(self, key: ConnectionKey, protocol: ResponseHandler, *, should_close: bool = False) -> None:
        """Take a connection back; close one of an unfinished request without sending what is left of the request."""
        _drop_unsent(protocol, should_close=should_close)
        super()._release(key, protocol, should_close=should_close)

    def release(self) -> None:
        """Close the connections without awaiting, also when their event loop is closed."""
        pooled = [protocol for pool in self._conns.values() for protocol, *_ in pool]
        transports = [protocol.transport for protocol in (*pooled, *self._acquired)]
        # The public close() is a coroutine; its synchronous part has had two names.
        close = getattr(self, "_close_immediately", None) or self._close
        close()
        if self._loop.is_closed():
            for transport in transports:
                if transport is not None:
                    _close_transport(transport)


def _drop_unsent(protocol: ResponseHandler, *, should_close: bool) -> None:
    """Abort a connection that has to be closed, if not everything that was written to it has been sent."""
    transport = protocol.transport
    if transport is None or not (transport.get_write_buffer_size() or _plain(transport).get_write_buffer_size()):
        return
    if should_close or protocol.should_close:  # slower to find out
        transport.abort()


def _plain(transport: Any) -> Any:
    """Return the transport below one for TLS, or the transport itself."""
    return getattr(getattr(transport, "_ssl_protocol", None), "_transport", None) or transport


def _close_transport(transport: asyncio.Transport) -> None:
    """Close the socket of a transport whose event loop is closed.

    asyncio closes it in a callback of the loop, `_call_connection_lost`, which a closed loop does not run. A transport
    for TLS leaves the socket to the transport below it. Transports without that callback close with their loop.
    """
    with suppress(RuntimeError):  # the loop refuses the callback
        transport.abort()
    with suppress(RuntimeError):
        if (close := getattr(_plain(transport), "_call_connection_lost", None)) is not None:
            close(None)
