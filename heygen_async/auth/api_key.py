"""The API key: read from the argument or the environment, and checked before any request."""

from __future__ import annotations

import os

from .._http.credentials import Secret
from ..errors import ConfigurationError


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
