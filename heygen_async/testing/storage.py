"""The storage behind presigned URLs: an imitation of S3 on its own port, which rejects requests with the API key."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from email.utils import formatdate
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from aiohttp import web

from .portraits import draw_portrait
from .voice_samples import sing_sample

if TYPE_CHECKING:
    from .jobs import State

__all__ = ["Storage", "media", "portrait_path", "voice_sample_path"]

UPLOAD_SECONDS = 900
MAX_BYTES = 5 << 30
_MAX_KEPT_BYTES = 8 << 20  # of an upload that can be downloaded again
_TYPES = {
    "mp4": "video/mp4",
    "gif": "image/gif",
    "svg": "image/svg+xml",
    "jpg": "image/jpeg",
    "wav": "audio/wav",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
}
_VTT = b"WEBVTT\n\n00:00:00.000 --> 00:00:04.000\nHello from the local HeyGen.\n"
_SRT = b"1\n00:00:00,000 --> 00:00:04,000\nHello from the local HeyGen.\n"


@cache
def media(name: str) -> bytes:
    """Return the sample file that is served for a URL, chosen by the last part of the URL's path."""
    text = {"srt": _SRT, "vtt": _VTT}.get(name.rpartition(".")[2])
    return text or (files("heygen_async.testing") / "media" / name).read_bytes()


def portrait_path(person: str, look: str, gender: str) -> str:
    """Return the path of an avatar's picture."""
    return f"/portraits/{gender}/{person}/{look}.svg"


def voice_sample_path(voice: str, gender: str) -> str:
    """Return the path of a voice's sample."""
    return f"/voice-samples/{gender}/{voice}/sample.wav"


def _sample(path: str) -> bytes:
    match path.split("/"):
        case [_, "static", "portraits", gender, person, look]:
            return draw_portrait(person, look, gender)
        case [_, "static", "voice-samples", gender, voice, _]:
            return sing_sample(voice, gender)
        case _:
            return media(path.rpartition("/")[2])


class Storage:
    """Presigned uploads and downloads.

    Attributes:
        url: The base URL of presigned URLs.
        version: Changes the content and the `ETag` of every file when it is increased.
        large: The size of every video in bytes; 0 for the sample's own size.
        etags: Whether downloads have a strong, a weak or no `ETag`.
        digests: Whether downloads have a `Repr-Digest` header.
    """

    def __init__(self, state: State, key: str, page_url_seconds: float) -> None:
        self.url = ""
        self.version = 0
        self.large = 0
        self.etags: Literal["strong", "weak", "none"] = "strong"
        self.digests = False
        self._state = state
        self._key = key
        self._seconds = page_url_seconds
        self._secret = b"the local storage's own"

    def presigned(self, path: str, *, method: str = "GET", seconds: float | None = None) -> str:
        """Return a presigned URL.

        Args:
            path: The path of the file.
            method: The method that it allows.
            seconds: Its lifetime; None for the emulator's `page_url_seconds`.
        """
        expires = int(self._state.now() + (self._seconds if seconds is None else seconds))
        return f"{self.url}{path}?Expires={expires}&Signature={self._signature(method, path, expires)}"

    def static(self, path: str) -> str:
        """Return a public URL that does not expire, such as that of a preview."""
        return f"{self.url}/static{path}"

    def _signature(self, method: str, path: str, expires: int) -> str:
        return hmac.new(self._secret, f"{method} {path} {expires}".encode(), "sha256").hexdigest()

    async def respond(self, request: web.BaseRequest, *, ignore_range: bool) -> tuple[web.StreamResponse, bytes]:
        """Return the head of the response, and its body."""
        if "X-Api-Key" in request.headers or self._key in request.headers.get("Authorization", ""):
            return _xml(400, "InvalidArgument", "The API key must not be sent to the storage.")
        path = request.raw_path.partition("?")[0]
        method = "GET" if request.method == "HEAD" else request.method
        expires = request.query.get("Expires", "0")
        if path.startswith("/static/"):
            return self._get(request, path, ignore_range=ignore_range)
        if not expires.isdigit() or not hmac.compare_digest(
            request.query.get("Signature", ""), self._signature(method, path, int(expires))
        ):
            return _xml(403, "SignatureDoesNotMatch", "The signature does not match.")
        if int(expires) < self._state.now():
            return _xml(403, "AccessDenied", "Request has expired")
        return (
            await self._put(request, path) if method == "PUT" else self._get(request, path, ignore_range=ignore_range)
        )

    async def _put(self, request: web.BaseRequest, path: str) -> tuple[web.StreamResponse, bytes]:
        asset = self._state.assets.get(path.rpartition("/")[2])
        if asset is None:
            return _xml(404, "NoSuchKey", "There is no such upload.")
        if request.headers.get("Transfer-Encoding") or request.content_length is None:
            return _xml(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        if request.content_length != asset["size_bytes"]:
            return _xml(403, "AccessDenied", "The size is not the one that was signed.")
        for name, value in asset["upload_headers"].items():
            if request.headers.get(name) != value:
                return _xml(403, "SignatureDoesNotMatch", f"The header {name} is not the one that was signed.")
        digest, kept, size = hashlib.sha256(), bytearray(), 0
        async for chunk in request.content.iter_any():
            digest.update(chunk)
            size += len(chunk)
            if size <= _MAX_KEPT_BYTES:
                kept += chunk
        if asset.get("checksum_sha256") not in {None, digest.hexdigest()}:
            return _xml(400, "BadDigest", "The SHA256 you specified did not match what was received.")
        asset |= {
            "received": size,
            "sha256": digest.hexdigest(),
            "content": bytes(kept) if size <= _MAX_KEPT_BYTES else None,
        }
        return web.StreamResponse(status=200, headers={"ETag": f'"{digest.hexdigest()[:32]}"'}), b""

    def _get(self, request: web.BaseRequest, path: str, *, ignore_range: bool) -> tuple[web.StreamResponse, bytes]:
        name = path.rpartition("/")[2]
        asset = self._state.assets.get(name)
        if asset is not None:
            body, kind = asset.get("content") or b"", asset["content_type"]
        else:
            body, kind = _sample(path), _TYPES[name.rpartition(".")[2]]
            if self.large and name == "video.mp4":
                body = (body * (self.large // len(body) + 1))[: self.large]
        if self.version:
            body = body[:-1] + bytes([self.version % 256])
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        headers = {
            "ETag": etag,
            "Accept-Ranges": "bytes",
            "Content-Type": kind,
            "Last-Modified": formatdate(0, usegmt=True),
        }
        if self.etags != "strong":
            del headers["ETag"]
            headers |= {"ETag": f"W/{etag}"} if self.etags == "weak" else {}
        if self.digests:
            headers["Repr-Digest"] = f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
        if found is None or ignore_range or request.headers.get("If-Range", etag) != etag:
            return web.StreamResponse(status=200, headers=headers), body
        start, end = int(found[1]), min(int(found[2] or len(body) - 1), len(body) - 1)
        if start >= len(body):
            return web.StreamResponse(status=416, headers={"Content-Range": f"bytes */{len(body)}"}), b""
        headers["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
        return web.StreamResponse(status=206, headers=headers), body[start : end + 1]


def _xml(status: int, code: str, message: str) -> tuple[web.StreamResponse, Any]:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return web.StreamResponse(status=status, headers={"Content-Type": "application/xml"}), body.encode()
