"""The catalog: the operations of the client's resources, collected from their `@operation` declarations.

A new method with `@operation` is a new entry; `names.py` lists its name too. Names are the same as at HeyGen's remote
MCP server (https://developers.heygen.com/mcp/overview) where it has the tool. A method that takes several kinds of body
has one entry for each kind, as that server has: `create_video_from_avatar`, `create_video_from_image`, and so on.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any, cast

from .._http.operation import OperationRecord, operation_of
from .._jobs.registry import KINDS
from ..resources.base import Resource
from .docstrings import restore_docstrings
from .names import OPERATION_NAMES, noun_of
from .operation import Operation

_VERBS = {"DELETE": "delete", "PATCH": "update", "PUT": "update"}


@cache
def operations() -> Mapping[str, Operation]:
    """Return every operation by its name, in the order of the client's resources."""
    from ..client import AsyncHeyGen  # noqa: PLC0415  one resource needs no client

    entries = (operation for resource in AsyncHeyGen.__annotations__ for operation in resource_operations(resource))
    return MappingProxyType({operation.name: operation for operation in entries})


def find_operations(names: Iterable[str], resources: Collection[str] = ()) -> Mapping[str, Operation]:
    """Return the operations of some resources, and of the resources with some names. No other resource is imported.

    Args:
        names: The names of operations. Unknown ones are ignored.
        resources: The resources, such as `videos`.
    """
    wanted = set(names)
    chosen = [one for one, own in OPERATION_NAMES.items() if one in resources or not wanted.isdisjoint(own.split())]
    return {operation.name: operation for resource in chosen for operation in resource_operations(resource)}


@cache
def resource_operations(resource: str) -> tuple[Operation, ...]:
    """Return the operations of one resource of the client, such as `videos`.

    Args:
        resource: The name of the resource.
    """
    module = import_module(f"heygen_async.resources.{resource}")
    restore_docstrings(module)
    class_name = "".join(part.capitalize() for part in resource.split("_"))
    return tuple(_collect(getattr(module, class_name), module, (resource,)))


def operations_at(path: str) -> list[Operation]:
    """Return the operations of a method of the client, such as `videos.create`. Other resources are not imported."""
    resource = path.partition(".")[0]
    known = resource_operations(resource) if resource in OPERATION_NAMES else ()
    return [operation for operation in known if operation.path == path]


def find_status_operation(kind: str, wait: str | None = None) -> Operation | None:
    """Return the operation that fetches a job.

    Args:
        kind: The name of the kind of job, as errors have it.
        wait: The wait that timed out. Calling the operation with `wait=True` continues it, for example for the video of
            a session.
    """
    fetching = [one for one in operations().values() if one.wait and not one.mutating]
    candidates = [one for one in fetching if wait in {None, one.wait}]
    return next((one for one in candidates if one.job == kind), candidates[0] if wait and candidates else None)


def _collect(owner: type[Resource], module: ModuleType, path: tuple[str, ...]) -> Iterator[Operation]:
    """Yield the operations of a resource, and of the resources that are its properties."""
    members = {name: member for base in reversed(owner.__mro__) for name, member in vars(base).items()}
    for name, member in members.items():
        if isinstance(member, property):
            inner = getattr(module, cast("Any", member.fget).__annotations__["return"], None)
            if isinstance(inner, type) and issubclass(inner, Resource):
                yield from _collect(inner, module, (*path, name))
        elif (record := operation_of(member)) is not None and not inspect.isasyncgenfunction(member):
            yield from _entries(member, record, ".".join((*path, name)))


def _entries(method: Any, record: OperationRecord, path: str) -> Iterator[Operation]:
    summary = (inspect.getdoc(method) or "").partition("\n\n")[0]
    kinds = [kind.name for kind in KINDS if record.endpoint in {kind.endpoint, kind.final_endpoint}]
    for tag, name in record.names.items():
        yield Operation(
            name=name,
            path=path,
            command=_command(record, name, method.__name__),
            summary=" ".join(summary.split()),
            record=record,
            job=kinds[0] if kinds and record.wait else None,
            tag=tag,
            method=method,
        )


def _command(record: OperationRecord, name: str, method_name: str) -> tuple[str, ...]:
    """Return the words of the command line: the nouns of the endpoint's path, and a verb."""
    endpoint = record.endpoint
    segments = endpoint.path.split("/")[2:]
    noun, *rest = [segment for segment in segments if not segment.startswith("{")]
    verb = _VERBS.get(endpoint.method, "create")
    if endpoint.method == "GET":
        is_search = rest[-1:] == ["search"]
        verb = rest.pop() if is_search else "list" if name.startswith("list_") else "get"
    elif endpoint.method == "POST" and "{" in endpoint.path:  # an action on something that exists
        if not rest or method_name != rest[-1].replace("-", "_"):
            verb = method_name.partition("_")[0]
        elif method_name != "complete":  # HeyGen uses `complete` as a noun, with further paths below it
            verb = rest.pop()
    return (*noun_of(noun.replace("-", "_")).split(), *rest, verb)
