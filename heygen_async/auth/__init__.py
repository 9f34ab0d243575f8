"""Signing in: OAuth with PKCE, token refresh, token stores, login in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .browser_login import login_with_browser as login_with_browser
    from .oauth import (
        AuthorizationRequest as AuthorizationRequest,
        OAuthClient as OAuthClient,
        OAuthTokens as OAuthTokens,
        TokenStore as TokenStore,
    )
    from .token_file import FileTokenStore as FileTokenStore
else:
    from .._lazy import lazy_exports

    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "oauth": "AuthorizationRequest OAuthClient OAuthTokens TokenStore",
            "token_file": "FileTokenStore",
            "browser_login": "login_with_browser",
        },
    )
