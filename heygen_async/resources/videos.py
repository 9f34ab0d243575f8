"""`heygen.videos`: videos from an avatar, a picture, a prompt or scenes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from .._http.endpoint import Endpoint
from .._jobs.registry import VIDEO, VIDEO_BATCH, VIDEO_STATUSES
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types.base import Deleted, JSONValue
from ..types.batches import BatchCreated, JobStatus
from ..types.videos import Video, VideoCreated, VideoRequest, VideoScenes
from . import validation as checks
from .base import Batches

_CREATE = Endpoint("POST", "/v3/videos", idempotency="header", billable=True)
_LIST = Endpoint("GET", "/v3/videos")
_SCENES = Endpoint("GET", "/v3/videos/{video_id}/scenes")
_DELETE = Endpoint("DELETE", "/v3/videos/{video_id}")
_CREATE_BATCH = Endpoint(
    "POST",
    "/v3/videos/batches",
    idempotency="none",
    billable=True,
    recovery="HeyGen lists no batches; videos.list() shows whether the batch's videos were begun.",
)


class Videos(Batches):
    """Videos. https://developers.heygen.com/docs/choosing-the-right-video-api"""

    _BATCH = VIDEO_BATCH

    async def create(
        self, request: VideoRequest | Mapping[str, JSONValue], *, idempotency_key: str | None = None
    ) -> VideoCreated:
        """Begin a video. It is charged for.

        `AsyncHeyGen.wait_for_video` takes what this returns.

        Args:
            request: An `AvatarVideo`, `ImageVideo`, `CinematicVideo` or `StudioVideo`, or an equal mapping; local files
                in it are uploaded first.
            idempotency_key: One is made when none is given; for 24 hours the same key gives the same video, whatever
                the request says.
        """
        checks.video(request)
        return await self._call(_CREATE, VideoCreated, body=await self._files(request), key=idempotency_key)

    async def create_and_wait(self, request: VideoRequest | Mapping[str, JSONValue], **wait: Unpack[AndWait]) -> Video:
        """`create`, then wait for the finished video."""
        return await self._and_wait(VIDEO, self.create, wait, request)

    async def get(self, video_id: str) -> Video:
        """A video as it stands, with freshly signed URLs when it is finished."""
        return await self._call(VIDEO.endpoint, Video, video_id)

    def list(
        self,
        *,
        limit: int | None = None,
        token: str | None = None,
        folder_id: str | None = None,
        title: str | None = None,
    ) -> Pager[Video]:
        """All videos; `limit` from 1 to 100, by default 10.

        Args:
            folder_id: Of one folder alone.
            title: Those with this in their title alone.
        """
        return self._list(_LIST, Video, limit=limit, token=token, folder_id=folder_id, title=title)

    async def get_scenes(self, video_id: str) -> VideoScenes:
        """The scenes that a finished video is made of."""
        return await self._call(_SCENES, VideoScenes, video_id)

    async def delete(self, video_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a video and its files for good."""
        return await self._call(_DELETE, Deleted, video_id, key=idempotency_key)

    async def statuses(
        self, *, video_ids: Sequence[str] | None = None, batch_ids: Sequence[str] | None = None
    ) -> Sequence[JobStatus]:
        """The states of many videos, by their ids or by their batches', in one request for each hundred ids."""
        return await self._by_hundreds(VIDEO_STATUSES, JobStatus, video_ids=video_ids, batch_ids=batch_ids)

    async def create_batch(
        self,
        *,
        videos: Sequence[VideoRequest | Mapping[str, JSONValue]],
        title: str | None = None,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> BatchCreated:
        """Begin many videos in one request; `get_batch` tells of each.

        Args:
            videos: At most 100, each as `create` takes it, no studio videos.
            callback_url: Called once, when every video has ended.
        """
        checks.at_most("videos", videos, 100, least=1)
        for index, video in enumerate(videos):
            checks.video(video, f"videos[{index}]")
        body = {"videos": await self._files(list(videos)), "title": title, "callback_url": callback_url}
        return await self._create_batch(_CREATE_BATCH, "videos", body, idempotency_key)
