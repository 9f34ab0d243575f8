"""The network options of a client: its proxies, the certificates that it trusts, and how it presents itself."""

from __future__ import annotations

import os
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

import msgspec

from ..errors import ConfigurationError, InvalidInputError
from .configuration import environment_value
from .encoding import USER_AGENT
from .proxies import Proxies, environment_proxies, parse_proxy


class NetworkOptions(TypedDict, total=False):
    """The options of `AsyncHeyGen` for addresses, proxies, certificates and its name.

    Attributes:
        insecure_http: Whether the base URL may be plain http on another machine.
        allow_private_hosts: Whether URLs from responses may lead to private addresses.
        proxy: The proxy for every host; None for the proxies of the environment.
        trust_env: Whether the environment names the proxies where `proxy` does not.
        ssl_context: A complete context for TLS, instead of the next two.
        ca_bundle: A PEM file, or a folder of hashed ones, with the certificates to trust.
        client_cert: A PEM file with a certificate and its key, or the two files and the key's password.
        user_agent_suffix: The name of a framework, which follows the SDK's in the header `User-Agent`.
    """

    insecure_http: bool | None
    allow_private_hosts: bool | None
    proxy: str | None
    trust_env: bool
    ssl_context: ssl.SSLContext | None
    ca_bundle: str | os.PathLike[str] | None
    client_cert: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None
    user_agent_suffix: str | None


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """The same options, checked.

    Raises:
        ConfigurationError: Options exclude each other.
        InvalidInputError: The suffix has a character that a header must not have.
    """

    insecure_http: bool | None = None
    allow_private_hosts: bool | None = None
    proxy: str | None = None
    trust_env: bool = True
    ssl_context: ssl.SSLContext | None = None
    ca_bundle: str | os.PathLike[str] | None = None
    client_cert: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None
    user_agent_suffix: str | None = None

    def __post_init__(self) -> None:
        if self.ssl_context is not None and not (self.ca_bundle is None and self.client_cert is None):
            raise ConfigurationError("Give AsyncHeyGen an ssl_context, or ca_bundle and client_cert, not both.")
        suffix = self.user_agent_suffix
        if suffix is not None and not (suffix.isascii() and suffix.isprintable() and suffix.strip()):
            raise InvalidInputError("user_agent_suffix", suffix, "printable ASCII, such as 'my-framework/1.2'")

    def __repr__(self) -> str:
        return "Network(…)"  # the proxy's address may hold a password

    @property
    def user_agent(self) -> str:
        """The header `User-Agent`."""
        return USER_AGENT if self.user_agent_suffix is None else f"{USER_AGENT} {self.user_agent_suffix.strip()}"

    def proxies(self) -> Proxies:
        """Return the proxies.

        Raises:
            ConfigurationError: One of them has no valid address.
        """
        if self.proxy is not None:
            return Proxies(parse_proxy("proxy", self.proxy))
        return environment_proxies() if self.trust_env else Proxies()

    def has_connection_options(self) -> bool:
        """Return whether options are set that a session of the program has itself."""
        options = (self.proxy, self.ssl_context, self.ca_bundle, self.client_cert)
        return not self.trust_env or any(option is not None for option in options)

    def needs_context(self) -> bool:
        """Return whether the connections need another context than the default one."""
        return self.ssl_context is not None or self.client_cert is not None or self._find_bundle()[1] is not None

    def build_context(self) -> ssl.SSLContext:
        """Return the context. It reads files: call it in a thread.

        Raises:
            ConfigurationError: A file cannot be read, or is none of certificates.
        """
        if self.ssl_context is not None:
            return self.ssl_context
        context = _load(*self._find_bundle())
        if self.client_cert is not None:
            _load_certificate(context, self.client_cert)
        return context

    def _find_bundle(self) -> tuple[str, str | None]:
        """Return the bundle and where it was named. OpenSSL itself reads `SSL_CERT_FILE` and `SSL_CERT_DIR`."""
        if self.ca_bundle is not None:
            return "ca_bundle", os.fspath(self.ca_bundle)
        if environment_value("SSL_CERT_FILE", "SSL_CERT_DIR") is not None:
            return "", None
        return environment_value("REQUESTS_CA_BUNDLE") or ("", None)


def _load(source: str, bundle: str | None) -> ssl.SSLContext:
    is_folder = bundle is not None and Path(bundle).is_dir()
    try:
        return ssl.create_default_context(cafile=None if is_folder else bundle, capath=bundle if is_folder else None)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise ConfigurationError(
            f"{source} is {bundle!r}, which cannot be loaded ({reason}). Name a PEM file with certificates to trust."
        ) from None


def _load_certificate(
    context: ssl.SSLContext, certificate: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
) -> None:
    files: Sequence[Any] = [certificate] if isinstance(certificate, str | os.PathLike) else certificate
    try:
        context.load_cert_chain(*files)
    except (OSError, ValueError, TypeError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise ConfigurationError(
            f"client_cert cannot be loaded ({reason}). Name a PEM file with the certificate and its key, or the "
            "certificate's file, the key's file and the key's password."
        ) from None
