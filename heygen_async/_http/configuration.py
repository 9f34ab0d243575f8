"""How one client, or one view of it, is set up: checked once, frozen, shared by everything that sends."""

from __future__ import annotations

import ipaddress
import math
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import msgspec

from ..errors import ConfigurationError, InvalidInputError
from .backoff import Backoff

if TYPE_CHECKING:
    from .response import RequestInfo, Response

BASE_URL = "https://api.heygen.com"

#: Seconds for a whole call when `Timeout.total` is not given. HeyGen may take half a minute to accept a video.
GET_TOTAL = 30.0
OTHER_TOTAL = 120.0

if TYPE_CHECKING:
    RequestHook: TypeAlias = Callable[[RequestInfo], Awaitable[None] | None]
    ResponseHook: TypeAlias = Callable[[Response], Awaitable[None] | None]


class Secret(str):
    """A string that no repr shows, so that it stays out of logs and of tracebacks that print locals."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("Keys and tokens are not pickled; the other process has HEYGEN_API_KEY, or a TokenStore.")


class Timeout(msgspec.Struct, frozen=True, kw_only=True):
    """Limits in seconds.

    `total` is for a whole call: every attempt, the pauses between them and the pauses that the server asks for
    (default: 30 for a GET, 120 for other requests, none for transfers of files; when it is given, it is for the whole
    of a file, too). `connect` is for opening a
    connection. `read` is for a socket on which nothing arrives (and, in transfers, to which nothing can be written).
    """

    total: float | None = None
    connect: float = 10.0
    read: float = 60.0

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int | float) and value > 0):
                raise InvalidInputError(f"Timeout.{name}", value, "a number of seconds above 0")

    def for_method(self, method: str, *, transfer: bool = False) -> float:
        """The seconds that a whole call with this method may take."""
        if self.total is not None:
            return self.total
        if transfer:
            return math.inf
        return GET_TOTAL if method == "GET" else OTHER_TOTAL


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What may differ between two views of one client."""

    api_key: Secret | None  # None where tokens are sent instead
    base_url: str
    timeout: Timeout
    max_retries: int
    breaks: int  # of a download, in a row and without a byte between them
    retry: Backoff
    poll: Backoff | None
    wait_timeout: float
    headers: Mapping[str, str]
    on_request: RequestHook | None
    on_response: ResponseHook | None
    waits_out_429: bool = True  # where a batch finds out how much room there is, it wants to know at once

    def __post_init__(self) -> None:
        if self.max_retries < 0:
            raise InvalidInputError("max_retries", self.max_retries, "a whole number, 0 or more")
        if not self.wait_timeout > 0:
            raise InvalidInputError("wait_timeout", self.wait_timeout, "a number of seconds above 0")
        for name, value in self.headers.items():
            if not (name.isascii() and name.isprintable() and value.isprintable()):
                raise InvalidInputError("headers", name, "printable names and values")

    def replace(self, **changes: Any) -> Options:
        """A copy with some values changed; `headers` are added to those that are there."""
        if "headers" in changes:
            changes["headers"] = {**self.headers, **changes["headers"]}
        return msgspec.structs.replace(self, **changes)


def timeout_of(value: float | Timeout | None) -> Timeout:
    """A number of seconds is a limit for the whole call; None is the defaults."""
    if value is None:
        return Timeout()
    return value if isinstance(value, Timeout) else Timeout(total=value)


def key_of(given: str | None) -> Secret:
    """The key to send, from the argument or from `HEYGEN_API_KEY`."""
    source = "api_key" if given is not None else "HEYGEN_API_KEY"
    key = given if given is not None else os.environ.get("HEYGEN_API_KEY")
    if key is None:
        raise ConfigurationError(
            "No API key: set the environment variable HEYGEN_API_KEY, or pass AsyncHeyGen(api_key=…). "
            "A key is made at https://app.heygen.com/settings (API)."
        )
    if not key:
        raise ConfigurationError(f"{source} is empty; it should hold a HeyGen API key.")
    if not isinstance(key, str):  # from a caller without a type checker
        raise ConfigurationError(f"{source} is a {type(key).__name__}; it should be a HeyGen API key, a string.")
    if not key.isascii() or not key.isprintable() or " " in key:
        wrong = next(i for i, c in enumerate(key) if not c.isascii() or not c.isprintable() or c == " ")
        raise ConfigurationError(
            f"{source} cannot be a HeyGen API key: character {wrong + 1} of {len(key)} is a space, a line break or "
            "no printable ASCII. Copy the key again, without what stands around it."
        )
    return Secret(key)


def base_url_of(given: str | None) -> str:
    """The API's address, from the argument or from `HEYGEN_API_URL`, without a slash at its end."""
    source = "base_url" if given is not None else "HEYGEN_API_URL"
    url = given if given is not None else os.environ.get("HEYGEN_API_URL") or BASE_URL
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port  # raises when it is no number
    except ValueError as error:
        raise ConfigurationError(f"{source} is no URL ({error}); expected something like {BASE_URL}.") from None
    if parts.scheme not in {"https", "http"} or not host:
        raise ConfigurationError(f"{source} is {url!r}; expected https:// and a host, as in {BASE_URL}.")
    if parts.username or parts.password or parts.query or parts.fragment or not url.isprintable():
        raise ConfigurationError(f"{source} may hold a scheme, a host, a port and a path, and nothing else.")
    if re.search(r"/v\d/*$", parts.path):
        raise ConfigurationError(f"{source} ends in a version, which every path begins with: leave it out.")
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigurationError(
            f"{source} is {url!r}: over plain http the API key could be read on the way. Use https "
            "(plain http is accepted for this machine's own addresses only)."
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
