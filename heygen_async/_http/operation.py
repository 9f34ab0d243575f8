"""`@operation`: declares, at the method that performs it, the name and the traits of one operation of the API.

`operations/` builds the catalog of tools and commands from these records. The transport reads the endpoint from them,
so a method's path, its traits and its name are in one place. A declaration costs one small object at import and one
attribute lookup per request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack, cast

import msgspec

from .endpoint import Endpoint, Method
from .idempotency import Idempotency
from .signatures import show_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

F = TypeVar("F", bound="Callable[..., Any]")


class EndpointTraits(TypedDict, total=False):
    """The traits of an endpoint, as `Endpoint` describes them."""

    idempotency: Idempotency
    billable: bool
    preview: bool
    recovery: str
    alternative: str
    successor: str


class OperationRecord(msgspec.Struct, frozen=True, eq=False):
    """The declaration of one method.

    Args:
        names: The catalog's name for each kind of body, by its tag; a method with one kind of body has the key None.
        endpoint: The endpoint that the method calls.
        wait: The wait for the job that this operation starts or fetches: `video` for `wait_for_video`. None when the
            response is final.
        destructive: Whether the effect cannot be undone.
    """

    names: Mapping[str | None, str]
    endpoint: Endpoint
    wait: str | None
    destructive: bool


def operation(
    name: str | Mapping[str, str],
    method: Method | Endpoint,
    path: str = "",
    *,
    wait: str | None = None,
    destructive: bool | None = None,
    **traits: Unpack[EndpointTraits],
) -> Callable[[F], F]:
    """Declare the operation that the decorated method performs.

    ```python
    @operation("create_podcast", "POST", "/v3/podcasts", billable=True, wait="podcast")
    async def create(self, *, topic: str) -> PodcastCreated: ...
    ```

    Args:
        name: The catalog's name. A method that takes several kinds of body has one name for each tag.
        method: The HTTP method; or an `Endpoint` that the registry of job kinds shares, then without `path`.
        path: The path, with its ids in braces.
        wait: The wait for the job that it starts or fetches: `video` for `wait_for_video`.
        destructive: Whether the effect cannot be undone; by default True for DELETE.
        **traits: The traits of the endpoint.
    """
    endpoint = method if isinstance(method, Endpoint) else Endpoint(method, path, **traits)
    record = OperationRecord(
        names={None: name} if isinstance(name, str) else cast("Mapping[str | None, str]", name),
        endpoint=endpoint,
        wait=wait,
        destructive=endpoint.method == "DELETE" if destructive is None else destructive,
    )

    def declare(function: F) -> F:
        function.operation = record  # type: ignore[attr-defined]  # functions take attributes; F cannot say so
        return show_parameters(function)

    return declare


class _Tagged(msgspec.Struct):
    """A body of one of several kinds."""

    type: str | None = None


def operation_name(operation: object, body: object = None) -> str:
    """Return the name of an operation in the catalog; for an endpoint without a name, its method and path.

    Args:
        operation: An endpoint, a method with `@operation`, or the name itself.
        body: The encoded body of the request, whose tag decides between the names of a method.
    """
    if isinstance(operation, str):
        return operation
    record = operation_of(operation)
    if record is None:
        endpoint = cast("Endpoint", operation)
        return f"{endpoint.method} {endpoint.path}"
    if None in record.names or not isinstance(body, bytes):
        return next(iter(record.names.values()))
    try:
        tag = msgspec.json.decode(body, type=_Tagged).type
    except msgspec.DecodeError:
        tag = None
    return record.names.get(tag) or next(iter(record.names.values()))


def operation_of(function: object) -> OperationRecord | None:
    """Return the record of a decorated method, bound or not; None for every other object."""
    return getattr(function, "operation", None)
