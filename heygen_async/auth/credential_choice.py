"""The choice of credentials. The first of these sources that is given is used:

1. the argument `api_key` or `auth`;
2. the environment variable `HEYGEN_API_KEY`;
3. the environment variable `HEYGEN_ACCESS_TOKEN`;
4. the stored sign-in: the tokens that `FileTokenStore()` writes, else the API key of `heygen-async auth login`.

A variable that is set but empty counts as not set. The stored sign-in is searched for when nothing else is given. Its
file is read in a thread, before the first request.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from .._http.configuration import environment_value
from ..errors import ConfigurationError
from ..types.redaction import Secret
from .api_key import check_api_key

if TYPE_CHECKING:
    from pathlib import Path

    from .._http.credentials import Credentials
    from .._http.transport import Transport
    from .api_key_source import ApiKeyFunction
    from .oauth_tokens import OAuthTokens
    from .token_store import TokenStore

_VARIABLES = ("HEYGEN_API_KEY", "HEYGEN_ACCESS_TOKEN")


class CredentialChoice(NamedTuple):
    """The chosen credentials: an API key, or an object that signs the requests.

    Attributes:
        source: The argument, the variable or the file.
        key: The API key; None with `credentials`.
        credentials: The object that signs the requests; None with `key`.
    """

    source: str
    key: Secret | None = None
    credentials: Credentials | None = None


def choose_credentials(
    api_key: str | ApiKeyFunction | None, auth: OAuthTokens | TokenStore | None, base_url: str
) -> CredentialChoice:
    """Return the credentials of a client.

    Raises:
        ConfigurationError: Both are passed, or there are no usable credentials.
    """
    if auth is None and api_key is None:
        return _from_environment(base_url)
    if auth is None:
        if callable(api_key):
            from .api_key_source import ApiKeySource  # noqa: PLC0415  most keys are strings

            return CredentialChoice("api_key", credentials=ApiKeySource(api_key))
        key = Secret(api_key) if isinstance(api_key, str) else api_key
        return CredentialChoice("api_key", check_api_key(key, "api_key"))
    if api_key is not None:
        raise ConfigurationError("Give AsyncHeyGen an api_key or auth, not both.")
    return _with_tokens("auth", auth, base_url)


def has_credentials() -> bool:
    """Return whether the environment or a stored sign-in gives credentials."""
    return environment_value(*_VARIABLES) is not None or any(map(_exists, _sign_in_files()))


def describe_credentials(transport: Transport) -> tuple[str, str]:
    """Return the source of a client's credentials, and the end of the key or token, by which a person recognises it."""
    key, credentials = transport.options.api_key, transport.shared_state.credentials
    hint = key.hint if key is not None else credentials.hint if credentials is not None else ""
    return transport.options.credential_source, hint


def _from_environment(base_url: str) -> CredentialChoice:
    """Return the API key or the access token of the environment, or the stored sign-in, in this order.

    Raises:
        ConfigurationError: There is none, the key cannot be one, or the stored sign-in needs the extra `oauth`.
    """
    source, _ = environment_value(*_VARIABLES) or ("", "")
    if source == "HEYGEN_API_KEY":
        return CredentialChoice(source, check_api_key(Secret(os.environ[source]), source))
    if source:
        from .oauth_tokens import OAuthTokens  # noqa: PLC0415

        return _with_tokens(source, OAuthTokens(access_token=os.environ[source].strip()), base_url)
    tokens, key = _sign_in_files()
    if _exists(tokens):
        from .token_file import FileTokenStore  # noqa: PLC0415

        return _with_tokens(str(tokens), FileTokenStore(tokens), base_url)
    if _exists(key):
        from .api_key_source import ApiKeySource  # noqa: PLC0415
        from .key_file import read_stored_key  # noqa: PLC0415

        return CredentialChoice(str(key), credentials=ApiKeySource(read_stored_key))
    raise ConfigurationError(
        "No API key: create one at https://app.heygen.com/settings (API) and set the environment variable "
        "HEYGEN_API_KEY, or run `heygen-async auth login`; or start a local HeyGen that needs none with "
        "`python -m heygen_async.testing`."
    )


def _sign_in_files() -> tuple[Path, Path]:
    """Return the files of the stored sign-in: of tokens, and of an API key."""
    from .key_file import key_file_path  # noqa: PLC0415  only without other credentials
    from .token_file import token_file_path  # noqa: PLC0415

    return token_file_path(), key_file_path()


def _exists(path: Path) -> bool:
    try:
        os.lstat(path)  # one call, as each import makes many; the file is read in a thread
    except OSError:
        return False
    return True


def _with_tokens(source: str, auth: OAuthTokens | TokenStore, base_url: str) -> CredentialChoice:
    from .token_refresh import TokenRefresher  # noqa: PLC0415  clients with an API key do not need it

    return CredentialChoice(source, credentials=TokenRefresher(auth, base_url))
