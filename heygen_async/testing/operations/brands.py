"""Brand kits and glossaries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..api_errors import APIErrorResponse
from .call import Call, Listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..jobs import Job

__all__ = ["HANDLERS"]

_TERMS = ("terms", "do_not_translate_terms", "forced_translations")
_COLORS = ["#1A2B3C", "#FF5733"]


def _kits(call: Call) -> list[Job]:
    """Return the workspace's kits. Each starts to load at the first request for any of them."""
    states = [("loading", call.state.render_seconds), ("completed", 0.0)]
    for id, kit in call.state.catalog["brand_kit"].items():
        if id not in call.state.jobs:
            call.state.create_job("brand_kit", "kit", states, id=id, name=kit["name"])
    return call.state.jobs_of_kind("brand_kit")


def _kit(call: Call) -> Job:
    _kits(call)
    return call.state.find("brand_kit", call.ids["brand_kit_id"])


def _describe_kit(call: Call, job: Job) -> dict[str, Any]:
    state = job.state(call.state.now())
    return {
        "brand_kit_id": job.id,
        "status": {"failed": "error"}.get(state, state),
        "colors": _COLORS,
        "color_roles": {"primary": _COLORS[0]},
        "logos": [{"logo_id": f"logo_{job.id}", "name": "Logo", "url": _logo(call, job)}],
        "logo_roles": {"primary": f"logo_{job.id}"},
        "fonts": [{"font_id": "font_0", "name": "Inter"}],
        "font_roles": {"title_text": {"font_id": "font_0", "weight": 700}},
        **job.details,
    }


def _logo(call: Call, job: Job) -> str:
    return call.storage.static(f"/logos/{job.id}/thumbnail.jpg")


def _create_kit(call: Call) -> dict[str, Any]:
    _kits(call)
    url: str = call.body["url"]
    name = call.get_field("name") or urlsplit(url).hostname
    states = [("loading", call.state.render_seconds), ("completed", 0.0)]
    job = call.state.create_job("brand_kit", "kit", states, name=name)
    return {"brand_kit_id": job.id, "status": "loading"}


def _list_kits(call: Call) -> Listing:
    kits = [
        {"brand_kit_id": job.id, "name": job.details["name"], "colors": _COLORS, "logo_url": _logo(call, job)}
        for job in _kits(call)
    ]
    return Listing(kits, "brand_kit_id")


def _get_kit(call: Call) -> dict[str, Any]:
    return _describe_kit(call, _kit(call))


def _update_kit(call: Call) -> dict[str, Any]:
    job = _kit(call)
    job.details |= call.body
    return _describe_kit(call, job)


def _delete_kit(call: Call) -> dict[str, Any]:
    job = _kit(call)
    call.state.deleted.add(job.id)
    return {"brand_kit_id": job.id}


def _glossaries(call: Call) -> list[Job]:
    """Return the workspace's glossaries."""
    for id, glossary in call.state.catalog["brand_glossary"].items():
        if id not in call.state.jobs:
            now = call.state.now()
            call.state.add_resource("brand_glossary", "glossary", id=id, name=glossary["name"], updated=now)
    return call.state.jobs_of_kind("brand_glossary")


def _glossary(call: Call) -> Job:
    _glossaries(call)
    return call.state.find("brand_glossary", call.ids["brand_glossary_id"])


def _describe_glossary(job: Job) -> dict[str, Any]:
    return {
        "brand_glossary_id": job.id,
        "name": job.details["name"],
        "created_at": _time(job.created_at),
        "updated_at": _time(job.details["updated"]),
        **{name: job.details.get(name, []) for name in _TERMS},
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _check_name(call: Call, own: Job | None) -> None:
    name = call.get_field("name")
    if name is None:
        return
    if not 1 <= len(name) <= 64:
        raise APIErrorResponse.invalid_parameter("name", "'name' must have 1 to 64 characters.")
    if any(job is not own and job.details["name"].casefold() == name.casefold() for job in _glossaries(call)):
        raise APIErrorResponse(409, "conflict", f"There is a brand glossary named '{name}'.", param="name")


def _list_glossaries(call: Call) -> Listing:
    glossaries = [_describe_glossary(job) for job in _glossaries(call)]
    return Listing([{n: v for n, v in one.items() if n not in _TERMS} for one in glossaries], "brand_glossary_id", 10)


def _create_glossary(call: Call) -> dict[str, Any]:
    _check_name(call, None)
    return _describe_glossary(
        call.state.add_resource("brand_glossary", "glossary", **call.body, updated=call.state.now())
    )


def _get_glossary(call: Call) -> dict[str, Any]:
    return _describe_glossary(_glossary(call))


def _update_glossary(call: Call) -> dict[str, Any]:
    job = _glossary(call)
    _check_name(call, job)
    job.details |= {**call.body, "updated": call.state.now()}
    return _describe_glossary(job)


def _delete_glossary(call: Call) -> dict[str, Any]:
    job = _glossary(call)
    call.state.deleted.add(job.id)
    return {"brand_glossary_id": job.id}


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "BrandKitCreate": _create_kit,
    "BrandKitsList": _list_kits,
    "BrandKitGet": _get_kit,
    "BrandKitUpdate": _update_kit,
    "BrandKitDelete": _delete_kit,
    "BrandGlossariesList": _list_glossaries,
    "BrandGlossaryCreate": _create_glossary,
    "BrandGlossaryGet": _get_glossary,
    "BrandGlossaryUpdate": _update_glossary,
    "BrandGlossaryDelete": _delete_glossary,
}
