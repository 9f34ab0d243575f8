"""The check of an API key, which no exception and no local variable of a traceback shows."""

from __future__ import annotations

from ..errors import ConfigurationError
from ..types.redaction import Secret


def check_api_key(key: object, source: str) -> Secret:
    """Return the key if it can be one.

    Args:
        key: The key, as a `Secret` if it is a string.
        source: The argument, variable or function that it comes from, for the message.

    Raises:
        ConfigurationError: It cannot be an API key.
    """
    if not isinstance(key, Secret):  # from a caller without a type checker
        raise ConfigurationError(f"{source} is a {type(key).__name__}. Pass a HeyGen API key, which is a string.")
    if not key.reveal():
        raise ConfigurationError(f"{source} is empty. Set it to a HeyGen API key.")
    if (invalid := _first_invalid(key)) is not None:
        raise ConfigurationError(
            f"{source} cannot be a HeyGen API key: character {invalid + 1} of {len(key.reveal())} is a space, a line "
            "break or not printable ASCII. Copy the key again, without the characters around it."
        )
    return key


def _first_invalid(key: Secret) -> int | None:
    """Return the index of the first character that no header may have, or None."""
    characters = enumerate(key.reveal())
    return next((i for i, c in characters if not c.isascii() or not c.isprintable() or c == " "), None)
