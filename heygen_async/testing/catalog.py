"""The resources that the emulator's account has without a request: voices, avatars, templates, styles, brands, folders.

They are samples, ids that a test made known, and the lists of a real account. `id_checks.py` refuses ids that are
neither here nor created by an earlier request.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any, cast

from .account_lists import Resources
from .known_ids import OPTIONS, KnownIds
from .sample_template import COMPOSITION, SCENES, VARIABLES

__all__ = ["Catalog"]

#: The names of languages that translations offer.
_LANGUAGES = (
    "English", "Spanish", "French", "Hindi", "Italian", "German", "Polish", "Portuguese", "Chinese", "Japanese", "Dutch",
    "Turkish", "Korean", "Danish", "Arabic", "Romanian", "Swedish", "Indonesian", "Ukrainian", "Greek", "Czech", "Finnish",
    "English (United States)", "English (UK)", "Spanish (Spain)", "Spanish (Mexico)", "German (Germany)",
    "French (France)", "French (Canada)", "Italian (Italy)", "Japanese (Japan)", "Korean (Korea)", "Portuguese (Brazil)",
    "Portuguese (Portugal)", "Hindi (India)", "Dutch (Netherlands)", "Polish (Poland)", "Turkish (Türkiye)",
    "Chinese (Mandarin, Simplified)", "Chinese (Cantonese, Traditional)",
)  # fmt: skip
#: The codes of ISO 639-1.
_LANGUAGE_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es "
    "et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki "
    "kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no "
    "nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te "
    "tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
).split()  # fmt: skip
_VOICE_LANGUAGES = ("English", "Spanish", "German", "French", "Japanese", "Portuguese", "Hindi", "Italian")
_VOICE_NAMES = {
    "female": ("Ada", "Chiara", "Elin", "Grace", "Ines", "Lena"),
    "male": ("Bruno", "Dario", "Farid", "Hugo", "Jonas", "Kaito"),
}
#: Female and male in turn.
_AVATAR_NAMES = ("Abigail", "Bryan", "Carlotta", "Daniel", "Freja", "Esmond", "Georgia", "Harold")
_STUDIO_LOOKS = ("Office", "Sofa", "Upper body")
_STYLE_TAGS = ("cinematic", "retro-tech", "minimal", "hand-drawn")
#: The fields of a resource of which only the id is known.
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "asset": {"content_type": "application/octet-stream", "size_bytes": 0, "sha256": "", "uploaded_at": 1_750_000_000},
    "avatar": {
        "avatar_type": "studio_avatar", "gender": "female", "supported_api_engines": ["avatar_iv", "avatar_iii"],
        "tags": [], "default_voice_id": "voice_0000", "preferred_orientation": "landscape", "image_width": 1920,
        "image_height": 1080,
    },
    "avatar_group": {
        "created_at": 1_700_000_000, "looks_count": 0, "gender": "female", "default_voice_id": "voice_0000",
    },
    "folder": {"parent_id": None, "type": "mixed"},
    "style": {"aspect_ratio": "16:9", "tags": []},
    "template": {
        "aspect_ratio": "landscape", "created_at": 1_750_000_000, "updated_at": 1_760_000_000, "variables": {}, "scenes": [],
    },
    "voice": {
        "language": "English", "gender": "female", "type": "public", "support_pause": True, "support_locale": False,
        "preview_audio_url": None, "engine": "starfish",
    },
}  # fmt: skip
#: The names of the ids where they are not `id`.
_ID_NAMES = {"style": "style_id", "voice": "voice_id"}


class Catalog:
    """The resources of the account, by kind and id. It starts with samples.

    Args:
        known: Ids of further resources.
        account: The resources of a real account, which replace the samples of their kinds.
        is_lenient: Whether a request may name any id.

    Raises:
        TypeError: The ids of an option are a text, not a list.
    """

    def __init__(self, known: KnownIds, account: Resources, *, is_lenient: bool) -> None:
        self.is_lenient: bool = is_lenient
        self._samples, bare = _sample_state()
        self._entries: Resources = {}  # the samples of a kind only after its first use
        self._bare: set[tuple[str, str]] = set(bare)
        self._replace_samples(account)
        kinds = {option: kind for kind, option in OPTIONS.items()}
        for option, ids in cast("Mapping[str, Collection[str]]", known).items():
            if isinstance(ids, str):
                raise TypeError(f"{option} takes a list of ids, not the text {ids!r}.")
            for id in ids:
                self.add(kinds[option], id)

    def __getitem__(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the resources of a kind by id."""
        if kind not in self._entries:
            samples = self._samples.get(kind, {})
            self._entries[kind] = {id: dict(fields) for id, fields in samples.items()}
        return self._entries[kind]

    def add(self, kind: str, id: str, /, **fields: Any) -> None:
        """Add a resource.

        Args:
            kind: Its kind.
            id: Its id.
            fields: Its fields in the API's responses; the others have default values.
        """
        if fields:
            self._bare.discard((kind, id))
        else:
            self._bare.add((kind, id))
        entry = {_ID_NAMES.get(kind, "id"): id, "name": id, **_DEFAULTS.get(kind, {}), **fields}
        self[kind][id] = entry
        if kind == "avatar":
            self._add_to_group(entry)

    def _add_to_group(self, look: dict[str, Any]) -> None:
        """Add the group of a look, unless it is there."""
        group_id = look.setdefault("group_id", f"{look['id']}_group")
        groups = self["avatar_group"]
        if group_id not in groups:
            self.add("avatar_group", group_id, name=look["name"])
            groups[group_id]["looks_count"] = 1

    def _replace_samples(self, account: Resources) -> None:
        for kind in account:
            self._entries[kind] = {}
        if "avatar" in account:
            self._entries["avatar_group"] = {}
        for kind in sorted(account, key=lambda kind: kind != "avatar_group"):  # groups before their looks
            for id, fields in account[kind].items():
                self.add(kind, id, **fields)

    def is_bare(self, kind: str, id: str) -> bool:
        """Return whether only the id of a resource is known, so that nothing else can be checked against it."""
        return (kind, id) in self._bare


