"""The path from a request to its response: authentication, validation, idempotency, the operation, and injected faults.

A request to the API passes these steps in order:

1. It is recorded.
2. A fault that prevents the operation responds in its place.
3. The API key or access token, the rate limit, the query and the body are checked against the contract.
4. A request whose `Idempotency-Key` is known gets the response of the first request with that key.
5. The operation's handler runs.
6. A fault that damages the response is applied to it.

A request to the storage passes steps 1, 2 and 6; the storage itself checks its presigned URL.
"""

from __future__ import annotations

import math
from functools import partial
from logging import getLogger
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

import msgspec
from aiohttp import web

from . import contract, fault_responses, file_checks, id_checks, legacy, plan_checks
from .api_errors import APIErrorResponse
from .idempotency import KeyedResponses, keyed_request
from .oauth import OAuth
from .operations import HANDLERS, Call, Events, JobListing, Listing, WithStatus, build_page
from .recorded_requests import RecordedRequest, RequestLog

if TYPE_CHECKING:
    from .deliveries import Deliveries
    from .fault_rules import Fault
    from .jobs import State
    from .storage import Storage

__all__ = ["RequestHandling", "success_status"]

_log = getLogger(__name__)
_MAX_SHOWN = 200  # characters of a path in a message
_CHUNK_BYTES = 1 << 18
_SCENES_FACTOR = 10.0  # by which the scenes of a video are limited below other requests
#: Invalid JSON, invalid UTF-8, and too deep nesting.
_JSON_ERRORS = (msgspec.DecodeError, UnicodeError, RecursionError)
#: The operations whose success has another status than 200; batches have 202.
_STATUSES = {
    "AvatarRealtimeCancel": 202, "AvatarRealtimeTextAppend": 202, "BrandGlossaryCreate": 201, "BrandKitCreate": 201,
    "HyperframesRenderCreate": 202, "ModelVideoCreate": 202, "ModelVoiceCreate": 202, "VideoQualityComparisonCreate": 202,
    "WorkflowCreate": 201, "WorkflowRunCreate": 201, "WorkflowVersionPublish": 201,
}  # fmt: skip


