"""`heygen.avatars`: identities, their looks, and the creation of new ones."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Unpack

from msgspec import UNSET, UnsetType

from .._http.argument_checks import check_mappings
from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import AVATAR_LOOK
from .._jobs.wait_options import AndWait
from ..errors import InvalidInputError
from ..pagination import Pager
from ..types import avatars as models
from ..types.base import Deleted, JSONValue
from ..types.files import FileInput
from . import validation
from .base import Resource


class Looks(Resource):
    """The looks of avatars. The id of a look is the `avatar_id` of videos."""

    @operation(
        {"look_pack": "create_avatar_look_pack", "template": "create_avatar_look_from_template"},
        "POST",
        "/v3/avatars/looks",
        idempotency="header",
        billable=True,
        wait="avatar",
    )
    async def create(
        self, request: models.LookRequest | Mapping[str, JSONValue], *, idempotency_key: str | None = None
    ) -> models.LooksCreated:
        """Start new looks for an avatar from a look pack or a template.

        Costs 1 API credit for each look, charged when HeyGen accepts the request. A look pack makes `looks_count`
        looks, a template makes two. `AsyncHeyGen.wait_for_all` accepts the result.

        Args:
            request: A `LookPack` or `LookFromTemplate`, or an equal mapping.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
        """
        check_mappings(self.create, request=request)
        validation.check_looks(request)
        return await self._call(self.create, models.LooksCreated, body=request, key=idempotency_key)

    @show_parameters
    async def create_and_wait(
        self, request: models.LookRequest | Mapping[str, JSONValue], **options: Unpack[AndWait]
    ) -> builtins.list[models.Look]:
        """Call `create`, then wait for all of the new looks.

        Raises:
            JobFailedError: A look failed. It is raised when all have ended, and has the ends of all: `finished`,
                `failed` and `pending`.
        """
        return await self._create_and_wait_for_all(
            AVATAR_LOOK, self.create_and_wait, self.create, options, request, job_count=2
        )

    @operation("get_avatar_look", AVATAR_LOOK.endpoint, wait="avatar")
    async def get(self, look_id: str) -> models.Look:
        """Return a look with its training state and the engines that it supports.

        Args:
            look_id: The id of the look, from `avatars.looks.list`.
        """
        return await self._call(self.get, models.Look, look_id)

    @operation("list_avatar_looks", "GET", "/v3/avatars/looks")
    def list(
        self,
        *,
        group_id: str | None = None,
        avatar_type: models.AvatarTypeName | None = None,
        ownership: models.Ownership | None = None,
        limit: int | None = None,
        token: str | None = None,
    ) -> Pager[models.Look]:
        """List the looks of avatars.

        Args:
            group_id: Only the looks of this identity, from `avatars.list`.
            avatar_type: Only looks of this type.
            ownership: `public` looks, or the account's own, `private` ones.
            limit: The number of items per page, 1 to 50; by default 20.
            token: The `next_token` of the previous page.
        """
        return self._pager(
            self.list,
            models.Look,
            limit=limit,
            token=token,
            max_limit=50,
            group_id=group_id,
            avatar_type=avatar_type,
            ownership=ownership,
        )

    @operation("update_avatar_look", "PATCH", "/v3/avatars/looks/{look_id}")
    async def update(
        self, look_id: str, *, name: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> models.Look:
        """Rename the look of a photo avatar or a digital twin.

        Args:
            look_id: The id of the look, from `avatars.looks.list`.
            name: The new name.
            idempotency_key: Sent as `Idempotency-Key`; a repeat is safe without it.
        """
        return await self._call(self.update, models.Look, look_id, body={"name": name}, key=idempotency_key)

    @operation("delete_avatar_look", "DELETE", "/v3/avatars/looks/{look_id}")
    async def delete(self, look_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a look permanently. Deleting the last look deletes its identity too.

        Args:
            look_id: The id of the look, from `avatars.looks.list`.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.
        """
        return await self._call(self.delete, Deleted, look_id, key=idempotency_key)


