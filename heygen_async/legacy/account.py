"""Credits, users, speech, webhooks and streaming sessions of v1 and v2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..resources import validation
from ..types.base import JSONValue
from .endpoints import LegacyResource, legacy_endpoint
from .types import account as models
from .types.avatars import LegacyVoice, Voices

_QUOTA = legacy_endpoint("GET", "/v2/user/remaining_quota", "users.me")
_ME = legacy_endpoint("GET", "/v1/user/me", "users.me")
_SPEECH = legacy_endpoint("POST", "/v1/audio/text_to_speech", "voices.create_speech", billable=True)
_SPEECH_VOICES = legacy_endpoint("GET", "/v1/audio/voices", "voices.list")
_TYPES = legacy_endpoint("GET", "/v1/webhook/webhook.list", "webhooks.list_event_types")
_ADD = legacy_endpoint("POST", "/v1/webhook/endpoint.add", "webhooks.endpoints.create")
_ENDPOINTS = legacy_endpoint("GET", "/v1/webhook/endpoint.list", "webhooks.endpoints.list")
_DELETE = legacy_endpoint("DELETE", "/v1/webhook/endpoint.delete", "webhooks.endpoints.delete")
_NEW = legacy_endpoint("POST", "/v1/streaming.new", billable=True)
_START = legacy_endpoint("POST", "/v1/streaming.start")
_SESSIONS = legacy_endpoint("GET", "/v1/streaming.list")
_ICE = legacy_endpoint("POST", "/v1/streaming.ice")
_TASK = legacy_endpoint("POST", "/v1/streaming.task", "avatar_realtime.append_text")
_STOP = legacy_endpoint("POST", "/v1/streaming.stop", "avatar_realtime.cancel")
_INTERRUPT = legacy_endpoint("POST", "/v1/streaming.interrupt")
_TOKEN = legacy_endpoint("POST", "/v1/streaming.create_token")
_AVATARS = legacy_endpoint("GET", "/v1/streaming/avatar.list")


class Users(LegacyResource):
    """The account."""

    async def remaining_quota(self) -> models.Quota:
        """Return the remaining credits."""
        return await self._call(_QUOTA, models.Quota)

    async def me(self) -> models.LegacyUser:
        """Return the user of the API key."""
        return await self._call(_ME, models.LegacyUser)


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
        """Convert a text of 1 to 5,000 characters to speech. It is charged.

        Args:
            text: The text.
            voice_id: The id of a voice, from `list_voices`.
            speed: The speed; by default 1.
            language: The language of the text; by default detected.
            locale: The accent, such as `en-GB`.
        """
        validation.check_text("text", text, 5_000)
        body = {"text": text, "voice_id": voice_id, "speed": speed, "language": language, "locale": locale}
        return await self._call(_SPEECH, models.LegacySpeech, body=body)

    async def list_voices(self) -> Sequence[LegacyVoice]:
        """List the voices that can speak in a stream."""
        return (await self._call(_SPEECH_VOICES, Voices)).voices


class Webhooks(LegacyResource):
    """Webhook endpoints."""

    async def list_event_types(self) -> Sequence[str]:
        """List the types of events."""
        return await self._call(_TYPES, list[str])

    async def add_endpoint(self, *, url: str, events: Sequence[str] | None = None) -> models.LegacyEndpoint:
        """Register a URL for events, by default for all. HeyGen probes it with an OPTIONS request.

        Args:
            url: A public https URL.
            events: The types of events, from `list_event_types`.
        """
        return await self._call(_ADD, models.LegacyEndpoint, body={"url": url, "events": events})

    async def list_endpoints(self) -> Sequence[models.LegacyEndpoint]:
        """Return all endpoints."""
        return await self._call(_ENDPOINTS, list[models.LegacyEndpoint])

    async def delete_endpoint(self, endpoint_id: str) -> None:
        """Remove an endpoint.

        Args:
            endpoint_id: The id that `add_endpoint` returned.
        """
        await self._call_without_result(_DELETE, query={"endpoint_id": endpoint_id})


class Streaming(LegacyResource):
    """Live sessions over WebRTC. The media is exchanged between the browser and HeyGen."""

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
        """Open a session, which is charged by the minute until it is stopped.

        Args:
            quality: The quality of the picture.
            avatar_id: The id of an avatar, from `list_avatars`.
            voice: The voice and its settings, such as `{"voice_id": "…", "rate": 1.0}`.
            video_encoding: The codec of the picture.
            knowledge_base: Instructions for the replies of the avatar.
            knowledge_base_id: The id of stored instructions.
            version: The version of the protocol.
            disable_idle_timeout: Whether the session stays open when nobody speaks.
        """
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
        return await self._call(_NEW, models.StreamingSessionCreated, body=body)

    async def start(self, session_id: str, *, sdp: models.SDP) -> None:
        """Start a session with the SDP answer to its offer.

        Args:
            session_id: The id of the session.
            sdp: The answer.
        """
        await self._call_without_result(_START, body={"session_id": session_id, "sdp": sdp})

    async def submit_ice(self, session_id: str, *, candidate: dict[str, JSONValue]) -> None:
        """Send an ICE candidate of this peer.

        Args:
            session_id: The id of the session.
            candidate: The candidate in the form of `RTCIceCandidate.toJSON()`.
        """
        await self._call_without_result(_ICE, body={"session_id": session_id, "candidate": candidate})

    async def send_task(
        self,
        session_id: str,
        *,
        text: str,
        task_type: Literal["repeat", "chat"] | None = None,
        task_mode: Literal["sync", "async"] | None = None,
    ) -> models.StreamingTask:
        """Let the avatar speak a text or reply to it.

        Args:
            session_id: The id of the session.
            text: The text.
            task_type: `repeat` speaks the text; `chat` speaks a reply to it.
            task_mode: `sync` speaks after the current text; `async` at once.
        """
        body = {"session_id": session_id, "text": text, "task_type": task_type, "task_mode": task_mode}
        return await self._call(_TASK, models.StreamingTask, body=body)

    async def interrupt(self, session_id: str) -> None:
        """Interrupt the current text.

        Args:
            session_id: The id of the session.
        """
        await self._call_without_result(_INTERRUPT, body={"session_id": session_id})

    async def stop(self, session_id: str) -> None:
        """Close a session.

        Args:
            session_id: The id of the session.
        """
        await self._call_without_result(_STOP, body={"session_id": session_id})

    async def list(self) -> Sequence[models.StreamingSession]:
        """Return the open sessions."""
        return (await self._call(_SESSIONS, models.StreamingSessions)).sessions

    async def create_token(self) -> str:
        """Create a token for one session of a browser, so that the browser does not need the key."""
        return (await self._call(_TOKEN, models.StreamingToken, body={})).token

    async def list_avatars(self) -> Sequence[models.StreamingAvatar]:
        """Return the avatars that can stream."""
        return await self._call(_AVATARS, _Avatars)


_Avatars = list[models.StreamingAvatar]
