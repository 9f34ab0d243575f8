"""What HeyGen calls a program with: is it HeyGen's, and what does it say?

`verify` raises for whatever HeyGen did not sign, `parse` makes a typed event of a body. `heygen_async.webhooks.receiver` does
both, and all else that an endpoint needs. https://developers.heygen.com/docs/webhooks
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast, get_args

import msgspec
from multidict import CIMultiDict

from .._http.encoding import UNREADABLE
from ..errors import ConfigurationError, DecodeError, WebhookVerificationError
from ..types import webhooks as models
from ..types.base import JSONValue

#: Headers as any framework has them: a mapping, or pairs, of text or of bytes.
Headers: TypeAlias = "Mapping[str, str] | Iterable[tuple[str, str]] | Iterable[tuple[bytes, bytes]]"

TOLERANCE = 300.0  # seconds between dispatch and now, by HeyGen's advice
_IN_MILLISECONDS = 13  # digits
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_KNOWN = frozenset(get_args(models.EventName))
_KNOWN_KINDS = ("filler_word_removal.", "podcast.")  # which HeyGen delivers, and lists nowhere
_DOCUMENTED: Mapping[str, type[models.Event]] = {
    "avatar_video.success": models.VideoSuccessEvent,
    "avatar_video.fail": models.VideoFailEvent,
    "video_translate.success": models.TranslationSuccessEvent,
    "video_translate.fail": models.TranslationFailEvent,
    "personalized_video": models.PersonalizedVideoEvent,
}


def verify(
    body: bytes,
    headers: Headers,
    secret: str | Sequence[str],
    *,
    tolerance: float | None = TOLERANCE,
    now: float | None = None,
) -> None:
    """Return when HeyGen signed these bytes with this secret, or with one of several, and lately; else raise.

    Args:
        body: The bytes as they came, before anything read them as JSON.
        secret: What `webhooks.endpoints.create` or `rotate_secret` returned; several while one takes over.
        tolerance: Seconds that `Heygen-Timestamp` may be off (it is not part of what is signed, so this guards little:
            tell repeated deliveries by their `Heygen-Event-Id`); None for the older endpoints, which send none.
        now: Unix seconds, by default the system's.

    Raises:
        WebhookVerificationError: It is not HeyGen's; `reason` says why, and never what would have been right.
    """
    secrets = [secret] if isinstance(secret, str) else list(secret)
    if not secrets or not all(secrets):
        raise ConfigurationError("There is no webhook secret to verify with; it is what endpoints.create returned.")
    said = fields(headers)
    _check_time(said.getall("Heygen-Timestamp", []), tolerance, time.time() if now is None else now)
    given = said.getall("Heygen-Signature", []) or said.getall("Signature", [])
    if not given:
        raise WebhookVerificationError("there is no Heygen-Signature header")
    if len(given) > 1:
        raise WebhookVerificationError("there are several signatures")
    if not _SIGNATURE.fullmatch(given[0]):
        raise WebhookVerificationError("the signature is not 64 hexadecimal digits")
    matches = [hmac.compare_digest(hmac.digest(one.encode(), body, "sha256").hex(), given[0]) for one in secrets]
    if not any(matches):
        raise WebhookVerificationError("the signature is not that of this body with this secret")


def _check_time(given: Sequence[str], tolerance: float | None, now: float) -> None:
    if tolerance is None:
        return
    if len(given) != 1:
        raise WebhookVerificationError(
            "there are several timestamps" if given else "there is no Heygen-Timestamp header"
        )
    if not (given[0].isascii() and given[0].isdigit() and len(given[0]) <= _IN_MILLISECONDS):
        raise WebhookVerificationError("the timestamp is no number of seconds")
    sent = int(given[0]) / (1000 if len(given[0]) == _IN_MILLISECONDS else 1)
    if abs(now - sent) > tolerance:
        raise WebhookVerificationError(f"the timestamp is {abs(now - sent):.0f} s {'old' if sent < now else 'ahead'}")


def fields(headers: Headers) -> CIMultiDict[str]:
    """The headers as text, by their names in any case."""
    found: CIMultiDict[str] = CIMultiDict()
    pairs = cast("Iterable[tuple[Any, Any]]", headers.items() if isinstance(headers, Mapping) else headers)
    for pair in pairs:
        found.add(*(one.decode("latin-1") if isinstance(one, bytes) else str(one) for one in pair))
    return found


def parse(body: bytes | str, headers: Headers = (), *, verified: bool = False) -> models.AnyEvent:
    """The event of a delivery, of a call to a `callback_url`, or of an entry of the log; new ones are `UnknownEvent`s.

    Args:
        headers: Where `Heygen-Event-Id` stands.
        verified: Whether `verify` let it pass; what is signed by nobody is not to be trusted.

    Raises:
        DecodeError: It is no JSON object.
    """
    try:
        raw = msgspec.json.decode(body, type=dict[str, Any])
        id = raw.get("event_id") or fields(headers).get("Heygen-Event-Id")
        return event_of(raw, id if isinstance(id, str) else None, verified=verified)
    except UNREADABLE as problem:
        content = body.encode(errors="replace") if isinstance(body, str) else body
        raise DecodeError(f"A webhook's body is no JSON object ({problem}).", status=0, body=content) from None


def event_of(raw: dict[str, JSONValue], id: str | None, *, verified: bool) -> models.AnyEvent:
    """The typed event of what HeyGen told; nothing of it is lost."""
    name, data, created_at = raw.get("event_type"), raw.get("event_data"), raw.get("created_at")
    is_known = name in _KNOWN or str(name).startswith(_KNOWN_KINDS)
    kind = _DOCUMENTED.get(str(name), models.OpenEvent if is_known else models.UnknownEvent)
    told = {
        "event_type": str(name),
        "event_id": id,
        "created_at": created_at if isinstance(created_at, str) else None,
        "verified": verified,
        "raw": raw,
        "event_data": data,
    }
    try:
        return cast("models.AnyEvent", msgspec.convert(told, kind))
    except msgspec.ValidationError:
        return msgspec.convert(told, models.UnknownEvent)


def id_of(event: models.Event) -> str:
    """What tells one delivery from another: its id or, where HeyGen gives none, the digest of what it says."""
    return event.event_id or hashlib.sha256(msgspec.json.encode(event.raw)).hexdigest()
