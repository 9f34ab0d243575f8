"""Errors for an engine: which are final, which pause they ask for, and their JSON, which crosses processes."""

from __future__ import annotations

from typing import Any

import msgspec

from .. import errors
from .._files.file_store import RefusedTransferError
from ..batch import failures
from ..batch.journal_entries import error_from_facts, error_to_facts

#: The same step succeeds when a person has corrected the account or the configuration. No row is at fault.
_CORRECTABLE = (errors.InsufficientCreditError, *failures.FATAL)


class ErrorFacts(msgspec.Struct, frozen=True):
    """An error as JSON: its class, its message, its simple attributes, and whether it is final."""

    type: str
    message: str
    facts: dict[str, Any]
    is_final: bool = False


def is_final(error: BaseException) -> bool:
    """Return whether a repeated step would get the same error, so that an engine should give the row up.

    Final are failed jobs, rejected and invalid requests, and creates whose outcome nobody can find out. An outage, a
    429, a timeout, an invalid API key and missing credit are not: the row continues when their cause is gone.
    """
    if isinstance(error, errors.AmbiguousRequestError):
        return error.idempotency_key is None
    if isinstance(error, errors.InvalidInputError | errors.InputRequiredError):
        return True
    if isinstance(error, errors.DownloadError):
        return isinstance(error.__cause__, RefusedTransferError)
    return isinstance(error, Exception) and failures.is_final(error) and not isinstance(error, _CORRECTABLE)


def retry_after(error: BaseException) -> float | None:
    """Return the pause in seconds that an error asks for; None when it names none.

    A `RateLimitError` of HeyGen and a `ConcurrencyLimitError` of a limiter name one.
    """
    return getattr(error, "retry_after", None)


def to_json(error: BaseException) -> str:
    """Return an error as a JSON object: `type`, `message`, `facts` (its simple attributes) and `is_final`.

    Structs and response bodies in attributes are left out.
    """
    stored = error_to_facts(error)
    return msgspec.json.encode(ErrorFacts(**stored, is_final=is_final(error))).decode()


def from_json(text: str | bytes) -> errors.HeyGenError:
    """Return the error that `to_json` stored. An error of another class is a `HeyGenError` with its message.

    Raises:
        InvalidInputError: The text is not the JSON of an error.
    """
    try:
        stored = msgspec.json.decode(text, type=ErrorFacts)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise errors.InvalidInputError("text", text, f"the JSON of an error, from to_json ({error})") from None
    return error_from_facts(msgspec.structs.asdict(stored))