class RequestHandling:
    """The handlers behind the two ports of an emulator.

    Args:
        state: The jobs, assets, voices and the balance.
        storage: The server behind presigned URLs.
        deliveries: The webhook deliveries, which follow the jobs that a request starts.
        oauth: The endpoints of OAuth, and the tokens that they issued.
        key: The API key that is accepted.
        rate_limit: Requests a second; None for no limit.
        max_requests: The number of requests to keep in `log`; None for all.
    """

    def __init__(
        self,
        *,
        state: State,
        storage: Storage,
        deliveries: Deliveries,
        oauth: OAuth,
        key: str,
        rate_limit: float | None,
        max_requests: int | None,
    ) -> None:
        self.log: RequestLog = RequestLog(max_requests)
        self.faults: list[Fault] = []
        self._state = state
        self._storage = storage
        self._deliveries = deliveries
        self._oauth = oauth
        self._key = key
        self._requests_allowed = _TokenBucket(rate_limit)
        self._scenes_allowed = _TokenBucket(None if rate_limit is None else rate_limit / _SCENES_FACTOR)
        self._keyed_responses = KeyedResponses()
        self._request_count = 0

    async def handle_api(self, request: web.BaseRequest) -> web.StreamResponse:
        """Respond to a request to the API."""
        self._deliveries.wake_after_jump()
        raw_path = request.raw_path.partition("?")[0]
        operation, ids = contract.find_operation(request.method, raw_path)
        legacy_endpoint = legacy.find_endpoint(request.method, raw_path) if operation is None else None
        name = OAuth.operations.get((request.method, raw_path))
        if operation is not None:
            name = operation.operation
        elif legacy_endpoint is not None:
            name = legacy_endpoint.name
        record = self._record(request, raw_path, "api", name)
        fault = self._select_fault("api", request.method, record.path, name)
        if fault is not None and (early := await self._prevent(fault, request, record)) is not None:
            return early
        headers: dict[str, str] = {}
        body: bytes | Events
        try:
            if legacy_endpoint is not None:
                status, body = 200, await self._run_legacy(request, record, legacy_endpoint)
            elif operation is None and name is not None:
                status, headers, body = await self._run_oauth(request, record, raw_path)
            else:
                status, body = await self._run_operation(request, record, operation, ids)
        except APIErrorResponse as error:
            version = None if legacy_endpoint is None else legacy_endpoint.version
            content = error.body() if version is None else legacy.build_error_body(error, version)
            status, body = error.status, msgspec.json.encode(content)
            headers = fault_responses.build_error_headers(error)
            if error.hint is not None:
                _log.warning("%s %s: %s", request.method, record.path, error.hint, extra={"is_hint": True})
        record.status = status
        self._request_count += 1
        headers["x-amzn-request-id"] = f"req_{self._request_count:06d}"
        headers |= fault_responses.date_header(self._state.now())
        if isinstance(body, Events):
            return await fault_responses.send_events(fault, request, headers, body)
        if fault is not None:
            damaged = await fault_responses.damage(fault, request, status, headers, body)
            if damaged is not None:
                return damaged
        return web.Response(body=body, status=status, headers={"Content-Type": "application/json", **headers})

    async def handle_storage(self, request: web.BaseRequest) -> web.StreamResponse:
        """Respond to a request to the storage."""
        raw_path = request.raw_path.partition("?")[0]
        record = self._record(request, raw_path, "storage", None)
        fault = self._select_fault("storage", request.method, record.path, None)
        if fault is not None and (early := await self._prevent(fault, request, record)) is not None:
            return early
        ignore_range = fault is not None and fault.kind == "ignore_range"
        if fault is not None and fault.kind == "new_etag":
            self._storage.version += 1
        response, body = await self._storage.respond(request, ignore_range=ignore_range)
        record.status = response.status
        response.headers.update(fault_responses.date_header(self._state.now()))
        if fault is not None:
            body = await fault_responses.damage_download(fault, request, response, body)
        else:
            response.content_length = len(body)
        await response.prepare(request)
        if request.method != "HEAD":
            for start in range(0, len(body), _CHUNK_BYTES):
                await response.write(body[start : start + _CHUNK_BYTES])
        await response.write_eof()
        return response

    async def _prevent(
        self, fault: Fault, request: web.BaseRequest, record: RecordedRequest
    ) -> web.StreamResponse | None:
        """Apply a fault that prevents the operation, and record the request; return None for any other fault."""
        record_body = partial(self.log.set_body, record)
        early = await fault_responses.prevent(fault, request, self._state.now(), record_body=record_body)
        if early is not None:
            record.status = early.status
        return early

    async def _run_oauth(
        self, request: web.BaseRequest, record: RecordedRequest, raw_path: str
    ) -> tuple[int, dict[str, str], bytes]:
        self.log.set_body(record, await fault_responses.read_body(request))
        content_type = request.headers.get("Content-Type", "")
        return self._oauth.respond(request.method, raw_path, request.query_string, content_type, record.body)

    async def _run_legacy(
        self, request: web.BaseRequest, record: RecordedRequest, endpoint: legacy.LegacyEndpoint
    ) -> bytes:
        """Run an endpoint of v1 or v2 and return the body of its success."""
        if request.headers.get("Authorization") != f"Bearer {self._key}":  # as streaming endpoints take the key
            self._check_key(request)
        self._requests_allowed.take(self._state.now())
        self.log.set_body(record, await fault_responses.read_body(request))
        body: Any = None
        if endpoint.takes_json and record.body:
            try:
                body = msgspec.json.decode(record.body)
            except _JSON_ERRORS:
                raise APIErrorResponse(400, "invalid_parameter", "The request body is not valid JSON.") from None
        if not isinstance(body, dict | None):
            raise APIErrorResponse(400, "invalid_parameter", "The body must be a JSON object.")
        call = Call(
            self._state, self._storage, endpoint.name, endpoint.ids, record.query, body, record.body, request, None
        )
        if endpoint.takes_json:
            id_checks.check(self._state, endpoint.name, {}, body, status=400)
        counts = len(self._state.jobs), len(self._state.batches)
        try:
            content = endpoint.build_body(endpoint.handler(call))
        except (AttributeError, LookupError, TypeError, ValueError):  # no schema of v1 and v2 is published
            raise APIErrorResponse(400, "invalid_parameter", "A field of the request has a wrong type.") from None
        self._deliveries.follow_new(*counts, body)
        return msgspec.json.encode(content)

    async def _run_operation(
        self,
        request: web.BaseRequest,
        record: RecordedRequest,
        operation: contract.Operation | None,
        ids: dict[str, str],
    ) -> tuple[int, bytes | Events]:
        """Run an operation of v3, at most once for an idempotency key, and return its status and body."""
        self._check_key(request)
        self._requests_allowed.take(self._state.now())
        if operation is None:
            raise _unknown_endpoint(request.method, record.path)
        if operation.operation == "VideoScenesGet":
            self._scenes_allowed.take(self._state.now())
        known_fields = self._state.catalog["field"]
        contract.check_query(operation, record.query, known_fields)
        self.log.set_body(record, await fault_responses.read_body(request))
        body = _decode_body(operation, record.body)
        key = request.headers.get("Idempotency-Key")
        keyed = keyed_request(operation.operation, record.path, key, body)
        if keyed is not None and (known := self._keyed_responses.find(keyed, self._state.now())) is not None:
            return known
        if operation.body == "json":
            contract.check_body(operation, body, known_fields)
        id_checks.check(self._state, operation.operation, ids, body)
        file_checks.check(self._state, operation.operation, body)
        plan_checks.check(self._state, operation.operation, body)
        call = Call(self._state, self._storage, operation.operation, ids, record.query, body, record.body, request, key)
        counts = len(self._state.jobs), len(self._state.batches)
        content = HANDLERS[operation.operation](call)
        self._deliveries.follow_new(*counts, body)
        if isinstance(content, Events):
            return 200, content
        status = success_status(operation)
        if isinstance(content, WithStatus):
            status, content = content.status, content.data
        response = (status, _encode(content, call))
        if keyed is not None:
            self._keyed_responses.store(keyed, self._state.now(), response)
        return response

    def _record(
        self, request: web.BaseRequest, raw_path: str, origin: Literal["api", "storage"], operation: str | None
    ) -> RecordedRequest:
        record = RecordedRequest(
            method=request.method,
            path=unquote(raw_path),
            raw_path=raw_path,
            query=dict(request.query),
            headers=request.headers,
            origin=origin,
            time=self._state.now(),
        )
        record.operation = operation
        self.log.add(record)
        return record

    def _select_fault(self, origin: str, method: str, path: str, operation: str | None) -> Fault | None:
        return next((fault for fault in self.faults if fault.meets(origin, method, path, operation)), None)

    def _check_key(self, request: web.BaseRequest) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        has_token = scheme == "Bearer" and self._oauth.is_valid(token)
        if not has_token and request.headers.get("X-Api-Key") != self._key:
            raise APIErrorResponse(401, "unauthorized", "The API key provided is invalid, expired, or missing.")


