"""`heygen.videos`: videos from an avatar, a picture, a prompt or scenes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from .._http.argument_checks import check_mappings
from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import VIDEO, VIDEO_BATCH, VIDEO_STATUSES
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types.base import Deleted, JSONValue, get_field, get_tag
from ..types.batches import Batch, BatchCreated, JobStatus
from ..types.compositions import VideoScenes
from ..types.videos import Video, VideoCreated, VideoRequest
from . import validation
from .base import Resource


class Videos(Resource):
    """Videos. https://developers.heygen.com/docs/choosing-the-right-video-api"""

    @operation(
        {
            "avatar": "create_video_from_avatar",
            "image": "create_video_from_image",
            "cinematic_avatar": "create_video_from_cinematic_avatar",
            "studio": "create_video_from_studio",
        },
        "POST",
        "/v3/videos",
        idempotency="header",
        billable=True,
        wait="video",
    )
    async def create(
        self, request: VideoRequest | Mapping[str, JSONValue], *, idempotency_key: str | None = None
    ) -> VideoCreated:
        """Start a video.

        Costs credit. Local files are uploaded first. `AsyncHeyGen.wait_for_video` accepts the result.

        Args:
            request: An `AvatarVideo`, `ImageVideo`, `CinematicVideo` or `StudioVideo`, or an equal mapping.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one. The same
                key returns the same video, even for another request.
        """
        check_mappings(self.create, request=request)
        self._check_video(request, "request")
        body = await self._upload_files(request)
        return await self._call(self.create, VideoCreated, body=body, key=idempotency_key)

    def _check_video(self, request: object, path: str) -> None:
        validation.check_video(request, path)
        scenes = get_field(request, "scenes")
        if scenes and any(get_tag(get_field(scene, "input")) == "image" for scene in scenes):
            self._warn_once("ImageInput", "Create a photo avatar, and use its look in an AvatarInput.")

    @show_parameters
    async def create_and_wait(
        self, request: VideoRequest | Mapping[str, JSONValue], **options: Unpack[AndWait]
    ) -> Video:
        """Call `create`, then wait for the finished video."""
        return await self._create_and_wait(VIDEO, self.create_and_wait, self.create, options, request)

    @operation("get_video", VIDEO.endpoint, wait="video")
    async def get(self, video_id: str) -> Video:
        """Return a video, with freshly signed URLs when it is finished.

        Args:
            video_id: The id that `create` returned.
        """
        return await self._call(self.get, Video, video_id)

    @operation("list_videos", "GET", "/v3/videos")
    def list(
        self,
        *,
        limit: int | None = None,
        token: str | None = None,
        folder_id: str | None = None,
        title: str | None = None,
    ) -> Pager[Video]:
        """List all videos.

        Args:
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
            folder_id: Only the videos of this folder.
            title: Only videos whose title contains this text.
        """
        return self._pager(self.list, Video, limit=limit, token=token, folder_id=folder_id, title=title)

    @operation("get_video_scenes", "GET", "/v3/videos/{video_id}/scenes")
    async def get_scenes(self, video_id: str) -> VideoScenes:
        """Return the scenes of a finished video.

        HeyGen allows about a tenth as many of these requests as of others: read it once, and never poll with it.

        Args:
            video_id: The id that `create` returned.

        Raises:
            NotFoundError: The video has no scenes to edit, such as a translated video.
        """
        return await self._call(self.get_scenes, VideoScenes, video_id)

    @operation("delete_video", "DELETE", "/v3/videos/{video_id}")
    async def delete(self, video_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a video and its files permanently.

        Args:
            video_id: The id that `create` returned.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.
        """
        return await self._call(self.delete, Deleted, video_id, key=idempotency_key)

    @operation("list_video_statuses", VIDEO_STATUSES)
    async def statuses(
        self, *, video_ids: Sequence[str] | None = None, batch_ids: Sequence[str] | None = None
    ) -> Sequence[JobStatus]:
        """Return the states of many videos, with one request for each hundred ids.

        Args:
            video_ids: Any number of ids.
            batch_ids: Any number of batches, for the videos in them.
        """
        return await self._statuses(self.statuses, JobStatus, video_ids=video_ids, batch_ids=batch_ids)

    @operation(
        "create_video_batch",
        "POST",
        "/v3/videos/batches",
        idempotency="header",
        billable=True,
        wait="batch",
    )
    async def create_batch(
        self,
        *,
        videos: Sequence[VideoRequest | Mapping[str, JSONValue]],
        title: str | None = None,
        folder_id: str | None = None,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> BatchCreated:
        """Start many videos in one request. `get_batch` returns the state of each.

        Costs credit. Local files are uploaded first.

        Args:
            videos: 1 to 100 requests, each as for `create`; no studio videos.
            title: The name that HeyGen shows.
            folder_id: The folder for the batch, from `folders.create`; the videos themselves take none here.
            callback_url: A public https URL that HeyGen calls once, when every video has ended.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
        """
        check_mappings(self.create_batch, videos=videos)
        validation.check_length("videos", videos, 100, min_length=1)
        for index, video in enumerate(videos):
            self._check_video(video, f"videos[{index}]")
        body = {
            "videos": await self._upload_files(list(videos)),
            "title": title,
            "folder_id": folder_id,
            "callback_url": callback_url,
        }
        return await self._create_batch(self.create_batch, "videos", body, idempotency_key)

    @operation("get_video_batch", VIDEO_BATCH.endpoint, wait="batch")
    async def get_batch(self, batch_id: str, *, limit: int | None = None, token: str | None = None) -> Batch:
        """Return a batch and one page of its items.

        Args:
            batch_id: The id that `create_batch` returned.
            limit: The number of items per page, 1 to 100; by default 100.
            token: The `next_token` of the previous page.
        """
        return await self._get_batch(self.get_batch, batch_id, limit, token)
