"""Credits, users, speech, webhooks and streaming sessions of v1 and v2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..resources import validation
from ..types.base import JSONValue
from .endpoints import LegacyResource, older
from .types import account as models
from .types.avatars import LegacyVoice, Voices

_QUOTA = older("GET", "/v2/user/remaining_quota", "users.me")
_ME = older("GET", "/v1/user/me", "users.me")
_SPEECH = older("POST", "/v1/audio/text_to_speech", "voices.create_speech", billable=True)
_SPEECH_VOICES = older("GET", "/v1/audio/voices", "voices.list")
_TYPES = older("GET", "/v1/webhook/webhook.list", "webhooks.list_event_types")
_ADD = older("POST", "/v1/webhook/endpoint.add", "webhooks.endpoints.create")
_ENDPOINTS = older("GET", "/v1/webhook/endpoint.list", "webhooks.endpoints.list")
_DELETE = older("DELETE", "/v1/webhook/endpoint.delete", "webhooks.endpoints.delete")
_NEW = older("POST", "/v1/streaming.new", billable=True)
_START = older("POST", "/v1/streaming.start")
_SESSIONS = older("GET", "/v1/streaming.list")
_ICE = older("POST", "/v1/streaming.ice")
_TASK = older("POST", "/v1/streaming.task", "avatar_realtime.append_text")
_STOP = older("POST", "/v1/streaming.stop", "avatar_realtime.cancel")
_INTERRUPT = older("POST", "/v1/streaming.interrupt")
_TOKEN = older("POST", "/v1/streaming.create_token")
_AVATARS = older("GET", "/v1/streaming/avatar.list")


class Users(LegacyResource):
    """The account."""

    async def remaining_quota(self) -> models.Quota:
        """Return the remaining credits."""
        return await self._ask(_QUOTA, models.Quota)

    async def me(self) -> models.LegacyUser:
        """Return the user of the API key."""
        return await self._ask(_ME, models.LegacyUser)


class Audio(LegacyResource):
    """Speech without a video."""

    async def create_speech(
        self,
        *,
        text: str,
        voice_id: str,
        speed: float | None = None,
        language: str | None = None,
        locale: str | None = None,
    ) -> models.LegacySpeech:
        """Speak a text of 1 to 5,000 characters. It is charged for."""
        validation.check_text("text", text, 5_000)
        body = {"text": text, "voice_id": voice_id, "speed": speed, "language": language, "locale": locale}
        return await self._ask(_SPEECH, models.LegacySpeech, body=body)

    async def list_voices(self) -> Sequence[LegacyVoice]:
        """List the voices that can speak in a stream."""
        return (await self._ask(_SPEECH_VOICES, Voices)).voices


class Webhooks(LegacyResource):
    """Where events are delivered."""

    async def list_event_types(self) -> Sequence[str]:
        """List the types of events."""
        return await self._ask(_TYPES, list[str])

    async def add_endpoint(self, *, url: str, events: Sequence[str] | None = None) -> models.LegacyEndpoint:
        """Have events (by default all) delivered to an address, which is probed by an OPTIONS request at once."""
        return await self._ask(_ADD, models.LegacyEndpoint, body={"url": url, "events": events})

    async def list_endpoints(self) -> Sequence[models.LegacyEndpoint]:
        """All that there are."""
        return await self._ask(_ENDPOINTS, list[models.LegacyEndpoint])

    async def delete_endpoint(self, endpoint_id: str) -> None:
        """Deliver nothing there any more."""
        await self._done(_DELETE, query={"endpoint_id": endpoint_id})


class Streaming(LegacyResource):
    """Live sessions over WebRTC; the media itself is between the browser and HeyGen."""

    async def create(
        self,
        *,
        quality: Literal["high", "medium", "low"] | None = None,
        avatar_id: str | None = None,
        voice: dict[str, JSONValue] | None = None,
        video_encoding: Literal["H264", "VP8"] | None = None,
        knowledge_base: str | None = None,
        knowledge_base_id: str | None = None,
        version: Literal["v2"] | None = None,
        disable_idle_timeout: bool | None = None,
    ) -> models.StreamingSessionCreated:
        """Open a session. It is charged for by the minute until it is stopped."""
        body = {
            "quality": quality,
            "avatar_id": avatar_id,
            "voice": voice,
            "video_encoding": video_encoding,
            "knowledge_base": knowledge_base,
            "knowledge_base_id": knowledge_base_id,
            "version": version,
            "disable_idle_timeout": disable_idle_timeout,
        }
        return await self._ask(_NEW, models.StreamingSessionCreated, body=body)

    async def start(self, session_id: str, *, sdp: models.SDP) -> None:
        """Answer its offer."""
        await self._done(_START, body={"session_id": session_id, "sdp": sdp})

    async def submit_ice(self, session_id: str, *, candidate: dict[str, JSONValue]) -> None:
        """Tell of a way to reach this peer."""
        await self._done(_ICE, body={"session_id": session_id, "candidate": candidate})

    async def send_task(
        self,
        session_id: str,
        *,
        text: str,
        task_type: Literal["repeat", "chat"] | None = None,
        task_mode: Literal["sync", "async"] | None = None,
    ) -> models.StreamingTask:
        """Have a text spoken, or answered."""
        body = {"session_id": session_id, "text": text, "task_type": task_type, "task_mode": task_mode}
        return await self._ask(_TASK, models.StreamingTask, body=body)

    async def interrupt(self, session_id: str) -> None:
        """Say no more of the present text."""
        await self._done(_INTERRUPT, body={"session_id": session_id})

    async def stop(self, session_id: str) -> None:
        """Close a session."""
        await self._done(_STOP, body={"session_id": session_id})

    async def list(self) -> Sequence[models.StreamingSession]:
        """Those that are open."""
        return (await self._ask(_SESSIONS, models.StreamingSessions)).sessions

    async def create_token(self) -> str:
        """Create a token for one session of a browser, which must not have the key."""
        return (await self._ask(_TOKEN, models.StreamingToken, body={})).token

    async def list_avatars(self) -> Sequence[models.StreamingAvatar]:
        """Those that can stream."""
        return await self._ask(_AVATARS, _Avatars)


_Avatars = list[models.StreamingAvatar]
