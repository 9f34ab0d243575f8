"""The pages of the API reference."""

from __future__ import annotations

from links import (
    LEGACY,
    MODULES,
    ROOT_NAMES,
    SIGNATURE_TYPES,
    adapters,
    documented,
    existing_modules,
    own_paths,
    resource_classes,
    resource_names,
    type_files,
)
from rendering import render

_OF_RESOURCES = (
    "Every method raises an [exception](../errors.md) under `HeyGenError` if the request fails. "
    "The ones listed here are special to a method. A parameter with the default None is left out of the request."
)


def reference_pages() -> dict[str, str]:
    """Return the pages by their names, in the order of the navigation."""
    client, *settings = (f"heygen_async.{name}" for name in ROOT_NAMES)
    pages = {
        "reference/client.md": _page("AsyncHeyGen", [client]),
        "reference/configuration.md": _page("Settings, hooks and file inputs", settings),
    }
    for name in existing_modules():
        pages[f"reference/{name.replace('.', '_')}.md"] = _page(MODULES[name], own_paths(name))
    pages["reference/signatures.md"] = _page("Types in signatures", [f"heygen_async.{one}" for one in SIGNATURE_TYPES])
    pages["reference/agents_adapters.md"] = _page("Adapters for agent frameworks", adapters())
    pages["reference/resources/index.md"] = _list("Resources of the client", resource_names(), "heygen.")
    for resource in resource_names():
        paths = [f"{cls.__module__}.{cls.__name__}" for cls in resource_classes(resource)]
        pages[f"reference/resources/{resource}.md"] = _page(f"heygen.{resource}", paths, _OF_RESOURCES)
    pages["reference/types/index.md"] = _list("Structs", type_files(), "types.")
    for name in type_files():
        pages[f"reference/types/{name}.md"] = _page(f"types.{name}", own_paths(f"types.{name}"))
    pages["reference/legacy/index.md"] = _list("v1 and v2", [name.replace(".", "_") for name in LEGACY], "")
    for name in LEGACY:
        pages[f"reference/legacy/{name.replace('.', '_')}.md"] = _page(name, own_paths(name))
    return pages


def _page(title: str, paths: list[str], introduction: str = "") -> str:
    return "\n".join([f"# {title}", "", introduction, "", *(render(path, documented()[path]) for path in paths)])


def _list(title: str, names: list[str], prefix: str) -> str:
    return "\n".join([f"# {title}", "", *(f"* [`{prefix}{name}`]({name}.md)" for name in names), ""])
