"""Finished videos as resources: `heygen://videos/{video_id}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from mcp import MCPError, UriTemplate, types

from ..operations.text import to_json
from .protocol_errors import protocol_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..client import AsyncHeyGen
    from .confirmation import Context

_VIDEO_URI = UriTemplate.parse("heygen://videos/{video_id}")
_MIME_TYPE = "application/json"
_DESCRIPTION = "A video: its status, and temporary URLs of its files."


class VideoResources:
    """The handlers of `resources/list`, `resources/templates/list` and `resources/read`."""

    def __init__(self, client_of: Callable[[Context], AsyncHeyGen]) -> None:
        self._client_of = client_of

    async def list_videos(
        self, context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        """Return the finished videos of one page."""
        with protocol_errors():
            page = await self._client_of(context).videos.list(token=params.cursor if params else None)
        videos = [
            types.Resource(
                uri=_VIDEO_URI.expand({"video_id": video.id}),
                name=video.title or video.id,
                description=f"A finished video: {video.video_url}",
                icons=[types.Icon(src=video.thumbnail_url)] if video.thumbnail_url else None,
                mime_type=_MIME_TYPE,
            )
            for video in page.data
            if video.status == "completed"
        ]
        return types.ListResourcesResult(resources=videos, next_cursor=page.next_token if page.has_more else None)

    async def list_templates(self, *_: object) -> types.ListResourceTemplatesResult:
        """Return the template of a video's URI."""
        template = types.ResourceTemplate(
            uri_template=str(_VIDEO_URI), name="video", description=_DESCRIPTION, mime_type=_MIME_TYPE
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def read_video(self, context: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        """Return a video as JSON."""
        match = _VIDEO_URI.match(params.uri)
        if match is None:
            raise MCPError(
                types.INVALID_PARAMS, f"There is no resource {params.uri!r}; the URI of a video is {_VIDEO_URI}."
            )
        with protocol_errors():
            video = await self._client_of(context).videos.get(str(match["video_id"]))
        text = msgspec.json.encode(to_json(video)).decode()
        content = types.TextResourceContents(uri=params.uri, mime_type=_MIME_TYPE, text=text)
        return types.ReadResourceResult(contents=[content])
