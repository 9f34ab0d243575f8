"""Successful responses, decoded from the API's envelope `{"data": …}` into structs.

A decoder is built once for each type, because building one costs more than decoding a page.
"""

from __future__ import annotations

from functools import cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, get_args, get_origin
from urllib.parse import unquote

import msgspec

from ..errors import DecodeError, InvalidJSONError
from ..types.redaction import redact_body
from .blank_structs import blank_check
from .encoding import JSON_ERRORS
from .error_mapping import error_fields, error_from_response
from .misplaced_values import find_fields, find_object, find_page, is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..types.base import JSONValue
    from .endpoint import Endpoint
    from .lenient_decoding import Drift
    from .response import Response

_MAX_ON_LOOP = 1 << 16  # bytes of a response that are decoded leniently on the event loop, within 20 ms

T = TypeVar("T")
F = TypeVar("F", bound="Callable[..., Any]")


class Envelope(msgspec.Struct, kw_only=True):
    """The fields beside `data` in every response. One may be an error, even with status 200."""

    error: Any = None


class DataEnvelope(Envelope, Generic[T]):
    """A response with one value."""

    data: T


class PageEnvelope(Envelope, Generic[T]):
    """A page of a cursor list."""

    data: list[T]
    has_more: bool | None = None
    next_token: str | None = None


class _ResourcesPage(msgspec.Struct, Generic[T]):
    resources: list[T]
    next_cursor: str | None = None


class ResourcesEnvelope(Envelope, Generic[T]):
    """A page in the older form, whose items and cursor are inside `data`."""

    data: _ResourcesPage[T]


def _cached(build: F) -> F:
    """Cache the results of a builder of decoders, and keep its type."""
    return cast("F", cache(build))


@_cached
def data_decoder(response_type: type[T]) -> ResponseDecoder[T]:
    """Build the decoder of the `data` of a response."""
    return ResponseDecoder(
        _parametrized(DataEnvelope, response_type), response_type, partial(_data, response_type), attrgetter("data")
    )


def _struct_of(response_type: Any) -> type[msgspec.Struct] | None:
    is_struct = isinstance(response_type, type) and issubclass(response_type, msgspec.Struct)
    return cast("type[msgspec.Struct]", response_type) if is_struct else None


def _required(response_type: Any) -> list[msgspec.structs.FieldInfo]:
    if _struct_of(response_type) is None:
        return []
    return [field for field in msgspec.structs.fields(response_type) if field.required]


@_cached
def page_decoder(item_type: type[T]) -> ResponseDecoder[PageEnvelope[T]]:
    """Build the decoder of a page of items."""
    envelope = _parametrized(PageEnvelope, item_type)
    return ResponseDecoder(envelope, envelope, partial(_page, envelope, "data"))


@_cached
def resources_decoder(item_type: type[T]) -> ResponseDecoder[ResourcesEnvelope[T]]:
    """Build the decoder of a page in the older form."""
    envelope = _parametrized(ResourcesEnvelope, item_type)
    return ResponseDecoder(envelope, envelope, partial(_resources_page, item_type))


def _parametrized(envelope: Any, parameter: object) -> Any:
    return envelope[parameter]


def decode_json(response: Response) -> JSONValue:
    """Decode a response of an unknown form; None when it has no body.

    Raises:
        InvalidJSONError: The body is not JSON.
        APIError: The body holds an error.
    """
    try:
        body = response.json() if response.body else None
    except JSON_ERRORS:
        raise _invalid_json(response) from None
    if isinstance(body, dict) and body.get("error"):
        raise error_from_response(response)
    return body


class BlankResultError(Exception):
    """Private control flow: the typed pass found a struct without a value; the lenient pass may find one.

    Attributes:
        result: The result of the typed pass.
    """

    def __init__(self, result: object) -> None:
        super().__init__(result)
        self.result: object = result


