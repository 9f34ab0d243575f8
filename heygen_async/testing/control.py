"""The control endpoints under `/_emulator`, with which programs in any language do what a test in Python does.

| request | effect |
|---|---|
| `GET /_emulator/clock` | the time as Unix time, and whether the clock is frozen |
| `POST /_emulator/clock/advance` | advance the clock by `seconds` |
| `POST /_emulator/clock/freeze`, `POST /_emulator/clock/run` | stop the clock, let it run again |
| `GET`, `POST`, `DELETE /_emulator/faults` | list the faults, add one with the fields of `Fault`, remove all |
| `POST /_emulator/events` | send a webhook event: `event_type`, `event_data`, `entity_id`, `unknown` |
| `GET /_emulator/ledger` | the balance and every charge |
| `GET /_emulator/requests` | the recorded requests; `?operation=VideoCreate` selects those of one operation |
| `POST /_emulator/reset` | remove everything that requests created, faults too |
| `GET /_emulator/openapi.json` | an OpenAPI document of the operations that are served |

They need no API key. A server that other machines reach requires `HeyGenEmulator.control_token` in the header
`X-Emulator-Token`. A page of another origin in a browser gets 403. Errors have the form of the API's errors.
"""

from __future__ import annotations

import hmac
import inspect
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, get_origin, get_type_hints

import msgspec
from aiohttp import web

from . import openapi
from .api_errors import APIErrorResponse
from .fault_responses import read_body
from .fault_rules import Fault
from .host_check import check_origin
from .names import check_name, check_operation, event_types
from .oauth import OAuth

if TYPE_CHECKING:
    from .emulator import HeyGenEmulator
    from .recorded_requests import RecordedRequest

__all__ = ["Control"]

T = TypeVar("T", bound=msgspec.Struct)
_PREFIX = "/_emulator"
_TOKEN_HEADER = "X-Emulator-Token"  # noqa: S105  a header's name
_MAX_BODY_BYTES = 1 << 20
_MAX_TIME = 9_999_999_999.0  # Unix time in the year 2286
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key", _TOKEN_HEADER.lower()})


class _Advance(msgspec.Struct):
    seconds: float


class _Event(msgspec.Struct):
    event_type: str
    event_data: dict[str, Any] = {}
    entity_id: str | None = None
    unknown: bool = False


class Control:
    """The control endpoints of one emulator.

    Args:
        emulator: The emulator.
        token: The token that every request must have; None to require none.
    """

    def __init__(self, emulator: HeyGenEmulator, token: str | None) -> None:
        self._emulator = emulator
        self.token: str | None = token
        self._routes: dict[str, dict[str, Callable[[web.BaseRequest], Any]]] = {
            "/clock": {"GET": self._get_clock},
            "/clock/advance": {"POST": self._advance},
            "/clock/freeze": {"POST": self._freeze},
            "/clock/run": {"POST": self._run},
            "/events": {"POST": self._emit},
            "/faults": {"GET": self._list_faults, "POST": self._add_fault, "DELETE": self._clear_faults},
            "/ledger": {"GET": self._get_ledger},
            "/openapi.json": {"GET": self._get_openapi},
            "/requests": {"GET": self._list_requests},
            "/reset": {"POST": self._reset},
        }

    @staticmethod
    def is_meant(request: web.BaseRequest) -> bool:
        """Return whether a request is for a control endpoint."""
        return request.path == _PREFIX or request.path.startswith(f"{_PREFIX}/")

    async def respond(self, request: web.BaseRequest) -> web.Response:
        """Respond to a request for a control endpoint."""
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        try:
            check_origin(request)
            self._check_token(request)
            handler = self._find_handler(request)
            content = handler(request)
            if inspect.isawaitable(content):
                content = await content
            status = 200
        except APIErrorResponse as error:
            status, content = error.status, error.body()
        return web.Response(body=msgspec.json.encode(content), status=status, headers=headers)

    def _check_token(self, request: web.BaseRequest) -> None:
        token = request.headers.get(_TOKEN_HEADER, "")
        if self.token is not None and not hmac.compare_digest(token.encode(), self.token.encode()):
            message = f"Send the control token of this server in the header {_TOKEN_HEADER}."
            raise APIErrorResponse(401, "unauthorized", message)

    def _find_handler(self, request: web.BaseRequest) -> Callable[[web.BaseRequest], Any]:
        path = request.path.removeprefix(_PREFIX)
        with _errors_as(404, "not_found"):
            check_name("The control endpoint", path, self._routes)
        methods = self._routes[path]
        if request.method not in methods:
            message = f"{_PREFIX}{path} takes {' and '.join(methods)}, not {request.method}."
            raise APIErrorResponse(405, "method_not_allowed", message)
        return methods[request.method]

    def _get_clock(self, _: web.BaseRequest) -> dict[str, Any]:
        clock = self._emulator.clock
        return {"data": {"time": clock.time(), "frozen": clock.is_frozen}}

    async def _advance(self, request: web.BaseRequest) -> dict[str, Any]:
        seconds = (await _read(request, _Advance)).seconds
        clock = self._emulator.clock
        if seconds < 0 or clock.time() + seconds > _MAX_TIME:
            message = f"'seconds' must be 0 or more, and the clock must not pass {_MAX_TIME:.0f} (Unix time)."
            raise APIErrorResponse.invalid_parameter("seconds", message)
        clock.advance(seconds)
        self._emulator.deliveries.wake()
        return self._get_clock(request)

    def _freeze(self, request: web.BaseRequest) -> dict[str, Any]:
        try:
            self._emulator.clock.freeze()
        except RuntimeError as problem:
            raise APIErrorResponse(409, "conflict", str(problem)) from None
        return self._get_clock(request)

    def _run(self, request: web.BaseRequest) -> dict[str, Any]:
        self._emulator.clock.run()
        return self._get_clock(request)

    def _list_faults(self, _: web.BaseRequest) -> dict[str, Any]:
        return {"data": [_describe_fault(fault) for fault in self._emulator.faults]}

    async def _add_fault(self, request: web.BaseRequest) -> dict[str, Any]:
        fields = await _read(request, _fault_fields())
        with _errors_as(400, "invalid_parameter"):
            fault = self._emulator.inject(Fault(**msgspec.structs.asdict(fields)))
        return {"data": _describe_fault(fault)}

    def _clear_faults(self, request: web.BaseRequest) -> dict[str, Any]:
        self._emulator.clear_faults()
        return self._list_faults(request)

    async def _emit(self, request: web.BaseRequest) -> dict[str, Any]:
        event = await _read(request, _Event)
        if not event.unknown:
            with _errors_as(400, "invalid_parameter", "event_type"):
                check_name("The event type", event.event_type, event_types())
        id = self._emulator.deliveries.emit(event.event_type, event.event_data, entity_id=event.entity_id)
        return {"data": {"event_id": id}}

    def _get_ledger(self, _: web.BaseRequest) -> dict[str, Any]:
        return {"data": {"balance_usd": self._emulator.state.balance, "charges": self._emulator.ledger}}

    def _list_requests(self, request: web.BaseRequest) -> dict[str, Any]:
        with _errors_as(400, "invalid_parameter"):
            for name in request.query:
                check_name("The query parameter", name, ("operation",))
            operation = request.query.get("operation")
            if operation is None:
                return {"data": [_describe_request(one) for one in self._emulator.requests]}
            check_operation(operation, OAuth.operations.values())
        return {"data": [_describe_request(one) for one in self._emulator.requests_for(operation)]}

    async def _reset(self, _: web.BaseRequest) -> dict[str, Any]:
        await self._emulator.reset()
        return {"data": {}}

    def _get_openapi(self, _: web.BaseRequest) -> dict[str, Any]:
        return openapi.build_document(self._emulator.url)


