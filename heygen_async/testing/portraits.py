"""Drawn portraits of the sample avatars, as SVG: one face for each avatar, with its own clothes in each look."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

__all__ = ["draw_portrait"]

_SKIN = ("#f6d3bd", "#eab894", "#d99e73", "#b97a4f", "#8d5a38", "#6b4228")
_HAIR = ("#241c1a", "#3d2a20", "#6a4128", "#9c6331", "#c99a4e", "#8f2f22", "#8b8f97")
_CLOTHES = ("#27476e", "#2f6f5e", "#7a3b4e", "#c2603a", "#4b4f8a", "#3b3f46", "#9a7b2f", "#5f7fa8")
_BACKGROUNDS = (
    ("#dfe9f5", "#9db9dc"), ("#f6e3d3", "#dfa984"), ("#dff0e6", "#8fc0a4"), ("#ece3f5", "#b59bd3"), ("#f7ecc9", "#dcb85f"),
    ("#f6dde1", "#d68f9d"),
)  # fmt: skip


@lru_cache(maxsize=256)
def draw_portrait(person: str, look: str, gender: str) -> bytes:
    """Return the picture of an avatar.

    Args:
        person: The id of the avatar, which decides the face.
        look: The id of the look, which decides the clothes and the background.
        gender: `female` or `male`, which decides the hair.
    """
    face, dress = sha256(person.encode()).digest(), sha256(look.encode()).digest()
    skin, hair = _SKIN[face[0] % len(_SKIN)], _HAIR[face[1] % len(_HAIR)]
    light, dark = _BACKGROUNDS[dress[0] % len(_BACKGROUNDS)]
    clothes = _CLOTHES[dress[1] % len(_CLOTHES)]
    width = 37 + face[2] % 6
    back, front = _long_hair(hair, width, face[3]) if gender == "female" else _short_hair(hair, width, face[3])
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" width="512" height="512">',
        f'<defs><linearGradient id="g" x2="{dress[3] / 255:.2f}" y2="1"><stop stop-color="{light}"/><stop offset="1" stop-color="{dark}"/>',
        '</linearGradient></defs><rect width="200" height="200" fill="url(#g)"/>',
        back,
        f'<path d="M22 200c4-38 36-50 78-50s74 12 78 50z" fill="{clothes}"/>',
        f'<path d="M85 122h30v30c-8 12-22 12-30 0z" fill="{skin}"/>',
        '<path d="M85 134c10 9 20 9 30 0v-8H85z" fill="#000" opacity=".12"/>',
        _collar(dress[2]),
        f'<g fill="{skin}"><circle cx="{100 - width}" cy="94" r="8"/><circle cx="{100 + width}" cy="94" r="8"/>',
        f'<ellipse cx="100" cy="90" rx="{width}" ry="{46 + face[4] % 5}"/></g>',
        front,
        _features(hair, face),
        _beard(hair, width) if gender == "male" and face[5] % 3 == 0 else "",
        _GLASSES if face[6] % 4 == 0 else "",
        "</svg>",
    ]
    return "".join(parts).encode()


def _long_hair(color: str, width: int, variant: int) -> tuple[str, str]:
    length = (118, 150, 172)[variant % 3]
    left = 100 - width - 12
    back = f'<path d="M{left} {length}V84a{width + 12} 50 0 0 1 {2 * width + 24} 0v{length - 84}z" fill="{color}"/>'
    part = 80 + variant % 40
    front = (
        f'<path d="M{98 - width} 88C{98 - width} 14 {102 + width} 14 {102 + width} 88 {96 + width} 66 {part + 20} 62 '
    )
    return back, front + f'{part} 56 {part - 20} 66 {104 - width} 70 {98 - width} 88z" fill="{color}"/>'


def _short_hair(color: str, width: int, variant: int) -> tuple[str, str]:
    top = 20 - variant % 10
    return "", (
        f'<path d="M{97 - width} 86C{90 - width} {top} {110 + width} {top} {103 + width} 86 {99 + width} 74 {96 + width} 66 '
        f'{88 + width} {62 + variant % 4} 110 68 90 68 {112 - width} {62 + variant % 4} {104 - width} 66 {101 - width} 74 {97 - width} 86z" '
        f'fill="{color}"/>'
    )


def _features(hair: str, face: bytes) -> str:
    smile = 8 + face[7] % 7
    return (
        f'<g fill="none" stroke="{hair}" stroke-width="3" stroke-linecap="round"><path d="M76 80q8-5 15-1M109 79q8-4 15 1"/></g>'
        '<g fill="#fff"><ellipse cx="84" cy="92" rx="6" ry="4.5"/><ellipse cx="116" cy="92" rx="6" ry="4.5"/></g>'
        f'<g fill="{("#3a2a1e", "#35557a", "#3f6b4d")[face[8] % 3]}"><circle cx="84" cy="92" r="3.6"/><circle cx="116" cy="92" r="3.6"/></g>'
        '<path d="M100 94q-5 12 1 14" fill="none" stroke="#000" stroke-opacity=".25" stroke-width="2.5" stroke-linecap="round"/>'
        f'<path d="M86 117q14 {smile} 28 0" fill="none" stroke="#9c3f3f" stroke-width="3.5" stroke-linecap="round"/>'
    )


def _beard(color: str, width: int) -> str:
    return (
        f'<path d="M{101 - width} 98q3 40 {width - 1} 41 {width - 4}-1 {width - 1}-41-5 14-{width - 20} 13h-36q-{width - 22} 1-'
        f'{width - 20}-13z" fill="{color}" opacity=".55"/>'
    )


def _collar(variant: int) -> str:
    return (
        '<path d="M85 146l15 22 15-22 10 6-25 34-25-34z" fill="#fff" opacity=".9"/>',
        '<path d="M80 151q20 20 40 0" fill="none" stroke="#000" stroke-opacity=".25" stroke-width="4"/>',
        '<path d="M82 148q18 34 36 0v-3H82z" fill="#fff" opacity=".25"/>',
    )[variant % 3]


_GLASSES = (
    '<g fill="none" stroke="#22252b" stroke-width="2.5"><circle cx="84" cy="92" r="11"/><circle cx="116" cy="92" r="11"/>'
    '<path d="M95 91q5-4 10 0"/></g>'
)
