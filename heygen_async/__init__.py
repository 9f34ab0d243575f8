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
        "GarbledError",
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
    __all__ = ["UNSET", "__version__", *_HOME_OF]  # noqa: PLE0604

if TYPE_CHECKING:
    from msgspec import UNSET as UNSET

    from .backoff import Backoff as Backoff
    from .client import AsyncHeyGen as AsyncHeyGen
    from .errors import (
        AmbiguousConnectionError as AmbiguousConnectionError,
    )
    from .errors import (
        AmbiguousDecodeError as AmbiguousDecodeError,
    )
    from .errors import (
        AmbiguousRequestError as AmbiguousRequestError,
    )
    from .errors import (
        AmbiguousServerError as AmbiguousServerError,
    )
    from .errors import (
        AmbiguousTimeoutError as AmbiguousTimeoutError,
    )
    from .errors import (
        APIConnectionError as APIConnectionError,
    )
    from .errors import (
        APIError as APIError,
    )
    from .errors import (
        APITimeoutError as APITimeoutError,
    )
    from .errors import (
        AuthenticationError as AuthenticationError,
    )
    from .errors import (
        BadRequestError as BadRequestError,
    )
    from .errors import (
        ConfigurationError as ConfigurationError,
    )
    from .errors import (
        ConflictError as ConflictError,
    )
    from .errors import (
        ContentPolicyError as ContentPolicyError,
    )
    from .errors import (
        DecodeError as DecodeError,
    )
    from .errors import (
        DownloadError as DownloadError,
    )
    from .errors import (
        EndpointSunsetError as EndpointSunsetError,
    )
    from .errors import (
        GarbledError as GarbledError,
    )
    from .errors import (
        HeyGenError as HeyGenError,
    )
    from .errors import (
        InputRequiredError as InputRequiredError,
    )
    from .errors import (
        InsufficientCreditError as InsufficientCreditError,
    )
    from .errors import (
        InsufficientScopeError as InsufficientScopeError,
    )
    from .errors import (
        InvalidInputError as InvalidInputError,
    )
    from .errors import (
        JobFailedError as JobFailedError,
    )
    from .errors import (
        NotFoundError as NotFoundError,
    )
    from .errors import (
        PaginationError as PaginationError,
    )
    from .errors import (
        PaymentRequiredError as PaymentRequiredError,
    )
    from .errors import (
        PermissionDeniedError as PermissionDeniedError,
    )
    from .errors import (
        PlanUpgradeRequiredError as PlanUpgradeRequiredError,
    )
    from .errors import (
        QuotaExceededError as QuotaExceededError,
    )
    from .errors import (
        RateLimitError as RateLimitError,
    )
    from .errors import (
        RedirectError as RedirectError,
    )
    from .errors import (
        RequestInProgressError as RequestInProgressError,
    )
    from .errors import (
        ResourceNotReadyError as ResourceNotReadyError,
    )
    from .errors import (
        ServerError as ServerError,
    )
    from .errors import (
        TrialLimitExceededError as TrialLimitExceededError,
    )
    from .errors import (
        UnprocessableError as UnprocessableError,
    )
    from .errors import (
        UploadError as UploadError,
    )
    from .errors import (
        WaitTimeoutError as WaitTimeoutError,
    )
    from .errors import (
        WebhookVerificationError as WebhookVerificationError,
    )
    from .models.files import (
        AssetFile as AssetFile,
    )
    from .models.files import (
        Base64File as Base64File,
    )
    from .models.files import (
        BytesFile as BytesFile,
    )
    from .models.files import (
        FileInput as FileInput,
    )
    from .models.files import (
        UrlFile as UrlFile,
    )
    from .options import Timeout as Timeout
    from .pagination import Page as Page
    from .pagination import Pager as Pager
    from .response import RequestInfo as RequestInfo
    from .response import Response as Response
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
    return sorted(["UNSET", "__version__", *_HOME_OF])