class _TokenBucket:
    """A rate limit in requests a second; None for no limit. It holds the requests of one second, and at least one."""

    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._size = max(rate or 0.0, 1.0)
        self._allowance, self._time = self._size, 0.0

    def take(self, now: float) -> None:
        """Count a request.

        Raises:
            APIErrorResponse: 429: too many requests.
        """
        if self._rate is None:
            return
        self._allowance = min(self._size, self._allowance + (now - self._time) * self._rate)
        self._time = now
        if self._allowance < 1.0:
            wait = math.ceil((1.0 - self._allowance) / self._rate)
            raise APIErrorResponse(429, "rate_limit_exceeded", "Too many requests.", retry_after=wait)
        self._allowance -= 1.0


def success_status(operation: contract.Operation) -> int:
    """Return the HTTP status of an operation's success."""
    return _STATUSES.get(operation.operation, 202 if operation.path.endswith("batches") else 200)


def _decode_body(operation: contract.Operation, raw: bytes) -> Any:
    """Return the JSON of a body; None for an operation that takes none."""
    if operation.body != "json":
        return None
    if not raw and _takes_no_field(operation):
        return {}
    try:
        return msgspec.json.decode(raw)
    except _JSON_ERRORS:
        raise APIErrorResponse.invalid_parameter(None, "The request body is not valid JSON.") from None


def _unknown_endpoint(method: str, path: str) -> APIErrorResponse:
    """Return the error for an address that is none of the contract."""
    start, shown = f"The local HeyGen has no endpoint {method} {path[:_MAX_SHOWN]}.", ascii(path[:_MAX_SHOWN])
    response = f"Fault('response', path={shown}, body={{'data': {{}}}}, count=None)"
    hint = f"If HeyGen has it, add its response: api.inject({response})."
    return APIErrorResponse(404, "not_found", start, hint=f"{ascii(start)[1:-1]} {hint}")


def _takes_no_field(operation: contract.Operation) -> bool:
    """Return whether a body has no field, as those that stop or cancel; it may be left out then."""
    return not (operation.request or {}).get("properties", {})


def _encode(content: Any, call: Call) -> bytes:
    if isinstance(content, Listing | JobListing):
        return msgspec.json.encode(build_page(content, call.query))
    if isinstance(content, list):
        return msgspec.json.encode({"data": content, "has_more": False, "next_token": None})
    return msgspec.json.encode({"data": content})