class ResponseDecoder(Generic[T]):
    """Decodes the successful responses of one type, in a typed pass or in a lenient second one.

    Calling it decodes a response that has the documented form, in one typed pass.
    """

    __slots__ = ("_decode", "_decode_tree", "_has_blank", "_select", "id_name")

    def __init__(
        self,
        envelope_type: Any,
        result_type: Any,
        decode_tree: Callable[[Any, Response, Endpoint], tuple[T, list[Drift]]],
        select: Callable[[Any], T] | None = None,
    ) -> None:
        self._decode = msgspec.json.Decoder(envelope_type).decode
        self._decode_tree = decode_tree
        self._select = select
        self.id_name = next((field.encode_name for field in _required(result_type)), "") if select else ""
        self._has_blank = blank_check(result_type)

    def __call__(self, response: Response) -> T:
        """Decode a response of the documented form.

        Raises:
            InvalidJSONError: The body is not JSON.
            DecodeError: It does not have the documented form.
            BlankResultError: A struct in it has no value.
            APIError: It holds an error.
        """
        try:
            envelope = self._decode(response.body)
        except msgspec.ValidationError as problem:
            raise _form_error(response, f"does not have the documented form ({problem})") from None
        except JSON_ERRORS:
            raise _invalid_json(response) from None
        if envelope.error and _is_error(envelope.error):
            raise error_from_response(response)
        result: T = envelope if self._select is None else self._select(envelope)
        if self._has_blank is not None and self._has_blank(result):
            raise BlankResultError(result)
        return result

    async def decode_deviating(self, response: Response, endpoint: Endpoint) -> tuple[T, list[Drift]]:
        """Do the same as `decode_leniently`; a large response is decoded in a thread, since that takes seconds."""
        if len(response.body) <= _MAX_ON_LOOP:
            return self.decode_leniently(response, endpoint)
        from .worker_threads import run_in_abandonable_thread  # noqa: PLC0415  most responses are small

        return await run_in_abandonable_thread(self.decode_leniently, response, endpoint)

    def decode_leniently(self, response: Response, endpoint: Endpoint) -> tuple[T, list[Drift]]:
        """Decode a response of any form; also return each place where the form deviated.

        Raises:
            InvalidJSONError: The body is not JSON.
            DecodeError: It lacks the id of the created resource.
            APIError: It holds an error.
        """
        from .lenient_decoding import parse_json  # noqa: PLC0415  responses that fit do not need it

        tree: Any = {}
        if response.body.strip() or not _may_be_empty(response, endpoint):
            try:
                tree = parse_json(response.body)
            except ValueError:
                raise _invalid_json(response) from None
        is_bare = is_object(tree) and "data" not in tree and tree.get(self.id_name) is not None
        error = None if is_bare else error_fields(tree)
        if error is not None and _is_error(error):
            raise error_from_response(response)
        return self._decode_tree(tree, response, endpoint)


def _may_be_empty(response: Response, endpoint: Endpoint) -> bool:
    """Whether a response without a body is a success."""
    return response.status == 204 or endpoint.method == "DELETE"


def _data(response_type: Any, tree: Any, response: Response, endpoint: Endpoint) -> tuple[Any, list[Drift]]:
    """Convert the `data` of a response; if its object is misplaced, find it by its id."""
    from .lenient_decoding import Drift, convert  # noqa: PLC0415

    drifts: list[Drift] = []
    value, path = tree, "$"
    if is_object(tree) and "data" in tree:
        value, path = tree["data"], "$.data"
    elif tree != {}:
        drifts.append(Drift("Response", "data", "$.data", "object", "nothing"))
    if _struct_of(response_type) is None:
        result, more = convert(value, response_type, path=path)
        return _container(result, response_type), drifts + more
    fields = msgspec.structs.fields(response_type)
    names = {field.encode_name for field in fields}
    id_field = next(iter(_required(response_type)), None)
    if id_field is not None:
        found = _object_with_id(value, tree, id_field.encode_name, names)
    else:
        found = find_fields(value, names) or value if is_object(value) else value
        if isinstance(value, str) and (ids := [name for name in names if name == "id" or name.endswith("_id")]):
            found = {max(ids): value}  # the bare id
    if found is not value:
        field = fields[0] if id_field is None else id_field
        drifts.append(Drift(response_type.__name__, field.name, path, "object", "another nesting"))
        value = found
    result, more = convert(value, response_type, path=path)
    if not isinstance(result, response_type):
        if value and id_field is None and endpoint.method == "POST":
            raise _form_error(response, "has none of the documented fields", is_accepted=True)
        result, _ = convert({}, response_type, path=path)
    if id_field is not None and getattr(result, id_field.name) is None:
        setattr(result, id_field.name, _id_in_path(response, endpoint, id_field.encode_name))
    return result, drifts + more


