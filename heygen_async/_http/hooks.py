"""The hooks of a program, such as `on_request` and `on_response`, which may be async.

They are called for each attempt of a call and of an event stream, and for each request to a file store. The address of
a file store is shown without its query, which is a credential.
"""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, ParamSpec

from multidict import CIMultiDict

from ..types.redaction import without_query
from .response import RequestInfo, Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .configuration import RequestHook, ResponseHook
    from .exchange import Exchange

P = ParamSpec("P")

_ADDRESS_HEADERS = ("Location", "Content-Location")


async def call_hook(hook: Callable[P, Awaitable[object] | object], *arguments: P.args, **keywords: P.kwargs) -> None:
    """Call a hook of the program, which may be async."""
    result = hook(*arguments, **keywords)
    if isawaitable(result):
        await result


async def report_request(
    hook: RequestHook,
    method: str,
    url: str,
    attempt: int,
    idempotency_key: str | None = None,
    *,
    is_transfer: bool = False,
) -> None:
    """Call `on_request` before an attempt. The hook gets the URL without its query."""
    await call_hook(
        hook,
        RequestInfo(
            method=method,
            url=without_query(url),
            attempt=attempt,
            idempotency_key=idempotency_key,
            is_transfer=is_transfer,
        ),
    )


async def report_transfer_response(hook: ResponseHook, exchange: Exchange, attempt: int, elapsed: float) -> None:
    """Call `on_response` with the head of a file store's response."""
    raw = exchange.response
    headers = CIMultiDict(raw.headers)
    for name in _ADDRESS_HEADERS:
        if name in headers:
            headers[name] = without_query(headers[name])
    await call_hook(
        hook,
        Response(
            raw.method, without_query(exchange.address), raw.status, headers, b"", attempt, elapsed, is_transfer=True
        ),
    )
