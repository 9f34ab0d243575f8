"""Public hosts: which addresses are public, in every way to write them."""

from __future__ import annotations

import pytest
from yarl import URL

from heygen_async._http.public_hosts import RefusedUrlError, check_url, private_kind

PUBLIC = """
    8.8.8.8 172.15.255.255 172.32.0.1 100.63.255.255 100.128.0.1 169.253.0.1 11.0.0.1 198.17.0.1 198.18.0.0
    198.19.255.255 198.20.0.1 223.255.255.255 2606:4700::1111 2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::808:808
    2002:808:808::1
""".split()
PRIVATE = {
    "loopback": """
        127.0.0.1 127.255.255.254 ::1 ::ffff:127.0.0.1 ::ffff:7f00:1 64:ff9b::7f00:1 2002:7f00:1::
        2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 127.1 127.0.1 127.0.0.1.
    """,
    "link-local": "169.254.169.254 fe80::1 fe80::1%eth0 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe 2002:a9fe:a9fe::",
    "private": "10.0.0.1 172.16.0.1 172.31.255.255 192.168.0.1 fc00::1 fd00:ec2::254 ::ffff:10.0.0.1 64:ff9b::a00:1",
    "carrier": "100.64.0.1 100.127.255.255 ::ffff:100.100.100.200",
    "multicast": "224.0.0.1 239.255.255.250 ff02::1 ff05::2",
    "unspecified": "0.0.0.0 :: 0",
    "reserved": "192.0.0.192 ::127.0.0.1 fec0::1 64:ff9b:1::1 5f00::1",
    "not a valid address": "256.0.0.1 1.2.3.4.5 :::",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_allowed(address: str) -> None:
    assert private_kind(address) is None


@pytest.mark.parametrize(("kind", "address"), [(kind, item) for kind in PRIVATE for item in PRIVATE[kind].split()])
def test_address_that_is_not_public_is_named_by_its_kind(kind: str, address: str) -> None:
    assert kind in (private_kind(address) or "")


@pytest.mark.parametrize(
    "url",
    [
        "http://8.8.8.8/", "ftp://8.8.8.8/", "https://localhost/", "https://LOCALHOST./", "https://a.localhost/",
        "https://2130706433/", "https://0x7f.1/", "https://１２７.0.0.1/", "https://[::1]/", "https://[fe80::1%25eth0]/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoded", [True, False])
def test_url_to_another_scheme_or_host_is_refused(url: str, encoded: bool) -> None:
    with pytest.raises(RefusedUrlError, match="allow_private_hosts=True .* HEYGEN_ALLOW_PRIVATE_HOSTS=1"):
        check_url(URL(url, encoded=encoded))


@pytest.mark.parametrize("url", ["https://files.example/a", "https://8.8.8.8/", "https://[2606:4700::1]:8443/a?b"])
def test_url_to_a_public_address_or_a_name_is_not_refused(url: str) -> None:
    check_url(URL(url))
