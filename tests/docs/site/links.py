"""The public objects of the package: which page shows them, and the links to them in texts."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, TypeVar

import griffe
from source import find

import heygen_async
from heygen_async import AsyncHeyGen, types

#: Packages and modules, each with a page of its public names.
MODULES = {
    "agents": "Tools for models",
    "auth": "Sign-in",
    "batch": "Batches",
    "distributed": "Batches on several machines",
    "errors": "Errors",
    "mcp": "MCP server",
    "operations": "Catalog of operations",
    "pagination": "Pages of lists",
    "pricing": "Prices",
    "progress": "Progress bars",
    "prompts": "Prompts",
    "testing": "The local HeyGen",
    "webhooks": "Webhooks",
}
#: Names of `heygen_async` that stand on no other page.
CLIENT = "heygen_async.AsyncHeyGen"
ROOT_NAMES = ["AsyncHeyGen", "Timeout", "Backoff", "Limits", "RequestInfo", "Response", "JobUpdate", "FileInput"]
#: Types that signatures name and that no package exports.
SIGNATURE_TYPES = """
    _files.download_stream.DownloadStream _files.file_inputs.SourceInput _files.transfer_progress.OnProgress
    _files.url_renewal.Downloadable _http.configuration.DriftHook _http.configuration.RequestHook
    _http.configuration.ResponseHook _http.lenient_decoding.Drift _jobs.wait_methods.BatchKind
    _jobs.wait_options.OnUpdate auth.api_key_source.ApiKeyFunction batch.outcomes.State client.WebhookEventSource
    operations.operation.OnCreated resources.workflows.Graph testing.fault_rules.FaultKind types.base.JSONValue
    webhooks.event_handlers.FailureHandler webhooks.event_stores.ClaimResult webhooks.signature.Headers
""".split()
LEGACY = [f"legacy{part}" for part in ("", ".account", ".avatars", ".videos")]
LEGACY += [f"legacy.types.{part}" for part in ("account", "avatars", "videos")]
_SKIPPED = re.compile(
    r"^ *```.*?^ *```$|\[[^]\n]*\]\([^)]*\)|^[^\n]*\n-{3,}$|\{py:obj\}`[^`]*`", re.DOTALL | re.MULTILINE
)
_URL = re.compile(r"(?<![<`(\w])https://[\w./#?=&-]*[\w/]")
_NAME = re.compile(r"`(?:heygen\.)?([A-Za-z_][\w.]*)(\(\))?`")


def resource_names() -> list[str]:
    """Return the names of the client's resources."""
    return sorted(name for name in AsyncHeyGen.__annotations__ if not name.startswith("_"))


def resource_classes(resource: str) -> list[type]:
    """Return the class of a resource, and those of the resources under it."""
    module = import_module(f"heygen_async.resources.{resource}")
    main = getattr(module, AsyncHeyGen.__annotations__[resource])
    inner = [
        getattr(module, member.fget.__annotations__["return"])
        for _, member in inspect.getmembers(main, lambda one: isinstance(one, property))
        if not member.fget.__name__.startswith("_")
    ]
    return [main, *(one for one in inner if inspect.isclass(one))]


def type_files() -> list[str]:
    """Return the files of `heygen_async.types` that have public names."""
    return [one.name for one in pkgutil.iter_modules(types.__path__) if public_names(f"types.{one.name}")]


@cache
def public_names(name: str) -> list[str]:
    """Return the public names that a module defines, or that a package defines in its files."""
    module = import_module(f"heygen_async.{name}")
    if name.startswith("types."):
        names = [one for one in getattr(module, "__all__", None) or _defined(module) if one in dir(types)]
    else:
        names = getattr(module, "__all__", None) or [one for one in _defined(module) if not one.startswith("_")]
    return [one for one in names if not isinstance(getattr(module, one), TypeVar)]


def own_paths(name: str) -> list[str]:
    """Return the public paths of the names of a module, without those of another module, which has its own page."""
    module = import_module(f"heygen_async.{name}")
    where = (
        "heygen_async" if name == "errors" else "heygen_async.types" if name.startswith("types.") else module.__name__
    )
    paths = {f"{where}.{one}": getattr(module, one) for one in public_names(name)}
    return [path for path, value in paths.items() if definition_of(path, value).startswith(f"{module.__name__}.")]


def _defined(module: ModuleType) -> list[str]:
    """Return the names that a module binds by a class, a function or an assignment, in the order of its source."""
    found: list[str] = []
    for node in ast.parse(inspect.getsource(module)).body:
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                found.append(node.name)
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                found.append(name)
    return found


