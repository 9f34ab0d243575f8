"""`heygen.video_agents`: videos from a prompt, created by an agent in a session.

```python
from heygen_async import AsyncHeyGen
from heygen_async.types.videos import Video


async def converse(heygen: AsyncHeyGen, answer: str) -> Video:
    session = await heygen.wait_for_session(await heygen.video_agents.create(prompt="A tour", mode="chat"))
    while session.status != "completed":
        print(session.conversation[-1].content)
        sent = await heygen.video_agents.send_message(session.session_id, message=answer)
        session = await heygen.wait_for_session(sent)
    return await heygen.wait_for_video(session)
```

A session in mode `chat` may stop and ask a question. `wait_for_session` then returns the session, and `conversation`
has its messages in order. Reply with `send_message`, and wait for its result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from .._http.argument_checks import check_keywords
from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import SESSION, STOP_SESSION, VIDEO
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import video_agents as models
from ..types.videos import Video
from . import validation
from .base import Resource

_MAX_CHARACTERS = 10_000
_MAX_FILES = 20


class SessionAndWait(models.SessionRequest, AndWait, total=False):
    """The arguments of `create_and_wait`."""


class VideoAgents(Resource):
    """Sessions of the Video Agent. https://developers.heygen.com/docs/video-agent"""

    @operation(
        "create_video_agent",
        "POST",
        "/v3/video-agents",
        billable=True,
        recovery="video_agents.list() shows whether the session was started; start it again only if it was not.",
        wait="video",
    )
    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.SessionRequest]
    ) -> models.SessionCreated:
        """Start a session, which creates a video from a prompt.

        Costs credit. Local files are uploaded first. In mode `generate` (the default) the session creates one video. In
        mode `chat` it may stop and ask questions. `AsyncHeyGen.wait_for_video` accepts the result.

        Args:
            idempotency_key: Sent as `Idempotency-Key`; the API does not honour it here.
            **request: The fields of `SessionRequest`.

        Raises:
            AmbiguousRequestError: The response was lost, so the session may have been started.
        """
        validation.check_length("files", request.get("files"), _MAX_FILES)
        check_keywords(self.create, request)
        validation.check_text("prompt", request["prompt"], _MAX_CHARACTERS)
        body = await self._upload_files(request)
        return await self._call(self.create, models.SessionCreated, body=body, key=idempotency_key)

    @show_parameters
    async def create_and_wait(self, **request: Unpack[SessionAndWait]) -> Video:
        """Call `create`, then wait for the finished video."""
        return await self._create_and_wait(VIDEO, self.create_and_wait, self.create, request)

    @operation("get_video_agent_session", SESSION.endpoint, wait="session")
    async def get(self, session_id: str) -> models.Session:
        """Return a session: its state, its progress, `video_id`, and its newest 40 messages, newest first.

        Args:
            session_id: The id that `create` returned.
        """
        return await self._call(self.get, models.Session, session_id)

    @operation("list_video_agent_sessions", "GET", "/v3/video-agents")
    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.SessionSummary]:
        """List all sessions, newest first.

        Args:
            limit: The number of items per page, 1 to 100; by default 20.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.SessionSummary, limit=limit, token=token)

    @operation(
        "send_video_agent_message",
        "POST",
        "/v3/video-agents/{session_id}",
        billable=True,
        recovery="video_agents.get() shows the session's messages; send the message again only if it is not there.",
        wait="session",
    )
    async def send_message(
        self, session_id: str, *, idempotency_key: str | None = None, **request: Unpack[models.MessageRequest]
    ) -> models.MessageSent:
        """Reply to the agent, or request a change, in a session of mode `chat`. Then wait for the session again.

        Costs credit. Local files are uploaded first.

        Args:
            session_id: The id that `create` returned.
            idempotency_key: Sent as `Idempotency-Key`; the API does not honour it here.
            **request: The fields of `MessageRequest`.

        Raises:
            AmbiguousRequestError: The response was lost, so the message may have arrived.
        """
        validation.check_length("files", request.get("files"), _MAX_FILES)
        check_keywords(self.send_message, request)
        if (message := request.get("message")) is not None:
            validation.check_text("message", message, _MAX_CHARACTERS)
        body = await self._upload_files(request)
        return await self._call(self.send_message, models.MessageSent, session_id, body=body, key=idempotency_key)

    @operation("stop_video_agent_session", STOP_SESSION)
    async def stop(self, session_id: str, *, idempotency_key: str | None = None) -> models.SessionStopped:
        """Stop the agent at its next checkpoint. Finished work is kept.

        Args:
            session_id: The id that `create` returned.
            idempotency_key: Sent as `Idempotency-Key`; the API does not honour it here.
        """
        return await self._call(self.stop, models.SessionStopped, session_id, body={}, key=idempotency_key)

    @operation("list_video_agent_styles", "GET", "/v3/video-agents/styles")
    def list_styles(
        self, *, tag: str | None = None, limit: int | None = None, token: str | None = None
    ) -> Pager[models.Style]:
        """List visual styles for `style_id`.

        Args:
            tag: Only styles with this tag.
            limit: The number of items per page, 1 to 100; by default 20.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list_styles, models.Style, limit=limit, token=token, tag=tag)

    @operation("list_video_agent_session_videos", "GET", "/v3/video-agents/{session_id}/videos")
    async def list_videos(self, session_id: str) -> Sequence[Video]:
        """Return all videos of a session, newest first.

        Args:
            session_id: The id that `create` returned.
        """
        return await self._call(self.list_videos, list[Video], session_id)

    @operation("get_video_agent_resource", "GET", "/v3/video-agents/{session_id}/resources/{resource_id}")
    async def get_resource(self, session_id: str, resource_id: str) -> models.SessionResource:
        """Return a resource that a session uses or has created.

        Args:
            session_id: The id that `create` returned.
            resource_id: One of the `resource_ids` of a message.
        """
        return await self._call(self.get_resource, models.SessionResource, session_id, resource_id)

    @operation(
        "list_video_agent_resources",
        "GET",
        "/v3/video-agents/sessions/{session_id}/resources",
        alternative="Some accounts lack this list. Messages name the session's resources; get_resource() fetches each.",
    )
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
        """List the resources that a session uses or has created. Some accounts lack this list.

        Args:
            session_id: The id that `create` returned.
            resource_ids: Only these resources.
            type: Only resources of this type, such as `image` or `draft`.
            source: Only resources that the agent generated, or that the user uploaded.
            limit: The number of items per page, 1 to 100; by default 8.
            token: The `next_token` of the previous page.
        """
        return self._pager(
            self.list_resources,
            models.SessionResource,
            session_id,
            limit=limit,
            token=token,
            resource_ids=resource_ids,
            type=type,
            source=source,
            shape="resources",
        )
