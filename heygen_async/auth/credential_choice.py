"""The choice of credentials: an API key from the argument or the environment, or the tokens of `auth=`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import ConfigurationError
from ..types.redaction import Secret

if TYPE_CHECKING:
    from .._http.credentials import Credentials
    from .oauth_tokens import OAuthTokens
    from .token_store import TokenStore


def choose_credentials(
    api_key: str | None, auth: OAuthTokens | TokenStore | None, base_url: str
) -> tuple[Secret | None, Credentials | None]:
    """Return the API key, or the object that signs the requests of a signed-in person; the other one is None.

    Raises:
        ConfigurationError: Both are set, or there is no usable API key.
    """
    if auth is None:
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
