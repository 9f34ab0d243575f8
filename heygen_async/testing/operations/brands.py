"""Brand kits and glossaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .call import Call, Listing

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HANDLERS"]


def _kits(call: Call) -> Listing:
    kits = [
        {
            "brand_kit_id": f"kit_{n:02d}",
            "name": f"Brand {n}",
            "colors": ["#1A2B3C", "#FF5733"],
            "logo_url": call.storage.static(f"/logos/{n}/thumbnail.jpg"),
        }
        for n in range(25)
    ]
    return Listing(kits, "brand_kit_id")


def _glossaries(_: Call) -> Listing:
    glossaries = [
        {
            "brand_glossary_id": f"glossary_{n:02d}",
            "name": f"Glossary {n}",
            "created_at": "2026-01-05 09:00:00",
            "updated_at": "2026-02-06 10:30:00",
        }
        for n in range(12)
    ]
    return Listing(glossaries, "brand_glossary_id", 10)


HANDLERS: dict[str, Callable[[Call], Any]] = {"BrandKitsList": _kits, "BrandGlossariesList": _glossaries}
