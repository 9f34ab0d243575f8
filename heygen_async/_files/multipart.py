"""Multipart upload: the whole file in one request to the API."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing

from .._http.endpoint import Endpoint
from .._http.streamed_body import Body
from .file_sources import FileSource
from .transfer_progress import OnProgress
from .upload_stream import UploadStream

#: Bytes; the API takes no larger file this way.
MULTIPART_LIMIT = 32 * 1024 * 1024
CREATE_ASSET = Endpoint("POST", "/v3/assets", idempotency="header")


def multipart_body(source: FileSource, on_progress: OnProgress | None = None) -> Body:
    """Return the file as the only part of a multipart form.

    The length is known, so that the body is not sent with chunked encoding.
    """
    boundary = f"heygen-{secrets.token_hex(16)}"
    name = source.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {source.media_type}\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()

    async def read() -> AsyncGenerator[bytes]:
        yield head
        async with aclosing(UploadStream(source, on_progress).read()) as chunks:
            async for chunk in chunks:
                yield chunk
        yield tail

    return Body(
        length=len(head) + source.size + len(tail), content_type=f"multipart/form-data; boundary={boundary}", read=read
    )
