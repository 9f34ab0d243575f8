"""Idempotency keys: the response to a second request with the same key.

| kind | the key is kept for | the same key with another body |
|---|---|---|
| `header` | 24 hours | gets the first response again |
| `guarded` | 24 hours | 409 `conflict` |
| `permanent` | ever; a request without a key is a 400 | 409 `conflict` |

`GUARDED` and `PERMANENT` operations answer a replay with 200. The key of a background removal is a field of its body,
so its own handler compares it. Every other operation ignores the key.
"""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple, cast

from .api_errors import APIErrorResponse

__all__ = ["RULES", "KeyRules", "KeyedResponses", "keyed_request"]

_KEY_FORM = re.compile(r"[A-Za-z0-9_:.-]{1,255}")


class KeyRules(NamedTuple):
    """One kind of idempotency.

    Attributes:
        kind: Its name.
        lifetime: The seconds for which a key is kept.
        checks_body: Whether another body under the same key is refused; a replay then has status 200.
        is_required: Whether a request without a key is refused.
        scope_fields: The fields of the body whose values have keys of their own.
    """

    kind: str
    lifetime: float = 86_400.0
    checks_body: bool = False
    is_required: bool = False
    scope_fields: tuple[str, ...] = ()


HEADER = KeyRules("header")
GUARDED = KeyRules("guarded", checks_body=True)
PERMANENT = KeyRules(
    "permanent", math.inf, checks_body=True, is_required=True, scope_fields=("workflow_id", "version_number")
)
#: The operations that honour `Idempotency-Key`.
RULES: dict[str, KeyRules] = {
    **dict.fromkeys(
        (
            "AssetCreate", "AssetDirectUploadsBatchesCreate", "AssetDirectUploadsCreate", "AvatarConsentCreate",
            "AvatarCreate", "AvatarLooksCreate", "BrandGlossaryCreate", "BrandKitCreate", "FillerWordRemovalCreate",
            "FolderCreate", "HyperframesRenderCreate", "LipsyncBatchesCreate", "LipsyncCreate", "ModelImageCreate",
            "ModelVideoCreate", "ModelVoiceCreate", "TemplateCreate", "TemplateGenerate", "VideoBatchesCreate", "VideoCreate", "VideoQualityBatchesCreate",
            "VideoQualityComparisonCreate", "VideoTranslateBatchesCreate", "VideoTranslateCreate",
            "VideoTranslateProofreadsCreate", "VideoTranslateProofreadsGenerate", "WebhookEndpointsCreate",
            "WebhookEndpointsRotateSecret",
        ),
        HEADER,
    ),
    "WorkflowCreate": GUARDED,
    "WorkflowRunCreate": PERMANENT,
}  # fmt: skip


class KeyedRequest(NamedTuple):
    """A request whose key the API honours.

    Attributes:
        rules: The operation's kind of idempotency.
        scope: What the key must be unique in, and the key.
        body: The decoded body.
    """

    rules: KeyRules
    scope: tuple[str, ...]
    body: Any


def keyed_request(operation: str, path: str, key: str | None, body: Any) -> KeyedRequest | None:
    """Return the request with its key; None for one without a key, or of an operation that honours none.

    Raises:
        APIErrorResponse: 400: the key is missing or invalid.
    """
    rules = RULES.get(operation)
    if key is not None and not _KEY_FORM.fullmatch(key):
        message = "It must be 1 to 255 characters of A-Z a-z 0-9 _ : . -."
        raise APIErrorResponse.invalid_parameter("Idempotency-Key", message)
    if key is None and rules is not None and rules.is_required:
        raise APIErrorResponse.invalid_parameter("Idempotency-Key", "This operation requires an Idempotency-Key.")
    if key is None or rules is None:
        return None
    fields = cast("dict[str, object]", body if isinstance(body, dict) else {})
    return KeyedRequest(rules, (operation, path, key, *(str(fields.get(name)) for name in rules.scope_fields)), body)


class KeyedResponses:
    """The first response to each key, for as long as the key is kept."""

    def __init__(self) -> None:
        self._responses: dict[tuple[str, ...], tuple[float, Any, tuple[int, bytes]]] = {}

    def find(self, request: KeyedRequest, now: float) -> tuple[int, bytes] | None:
        """Return the response of an earlier request with the same key: its status and body.

        Raises:
            APIErrorResponse: 409: the key belongs to another body.
        """
        time, body, response = self._responses.get(request.scope, (-math.inf, None, None))
        if response is None or time <= now - request.rules.lifetime:
            return None
        if not request.rules.checks_body:
            return response
        if body != request.body:
            raise APIErrorResponse(409, "conflict", "This Idempotency-Key was used with another body.")
        return 200, response[1]

    def store(self, request: KeyedRequest, now: float, response: tuple[int, bytes]) -> None:
        """Keep the response to a request."""
        self._responses[request.scope] = now, request.body, response
