"""Bearer tokens over HTTP: one for each user, who pays with a HeyGen key of their own or with the server's.

Users are the lines of a file, `NAME:TOKEN` or `NAME:TOKEN:HEYGEN_API_KEY`. Lines that start with `#` are comments.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import msgspec

from ..client import AsyncHeyGen
from ..errors import ConfigurationError
from ..types.redaction import HiddenStr

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mcp.server.auth.provider import AccessToken

    from .confirmation import Context

_MIN_LENGTH = 16


class User(msgspec.Struct, frozen=True):
    """A user of the server: a name, a token, and the HeyGen key that pays; None for the server's."""

    name: str
    token: str
    api_key: str | None = None

    def __repr__(self) -> str:
        return f"User({self.name!r})"


def read_users(path: Path) -> list[User]:
    """Read the file of users. Blocks.

    Raises:
        ConfigurationError: A line has another form, a token is short, or a name or a token occurs twice.
    """
    users: list[User] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, token, key = [*line.strip().split(":", 2), "", ""][:3]
        add_user(users, name, token, key or None, f"line {number} of {path}")
    if not users:
        raise ConfigurationError(f"{path} has no user; write a line NAME:TOKEN for each.")
    return users


def add_user(users: list[User], name: str, token: str, api_key: str | None, place: str) -> None:
    """Add a user; `place` names the line or the variable that has the token.

    Raises:
        ConfigurationError: The name is empty, the token is short, or one of them occurs twice.
    """
    if not name or len(token) < _MIN_LENGTH:
        raise ConfigurationError(f"{place} is not NAME:TOKEN with a token of {_MIN_LENGTH} characters or more.")
    if any(name == user.name or token == user.token for user in users):
        raise ConfigurationError(f"{place} repeats a name or a token; each user needs their own.")
    users.append(User(name, HiddenStr(token), HiddenStr(api_key) if api_key else None))


def clients_of(users: Iterable[User], shared: AsyncHeyGen) -> dict[str, AsyncHeyGen]:
    """Return the client of each user, by name."""
    return {user.name: AsyncHeyGen(user.api_key) if user.api_key else shared for user in users}


class BearerTokens:
    """Checks the tokens of requests."""

    def __init__(self, users: Iterable[User]) -> None:
        self._users = list(users)

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return whose token it is; None for an unknown one. The time does not depend on the token."""
        from mcp.server.auth.provider import AccessToken  # noqa: PLC0415  server.py reports a missing package

        matching = [user for user in self._users if hmac.compare_digest(user.token.encode(), token.encode())]
        return AccessToken(token=token, client_id=matching[0].name, scopes=[]) if matching else None


def user_of(context: Context) -> str:
    """Return the name of the user who sent a request; empty over stdio, and without tokens."""
    user = None if context.request is None else context.request.scope.get("user")
    return getattr(user, "username", "")