@contextmanager
def _errors_as(status: int, code: str, param: str | None = None) -> Generator[None]:
    """Turn a ValueError into an error response."""
    try:
        yield
    except ValueError as problem:
        raise APIErrorResponse(status, code, str(problem), param=param) from None


async def _read(request: web.BaseRequest, kind: type[T]) -> T:
    """Return the body of a request.

    Raises:
        APIErrorResponse: 400: it is no JSON object, has an unknown field, lacks one, or has a value of another type.
    """
    body = await read_body(request, max_bytes=_MAX_BODY_BYTES)
    try:
        fields: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise APIErrorResponse.invalid_parameter(None, "The request body is not valid JSON.") from None
    if not isinstance(fields, dict):
        raise APIErrorResponse.invalid_parameter(None, "The request body must be a JSON object.")
    for name in cast("dict[str, object]", fields):
        with _errors_as(400, "invalid_parameter", name):
            check_name("The field", name, kind.__struct_fields__)
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as problem:
        reason, _, path = str(problem).partition(" - at `$.")
        raise APIErrorResponse.invalid_parameter(path.rstrip("`") or None, f"{reason}.") from None


@cache
def _fault_fields() -> Any:
    """Return the struct whose fields are the arguments of `Fault`, which itself checks the names in them."""
    hints = get_type_hints(Fault.__init__, localns={"Mapping": Mapping})
    return msgspec.defstruct(
        "FaultFields",
        [
            (name, str if get_origin(hints[name]) is Literal else hints[name], *_default(parameter))
            for name, parameter in inspect.signature(Fault.__init__).parameters.items()
            if name != "self"
        ],
    )


def _default(parameter: inspect.Parameter) -> tuple[Any, ...]:
    return () if parameter.default is parameter.empty else (parameter.default,)


def _describe_fault(fault: Fault) -> dict[str, Any]:
    return {name: getattr(fault, name) for name in (*_fault_fields().__struct_fields__, "hits")}


def _describe_request(request: RecordedRequest) -> dict[str, Any]:
    """Return a recorded request as JSON. Credentials are masked, and only a body of JSON is contained."""
    try:
        json: object = request.json if request.body else None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        json = None
    names = ("method", "path", "query", "origin", "time", "operation", "status")
    return {name: getattr(request, name) for name in names} | {
        "headers": {name: "***" if name.lower() in _CREDENTIALS else value for name, value in request.headers.items()},
        "json": json,
        "body_bytes": len(request.body),
    }
