"""Token refresh: the access token is refreshed shortly before it expires, and when the API rejects it.

The problem: hundreds of tasks and several processes share one pair of tokens, and a refresh invalidates the old refresh
token. Two refreshes at the same time, or a new pair that is lost, would sign the person out.

Rejected ways:

* Refresh in the task that needs a token. A cancelled task would lose the new pair. So a separate task refreshes, all
  others wait for it, and closing the client waits for it as well.
* Use the new pair immediately and save it later. If the process dies in between, the pair is lost. So it is saved
  first.
* Fail when the store cannot save. The old pair is invalid already, so the new one is used, an error is logged, and the
  save is repeated.
* A lock without loading the store again. The process that waited for the lock would refresh a second time. So it takes
  the pair that the other process has saved.

Invariants:

* At most one refresh runs in a client, and at most one in all processes that share a store with a lock.
* The lock is held before the refresh is sent, so a store can refuse it while the old pair is still valid.
* A rejection counts only for the token that the rejected request carried; a late 401 does not invalidate a newer token.
* The rejection of a new token, which was never accepted, causes no other refresh: the next token would be rejected too.
  The person may sign in again meanwhile, so the store is loaded before the next request.
* The expiry is compared with two clocks, since the loop's clock stops while the machine sleeps.
"""

from __future__ import annotations

import asyncio
import copy
import time
from logging import getLogger
from math import inf
from typing import TYPE_CHECKING, cast

from .._http.tasks import start_task
from ..errors import APIError, APITimeoutError, AuthenticationError, ConfigurationError, HeyGenError
from ..types.redaction import NO_SECRETS, HiddenStr, Secret, SecretMask
from .oauth_tokens import OAuthTokens
from .token_endpoint import SIGN_IN_AGAIN, refresh_tokens
from .token_store import MemoryTokenStore, TokenStore

if TYPE_CHECKING:
    import aiohttp
    from multidict import CIMultiDict

_log = getLogger("heygen_async.auth")
_REFRESH_AHEAD = 60.0  # seconds before the expiry, at most a tenth of the lifetime
_CLOSE_TIMEOUT = 5.0  # seconds
_PAUSE = 60.0  # seconds after a refresh, in which the rejection of a token causes no other refresh
_LONG_PAUSE = 3600.0  # seconds; the same, once a token was rejected in the pause
_RETRY_DELAY = 5.0  # seconds after a failed refresh or save, while the current token is valid


