"""What authenticates requests: a secret key, or an object that signs them. `auth` provides both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import aiohttp
    from multidict import CIMultiDict

    from ..errors import APIError


class Secret(str):
    """A key, token or other secret. Its repr hides it, so that it stays out of logs and of tracebacks with locals."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError(
            "Keys and tokens cannot be pickled. Set HEYGEN_API_KEY in the other process, or share a TokenStore."
        )


class Credentials(Protocol):
    """Signs requests with a token that may change over time."""

    async def sign(
        self, session: aiohttp.ClientSession, headers: CIMultiDict[str], deadline: float
    ) -> CIMultiDict[str]:
        """Return the headers with a valid token added.

        Args:
            session: The connections for refreshing the token.
            headers: The request's headers; they are not changed.
            deadline: The event loop's time at which waiting for a token ends.
        """
        ...

    def reject(self, headers: CIMultiDict[str], error: APIError) -> None:
        """Note that the API rejected the token in these headers. The next `sign` uses a new one."""
        ...

    async def aclose(self) -> None:
        """Finish a refresh that is in progress."""
        ...
