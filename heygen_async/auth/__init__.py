"""Authentication: an API key, or OAuth 2.0 for programs that act for other people.

```python
from pathlib import Path

from heygen_async import AsyncHeyGen, AuthorizationRequest, FileTokenStore, OAuthClient, OAuthTokens, login_with_browser


async def as_myself(client_id: str, path: Path) -> AsyncHeyGen:
    tokens = FileTokenStore(path)
    if await tokens.load() is None:
        await login_with_browser(client_id, store=tokens)
    return AsyncHeyGen(auth=tokens)


async def came_back(oauth: OAuthClient, kept: AuthorizationRequest, url: str) -> OAuthTokens:
    return await oauth.exchange(kept, url)  # kept in the person's session since oauth.authorize()
```

A client uses the first of these that is given:

| | credentials | API address |
|---|---|---|
| 1 | `AsyncHeyGen(api_key=…)` or `AsyncHeyGen(auth=…)`; both is a `ConfigurationError` | `AsyncHeyGen(base_url=…)` |
| 2 | `HEYGEN_API_KEY` | `HEYGEN_BASE_URL` |
| 3 | `HEYGEN_ACCESS_TOKEN` | `HEYGEN_API_BASE` |
| 4 | the file in `HEYGEN_TOKEN_FILE`, by default `~/.config/heygen-async/tokens.json` | `https://api.heygen.com` |
| 5 | the API key that `heygen-async auth login` stored beside it | |

A variable that is set but empty counts as not set. `heygen-async auth status` shows which credentials are used, and
so does `repr(heygen)`. Both show only the last four characters of the key or token.

* **A key that rotates.** `AsyncHeyGen(api_key=fetch_key)` calls your function before the first request, and again
  when HeyGen rejects its key.
* **A script.** `login_with_browser` signs in the owner of the script, by OAuth 2.0 with PKCE.
* **A web app.** Send a person to `OAuthClient.authorize().url`, and pass the callback to `exchange`.
* **Refresh.** Tokens that are passed as `auth` are refreshed shortly before they expire, and after a rejection by the
  API, by one task of one process. An `AuthenticationError` means that the person has to sign in again.
* **Stores.** `FileTokenStore` (the extra `oauth`) stores tokens in a file that only its owner can read. Without a
  path it is the stored sign-in, which every client of this user finds. Your own `TokenStore` stores them elsewhere.

Files of the package
--------------------

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
