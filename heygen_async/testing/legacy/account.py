"""Credits, the user, webhooks, speech and streaming sessions of v1 and v2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ..api_errors import APIErrorResponse
from ..operations import HANDLERS as V3
from ..operations.call import Call
from .avatars import looks
from .handler import Handler, replace_fields, require_fields

__all__ = ["HANDLERS"]

_CREDITS_PER_USD = 60  # v1 and v2 count in credits


def _quota(call: Call) -> dict[str, Any]:
    spent = sum(charge.amount_usd for charge in call.state.ledger)
    left = int(call.state.balance * _CREDITS_PER_USD)
    return {"remaining_quota": left, "used_quota": int(spent * _CREDITS_PER_USD), "details": {"api": left, "seat": 0}}


def _user(_: Call) -> dict[str, Any]:
    return {"username": "local", "email": "local@example.com", "first_name": "Local", "last_name": "HeyGen"}


def _speech(call: Call) -> Any:
    require_fields(call.body, "text", "voice_id")
    return V3["VoiceSpeechCreate"](call)


def _webhook_types(_: Call) -> list[str]:
    return [
        "avatar_video.success",
        "avatar_video.fail",
        "video_translate.success",
        "video_translate.fail",
        "personalized_video",
    ]


def _webhook_add(call: Call) -> dict[str, Any]:
    require_fields(call.body, "url")
    endpoint = V3["WebhookEndpointsCreate"](
        replace_fields(call, body={"url": call.body["url"], "events": call.get_field("events")})
    )
    return {
        **{name: endpoint[name] for name in ("endpoint_id", "url", "events", "secret")},
        "status": "enabled",
        "username": "local",
    }


def _webhooks(call: Call) -> list[dict[str, Any]]:
    return [
        {
            "endpoint_id": one["endpoint_id"],
            "url": one["url"],
            "events": one["events"],
            "status": "enabled",
            "username": "local",
        }
        for one in call.state.endpoints.values()
    ]


def _webhook_delete(call: Call) -> None:
    if call.state.endpoints.pop(call.query.get("endpoint_id", ""), None) is None:
        raise APIErrorResponse(404, "not_found", "endpoint not found")


def _stream_new(call: Call) -> dict[str, Any]:
    id = call.state.new_id("session")
    call.state.streams[id] = {"session_id": id, "status": "new", "created_at": int(call.state.now())}
    return {
        "session_id": id, "sdp": {"type": "offer", "sdp": "v=0"}, "ice_servers": [],
        "ice_servers2": [{"urls": ["stun:127.0.0.1:3478"], "username": None, "credential": None}],
    }  # fmt: skip


def _stream(call: Call) -> Any:
    body: dict[str, Any] = call.body or {}
    stream = call.state.streams.get(str(body.get("session_id")))
    if not isinstance(stream, dict):
        raise APIErrorResponse(400, "10006", "Session not found")
    return cast("dict[str, Any]", stream)


def _stream_to(state: str | None) -> Handler:
    def change(call: Call) -> dict[str, Any]:
        _stream(call)["status"] = state or _stream(call)["status"]
        return {"status": "success"}

    return change


def _stream_task(call: Call) -> dict[str, Any]:
    _stream(call)
    require_fields(call.body, "text")
    return {"duration_ms": 400.0 * len(call.body["text"].split()), "task_id": call.state.new_id("task")}


def _stream_stop(call: Call) -> dict[str, Any]:
    del call.state.streams[_stream(call)["session_id"]]
    return {"status": "success"}


def _streams(call: Call) -> dict[str, Any]:
    return {"sessions": [stream for stream in call.state.streams.values() if isinstance(stream, dict)]}


def _streaming_avatars(call: Call) -> list[dict[str, Any]]:
    return [
        {"avatar_id": look["id"], "created_at": 1_700_000_000, "is_public": True, "status": "ACTIVE"}
        for look in looks(call)[:5]
    ]


def _brand_voices(_: Call) -> dict[str, Any]:
    return {"list": [], "total": 0, "token": None}


HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("GET", "/v2/user/remaining_quota"): _quota,
    ("GET", "/v1/user/me"): _user,
    ("GET", "/v2/brand_voice/list"): _brand_voices,
    ("POST", "/v1/audio/text_to_speech"): _speech,
    ("GET", "/v1/webhook/webhook.list"): _webhook_types,
    ("POST", "/v1/webhook/endpoint.add"): _webhook_add,
    ("GET", "/v1/webhook/endpoint.list"): _webhooks,
    ("DELETE", "/v1/webhook/endpoint.delete"): _webhook_delete,
    ("POST", "/v1/streaming.new"): _stream_new,
    ("POST", "/v1/streaming.start"): _stream_to("connected"),
    ("GET", "/v1/streaming.list"): _streams,
    ("POST", "/v1/streaming.ice"): _stream_to("connecting"),
    ("POST", "/v1/streaming.task"): _stream_task,
    ("POST", "/v1/streaming.stop"): _stream_stop,
    ("POST", "/v1/streaming.interrupt"): _stream_to(None),
    ("POST", "/v1/streaming.create_token"): lambda call: {"token": call.state.new_id("token")},
    ("GET", "/v1/streaming/avatar.list"): _streaming_avatars,
}