def _object_with_id(value: Any, tree: Any, name: str, names: set[str]) -> Any:
    """Return the object that has the id.

    This object is returned when it has any field of the struct, otherwise the outermost object with the id.
    """
    if is_list(value) and len(value) == 1:
        (value,) = value
    if isinstance(value, str):  # the bare id
        return {name: value}
    if is_object(value) and not names.isdisjoint(value):
        if value.get(name) is None and value.get("id") is not None:
            return {**value, name: value["id"]}
        return value
    return find_object(tree, name) or value


def _id_in_path(response: Response, endpoint: Endpoint, name: str) -> str | None:
    """Return the id in the request's path, in place of the missing one; None when the path has none.

    Raises:
        DecodeError: The request had no id, because it created the resource.
    """
    parts = endpoint.path.split("/")
    parameters = [index for index, part in enumerate(parts) if part.startswith("{")]
    named = [index for index in parameters if parts[index] == f"{{{name}}}"]
    if named or (parameters and endpoint.method != "POST"):
        segments, index = response.path.split("/"), (named or parameters)[-1]
        return unquote(segments[index]) if len(segments) == len(parts) else None  # a redirect may lead elsewhere
    if endpoint.method != "POST":
        return None
    raise _form_error(response, f"lacks {name}", is_accepted=True)


def _container(value: Any, response_type: Any) -> Any:
    """Return an empty list or object in place of a null one."""
    origin: Any = get_origin(response_type) or response_type
    return cast("Any", origin)() if value is None and origin in {list, dict} else value


def _page(envelope_type: Any, key: str, tree: Any, *_: object) -> tuple[Any, list[Drift]]:
    """Convert a page; find its items when they are misplaced."""
    from .lenient_decoding import Drift, convert, names_of  # noqa: PLC0415

    drifts: list[Drift] = []
    if not is_object(tree) or tree.get(key) is None:
        drifts.append(Drift("Page", key, f"$.{key}", "list", "nothing"))
        others: dict[str, Any] = tree if is_object(tree) else {}
        tree = {**others, **find_page(tree, key, names_of(get_args(envelope_type)[0]))}
    elif is_object(inner := tree[key]):
        tree = {**{name: inner[name] for name in ("has_more", "next_token") if name in inner}, **tree}
    page, more = convert(tree, envelope_type)
    if not isinstance(page.next_token, str):
        page.next_token = None
    if not isinstance(page.has_more, bool):
        page.has_more = None
    return page, drifts + more


def _resources_page(item_type: Any, tree: Any, *_: object) -> tuple[Any, list[Drift]]:
    """Convert a page in the older form."""
    from .lenient_decoding import Drift, convert, names_of  # noqa: PLC0415

    drifts: list[Drift] = []
    inner = find_page(tree, "resources", names_of(item_type))
    if not is_object(tree) or inner is not tree.get("data"):
        drifts.append(Drift("Page", "resources", "$.data.resources", "list", "another nesting"))
    items, more = convert(inner["resources"], list[item_type], path="$.data.resources")
    cursor = inner.get("next_cursor")
    page = _ResourcesPage(resources=items, next_cursor=cursor if isinstance(cursor, str) else None)
    return ResourcesEnvelope(data=page), drifts + more


def _form_error(response: Response, problem: str, *, is_accepted: bool = False) -> DecodeError:
    charge = " HeyGen accepted the request and may charge for it." if is_accepted else ""
    error = DecodeError(
        f"{response.method} {response.path}: the response with status {response.status} {problem}.{charge} "
        "The whole response is in .body.",
        status=response.status,
        body=redact_body(response.body),
        method=response.method,
        path=response.path,
    )
    error.request_id = response.request_id
    return error


def _is_error(error: object) -> bool:
    """Return whether an `error` beside `data` reports an error, by a code or a message."""
    return not isinstance(error, dict) or "code" in error or "message" in error


def _invalid_json(response: Response) -> InvalidJSONError:
    body = redact_body(response.body)
    return InvalidJSONError(
        f"{response.method} {response.path}: the response with status {response.status} is not JSON "
        f"({len(body)} bytes, beginning with {body[:60]!r}). The whole response is in .body.",
        status=response.status,
        body=body,
        method=response.method,
        path=response.path,
    )
