"""The bytes of a remote file, over as many connections as needed.

The problem: a long download outlives its connections and its presigned URL, and the server may replace the file
meanwhile. The caller needs every byte once and in order, or an error, and never a mixture of two files.

Rejected ways:

* Start again after every break. A large file would never arrive over a poor connection.
* Continue with `Range` alone. If the file was replaced, the rest would belong to another file. So the request carries
  `If-Range` with the ETag, and the response is checked as well, because some servers ignore `If-Range`.
* Continue by a weak ETag or `Last-Modified`. Neither promises equal bytes. Without a strong ETag, start again.
* Take a compressed transfer. Its length and its ranges count compressed bytes, and a cut one can look complete. So each
  request asks for `identity`, and a response with another coding is an error.
* Limit the total number of breaks. A long download may break often and still finish, so only consecutive
  attempts that receive no byte are counted.

Invariants:

* `position` is the number of bytes yielded so far; the next chunk begins there.
* A response is used only if it begins at 0 or at `position` and, after the first byte, has the same ETag and total size
  as the first response. If it begins at 0, the bytes before `position` are skipped.
* No byte is yielded beyond the end that the response announces.
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

from .._http.deadlines import seconds_allowed
from .._http.retrying import is_unknown_host, retrying
from .._http.running_loop import running_loop
from .._http.transport import Transport
from ..errors import APIConnectionError, DownloadError, InvalidInputError
from . import file_store
from .checksums import Checksum, checksum_from_headers
from .file_store import RefusedTransferError, StoredResponse
from .url_renewal import RenewableUrl

_MAX_RENEWALS = 3  # in a row
_EXPIRED = frozenset({401, 403, 410})
_CODINGS = {"Content-Encoding": ("", "identity"), "Transfer-Encoding": ("", "identity", "chunked")}
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)")


class RestartRequiredError(Exception):
    """The bytes before `position` belong to another file than the server's; the text completes "<url> …"."""


