"""Errors that an engine stores and judges: the same after JSON, in another process."""

from __future__ import annotations

import json

import pytest

from heygen_async import (
    AmbiguousRequestError,
    AuthenticationError,
    BadRequestError,
    ConcurrencyLimitError,
    HeyGenError,
    InvalidInputError,
    JobFailedError,
    NotFoundError,
    QuotaExceededError,
    RateLimitError,
    ServerError,
    WaitTimeoutError,
)
from heygen_async.distributed import errors
from heygen_async.errors import APIConnectionError, InsufficientCreditError, PlanUpgradeRequiredError

JOB = {"kind": "video", "id": "video_1", "job": object(), "elapsed": 3.0, "poll_count": 2}
FINAL = [
    BadRequestError("No.", status=400), NotFoundError("No.", status=404), PlanUpgradeRequiredError("No.", status=402),
    JobFailedError("It failed.", state="failed", **JOB), InvalidInputError("script", "", "text"),
    AmbiguousRequestError("It may have been done."),
]  # fmt: skip
NOT_FINAL = [
    RateLimitError("Wait.", status=429, retry_after=7.0), QuotaExceededError("Wait.", status=429),
    ServerError("Wait.", status=503), AuthenticationError("No.", status=401), APIConnectionError("Reset."),
    InsufficientCreditError("No.", status=402), WaitTimeoutError("Late.", state="pending", **JOB),
    ConcurrencyLimitError("Full."), OSError("disk full"), KeyError("x"),
]  # fmt: skip


@pytest.mark.parametrize("error", [*FINAL, *NOT_FINAL], ids=lambda error: type(error).__name__)
def test_error_is_the_same_after_json(error: Exception) -> None:
    text = errors.to_json(error)
    back = errors.from_json(text)
    assert errors.is_final(error) == json.loads(text)["is_final"] == (error in FINAL)
    assert errors.retry_after(back) == errors.retry_after(error)
    if isinstance(error, HeyGenError):
        assert type(back) is type(error)
        assert str(back) == str(error)
        assert vars(back).items() >= json.loads(text)["facts"].items()
    else:
        assert type(back) is HeyGenError


@pytest.mark.parametrize("text", ["", "[]", '{"type": 1}', b"\xff"])
def test_other_text_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidInputError, match="the JSON of an error"):
        errors.from_json(text)


def test_error_names_no_secret() -> None:
    error = HeyGenError("GET https://files.heygen.com/a.mp4?Signature=planted_1 failed")
    assert "planted" not in errors.to_json(error)
