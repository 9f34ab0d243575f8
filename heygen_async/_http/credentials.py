"""The protocol of objects that sign requests; `auth` implements it for OAuth tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import aiohttp
    from multidict import CIMultiDict

    from ..errors import APIError
    from ..types.redaction import SecretMask


class Credentials(Protocol):
    """Signs requests with a token that may change over time."""

    @property
    def mask(self) -> SecretMask:
        """Masks the secrets in use in what a server sends."""
        ...

    @property
    def hint(self) -> str:
        """The end of the secret in use, for a person; empty before there is one."""
        ...

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

    def accept(self, headers: CIMultiDict[str]) -> None:
        """Record that the API accepted the token in these headers."""
        ...

    def reject(self, headers: CIMultiDict[str], error: APIError) -> bool:
        """Record that the API rejected the token in these headers; return whether the next `sign` uses a new one."""
        ...

    async def aclose(self) -> None:
        """Finish a refresh that is in progress."""
        ...
