"""`heygen.api_keys`: the API key of the client, its scopes and its expiry."""

from __future__ import annotations

from .._http.operation import operation
from ..types.api_keys import APIKey
from .base import Resource


class ApiKeys(Resource):
    """API keys."""

    @operation(
        "get_current_api_key",
        "GET",
        "/v3/api_keys/self",
        alternative="HeyGen does not describe keys here yet. users.me() shows whether the key works.",
    )
    async def get_self(self) -> APIKey:
        """Return the key that makes the call: its name, its state, its scopes and its expiry.

        Every key may call it, whatever its scopes. It describes API keys only, not the tokens of a sign-in.

        Raises:
            NotFoundError: This server does not have the endpoint yet.
        """
        return await self._call(self.get_self, APIKey)
