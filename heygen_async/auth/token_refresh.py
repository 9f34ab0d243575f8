"""The token that requests carry where a person signed in: refreshed by one task while all others wait.

It is refreshed shortly before its end, and when the API refuses it. The new pair is stored before the old one is
forgotten. Where processes share a store, the one that holds its lock refreshes, and the others take up what it stored.
"""

from __future__ import annotations

import asyncio
import copy
import time
from contextlib import AbstractAsyncContextManager, nullcontext
from logging import getLogger
from typing import TYPE_CHECKING, cast

from .._http.credentials import Secret
from ..errors import SIGN_IN_AGAIN, APIError, APITimeoutError, AuthenticationError, ConfigurationError, HeyGenError
from .oauth import OAuthTokens, TokenStore, refreshed

if TYPE_CHECKING:
    import aiohttp
    from multidict import CIMultiDict

_log = getLogger("heygen_async")
_AHEAD = 60.0  # seconds before its end that a token is refreshed, but no more than a tenth of its time
_AT_THE_END = 5.0  # seconds that a close waits for a refresh
_AGAIN = 5.0  # seconds until what failed is tried again, while the old token still serves


class TokenRefresher:
    """The tokens of one client, for all its tasks: `tokens` are those in use."""

    def __init__(self, source: OAuthTokens | TokenStore, base_url: str) -> None:
        self.tokens: OAuthTokens | None = source if isinstance(source, OAuthTokens) else None
        self._store: TokenStore = _Alone(source) if isinstance(source, OAuthTokens) else source
        self._base_url = base_url
        self._value: Secret | None = None
        self._due = (0.0, 0.0)  # by the loop's clock, and by the wall's, which goes on while the machine sleeps
        self._refused: Secret | None = None  # the value that the API took no more
        self._unsaved: OAuthTokens | None = None  # those in use that could not be stored yet
        self._over: tuple[str | None, AuthenticationError] | None = None  # a refresh token that is worth nothing
        self._task: asyncio.Task[None] | None = None

    async def sign(
        self, session: aiohttp.ClientSession, headers: CIMultiDict[str], deadline: float
    ) -> CIMultiDict[str]:
        """The headers with a token that is good now.

        Raises:
            AuthenticationError: There is none any more; the person has to sign in again.
            APITimeoutError: None came in time.
        """
        if not self._is_good():
            await self._renewed(session, deadline)
        signed = headers.copy()
        signed["Authorization"] = cast("Secret", self._value)
        return signed

    def reject(self, headers: CIMultiDict[str], error: APIError) -> None:
        """The API did not take the token in these headers: if it is still the one in use, it is so no more."""
        error.advice = SIGN_IN_AGAIN
        if headers.get("Authorization") == self._value:
            self._refused = self._value

    async def aclose(self) -> None:
        """Let a refresh that is under way come to its end, since a pair that nobody took up is lost."""
        if (task := self._task) is not None:
            await asyncio.wait({task}, timeout=_AT_THE_END)
            task.cancel()
        if self._unsaved is not None:
            await self._keep(self._unsaved)

    def _is_good(self) -> bool:
        now = (asyncio.get_running_loop().time(), time.time())
        return self._value != self._refused and now[0] < self._due[0] and now[1] < self._due[1]

    def _wait(self, seconds: float) -> None:
        self._due = (asyncio.get_running_loop().time() + seconds, time.time() + seconds)

    def _take(self, tokens: OAuthTokens, *, at_least: float = 0.0) -> None:
        self.tokens = tokens
        self._value = Secret(f"Bearer {tokens.access_token}")
        left = float("inf") if tokens.expires_in is None else tokens.expires_in
        self._wait(max(left - min(_AHEAD, left / 10), at_least))

    async def _renewed(self, session: aiohttp.ClientSession, deadline: float) -> None:
        """Wait for the one refresh, and begin it when nobody did."""
        task = self._task
        if task is None:
            task = self._task = asyncio.ensure_future(self._renew(session))
            task.add_done_callback(self._ended)
        left = deadline - asyncio.get_running_loop().time()
        await asyncio.wait({task}, timeout=None if left == float("inf") else max(left, 0.0))
        if not task.done():
            raise APITimeoutError("Nothing was sent: the OAuth token was not refreshed in time.")
        problem = task.exception()
        if problem is not None:  # each who waited raises its own
            raise copy.copy(problem) if isinstance(problem, HeyGenError) else problem

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled():
            task.exception()  # seen, so that asyncio does not report it when those who waited have gone

    async def _renew(self, session: aiohttp.ClientSession) -> None:
        if self._value is None:
            tokens = self.tokens or await self._store.load()
            if tokens is None:
                raise ConfigurationError(
                    f"{self._store!r} holds no tokens yet; sign in first, with login_with_browser(…, store=…), "
                    "or with OAuthClient.exchange and the store's save."
                )
            self._take(tokens)
        elif self._unsaved is not None:
            await self._keep(self._unsaved)
        if not self._is_good():
            try:
                await self._follow(session, cast("OAuthTokens", self.tokens))
            except HeyGenError as problem:
                tokens = cast("OAuthTokens", self.tokens)
                if self._value == self._refused or (tokens.expired and tokens.refresh_token is not None):
                    raise
                _log.warning("the OAuth token serves until its end, but was not refreshed: %s", problem)
                self._wait(_AGAIN)

    async def _follow(self, session: aiohttp.ClientSession, held: OAuthTokens) -> None:
        """Take up the pair that another process stored meanwhile, or else the next one, once it is stored."""
        async with self._store.lock():
            stored = await self._store.load() if self._unsaved is None else held
            if stored is not None and stored.access_token != held.access_token:
                self._take(stored)
                if self._is_good():
                    return
            last = stored or held
            if self._over is not None and self._over[0] == last.refresh_token:
                raise copy.copy(self._over[1])
            try:
                made = await refreshed(last, self._base_url, session)
            except AuthenticationError as over:
                self._over = (last.refresh_token, over)
                raise
            await self._keep(made)
            self._refused = None  # even when the same token was granted again

    async def _keep(self, tokens: OAuthTokens) -> None:
        """Store a pair, then use it. When it cannot be stored, it is used all the same, and stored when it can be."""
        try:
            await self._store.save(tokens)
        except Exception as problem:  # noqa: BLE001  a store may be anybody's
            _log.error("new OAuth tokens are in this process alone, as %r failed: %r", self._store, problem)
            self._unsaved = tokens
            self._take(tokens)
            self._wait(_AGAIN)
        else:
            self._unsaved = None
            self._take(tokens, at_least=1.0)


class _Alone:
    """The store of tokens that nobody keeps."""

    def __init__(self, tokens: OAuthTokens) -> None:
        self._tokens = tokens

    async def load(self) -> OAuthTokens:
        return self._tokens

    async def save(self, tokens: OAuthTokens) -> None:
        self._tokens = tokens

    def lock(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()
