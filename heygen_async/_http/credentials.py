"""What authenticates requests: an API key, or an object that signs them (`Credentials`, implemented in `auth`)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from ..errors import ConfigurationError

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


def resolve_api_key(value: str | None) -> Secret:
    """Return the API key of the argument, or else of `HEYGEN_API_KEY`.

    Raises:
        ConfigurationError: There is none, or it cannot be an API key.
    """
    source = "api_key" if value is not None else "HEYGEN_API_KEY"
    key = value if value is not None else os.environ.get("HEYGEN_API_KEY")
    if key is None:
        raise ConfigurationError(
            "No API key: set the environment variable HEYGEN_API_KEY, or pass AsyncHeyGen(api_key=…). "
            "Create a key at https://app.heygen.com/settings (API)."
        )
    if not isinstance(key, str):  # from a caller without a type checker
        raise ConfigurationError(f"{source} is a {type(key).__name__}. Pass a HeyGen API key, which is a string.")
    if not key:
        raise ConfigurationError(f"{source} is empty. Set it to a HeyGen API key.")
    if not key.isascii() or not key.isprintable() or " " in key:
        invalid = next(i for i, c in enumerate(key) if not c.isascii() or not c.isprintable() or c == " ")
        raise ConfigurationError(
            f"{source} cannot be a HeyGen API key: character {invalid + 1} of {len(key)} is a space, a line break or "
            "not printable ASCII. Copy the key again, without the characters around it."
        )
    return Secret(key)