class Avatars(Resource):
    """Identities. https://developers.heygen.com/docs/avatars"""

    @property
    def looks(self) -> Looks:
        """The looks of avatars."""
        return Looks(self._transport)

    @operation(
        {"photo": "create_photo_avatar", "digital_twin": "create_digital_twin", "prompt": "create_prompt_avatar"},
        "POST",
        "/v3/avatars",
        idempotency="header",
        billable=True,
        wait="avatar",
    )
    async def create(
        self, request: models.AvatarRequest | Mapping[str, JSONValue], *, idempotency_key: str | None = None
    ) -> models.AvatarCreated:
        """Start the training of a look from a photo, from footage or from a prompt.

        Costs credit. Local files are uploaded first.

        Args:
            request: A `PhotoAvatar`, `DigitalTwin` or `PromptAvatar`, or an equal mapping.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
        """
        check_mappings(self.create, request=request)
        validation.check_avatar(request)
        body = await self._upload_files(request)
        return await self._call(self.create, models.AvatarCreated, body=body, key=idempotency_key)

    @show_parameters
    async def create_and_wait(
        self, request: models.AvatarRequest | Mapping[str, JSONValue], **options: Unpack[AndWait]
    ) -> models.Look:
        """Call `create`, then wait until the look is trained."""
        return await self._create_and_wait(AVATAR_LOOK, self.create_and_wait, self.create, options, request)

    @operation("list_avatar_look_templates", "GET", "/v3/avatars/look-templates")
    def list_look_templates(
        self,
        *,
        type: models.LookTemplateTypeName | None = None,
        gender: models.Gender | None = None,
        limit: int | None = None,
        token: str | None = None,
    ) -> Pager[models.LookTemplate]:
        """List the look packs and templates that `looks.create` applies to an avatar.

        Args:
            type: Only look packs, or only single templates.
            gender: Only those for this gender.
            limit: The number of items per page, 1 to 50; by default 20.
            token: The `next_token` of the previous page.
        """
        return self._pager(
            self.list_look_templates,
            models.LookTemplate,
            limit=limit,
            token=token,
            max_limit=50,
            type=type,
            gender=gender,
        )

    @operation("get_avatar_group", "GET", "/v3/avatars/{group_id}")
    async def get(self, group_id: str) -> models.Avatar:
        """Return an identity.

        Args:
            group_id: The id of the identity, from `avatars.list`.
        """
        return await self._call(self.get, models.Avatar, group_id)

    @operation("list_avatar_groups", "GET", "/v3/avatars")
    def list(
        self, *, ownership: models.Ownership | None = None, limit: int | None = None, token: str | None = None
    ) -> Pager[models.Avatar]:
        """List the identities of avatars.

        Args:
            ownership: `public` identities, or the account's own, `private` ones.
            limit: The number of items per page, 1 to 50; by default 20.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.Avatar, limit=limit, token=token, max_limit=50, ownership=ownership)

    @operation("update_avatar_group", "PATCH", "/v3/avatars/{group_id}")
    async def update(
        self, group_id: str, *, default_voice_id: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> models.AvatarUpdated:
        """Change an identity of the account.

        Args:
            group_id: The id of the identity, from `avatars.list`.
            default_voice_id: The voice that it speaks with by default; None removes it.
            idempotency_key: Sent as `Idempotency-Key`; a repeat is safe without it.
        """
        body = validation.keep_nulls({"default_voice_id": default_voice_id})
        return await self._call(self.update, models.AvatarUpdated, group_id, body=body, key=idempotency_key)

    @operation("delete_avatar_group", "DELETE", "/v3/avatars/{group_id}")
    async def delete(self, group_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete an identity of the account and all its looks permanently.

        Args:
            group_id: The id of the identity, from `avatars.list`.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.
        """
        return await self._call(self.delete, Deleted, group_id, key=idempotency_key)

    @operation("create_avatar_consent", "POST", "/v3/avatars/{group_id}/consent", idempotency="header")
    async def create_consent(
        self,
        group_id: str,
        *,
        reroute_url: str | None = None,
        consent_text: str | None = None,
        consent_video: FileInput | None = None,
        idempotency_key: str | None = None,
    ) -> models.Consent:
        """Request the consent of the person shown. The response has the URL of the page where the person consents.

        Args:
            group_id: The id of the identity, from `avatars.list`.
            reroute_url: The URL that the person is sent to afterwards.
            consent_text: The text of the page: plain text without < and >, for some Enterprise accounts.
            consent_video: A recording of the consent in place of the page, for Enterprise accounts. `url` is then None.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
        """
        if consent_text is not None and {"<", ">"}.intersection(consent_text):
            raise InvalidInputError("consent_text", consent_text, "plain text, without < and >")
        body = await self._upload_files(
            {"reroute_url": reroute_url, "consent_text": consent_text, "consent_video": consent_video}
        )
        return await self._call(self.create_consent, models.Consent, group_id, body=body, key=idempotency_key)
