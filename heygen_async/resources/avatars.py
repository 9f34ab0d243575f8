"""`heygen.avatars`: identities and their looks, and making new ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from msgspec import UNSET, UnsetType

from .._http.endpoint import Endpoint
from .._jobs.registry import AVATAR_LOOK
from .._jobs.wait_options import AndWait
from ..errors import InvalidInputError
from ..pagination import Pager
from ..types import avatars as models
from ..types.base import Deleted, JSONValue
from ..types.files import FileInput
from . import validation as checks
from .base import Resource

_CREATE = Endpoint("POST", "/v3/avatars", idempotency="header", billable=True)
_GET = Endpoint("GET", "/v3/avatars/{group_id}")
_LIST = Endpoint("GET", "/v3/avatars")
_UPDATE = Endpoint("PATCH", "/v3/avatars/{group_id}")
_DELETE = Endpoint("DELETE", "/v3/avatars/{group_id}")
_CONSENT = Endpoint("POST", "/v3/avatars/{group_id}/consent", idempotency="header")
_LIST_LOOKS = Endpoint("GET", "/v3/avatars/looks")
_UPDATE_LOOK = Endpoint("PATCH", "/v3/avatars/looks/{look_id}")
_DELETE_LOOK = Endpoint("DELETE", "/v3/avatars/looks/{look_id}")


class Looks(Resource):
    """The looks of avatars; a look's id is the `avatar_id` of videos."""

    async def get(self, look_id: str) -> models.Look:
        """One look: its training, and the engines that it may use."""
        return await self._call(AVATAR_LOOK.endpoint, models.Look, look_id)

    def list(
        self,
        *,
        group_id: str | None = None,
        avatar_type: models.AvatarTypeName | None = None,
        ownership: models.Ownership | None = None,
        limit: int | None = None,
        token: str | None = None,
    ) -> Pager[models.Look]:
        """Looks; `limit` from 1 to 50, by default 20.

        Args:
            group_id: Of one identity alone.
            avatar_type: Of one type alone.
            ownership: Everybody's, or the account's own.
        """
        return self._list(
            _LIST_LOOKS,
            models.Look,
            limit=limit,
            token=token,
            most=50,
            group_id=group_id,
            avatar_type=avatar_type,
            ownership=ownership,
        )

    async def update(
        self, look_id: str, *, name: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> models.Look:
        """Rename a photo avatar's or a digital twin's look.

        Args:
            name: The new name.
        """
        return await self._call(_UPDATE_LOOK, models.Look, look_id, body={"name": name}, key=idempotency_key)

    async def delete(self, look_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a look for good; with the last look its identity goes too."""
        return await self._call(_DELETE_LOOK, Deleted, look_id, key=idempotency_key)


class Avatars(Resource):
    """Identities. https://developers.heygen.com/docs/avatars"""

    @property
    def looks(self) -> Looks:
        """The looks of avatars."""
        return Looks(self._transport)

    async def create(
        self, request: models.AvatarRequest | Mapping[str, JSONValue], *, idempotency_key: str | None = None
    ) -> models.AvatarCreated:
        """Begin to make a look from a photo, from footage or from words.

        Args:
            request: A `PhotoAvatar`, `DigitalTwin` or `PromptAvatar`, or an equal mapping; local files are uploaded
                first.
        """
        checks.avatar(request)
        return await self._call(_CREATE, models.AvatarCreated, body=await self._files(request), key=idempotency_key)

    async def create_and_wait(
        self, request: models.AvatarRequest | Mapping[str, JSONValue], **wait: Unpack[AndWait]
    ) -> models.Look:
        """`create`, then wait until the look can be used."""
        return await self._and_wait(AVATAR_LOOK, self.create, wait, request)

    async def get(self, group_id: str) -> models.Avatar:
        """One identity."""
        return await self._call(_GET, models.Avatar, group_id)

    def list(
        self, *, ownership: models.Ownership | None = None, limit: int | None = None, token: str | None = None
    ) -> Pager[models.Avatar]:
        """Identities; `limit` from 1 to 50, by default 20.

        Args:
            ownership: Everybody's, or the account's own.
        """
        return self._list(_LIST, models.Avatar, limit=limit, token=token, most=50, ownership=ownership)

    async def update(
        self,
        group_id: str,
        *,
        default_voice_id: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> models.AvatarUpdated:
        """Change an identity of the account's own.

        Args:
            default_voice_id: The voice that it speaks with by default; None takes it away.
        """
        body = checks.with_nulls({"default_voice_id": default_voice_id})
        return await self._call(_UPDATE, models.AvatarUpdated, group_id, body=body, key=idempotency_key)

    async def delete(self, group_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete an identity of the account's own with all its looks, for good."""
        return await self._call(_DELETE, Deleted, group_id, key=idempotency_key)

    async def create_consent(
        self,
        group_id: str,
        *,
        reroute_url: str | None = None,
        consent_text: str | None = None,
        consent_video: FileInput | None = None,
        idempotency_key: str | None = None,
    ) -> models.Consent:
        """Ask for the consent of the person shown; what is returned has the page on which it is given.

        Args:
            reroute_url: Where the person is led afterwards.
            consent_text: What the page says in place of HeyGen's words: plain text without < and >, for some Enterprise
                accounts.
            consent_video: A recording of the consent, in place of the page and of what it takes; `url` is then None;
                for Enterprise accounts.
        """
        if consent_text is not None and {"<", ">"}.intersection(consent_text):
            raise InvalidInputError("consent_text", consent_text, "plain text, without < and >")
        body = await self._files(
            {"reroute_url": reroute_url, "consent_text": consent_text, "consent_video": consent_video}
        )
        return await self._call(_CONSENT, models.Consent, group_id, body=body, key=idempotency_key)
