"""Brand kits: the colours, logos and fonts of a workspace's videos."""

from __future__ import annotations

from typing import Annotated, Required, TypedDict

from msgspec import Meta

from .base import OpenEnum, ResponseStruct


class BrandKitStatus(OpenEnum):
    """The state of the reading of the kit's website; the last two are final."""

    LOADING = "loading"
    COMPLETED = "completed"
    ERROR = "error"


class Logo(ResponseStruct):
    """A logo of a brand kit."""

    logo_id: str
    name: str | None = None
    url: str | None = None


class Font(ResponseStruct):
    """A font of a brand kit."""

    font_id: str
    name: str | None = None


class ColorRoles(ResponseStruct, omit_defaults=True):
    """The colour of each role, such as `#FF5733`; returned by `get`, accepted by `update`."""

    primary: Annotated[str | None, Meta(description="The main colour.")] = None
    secondary: Annotated[str | None, Meta(description="The second colour.")] = None
    tertiary: Annotated[str | None, Meta(description="The third colour.")] = None
    accent: Annotated[str | None, Meta(description="The accent colour.")] = None


class LogoRoles(ResponseStruct, omit_defaults=True):
    """The logo of each role; returned by `get`, accepted by `update`."""

    primary: Annotated[str | None, Meta(description="The `logo_id` of the main logo.")] = None


class FontRole(ResponseStruct, omit_defaults=True):
    """The font of one role."""

    font_id: Annotated[str, Meta(description="The `font_id` of one of the kit's `fonts`.")]
    weight: Annotated[int | None, Meta(description="The weight, such as 400 or 700.")] = None


class FontRoles(ResponseStruct, omit_defaults=True):
    """The font of each role; returned by `get`, accepted by `update`."""

    title_text: Annotated[FontRole | None, Meta(description="The font of titles.")] = None
    body_text: Annotated[FontRole | None, Meta(description="The font of all other text.")] = None


class BrandKit(ResponseStruct):
    """A brand kit. Colours are texts such as `#FF5733`.

    Lists return `logo_url`; `brand_kits.get` returns every other field.
    """

    brand_kit_id: str
    name: str | None = None
    status: BrandKitStatus | None = None
    colors: list[str] | None = None
    color_roles: ColorRoles | None = None
    logo_url: str | None = None
    logos: list[Logo] | None = None
    logo_roles: LogoRoles | None = None
    fonts: list[Font] | None = None
    font_roles: FontRoles | None = None


class BrandKitCreated(ResponseStruct):
    """A brand kit that HeyGen reads from a website."""

    brand_kit_id: str
    status: BrandKitStatus | None = None


class BrandKitRequest(TypedDict, total=False):
    """The arguments of `brand_kits.create`."""

    url: Required[Annotated[str, Meta(description="The address of the website, at most 2,048 characters.")]]
    name: Annotated[str | None, Meta(description="The name, at most 256 characters; by default the website's own.")]


class BrandKitDeleted(ResponseStruct):
    """The id of a deleted brand kit."""

    brand_kit_id: str