class TokenRefresher:
    """The credentials of a client whose person signed in.

    Args:
        auth: The tokens, or the store that keeps them.
        base_url: The address of the API.

    Attributes:
        tokens: The tokens in use; None before the first request with a store.
    """

    def __init__(self, auth: OAuthTokens | TokenStore, base_url: str) -> None:
        self.tokens: OAuthTokens | None = auth if isinstance(auth, OAuthTokens) else None
        self._store: TokenStore = MemoryTokenStore(auth) if isinstance(auth, OAuthTokens) else auth
        self._base_url = base_url
        self._authorization: HiddenStr | None = None  # the header's value
        self._rejected: HiddenStr | None = None  # the value that the API rejected
        self._refreshed_at = -inf  # by the loop's clock
        self._pause = _PAUSE
        self._must_reload = False
        self._refresh_at = (0.0, 0.0)  # by the loop's clock and by the system's
        self._unsaved: OAuthTokens | None = None  # tokens in use that the store has not taken yet
        self._final_refusal: tuple[str | None, AuthenticationError] | None = None  # for this refresh token
        self._refresh: asyncio.Task[None] | None = None

    @property
    def mask(self) -> SecretMask:
        """Masks the tokens in use in what a server sends."""
        return NO_SECRETS if self.tokens is None else self.tokens.mask

    @property
    def hint(self) -> str:
        """The end of the secret in use, for a person; empty before there is one."""
        return "" if self.tokens is None else Secret(self.tokens.access_token).hint

    async def sign(
        self, session: aiohttp.ClientSession, headers: CIMultiDict[str], deadline: float
    ) -> CIMultiDict[str]:
        """Return the headers with a valid token.

        Raises:
            AuthenticationError: HeyGen refused the refresh token; the person must sign in again.
            APITimeoutError: The refresh did not end before the deadline.
        """
        if not self._is_valid():
            await self._wait_for_refresh(session, deadline)
        signed = headers.copy()
        signed["Authorization"] = cast("HiddenStr", self._authorization)
        return signed

    def accept(self, headers: CIMultiDict[str]) -> None:
        """Record that the API accepted the token in these headers; if it is new, its rejection causes a refresh."""
        if self._pause == _PAUSE and headers.get("Authorization") == self._authorization:
            self._refreshed_at = -inf

    def reject(self, headers: CIMultiDict[str], error: APIError) -> bool:
        """Record that the API rejected the token in these headers.

        Returns:
            Whether the next `sign` has another token; False soon after a refresh whose token was never accepted.
        """
        error.advice = SIGN_IN_AGAIN
        if headers.get("Authorization") != self._authorization:
            return True
        age = asyncio.get_running_loop().time() - self._refreshed_at
        if age < self._pause:
            self._pause, self._must_reload = _LONG_PAUSE, True
            error.advice = f"The token was refreshed {age:.0f} s ago, so it is not refreshed again. {SIGN_IN_AGAIN}"
            return False
        self._rejected = self._authorization
        return True

    async def aclose(self) -> None:
        """Wait up to five seconds for a running refresh, and save tokens that could not be saved before."""
        refresh = self._refresh
        if refresh is not None and refresh.get_loop() is asyncio.get_running_loop():
            await asyncio.wait({refresh}, timeout=_CLOSE_TIMEOUT)
            refresh.cancel()
        if self._unsaved is not None:
            try:
                async with asyncio.timeout(_CLOSE_TIMEOUT):
                    await self._save_and_use(self._unsaved)
            except TimeoutError:
                _log.error("New OAuth tokens are lost, since %r could not save them in time.", self._store)

    def _is_valid(self) -> bool:
        loop_time, system_time = self._refresh_at
        return (
            self._authorization != self._rejected
            and not self._must_reload
            and asyncio.get_running_loop().time() < loop_time
            and time.time() < system_time
        )

    def _refresh_in(self, seconds: float) -> None:
        self._refresh_at = (asyncio.get_running_loop().time() + seconds, time.time() + seconds)

    def _use(self, tokens: OAuthTokens, *, min_seconds: float = 0.0) -> None:
        self.tokens = tokens
        self._authorization = HiddenStr(f"Bearer {tokens.access_token}")
        remaining = float("inf") if tokens.expires_in is None else tokens.expires_in
        self._refresh_in(max(remaining - min(_REFRESH_AHEAD, remaining / 10), min_seconds))

    async def _wait_for_refresh(self, session: aiohttp.ClientSession, deadline: float) -> None:
        """Wait for the running refresh; start one if none runs."""
        refresh = self._refresh
        if refresh is None or refresh.done() or refresh.get_loop() is not asyncio.get_running_loop():
            refresh = self._refresh = start_task(self._load_or_refresh(session))
            refresh.add_done_callback(self._on_refresh_end)
        remaining = deadline - asyncio.get_running_loop().time()
        await asyncio.wait({refresh}, timeout=None if remaining == float("inf") else max(remaining, 0.0))
        if not refresh.done():
            raise APITimeoutError("The OAuth token was not refreshed in time, so this attempt was not sent.")
        error = refresh.exception()
        if error is not None:  # each waiting task raises its own copy
            raise copy.copy(error) if isinstance(error, HeyGenError) else error

    def _on_refresh_end(self, refresh: asyncio.Task[None]) -> None:
        if self._refresh is refresh:
            self._refresh = None
        if not refresh.cancelled():
            refresh.exception()  # asyncio reports exceptions that nobody retrieved

    async def _load_or_refresh(self, session: aiohttp.ClientSession) -> None:
        if self._authorization is None:
            self._use(self.tokens or await self._load())
        elif self._unsaved is not None:
            await self._save_and_use(self._unsaved)
        elif self._must_reload:
            await self._reload(cast("OAuthTokens", self.tokens))
        self._must_reload = False
        if self._is_valid():
            return
        try:
            await self._refresh_locked(session, cast("OAuthTokens", self.tokens))
        except HeyGenError as error:
            tokens = cast("OAuthTokens", self.tokens)
            if self._authorization == self._rejected or (tokens.expired and tokens.refresh_token is not None):
                raise
            _log.warning("The OAuth token was not refreshed; it is used until it expires: %s", error)
            self._refresh_in(_RETRY_DELAY)

    async def _load(self) -> OAuthTokens:
        tokens = await self._store.load()
        if tokens is None:
            raise ConfigurationError(
                f"{self._store!r} holds no tokens. Sign in first: with login_with_browser(…, store=…), or with "
                "OAuthClient.exchange and the save method of the store."
            )
        return tokens

    async def _reload(self, current: OAuthTokens) -> None:
        stored = await self._store.load()
        if stored is not None and stored.access_token != current.access_token:
            self._use(stored)

    async def _refresh_locked(self, session: aiohttp.ClientSession, current: OAuthTokens) -> None:
        """Take the tokens that another process has saved meanwhile, or else refresh and save them."""
        async with self._store.lock():
            stored = await self._store.load() if self._unsaved is None else current
            if stored is not None and stored.access_token != current.access_token:
                self._use(stored)
                if self._is_valid():
                    return
            latest = stored or current
            if self._final_refusal is not None and self._final_refusal[0] == latest.refresh_token:
                raise copy.copy(self._final_refusal[1])
            try:
                refreshed = await refresh_tokens(latest, self._base_url, session)
            except AuthenticationError as error:
                self._final_refusal = (latest.refresh_token, error)
                raise
            self._refreshed_at, self._pause = asyncio.get_running_loop().time(), _PAUSE
            await self._save_and_use(refreshed)
            self._rejected = None  # HeyGen may grant the same access token again

    async def _save_and_use(self, tokens: OAuthTokens) -> None:
        try:
            await self._store.save(tokens)
        except Exception as error:  # noqa: BLE001  a store may raise anything
            _log.error("New OAuth tokens exist in this process only, since %r could not save: %r", self._store, error)
            self._unsaved = tokens
            self._use(tokens)
            self._refresh_in(_RETRY_DELAY)
        else:
            self._unsaved = None
            self._use(tokens, min_seconds=1.0)
