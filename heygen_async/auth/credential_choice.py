"""The choice of credentials: the argument `api_key` or `auth`, then `HEYGEN_API_KEY`, then `HEYGEN_ACCESS_TOKEN`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .._http.configuration import environment_value
from ..errors import ConfigurationError
from ..types.redaction import Secret
from .api_key import check_api_key

if TYPE_CHECKING:
    from .._http.credentials import Credentials
    from .api_key_source import ApiKeyFunction
    from .oauth_tokens import OAuthTokens
    from .token_store import TokenStore


def choose_credentials(
    api_key: str | ApiKeyFunction | None, auth: OAuthTokens | TokenStore | None, base_url: str
) -> tuple[Secret | None, Credentials | None]:
    """Return the API key, or the object that signs the requests; the other one is None.

    Raises:
        ConfigurationError: Both are passed, or there are no usable credentials.
    """
    if auth is None and api_key is None:
        return _from_environment(base_url)
    if auth is None:
        if callable(api_key):
            from .api_key_source import ApiKeySource  # noqa: PLC0415  most keys are strings

            return None, ApiKeySource(api_key)
        return check_api_key(Secret(api_key) if isinstance(api_key, str) else api_key, "api_key"), None
    if api_key is not None:
        raise ConfigurationError("Give AsyncHeyGen an api_key or auth, not both.")
    from .token_refresh import TokenRefresher  # noqa: PLC0415  clients with an API key do not need it

    return None, TokenRefresher(auth, base_url)


def _from_environment(base_url: str) -> tuple[Secret | None, Credentials | None]:
    """Return the API key or the access token of the environment; the key precedes.

    Raises:
        ConfigurationError: There is neither, or the key cannot be one.
    """
    if environment_value("HEYGEN_API_KEY") is not None:
        return check_api_key(Secret(os.environ["HEYGEN_API_KEY"]), "HEYGEN_API_KEY"), None
    if environment_value("HEYGEN_ACCESS_TOKEN") is not None:
        from .oauth_tokens import OAuthTokens  # noqa: PLC0415
        from .token_refresh import TokenRefresher  # noqa: PLC0415

        return None, TokenRefresher(OAuthTokens(access_token=os.environ["HEYGEN_ACCESS_TOKEN"].strip()), base_url)
    raise ConfigurationError(
        "No API key: set the environment variable HEYGEN_API_KEY, or pass AsyncHeyGen(api_key=…). "
        "Create a key at https://app.heygen.com/settings (API). HEYGEN_ACCESS_TOKEN may hold an OAuth token instead."
    )
