"""Webhooks: endpoints that HeyGen calls, and the events that it sends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, TypeAlias, cast

from .base import JSONValue, ResponseStruct, as_datetime

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

#: For the events of each prefix, the field of their data that has the job's id.
_JOB_FIELDS: Mapping[str, tuple[str, ...]] = {
    "video_translate": ("video_translate_id", "video_translation_id"),
    "video_agent": ("session_id",),
    "ai_clipping": ("ai_clipping_id", "id", "job_id"),
    "batch": ("batch_id", "id"),
}
_OTHER_JOB_FIELDS = (
    "video_id", "render_id", "lipsync_id", "podcast_id", "proofread_id", "filler_word_removal_id", "look_id",
    "avatar_item_id", "avatar_id", "generation_id", "session_id", "video_translate_id", "video_translation_id",
    "batch_id", "job_id", "id",
)  # fmt: skip


class Endpoint(ResponseStruct):
    """A webhook endpoint. `events` is None when HeyGen sends every event. `created_at` is ISO 8601.

    `secret` signs the events. Only `create` and `rotate_secret` return it: keep it.
    """

    endpoint_id: str
    url: str | None = None
    status: str | None = None
    created_at: str | None = None
    events: list[str] | None = None
    secret: str | None = None

    @property
    def created(self) -> datetime | None:
        """`created_at` as an aware datetime."""
        return as_datetime(self.created_at)


class RotatedSecret(ResponseStruct):
    """A new secret. HeyGen no longer signs with the old one."""

    secret: str
    endpoint_id: str | None = None


class EventType(ResponseStruct):
    """A type of event, and when HeyGen sends it."""

    event_type: str | None = None
    description: str | None = None


class DeliveredEvent(ResponseStruct):
    """An event that was delivered. `created_at` is ISO 8601."""

    event_id: str
    event_type: str | None = None
    event_data: dict[str, JSONValue] | None = None
    created_at: str | None = None

    @property
    def created(self) -> datetime | None:
        """`created_at` as an aware datetime."""
        return as_datetime(self.created_at)


class VideoReady(ResponseStruct):
    """The data of `avatar_video.success`. `url` expires; `videos.get` returns a fresh one."""

    video_id: str
    url: str | None = None
    gif_download_url: str | None = None
    video_page_url: str | None = None
    video_share_page_url: str | None = None
    folder_id: str | None = None
    callback_id: str | None = None


class VideoFailure(ResponseStruct):
    """The data of `avatar_video.fail`. `msg` is the reason."""

    video_id: str
    msg: str | None = None
    callback_id: str | None = None


class TranslationReady(ResponseStruct):
    """The data of `video_translate.success`. `url` expires."""

    video_translate_id: str
    url: str | None = None
    output_language: str | None = None
    callback_id: str | None = None


class TranslationFailure(ResponseStruct):
    """The data of `video_translate.fail`. `message` is the reason."""

    video_translate_id: str
    message: str | None = None
    output_language: str | None = None
    callback_id: str | None = None


class PersonalizedVideo(ResponseStruct):
    """The data of `personalized_video`."""

    project_id: str | None = None
    video_id: str | None = None
    video_url: str | None = None
    landing_page_url: str | None = None
    gif_url: str | None = None
    gif_html: str | None = None
    contact_info: JSONValue = None


class Event(ResponseStruct):
    """A webhook event. `raw` is the whole event, including fields that this version does not know.

    `event_id` is None for calls of a `callback_url`. `verified` is True when the event carries HeyGen's signature or
    comes from HeyGen's own log. Fetch the job itself before trusting an unverified event.
    """

    event_type: str
    event_id: str | None = None
    created_at: str | None = None
    verified: bool = False
    raw: dict[str, JSONValue] = {}  # noqa: RUF012  msgspec copies it for each instance

    @property
    def created(self) -> datetime | None:
        """`created_at` as an aware datetime."""
        return as_datetime(self.created_at)

    @property
    def job(self) -> str | None:
        """The id of the job that the event is about, for `wait_for_video` and the like. None if its data has none."""
        data: object = getattr(self, "event_data", None)
        other: object = data
        fields = cast("dict[str, object]", other) if isinstance(other, dict) else {}
        for name in (*_JOB_FIELDS.get(self.event_type.partition(".")[0], ()), *_OTHER_JOB_FIELDS):
            value: object = fields.get(name) or getattr(data, name, None)
            if value and isinstance(value, str | int) and not isinstance(value, bool):
                return str(value)
        return None


class VideoSuccessEvent(Event, kw_only=True):
    """An `avatar_video.success` event."""

    event_data: VideoReady


class VideoFailEvent(Event, kw_only=True):
    """An `avatar_video.fail` event."""

    event_data: VideoFailure


class TranslationSuccessEvent(Event, kw_only=True):
    """A `video_translate.success` event."""

    event_data: TranslationReady


class TranslationFailEvent(Event, kw_only=True):
    """A `video_translate.fail` event."""

    event_data: TranslationFailure


class PersonalizedVideoEvent(Event, kw_only=True):
    """A `personalized_video` event."""

    event_data: PersonalizedVideo


class OpenEvent(Event, kw_only=True):
    """An event of a known type whose data HeyGen does not document."""

    event_data: dict[str, JSONValue] = {}  # noqa: RUF012  msgspec copies it for each instance


class UnknownEvent(Event, kw_only=True):
    """An event of a type, or with data, that this version of the SDK does not know."""

    event_data: JSONValue = None


AnyEvent: TypeAlias = (
    VideoSuccessEvent
    | VideoFailEvent
    | TranslationSuccessEvent
    | TranslationFailEvent
    | PersonalizedVideoEvent
    | OpenEvent
    | UnknownEvent
)