def _samples() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the kind, id and fields of each sample."""
    for n in range(250):
        yield "voice", f"voice_{n:04d}", _voice(n)
    for n in range(40):
        yield from _avatar(n)
    for n in range(3):
        fields: dict[str, Any] = {
            "created_at": 1_750_000_000 + n,
            "updated_at": 1_760_000_000 + n,
            "composition": COMPOSITION,
            "edit_version": f"edit_{n}",
            "source_video_id": None,
        }
        yield (
            "template",
            f"template_{n}",
            {"name": f"Template {n}", "variables": VARIABLES, "scenes": SCENES, **fields},
        )
    for n in range(30):
        yield "style", f"style_{n:02d}", {"name": f"Style {n}", "tags": [_STYLE_TAGS[n % len(_STYLE_TAGS)]]}
    for n in range(25):
        yield "brand_kit", f"kit_{n:02d}", {"name": f"Brand {n}"}
    for n in range(12):
        yield "brand_glossary", f"glossary_{n:02d}", {"name": f"Glossary {n}"}
    yield "folder", "folder_1", {"name": "Folder 1"}
    yield from (("language", name, {}) for name in _LANGUAGES)
    yield from (("language_code", code, {}) for code in _LANGUAGE_CODES)


def _voice(n: int) -> dict[str, Any]:
    group, place = divmod(n, len(_VOICE_LANGUAGES))
    gender = "male" if group % 2 else "female"
    names = _VOICE_NAMES[gender]
    rank = group // 2 * len(_VOICE_LANGUAGES) + place
    return {
        "name": f"{names[rank % len(names)]} {rank // len(names) + 1}",
        "language": _VOICE_LANGUAGES[place],
        "gender": gender,
        "support_pause": n % 3 != 0,
        "support_locale": n % 5 == 0,
        "engine": "starfish" if n % 2 == 0 else "elevenlabs",
    }


def _avatar(n: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield an avatar and its looks."""
    group_id, name = f"avatar_group_{n:02d}", f"{_AVATAR_NAMES[n % len(_AVATAR_NAMES)]} {n // len(_AVATAR_NAMES) + 1}"
    shared = {"gender": "female" if n % 2 == 0 else "male", "default_voice_id": f"voice_{n:04d}"}
    fields = {"name": name, "created_at": 1_700_000_000 + n, "looks_count": len(_STUDIO_LOOKS), **shared}
    yield "avatar_group", group_id, fields
    for place, look in enumerate(_STUDIO_LOOKS):
        number = n * len(_STUDIO_LOOKS) + place
        yield "avatar", f"avatar_{number}", {"name": f"{name} {look}", "group_id": group_id, **shared}


@cache
def _sample_state() -> tuple[Resources, set[tuple[str, str]]]:
    """Return the samples by kind and id, and those of which only the id is known: built once in a process."""
    catalog = Catalog.__new__(Catalog)
    catalog._samples, catalog._entries, catalog._bare = {}, {}, set()
    for kind, id, fields in _samples():
        catalog.add(kind, id, **fields)
    return catalog._entries, catalog._bare
