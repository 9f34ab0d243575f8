"""The configuration of a client or of one view of it: checked once, then frozen."""

from __future__ import annotations

import ipaddress
import math
import os
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import msgspec

from ..errors import ConfigurationError, InvalidInputError
from ..types.redaction import without_query
from .backoff import Backoff
from .limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from ..types.redaction import Secret
    from .lenient_decoding import Drift
    from .proxies import Proxy
    from .response import RequestInfo, Response

    #: Called before each attempt of a request; may be async.
    RequestHook: TypeAlias = Callable[[RequestInfo], Awaitable[None] | None]
    #: Called after each attempt that got a response; may be async.
    ResponseHook: TypeAlias = Callable[[Response], Awaitable[None] | None]
    #: Called with a response that deviates from the documented form, and with the deviations.
    DriftHook: TypeAlias = Callable[[Response, Sequence[Drift]], object]

BASE_URL = "https://api.heygen.com"
BASE_URL_VARIABLES = ("HEYGEN_BASE_URL", "HEYGEN_API_BASE")

#: Seconds for a whole call when `Timeout.total` is not set. HeyGen may take half a minute to accept a video.
GET_TOTAL = 30.0
OTHER_TOTAL = 120.0


def check_seconds(name: str, value: object) -> None:
    """Check an option that is a duration.

    Raises:
        InvalidInputError: It is not a number above 0.
    """
    if not (isinstance(value, int | float) and value > 0):
        raise InvalidInputError(name, value, "a number of seconds above 0")


class Timeout(msgspec.Struct, frozen=True, kw_only=True):
    """Time limits in seconds, each above 0.

    Args:
        total: For a whole call: all attempts, the delays between them and the pauses that the server requests. By
            default 30 for a GET, 120 for other requests, and no limit for uploads and downloads of files. When it is
            set, it also limits the transfer of a whole file.
        connect: For opening a connection.
        read: For the next bytes of a response to arrive. In an upload, also for the server to accept the next bytes.

    Raises:
        InvalidInputError: A value is not a number above 0.
    """

    total: float | None = None
    connect: float = 10.0
    read: float = 60.0

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value is not None:
                check_seconds(f"Timeout.{name}", value)

    def for_method(self, method: str, *, transfer: bool = False) -> float:
        """Return the seconds that a whole call may take; infinite for a file transfer without a limit.

        Args:
            method: The HTTP method, such as `GET`.
            transfer: Whether the call sends or fetches a file.
        """
        if self.total is not None:
            return self.total
        if transfer:
            return math.inf
        return GET_TOTAL if method == "GET" else OTHER_TOTAL


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options that may differ between two views of one client.

    Attributes:
        api_key: The API key; None when `Credentials` sign the requests.
        max_resumes: The maximum number of consecutive resumptions of a download that receive no byte.
        retries_rate_limits: Whether a request is sent again after a 429. A batch turns this off, because it measures
            the plan's capacity by the 429s.
        strict: Whether a response that deviates from the documented form is an error.
        on_drift: Called with a response that deviates from the documented form, and with the deviations.
        limits: The maximum sizes of what the client receives.
        allow_private_hosts: Whether URLs from responses may lead to private addresses, and over plain http.
        query: More parameters for each request.
        body: More fields for each JSON body.
        proxy: The proxy of this view alone; None for those of the client.
        credential_source: The argument, variable or file that the credentials come from.
        obeys_deadlines: Whether a call obeys `AsyncHeyGen.deadline`; the polls that several waits share do not.
    """

    api_key: Secret | None
    base_url: str
    timeout: Timeout
    max_retries: int
    max_resumes: int
    retry: Backoff
    poll: Backoff | None
    wait_timeout: float
    headers: Mapping[str, str]
    on_request: RequestHook | None
    on_response: ResponseHook | None
    retries_rate_limits: bool = True
    strict: bool = False
    on_drift: DriftHook | None = None
    limits: Limits = DEFAULT_LIMITS
    allow_private_hosts: bool = False
    query: Mapping[str, object] = {}
    body: Mapping[str, object] = {}
    obeys_deadlines: bool = True
    credential_source: str = ""
    proxy: Proxy | None = None

    def __repr__(self) -> str:
        return f"Options(base_url={self.base_url!r}, …)"  # the headers may hold secrets

    def __post_init__(self) -> None:
        if self.max_retries < 0:
            raise InvalidInputError("max_retries", self.max_retries, "an integer, 0 or more")
        check_seconds("wait_timeout", self.wait_timeout)
        for name, value in self.headers.items():
            if not (name.isascii() and name.isprintable() and value.isprintable()):
                raise InvalidInputError("headers", name, "printable names and values")

    def replace(self, **changes: Any) -> Options:
        """Return a copy with some values changed.

        `headers`, `query` and `body` are added to the present ones. None removes a header or a parameter.
        """
        from .extra_fields import merge  # noqa: PLC0415  most clients have one view

        for name in {"headers", "query"} & changes.keys():
            changes[name] = merge(getattr(self, name), changes[name])
        if "body" in changes:
            changes["body"] = {**self.body, **changes["body"]}
        return msgspec.structs.replace(self, **changes)


def resolve_timeout(value: float | Timeout | None) -> Timeout:
    """Return a `Timeout`; a number of seconds limits the whole call, None means the defaults."""
    if value is None:
        return Timeout()
    return value if isinstance(value, Timeout) else Timeout(total=value)


def environment_value(*names: str) -> tuple[str, str] | None:
    """Return the first of these environment variables that is set, and its value. An empty one counts as not set."""
    return next(((name, value) for name in names if (value := os.environ.get(name, "").strip())), None)


def is_enabled(value: bool | None, name: str) -> bool:  # noqa: FBT001  the value of an option
    """Return a boolean option: from the argument, or from the environment variable, where `1` or `true` enable it."""
    if value is not None:
        return value
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def resolve_base_url(value: str | None, *, insecure_http: bool | None = None) -> str:
    """Return the API's address without a final slash.

    It is the argument, `HEYGEN_BASE_URL`, `HEYGEN_API_BASE` (the variable of HeyGen's own clients), or the default.

    Raises:
        ConfigurationError: It is not an https address, or has parts that a base URL must not have.
    """
    default = ("base_url", BASE_URL)
    source, url = ("base_url", value) if value is not None else environment_value(*BASE_URL_VARIABLES) or default
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port  # raises ValueError when it is not a number
    except ValueError:  # its text may quote a password
        raise ConfigurationError(f"{source} has no valid host or port. Set it to a URL like {BASE_URL}.") from None
    if parts.scheme not in {"https", "http"} or not host:
        shown = without_query(url)
        raise ConfigurationError(f"{source} is {shown!r}. It needs https:// and a host, as in {BASE_URL}.")
    if parts.username or parts.password or not url.isprintable() or any(mark in url for mark in " ?#"):
        raise ConfigurationError(f"{source} may contain only a scheme, a host, a port and a path: no space, ? or #.")
    if re.search(r"/v\d/*$", parts.path):
        raise ConfigurationError(f"{source} ends in a version. Remove it: every path of the API begins with one.")
    if parts.scheme == "http" and not (is_loopback(host) or is_enabled(insecure_http, "HEYGEN_INSECURE_HTTP")):
        raise ConfigurationError(
            f"{source} is {url!r}. Over plain http others could read the API key. Use https, or accept this with "
            "insecure_http=True or HEYGEN_INSECURE_HTTP=1. This machine's own addresses need neither."
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
