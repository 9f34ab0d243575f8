"""`OAuthTokens`: the access token that requests carry, and the refresh token for the next pair."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn, Self

import msgspec

from ..errors import InvalidInputError
from ..types.redaction import SecretMask
from ..types.tracebacks import strips_frames


class SecretStruct(msgspec.Struct, frozen=True, kw_only=True):
    """A struct with secrets: its repr hides them, and it cannot be pickled by accident."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} holds secrets and cannot be pickled. Store the result of msgspec.json.encode."
        )


class OAuthTokens(SecretStruct, frozen=True, kw_only=True):
    """The tokens of one person.

    Args:
        access_token: The token that requests carry.
        refresh_token: The token that gets the next pair; valid for its `client_id` only.
        expires_at: The expiry of the access token in Unix seconds; None if it is unknown; then the API's 401 shows it.
        client_id: The application that the tokens were issued to.
        token_type: Always `Bearer`.
        scope: The granted scopes.

    Raises:
        InvalidInputError: A token holds other characters than printable ASCII, or a refresh token has no `client_id`.
    """

    access_token: str
    refresh_token: str | None = None
    expires_at: float | None = None
    client_id: str | None = None
    token_type: str = "Bearer"  # noqa: S105  the name of a scheme
    scope: str | None = None

    @strips_frames
    def __post_init__(self) -> None:
        for name in ("access_token", "refresh_token"):
            value = getattr(self, name)
            if value is not None and not (value and value.isascii() and value.isprintable() and " " not in value):
                raise InvalidInputError(f"OAuthTokens.{name}", "…", "printable ASCII without spaces")
        if self.token_type.lower() != "bearer":
            raise InvalidInputError("OAuthTokens.token_type", self.token_type, "Bearer, HeyGen's only token type")
        if self.refresh_token is not None and not self.client_id:
            raise InvalidInputError("OAuthTokens.client_id", self.client_id, "the client id of the refresh_token")

    def __repr__(self) -> str:
        return f"OAuthTokens(client_id={self.client_id!r}, expires_at={self.expires_at!r}, …)"

    @property
    def mask(self) -> SecretMask:
        """Masks the tokens in what a server sends."""
        return SecretMask(self.access_token, self.refresh_token or "")

    @property
    def expires(self) -> datetime | None:
        """The expiry of the access token, in UTC."""
        return None if self.expires_at is None else datetime.fromtimestamp(self.expires_at, UTC)

    @property
    def expires_in(self) -> float | None:
        """The seconds until the access token expires; below 0 if it has expired."""
        return None if self.expires_at is None else self.expires_at - time.time()

    @property
    def expired(self) -> bool:
        """Whether the access token has expired, by the clock of this machine."""
        return self.expires_at is not None and self.expires_at <= time.time()

    @classmethod
    def from_response(cls, body: Mapping[str, Any], *, client_id: str, previous: OAuthTokens | None = None) -> Self:
        """Return the tokens in the response of a token endpoint; their lifetime starts now.

        Args:
            body: The decoded JSON object.
            client_id: The application that the tokens are issued to.
            previous: The pair that is refreshed; its refresh token and scope stay if the response has none.
        """
        granted = msgspec.convert(body, _TokenResponse, strict=False)
        return cls(
            access_token=granted.access_token,
            refresh_token=granted.refresh_token or (previous.refresh_token if previous else None),
            expires_at=None if granted.expires_in is None else time.time() + granted.expires_in,
            client_id=client_id,
            token_type=granted.token_type,
            scope=granted.scope or (previous.scope if previous else None),
        )


class _TokenResponse(msgspec.Struct):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105  the name of a scheme
    expires_in: float | None = None
    refresh_token: str | None = None
    scope: str | None = None
