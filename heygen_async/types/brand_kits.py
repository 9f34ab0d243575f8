"""Brand kits: the colours, logos and fonts that a workspace's videos carry."""

from __future__ import annotations

from .base import OpenEnum, ResponseStruct


class BrandKitStatus(OpenEnum):
    """Whether a kit's website is still being read; the last two are ends."""

    LOADING = "loading"
    COMPLETED = "completed"
    ERROR = "error"


class Logo(ResponseStruct):
    """A logo of a kit."""

    logo_id: str
    name: str | None = None
    url: str | None = None


class Font(ResponseStruct):
    """A font of a kit."""

    font_id: str
    name: str | None = None


class ColorRoles(ResponseStruct, omit_defaults=True):
    """Which colour is for what, such as `#FF5733`; as a kit has them, and as `brand_kits.update` takes them.

    Args:
        primary: The main colour.
        secondary: The second.
        tertiary: The third.
        accent: What stands out.
    """

    primary: str | None = None
    secondary: str | None = None
    tertiary: str | None = None
    accent: str | None = None


class LogoRoles(ResponseStruct, omit_defaults=True):
    """Which logo is for what; as a kit has it, and as `brand_kits.update` takes it.

    Args:
        primary: The main logo's `logo_id`.
    """

    primary: str | None = None


class FontRole(ResponseStruct, omit_defaults=True):
    """A font for one use.

    Args:
        font_id: One of the kit's `fonts`.
        weight: Such as 400 or 700.
    """

    font_id: str
    weight: int | None = None


class FontRoles(ResponseStruct, omit_defaults=True):
    """Which font is for what; as a kit has them, and as `brand_kits.update` takes them.

    Args:
        title_text: Of titles.
        body_text: Of everything else.
    """

    title_text: FontRole | None = None
    body_text: FontRole | None = None


class BrandKit(ResponseStruct):
    """A brand kit. Lists tell `logo_url`, `brand_kits.get` everything else; colours such as `#FF5733`."""

    brand_kit_id: str
    name: str
    status: BrandKitStatus | None = None
    colors: list[str] | None = None
    color_roles: ColorRoles | None = None
    logo_url: str | None = None
    logos: list[Logo] | None = None
    logo_roles: LogoRoles | None = None
    fonts: list[Font] | None = None
    font_roles: FontRoles | None = None


class BrandKitDeleted(ResponseStruct):
    """The id of what was deleted."""

    brand_kit_id: str
