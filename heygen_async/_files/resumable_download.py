"""The bytes of a remote file, over as many connections as needed.

The problem: a long download outlives its connections and its presigned URL, and the server may replace the file
meanwhile. The caller needs every byte once and in order, or an error, and never a mixture of two files.

Rejected ways:

* Start again after every break. A large file would never arrive over a poor connection.
* Continue with `Range` alone. If the file was replaced, the rest would belong to another file. So the request carries
  `If-Range` with the ETag, and the response is checked as well, because some servers ignore `If-Range`.
* Continue by a weak ETag or `Last-Modified`. Neither promises equal bytes. Without a strong ETag, start again.
* Limit the total number of breaks. A long download may break often and still finish, so only consecutive
  attempts that receive no byte are counted.

Invariants:

* `position` is the number of bytes yielded so far; the next chunk begins there.
* A response is used only if it begins at 0 or at `position` and, after the first byte, has the same ETag. If it begins
  at 0, the bytes before `position` are skipped.
* `RestartRequiredError` is raised before the first byte of another file is yielded.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from math import inf
from pathlib import Path
from typing import NamedTuple

from .._http.retrying import retrying
from .._http.transport import Transport
from ..errors import APIConnectionError, DownloadError
from . import file_store
from .checksums import Checksum, checksum_from_headers
from .file_store import StoredResponse
from .url_renewal import RenewableUrl

_MAX_RENEWALS = 3  # in a row
_EXPIRED = frozenset({401, 403, 410})
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)")


class RestartRequiredError(Exception):
    """The bytes before `position` belong to another file than the server's; the text completes "<url> …"."""


class _ContentPart(NamedTuple):
    """The part of the file that a response carries."""

    etag: str | None
    total: int | None
    start: int | None


class ResumableDownload:
    """A remote file, read from `position`.

    Attributes:
        position: The number of bytes yielded so far.
        etag: The strong ETag of the file, if the server sends one.
        total: The size of the file in bytes, if the server sends it.
        media_type: The content type.
        checksum: The strongest checksum that the server sent.
    """

    def __init__(self, transport: Transport, url: RenewableUrl, target: Path | None = None) -> None:
        self._transport = transport
        self._url = url
        self._target = target
        self._time_limit = transport.options.timeout.for_method("GET", transfer=True)
        self._deadline = asyncio.get_running_loop().time() + self._time_limit
        self._renewals_left = _MAX_RENEWALS
        self.media_type: str = ""
        self.start_at(0, None)

    def start_at(self, position: int, etag: str | None) -> None:
        """Continue at this position of the file with this ETag; 0 starts over."""
        self.position: int = position
        self.etag: str | None = etag
        self.total: int | None = None
        self.checksum: Checksum | None = None

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the bytes as they arrive.

        Raises:
            RestartRequiredError: The server has another file now, or cannot continue at `position`.
            DownloadError: The file cannot be downloaded.
        """
        options = self._transport.options
        attempts = retrying(options.retry, max_retries=options.max_resumes, deadline=self._deadline)
        async for _ in attempts:
            before = self.position
            try:
                async with self._request() as response:
                    if response.status in _EXPIRED and self._renewals_left and await self._renew_url():
                        self._renewals_left -= 1
                        attempts.repeat()
                        continue
                    if response.status == 416 and response.headers.get("Content-Range") == f"bytes */{self.position}":
                        return  # nothing is left to download
                    skip = self._bytes_to_skip(response)
                    async for chunk in response.chunks():
                        new = chunk[skip:] if skip else chunk
                        skip = max(skip - len(chunk), 0)
                        if new:
                            self.position += len(new)
                            yield new
                self._check_length()
                return
            except APIConnectionError as error:
                if self.position > before:
                    attempts.progressed()
                attempts.failed(error)
        limit = f" within the client's timeout of {self._time_limit:g} s" if attempts.timed_out else ""
        raise self.error(f"was not downloaded completely{limit}: {attempts.error}")

    def error(self, reason: str, status: int | None = None) -> DownloadError:
        """Return the error that ends the download; `reason` completes "<url> …"."""
        message = f"{self._url} {reason.rstrip('.')}."
        if self._target is not None:
            message += f" {self._target} was not written; download again."
        return DownloadError(message, url=str(self._url), path=str(self._target or ""), status=status)

    def _request(self) -> AbstractAsyncContextManager[StoredResponse]:
        if self.position and not self.etag:
            raise RestartRequiredError("broke off, and its server sends no strong ETag to continue with")
        headers = {"Range": f"bytes={self.position}-", "If-Range": self.etag} if self.position and self.etag else {}
        return file_store.exchange(self._transport, "GET", self._url.url, headers=headers, deadline=self._deadline)

    async def _renew_url(self) -> bool:
        timeout = asyncio.timeout_at(None if self._deadline == inf else self._deadline)
        try:
            async with timeout:
                return await self._url.renew()
        except TimeoutError:
            if not timeout.expired():
                raise
            raise self._interruption("no new URL arrived in time") from None

    def _bytes_to_skip(self, response: StoredResponse) -> int:
        """Check that the response continues the file; return the number of its bytes that were yielded before.

        Raises:
            APIConnectionError: The server has a transient problem.
            RestartRequiredError: The response belongs to another file.
            DownloadError: The server refuses the file.
        """
        if response.status in {408, 429} or response.status >= 500:
            raise self._interruption(f"the server responded with status {response.status}")
        if response.status == 416:
            raise RestartRequiredError("has no bytes after those that were downloaded before")
        if response.status not in {200, 206}:
            advice = "check the URL"
            if response.status in _EXPIRED:
                advice = "the URL has expired; request the resource again for a new URL"
            raise self.error(f"was refused with status {response.status}: {advice}", response.status)
        part = _content_part(response)
        if part.start not in {0, self.position} or (self.position and part.etag != self.etag):
            raise RestartRequiredError("changed during the download")
        self.etag, self.total = part.etag, self.total if part.total is None else part.total
        self.media_type = response.headers.get("Content-Type", "")
        self.checksum = self.checksum or checksum_from_headers(response.status, response.headers)
        self._renewals_left = _MAX_RENEWALS
        return self.position - part.start

    def _check_length(self) -> None:
        if self.total is not None and self.position < self.total:
            raise self._interruption(f"only {self.position:,} of {self.total:,} bytes arrived")
        if self.total is not None and self.position > self.total:
            raise RestartRequiredError("is longer than its server announced")

    def _interruption(self, reason: str) -> APIConnectionError:
        return APIConnectionError(f"GET {self._url}: {reason}.", method="GET", path=str(self._url))


def _content_part(response: StoredResponse) -> _ContentPart:
    """Read the strong ETag, the total size and the start; `start` is None if the headers do not contain it."""
    headers = response.headers
    if headers.get("Content-Encoding", "identity") != "identity":
        return _ContentPart(None, None, 0)  # the headers describe the compressed bytes
    value = headers.get("ETag", "")
    etag = value if value and value.isprintable() and not value.startswith("W/") else None
    if response.status == 206:
        found = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", ""))
        if found is None:
            return _ContentPart(etag, None, None)
        return _ContentPart(etag, None if found[2] == "*" else int(found[2]), int(found[1]))
    length = headers.get("Content-Length", "")
    return _ContentPart(etag, int(length) if length.isdecimal() else None, 0)
