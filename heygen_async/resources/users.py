"""`heygen.users`: the account of the API key."""

from __future__ import annotations

from .._http.operation import operation
from ..types.users import User
from .base import Resource


class Users(Resource):
    """The account."""

    @operation("get_current_user", "GET", "/v3/users/me")
    async def me(self) -> User:
        """Return the account of the key, with its balance. https://developers.heygen.com/reference/get-current-user"""
        return await self._call(self.me, User)
