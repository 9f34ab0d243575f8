"""Public hosts: the only hosts to which URLs from responses may lead, and only over https.

The problem: a response, an event or a redirect may name any URL. A program that runs in a cloud or an office reaches
services that the internet does not: metadata services, databases, routers. No URL may make it fetch from these.

The rejected way: judging the host's name alone. A public name may have a private address, and may get one at any time.
So a literal address is checked in the URL, and every other address where the name is resolved (`session`).
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yarl import URL

_TUNNELS = IPv4Network("198.18.0.0/15")  # resolvers of tunnels answer with these addresses for public hosts
_PROTOCOLS = IPv4Network("192.0.0.0/24")  # older versions of Python take most of it for global
_CARRIERS = IPv4Network("100.64.0.0/10")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
#: What a message calls private; `is_private` differs between versions of Python.
_PRIVATE = (
    IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16"), IPv6Network("fc00::/7"),
)  # fmt: skip


class RefusedUrlError(OSError):
    """A URL must not be fetched; the text completes "<url> was refused: …".

    A resolver raises it too. aiohttp expects an `OSError` there.
    """


def refused_host(reason: str) -> RefusedUrlError:
    """Return the error for a host that is not public, with the option that allows it."""
    return RefusedUrlError(
        f"{reason}. A URL from a response may lead to public hosts only, over https. If you trust this URL, pass "
        "allow_private_hosts=True to AsyncHeyGen, or set HEYGEN_ALLOW_PRIVATE_HOSTS=1"
    )


def check_url(url: URL) -> None:
    """Check the scheme of a URL, and its host where the host is an address or `localhost`.

    Raises:
        RefusedUrlError: The scheme is not https, or the host is not public.
    """
    host = url.host or ""
    if url.scheme != "https":
        raise refused_host(f"it leads to the host {host} over {url.scheme}")
    if is_local_name(host):
        raise refused_host(f"the host {host} is this machine")
    if is_literal(host):
        check_addresses(host, [host])


def check_addresses(host: str, addresses: Iterable[str]) -> None:
    """Check the addresses of a host.

    Raises:
        RefusedUrlError: One of them is not public.
    """
    for address in addresses:
        if (kind := private_kind(address)) is not None:
            problem = f"is {kind}" if host == address else f"has the address {address}, which is {kind}"
            raise refused_host(f"the host {host} {problem}")


def is_local_name(host: str) -> bool:
    """Return whether a host is `localhost`, or below it."""
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")


def is_literal(host: str) -> bool:
    """Return whether a host is written as an address, valid or not; aiohttp does not resolve such a host."""
    return ":" in host or host.replace(".", "").isdigit() or _parse(host) is not None


def private_kind(address: str) -> str | None:
    """Return the kind of an address that is not public, such as "a loopback address"; None for a public one."""
    parsed = _parse(address)
    if parsed is None:
        return "not a valid address"
    if isinstance(parsed, IPv6Address):
        embedded = IPv4Address(int(parsed) & 0xFFFFFFFF) if parsed in _NAT64 else parsed.ipv4_mapped or parsed.sixtofour
        if embedded is not None:
            return private_kind(str(embedded))
    if _is_public(parsed):
        return None
    kinds = {
        "a loopback address": parsed.is_loopback,
        "a link-local address": parsed.is_link_local,
        "a multicast address": parsed.is_multicast,
        "the unspecified address": parsed.is_unspecified,
        "an address inside a carrier's network": parsed in _CARRIERS,
        "a private address": any(parsed in network for network in _PRIVATE),
    }
    return next((kind for kind, applies in kinds.items() if applies), "a reserved address")


def _parse(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is written as, also in octal or as one number; None for a name."""
    name = host.rstrip(".")
    try:
        return ip_address(name)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(name))
    except (OSError, ValueError):
        return None


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        return address in _GLOBAL_UNICAST and address.is_global
    return address in _TUNNELS or (address.is_global and not address.is_multicast and address not in _PROTOCOLS)