class _ContentPart(NamedTuple):
    """The part of the file that a response carries."""

    etag: str | None
    total: int | None
    start: int  # -1 if the headers contradict themselves, or do not contain it
    end: int | None = None  # the position after the last byte


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
        self._time_limit = seconds_allowed(transport.options.timeout.for_method("GET", transfer=True))
        self._deadline = running_loop().time() + self._time_limit
        self._renewals_left = _MAX_RENEWALS
        self.media_type: str = ""
        self.start_at(0, None)

    def start_at(self, position: int, etag: str | None, total: int | None = None) -> None:
        """Continue at this position of the file with this ETag and size; 0 starts over."""
        self.position: int = position
        self.etag: str | None = etag
        self.total: int | None = total
        self.checksum: Checksum | None = None

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the bytes as they arrive.

        Raises:
            RestartRequiredError: The server has another file now, or cannot continue at `position`.
            DownloadError: The file cannot be downloaded.
        """
        options = self._transport.options
        attempts = retrying(options.retry, max_retries=options.max_resumes, deadline=self._deadline)
        async for number in attempts:
            before = self.position
            try:
                async with self._request(number) as response:
                    if response.status in _EXPIRED and self._renewals_left and await self._renew_url():
                        self._renewals_left -= 1
                        attempts.repeat()
                        continue
                    if self._is_at_end(response):
                        return
                    self._check_status(response)
                    part = self._take_part(response)
                    skip, end = self.position - part.start, self.total if part.end is None else part.end
                    async for chunk in response.chunks():
                        new = chunk[skip:] if skip else chunk
                        skip = max(skip - len(chunk), 0)
                        if new:
                            self._advance(len(new), end)
                            yield new
                self._check_end(end)
                return
            except APIConnectionError as error:
                if self.position > before:
                    attempts.progressed()
                attempts.failed(error)
            except RefusedTransferError as error:
                raise self.error(str(error), again=False) from error
        limit = f" within the client's timeout of {self._time_limit:g} s" if attempts.timed_out else ""
        cause = attempts.error if is_unknown_host(attempts.error) else None
        raise self.error(f"was not downloaded completely{limit}: {attempts.error}") from cause

    def error(self, reason: str, status: int | None = None, *, again: bool = True) -> DownloadError:
        """Return the error that ends the download; `reason` completes "<url> …". `again` advises another download."""
        message = f"{self._url} {reason.rstrip('.')}."
        if self._target is not None:
            message += f" {self._target} was not written{'; download again' if again else ''}."
        return DownloadError(message, url=str(self._url), path=str(self._target or ""), status=status)

    def _request(self, attempt: int) -> AbstractAsyncContextManager[StoredResponse]:
        if self.position and not self.etag:
            raise RestartRequiredError("broke off, and its server sends no strong ETag to continue with")
        headers = {"Range": f"bytes={self.position}-", "If-Range": self.etag} if self.position and self.etag else {}
        return file_store.exchange(
            self._transport,
            "GET",
            self._url.url,
            headers=headers,
            deadline=self._deadline,
            attempt=attempt,
            is_from_program=self._url.is_from_program,
        )

    async def _renew_url(self) -> bool:
        timeout = asyncio.timeout_at(None if self._deadline == inf else self._deadline)
        try:
            async with timeout:
                return await self._url.renew()
        except TimeoutError:
            if not timeout.expired():
                raise
            raise self._interruption("no new URL arrived in time") from None
        except InvalidInputError as error:
            raise self.error(f"has expired, and no new URL was found: {error}", again=False) from None

    def _is_at_end(self, response: StoredResponse) -> bool:
        """Return whether the server responds that the file ends at `position`."""
        is_end = response.status == 416 and response.headers.get("Content-Range") == f"bytes */{self.position}"
        if not is_end or not self.position:
            return False
        return response.headers.get("ETag", self.etag) == self.etag and self.total in {None, self.position}

    def _check_status(self, response: StoredResponse) -> None:
        """Check that the response carries bytes of the file, as they are.

        Raises:
            APIConnectionError: The server has a transient problem.
            RestartRequiredError: The server has fewer bytes than were downloaded.
            DownloadError: The server refuses the file, or sends it compressed.
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
        for name, allowed in _CODINGS.items():
            coding = response.headers.get(name, "").strip().lower()
            if coding not in allowed:
                raise self.error(f"was sent with {name} {coding[:20]!r}, although the request asks for identity")

    def _take_part(self, response: StoredResponse) -> _ContentPart:
        """Check that the response continues the file.

        Raises:
            RestartRequiredError: The response belongs to another file.
        """
        part = _content_part(response)
        if not self.position:
            self.start_at(0, part.etag)
        has_same_size = None in {part.total, self.total} or part.total == self.total
        if part.start not in {0, self.position} or part.etag != self.etag or not has_same_size:
            raise RestartRequiredError("changed during the download")
        self.total = part.total if self.total is None else self.total
        self.media_type = response.headers.get("Content-Type", "")
        self.checksum = self.checksum or checksum_from_headers(response.status, response.headers)
        self._renewals_left = _MAX_RENEWALS
        return part

    def _advance(self, size: int, end: int | None) -> None:
        if end is not None and self.position + size > end:
            raise RestartRequiredError("is longer than its server announced")
        self.position += size

    def _check_end(self, end: int | None) -> None:
        expected = end if self.total is None else self.total
        if expected is not None and self.position < expected:
            raise self._interruption(f"only {self.position:,} of {expected:,} bytes arrived")

    def _interruption(self, reason: str) -> APIConnectionError:
        return APIConnectionError(f"GET {self._url}: {reason}.", method="GET", path=str(self._url))


def _content_part(response: StoredResponse) -> _ContentPart:
    headers = response.headers
    value = headers.get("ETag", "")
    etag = value if value and value.isprintable() and not value.startswith("W/") else None
    length = headers.get("Content-Length", "")
    size = int(length) if length.isdecimal() else None
    if response.status == 200:
        return _ContentPart(etag, size, 0)
    found = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", ""))
    if found is None:
        return _ContentPart(etag, None, -1)
    start, end, total = int(found[1]), int(found[2]) + 1, None if found[3] == "*" else int(found[3])
    is_consistent = start < end and size in {None, end - start} and (total is None or end <= total)
    return _ContentPart(etag, total, start if is_consistent else -1, end)
