"""The choice of credentials: an API key from the argument, a function or the environment, or the tokens of `auth=`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

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
        ConfigurationError: Both are set, or there is no usable API key.
    """
    if auth is None:
        if callable(api_key):
            from .api_key_source import ApiKeySource  # noqa: PLC0415  most keys are strings

            return None, ApiKeySource(api_key)
        return resolve_api_key(api_key), None
    if api_key is not None:
        raise ConfigurationError("Give AsyncHeyGen an api_key or auth, not both.")
    from .token_refresh import TokenRefresher  # noqa: PLC0415  clients with an API key do not need it

    return None, TokenRefresher(auth, base_url)


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
    return check_api_key(Secret(key) if isinstance(key, str) else key, source)
