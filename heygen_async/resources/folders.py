"""`heygen.folders`: where a workspace keeps its videos."""

from __future__ import annotations

from .._http.endpoint import Endpoint
from ..types.folders import Folder, FolderTypeName
from .base import Resource

_CREATE = Endpoint("POST", "/v3/folders", idempotency="header")
_GET = Endpoint("GET", "/v3/folders/{folder_id}")


class Folders(Resource):
    """Folders, whose ids videos, translations and lists of them take."""

    async def create(
        self,
        *,
        name: str,
        parent_id: str | None = None,
        type: FolderTypeName | None = None,
        idempotency_key: str | None = None,
    ) -> Folder:
        """Make a folder.

        Args:
            name: How HeyGen shows it.
            parent_id: The folder in which it stands; by default none.
            type: What it may hold: `mixed` (the default), `video` or `video_translate`.
        """
        body = {"name": name, "parent_id": parent_id, "type": type}
        return await self._call(_CREATE, Folder, body=body, key=idempotency_key)

    async def get(self, folder_id: str) -> Folder:
        """A folder, by its id."""
        return await self._call(_GET, Folder, folder_id)
