"""Brand kits and glossaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .call import Call, Listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..world import Job

__all__ = ["HANDLERS"]

LOAD_SECONDS = 20.0
_COLORS = ["#1A2B3C", "#FF5733"]


def _kits(call: Call) -> list[Job]:
    """The workspace's kits: their websites are read from when somebody first asks for them."""
    if not any(job.kind == "brand_kit" for job in call.world.jobs.values()):
        for n in range(25):
            call.world.make("brand_kit", "kit", [("loading", LOAD_SECONDS), ("completed", 0.0)], name=f"Brand {n}")
    return call.world.of_kind("brand_kit")


def _kit(call: Call) -> Job:
    _kits(call)
    return call.world.find("brand_kit", call.ids["brand_kit_id"])


def _kit_shown(call: Call, job: Job) -> dict[str, Any]:
    state = job.state(call.world.now())
    return {
        "brand_kit_id": job.id,
        "status": {"failed": "error"}.get(state, state),
        "colors": _COLORS,
        "color_roles": {"primary": _COLORS[0]},
        "logos": [{"logo_id": f"logo_{job.id}", "name": "Logo", "url": _logo(call, job)}],
        "logo_roles": {"primary": f"logo_{job.id}"},
        "fonts": [{"font_id": "font_0", "name": "Inter"}],
        "font_roles": {"title_text": {"font_id": "font_0", "weight": 700}},
        **job.facts,
    }


def _logo(call: Call, job: Job) -> str:
    return call.storage.static(f"/logos/{job.id}/thumbnail.jpg")


def _list_kits(call: Call) -> Listing:
    kits = [
        {"brand_kit_id": job.id, "name": job.facts["name"], "colors": _COLORS, "logo_url": _logo(call, job)}
        for job in _kits(call)
    ]
    return Listing(kits, "brand_kit_id")


def _get_kit(call: Call) -> dict[str, Any]:
    return _kit_shown(call, _kit(call))


def _update_kit(call: Call) -> dict[str, Any]:
    job = _kit(call)
    job.facts |= call.body
    return _kit_shown(call, job)


def _delete_kit(call: Call) -> dict[str, Any]:
    job = _kit(call)
    call.world.deleted.add(job.id)
    return {"brand_kit_id": job.id}


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


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "BrandKitsList": _list_kits,
    "BrandKitGet": _get_kit,
    "BrandKitUpdate": _update_kit,
    "BrandKitDelete": _delete_kit,
    "BrandGlossariesList": _glossaries,
}
