"""`ApiKeySource`: API keys that a function of the program returns, for keys that rotate.

The problem: a secret manager hands out keys that expire or are replaced, and a request to it costs time and money.

Rejected: calling the function before every request, which doubles their number. Rejected: a lifetime for a key, which
only the secret manager knows.

So the function is called before the first request, and again after HeyGen rejected its key with a 401. Requests that
need a key at the same time share one call. A call belongs to none of them, so a cancelled request does not end it.
"""

from __future__ import annotations

import asyncio
import copy
import math
from collections.abc import Awaitable, Callable
from inspect import isawaitable, iscoroutinefunction
from typing import TYPE_CHECKING, TypeAlias

from .._http.tasks import start_task
from .._http.worker_threads import run_in_thread
from ..errors import APIError, APITimeoutError, ConfigurationError, HeyGenError
from ..types.redaction import NO_SECRETS, Secret, SecretMask
from .api_key import check_api_key

if TYPE_CHECKING:
    import aiohttp
    from multidict import CIMultiDict

#: Returns an API key; may be async. A function that is not async runs in a thread.
ApiKeyFunction: TypeAlias = "Callable[[], str | Awaitable[str]]"

_HEADER = "X-Api-Key"
_ADVICE = "The function in api_key= returned this key again after HeyGen had rejected it. Let it return a valid one."


class ApiKeySource:
    """The credentials of a client whose `api_key` is a function.

    Args:
        function: Returns the key.
    """

    def __init__(self, function: ApiKeyFunction) -> None:
        self._function = function
        self._key: Secret | None = None
        self._rejection: tuple[Secret, APIError] | None = None  # of the key that was rejected last
        self._call: asyncio.Task[Secret] | None = None

    def __repr__(self) -> str:
        return "ApiKeySource(…)"

    @property
    def mask(self) -> SecretMask:
        """Masks the newest key in what a server sends."""
        return NO_SECRETS if self._key is None else self._key.mask

    @property
    def hint(self) -> str:
        """The end of the secret in use, for a person; empty before there is one."""
        return "" if self._key is None else self._key.hint

    async def sign(
        self,
        session: aiohttp.ClientSession,  # noqa: ARG002  of the protocol
        headers: CIMultiDict[str],
        deadline: float,
    ) -> CIMultiDict[str]:
        """Return the headers with the key; the session is not used.

        Raises:
            AuthenticationError: The function returned the key that HeyGen has rejected.
            ConfigurationError: The function failed, or returned no API key.
            APITimeoutError: The function did not return before the deadline.
        """
        rejection = self._rejection
        if self._key is None or (rejection is not None and rejection[0] is self._key):
            self._key = await self._new_key(deadline)
            if rejection is not None and self._key == rejection[0]:
                self._rejection = (self._key, rejection[1])
                raise self._key.mask.error(_rejected_again(rejection[1]))
        signed = headers.copy()
        signed[_HEADER] = self._key.reveal()
        return signed

    def accept(self, headers: CIMultiDict[str]) -> None:
        """Do nothing: a key that was accepted once may be rejected later."""

    def reject(self, headers: CIMultiDict[str], error: APIError) -> bool:
        """Record that the API rejected the key in these headers; return True, since the next `sign` has another one."""
        if self._key is not None and headers.get(_HEADER) == self._key.reveal():
            self._rejection = (self._key, error)
        return True

    async def aclose(self) -> None:
        """Cancel a call of the function that is in progress."""
        call = self._call
        if call is not None and call.get_loop() is asyncio.get_running_loop():
            call.cancel()
            await asyncio.wait({call})

    async def _new_key(self, deadline: float) -> Secret:
        """Return the result of the running call; start one if none runs."""
        call = self._call
        if call is None or call.done() or call.get_loop() is not asyncio.get_running_loop():
            call = self._call = start_task(self._call_function())
        left = deadline - asyncio.get_running_loop().time()
        await asyncio.wait({call}, timeout=None if left == math.inf else max(left, 0.0))
        if not call.done():
            raise APITimeoutError("The function in api_key= returned no key in time, so this attempt was not sent.")
        if call.cancelled():
            raise ConfigurationError("The client was closed while the function in api_key= was running.")
        if (error := call.exception()) is not None:
            raise copy.copy(error)  # each waiting task raises its own
        return call.result()

    async def _call_function(self) -> Secret:
        try:
            is_async = iscoroutinefunction(self._function)
            result = self._function() if is_async else await run_in_thread(self._function)
            key = await result if isawaitable(result) else result
        except HeyGenError:
            raise
        except Exception as error:
            raise ConfigurationError(f"The function in api_key= failed: {error!r}. Nothing was sent.") from error
        return check_api_key(Secret(key) if isinstance(key, str) else key, "the result of the function in api_key=")


def _rejected_again(error: APIError) -> APIError:
    again = copy.copy(error)
    again.advice = _ADVICE
    return again
