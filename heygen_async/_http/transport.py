"""The transport: turns an operation and its arguments into a request, and sends it through the attempt loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
from multidict import CIMultiDict

from ..pagination import Page, Pager
from ..types.redaction import NO_SECRETS
from ..types.tracebacks import stripping_coroutine
from . import decoding
from .attempts import AttemptLoop
from .call import Call
from .encoding import json_body, query_string
from .endpoint import Endpoint, endpoint_of
from .extra_fields import add_to_body, add_to_query
from .idempotency import add_key, check_key
from .last_response import recorded_response
from .streamed_body import Body

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping

    from ..types.base import JSONValue
    from .configuration import Options
    from .event_stream import Event
    from .response import Response
    from .shared_state import SharedState

T = TypeVar("T")


class Transport:
    """One view of a client: its options, on the state that all its views share.

    Attributes:
        shared_state: The connections, the limits and the credentials.
        options: The options of this view.
    """

    __slots__ = (
        "_attempts", "_has_extra_fields", "_headers", "_json_headers", "_mask", "_time_limits", "_without_retries",
        "options", "shared_state",
    )  # fmt: skip

    def __init__(self, shared_state: SharedState, options: Options) -> None:
        self.shared_state: SharedState = shared_state
        self.options: Options = options
        self._attempts = AttemptLoop(shared_state, options)
        self._headers: CIMultiDict[str] = CIMultiDict({"User-Agent": shared_state.user_agent})
        if options.api_key is not None:
            self._headers["X-Api-Key"] = options.api_key.reveal()
        self._headers.update(options.headers)
        self._json_headers: CIMultiDict[str] = CIMultiDict(self._headers)
        self._json_headers["Content-Type"] = "application/json"
        self._mask = NO_SECRETS if options.api_key is None else options.api_key.mask
        timeout = options.timeout
        self._time_limits: dict[str, float] = {
            **dict.fromkeys(("POST", "PUT", "PATCH", "DELETE"), timeout.for_method("POST")),
            "GET": timeout.for_method("GET"),
        }
        self._without_retries: Transport | None = None
        self._has_extra_fields = bool(options.query or options.body)

    @property
    def without_retries(self) -> Transport:
        """The same transport for loops with delays and a deadline of their own: no retries, and no extra fields."""
        if self._without_retries is None:
            options = msgspec.structs.replace(self.options, max_retries=0, query={}, body={}, obeys_deadlines=False)
            self._without_retries = Transport(self.shared_state, options)
        return self._without_retries

    @property
    def last_response(self) -> Response | None:
        """The newest response that the current task got from this client."""
        return recorded_response(self.shared_state.ref)

    def call(
        self,
        operation: object,
        response_type: type[T],
        *ids: str,
        query: Mapping[str, object] | None = None,
        body: object = None,
        key: str | None = None,
        upload: Body | None = None,
    ) -> Coroutine[Any, Any, T]:
        """Perform an operation, and return the `data` of its response.

        Args:
            operation: An endpoint, or a method with `@operation`.
            response_type: The type of `data`.
            ids: The ids in the path, in order.
            query: The query parameters; None and UNSET are left out.
            body: The body, sent as JSON.
            key: The idempotency key; by default a random one, where HeyGen honours it.
            upload: A streamed body instead of a JSON one. It is read anew for each attempt.

        Raises:
            HeyGenError: The operation failed.
        """
        endpoint = endpoint_of(operation)
        if self._has_extra_fields:
            query, body = self._add_extra_fields(operation, query, body)
        content = upload if body is None else json_body(body)
        call = self._build_call(operation, endpoint, endpoint.fill(ids) + query_string(query), content, key)
        decode = decoding.data_decoder(response_type)
        if endpoint.billable:
            call.spending = self.shared_state.spending
            if not call.spending.is_prepared:
                return self._send_first_billable(call, decode)
        return self._attempts.send(call, decode)

    async def _send_first_billable(self, call: Call, decode: Callable[[Response], T]) -> T:
        await self.shared_state.spending.prepare()
        return await self._attempts.send(call, decode)

    def pager(
        self,
        operation: object,
        item_type: type[T],
        *ids: str,
        query: Mapping[str, object] | None = None,
        shape: str = "data",
    ) -> Pager[T]:
        """Return the pager of a cursor list. Nothing is sent before it is used.

        Args:
            operation: An endpoint, or a method with `@operation`.
            item_type: The type of the items.
            ids: The ids in the path, in order.
            query: The query parameters.
            shape: `data`, or `resources` for the older form of pages.
        """
        endpoint = endpoint_of(operation)
        path = endpoint.fill(ids)
        parameters = dict(add_to_query(operation, query, self.options.query) or {})

        async def fetch(token: str | None) -> Page[T]:
            address = path + query_string(parameters if token is None else {**parameters, "token": token})
            call = self._build_call(operation, endpoint, address, None, None)
            return await self._fetch_page(call, item_type, shape)

        return Pager(stripping_coroutine(fetch), path, cast("str | None", parameters.get("token")))

    async def _fetch_page(self, call: Call, item_type: type[T], shape: str) -> Page[T]:
        if shape == "resources":
            page = (await self._attempts.send(call, decoding.resources_decoder(item_type))).data
            return Page(data=page.resources, has_more=bool(page.next_cursor), next_token=page.next_cursor)
        envelope = await self._attempts.send(call, decoding.page_decoder(item_type))
        token = envelope.next_token
        has_more = token is not None if envelope.has_more is None else envelope.has_more
        return Page(data=envelope.data, has_more=has_more, next_token=token)

    def _add_extra_fields(
        self, operation: object, query: Mapping[str, object] | None, body: object
    ) -> tuple[Mapping[str, object] | None, object]:
        """Return a query and a body with the fields of `with_options`; a request without a body gets none."""
        return add_to_query(operation, query, self.options.query), (
            None if body is None else add_to_body(operation, body, self.options.body)
        )

    async def request_json(
        self, endpoint: Endpoint, query: Mapping[str, object] | None, body: object, key: str | None
    ) -> JSONValue:
        """Call an endpoint that the SDK does not know, and return the JSON of its response.

        Raises:
            HeyGenError: The request failed.
        """
        query, body = self._add_extra_fields(endpoint, query, body)
        content = None if body is None else json_body(body)
        call = self._build_call("request", endpoint, endpoint.path + query_string(query), content, key)
        return await self._attempts.send(call, decoding.decode_json)

    def stream(
        self, operation: object, *ids: str, body: object = None, key: str | None = None
    ) -> AsyncGenerator[Event]:
        """Open an event stream, and yield its events as they arrive. An event that is cut off is dropped.

        Opening it is a call as any other. An open stream has no timeout but `Timeout.read`, which limits its silence.

        Raises:
            HeyGenError: The stream was not opened, or broke.
        """
        endpoint = endpoint_of(operation)
        query, body = self._add_extra_fields(operation, None, body)
        content = None if body is None else json_body(body)
        call = self._build_call(operation, endpoint, endpoint.fill(ids) + query_string(query), content, key)
        call.headers = call.headers.copy()
        call.headers["Accept"] = "text/event-stream"
        call.is_stream = True
        call.time_limit = self._time_limits["POST"]
        call.spending = self.shared_state.spending
        return self._attempts.stream(call)

    def _build_call(
        self, operation: object, endpoint: Endpoint, address: str, body: bytes | Body | None, key: str | None
    ) -> Call:
        if key is not None:
            check_key(key)
        limiter = self.shared_state.connection_limiter
        if endpoint.method == "GET":
            time_limit = self._time_limits["GET"]
            return Call(operation, endpoint, address, self._headers, None, time_limit, None, limiter, self._mask)
        time_limit = self._time_limits[endpoint.method]
        if isinstance(body, Body):
            headers = self._headers.copy()
            headers.update(body.headers())
            time_limit = self.options.timeout.for_method("POST", transfer=True)
        else:
            headers = (self._headers if body is None else self._json_headers).copy()
        key = add_key(headers, endpoint, key)
        return Call(operation, endpoint, address, headers, body, time_limit, key, limiter, self._mask)
