"""Token stores: they store tokens between runs, and share them between processes."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Protocol

from .oauth_tokens import OAuthTokens


class TokenStore(Protocol):
    """A store of one person's tokens: a database, a keyring, or a file (`FileTokenStore`)."""

    async def load(self) -> OAuthTokens | None:
        """Return the tokens that were saved last; None if there are none."""
        ...

    async def save(self, tokens: OAuthTokens) -> None:
        """Save the tokens; when this returns, they outlive the process.

        Args:
            tokens: The tokens.
        """
        ...

    def lock(self) -> AbstractAsyncContextManager[object]:
        """Return a lock that one process at a time holds for a refresh; `contextlib.nullcontext()` for one process.

        The refresh follows when the lock is held. So a store that cannot save raises here, while the old pair is valid.
        """
        ...


class MemoryTokenStore:
    """A store for one client: its tokens are lost with it."""

    def __init__(self, tokens: OAuthTokens) -> None:
        self._tokens = tokens

    async def load(self) -> OAuthTokens:
        """Return the tokens."""
        return self._tokens

    async def save(self, tokens: OAuthTokens) -> None:
        """Replace the tokens."""
        self._tokens = tokens

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Return a lock that does nothing."""
        return nullcontext()
