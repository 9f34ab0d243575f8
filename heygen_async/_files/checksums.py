"""Checksums: the digest of a file on disk, and the digests that servers send in response headers."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from io import FileIO
from typing import NamedTuple

import anyio.to_thread

_HASHED_PER_HOP = 8 << 20  # bytes; a cancellation waits for at most one such step
_DIGEST_SIZES = {"sha-512": 64, "sha-256": 32, "md5": 16}  # bytes; the strongest algorithm first


class Checksum(NamedTuple):
    """A digest and the name of its algorithm in `hashlib`."""

    algorithm: str
    digest: bytes


async def file_digest(open_file: Callable[[], AbstractContextManager[FileIO]], algorithm: str) -> bytes:
    """Return the digest of a file; a thread reads and hashes 8 MiB at a time.

    Args:
        open_file: Opens the file for one such step, without a buffer.
        algorithm: The name of the algorithm in `hashlib`.
    """
    digest = hashlib.new(algorithm, usedforsecurity=False)
    buffer = memoryview(bytearray(256 << 10))

    def hash_next(start: int) -> int:
        with open_file() as file:
            file.seek(start)
            end = start + _HASHED_PER_HOP
            while start < end and (read := file.readinto(buffer)):
                digest.update(buffer[:read])
                start += read
        return start

    start, end = 0, await anyio.to_thread.run_sync(hash_next, 0)
    while end - start >= _HASHED_PER_HOP:
        start, end = end, await anyio.to_thread.run_sync(hash_next, end)
    return digest.digest()


def checksum_from_headers(status: int, headers: Mapping[str, str]) -> Checksum | None:
    """Return the strongest checksum of the whole file in the headers of a response, or None.

    In a partial response (206), `Content-MD5` and `x-amz-checksum-sha256` may cover only the part, so they are ignored.
    """
    values = [headers.get(name, "") for name in ("Repr-Digest", "Digest", "x-goog-hash")]
    if status == 200:
        values += [f"sha-256={headers.get('x-amz-checksum-sha256', '')}", f"md5={headers.get('Content-MD5', '')}"]
    for name, size in _DIGEST_SIZES.items():
        for value in re.findall(rf"(?i)\b{name}=:?([A-Za-z0-9+/]+=*)(?=[:,\s]|$)", ",".join(values)):
            try:
                digest = base64.b64decode(value, validate=True)
            except binascii.Error:
                continue
            if len(digest) == size:
                return Checksum(name.replace("-", ""), digest)
    return None
