"""Signatures of webhook deliveries: `verify` raises for every delivery that HeyGen did not sign.

https://developers.heygen.com/docs/webhooks
"""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from multidict import CIMultiDict, CIMultiDictProxy

from ..errors import ConfigurationError, WebhookVerificationError
from ..types.redaction import Secret
from ..types.tracebacks import strips_frames

#: The headers of any framework: a mapping, or pairs of text or bytes.
Headers: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]] | Iterable[tuple[bytes, bytes]]
#: Headers with case-insensitive names.
Fields: TypeAlias = CIMultiDict[str] | CIMultiDictProxy[str]

#: Seconds between the dispatch and now; HeyGen's advice.
TOLERANCE = 300.0
_MILLISECOND_DIGITS = 13
_SIGNATURE = re.compile(r"[0-9a-f]{64}")


@strips_frames
def verify(
    body: bytes,
    headers: Headers,
    secret: str | Sequence[str],
    *,
    tolerance: float | None = TOLERANCE,
    now: float | None = None,
) -> None:
    """Check that HeyGen signed a delivery recently, with this secret or with one of several.

    Args:
        body: The body as it arrived, before it is decoded as JSON.
        headers: The headers of the delivery.
        secret: The secret that `webhooks.endpoints.create` or `rotate_secret` returned; several during a rotation.
        tolerance: The seconds that `Heygen-Timestamp` may differ from now. None for older endpoints, which send no
            timestamp. Neither the timestamp nor the event's id is signed, so they protect little: detect repeated
            deliveries by their bodies too.
        now: The time in Unix seconds; by default that of the system.

    Raises:
        WebhookVerificationError: The signature or the timestamp is missing or wrong; `reason` says which one.
        ConfigurationError: The secret is empty.
    """
    secrets = [Secret(one) for one in ([secret] if isinstance(secret, str) else secret)]
    del secret  # tracebacks show local variables
    if not secrets or not all(secrets):
        raise ConfigurationError("The webhook secret is empty. Pass the secret that endpoints.create returned.")
    check_signature(
        body, normalize_headers(headers), secrets, tolerance=tolerance, now=time.time() if now is None else now
    )


def check_signature(
    body: bytes, fields: Fields, secrets: Iterable[Secret], *, tolerance: float | None, now: float
) -> None:
    """Check a delivery as `verify` does, with headers and secrets that were normalized before.

    Raises:
        WebhookVerificationError: The signature or the timestamp is missing or wrong.
    """
    if tolerance is not None:
        _check_timestamp(fields.getall("Heygen-Timestamp", ()), tolerance, now)
    signature = _signature(fields.getall("Heygen-Signature", ()) or fields.getall("Signature", ()))
    matches = [
        hmac.compare_digest(hmac.digest(key.reveal().encode(), body, "sha256").hex(), signature) for key in secrets
    ]
    if not any(matches):
        raise WebhookVerificationError("the signature does not match this body and secret")


def normalize_headers(headers: Headers) -> Fields:
    """Return the headers as text, with case-insensitive names."""
    if isinstance(headers, (CIMultiDict, CIMultiDictProxy)):
        return headers
    fields: CIMultiDict[str] = CIMultiDict()
    pairs = cast("Iterable[tuple[Any, Any]]", headers.items() if isinstance(headers, Mapping) else headers)
    for pair in pairs:
        fields.add(*(text.decode("latin-1") if isinstance(text, bytes) else str(text) for text in pair))
    return fields


def _signature(headers: Sequence[str]) -> str:
    """Return the signature in the headers, of which exactly one may have it."""
    if not headers:
        raise WebhookVerificationError("there is no Heygen-Signature header")
    if len(headers) > 1:
        raise WebhookVerificationError("there are several signatures")
    if not _SIGNATURE.fullmatch(headers[0]):
        raise WebhookVerificationError("the signature is not 64 hexadecimal digits")
    return headers[0]


def _check_timestamp(timestamps: Sequence[str], tolerance: float, now: float) -> None:
    if not timestamps:
        raise WebhookVerificationError("there is no Heygen-Timestamp header")
    if len(timestamps) > 1:
        raise WebhookVerificationError("there are several timestamps")
    timestamp = timestamps[0]
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _MILLISECOND_DIGITS):
        raise WebhookVerificationError("the timestamp is not a number of seconds")
    sent = int(timestamp) / (1000 if len(timestamp) == _MILLISECOND_DIGITS else 1)
    if abs(now - sent) > tolerance:
        raise WebhookVerificationError(_describe_difference(sent - now, tolerance))


def _describe_difference(seconds: float, tolerance: float) -> str:
    """Return the reason for a timestamp that is later, or if negative earlier, than now."""
    if seconds < 0:
        return f"the timestamp is {-seconds:.0f} s old, and at most {tolerance:g} s are allowed"
    return (
        f"the timestamp is {seconds:.0f} s ahead, and at most {tolerance:g} s are allowed. Set the clock of this "
        "machine. In a test with the local HeyGen, pass its clock: WebhookReceiver(…, clock=api.clock.time)"
    )
