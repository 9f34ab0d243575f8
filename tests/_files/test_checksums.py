"""Checksums in response headers."""

from __future__ import annotations

import base64
import hashlib

import pytest
from download_support import video_content

from heygen_async._files.checksums import Checksum, checksum_from_headers


@pytest.mark.parametrize(
    ("headers", "algorithm"),
    [
        ({"Repr-Digest": "sha-512=:{sha512}:, sha-256=:{sha256}:"}, "sha512"),
        ({"Digest": "SHA-256={sha256}"}, "sha256"),
        ({"x-amz-checksum-sha256": "{sha256}"}, "sha256"),
        ({"x-goog-hash": "crc32c=AAAAAA==, md5={md5}"}, "md5"),
        ({"Content-MD5": "{md5}"}, "md5"),
        ({"x-amz-checksum-sha256": "{sha256}-3"}, None),
        ({"Repr-Digest": "sha-256=:no base64:"}, None),
        ({}, None),
    ],
)
def test_reads_every_form_of_checksum_header(headers: dict[str, str], algorithm: str | None) -> None:
    content = video_content()
    digests = {name: hashlib.new(name, content).digest() for name in ("sha512", "sha256", "md5")}
    encoded = {name: base64.b64encode(digest).decode() for name, digest in digests.items()}
    headers = {name: value.format(**encoded) for name, value in headers.items()}
    expected = None if algorithm is None else Checksum(algorithm, digests[algorithm])
    assert checksum_from_headers(200, headers) == expected


def test_digest_of_a_part_is_not_that_of_the_file() -> None:
    value = base64.b64encode(hashlib.sha256(b"part").digest()).decode()
    assert checksum_from_headers(206, {"x-amz-checksum-sha256": value}) is None
    assert checksum_from_headers(206, {"Repr-Digest": f"sha-256=:{value}:"}) is not None
