"""`heygen.video_agents`: videos from a prompt, made by an agent in a session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from .._http.endpoint import Endpoint
from .._jobs.registry import SESSION, STOP_SESSION, VIDEO
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import video_agents as models
from ..types.videos import Video
from . import validation as checks
from .base import Resource

_CREATE = Endpoint(
    "POST",
    "/v3/video-agents",
    billable=True,
    recovery="The newest sessions in video_agents.list() show whether it began; ask again only if it did not.",
)
_LIST = Endpoint("GET", "/v3/video-agents")
_SEND = Endpoint(
    "POST",
    "/v3/video-agents/{session_id}",
    billable=True,
    recovery="The session's messages, in video_agents.get(), show whether it arrived; repeat it only if not.",
)
_STYLES = Endpoint("GET", "/v3/video-agents/styles")
_VIDEOS = Endpoint("GET", "/v3/video-agents/{session_id}/videos")
_RESOURCE = Endpoint("GET", "/v3/video-agents/{session_id}/resources/{resource_id}")
_RESOURCES = Endpoint(
    "GET",
    "/v3/video-agents/sessions/{session_id}/resources",
    alternative="Some accounts lack this list. A session's messages name its resources; get_resource() fetches each.",
)

_MAX_CHARACTERS = 10_000
_MAX_FILES = 20


class SessionAndWait(models.SessionRequest, AndWait, total=False):
    """What `create_and_wait` takes."""


class VideoAgents(Resource):
    """Sessions of the Video Agent. https://developers.heygen.com/docs/video-agent"""

    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.SessionRequest]
    ) -> models.SessionCreated:
        """Begin a session, which makes a video from a prompt. It is charged for.

        In mode `generate` (the default) it makes one video by itself; in mode `chat` it may stop to ask. Local files
        among `files` are uploaded first. `AsyncHeyGen.wait_for_video` takes what this returns.

        Args:
            prompt: What the video is about, in 1 to 10,000 characters.
            files: At most 20: paths, `https` URLs, or file structs.

        Raises:
            AmbiguousRequestError: The answer was lost; the API honours no idempotency key here, so look before asking
                again.
        """
        body = checks.given(request, models.SessionRequest)
        checks.text("prompt", body["prompt"], _MAX_CHARACTERS)
        checks.at_most("files", request.get("files"), _MAX_FILES)
        return await self._call(_CREATE, models.SessionCreated, body=await self._files(body), key=idempotency_key)

    async def create_and_wait(self, **request: Unpack[SessionAndWait]) -> Video:
        """`create`, then wait for the finished video."""
        return await self._and_wait(VIDEO, self.create, request)

    async def get(self, session_id: str) -> models.Session:
        """A session as it stands: state, progress, `video_id`, and its newest messages (at most 40, newest first)."""
        return await self._call(SESSION.endpoint, models.Session, session_id)

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.SessionSummary]:
        """All sessions, newest first; `limit` (1 to 100, by default 20) is the size of a page."""
        return self._list(_LIST, models.SessionSummary, limit=limit, token=token)

    async def send_message(
        self, session_id: str, *, idempotency_key: str | None = None, **request: Unpack[models.MessageRequest]
    ) -> models.MessageSent:
        """Answer the agent, or ask for a change; only for sessions in mode `chat`. Then wait for the session again.

        Raises:
            AmbiguousRequestError: The answer was lost, and the message may have arrived.
        """
        body = checks.given(request, models.MessageRequest)
        checks.text("message", body["message"], _MAX_CHARACTERS)
        checks.at_most("files", request.get("files"), _MAX_FILES)
        return await self._call(
            _SEND, models.MessageSent, session_id, body=await self._files(body), key=idempotency_key
        )

    async def stop(self, session_id: str, *, idempotency_key: str | None = None) -> models.SessionStopped:
        """Stop the agent at its next checkpoint; what it has made so far stays."""
        return await self._call(STOP_SESSION, models.SessionStopped, session_id, body={}, key=idempotency_key)

    def list_styles(
        self, *, tag: str | None = None, limit: int | None = None, token: str | None = None
    ) -> Pager[models.Style]:
        """Visual styles for `style_id`; `limit` from 1 to 100, by default 20.

        Args:
            tag: Those that have it alone.
        """
        return self._list(_STYLES, models.Style, limit=limit, token=token, tag=tag)

    async def list_videos(self, session_id: str) -> Sequence[Video]:
        """All videos that a session has made, newest first."""
        return await self._call(_VIDEOS, _Videos, session_id)

    async def get_resource(self, session_id: str, resource_id: str) -> models.SessionResource:
        """One thing that a session uses or made; messages name them in `resource_ids`."""
        return await self._call(_RESOURCE, models.SessionResource, session_id, resource_id)

    def list_resources(
        self,
        session_id: str,
        *,
        resource_ids: Sequence[str] | None = None,
        type: str | None = None,
        source: models.ResourceSource | None = None,
        limit: int | None = None,
        token: str | None = None,
    ) -> Pager[models.SessionResource]:
        """What a session uses and made; `limit` from 1 to 100, by default 8. Not every account has this list.

        Args:
            resource_ids: These alone.
            type: Of one kind alone, such as `image` or `draft`.
            source: What the agent made, or what was given to it.
        """
        return self._list(
            _RESOURCES,
            models.SessionResource,
            session_id,
            limit=limit,
            token=token,
            resource_ids=resource_ids,
            type=type,
            source=source,
            shape="resources",
        )


_Videos = list[Video]
