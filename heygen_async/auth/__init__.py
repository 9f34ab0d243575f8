"""Authentication: an API key, or OAuth 2.0 for programs that act for other people.

* `credential_choice`: the sources of the API key or the tokens, in their order.
* `api_key`: the check of an API key.
* `api_key_source`: keys that a function of the program returns.
* `oauth_client`: `OAuthClient`, which sends people to the consent page and exchanges their code for tokens.
* `authorization`: one person's request for consent, and its callback.
* `pkce`: the code verifier and its challenge.
* `token_endpoint`: the requests that return tokens.
* `oauth_tokens`: `OAuthTokens`.
* `token_refresh`: the credentials of a client, which refresh themselves.
* `token_store`: the `TokenStore` protocol.
* `token_file`: `FileTokenStore`, a token store in a file.
* `key_file`: the stored API key.
* `private_file`: reads files with secrets.
* `browser_login`: `login_with_browser`, for a script whose user is at this machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .authorization import AuthorizationRequest as AuthorizationRequest
    from .browser_login import login_with_browser as login_with_browser
    from .oauth_client import OAuthClient as OAuthClient
    from .oauth_tokens import OAuthTokens as OAuthTokens
    from .token_file import FileTokenStore as FileTokenStore
    from .token_store import TokenStore as TokenStore
else:
    from .._lazy import lazy_exports

    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "authorization": "AuthorizationRequest",
            "browser_login": "login_with_browser",
            "oauth_client": "OAuthClient",
            "oauth_tokens": "OAuthTokens",
            "token_file": "FileTokenStore",
            "token_store": "TokenStore",
        },
    )
