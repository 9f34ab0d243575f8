"""Credits, users, speech, webhooks and streaming sessions of v1 and v2."""

from __future__ import annotations

from ...types.base import RequestStruct, ResponseStruct, Word
from ...types.users import BillingType, Wallet


class LegacySpeech(ResponseStruct):
    """Generated speech; `duration` in seconds."""

    audio_url: str
    duration: float | None = None
    request_id: str | None = None
    word_timestamps: list[Word] | None = None


class Quota(ResponseStruct):
    """The remaining quota; 60 units are one credit of the web application. `details` splits it by kind."""

    remaining_quota: int
    used_quota: int | None = None
    details: dict[str, int] | None = None


class LegacyUser(ResponseStruct):
    """The user of the API key."""

    username: str
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    billing_type: BillingType | None = None
    wallet: Wallet | None = None


class LegacyEndpoint(ResponseStruct):
    """A webhook endpoint; only the response of `add_endpoint` has the `secret`."""

    endpoint_id: str
    url: str
    events: list[str] | None = None
    status: str | None = None
    secret: str | None = None
    username: str | None = None


class SDP(RequestStruct):
    """A session description of WebRTC.

    Args:
        type: `offer` or `answer`.
        sdp: The description as text.
    """

    type: str
    sdp: str


class IceServer(ResponseStruct):
    """A STUN or TURN server."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class StreamingSessionCreated(ResponseStruct):
    """A new streaming session: its offer and its ICE servers."""

    session_id: str
    sdp: SDP | None = None
    ice_servers2: list[IceServer] | None = None


class StreamingSession(ResponseStruct):
    """A session: `new`, `connecting` or `connected`. `created_at` in unix seconds."""

    session_id: str
    status: str
    created_at: int | None = None


class StreamingSessions(ResponseStruct):
    """The open streaming sessions."""

    sessions: list[StreamingSession]


class StreamingTask(ResponseStruct):
    """A text that the avatar speaks, for `duration_ms` milliseconds."""

    task_id: str
    duration_ms: float | None = None


class StreamingToken(ResponseStruct):
    """A token for one session of a browser."""

    token: str


class StreamingAvatar(ResponseStruct):
    """An avatar that can stream."""

    avatar_id: str
    status: str | None = None
    is_public: bool | None = None
    created_at: int | None = None
