"""The options with ids and fields that exist from the start. The pytest plugin imports this file, so it is small."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypedDict

__all__ = ["OPTIONS", "KnownIds"]

#: The kinds of resources, and the option of the emulator with ids of each kind. A field is known by its name.
OPTIONS: dict[str, str] = {
    "asset": "known_assets",
    "avatar": "known_avatars",
    "avatar_group": "known_avatar_groups",
    "brand_glossary": "known_brand_glossaries",
    "brand_kit": "known_brand_kits",
    "field": "known_fields",
    "folder": "known_folders",
    "language": "known_languages",
    "style": "known_styles",
    "template": "known_templates",
    "voice": "known_voices",
}


class KnownIds(TypedDict, total=False):
    """The options with ids that exist from the start, by kind; and with fields that are newer than the contract.

    An id in `known_avatars` is that of a look, as in the API's `avatar_id`; the id of a whole avatar is in
    `known_avatar_groups`. Fields in `known_fields` may stand in every body and query, with any value.
    """

    known_assets: Collection[str]
    known_avatars: Collection[str]
    known_avatar_groups: Collection[str]
    known_brand_glossaries: Collection[str]
    known_brand_kits: Collection[str]
    known_fields: Collection[str]
    known_folders: Collection[str]
    known_languages: Collection[str]
    known_styles: Collection[str]
    known_templates: Collection[str]
    known_voices: Collection[str]
