"""`heygen.folders`: the folders of a workspace's videos."""

from __future__ import annotations

from .._http.operation import operation
from ..types.folders import Folder, FolderTypeName
from .base import Resource


class Folders(Resource):
    """Folders. Videos and translations refer to them by id."""

    @operation("create_folder", "POST", "/v3/folders", idempotency="header")
    async def create(
        self,
        *,
        name: str,
        parent_id: str | None = None,
        type: FolderTypeName | None = None,
        idempotency_key: str | None = None,
    ) -> Folder:
        """Create a folder.

        Args:
            name: The name that HeyGen shows.
            parent_id: The parent folder; by default the top level.
            type: The content: `mixed` (the default), `video` or `video_translate`.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
        """
        body = {"name": name, "parent_id": parent_id, "type": type}
        return await self._call(self.create, Folder, body=body, key=idempotency_key)

    @operation("get_folder", "GET", "/v3/folders/{folder_id}")
    async def get(self, folder_id: str) -> Folder:
        """Return a folder.

        Args:
            folder_id: The id that `create` returned.
        """
        return await self._call(self.get, Folder, folder_id)