def definition_of(path: str, value: Any) -> str:
    """Return the path at which a public object is defined."""
    if isinstance(value, griffe.Function):
        return str(value.canonical_path)
    if inspect.isclass(value) or is_function(value):
        return f"{value.__module__}.{value.__qualname__}"
    return str(find(path).canonical_path)


@cache
def public_paths_by_definition() -> Mapping[str, str]:
    """Return the public path of each documented object, by the path at which it is defined."""
    return {definition_of(path, value): path for path, value in documented().items() if not is_second_name(path, value)}


def is_function(value: Any) -> bool:
    """Whether this is a function, also one that keeps its results."""
    return not inspect.isclass(value) and inspect.isfunction(inspect.unwrap(value))


def is_second_name(path: str, value: Any) -> bool:
    """Whether this is another name of a class or function, such as `run` of `Run`."""
    is_named = inspect.isclass(value) or is_function(value)
    return is_named and value.__name__ != path.rpartition(".")[2]


@cache
def documented() -> Mapping[str, Any]:
    """Return each public object that has a place in the reference, by its public path."""
    found: dict[str, Any] = {f"heygen_async.{name}": getattr(heygen_async, name) for name in ROOT_NAMES}
    for resource in resource_names():
        found |= {f"{cls.__module__}.{cls.__name__}": cls for cls in resource_classes(resource)}
    for name in [*existing_modules(), *(f"types.{one}" for one in type_files()), *LEGACY]:
        module = import_module(f"heygen_async.{name}")
        found |= {path: getattr(module, path.rpartition(".")[2]) for path in own_paths(name)}
    for name in SIGNATURE_TYPES:
        module, _, type_name = f"heygen_async.{name}".rpartition(".")
        value = getattr(import_module(module), type_name, None)  # some are for checkers alone
        found[f"heygen_async.{name}"] = None if value is Any else value
    return found | {path: find(path).final_target for path in adapters()}


def adapters() -> list[str]:
    """Return the adapters for agent frameworks, which griffe reads without importing the frameworks."""
    package = import_module("heygen_async.agents.adapters")
    return [f"{package.__name__}.{name}" for name in package.__all__]


def existing_modules() -> list[str]:
    """Return the names in `MODULES` that this version has."""
    return [name for name in MODULES if find_spec(f"heygen_async.{name}")]


@cache
def link_targets() -> Mapping[str, str]:
    """Return the path of each name that a text may link to: public names, methods, exceptions, fields of the client."""
    targets = {
        path.rpartition(".")[2]: path
        for path in documented()
        if ".legacy" not in path and path.rpartition(".")[2][0].isupper()
    }
    targets |= {path: path for path in documented()}
    for resource in resource_names():
        main, *inner = resource_classes(resource)
        targets |= {f"{resource}.{name}": f"{main.__module__}.{main.__name__}.{name}" for name in _methods(main)}
        for cls in inner:
            words = f"{resource}.{_attribute_of(main, cls)}"
            targets |= {f"{words}.{name}": f"{cls.__module__}.{cls.__name__}.{name}" for name in _methods(cls)}
    client = CLIENT
    return targets | {name: f"{client}.{name}" for name in _methods(AsyncHeyGen) if "_" in name}


def _methods(cls: type) -> Iterator[str]:
    return (name for name, one in inspect.getmembers(cls, inspect.isfunction) if not name.startswith("_"))


def _attribute_of(owner: type, inner: type) -> str:
    properties = inspect.getmembers(owner, lambda one: isinstance(one, property))
    return next(name for name, one in properties if one.fget.__annotations__["return"] == inner.__name__)


def link_names(text: str, guides: Mapping[str, str] | None = None) -> str:
    """Return Markdown in which the public names in code spans are links to their place in the reference.

    Args:
        text: The Markdown.
        guides: The links to guides by the names of their packages.
    """

    def replace(match: re.Match[str]) -> str:
        if guides and match[1] in guides:
            return guides[match[1]]
        target = link_targets().get(match[1])
        return f"{{py:obj}}`{match[1]}{match[2] or ''} <{target}>`" if target else match[0]

    def link(part: str) -> str:
        return _URL.sub(r"<\g<0>>", _NAME.sub(replace, part))

    parts: list[str] = []
    position = 0
    for skipped in _SKIPPED.finditer(text):
        parts += [link(text[position : skipped.start()]), skipped[0]]
        position = skipped.end()
    return "".join([*parts, link(text[position:])])
