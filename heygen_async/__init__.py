"""An asyncio-native SDK for the HeyGen API: ask for a video, wait for it well, get the file.

The public names are served from here at their first use, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

#: Where each public name lives. The imports below tell type checkers the same; a test holds the two together.
_HOMES = {
    "backoff": ("Backoff",),
    "client": ("AsyncHeyGen",),
    "errors": (
        "APIConnectionError",
        "APIError",
        "APITimeoutError",
        "AmbiguousConnectionError",
        "AmbiguousDecodeError",
        "AmbiguousRequestError",
        "AmbiguousServerError",
        "AmbiguousTimeoutError",
        "AuthenticationError",
        "BadRequestError",
        "ConfigurationError",
        "ConflictError",
        "ContentPolicyError",
        "DecodeError",
        "DownloadError",
        "EndpointSunsetError",
        "HeyGenError",
        "InputRequiredError",
        "InsufficientCreditError",
        "InsufficientScopeError",
        "InvalidInputError",
        "JobFailedError",
        "NotFoundError",
        "PaginationError",
        "PaymentRequiredError",
        "PermissionDeniedError",
        "PlanUpgradeRequiredError",
        "QuotaExceededError",
        "RateLimitError",
        "RedirectError",
        "RequestInProgressError",
        "ResourceNotReadyError",
        "ServerError",
        "TrialLimitExceededError",
        "UnprocessableError",
        "UploadError",
        "WaitTimeoutError",
        "WebhookVerificationError",
    ),
    "models.files": ("AssetFile", "Base64File", "BytesFile", "FileInput", "UrlFile"),
    "options": ("Timeout",),
    "pagination": ("Page", "Pager"),
    "response": ("RequestInfo", "Response"),
    "waiting": ("Update",),
}

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

if not TYPE_CHECKING:  # checkers read the re-exports below
    __all__ = ["UNSET", "__version__", *_HOME_OF]

if TYPE_CHECKING:
    from msgspec import UNSET as UNSET

    from .backoff import Backoff as Backoff
    from .client import AsyncHeyGen as AsyncHeyGen
    from .errors import (
        APIConnectionError as APIConnectionError,
        APIError as APIError,
        APITimeoutError as APITimeoutError,
        AmbiguousConnectionError as AmbiguousConnectionError,
        AmbiguousDecodeError as AmbiguousDecodeError,
        AmbiguousRequestError as AmbiguousRequestError,
        AmbiguousServerError as AmbiguousServerError,
        AmbiguousTimeoutError as AmbiguousTimeoutError,
        AuthenticationError as AuthenticationError,
        BadRequestError as BadRequestError,
        ConfigurationError as ConfigurationError,
        ConflictError as ConflictError,
        ContentPolicyError as ContentPolicyError,
        DecodeError as DecodeError,
        DownloadError as DownloadError,
        EndpointSunsetError as EndpointSunsetError,
        HeyGenError as HeyGenError,
        InputRequiredError as InputRequiredError,
        InsufficientCreditError as InsufficientCreditError,
        InsufficientScopeError as InsufficientScopeError,
        InvalidInputError as InvalidInputError,
        JobFailedError as JobFailedError,
        NotFoundError as NotFoundError,
        PaginationError as PaginationError,
        PaymentRequiredError as PaymentRequiredError,
        PermissionDeniedError as PermissionDeniedError,
        PlanUpgradeRequiredError as PlanUpgradeRequiredError,
        QuotaExceededError as QuotaExceededError,
        RateLimitError as RateLimitError,
        RedirectError as RedirectError,
        RequestInProgressError as RequestInProgressError,
        ResourceNotReadyError as ResourceNotReadyError,
        ServerError as ServerError,
        TrialLimitExceededError as TrialLimitExceededError,
        UnprocessableError as UnprocessableError,
        UploadError as UploadError,
        WaitTimeoutError as WaitTimeoutError,
        WebhookVerificationError as WebhookVerificationError,
    )
    from .models.files import (
        AssetFile as AssetFile,
        Base64File as Base64File,
        BytesFile as BytesFile,
        FileInput as FileInput,
        UrlFile as UrlFile,
    )
    from .options import Timeout as Timeout
    from .pagination import Page as Page, Pager as Pager
    from .response import RequestInfo as RequestInfo, Response as Response
    from .waiting import Update as Update


def __getattr__(name: str) -> object:
    if name == "UNSET":
        return import_module("msgspec").UNSET
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f".{home}", __name__), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
