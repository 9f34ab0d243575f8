"""Brand kits: the colours and logo that a workspace's videos carry."""

from __future__ import annotations

from .base import Answer


class BrandKit(Answer):
    """A brand kit; colours such as `#FF5733`."""

    brand_kit_id: str
    name: str
    colors: list[str] | None = None
    logo_url: str | None = None
