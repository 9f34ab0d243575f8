"""Errors for calls and names that do not exist: what Python's own `TypeError` and `AttributeError` leave out.

Python binds the arguments before a method runs. So the wrapper around each public method calls `explain_call` when that
failed. Nothing here runs before a program has made such a mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from ..errors import UnknownArgumentError
from ..types.tracebacks import strips_frames_of_methods
from .argument_checks import fields_of_structs, keyword_names, nearest_name

C = TypeVar("C", bound=type)

#: The public modules that a program may expect on a client. (`find_spec` would read the disk.)
MODULES = frozenset({
    "agents", "auth", "batch", "distributed", "errors", "mcp", "operations", "pricing", "progress", "prompts",
    "testing", "types",
})  # fmt: skip
#: The verbs of other HTTP clients, and the method's name for each.
_SYNONYMOUS_VERBS = {"add": "create", "fetch": "get", "generate": "create", "make": "create", "remove": "delete"}
_PACKAGE = __name__.partition(".")[0]


def explains_calls(cls: C) -> C:
    """Decorate a class: `strips_frames_of_methods`, and `explain_call` for calls that do not fit a method."""
    return strips_frames_of_methods(cls, explain_call)


def explain_call(method: Callable[..., Any], keywords: Iterable[str]) -> UnknownArgumentError | None:
    """Return the error for keywords that a method does not have; None if another part of the call is wrong."""
    names, known = list(keywords), keyword_names(method)
    unknown = [name for name in names if name not in known]
    if not unknown:
        return None
    structs = fields_of_structs(method, "request") if "request" in known else {}
    by_matches = {struct: [name for name in names if name in fields] for struct, fields in structs.items()}
    struct = max(by_matches, key=lambda name: len(by_matches[name]), default="")
    matches = by_matches.get(struct)
    if not matches:
        return UnknownArgumentError(method.__qualname__, unknown[0], nearest_name(unknown[0], known))
    values = ", ".join(f"{name}=..." for name in matches)
    call = f"{method.__name__}({struct}({values}))"
    return UnknownArgumentError(
        method.__qualname__, matches[0], advice=f"It is a field of {_PACKAGE}.types.{struct}: call {call}."
    )


def missing_attribute(owner: object, name: str, known: Iterable[str], advice: str) -> AttributeError:
    """Return the error for a name that an object does not have.

    Args:
        owner: The object.
        name: The missing name.
        known: The names that the object has.
        advice: The last sentence if none of them is similar.
    """
    message, names = f"{type(owner).__name__!r} object has no attribute {name!r}", list(known)
    if name.startswith("_") or name in names:  # a library such as `copy` probes; or the code of a property failed
        return AttributeError(message)
    near = nearest_name(name, names)
    return AttributeError(f"{message}. {f'Did you mean {near!r}?' if near else advice}")


def missing_resource(client: object, name: str, resources: Iterable[str]) -> AttributeError:
    """Return the error for a name that a client does not have."""
    if name in MODULES:
        advice, known = f"Import the module {_PACKAGE}.{name}.", list[str]()
    elif method := _method_of_resource(client, name, resources):
        advice, known = f"Did you mean {method!r}?", list[str]()
    else:
        advice, known = "dir() lists the resources and methods.", [*resources, *_public_names(client)]
    return missing_attribute(client, name, known, advice)


def _method_of_resource(client: object, name: str, resources: Iterable[str]) -> str:
    """Return the method that a name such as `list_voices` means, `voices.list`; empty if there is none."""
    verb, _, noun = name.partition("_")
    resource = next((one for one in resources if noun and one in {noun, f"{noun}s"}), None)
    method = _SYNONYMOUS_VERBS.get(verb, verb)
    is_known = resource is not None and method in _public_names(getattr(client, resource))
    return f"{resource}.{method}" if is_known else ""


def missing_method(resource: object, name: str) -> AttributeError:
    """Return the error for a name that a resource does not have; another resource in it may have the name."""
    cls, known = type(resource), _public_names(resource)
    if (synonym := _SYNONYMOUS_VERBS.get(name)) in known:
        return missing_attribute(resource, name, (), f"Did you mean {synonym!r}?")
    for inner in () if name in known or name.startswith("_") else known:
        is_resource = isinstance(getattr(cls, inner), property)
        if is_resource and name in _public_names(getattr(resource, inner)):
            return missing_attribute(resource, name, (), f"Did you mean '{inner}.{name}'?")
    return missing_attribute(resource, name, known, f"It has {', '.join(known)}.")


def _public_names(owner: object) -> list[str]:
    return [name for name in dir(type(owner)) if not name.startswith("_")]
