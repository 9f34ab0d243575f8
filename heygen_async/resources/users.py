"""`heygen.users`: the account behind the key."""

from __future__ import annotations

from .._http.endpoint import Endpoint
from ..types.users import User
from .base import Resource

_ME = Endpoint("GET", "/v3/users/me")


class Users(Resource):
    """The account."""

    async def me(self) -> User:
        """Who the key belongs to, and what may still be spent. https://developers.heygen.com/reference/get-current-user"""
        return await self._call(_ME, User)
