"""Webhooks: the endpoints that HeyGen calls, and what it has called them with."""

from __future__ import annotations

from typing import Literal, TypeAlias

from .base import Answer, JSONValue

EventName: TypeAlias = Literal[
    "ai_clipping.fail", "ai_clipping.success", "avatar_video.fail", "avatar_video.success", "avatar_video_caption.fail",
    "avatar_video_caption.success", "avatar_video_gif.fail", "avatar_video_gif.success", "batch.finished",
    "hyperframes_video.fail", "hyperframes_video.success", "instant_avatar.fail", "instant_avatar.success",
    "live_avatar.fail", "live_avatar.success", "personalized_video", "photo_avatar_add_motion.fail",
    "photo_avatar_add_motion.success", "photo_avatar_generation.fail", "photo_avatar_generation.success",
    "photo_avatar_train.fail", "photo_avatar_train.success", "proofread_creation.fail", "proofread_creation.success",
    "video_agent.fail", "video_agent.success", "video_translate.fail", "video_translate.preflight.download_failed",
    "video_translate.preflight.validation_failed", "video_translate.success",
]  # fmt: skip


class Endpoint(Answer):
    """An address that HeyGen calls; `events` is None when it is called for all.

    `secret` signs the calls, and is told by `create` and `rotate_secret` alone: keep it. `created_at` is ISO 8601.
    """

    endpoint_id: str
    url: str
    status: str
    created_at: str
    events: list[str] | None = None
    secret: str | None = None


class RotatedSecret(Answer):
    """The new secret; the old one signs nothing any more."""

    endpoint_id: str
    secret: str


class EventType(Answer):
    """A type of event, and when it comes."""

    event_type: str
    description: str


class DeliveredEvent(Answer):
    """An event that was delivered; `created_at` is ISO 8601."""

    event_id: str
    event_type: str
    event_data: dict[str, JSONValue]
    created_at: str
