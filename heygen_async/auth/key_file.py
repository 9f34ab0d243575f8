"""The stored API key, which `heygen-async auth login` writes: a file that only its owner can read. Blocks."""

from __future__ import annotations

from pathlib import Path

from .._http import file_writing
from ..errors import ConfigurationError
from ..types.redaction import Secret
from .api_key import check_api_key
from .private_file import read_private_file
from .token_file import token_file_path


def key_file_path() -> Path:
    """Return the file of the stored API key, `api_key` beside the file of the stored tokens."""
    return token_file_path().with_name("api_key")


def read_stored_key() -> str:
    """Return the stored API key.

    Raises:
        ConfigurationError: The file cannot be read, or holds no key.
    """
    path = key_file_path()
    try:
        content = read_private_file(path, "API key")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}).") from None
    if content is None:
        raise ConfigurationError(f"{path} is gone. Sign in again: heygen-async auth login")
    return check_api_key(Secret(content.decode("utf-8", "replace").strip()), str(path)).reveal()


def store_key(key: str) -> Path:
    """Write the API key, and return the file.

    Raises:
        ConfigurationError: The file cannot be written.
    """
    path = key_file_path()
    try:
        target = file_writing.follow_own_links(path)
        file_writing.create_private_folder(target.parent)
        with file_writing.replacement_file(target, target.with_name(f".{target.name}.new")) as file:
            file.write(key.encode() + b"\n")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}).") from None
    return path
